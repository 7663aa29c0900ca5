"""One list: its columns, its rows, its problems, its history."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from chunfeng.apps.audit.record import record
from chunfeng.apps.campaigns.words import kind_name
from chunfeng.apps.gate.access import access
from chunfeng.apps.gate.capabilities import Capability
from chunfeng.apps.intake import looking, selectors, words
from chunfeng.apps.intake.forms import ReasonForm
from chunfeng.apps.intake.kinds import kinds_of
from chunfeng.apps.intake.models import Extract, SentFile
from chunfeng.apps.intake.proposals import columns_as
from chunfeng.apps.intake.services import settle
from chunfeng.apps.intake.shown import cover_numbers, whole
from chunfeng.apps.intake.versions import earlier_versions
from chunfeng.apps.intake.views.board import number
from chunfeng.apps.intake.views.sending import how_far, name_of
from chunfeng.apps.places.scope import current


def extract_of(pk: int) -> Extract:
    """An extract in reach, else 404."""
    return get_object_or_404(Extract.objects.select_related("organisation", "delivery", "file"), pk=pk)


def frame(extract: Extract, tab: str) -> dict[str, Any]:
    """What stands around every tab of a list: head, brake, what one may do."""
    kinds = kinds_of(extract.county)
    name_of(extract, kinds)
    tabs = (
        ("columns", _("列对应"), len((extract.plan or {}).get("columns", []))),
        ("rows", _("明细"), extract.records),
        ("issues", _("问题"), extract.errors + extract.warnings + extract.infos),
        ("history", _("经过"), None),
    )
    scope = current()
    may_accept = Capability.INTAKE_ACCEPT in scope.capabilities
    own = scope.behind & {extract.held_by, extract.held_for, extract.delivery.sender}
    return {
        "extract": extract,
        "kinds": kinds,
        "tab": tab,
        "tabs": [
            {
                "label": label,
                "url": reverse(f"intake-{code}", args=[extract.pk]),
                "current": code == tab,
                "count": n,
            }
            for code, label, n in tabs
        ],
        "brakes": [words.brake_text(b) for b in extract.brakes],
        "may_accept": may_accept,
        "whole": whole(extract),
        "may_release": may_accept and not own,
        "may_edit": extract.open and Capability.INTAKE_SEND in scope.capabilities,
        "replaced": earlier_versions(extract)
        if extract.state in (Extract.State.READ, Extract.State.HELD)
        else [],
        "reason_form": ReasonForm(auto_id="reason_%s"),
        "progress": how_far([extract.file]) if extract.stale else None,
        "unread": words.issue_text(extract.file.refusal)
        if extract.stale and extract.file.state == SentFile.State.REFUSED
        else "",
        "crumbs": [
            (reverse("intake-board"), _("报送情况")),
            (
                reverse("intake-delivery", args=[extract.delivery_id]),
                _("报送 #%(n)s") % {"n": extract.delivery_id},
            ),
        ],
    }


@access(Capability.INTAKE_READ, purpose="看列对应")
def columns(request: HttpRequest, pk: int) -> HttpResponse:
    extract = extract_of(pk)
    return _columns_page(request, extract, request.GET.get("kind") or extract.kind)


def _columns_page(
    request: HttpRequest,
    extract: Extract,
    code: str,
    problem: str = "",
    chosen: list[str | None] | None = None,
) -> HttpResponse:
    context = frame(extract, "columns")
    kind = context["kinds"].get(code)
    plan = (extract.plan or {}).get("columns", [])
    shown = columns_as(extract, kind) if kind and (code != extract.kind or not plan) else plan
    if chosen is not None and len(chosen) == len(shown):
        shown = [c | {"field": f} for c, f in zip(shown, chosen, strict=True)]
    samples = _samples(extract)
    record("view", kind="extract", key=extract.pk, details={"samples": True})
    groups: dict[str, list[tuple[str, str]]] = {}
    for each in sorted(context["kinds"].values(), key=lambda k: (k.department, k.name)):
        groups.setdefault(each.department, []).append((each.code, kind_name(each)))
    near = [
        (kind_name(context["kinds"][c]), round(100 * s))
        for c, s in (extract.plan or {}).get("candidates", [])
        if c in context["kinds"]
    ]
    context |= {
        "kind": kind,
        "kind_name": kind_name(kind) if kind else "",
        "other_kind": bool(kind) and code != extract.kind,
        "groups": groups,
        "candidates": near,
        "percent": round(100 * extract.confidence),
        "problem": problem,
        "columns": [
            c
            | {
                "header": cover_numbers(c["header"]),
                "label": kind.by_name[c["field"]].label if kind and c["field"] in kind.by_name else "",
                "percent": round(100 * c["confidence"]),
                "why_text": words.why_text(c),
                "samples": samples[i] if i < len(samples) else [],
            }
            for i, c in enumerate(shown)
        ],
    }
    return render(request, "intake/columns.html", context, status=422 if problem else 200)


def _samples(extract: Extract) -> list[list[str]]:
    """Three texts of every column, sound numbers masked."""
    rows, _more = looking.page(extract)
    data = [r for r in rows if r.record][:3] or rows[1:4]
    if not data:
        return []
    return [[r.cells[i].text[:30] for r in data if r.cells[i].text] for i in range(len(data[0].cells))]


@access(Capability.INTAKE_SEND, purpose="确认列对应", writes=True)
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    extract = extract_of(pk)
    if request.method != "POST":
        return redirect("intake-columns", pk)
    code = request.POST.get("kind", "")
    width = number(request.POST.get("width")) or 0
    chosen = [request.POST.get(f"c{i}") or None for i in range(min(width, 400))]
    try:
        settle.confirm_columns(extract, code, chosen)
    except ValidationError as error:
        return _columns_page(request, extract_of(pk), code, error.messages[0], chosen)
    messages.success(request, _("已记住。正在按确认的列重新读取。"))
    return redirect("intake-columns", pk)


@access(Capability.INTAKE_READ, purpose="看名单明细")
def rows(request: HttpRequest, pk: int) -> HttpResponse:
    extract = extract_of(pk)
    wrong = request.GET.get("only") == "wrong"
    before, after = number(request.GET.get("before")), number(request.GET.get("after"))
    found, more = looking.page(extract, after or 0, wrong_only=wrong, before=before)
    record("view", kind="extract", key=extract.pk, details={"rows": len(found)})
    context = frame(extract, "rows") | {
        "rows": found,
        "headers": looking.headers(extract),
        "wrong": wrong,
        "next": found[-1].number if found and (more or before) else None,
        "previous": found[0].number if found and (after or (before and more)) else None,
        "row_kinds": [(words.ROW_KINDS.get(k, k), n) for k, n in extract.row_kinds.items()],
    }
    return render(request, "intake/rows.html", context)


@access(Capability.INTAKE_SEND, purpose="改正单元格", writes=True)
def row(request: HttpRequest, pk: int, row: int) -> HttpResponse:
    """One row, whole, to be put right; after a change typed again at once."""
    extract = extract_of(pk)
    problem = ""
    try:
        if request.method == "POST":
            problem = _save_row(request, extract, row)
            if not problem:
                messages.success(request, _("已改。这一行按新内容重新核对如下。"))
                return redirect("intake-row", pk, row)
        found = looking.again(extract, row) if extract.stale else looking.one(extract, row)
    except ValidationError as error:
        raise Http404(error.messages[0]) from error
    if problem:
        for cell in found.cells:
            cell.now = cell.text
            cell.text = request.POST.get(f"c{cell.column}", cell.text)
    record("view", kind="extract", key=extract.pk, details={"row": row, "whole": True})
    context = frame(extract, "rows") | {
        "row": found,
        "problem": problem,
        "neighbours": _neighbours(extract, row),
    }
    return render(request, "intake/row.html", context, status=422 if problem else 200)


def _save_row(request: HttpRequest, extract: Extract, row: int) -> str:
    """Save every changed cell of a row or, where one is refused, none; why not, else empty."""
    changed = 0
    try:
        with transaction.atomic():
            for name in request.POST:
                column = number(name[1:]) if name.startswith("c") else None
                old, new = request.POST.get(f"old{column}", ""), request.POST[name]
                if column is not None and settle.as_typed(new) != settle.as_typed(old):
                    changed += settle.edit_cell(extract, row, column, old, new) is not None
    except ValidationError as error:
        return str(error.messages[0])
    return "" if changed else _("没有改动。")


def _neighbours(extract: Extract, row: int) -> dict[str, int | None]:
    """The rows before and after this one that have problems."""
    wrong = extract.issues.filter(rank__lte=1, row__gt=extract.header_last)
    return {
        "next": wrong.filter(row__gt=row).order_by("row").values_list("row", flat=True).first(),
        "previous": wrong.filter(row__lt=row).order_by("-row").values_list("row", flat=True).first(),
    }


@access(Capability.INTAKE_READ, purpose="看名单问题")
def issues(request: HttpRequest, pk: int) -> HttpResponse:
    extract = extract_of(pk)
    rank, code = number(request.GET.get("rank")), request.GET.get("code", "")
    before, after = number(request.GET.get("before")), number(request.GET.get("after"))
    rank = rank if rank in words.SEVERITIES else None
    found, more = selectors.issues(extract, rank=rank, code=code, after=after, before=before)
    counts = selectors.issue_counts(extract)
    record("view", kind="extract", key=extract.pk, details={"issues": len(found)})
    context = frame(extract, "issues") | {
        "issues": looking.listed(extract, found),
        "codes": [
            c | {"text": words.issue_text(c["code"])} for c in counts if rank is None or c["rank"] == rank
        ],
        "ranks": [
            (r, s, (extract.errors, extract.warnings, extract.infos)[r]) for r, s in words.SEVERITIES.items()
        ],
        "rank": rank,
        "code": code,
        "next": found[-1].position if found and (more or before is not None) else None,
        "previous": found[0].position
        if found and (after is not None or (before is not None and more))
        else None,
    }
    return render(request, "intake/issues.html", context)


@access(Capability.INTAKE_READ, purpose="看名单经过")
def history(request: HttpRequest, pk: int) -> HttpResponse:
    extract = extract_of(pk)
    context = frame(extract, "history") | {
        "versions": selectors.versions(extract),
        "edits": extract.edits.order_by("-pk")[: selectors.PAGE],
    }
    return render(request, "intake/history.html", context)
