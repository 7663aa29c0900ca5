"""Every page is about the campaign looked at: its figures, its groups, its days; two editions live side by side."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.urls import reverse_lazy

from chunfeng.apps.campaigns.models import Campaign, OwedList
from chunfeng.apps.desk import tallies
from chunfeng.apps.desk.models import Tally
from chunfeng.apps.places.days import today
from chunfeng.apps.places.models import Region
from chunfeng.apps.places.numbers import place_number
from chunfeng.apps.places.scope import use

pytestmark = pytest.mark.usefixtures("db")
COUNTY, TOWN = "350825", "350825102"
EDITION = {
    "code": "2024",
    "name": "2024年春风行动",
    "fair_name": "2024年春风行动专场招聘",
    "document": "闽人社文〔2024〕1号",
    "starts": "2024-01-25",
    "ends": "2024-04-08",
    "from": "2023",
}


def counted(as_of: date, latest: bool, **counts: int) -> None:
    """What a run of that day left: the county's figures, and those of a town."""
    for code, level in ((COUNTY, Tally.Level.COUNTY), (TOWN, Tally.Level.TOWN)):
        Tally.objects.create(
            county=COUNTY, place=place_number(code), level=level, day=as_of, as_of=as_of, latest=latest, counts=counts
        )  # fmt: skip


@pytest.fixture
def two_years(scope_of):
    with use(scope_of(COUNTY)):
        counted(date(2023, 1, 15), False, persons=100, recognised=7, **{"target.T05": 4, "target.T09": 7})
        counted(date(2023, 3, 20), False, persons=120, recognised=9, **{"target.T05": 5, "target.T09": 9})
        counted(date(2024, 2, 1), True, persons=150, recognised=11, **{"target.T05": 6, "target.T09": 11})


@pytest.fixture
def province(client_as, two_years):
    client = client_as("province_officer", "35")
    assert client.post("/campaigns/new/", EDITION).status_code == 302
    return client


def look_at(client, code: str) -> None:
    assert client.post("/campaigns/switch/", {"campaign": code}).status_code == 302


@pytest.mark.parametrize(
    ("until", "persons", "past"),
    [
        (None, 150, False),
        (date(2024, 4, 8), 150, False),
        (date(2023, 3, 31), 120, True),
        (date(2023, 1, 31), 100, True),
        (date(2022, 12, 31), None, False),
    ],
)
@pytest.mark.parametrize("code", ["35", "3508", COUNTY, TOWN])
def test_figures_of_a_day(two_years, scope_of, code, until, persons, past):
    if code == TOWN and until is not None and until < date(2024, 1, 1):
        persons, past = None, False  # villages keep the last day only
    with use(scope_of(code)):
        figures = tallies.figures(Region.objects.get(pk=code), until)
    if code == TOWN:
        assert figures.counts is None or figures.counts == {}
        return
    assert (figures.of("persons"), figures.past) == (persons, past)


def test_each_edition_has_its_figures_and_only_the_last_opens_lists(province):
    look_at(province, "2024")
    new = province.get(f"/overview/{COUNTY}/").content.decode()
    assert "150" in new and f"/lists/persons/{COUNTY}/" in new
    look_at(province, "2023")
    old = province.get(f"/overview/{COUNTY}/").content.decode()
    assert "120" in old and "150" not in old
    assert "2023-03-20" in old and f"/lists/persons/{COUNTY}/" not in old


def test_groups_are_those_of_the_edition(province, scope_of):
    edition = Campaign.objects.get(code="2024")
    with use(scope_of("35")):
        edition.targetgroup_set.exclude(code="T09").delete()
    look_at(province, "2024")
    shown = province.get(f"/overview/{COUNTY}/").content.decode()
    assert "T09" in shown and "T05" not in shown
    look_at(province, "2023")
    assert "T05" in province.get(f"/overview/{COUNTY}/").content.decode()


def test_before_the_first_run_of_an_edition_the_figures_are_called_what_they_are(province):
    later = EDITION | {"code": "2025", "starts": "2025-01-10", "ends": "2025-03-31"}
    assert province.post("/campaigns/new/", later).status_code == 302
    shown = province.get(f"/overview/{COUNTY}/").content.decode()
    assert "开始后还没有比对" in shown and "2024-02-01" in shown


def test_before_anything_is_due_nobody_has_handed_in_what_is_due(province, scope_of):
    with use(scope_of("35")):
        start = today() + timedelta(days=30)
        Campaign.objects.filter(code="2024").update(starts=start, ends=start + timedelta(days=60))
        OwedList.objects.filter(partner__campaign__code="2024").update(due=start + timedelta(days=10))
    look_at(province, "2024")
    shown = province.get(f"/overview/{COUNTY}/").content.decode()
    assert "还没有到期的名单" in shown and (start + timedelta(days=10)).isoformat() in shown
    assert "份名单都已接收" not in shown


@pytest.mark.parametrize(
    ("role", "address"),
    [
        ("partner", "/"),
        ("employer", "/employer/"),
        ("publicity_officer", "/"),
        ("auditor", "/"),
        ("county_clerk", reverse_lazy("intake-board")),
    ],
)
def test_every_first_page_names_the_edition_looked_at(province, client_as, role, address):
    from chunfeng.apps.places.models import Organisation

    kinds = {"partner": "partner", "employer": "employer"}
    organisation = None
    if role in kinds:
        organisation = Organisation.objects.create(name="甲", kind=kinds[role], region_id=COUNTY)
    client = client_as(role, COUNTY, organisation=organisation)
    for code in ("2024", "2023"):
        look_at(client, code)
        assert f"{code}年春风行动" in client.get(address).content.decode()
