"""Every figure of the overview that is a link opens a list of as many: the links are followed as a reader would."""

from __future__ import annotations

import re
from datetime import date
from html import unescape

import pytest
from django.urls import reverse

from chunfeng.apps.desk import tallies
from chunfeng.apps.places.numbers import place_number
from chunfeng.apps.places.scope import use
from chunfeng.apps.policies.models import Entitlement
from chunfeng.apps.registry import marks
from chunfeng.apps.registry.models import Claim, Doubt, Person
from chunfeng.reference import regions

pytestmark = pytest.mark.usefixtures("db")
COUNTY, NEIGHBOUR = "350881", "350821"
TOWNS = [town.code for town in regions.children(COUNTY)[:2]]
VILLAGES = [village.code for village in regions.children(TOWNS[0])[:2]]
_LINK = re.compile(r'<a href="(/(?:lists|registry)/[^"]*)">(?:<[^>]*>)*\s*([\d,]+)\s*(?:<[^>]*>)*</a>')
_STAT = re.compile(r'<a href="(/lists/[^"]*)">[^<]*</a></span>\s*<span class="cf-stat-value">\s*([\d,]+)')
_COUNT = re.compile(r"共\s*([\d,]+)\s*[人行]")


@pytest.fixture
def people(scope_of):
    """Persons of villages, of a town alone, of the county alone and of the neighbour, with what is counted of them."""
    spots = [COUNTY] * 3 + [TOWNS[0]] * 2 + [TOWNS[1]] * 2 + VILLAGES * 3
    for county, codes in ((COUNTY, spots), (NEIGHBOUR, [NEIGHBOUR] * 4)):
        with use(scope_of(county)):
            for n, code in enumerate(codes, start=1):
                place = place_number(code)
                person = Person.objects.create(
                    key=int(county) * 10**9 + n, county=county, place=place, name=f"人{n}", rows=1,
                    departments=["民政", "人社"][: 1 + n % 2], categories=["A1"] if n % 3 == 0 else [],
                    open_categories=["A7"] if n % 4 == 0 else [], targets=["T01"] if n % 2 else [],
                    findings=n % 2, doubts=int(n % 5 == 0), gone=date(2023, 1, 1) if n == 9 else None,
                )  # fmt: skip
                row = {"county": county, "place": place, "file": "名单.csv", "kind": "visits", "lane": "id"}
                Claim.objects.create(person=person, row=n, **row)
                if n % 3:
                    Claim.objects.create(person=None, row=100 + n, **row | {"lane": "none"})
                if n % 2 == 0:
                    Entitlement.objects.create(
                        county=county, place=place, person=person, policy="I16", answer="yes"
                    )
            marks.refresh(county)
            tallies.refresh(county, date(2023, 1, 16), date(2023, 1, 15))


@pytest.mark.parametrize("code", [COUNTY, TOWNS[0], VILLAGES[0]])
def test_each_figure_opens_a_list_of_as_many(people, client_as, code):
    clerk = client_as("county_clerk", COUNTY)
    page = clerk.get(reverse("overview", args=[int(code)])).content.decode()
    links = {
        unescape(url): int(n.replace(",", "")) for url, n in (*_LINK.findall(page), *_STAT.findall(page))
    }
    opened = {}
    for url in links:
        shown = clerk.get(url, follow=True)
        assert shown.status_code == 200, url
        count = _COUNT.search(shown.content.decode())
        opened[url] = int(count[1].replace(",", "")) if count else 0
    assert opened == links
    assert len(links) > 9 and any("/yes.A1/" in url for url in links)
    assert any("/persons/" in url for url in links), "the figures at the top are there"
    unplaced = [url for url in links if "unplaced" in url]
    assert bool(unplaced) is (code not in VILLAGES)


@pytest.mark.parametrize("code", [COUNTY, TOWNS[0], VILLAGES[0]])
def test_rows_that_are_nobodys_are_listed(people, client_as, scope_of, code):
    clerk = client_as("county_clerk", COUNTY)
    page = clerk.get(reverse("overview", args=[int(code)])).content.decode()
    left = int(re.search(r"尚未归人 ([\d,]+) 行", page)[1])
    url = unescape(re.search(r'href="([^"]*)">看没有归到人的行', page)[1])
    listed = clerk.get(url).content.decode()
    assert int(_COUNT.search(listed)[1]) == left > 0
    assert len(re.findall(r"/registry/rows/\d+/", listed)) == left
    # the neighbour's part is never shown, whatever place is asked for
    elsewhere = clerk.get(reverse("registry-unlinked"), {"place": NEIGHBOUR}).content.decode()
    assert "没有这样的行" in elsewhere
    assert NEIGHBOUR not in clerk.get(reverse("registry-unlinked")).content.decode()


def test_what_waits_today_is_what_the_queue_holds(people, client_as, scope_of):
    """Rows that say the same are decided as one, and counted as one on both pages."""
    with use(scope_of(COUNTY)):
        for row, mark in enumerate(("a" * 20, "a" * 20, "b" * 20), start=1):
            Doubt.objects.create(
                county=COUNTY, place=place_number(VILLAGES[0]), group=VILLAGES[0], file="名单.csv", row=row, rank=1,
                name="林小春", person_id=int(COUNTY) * 10**9 + 1, why="姓名相同 +4.0", fingerprint=mark,
            )  # fmt: skip
    clerk = client_as("county_clerk", COUNTY)
    home = clerk.get(reverse("home")).content.decode()
    queue = clerk.get(reverse("registry-review")).content.decode()
    assert "已判 0 行，还有 2 行" in queue
    assert re.search(r"疑似同一人，待判定</a>\s*<span class=\"count\">2</span>", home)
