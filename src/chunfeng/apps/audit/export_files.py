"""The files of exports: written sealed, marked with who, when and which, handed out to the asker only, deleted in days."""

from __future__ import annotations

import io
import time
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import xlsxwriter
from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from xlsxwriter.exceptions import FileCreateError

from chunfeng.apps.audit import names
from chunfeng.apps.audit.exports import Refused, find, known, left_alone
from chunfeng.apps.audit.models import ExportRequest
from chunfeng.apps.audit.record import record
from chunfeng.apps.places.numbers import Reach
from chunfeng.apps.places.scope import Scope, current, use, whole_province
from chunfeng.apps.vault import files, scratch

AREA = "exports"


def make(number: int) -> None:
    """Write the file of an approved request. Does nothing when it is made already, so it may be called again.

    More rows than were approved, or than go without approval, are not written: the request waits for approval again.
    """
    request = _approved(number)
    if request is None:
        return
    with use(_scope(request)), translation.override("zh-hans"):
        export = known(request.code)
        allowed = request.rows if request.approver else left_alone(request.asker, but=request.pk)
        try:
            there = export.count(request.filters)
        except Refused as refusal:
            _give_back(request, ExportRequest.State.REFUSED, request.rows, str(refusal))
            return
        if there > allowed:
            _ask_again(request, there)
            return
        fields = list(request.columns)
        hidden = export.person is not None and export.person not in fields
        wanted = [*fields, export.person] if hidden else fields
        at = wanted.index(export.person) if export.person in wanted else None
        persons: list[int] = []

        def rows() -> Iterable[Sequence[Any]]:
            for row in export.rows(request.filters, wanted):
                if at is not None and row[at]:
                    persons.append(int(row[at]))
                yield row[: len(fields)] if hidden else row

        made = timezone.localtime()
        content, count = workbook(
            str(export.name), [str(export.columns[name]) for name in fields], rows(), marks(request, made)
        )
        if count > allowed:  # grown while it was read
            _ask_again(request, count)
            return
        stored = files.put(AREA, [content]).name
        ExportRequest.objects.filter(pk=request.pk).update(
            state=ExportRequest.State.MADE,
            stored=stored,
            made_at=made,
            expires_at=made + timedelta(days=settings.EXPORT_DAYS),
            rows=count,
            persons=sorted(set(persons)),
        )
        record(
            "export.make",
            kind="export",
            key=request.number,
            reason=request.reason,
            details={"code": request.code, "rows": count, "columns": fields},
        )


def give_up(number: int) -> None:
    """Nobody waits for ever for a file that an error of the program keeps from being made."""
    request = _approved(number)
    if request is not None:
        with use(_scope(request)):
            words = _("程序出错，没有生成，已记入日志。请稍后重新申请，仍不行请告诉管理员。")
            _give_back(request, ExportRequest.State.REFUSED, request.rows, words)


def _approved(number: int) -> ExportRequest | None:
    with use(whole_province("export", "生成导出文件")):
        return ExportRequest.objects.filter(pk=number, state=ExportRequest.State.APPROVED).first()


def _scope(request: ExportRequest) -> Scope:
    """Whoever asked, as they were then."""
    return Scope(
        Reach(request.low, request.high),
        request.role,
        "生成导出文件",
        request.asker,
        request.organisation,
        capabilities=frozenset(request.capabilities),
        on_behalf_of=request.on_behalf_of,
    )


def _ask_again(request: ExportRequest, rows: int) -> None:
    words = _("符合条件的现有 %(rows)d 行，超过可以导出的行数，须（重新）批准。") % {"rows": rows}
    _give_back(request, ExportRequest.State.ASKED, rows, words)


def _give_back(request: ExportRequest, state: str, rows: int, words: str) -> None:
    """Not made: say why, and let it be decided anew or not at all."""
    ExportRequest.objects.filter(pk=request.pk).update(
        state=state, rows=rows, approver=None, decided_at=None, decision=words[:300]
    )
    record(
        "export.return",
        kind="export",
        key=request.number,
        reason=words[:300],
        details={"code": request.code, "rows": rows, "before": request.rows},
    )


def marks(request: ExportRequest, made: datetime) -> str:
    """The line that tells whose copy this is."""
    who = names.users([request.asker]).get(request.asker, str(request.asker))
    office = names.offices([request.low]).get(request.low, "")
    return f"导出编号 {request.number} · {office} {who} · {made:%Y-%m-%d %H:%M} · 用途：{request.reason} · 含个人信息，不得转发"


