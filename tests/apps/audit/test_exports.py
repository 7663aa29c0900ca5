"""Exports: reason, approval by another, mark, expiry; formulas stay text; nobody else gets the file."""

from __future__ import annotations

import dataclasses
import io
import resource
import tempfile
from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest
import time_machine
from django.db import connection
from django.test import TestCase
from django.utils import timezone

from chunfeng.apps.audit import export_files, exports, selectors, tasks
from chunfeng.apps.audit.models import Event, ExportRequest
from chunfeng.apps.audit.tasks import make_export
from chunfeng.apps.gate.capabilities import Capability
from chunfeng.apps.places.scope import use, whole_province
from chunfeng.apps.vault import scratch

pytestmark = pytest.mark.usefixtures("db")
NOBODY = 10**9
"""A user's number that no user of the tests will get."""
ROWS = [[350825000000000 + n, f"=cmd|' /C calc'!A{n}" if n == 1 else f"人{n}", n] for n in range(1, 301)]
BOTH = frozenset((Capability.EXPORT, Capability.EXPORT_APPROVE))


@pytest.fixture
def grown():
    """How many rows there are at the moment."""
    return {"now": 300}


@pytest.fixture(autouse=True)
def people(grown):
    def count(filters):
        return min(grown["now"], int(filters.get("first", 300)))

    def rows(filters, fields):
        names = ("key", "name", "age")
        for row in ROWS[: count(filters)]:
            yield [row[names.index(field)] for field in fields]

    exports.register(
        exports.Export(
            "people",
            "人员",
            {"key": "编号", "name": "姓名", "age": "年龄"},
            rows,
            count,
            frozenset(("first",)),
            person="key",
        )
    )
    yield
    del exports._exports["people"]


@pytest.fixture
def clerk(user, scope_of):
    return scope_of("350825", actor=user("clerk", name="罗某").pk, capabilities=BOTH)


@pytest.fixture
def chief(user, scope_of):
    return scope_of("350825", actor=user("chief", "county_approver").pk, capabilities=BOTH)


def ask(scope, first="3", columns=("name", "age"), reason="核对低保名单"):
    with use(scope):
        return exports.ask("people", {"first": first, "id18": "x"}, columns, reason)


def test_few_rows_are_made_at_once_and_marked(clerk, user):
    asked = ask(clerk)
    assert asked.state == ExportRequest.State.APPROVED and asked.filters == {"first": "3"}
    make_export(asked.pk)
    with use(clerk):
        made = ExportRequest.objects.get()
        content = export_files.fetch(made)
        assert made.state == ExportRequest.State.MADE and made.persons == [r[0] for r in ROWS[:3]]
        assert [e.action for e in Event.objects.filter(action__startswith="export").order_by("pk")] == [
            "export.ask",
            "export.make",
            "export",
        ]
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet = book.active
    assert (
        made.number in sheet["A1"].value
        and "罗某" in sheet["A1"].value
        and "核对低保名单" in sheet["A1"].value
    )
    assert made.number in book.properties.keywords and made.number in sheet.oddFooter.center.text
    assert [cell.value for cell in sheet[2]] == ["姓名", "年龄"]
    assert sheet["A3"].value == ROWS[0][1] and sheet["A3"].data_type == "s" and sheet["B5"].value == 3


def test_a_file_that_cannot_be_made_leaves_nobody_waiting(clerk, grown):
    asked = ask(clerk)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))
    try:
        with pytest.raises(OSError, match="large"):  # no room: the queue does it again
            make_export(asked.pk)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs WHERE args->>'number' = %s", [str(asked.pk)])
    with use(whole_province("test", "test")):
        assert tasks.queue_forgotten() == 0  # it may be under way
        ExportRequest.objects.update(asked_at="2023-01-01T00:00:00Z")
        assert tasks.queue_forgotten() == 1 and tasks.queue_forgotten() == 0
    grown["now"] = "a fault of the room that gives the list"
    make_export(asked.pk)
    with use(clerk):
        given_up = ExportRequest.objects.get()
        assert given_up.state == ExportRequest.State.REFUSED and "程序出错" in given_up.decision


def test_while_it_is_made_nothing_lies_open_but_in_a_private_folder(clerk, monkeypatch):
    made, mkstemp = [], tempfile.mkstemp

    def noted(*args, **named):
        handle, name = mkstemp(*args, **named)
        made.append(Path(name))
        return handle, name

    monkeypatch.setattr(tempfile, "mkstemp", noted)  # where the library that writes it puts its parts
    make_export(ask(clerk).pk)
    assert made and all(scratch.folder() in path.parents for path in made)
    assert not any(path.parent.exists() for path in made)


def test_the_file_on_disk_is_sealed(clerk):
    make_export(ask(clerk).pk)
    with use(clerk):
        made = ExportRequest.objects.get()
        sealed = export_files.files.path_of(made.stored).read_bytes()
    assert b"PK\x03\x04" not in sealed and "人2".encode() not in sealed


