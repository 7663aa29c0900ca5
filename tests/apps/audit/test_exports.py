"""Exports: reason, approval by another, mark, expiry; formulas stay text; nobody else gets the file."""

from __future__ import annotations

import io
from datetime import timedelta

import openpyxl
import pytest
from django.utils import timezone

from chunfeng.apps.audit import export_files, exports, selectors
from chunfeng.apps.audit.models import Event, ExportRequest
from chunfeng.apps.audit.tasks import make_export
from chunfeng.apps.gate.capabilities import Capability
from chunfeng.apps.places.scope import use, whole_province

pytestmark = pytest.mark.usefixtures("db")
ROWS = [[350825000000000 + n, f"=cmd|' /C calc'!A{n}" if n == 1 else f"人{n}", n] for n in range(1, 301)]
BOTH = frozenset((Capability.EXPORT, Capability.EXPORT_APPROVE))


@pytest.fixture(autouse=True)
def people():
    def rows(filters, fields):
        names = ("key", "name", "age")
        for row in ROWS[: int(filters.get("first", 300))]:
            yield [row[names.index(field)] for field in fields]

    exports.register(
        exports.Export(
            "people",
            "人员",
            {"key": "编号", "name": "姓名", "age": "年龄"},
            rows,
            lambda filters: min(300, int(filters.get("first", 300))),
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
        assert [e.action for e in Event.objects.order_by("pk")] == ["export.ask", "export.make", "export"]
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
    with use(scope_of("350821", actor=99, capabilities=BOTH)), pytest.raises(exports.Refused, match="范围"):
        exports.decide(asked, True, "")
    with use(scope_of("350825", actor=99)), pytest.raises(exports.Refused):
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
    with use(whole_province("expiry", "test")):
        assert export_files.expire() == 1
        assert ExportRequest.objects.get().state == ExportRequest.State.EXPIRED
    assert not place.exists()


def test_a_person_sees_who_took_the_record_away(clerk):
    make_export(ask(clerk, columns=("age",)).pk)
    with use(clerk):
        export_files.fetch(ExportRequest.objects.get())
        (look,) = selectors.looked(ROWS[0][0], with_names=True)
        assert look.who == "罗某" and "连城" in look.office and look.reason == "核对低保名单"
        assert selectors.looked(ROWS[0][0], with_names=False)[0].who == ""
        assert selectors.looked(350825000000299, with_names=True) == []


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
