"""A list is accepted, released, sent back, taken back, opened again; the workbook that goes back to its sender."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

import polars as pl
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from chunfeng.apps.audit.record import record
from chunfeng.apps.gate.access import access
from chunfeng.apps.gate.capabilities import Capability
from chunfeng.apps.intake import words
from chunfeng.apps.intake.models import Extract
from chunfeng.apps.intake.services import decide, settle
from chunfeng.apps.intake.shown import only_whole
from chunfeng.apps.intake.views.extracts import extract_of
from chunfeng.apps.vault import scratch
from chunfeng.engines.sheets.issues import SCHEMA
from chunfeng.pipeline.intake import HEADINGS, WIDTHS
from chunfeng.pipeline.outputs import write_workbook


def _done(request: HttpRequest, pk: int, verb: Callable[[Extract], Extract], said: str) -> HttpResponse:
    """Do it and say so, or say why not; then back to the list."""
    try:
        with transaction.atomic():  # what is refused half-way is taken back whole
            extract = verb(extract_of(pk))
    except ValidationError as error:
        messages.error(request, error.messages[0])
    except PermissionDenied as error:
        if not str(error):
            raise
        messages.error(request, str(error))
    else:
        if extract.state == Extract.State.HELD:
            messages.warning(
                request, _("这份名单看起来不对，已暂停接收，须另一位有接收权限的同事写明理由复核。")
            )
        else:
            messages.success(request, said)
    return redirect("intake-columns", pk)


@require_POST
@access(Capability.INTAKE_ACCEPT, purpose="接收名单", writes=True)
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    partly = request.POST.get("partly") == "1"
    return _done(request, pk, lambda e: decide.accept(e, partly=partly), _("已接收，比对已排队。"))


@require_POST
@access(Capability.INTAKE_ACCEPT, purpose="复核名单", writes=True)
def release(request: HttpRequest, pk: int) -> HttpResponse:
    reason = request.POST.get("reason", "")
    return _done(request, pk, lambda e: decide.release(e, reason), _("已复核并接收，比对已排队。"))


@require_POST
@access(Capability.INTAKE_ACCEPT, purpose="退回名单", writes=True)
def reject(request: HttpRequest, pk: int) -> HttpResponse:
    reason = request.POST.get("reason", "")
    return _done(
        request, pk, lambda e: decide.reject(e, reason), _("已退回。报送单位看得到您的说明和问题表。")
    )


@require_POST
@access(Capability.INTAKE_ACCEPT, purpose="撤回名单", writes=True)
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    reason = request.POST.get("reason", "")
    return _done(
        request,
        pk,
        lambda e: decide.undo(e, reason),
        _("已撤回。下次比对不再用它，上一版重新有效；比对已排队。"),
    )


@require_POST
@access(Capability.INTAKE_ACCEPT, purpose="重新打开名单", writes=True)
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    return _done(request, pk, decide.reopen, _("已重新打开。"))


@require_POST
@access(Capability.INTAKE_ACCEPT, purpose="选择是否替换上一版", writes=True)
def replacing(request: HttpRequest, pk: int) -> HttpResponse:
    replaces = request.POST.get("replaces") == "1"
    return _done(request, pk, lambda e: decide.choose_replacing(e, replaces), _("已记下。"))


@require_POST
@access(Capability.INTAKE_SEND, purpose="标为说明页", writes=True)
def aside(request: HttpRequest, pk: int) -> HttpResponse:
    return _done(request, pk, settle.set_aside, _("已标为说明页，不作名单。"))


@access(Capability.INTAKE_READ, purpose="下载问题表")
def workbook(request: HttpRequest, pk: int) -> HttpResponse:
    """The problems of one list, gravest first, in the form that runs write: to be sent back and worked off."""
    extract = extract_of(pk)
    only_whole(extract)
    found = extract.issues.order_by("rank", "position").values_list("row", "column", "rank", "code", "value")
    rows = [
        (
            extract.source,
            extract.sheet,
            row,
            column,
            str(words.SEVERITIES[rank]),
            code,
            words.issue_text(code),
            value,
        )
        for row, column, rank, code, value in found.iterator(chunk_size=5_000)
    ]
    frame = pl.DataFrame(rows, schema=SCHEMA, orient="row")
    with scratch.private("issues", 1_000 * len(rows)) as folder:
        path = folder / "issues.xlsx"
        write_workbook([(extract.department or _("问题"), frame)], HEADINGS, WIDTHS, path)
        content = path.read_bytes()
    record("download", kind="extract", key=extract.pk, details={"issues": len(rows)})
    name = quote(
        f"{_('问题表')}-{extract.source.split('/')[-1][:60]}-{extract.sheet[:20]}".rstrip("-") + ".xlsx"
    )
    return HttpResponse(
        content,
        content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{name}"},
    )
