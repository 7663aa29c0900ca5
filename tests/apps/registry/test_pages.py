"""Pages of the registry on the sample county: what each shows, in how many queries, to whom."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from chunfeng.apps.accounts import totp
from chunfeng.apps.intake import runs
from chunfeng.apps.places.scope import use
from chunfeng.apps.registry import review
from chunfeng.apps.registry.models import Claim, Doubt, Finding, Person
from tests.apps.audited import events

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
def inside(sample):
    """The county's own scope."""
    with use(runs.scope_for(sample.county)):
        yield sample


def signed_in(user) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    session = client.session
    session["second_factor"] = totp.mark(user)
    session.save()
    return client


@pytest.fixture
def clerk(sample) -> Client:
    return signed_in(sample.users["county_clerk"])


@pytest.fixture
def neighbour(sample) -> Client:
    return signed_in(sample.users["neighbour"])


@pytest.fixture
def person(inside):
    found = (
        Person.objects.filter(rows__gt=5, findings__gt=0).exclude(id18_index=None).exclude(phone_index=None)
    )
    return found.order_by("key").first()


def shown(client, url, **query):
    answer = client.get(url, query)
    assert answer.status_code == 200, (url, answer.status_code)
    return answer.content.decode()


LISTS = {
    "all": {},
    "doubts": {"doubts": "on"},
    "yes": {"yes": "A4"},
    "unknown": {"unknown": "any"},
    "target": {"target": "T05"},
    "finding": {"finding": "dead_but_listed"},
    "department": {"department": "残联"},
    "no id": {"no_id": "on"},
    "out": {"living": "out"},
    "in": {"living": "in"},
    "age and sex": {"age": "45-54", "sex": "2"},
    "all of it": {"age": "35-44", "sex": "1", "target": "T01", "yes": "any", "department": "社保"},
    "place": {"place": "350825100"},
}


def expected(inside, wanted) -> int:
    """The same by plain reading of every person."""
    from chunfeng.apps.registry import lists
    from chunfeng.apps.registry.forms import FilterForm

    form = FilterForm(wanted)
    assert form.is_valid(), form.errors
    asked, day = form.cleaned_data, inside.as_of
    low, high = lists.within(asked["place"])

    def age(p):
        return (
            None
            if p.birth is None
            else day.year - p.birth.year - ((day.month, day.day) < (p.birth.month, p.birth.day))
        )

    def in_band(p):
        youngest, _, oldest = asked["age"].partition("-")
        years = age(p)
        return years is not None and int(youngest) <= years and (not oldest or years <= int(oldest))

    def lives(p):
        here = low <= p.place < high
        hukou = p.hukou_place is not None and low <= p.hukou_place < high
        if asked["living"] == "out":
            return hukou and not here
        if asked["living"] == "in":
            return here and not hukou and bool(p.hukou_region)
        return here

    told = set(Finding.objects.filter(kind=asked["finding"]).values_list("person_id", flat=True))
    return sum(
        lives(p)
        and p.gone is None
        and (not asked["sex"] or p.sex == asked["sex"])
        and (not asked["age"] or in_band(p))
        and (
            not asked["yes"]
            or (bool(p.categories) if asked["yes"] == "any" else asked["yes"] in p.categories)
        )
        and (
            not asked["unknown"]
            or (
                bool(p.open_categories)
                if asked["unknown"] == "any"
                else asked["unknown"] in p.open_categories
            )
        )
        and (not asked["target"] or asked["target"] in p.targets)
        and (not asked["department"] or asked["department"] in p.departments)
        and (not asked["finding"] or p.pk in told)
        and (not asked["doubts"] or p.doubts > 0)
        and (not asked["no_id"] or p.id18_index is None)
        for p in Person.objects.all().defer("id18", "phone")
    )


@pytest.mark.parametrize("name", LISTS)
def test_filters_find_exactly_those(clerk, inside, name):
    page = shown(clerk, reverse("registry"), **LISTS[name])
    count = expected(inside, LISTS[name])
    told = "1000+" if count > 1000 else f"{count:,}"
    assert page.count('<th scope="row">') == min(count, 50)
    if count:
        assert f"共 {told} 人" in page
    else:
        assert "没有查到" in page


def following(page: str) -> str:
    """The mark of the next page, nothing on the last."""
    found = re.search(r'rel="next" href="[^"]*after=([\w-]+)', page)
    return found[1] if found else ""