def test_many_rows_wait_for_another(clerk, chief, scope_of):
    asked = ask(clerk, first="300")
    assert asked.state == ExportRequest.State.ASKED
    make_export(asked.pk)
    with use(clerk), pytest.raises(exports.Refused, match="自己"):
        exports.decide(asked, True, "")
    with (
        use(scope_of("350821", actor=NOBODY, capabilities=BOTH)),
        pytest.raises(exports.Refused, match="范围"),
    ):
        exports.decide(asked, True, "")
    with use(scope_of("350825", actor=NOBODY)), pytest.raises(exports.Refused):
        exports.decide(asked, True, "")
    with use(chief):
        assert not ExportRequest.objects.exclude(made_at=None).exists()
        exports.decide(asked, True, "可以")
        with pytest.raises(exports.Refused, match="别人"):
            exports.decide(asked, False, "晚了")
    make_export(asked.pk)
    with use(clerk):
        assert ExportRequest.objects.get().state == ExportRequest.State.MADE
        assert export_files.fetch(ExportRequest.objects.get())
    with use(chief), pytest.raises(exports.Refused, match="申请人"):
        export_files.fetch(ExportRequest.objects.get())


def test_a_deputy_does_not_approve_what_the_absent_one_asked_for(clerk, user, scope_of):
    asked = ask(clerk, first="300")
    deputy = scope_of("350825", actor=user("deputy").pk, capabilities=BOTH, on_behalf_of=clerk.actor)
    with use(deputy), pytest.raises(exports.Refused, match="自己"):
        exports.decide(asked, True, "")


def test_two_deputies_of_one_are_one(clerk, user, scope_of):
    deputies = [
        scope_of("350825", actor=user(name).pk, capabilities=BOTH, on_behalf_of=clerk.actor)
        for name in ("deputy", "deputy2")
    ]
    asked = ask(deputies[0], first="300")
    with use(deputies[1]), pytest.raises(exports.Refused, match="自己"):
        exports.decide(asked, True, "")


def test_a_refusal_says_why(clerk, chief):
    asked = ask(clerk, first="300")
    with use(chief):
        with pytest.raises(exports.Refused, match="原因"):
            exports.decide(asked, False, "")
        exports.decide(asked, False, "用不着这么多")
        assert ExportRequest.objects.get().state == ExportRequest.State.REFUSED


@pytest.mark.parametrize(
    "wrong", [{"reason": "看"}, {"columns": ()}, {"columns": ("id18",)}, {"first": "0"}], ids=str
)
def test_what_cannot_be_asked_for(clerk, wrong):
    with pytest.raises(exports.Refused):
        ask(clerk, **wrong)


def test_what_is_asked_for_in_pieces_counts_as_one(clerk, chief, scope_of):
    first = ask(clerk, first="150")
    make_export(first.pk)
    second = ask(clerk, first="51")
    assert (first.state, second.state) == (ExportRequest.State.APPROVED, ExportRequest.State.ASKED)
    elsewhere = dataclasses.replace(clerk, reach=scope_of("350821").reach)  # another hat of the same person
    assert ask(elsewhere, first="51").state == ExportRequest.State.ASKED
    assert ask(clerk, first="50").state == ExportRequest.State.APPROVED
    assert ask(chief, first="150").state == ExportRequest.State.APPROVED  # somebody else's day
    with use(chief):
        exports.decide(second, True, "可以")
    make_export(second.pk)
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        assert ask(clerk, first="150").state == ExportRequest.State.APPROVED


@pytest.mark.parametrize("approved", [True, False])
def test_a_list_that_grew_waits_for_approval_again(clerk, chief, grown, approved):
    grown["now"] = 250 if approved else 150
    asked = ask(clerk, first="300")
    with use(chief):
        if approved:
            exports.decide(asked, True, "可以")
    grown["now"] = 251 if approved else 201
    make_export(asked.pk)
    with use(clerk):
        found = ExportRequest.objects.get()
        assert found.state == ExportRequest.State.ASKED and not found.stored and found.approver is None
        assert found.rows == grown["now"] and str(grown["now"]) in found.decision
        assert Event.objects.latest("pk").action == "export.return"
    with use(chief):
        exports.decide(found, True, "可以")
    make_export(asked.pk)
    with use(clerk):
        assert ExportRequest.objects.get().state == ExportRequest.State.MADE


def test_few_more_rows_without_approval_are_few_still(clerk, grown):
    grown["now"] = 150
    asked = ask(clerk, first="300")
    grown["now"] = 180
    make_export(asked.pk)
    with use(clerk):
        assert ExportRequest.objects.get().state == ExportRequest.State.MADE


