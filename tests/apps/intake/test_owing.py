"""Who owes which list by when: per department, per town, for each reader what concerns them."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import override_settings
from django.urls import reverse

from chunfeng.apps.campaigns.models import Campaign
from chunfeng.apps.intake import owing
from chunfeng.apps.intake.models import Delivery, Extract
from chunfeng.apps.intake.services.decide import accept_all
from chunfeng.apps.intake.services.receive import receive
from chunfeng.apps.places.models import Organisation
from chunfeng.apps.places.numbers import reach
from chunfeng.apps.places.scope import Scope, use
from tests.apps.intake.conftest import AS_OF, COUNTY, SENT, Upload, everywhere, register, work

pytestmark = pytest.mark.usefixtures("db")
TOWN, OTHER_TOWN, VILLAGE = "350825110", "350825100", "350825110201"  # 隔川镇, 莲峰镇
SURVEY = next((SENT / "07村居-走访摸排表").glob("*隔川镇*"))
DUE, SURVEY_DUE = date(2023, 1, 16), date(2023, 1, 20)  # of the 2023 campaign


@pytest.fixture
def campaign() -> Campaign:
    return Campaign.objects.get(code="2023")


def came(
    name: str, content: bytes, received: date, place: str = COUNTY, *, accepted: bool = True
) -> Delivery:
    with use(Scope(reach(place), "test", "test")):
        delivery = receive([Upload(name, content)], as_of=AS_OF, received=received)
    work()
    if accepted:
        with use(Scope(reach(COUNTY), "test", "test")):
            accept_all(delivery)
    return delivery


def standing(campaign, day: date, place: str = COUNTY, **of) -> dict[tuple[str, str], owing.Owed]:
    with use(Scope(reach(place), "test", "test", **of)):
        found = owing.owed(reach(place), campaign, day=day)
    return {(each.kind, each.town): each for each in found}


def unemployed(campaign, day: date) -> owing.Owed:
    return standing(campaign, day)["unemployment_register", ""]


def test_what_never_came_is_late_from_the_day_after(campaign):
    assert [unemployed(campaign, day).state for day in (DUE, date(2023, 1, 17))] == ["", "late"]
    late = unemployed(campaign, date(2023, 1, 20))
    assert (late.days_late, late.due, late.last, late.received) == (4, DUE, None, None)


@pytest.mark.parametrize(
    ("received", "state", "days"),
    [
        (date(2022, 12, 10), "late", 4),  # that was for the month before
        (date(2023, 1, 3), "in", 0),
        (DUE, "in", 0),
        (date(2023, 1, 18), "in", 2),
    ],
)
def test_the_day_it_came_counts(campaign, received, state, days):
    came("失业.csv", register(range(1, 30)), received)
    found = unemployed(campaign, date(2023, 1, 20))
    assert (found.state, found.days_late, found.records) == (state, days, 29)


def test_a_correction_does_not_make_late_what_came_in_time(campaign):
    came("失业.csv", register(range(1, 30)), date(2023, 1, 10))
    came("失业更正.csv", register(range(1, 32)), date(2023, 1, 19))
    found = unemployed(campaign, date(2023, 1, 20))
    assert (found.state, found.days_late, found.received, found.records) == ("in", 0, date(2023, 1, 10), 31)


def test_what_waits_to_be_accepted_is_not_late(campaign):
    came("失业.csv", register(range(1, 30)), date(2023, 1, 10), accepted=False)
    found = unemployed(campaign, date(2023, 1, 20))
    assert found.state == "waiting" and found.pending is not None and found.last is None


def test_every_town_owes_its_own(campaign):
    came(SURVEY.name, SURVEY.read_bytes(), date(2023, 1, 22), TOWN)
    found = standing(campaign, date(2023, 1, 23))
    towns = {each.town: each for (kind, _town), each in found.items() if kind == "village_survey"}
    assert len(towns) == 17
    assert (towns["隔川镇"].state, towns["隔川镇"].days_late) == ("in", 2)
    assert towns["隔川镇"].records > 60  # of all its villages
    assert {(each.state, each.days_late) for name, each in towns.items() if name != "隔川镇"} == {("late", 3)}
    assert not any(e.town for (kind, _t), e in found.items() if kind != "village_survey")
    states = [each.state for each in found.values()]
    assert states == sorted(states, key=lambda state: state != "late")


def test_the_county_may_hand_in_for_a_town(campaign):
    came(SURVEY.name, SURVEY.read_bytes(), SURVEY_DUE)
    assert standing(campaign, date(2023, 1, 23))["village_survey", "隔川镇"].state == "in"


def test_a_town_is_asked_for_its_own_alone(campaign):
    came(SURVEY.name, SURVEY.read_bytes(), SURVEY_DUE, TOWN)
    own = standing(campaign, date(2023, 1, 23), TOWN)
    assert {key: each.state for key, each in own.items()} == {("village_survey", "隔川镇"): "in"}
    assert standing(campaign, date(2023, 1, 23), OTHER_TOWN)["village_survey", "莲峰镇"].state == "late"
    assert standing(campaign, date(2023, 1, 23), VILLAGE) == {}


def test_without_a_campaign_nothing_is_late(campaign):
    came("失业.csv", register(range(1, 30)), date(2023, 1, 18))
    found = standing(None, date(2023, 1, 20))
    assert found["unemployment_register", ""].state == "in"
    assert {each.days_late for each in found.values()} == {0}


@pytest.mark.parametrize("day", [DUE, date(2023, 1, 17), date(2023, 1, 23), date(2023, 2, 17)])
def test_a_county_stands_above_as_it_stands_at_home(campaign, day):
    """The number the city sees is that of the lines it opens, towns one by one, waiting lists and months included."""
    came(SURVEY.name, SURVEY.read_bytes(), date(2023, 1, 19), TOWN)
    came("失业.csv", register(range(1, 30)), date(2023, 1, 10), accepted=False)
    with use(Scope(reach("3508"), "test", "test")):
        above = {each.region.code: each for each in owing.by_county(reach("3508"), campaign, day=day)}
    own = standing(campaign, day).values()
    told = above[COUNTY]
    assert told.begun and told.late == sum(each.state == "late" for each in own)
    assert told.due == sum(each.due is not None and each.due < day for each in own)
    assert told.came == sum(bool(each.due and each.due < day and each.received) for each in own)
    silent = above["350821"]
    assert not silent.begun and silent.late == silent.due


def test_towns_that_are_late_alike_are_told_together(campaign):
    came(SURVEY.name, SURVEY.read_bytes(), date(2023, 1, 19), TOWN)
    each_by_itself = standing(campaign, date(2023, 1, 23)).values()
    found = owing.together(each_by_itself)
    surveys = [each for each in found if each.kind == "village_survey"]
    assert [(each.state, each.towns) for each in surveys] == [("late", 16), ("in", 1)]
    assert "隔川镇" not in surveys[0].town and surveys[0].town.count("、") == 15
    assert sum(each.towns for each in found) == len(each_by_itself)


def board(client) -> str:
    return client.get(reverse("intake-board")).content.decode()


@override_settings(TODAY=date(2023, 1, 20))
def test_the_board_says_who_sent_what_when_and_who_is_late(client_as, campaign):
    office = Organisation.objects.create(
        region_id=COUNTY, name="连城县司法局", kind="partner", department="司法"
    )
    came(SURVEY.name, SURVEY.read_bytes(), date(2023, 1, 19), TOWN)
    text = board(client_as("county_clerk", COUNTY))
    assert "隔川镇" in text and "2023-01-19" in text and "逾期 4 天" in text and "截至 2023-01-20" in text
    town = board(client_as("town_officer", OTHER_TOWN))
    assert "莲峰镇" in town and "走访摸排表" in town and "低保" not in town and "逾期" not in town
    partner = board(client_as("partner", COUNTY, organisation=office))
    assert "服刑人员比对" in partner and "逾期 4 天" in partner and "低保" not in partner
    home = client_as("partner", COUNTY, organisation=office).get("/").content.decode()
    assert "服刑人员比对" in home and "逾期" in home


@override_settings(TODAY=date(2023, 1, 20))
def test_only_who_accepts_says_when_a_list_came(client_as):
    assert 'name="received"' in client_as("county_clerk", COUNTY).get(reverse("intake-send")).content.decode()
    town = client_as("town_officer", TOWN)
    assert 'name="received"' not in town.get(reverse("intake-send")).content.decode()
    sent = {"as_of": "2023-01-10", "received": "2023-01-11", "files": [_file("a.csv", b"a,b\n1,2\n")]}
    assert town.post(reverse("intake-send"), sent).status_code == 302
    clerk = client_as("county_clerk", COUNTY)
    assert (
        clerk.post(reverse("intake-send"), sent | {"files": [_file("b.csv", b"a,b\n3,2\n")]}).status_code
        == 302
    )
    too_early = sent | {"received": "2023-01-21", "files": [_file("c.csv", b"a,b\n4,2\n")]}
    assert clerk.post(reverse("intake-send"), too_early).status_code == 422
    with everywhere():
        told = list(Delivery.objects.order_by("-pk")[:2])
        assert [each.received for each in told] == [date(2023, 1, 11), date(2023, 1, 20)]
        assert not Extract.objects.filter(delivery__in=told).exists()


def _file(name: str, content: bytes):
    from django.core.files.uploadedfile import SimpleUploadedFile

    return SimpleUploadedFile(name, content)