def test_paging_shows_everybody_once(clerk, inside):
    seen: list[str] = []
    url, mark = reverse("registry"), ""
    for _ in range(12):
        page = shown(clerk, url, doubts="on", **({"after": mark} if mark else {}))
        seen += re.findall(r'<th scope="row"><a href="/persons/(\d+)/"', page)
        mark = following(page)
        if not mark:
            break
    assert sorted(seen) == sorted(map(str, Person.objects.filter(doubts__gt=0).values_list("pk", flat=True)))
    assert len(seen) == len(set(seen))


SEARCHES = {
    "whole name": lambda p: p.name,
    "beginning": lambda p: p.name[:2],
    "given name": lambda p: p.name[1:],
    "pinyin": lambda p: p.pinyin.replace(" ", ""),
    "pinyin with blanks": lambda p: p.pinyin,
    "initials": lambda p: p.initials,
    "number": lambda p: p.number,
    "number without noughts": lambda p: f"p{int(p.number[1:])}",
    "full width": lambda p: p.initials.upper(),
}


@pytest.mark.parametrize("way", SEARCHES)
def test_searches_find_the_person(clerk, person, way):
    typed = SEARCHES[way](person)
    answer = clerk.post(reverse("registry"), {"q": typed}, follow=True)
    page = answer.content.decode()
    marks = 0
    while (
        f"/persons/{person.pk}/" not in page and (more := re.search(r"after=([\w-]+)", page)) and marks < 40
    ):
        page = clerk.get(reverse("registry"), {"q": typed, "after": more[1]}).content.decode()
        marks += 1
    assert f"/persons/{person.pk}/" in page


@pytest.mark.parametrize("field", ["id18", "phone"])
def test_whole_numbers_are_found_by_post_and_logged_without_them(clerk, person, field):
    number = getattr(person, field)
    page = clerk.post(reverse("registry"), {"q": number}).content.decode()
    assert f"/persons/{person.pk}/" in page and number not in page
    event = events(action="search")[-1]
    assert event.details["way"] == field and number not in str(event.details) and event.details["terms"]
    assert number not in clerk.get(reverse("registry"), {"q": number}, follow=True).content.decode()
    wrong = number[:-2] + ("00" if number[-2:] != "00" else "11")
    assert (
        f"/persons/{person.pk}/"
        not in clerk.post(reverse("registry"), {"q": wrong}, follow=True).content.decode()
    )


def test_an_old_number_of_fifteen_finds_whom_it_became(clerk, inside):
    found = Person.objects.filter(birth__year__lt=2000).exclude(id18_index=None).first()
    old = found.id18[:6] + found.id18[8:17]
    assert f"/persons/{found.pk}/" in clerk.post(reverse("registry"), {"q": old}).content.decode()


def test_villages_are_found_by_name(clerk, inside):
    page = clerk.post(reverse("registry"), {"q": "姑田"}, follow=True).content.decode()
    assert "place=350825102" in page


@pytest.mark.parametrize(
    "typed", ["", "  ", "%", "_", "'; DROP TABLE", "😀", "9" * 60, "<script>", "=1+1", "陈" * 60]
)
def test_odd_searches_are_answered(clerk, inside, typed):
    answer = clerk.post(reverse("registry"), {"q": typed}, follow=True)
    assert answer.status_code == 200 and "<script>=" not in answer.content.decode()


@pytest.mark.parametrize(
    "mark", ["x", "e30", "W10", "WyJhIiwiYiJd", "WzEsOTk5OTk5OTk5OTk5OTk5OTk5OTk5OTldXQ", "W3RydWUsMV0"]
)
def test_marks_nobody_gave_out_do_no_harm(clerk, inside, mark):
    assert clerk.get(reverse("registry"), {"after": mark}).status_code == 200


def queries(client, url, **query) -> int:
    client.get(url, query)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(url, query).status_code == 200
    return len(asked)


def test_lists_ask_as_much_for_fifty_rows_as_for_five(clerk, inside, monkeypatch):
    from chunfeng.apps.registry import keyset

    for url, query in (
        (reverse("registry"), {}),
        (reverse("registry"), {"yes": "A4"}),
        (reverse("registry"), {"q": "陈"}),
        (reverse("registry-findings"), {}),
        (reverse("registry-decisions"), {}),
        (reverse("registry-same"), {}),
        (reverse("registry-inquiries"), {}),
    ):
        many = queries(clerk, url, **query)
        monkeypatch.setattr(keyset.page, "__defaults__", None)
        monkeypatch.setattr(keyset.page, "__kwdefaults__", {"after": "", "before": "", "size": 5})
        few = queries(clerk, url, **query)
        monkeypatch.undo()
        # where a page holds the whole list, nothing asks how long it is
        assert many <= few <= min(many + 1, 24), (url, query, many, few)


