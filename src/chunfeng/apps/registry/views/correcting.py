"""Corrections by staff, masked numbers in full, and one person in two counties."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from chunfeng.apps.audit import reveal as revealing
from chunfeng.apps.audit.record import record
from chunfeng.apps.gate.access import access
from chunfeng.apps.gate.capabilities import Capability
from chunfeng.apps.places.scope import current
from chunfeng.apps.registry import corrected, keyset, selectors, words
from chunfeng.apps.registry.forms import CorrectionForm, ReasonForm
from chunfeng.apps.registry.models import Person, SamePerson, SameVoice
from chunfeng.apps.registry.services import corrections, decisions
from chunfeng.apps.registry.services import same as services
from chunfeng.apps.registry.templatetags.registry import person_url
from chunfeng.apps.registry.views import tabs


@access(Capability.REGISTRY_CORRECT, purpose="更正人员信息", writes=True)
def correct(request: HttpRequest, key: int) -> HttpResponse:
    """Correct one field, with what was seen; corrections made so far, each with its undo."""
    person = Person.objects.mine().filter(pk=key).first()
    if person is None:
        raise Http404
    form = CorrectionForm(request.POST or None, initial={"field": request.GET.get("field", "")})
    fields = corrected.correctable(bool(person.id18_index))
    form.fields["field"].choices = [("", "—"), *((name, words.FIELDS[name]) for name in fields)]  # type: ignore[attr-defined]
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            corrections.correct(person, given["field"], given["value"], given["evidence"], given["reason"])
        except decisions.Stale as stale:
            context = {"corrections": stale.decisions, "back": reverse("registry-correct", args=[key])}
            return render(request, "registry/stale.html", context, status=409)
        except decisions.Refused as refused:
            form.add_error("value", str(refused))
        else:
            messages.success(request, _("已更正，下一次比对起采用；在那之前标为“待生效”。"))
            return redirect(person_url(key))
    if request.method == "GET":
        record("view", kind="person", key=key, person=str(key), details={"page": "correct"})
    said = list(person.corrections.select_related("by", "undone_by").order_by("-pk")[:50])
    told = [(c, words.FIELDS.get(c.field, c.field), words.masked(c.field, c.value)) for c in said]
    context = {"person": person, "form": form, "said": told, "record": selectors.person(person)}
    return render(request, "registry/correct.html", context, status=422 if form.errors else 200)


@require_POST
@access(Capability.REGISTRY_CORRECT, purpose="撤销更正", writes=True)
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a correction back."""
    form = ReasonForm(request.POST)
    back = request.POST.get("person", "")
    try:
        if not form.is_valid():
            raise decisions.Refused(_("请写明撤销的理由，至少 4 个字。"))
        found = corrections.undo(pk, form.cleaned_data["reason"])
    except decisions.Refused as refused:
        messages.error(request, str(refused))
        known = back.isdecimal() and len(back) < 19
        return redirect("registry-correct", key=int(back)) if known else redirect("registry")
    messages.success(request, _("已撤销更正，下一次比对起恢复名单上的值。"))
    return redirect("registry-correct", key=found.person_id)


@require_POST
@access(Capability.REGISTRY_REVEAL, purpose="查看完整号码", writes=True)
def reveal(request: HttpRequest, key: int) -> HttpResponse:
    """One number in full, with a reason: in place of its mask, or on a page of its own."""
    person = selectors.find(key)
    field = request.POST.get("field", "")
    if person is None or field not in words.MASKED:
        raise Http404
    try:
        revealing.reveal("person", key, key, field, request.POST.get("reason", ""))
    except revealing.Refused as refused:
        context = {"person": person, "field": field, "label": words.FIELDS[field], "refused": str(refused)}
    else:
        context = {
            "person": person,
            "field": field,
            "label": words.FIELDS[field],
            "value": getattr(person, field) or "",
        }
    response = render(request, f"registry/revealed{'_part' if request.htmx else ''}.html", context)
    response["Cache-Control"] = "no-store"
    return response


@access(Capability.REGISTRY_READ, purpose="看跨县同一人")
def same(request: HttpRequest) -> HttpResponse:
    """Pairs of records in two counties with one citizen number: those to be settled, or (`?settled=1`) the others."""
    done = request.GET.get("settled") == "1"
    page = keyset.page(
        selectors.pairs(done).prefetch_related("voices__by"),
        ("id",),
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
    )
    found = page.rows
    record("list", kind="same_person", details={"settled": done, "shown": len(found)})
    people = {p.pk: p for p in Person.objects.filter(pk__in={k for s in found for k in (s.first, s.second)})}
    lines = [
        {
            "pair": pair,
            "sides": [
                (key, people.get(key), words.region(str(key)[:6])) for key in (pair.first, pair.second)
            ],
            "voices": (voices := [v for v in pair.voices.all() if v.in_force]),
            "settled": selectors.settled(voices),
            "may": services.speaks_for(pair) and not any(v.behind & current().behind for v in voices),
            "mine": any(v.by_id == current().actor for v in voices),
        }
        for pair in found
    ]
    held = current().capabilities
    approves, reviews = Capability.REGISTRY_APPROVE in held, Capability.REGISTRY_REVIEW in held
    context = {
        "lines": lines,
        "page": page,
        "tabs": tabs.halves("registry-same", "settled", (_("待认定"), _("已认定")), done),
        "may": approves or reviews,
        "speak": "registry-same-approve" if approves else "registry-same-say",
    }
    return render(request, "registry/same.html", context)


def _say(request: HttpRequest, pk: int) -> HttpResponse:
    pair = SamePerson.objects.filter(pk=pk).first()
    if pair is None:
        raise Http404
    form = ReasonForm(request.POST)
    said = request.POST.get("said", "")
    try:
        if not form.is_valid():
            raise decisions.Refused(_("请写明理由，至少 4 个字。"))
        if said == "withdraw":
            services.withdraw(pair, form.cleaned_data["reason"])
            messages.success(request, _("已撤回您的意见。"))
        elif said in SameVoice.Said.values:
            services.say(pair, said, form.cleaned_data["reason"])
            messages.success(request, _("已记下您的意见；两县各有一人意见相同，才算定。"))
        else:
            raise Http404
    except decisions.Refused as refused:
        messages.error(request, str(refused))
    return redirect("registry-same")


say = require_POST(access(Capability.REGISTRY_REVIEW, purpose="跨县同一人表态", writes=True)(_say))
approve = require_POST(access(Capability.REGISTRY_APPROVE, purpose="跨县同一人复核", writes=True)(_say))
