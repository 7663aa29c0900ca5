"""What each role finds after signing in: a village its people to call on, a sender what became of what it sent."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.urls import reverse

from chunfeng.apps.accounts.models import Role
from chunfeng.apps.campaigns.models import Campaign
from chunfeng.apps.desk import visits
from chunfeng.apps.desk.measures import TO_CALL, TO_VISIT, measures
from chunfeng.apps.desk.models import FourClears, Tally
from chunfeng.apps.intake.models import Delivery
from chunfeng.apps.places.days import today
from chunfeng.apps.places.models import Organisation, Region
from chunfeng.apps.places.numbers import place_number
from chunfeng.apps.places.scope import use
from chunfeng.apps.registry.models import Person
from tests.apps.audited import events

pytestmark = pytest.mark.usefixtures("db")
COUNTY = "350825"


@pytest.fixture
def village() -> Region:
    return Region.objects.filter(code__startswith=COUNTY, level="village").order_by("place").first()


@pytest.fixture
def people(scope_of, village):
    """Of seven people of a village, four are to be called on; one more lives next door."""
    place = place_number(village.code)

    def person(number: int, place: int = place, **fields) -> Person:
        told = {"county": COUNTY, "place": place, "name": f"人{number}"} | fields
        return Person.objects.create(key=350825700000000 + number, **told)

    with use(scope_of(COUNTY)):
        person(1)  # nobody the campaign serves
        person(2, targets=["T05"])
        person(3, targets=["T05"], categories=["A2"])
        person(4, open_categories=["A1"], phone="16000000001", phone_mask="160****0001")
        person(5, targets=["T05"])  # visited
        person(6, open_categories=["A1"])  # visited, papers missing
        person(7, targets=["T05"], gone=date(2023, 1, 1))
        person(8, place=place + 1, targets=["T05"])
        for number in (5, 6):
            key = 350825700000000 + number
            FourClears.objects.create(county=COUNTY, place=place, person_id=key, visited=True)
        Tally.objects.create(
            county=COUNTY, place=place, level="village", day=date(2023, 1, 15), as_of=date(2023, 1, 15),
            latest=True, counts={"persons": 6},
        )  # fmt: skip


def test_whom_a_village_is_to_call_on_and_what_for(people, village, scope_of):
    with use(scope_of(village.code)):
        found = visits.visits(village)
        counted = Person.objects.filter(
            measures()[TO_VISIT].where(), gone=None, place=place_number(village.code)
        )
        assert set(counted.values_list("name", flat=True)) == {"人2", "人3", "人4"}
    assert [each.person.name for each in found.people] == ["人4", "人6", "人3", "人2"]
    by_name = {each.person.name: " ".join(each.reasons) for each in found.people}
    assert "还没走访" in by_name["人4"] and "补材料" in by_name["人4"]
    assert "还没走访" not in by_name["人6"] and "补材料" in by_name["人6"]
    assert "告知权利" in by_name["人3"]
    assert found.count == "4"


def test_the_first_page_of_a_village_shows_them_masked_and_says_so_in_the_audit(people, village, client_as):
    client = client_as("village_worker", village.code)
    before = len(events())
    page = client.get("/").content.decode()
    assert "要去看的人" in page and "160****0001" in page and "16000000001" not in page
    assert "/persons/350825700000004/" in page and "/persons/350825700000008/" not in page
    listed = [event for event in events()[before:] if event.action == "list"]
    assert [event.key for event in listed] == [f"{TO_CALL}/{village.code}"]
    assert f'href="/lists/{TO_CALL}/{village.code}/"' in page
    full = client.get(f"/lists/{TO_CALL}/{village.code}/").content.decode()
    assert "共 4 人" in full and "人6" in full and "补材料才能判定" in full
    visit = client.get(f"/lists/{TO_VISIT}/{village.code}/").content.decode()
    assert "共 3 人" in visit and "人2" in visit and "人5" not in visit


def test_who_may_not_see_persons_sees_no_names(people, village, client_as, scope_of):
    with use(scope_of("35")):
        Role.objects.filter(pk="village_worker").update(capabilities=["overview"])
    page = client_as("village_worker", village.code).get("/").content.decode()
    assert "要去看的人" not in page and "人4" not in page


@pytest.fixture
def agency() -> Organisation:
    return Organisation.objects.create(name="某人力资源公司", kind="agency", region_id=COUNTY)


def test_an_agency_sees_what_became_of_what_it_sent(client_as, agency, scope_of):
    other = Organisation.objects.create(name="别家", kind="agency", region_id=COUNTY)
    with use(scope_of(COUNTY)):
        told = {"county": COUNTY, "place": place_number(COUNTY), "as_of": date(2023, 1, 10)}
        mine = Delivery.objects.create(organisation=agency, state="closed", **told)
        theirs = Delivery.objects.create(organisation=other, **told)
    page = client_as("agency", COUNTY, organisation=agency).get("/").content.decode()
    assert (
        "最近的报送" in page and f"/deliveries/{mine.pk}/" in page and f"/deliveries/{theirs.pk}/" not in page
    )


def test_an_agency_that_sent_nothing_is_told_what_it_may_send(client_as, agency):
    page = client_as("agency", COUNTY, organisation=agency).get("/").content.decode()
    assert "用工需求" in page and "/send/" in page


def test_a_sender_is_told_how_long_the_campaign_still_goes_on(client_as, agency, notice_ends_tomorrow):
    page = client_as("agency", COUNTY, organisation=agency).get("/").content.decode()
    assert "还有 2 天" in page and "已结束" not in page


@pytest.fixture
def notice_ends_tomorrow(db, scope_of):
    with use(scope_of("35")):
        Campaign.objects.filter(code="2023").update(ends=today() + timedelta(days=1))


@pytest.mark.parametrize("role", ["partner", "agency"])
def test_who_only_hands_in_is_not_shown_the_runs(client_as, role):
    kinds = {"partner": "partner", "agency": "agency"}
    organisation = Organisation.objects.create(name=f"某{role}", kind=kinds[role], region_id=COUNTY)
    client = client_as(role, organisation=organisation)
    assert "比对运行" not in client.get("/").content.decode()
    for page in ("intake-runs", "intake-runs-progress"):
        assert client.get(reverse(page)).status_code == 404


def test_offices_see_the_runs(client_as):
    client = client_as("town_officer", "350825100")
    assert "比对运行" in client.get("/").content.decode()
    assert client.get(reverse("intake-runs")).status_code == 200
