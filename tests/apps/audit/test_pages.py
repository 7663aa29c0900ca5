"""Reading the audit: within reach, page by page; reveals counted; refusals kept though their work is rolled back."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from chunfeng.apps.audit import exports, selectors
from chunfeng.apps.audit.record import record
from chunfeng.apps.audit.reveal import Refused, reveal
from chunfeng.apps.places.numbers import place_number
from chunfeng.apps.places.scope import use
from chunfeng.apps.registry.models import Person
from tests.apps.audited import events

pytestmark = pytest.mark.usefixtures("db")
HOSTILE = "<script>alert(1)</script>"


def test_an_auditor_sees_the_offices_within_reach(client_as, scope_of):
    for region in ("350825", "350821"):
        with use(scope_of(region, actor=1)):
            record("view", kind="person", key=region, person=f"{region}000000001", reason=HOSTILE)
    page = client_as("auditor").get("/audit/").content.decode()
    assert "350825000000001" in page and "350821000000001" not in page
    assert HOSTILE not in page and "&lt;script&gt;" in page
    city = client_as("city_officer", "3508").get("/audit/").content.decode()
    assert "350825000000001" in city and "350821000000001" in city
    assert client_as("county_clerk").get("/audit/").status_code == 403


def test_pages_go_on_and_back_without_losing_a_line(scope_of):
    with use(scope_of("350825", actor=1)):
        keys = [record("view", key=n, kind="paging").pk for n in range(120)]
        mine = {"action": "view"}
        first, after, before = selectors.page(mine)
        second, after_2, before_2 = selectors.page(mine, after=after)
        third, after_3, _before = selectors.page(mine, after=after_2)
        seen = [line.event.pk for line in (*first, *second, *third)]
        assert seen == sorted(keys, reverse=True) and before is None and after_3 is None
        back, _after, top = selectors.page(mine, before=before_2)
        assert [line.event.pk for line in back] == seen[:50] and top is None


def test_filters_and_the_number_of_queries(client_as, user, scope_of):
    auditor = client_as("auditor")
    someone = user("looker", name="查某人")
    with use(scope_of("350825", actor=someone.pk)):
        record("search", key="key-of-one")
    with use(scope_of("350825", actor=1)):
        record("view", key="key-of-two")
    page = auditor.get("/audit/", {"user": "查某人"}).content.decode()
    assert "key-of-one" in page and "key-of-two" not in page
    page = auditor.get(
        "/audit/", {"action": "view", "since": "2000-01-01", "until": "2999-01-01"}
    ).content.decode()
    assert "key-of-two" in page and "key-of-one" not in page
    wrong = auditor.get("/audit/", {"since": "2023-02-01", "until": "2023-01-01"})
    assert wrong.status_code == 200 and "不能早于" in wrong.content.decode()


def counted(act):
    """How many queries something takes."""
    with CaptureQueriesContext(connection) as queries:
        act()
    return len(queries)


def test_the_list_costs_the_same_for_few_and_many(client_as, scope_of):
    auditor = client_as("auditor")
    auditor.get("/audit/")
    few = counted(lambda: auditor.get("/audit/"))
    with use(scope_of("350825", actor=1)):
        for n in range(50):
            record("view", key=n)
    assert counted(lambda: auditor.get("/audit/")) == few


def test_a_reveal_wants_a_reason_and_is_counted(scope_of):
    with override_settings(REVEALS_PER_DAY=2), use(scope_of("350825", actor=5)):
        with pytest.raises(Refused, match="理由"):
            reveal("person", 1, 350825000000001, "id18", " 看 看 ")
        for _ in range(2):
            reveal("person", 1, 350825000000001, "id18", "核对身份证原件")
        with pytest.raises(Refused, match="2 次"):
            reveal("person", 1, 350825000000001, "id18", "核对身份证原件")
        (look, _other) = selectors.looked(350825000000001, with_names=False)
        assert look.reason == "核对身份证原件" and look.who == ""
    with override_settings(REVEALS_PER_DAY=2), use(scope_of("350825", actor=6)):
        reveal("person", 1, 350825000000001, "id18", "核对身份证原件")


def test_refusals_are_kept(client_as):
    clerk = client_as("county_clerk")
    assert clerk.get("/users/").status_code == 403
    (denied,) = events(action="denied")
    assert denied.actor == clerk.user.pk and denied.key == "users" and denied.details["why"] == "capability"
    chief = client_as("county_approver")
    assert chief.get("/users/99999999/").status_code == 404
    denied = events(action="denied")[-1]
    assert denied.actor == chief.user.pk and denied.details == {
        "why": "not found",
        "what": {"number": "99999999"},
    }


def test_what_a_rule_refused_is_kept_though_the_page_answers(client_as):
    chief = client_as("county_approver")
    me = chief.user.pk
    told = {"role": "auditor", "region": "350825", "valid_from": "2023-01-01"}
    assert chief.post(f"/users/{me}/grant/", told).status_code == 422
    (denied,) = events(action="denied")
    assert denied.details == {"why": "rule", "what": {"number": str(me)}} and denied.key == "user-grant"


def test_the_deputy_is_shown_with_the_absent_one(client_as, user, scope_of):
    deputy, absent = user("deputy", name="代某"), user("absent", name="休某")
    with use(scope_of("350825", actor=deputy.pk, on_behalf_of=absent.pk)):
        record("view", key="by deputy")
    page = client_as("auditor").get("/audit/").content.decode()
    assert "代某" in page and "代 休某" in page


def test_a_person_is_found_by_name_or_number_as_elsewhere(client_as, scope_of):
    """Whoever may see persons need not know the number by heart; whoever may not learns of none by asking."""
    for key, name in ((350825000000042, "林小春"), (350821000000007, "林小春"), (350825000000043, "陈小风")):
        county = str(key)[:6]
        with use(scope_of(county, actor=1)):
            Person.objects.create(key=key, county=county, place=place_number(county), name=name)
            record("view", kind="person", key=f"seen-{key}", person=str(key))

    def found(client, person):
        page = client.get("/audit/", {"person": person, "action": "view"}).content.decode()
        return {
            key for key in ("350825000000042", "350821000000007", "350825000000043") if f"人员 {key}" in page
        }, page

    province = client_as("province_officer", "35")
    assert found(province, "林小春")[0] == {"350825000000042", "350821000000007"}
    assert found(province, "350825000000043")[0] == {"350825000000043"}
    assert found(province, "没有此人")[0] == set()
    chief = client_as("county_approver")
    assert found(chief, "林小春")[0] == {"350825000000042"}
    assert found(chief, "P000000043")[0] == {"350825000000043"} == found(chief, "43")[0]
    auditor = client_as("auditor")
    shown, page = found(auditor, "林小春")
    assert shown == set() and "不能按姓名查人" in page
    assert found(auditor, "350825000000042")[0] == {"350825000000042"}
    shown, page = found(province, "350825199001010011")
    assert shown == set() and "证号、电话" in page
    looked = [e for e in events(action="view") if e.kind == "audit"]
    assert "林小春" not in str([vars(e) for e in looked]) and looked[0].details["persons"]


def test_the_same_filter_goes_into_the_export(client_as, scope_of):
    with use(scope_of("350825", actor=1)):
        Person.objects.create(
            key=350825000000042, county="350825", place=place_number("350825"), name="林小春"
        )
        record("view", kind="person", key="1", person="350825000000042")
        record("view", kind="person", key="2", person="350825000000043")
    chief = scope_of("350825", actor=2, capabilities=frozenset({"audit.read", "registry.read"}))
    with use(chief):
        assert exports.known("audit").count({"person": "林小春"}) == 1
    with use(replace(chief, capabilities=frozenset({"audit.read"}))), pytest.raises(exports.Refused):
        exports.known("audit").count({"person": "林小春"})


def test_the_last_day_there_is_breaks_nothing(client_as):
    assert client_as("auditor").get("/audit/", {"until": "9999-12-31"}).status_code == 200
