"""Campaigns: the notice as configuration, an edition made after another, targets of regions, and who may do what."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chunfeng.apps.campaigns import loading, selectors
from chunfeng.apps.campaigns.models import Campaign, Indicator, IndicatorTarget, OwedList, Partner
from chunfeng.apps.places.models import Region
from chunfeng.apps.places.scope import use
from chunfeng.engines.sheets.kinds import load_kinds
from chunfeng.pipeline import book
from tests.apps.audited import events

pytestmark = pytest.mark.usefixtures("db")
ISSUERS = {"人社", "工信", "民政", "交通", "卫健", "乡村振兴", "工会", "共青团", "妇联", "残联"}
EDITION = {
    "code": "2024",
    "name": "2024年春风行动暨就业援助月",
    "fair_name": "2024年春风行动暨就业援助月专场招聘",
    "document": "闽人社文〔2024〕1号",
    "starts": "2024-01-25",
    "ends": "2024-04-08",
}


@pytest.fixture
def notice() -> Campaign:
    return Campaign.objects.get(code="2023")


def test_the_campaign_is_what_the_notice_says(notice):
    assert (notice.document, notice.issued) == ("闽人社文〔2023〕2号", date(2023, 1, 11))
    assert notice.theme == "春风送真情 援助暖民心"
    assert notice.fair_name == "2023年春风行动暨就业援助月专场招聘"
    assert (notice.starts, notice.ends) == (date(2023, 1, 1), date(2023, 3, 31))
    assert notice.summary_due == date(2023, 3, 31)
    issuers = notice.partner_set.filter(issuer=True)
    assert {each.department for each in issuers} == ISSUERS
    assert all(each.duties for each in issuers)


def test_what_it_names_is_known_elsewhere(notice):
    known, rules = load_kinds(), book.load().rules
    for owed in OwedList.objects.filter(partner__campaign=notice).select_related("partner"):
        assert known[owed.kind].department == owed.partner.department
        assert owed.basis
    targets = {rule.rule for rule in rules.values() if rule.kind == "target"}
    assert {each.code for each in notice.targetgroup_set.all()} == targets
    assert all(each.definition and each.source for each in notice.indicator_set.all())


def test_loading_again_leaves_what_people_made_of_it(notice, scope_of):
    with use(scope_of("35")):
        Campaign.objects.filter(pk=notice.pk).update(theme="改过的主题")
    before = Indicator.objects.count(), OwedList.objects.count()
    assert loading.load_shipped() == 0
    assert Campaign.objects.get(pk=notice.pk).theme == "改过的主题"
    assert (Indicator.objects.count(), OwedList.objects.count()) == before


days = st.dates(date(2022, 1, 1), date(2025, 12, 31))


@given(first=days, until=days, monthly=st.booleans())
def test_days_of_a_monthly_list(first, until, monthly):
    owed = list(OwedList(due=first, monthly=monthly).due_dates(until))
    assert owed == sorted(set(owed))
    assert all(day <= until for day in owed)
    assert bool(owed) == (first <= until)
    if owed:
        assert owed[0] == first
        months = [(day.year - first.year) * 12 + day.month - first.month for day in owed]
        wanted = (until.year - first.year) * 12 + until.month - first.month - (until.day < first.day)
        assert months == (list(range(len(months))) if monthly else [0])
        assert not monthly or len(months) >= wanted + 1


@given(today=days)
def test_a_duty_is_late_only_after_its_day(today):
    duty = selectors.Duty("民政", "民政部门", "k", "n", (date(2023, 1, 16), date(2023, 2, 16)), True, "")
    last = duty.due_by(today)
    assert last is None or last < today
    assert (last is None) == (today <= date(2023, 1, 16))


def test_another_edition_is_made_on_the_screen_and_both_live_side_by_side(client_as, notice):
    client = client_as("province_officer", "35")
    page = client.get("/campaigns/new/?from=2023")
    assert page.status_code == 200
    made = client.post("/campaigns/new/", EDITION | {"from": "2023", "theme": notice.theme})
    assert made.status_code == 302
    new = Campaign.objects.get(code="2024")
    assert new.copied_from == notice
    for part in ("targetgroup_set", "activity_set", "partner_set", "indicator_set"):
        assert getattr(new, part).count() == getattr(notice, part).count() > 0
    old_due = {owed.kind: owed.due for owed in OwedList.objects.filter(partner__campaign=notice)}
    new_due = {owed.kind: owed.due for owed in OwedList.objects.filter(partner__campaign=new)}
    assert new_due == {kind: due + (new.starts - notice.starts) for kind, due in old_due.items()}
    assert not IndicatorTarget.objects.filter(indicator__campaign=new).exists()
    # the indicators are its own
    first = new.indicator_set.first()
    client.post(f"/campaigns/2024/indicators/{first.pk}/remove/")
    assert new.indicator_set.count() == notice.indicator_set.count() - 1
    # the new one is looked at; the switch goes back
    assert "2024年春风行动" in client.get("/").content.decode().split("desk-campaign")[1][:600]
    client.post("/campaigns/switch/", {"campaign": "2023", "next": "/"})
    shown = client.get("/").content.decode()
    assert notice.fair_name in shown and "2024年春风行动暨就业援助月专场招聘" not in shown
    assert len(events(kind="campaign", key="2024", action="create")) == 1


def test_the_name_of_the_fairs_cannot_be_left_out(client_as):
    answer = client_as("province_officer", "35").post("/campaigns/new/", EDITION | {"fair_name": " "})
    assert answer.status_code == 422
    assert "cf-error" in answer.content.decode()
    assert not Campaign.objects.filter(code="2024").exists()


def test_an_edition_that_ends_before_it_starts_is_refused(client_as):
    answer = client_as("province_officer", "35").post("/campaigns/new/", EDITION | {"ends": "2024-01-01"})
    assert answer.status_code == 422
    assert "结束日期不能早于开始日期" in answer.content.decode()


def test_parts_are_added_changed_and_removed_with_a_trace(client_as, notice):
    client = client_as("province_officer", "35")
    partner = Partner.objects.get(campaign=notice, department="工会")
    row = {"partner": partner.pk, "kind": "person_list", "name": "困难职工名单", "due": "2023-01-31"}
    assert client.post("/campaigns/2023/lists/new/", row).status_code == 302
    owed = OwedList.objects.get(partner=partner)
    assert "困难职工名单" in {duty.name for duty in selectors.duties(notice)}
    assert client.post("/campaigns/2023/lists/new/", row).status_code == 422  # twice the same kind
    changed = client.post(f"/campaigns/2023/lists/{owed.pk}/", row | {"due": "2023-02-15"})
    assert changed.status_code == 302
    event = events(kind="campaign.owedlist", action="change")[-1]
    assert event.details == {"due": ["2023-01-31", "2023-02-15"]}
    duties = client.post(
        f"/campaigns/2023/partners/{partner.pk}/",
        {"department": "工会", "name": "总工会", "position": 7, "duties": "送温暖\n\n 维权 \n"},
    )
    assert duties.status_code == 302
    assert Partner.objects.get(pk=partner.pk).duties == ["送温暖", "维权"]
    assert client.post(f"/campaigns/2023/lists/{owed.pk}/remove/").status_code == 302
    assert not OwedList.objects.filter(pk=owed.pk).exists()
    group = {"code": "T01", "words": "又一类", "paragraph": "", "position": 1}
    again = client.post("/campaigns/2023/groups/new/", group)
    assert again.status_code == 422 and "已有这一类服务对象" in again.content.decode()


def test_codes_are_chosen_by_their_names(client_as, notice):
    """Nobody need know that 就业困难人员 are T09 to the rules; a code that counts nothing is no choice."""
    client = client_as("province_officer", "35")
    groups = client.get("/campaigns/2023/groups/new/").content.decode()
    assert '<option value="T09">T09 就业困难人员</option>' in groups
    indicators = client.get("/campaigns/2023/indicators/new/").content.decode()
    assert (
        '<option value="recognised">认定为就业困难人员</option>' in indicators and "由各地填报" in indicators
    )
    told = {
        "name": "新指标",
        "unit": "人",
        "counting": "person",
        "definition": "口径",
        "source": "平台",
        "position": 9,
    }
    wrong = client.post("/campaigns/2023/indicators/new/", told | {"code": "new", "measure": "recognized"})
    assert wrong.status_code == 422
    made = client.post("/campaigns/2023/indicators/new/", told | {"code": "new", "measure": "matched"})
    assert made.status_code == 302 and notice.indicator_set.get(code="new").measure == "matched"
    wrong = {"code": "T99", "words": "没有这一类", "paragraph": "", "position": 9}
    assert client.post("/campaigns/2023/groups/new/", wrong).status_code == 422


def test_each_office_sets_targets_for_itself_alone(client_as, notice):
    indicator = notice.indicator_set.get(code="recognised")
    county, neighbour = client_as("county_approver", "350825"), client_as("county_approver", "350821")
    field = f"indicator-{indicator.pk}"
    assert county.post("/campaigns/2023/targets/", {field: "800"}).status_code == 302
    assert neighbour.post("/campaigns/2023/targets/", {field: "90"}).status_code == 302
    held = {each.region_id: each.value for each in IndicatorTarget.objects.filter(indicator=indicator)}
    assert held == {"350825": 800, "350821": 90}
    told = selectors.indicators(notice, Region.objects.get(code="350825"))
    assert {each.code: each.own_target for each in told}["recognised"] == 800
    assert county.post("/campaigns/2023/targets/", {field: ""}).status_code == 302
    assert not IndicatorTarget.objects.filter(indicator=indicator, region_id="350825").exists()
    assert county.post("/campaigns/2023/targets/", {field: "-5"}).status_code == 422
    assert {event.key for event in events(kind="campaign.targets")} == {"2023/350825", "2023/350821"}


def test_an_office_sets_and_compares_the_targets_of_those_below_it(client_as, notice):
    indicator = notice.indicator_set.get(code="recognised")
    field = f"indicator-{indicator.pk}"
    city = client_as("city_officer", "3508")
    assert city.post("/campaigns/2023/targets/", {field: "1000"}).status_code == 302
    assert city.post("/campaigns/2023/targets/350825/", {field: "300"}).status_code == 302
    assert city.post("/campaigns/2023/targets/350821/", {field: "250"}).status_code == 302
    held = IndicatorTarget.objects.filter(indicator=indicator).values_list("region_id", "value")
    assert dict(held) == {"3508": 1000, "350825": 300, "350821": 250}
    below, rows = selectors.targets_below(notice, Region.objects.get(pk="3508"))
    row = next(each for each in rows if each.indicator == indicator)
    by_county = dict(zip((each.code for each in below), row.below, strict=True))
    assert (by_county["350825"], by_county["350821"], by_county["350802"]) == (300, 250, None)
    assert (row.own, row.total, row.short) == (1000, 550, True)
    page = city.get("/campaigns/2023/").content.decode()
    assert 'href="/campaigns/2023/targets/350825/"' in page and "少于本级" in page
    county = client_as("county_approver", "350825")
    assert 'value="300"' in county.get("/campaigns/2023/targets/").content.decode()


@pytest.mark.parametrize("region", [350601, 3506, 35, 99])
def test_targets_of_other_regions_are_not_an_offices_to_set(client_as, region):
    client = client_as("city_officer", "3508")
    assert client.get(f"/campaigns/2023/targets/{region}/").status_code == 404
    assert client.post(f"/campaigns/2023/targets/{region}/", {}).status_code == 404


@pytest.mark.parametrize("region", ["350825", "3508"])
def test_the_provinces_campaign_is_not_a_countys_or_citys_to_change(client_as, notice, region):
    role = "county_approver" if len(region) == 6 else "city_officer"
    client = client_as(role, region)
    assert client.get("/campaigns/2023/").status_code == 200
    fields = {name: getattr(notice, name) for name in ("name", "fair_name", "document", "starts", "ends")}
    answer = client.post("/campaigns/2023/change/", fields | {"name": "县里改的", "code": "2023"})
    assert answer.status_code == 403
    part = client.post(f"/campaigns/2023/indicators/{notice.indicator_set.first().pk}/remove/")
    assert part.status_code == 403
    notice.refresh_from_db()
    assert notice.name != "县里改的"


def test_a_countys_own_campaign_is_its_own(client_as):
    county = client_as("county_approver", "350825")
    assert county.post("/campaigns/new/", EDITION | {"code": "own"}).status_code == 302
    assert Campaign.objects.get(code="own").region_id == "350825"
    assert client_as("county_approver", "350821").get("/campaigns/own/").status_code == 404
    assert client_as("city_officer", "3508").get("/campaigns/own/").status_code == 200
    assert client_as("village_worker", "350825100004").get("/campaigns/own/").status_code == 200


@pytest.mark.parametrize("role", ["county_clerk", "partner", "auditor", "worker"])
def test_others_read_and_do_not_write(client_as, role):
    client = client_as(role)
    assert client.get("/campaigns/2023/").status_code == 200
    assert client.get("/campaigns/new/").status_code == 403
    assert client.post("/campaigns/2023/targets/", {}).status_code == 403


def test_what_is_typed_is_shown_as_text(client_as):
    client = client_as("province_officer", "35")
    evil = "<script>alert(1)</script>\"'{{ 7|add:7 }}"
    made = EDITION | {"name": evil, "fair_name": evil, "theme": evil, "document": "=1+1", "goals": evil}
    assert client.post("/campaigns/new/", made).status_code == 302
    for address in ("/campaigns/", "/campaigns/2024/", "/campaigns/2024/change/", "/"):
        shown = client.get(address).content.decode()
        assert "<script>alert(1)" not in shown
        assert "&lt;script&gt;alert(1)" in shown
        assert "14" not in shown.split("alert(1)")[1][:30]


def test_which_campaign_stands_on_a_day():
    editions = [
        Campaign(code="2024", starts=date(2024, 1, 25), ends=date(2024, 4, 8)),
        Campaign(code="2023", starts=date(2023, 1, 1), ends=date(2023, 3, 31)),
    ]
    for day, code in (
        (date(2022, 6, 1), "2023"),
        (date(2023, 2, 1), "2023"),
        (date(2023, 8, 1), "2023"),
        (date(2024, 2, 1), "2024"),
        (date(2026, 1, 1), "2024"),
    ):
        assert selectors.standing(editions, day).code == code
    assert selectors.standing([], date(2023, 1, 1)) is None
    assert editions[1].days_left(date(2023, 3, 31)) == 1
    assert editions[1].days_left(date(2023, 4, 1)) == 0