def test_a_filter_that_is_no_filter_is_refused(user, scope_of):
    county = scope_of("350825", actor=user("clerk").pk, capabilities=BOTH)
    for wrong in ({"age": "a-b"}, {"place": "350821"}, {"yes": "nothing"}):
        with use(county), pytest.raises(exports.Refused, match="条件"):
            exports.ask("persons", wrong, ["name"], "核对名单用")
    with use(county):  # it was one when it was asked for, and is none any more
        now = timezone.now()
        asked = ExportRequest.objects.create(
            place=county.reach.low, low=county.reach.low, high=county.reach.high, role="county_clerk",
            asker=county.actor, asked_at=now, code="persons", filters={"yes": "abolished"}, columns=["name"],
            reason="核对名单用", rows=3, state=ExportRequest.State.APPROVED,
        )  # fmt: skip
    make_export(asked.pk)
    with use(county):
        found = ExportRequest.objects.get()
        assert found.state == ExportRequest.State.REFUSED and "条件" in found.decision


def test_the_file_is_for_a_hat_that_may_still_have_the_list(clerk, scope_of):
    make_export(ask(clerk).pk)
    less = dataclasses.replace(clerk, capabilities=frozenset())
    town = dataclasses.replace(clerk, reach=scope_of("350825102").reach)
    with use(clerk):
        made = ExportRequest.objects.get()
    for hat in (less, town):
        with use(hat), pytest.raises(exports.Refused, match="当前身份"):
            export_files.fetch(made)
    with use(clerk):
        assert export_files.fetch(made)


def test_without_the_capability_there_is_no_list(user, scope_of):
    with pytest.raises(exports.Refused):
        ask(scope_of("350825", actor=user("other").pk))


def test_files_are_gone_after_their_day(clerk):
    make_export(ask(clerk).pk)
    with use(clerk):
        made = ExportRequest.objects.get()
        place = export_files.files.path_of(made.stored)
        assert place.exists()
        ExportRequest.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
        with pytest.raises(exports.Refused, match="过期"):
            export_files.fetch(ExportRequest.objects.get())
    with TestCase.captureOnCommitCallbacks() as once_committed, use(whole_province("expiry", "test")):
        assert export_files.expire() == 1
        assert ExportRequest.objects.get().state == ExportRequest.State.EXPIRED
    assert place.exists(), "what is rolled back must not lose its file"
    for callback in once_committed:
        callback()
    assert not place.exists()


def test_a_person_sees_who_took_the_record_away(clerk):
    make_export(ask(clerk, columns=("age",)).pk)
    with use(clerk):
        export_files.fetch(ExportRequest.objects.get())
        (look,) = selectors.looked(ROWS[0][0], with_names=True)
        assert look.who == "罗某" and "连城" in look.office and look.reason == "核对低保名单"
        assert selectors.looked(ROWS[0][0], with_names=False)[0].who == ""
        assert selectors.looked(350825000000299, with_names=True) == []


def test_a_person_sees_the_offices_above_that_took_it_away(clerk, scope_of, user):
    city = scope_of("3508", actor=user("city", "city_officer", "3508", name="市某").pk, capabilities=BOTH)
    make_export(ask(city, columns=("age",)).pk)
    with use(city):
        export_files.fetch(ExportRequest.objects.get())
    with use(clerk):
        assert not ExportRequest.objects.exists()  # it is not the county's
        (look,) = selectors.looked(ROWS[0][0], with_names=True)
        assert look.who == "市某" and "龙岩" in look.office
        assert not ExportRequest.objects.exists()  # and the scope is the reader's again


def test_the_pages_from_asking_to_download(client_as):
    clerk, chief = client_as("county_clerk"), client_as("county_approver")
    page = clerk.get("/audit/exports/ask/people/?first=250")
    assert page.status_code == 200 and "250" in page.content.decode()
    sent = clerk.post("/audit/exports/ask/people/?first=250", {"columns": ["name"], "reason": "核对名单用"})
    number = int(sent.url.rstrip("/").rsplit("/", 1)[1])
    assert clerk.post(f"/audit/exports/{number}/decide/", {"decision": "approve"}).status_code == 422
    assert "核对名单用" in chief.get("/audit/exports/").content.decode()
    assert client_as("county_approver", "350821").get(f"/audit/exports/{number}/").status_code == 404
    assert client_as("village_worker").get(f"/audit/exports/{number}/").status_code == 404
    assert chief.post(f"/audit/exports/{number}/decide/", {"decision": "approve"}).status_code == 302
    make_export(number)
    assert chief.get(f"/audit/exports/{number}/download/").status_code == 422
    file = clerk.get(f"/audit/exports/{number}/download/")
    assert file.status_code == 200 and file["Content-Disposition"].startswith("attachment")
    assert openpyxl.load_workbook(io.BytesIO(file.content)).active.max_row == 252