def workbook(
    title: str, headings: Sequence[str], rows: Iterable[Sequence[Any]], mark: str
) -> tuple[bytes, int]:
    """An .xlsx with the mark above the list, on every printed page and in its properties; text stays text, whatever it
    begins with. Its bytes, and how many rows. Its parts lie open in a private folder meanwhile."""
    with scratch.private("workbook") as folder:
        return _workbook(title, headings, rows, mark, folder)


def _workbook(
    title: str, headings: Sequence[str], rows: Iterable[Sequence[Any]], mark: str, folder: Path
) -> tuple[bytes, int]:
    out = io.BytesIO()
    options = {
        "constant_memory": True,
        "tmpdir": str(folder),
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "default_date_format": "yyyy-mm-dd",
    }
    book = xlsxwriter.Workbook(out, options)
    book.set_properties({"title": title, "comments": mark, "keywords": mark.split(" · ")[0]})
    sheet = book.add_worksheet(title[:31])
    sheet.write_string(0, 0, mark, book.add_format({"italic": True, "font_color": "#9c0006"}))
    bold = book.add_format({"bold": True, "bottom": 1})
    for column, heading in enumerate(headings):
        sheet.write_string(1, column, heading, bold)
        sheet.set_column(column, column, max(10, min(40, 2 * len(heading) + 4)))
    sheet.freeze_panes(2, 0)
    sheet.set_landscape()
    sheet.repeat_rows(1)
    sheet.set_footer("&C" + mark.replace("&", "&&")[:240] + " · &P/&N")
    count = 0
    for row in rows:
        count += 1
        for column, value in enumerate(row):
            _write(sheet, count + 1, column, value)
    try:
        book.close()
    except FileCreateError as error:
        raise error.args[0] from error  # the disk's own word
    return out.getvalue(), count


def _write(sheet: Any, row: int, column: int, value: Any) -> None:
    if value is None or value == "":
        return
    if isinstance(value, bool):
        sheet.write_string(row, column, "是" if value else "否")
    elif isinstance(value, int | float) and abs(value) < 10**10:
        sheet.write_number(row, column, value)
    elif isinstance(value, datetime):
        sheet.write_string(row, column, f"{timezone.localtime(value):%Y-%m-%d %H:%M}")
    elif isinstance(value, date):
        sheet.write_string(row, column, value.isoformat())
    else:
        text = "、".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
        sheet.write_string(row, column, text[:32_000])


def fetch(request: ExportRequest) -> bytes:
    """The file, for whoever asked, as long as it is there and their hat still gives them this list; each time counted
    and recorded. Refused otherwise."""
    scope = current()
    if request.asker != scope.actor:
        raise Refused(_("文件只给申请人。"))
    if find(request.code) is None or not scope.reach.covers(Reach(request.low, request.high)):
        raise Refused(_("当前身份不能导出这份名单，请换成申请时的身份。"))
    if request.state != ExportRequest.State.MADE or request.expires_at <= timezone.now():
        raise Refused(_("文件还没有生成，或已过期删除。"))
    content = files.read(request.stored)
    ExportRequest.objects.filter(pk=request.pk).update(downloads=F("downloads") + 1)
    record("export", kind="export", key=request.number, reason=request.reason, details={"rows": request.rows})
    return content


def expire() -> int:
    """Delete the files past their day; how many."""
    due = list(
        ExportRequest.objects.filter(state=ExportRequest.State.MADE, expires_at__lte=timezone.now())[:1_000]
    )
    transaction.on_commit(lambda: [files.delete(request.stored) for request in due])
    for request in due:
        ExportRequest.objects.filter(pk=request.pk).update(state=ExportRequest.State.EXPIRED, stored="")
        record("export.expire", kind="export", key=request.number)
    _sweep()
    return len(due)


def _sweep() -> None:
    """Delete files that no request names: what is left when a transaction failed after its file was written."""
    named = set(ExportRequest.objects.exclude(stored="").values_list("stored", flat=True))
    old = time.time() - 86_400
    for path in files.lying(AREA):
        if path.name not in named and path.stat().st_mtime < old:
            path.unlink(missing_ok=True)