def test_lists_open_nobodys_sealed_number(clerk, inside):
    person = Person.objects.exclude(id18_index=None).order_by("pk").first()
    for method, url, query in (
        ("get", reverse("registry"), {}),
        ("get", reverse("registry"), {"yes": "any"}),
        ("get", reverse("registry"), {"q": "陈"}),
        ("get", reverse("registry"), {"q": str(person.pk % 10**9)}),
        ("post", reverse("registry"), {"q": person.id18}),
        ("get", reverse("registry-findings"), {}),
        ("get", f"/lists/linked/{inside.county}/", {}),
    ):
        with CaptureQueriesContext(connection) as asked:
            answer = getattr(clerk, method)(url, query)
        assert answer.status_code == 200 and "/persons/" in answer.content.decode(), (url, query)
        opened = [q["sql"] for q in asked if re.search(r'"registry_person"\."(id18|phone)"[,. ]', q["sql"])]
        assert not opened, (url, query)


def test_the_queue_asks_as_much_for_one_row_as_for_many(clerk, inside):
    found = review.groups()
    most, least = max(found, key=lambda g: g.rows), min(found, key=lambda g: g.rows)
    assert most.rows > least.rows
    counts = {queries(clerk, reverse("registry-review-group", args=[g.first])) for g in (most, least)}
    assert max(counts) - min(counts) <= 1 and max(counts) <= 32


def urls_of(inside, person):
    claim, doubt = Claim.objects.filter(person=person).first(), Doubt.objects.first()
    return [
        reverse("registry-rows", args=[person.pk]),
        reverse("registry-row", args=[claim.pk]),
        reverse("registry-review-group", args=[doubt.pk]),
        reverse("registry-correct", args=[person.pk]),
    ]


def test_a_neighbour_sees_nothing(clerk, neighbour, inside, person):
    for url in urls_of(inside, person):
        assert clerk.get(url).status_code == 200, url
        answer = neighbour.get(url, follow=True)
        assert answer.status_code == 404 or person.name not in answer.content.decode(), url
    assert (
        neighbour.post(
            reverse("registry-reveal", args=[person.pk]), {"field": "phone", "reason": "核实电话"}
        ).status_code
        == 404
    )
    for typed in (person.name, person.id18, person.phone, person.number):
        page = neighbour.post(reverse("registry"), {"q": typed}, follow=True).content.decode()
        assert f"/persons/{person.pk}/" not in page
    assert (
        neighbour.get(reverse("registry"), {"place": "350825"}, follow=True)
        .content.decode()
        .count("/persons/")
        == 0
    )
    for name in ("split", "merge"):
        assert (
            neighbour.post(reverse(f"registry-{name}", args=[person.pk]), {"reason": "随便写写"}).status_code
            == 404
        )


def test_reveal_wants_a_reason_and_leaves_a_trace(clerk, person):
    url = reverse("registry-reveal", args=[person.pk])
    refused = clerk.post(url, {"field": "id18", "reason": ""})
    assert person.id18 not in refused.content.decode()
    given = clerk.post(url, {"field": "id18", "reason": "核对证件原件"})
    assert person.id18 in given.content.decode() and given["Cache-Control"] == "no-store"
    event = events(action="reveal")[-1]
    assert event.reason == "核对证件原件" and event.details == {"field": "id18"}
    part = clerk.post(url, {"field": "phone", "reason": "通知返岗"}, headers={"HX-Request": "true"})
    assert person.phone in part.content.decode() and "<html" not in part.content.decode()
    assert clerk.post(url, {"field": "name", "reason": "核对证件"}).status_code == 404


def test_every_search_and_view_is_in_the_audit(clerk, person):
    before = len(events())
    clerk.get(reverse("registry"), {"sex": "2"})
    clerk.get(reverse("registry-rows", args=[person.pk]))
    clerk.get(reverse("registry-findings"))
    actions = [event.action for event in events()[before:]]
    assert actions == ["search", "view", "list"]


def test_whom_a_row_might_be_is_told_who_looked(clerk, inside):
    """Beside the row stands what is known of each of the nearest persons: that is a look at each."""
    from chunfeng.apps.audit.selectors import looked

    doubt = Doubt.objects.exclude(person=None).order_by("pk").first()
    near = Doubt.objects.filter(county=doubt.county, fingerprint=doubt.fingerprint).exclude(person=None)
    assert clerk.get(reverse("registry-review-group", args=[doubt.pk])).status_code == 200
    for person in set(near.values_list("person", flat=True)):
        assert looked(person, False)[0].purpose == "判定疑似同一人"


def test_looking_through_the_queue_is_kept(clerk, inside):
    assert clerk.get(reverse("registry-review")).status_code == 200
    assert [e.kind for e in events(action="list")][-1] == "doubts"
