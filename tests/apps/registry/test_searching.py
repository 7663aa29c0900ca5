"""What people type into the search box: places told in every way, names within names page after page, pinyin as it is heard."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from chunfeng.apps.intake import runs
from chunfeng.apps.places.models import Region
from chunfeng.apps.places.numbers import reach
from chunfeng.apps.places.scope import use
from chunfeng.apps.registry import searching
from chunfeng.apps.registry.models import Person
from tests.apps.registry.test_pages import signed_in

pytestmark = pytest.mark.usefixtures("db")
SHOWN = re.compile(r"/persons/(\d+)/")


@pytest.fixture
def inside(sample):
    with use(runs.scope_for(sample.county)):
        yield sample


@pytest.fixture
def village(inside) -> Region:
    found = Region.objects.filter(level="village", name__endswith="村委会", code__startswith=inside.county)
    counted = [(Person.objects.filter(place=each.place, gone=None).count(), each) for each in found[:60]]
    return next(each for n, each in counted if 3 < n < 50)


def keys(client, typed: str) -> list[int]:
    """Everybody a search finds, page after page, as a reader would turn them."""
    found: list[int] = []
    page = client.post(reverse("registry"), {"q": typed}, follow=True).content.decode()
    while True:
        found += map(int, SHOWN.findall(page.split("<main")[1]))
        turn = re.search(r'rel="next" href="([^"]+)"', page)
        if turn is None:
            return found
        page = client.get(reverse("registry") + turn[1].replace("&amp;", "&")).content.decode()


def test_a_place_lists_its_people_however_it_is_told(sample, inside, village):
    clerk = signed_in(sample.users["county_clerk"])
    town, short = village.parent.name, village.name.removesuffix("委会")
    want = set(Person.objects.filter(place=village.place, gone=None).values_list("pk", flat=True))
    for typed in (village.name, f"{town}{short}", f"{town}{village.name}", f"连城县{town}{short}"):
        assert set(keys(clerk, typed)) == want, typed
    page = clerk.post(reverse("registry"), {"q": short}, follow=True).content.decode()
    assert f"{town}{village.name}" in page


def test_a_town_is_not_the_whole_county(sample, inside, village):
    low, high = reach(village.parent_id)
    found = keys(signed_in(sample.users["county_clerk"]), village.parent.name)
    want = Person.objects.filter(place__gte=low, place__lt=high, gone=None).values_list("pk", flat=True)
    assert sorted(found) == sorted(want)


def test_a_name_beside_its_place_in_either_order(sample, inside, village):
    clerk, town = signed_in(sample.users["county_clerk"]), village.parent
    someone = Person.objects.filter(place=village.place, gone=None).exclude(name="").first()
    for typed in (f"{town.name} {someone.name}", f"{someone.name} {town.name}"):
        found = keys(clerk, typed)
        assert someone.pk in found
        assert all(town.reach.holds(p.place) for p in Person.objects.filter(pk__in=found))
    given = clerk.get(reverse("registry"), {"q": f"{town.name} {someone.given}", "way": "given"})
    assert f"/persons/{someone.pk}/" in given.content.decode()


def test_what_is_in_names_is_found_on_every_page(sample, inside):
    """More than a page of them, and nobody's name begins so."""
    want = list(Person.objects.filter(given__startswith="春", gone=None).values_list("pk", flat=True))
    assert len(want) > 50 and not Person.objects.filter(name__startswith="春").exists()
    assert sorted(keys(signed_in(sample.users["county_clerk"]), "春")) == sorted(want)


def test_a_sound_misheard_is_found_by_its_first_letters(sample, inside):
    clerk = signed_in(sample.users["county_clerk"])
    heard = Person.objects.filter(spelling__contains="zh", gone=None).exclude(initials="")
    someone = heard.order_by("key").first()
    wrong = someone.spelling.replace("zh", "z")
    assert not Person.objects.filter(spelling__startswith=wrong).exists()
    page = clerk.post(reverse("registry"), {"q": wrong}, follow=True).content.decode()
    assert someone.initials in page and "没有查到。" in page
    assert someone.pk in keys(clerk, wrong)


def test_a_given_name_like_a_town_is_a_name(db):
    """Unless the town is called one."""
    assert searching.understand("王 莲峰", reach("350825")).text == "王莲峰"
    town = searching.understand("王 莲峰镇", reach("350825"))
    assert (town.text, [place.name for place in town.places]) == ("王", ["莲峰镇"])


@pytest.mark.parametrize(
    ("typed", "text", "short"),
    [
        ("linxiaocun", "linxiaocun", "lxc"),
        ("Lin Xiaochun", "linxiaochun", "lxc"),
        ("linguangyan", "linguangyan", "lgy"),
        ("xi'an", "xian", "xa"),
        ("lü", "lv", "l"),
    ],
)
def test_syllables_are_told_apart(db, typed, text, short):
    asked = searching.understand(typed, reach("350825"))
    assert (asked.way, asked.text, asked.short) == ("spelling", text, short)


def test_a_village_reckons_ages_on_the_day_of_the_run(sample, inside):
    """As its county does: the list, its filter by age and the person's own page say the same."""
    worker = sample.users["village_worker"]
    (hat,) = worker.memberships.all()
    someone = (
        Person.objects.filter(place=hat.region.place, gone=None).exclude(birth=None).order_by("key").first()
    )
    born, day = someone.birth, inside.as_of
    age = day.year - born.year - ((day.month, day.day) < (born.month, born.day))
    client = signed_in(worker)
    row = client.get(reverse("registry"), {"q": someone.number}).content.decode()
    assert f"{someone.get_sex_display()} {age}</td>" in row
    assert f"{age}岁" in client.get(f"/persons/{someone.pk}/").content.decode()


def test_categories_to_choose_from_are_in_the_readers_language(sample, inside):
    clerk = signed_in(sample.users["county_clerk"])
    clerk.cookies["django_language"] = "en"
    page = clerk.get(reverse("registry")).content.decode()
    assert 'lang="en"' in page and "大龄城镇居民" not in page


def test_a_county_without_a_run_is_not_said_to_have_no_findings(sample, inside):
    """What nobody has looked for is unknown."""
    neighbour, clerk = signed_in(sample.users["neighbour"]), signed_in(sample.users["county_clerk"])
    for url in (reverse("registry-findings"), "/lists/waiting/350821/"):
        page = neighbour.get(url).content.decode()
        assert "还没有比对结果" in page and "最近一次比对" not in page, url
    nothing = clerk.get(reverse("registry-findings"), {"kind": "fair_misnamed"}).content.decode()
    assert "还没有比对结果" not in nothing
