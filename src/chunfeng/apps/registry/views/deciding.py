"""Decisions made, rows of a person, splitting, merging."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from chunfeng.apps.audit.record import record
from chunfeng.apps.gate.access import access
from chunfeng.apps.gate.capabilities import Capability
from chunfeng.apps.places.scope import current
from chunfeng.apps.registry import keyset, lists, selectors, words
from chunfeng.apps.registry.forms import MergeForm, ReasonForm
from chunfeng.apps.registry.models import Claim, Decision, Finding, Person, person_key
from chunfeng.apps.registry.services import decisions, rows
from chunfeng.apps.registry.sides import cells_of
from chunfeng.apps.registry.templatetags.registry import person_url


@access(Capability.REGISTRY_READ, purpose="看人工决定")
def made(request: HttpRequest) -> HttpResponse:
    """What people decided, latest first, each with its undo."""
    found = Decision.objects.mine().select_related("by", "undone_by").order_by("-pk")
    before = request.GET.get("after", "")
    if before.isdecimal() and len(before) < 19:
        found = found.filter(pk__lt=int(before))
    shown = list(found[: keyset.PAGE + 1])
    people = Person.objects.filter(pk__in={d.person for d in shown})
    names = dict(people.values_list("pk", "name"))
    firsts: set[Any] = set()
    lines = []
    for decision in shown[: keyset.PAGE]:
        lines.append((decision, names.get(decision.person, ""), decision.deed not in firsts))
        firsts.add(decision.deed)
    record("list", kind="decision", details={"shown": len(lines)})
    context = {
        "lines": lines,
        "next": str(shown[keyset.PAGE - 1].pk) if len(shown) > keyset.PAGE else "",
        "may_undo": Capability.REGISTRY_REVIEW in current().capabilities,
    }
    return render(request, "registry/decisions.html", context)


@access(Capability.REGISTRY_READ, purpose="看人员的名单行")
def of_person(request: HttpRequest, key: int) -> HttpResponse:
    """Rows of lists that are this person, to be split off, given to another, or all joined with another record."""
    person = _person(key)
    record("view", kind="rows", key=key, person=str(key))
    return render(request, "registry/rows.html", _rows_context(person, ReasonForm(), MergeForm()))


def _rows_context(person: Person, split: ReasonForm, merge: MergeForm) -> dict[str, Any]:
    own = current().reach.holds(person.place)
    return {
        "person": person,
        "departments": selectors.claims(person),
        "split": split,
        "merge": merge,
        "may": own and Capability.REGISTRY_REVIEW in current().capabilities,
        "shown": selectors.CLAIMS_SHOWN,
    }


@access(Capability.REGISTRY_READ, purpose="看名单行的内容")
def row(request: HttpRequest, pk: int) -> HttpResponse:
    """All cells of one row, as read, numbers masked."""
    claim = Claim.objects.filter(pk=pk).first()
    if claim is None:
        raise Http404
    try:
        cells = cells_of(rows.cells(claim.county, claim))
    except rows.NoFiles:
        cells = []
    record("view", kind="row", key=pk, person=str(claim.person_id or ""))
    return render(request, "registry/row.html", {"claim": claim, "cells": cells})


@require_POST
@access(Capability.REGISTRY_REVIEW, purpose="拆分人员", writes=True)
def split(request: HttpRequest, key: int) -> HttpResponse:
    """Split rows off, into a person of their own or to another person of the county."""
    person = _own(key)
    form = MergeForm(request.POST) if request.POST.get("other") else ReasonForm(request.POST)
    chosen = [int(pk) for pk in request.POST.getlist("claim") if pk.isdecimal() and len(pk) < 19]
    claims = list(Claim.objects.mine().filter(person=person, pk__in=chosen))
    if not form.is_valid():
        return _again(request, person, _("；").join(e for errors in form.errors.values() for e in errors))
    try:
        if "other" in form.cleaned_data:
            decisions.give(
                person, claims, _other(person, form.cleaned_data["other"]), form.cleaned_data["reason"]
            )
        else:
            decisions.split(person, claims, form.cleaned_data["reason"])
    except decisions.Stale as stale:
        return _stale(request, stale, key)
    except decisions.Refused as refused:
        return _again(request, person, str(refused))
    messages.success(
        request, _("已拆分 %(count)d 行，下一次比对起生效；可在“已作的决定”里撤销。") % {"count": len(claims)}
    )
    return redirect(person_url(key))


@require_POST
@access(Capability.REGISTRY_REVIEW, purpose="合并人员", writes=True)
def merge(request: HttpRequest, key: int) -> HttpResponse:
    """Join another record of the county into this one."""
    person = _own(key)
    form = MergeForm(request.POST)
    if not form.is_valid():
        return _again(request, person, _("；").join(e for errors in form.errors.values() for e in errors))
    try:
        decisions.merge(person, _other(person, form.cleaned_data["other"]), form.cleaned_data["reason"])
    except decisions.Stale as stale:
        return _stale(request, stale, key)
    except decisions.Refused as refused:
        return _again(request, person, str(refused))
    messages.success(request, _("已合并，下一次比对起生效；可在“已作的决定”里撤销。"))
    return redirect(person_url(key))


@access(Capability.REGISTRY_READ, purpose="看比对疑点")
def findings(request: HttpRequest) -> HttpResponse:
    """What lists held against each other show, by kind; a page at a time."""
    kind = request.GET.get("kind", "")[:40]
    found = Finding.objects.mine().select_related("person")
    counts = dict(found.values_list("kind").annotate(n=Count("pk")).order_by("kind"))
    chosen = found.filter(kind=kind) if kind else found
    page = keyset.page(
        selectors.masked(chosen, "person__"),
        ("kind", "place", "id"),
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
    )
    record("list", kind="finding", details={"kind": kind, "shown": len(page.rows)})
    context = {
        "page": page,
        "kind": kind,
        "kinds": sorted(((k, words.finding(k), n) for k, n in counts.items()), key=lambda each: -each[2]),
        "may_export": Capability.EXPORT in current().capabilities,
        "count": counts.get(kind, 0) if kind else sum(counts.values()),
        "compared": bool(counts) or lists.last_run() is not None,
    }
    return render(request, "registry/findings.html", context)


def _person(key: int) -> Person:
    person = selectors.find(key)
    if person is None:
        raise Http404
    return person


def _own(key: int) -> Person:
    person = _person(key)
    if not current().reach.holds(person.place):
        raise Http404
    return person


def _other(person: Person, number: int) -> Person:
    other = Person.objects.mine().filter(pk=person_key(person.county, str(number))).first()
    if other is None:
        raise decisions.Refused(_("您的范围内没有这个编号的人。"))
    return other


def _again(request: HttpRequest, person: Person, message: str) -> HttpResponse:
    messages.error(request, message)
    return redirect("registry-rows", key=person.pk)


def _stale(request: HttpRequest, stale: decisions.Stale, key: int) -> HttpResponse:
    context = {"decisions": stale.decisions, "back": reverse("registry-rows", args=[key])}
    return render(request, "registry/stale.html", context, status=409)
