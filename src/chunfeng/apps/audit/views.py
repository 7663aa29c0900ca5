"""Pages of this room: the audit, and exports from asking to download."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from chunfeng.apps.audit import denials, export_files, exports, names, selectors
from chunfeng.apps.audit.forms import AskForm, AuditFilter, DecideForm
from chunfeng.apps.audit.models import ExportRequest
from chunfeng.apps.audit.record import record
from chunfeng.apps.gate.access import access
from chunfeng.apps.gate.capabilities import Capability
from chunfeng.apps.places.numbers import Reach
from chunfeng.apps.places.scope import current

_EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else None


@access(Capability.AUDIT_READ, purpose="查审计记录")
def audit(request: HttpRequest) -> HttpResponse:
    """Who did what, newest first."""
    form = AuditFilter(request.GET or {})
    lines, after, before = [], None, None
    if form.is_valid():
        after, before = _number(request.GET.get("after")), _number(request.GET.get("before"))
        lines, after, before = selectors.page(form.wanted(), after, before)
        given = form.as_text()
        record("search", kind="audit", details={"filters": sorted(given)})
        if form.persons:
            only = form.persons[0] if len(form.persons) == 1 else ""
            record("view", kind="audit", key=only, details={"persons": form.persons[:20]})
    context = {
        "form": form,
        "lines": lines,
        "after": after,
        "before": before,
        "query": urlencode(form.as_text()) if form.is_valid() else "",
    }
    return render(request, "audit/audit.html", context)


@access(None, purpose="查看导出申请")
def exports_list(request: HttpRequest) -> HttpResponse:
    """My own requests, and those that wait for my approval."""
    scope = current()
    mine, waiting = [], []
    if scope.sees(ExportRequest.realm):
        mine = ExportRequest.objects.filter(asker=scope.actor)[:50]
    if Capability.EXPORT_APPROVE in scope.capabilities:
        waiting = ExportRequest.objects.filter(
            state=ExportRequest.State.ASKED, low__gte=scope.reach.low, high__lte=scope.reach.high
        ).exclude(asker=scope.actor)[:50]
    waiting = list(waiting)
    who = names.users(each.asker for each in waiting)
    context = {
        "mine": [(each, _name(each.code)) for each in mine],
        "waiting": [(each, _name(each.code), who.get(each.asker, "")) for each in waiting],
    }
    return render(request, "audit/exports.html", context)


def _name(code: str) -> str:
    try:
        return str(exports.known(code).name)
    except KeyError:
        return code


@access(None, purpose="申请导出", writes=True)
def export_ask(request: HttpRequest, code: str) -> HttpResponse:
    """Ask for a list with the filters of the page one comes from."""
    export = exports.find(code)
    if export is None:
        raise Http404
    filters = {name: request.GET[name] for name in sorted(export.filters) if request.GET.get(name)}
    form = AskForm(export, request.POST or None)
    rows, wrong = 0, ""
    try:
        rows = export.count(filters)
        if form.is_valid():
            made = exports.ask(code, filters, form.cleaned_data["columns"], form.cleaned_data["reason"])
            return redirect("export", made.pk)
    except exports.Refused as refusal:
        wrong = str(refusal)
    context = {"export": export, "form": form, "filters": export.told(filters), "rows": rows, "wrong": wrong}
    return render(request, "audit/ask.html", context, status=422 if wrong or form.errors else 200)


def _visible(number: int) -> ExportRequest:
    """A request of one's own, or one to approve. 404 for others."""
    scope = current()
    found = ExportRequest.objects.filter(pk=number).first() if scope.sees(ExportRequest.realm) else None
    if found is None:
        raise Http404
    approves = Capability.EXPORT_APPROVE in scope.capabilities
    if found.asker != scope.actor and not (approves and scope.reach.covers(Reach(found.low, found.high))):
        raise Http404
    return found


@access(None, purpose="查看导出申请")
def export_page(request: HttpRequest, number: int) -> HttpResponse:
    """One request: how far it is, to whom it belongs, and the file."""
    return _page(request, _visible(number))


def _page(
    request: HttpRequest, found: ExportRequest, form: DecideForm | None = None, wrong: str = ""
) -> HttpResponse:
    scope = current()
    who = names.users([found.asker, found.approver])
    decides = (
        found.state == ExportRequest.State.ASKED
        and found.asker != scope.actor
        and Capability.EXPORT_APPROVE in scope.capabilities
    )
    there = (
        found.state == ExportRequest.State.MADE
        and found.asker == scope.actor
        and found.expires_at > timezone.now()
    )
    export = exports.known(found.code) if _name(found.code) != found.code else None
    context = {
        "export": found,
        "name": _name(found.code),
        "filters": (export.told if export else exports.as_given)(found.filters),
        "columns": [export.columns.get(name, name) for name in found.columns] if export else found.columns,
        "asker": who.get(found.asker, ""),
        "approver": who.get(found.approver, ""),
        "office": names.offices([found.low]).get(found.low, ""),
        "form": (form or DecideForm()) if decides else None,
        "wrong": wrong,
        "there": there,
    }
    return render(request, "audit/export.html", context, status=422 if wrong else 200)


@require_POST
@access(None, purpose="批准导出", writes=True)
def export_decide(request: HttpRequest, number: int) -> HttpResponse:
    """Approve or refuse."""
    found, form = _visible(number), DecideForm(request.POST)
    approve = request.POST.get("decision") == "approve"
    if not form.is_valid():
        return _page(request, found, form, _("意见太长。"))
    try:
        exports.decide(found, approve, form.cleaned_data["words"])
    except exports.Refused as refusal:
        denials.note(request, "rule")
        return _page(request, found, form, str(refusal))
    messages.success(request, _("已批准，文件正在生成。") if approve else _("已退回。"))
    return redirect("exports")


@access(None, purpose="下载导出文件")
def export_download(request: HttpRequest, number: int) -> HttpResponse:
    """The file, to whoever asked."""
    found = _visible(number)
    try:
        content = export_files.fetch(found)
    except exports.Refused as refusal:
        denials.note(request, "rule")
        return _page(request, found, wrong=str(refusal))
    response = HttpResponse(content, content_type=_EXCEL)
    response["Content-Disposition"] = f'attachment; filename="{found.number}.xlsx"'
    response["Cache-Control"] = "no-store"
    return response
