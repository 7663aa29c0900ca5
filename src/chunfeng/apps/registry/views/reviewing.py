"""The review queue: one group after another, side by side, by keyboard or by form."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from chunfeng.apps.audit.record import record, record_each
from chunfeng.apps.gate.access import access
from chunfeng.apps.gate.capabilities import Capability
from chunfeng.apps.places.scope import current
from chunfeng.apps.registry import review
from chunfeng.apps.registry.forms import REASONS, ReasonForm
from chunfeng.apps.registry.models import Doubt, Inquiry
from chunfeng.apps.registry.services import decisions
from chunfeng.apps.registry.services import review as services
from chunfeng.apps.registry.views import tabs

_REASON = "review_reason"


@access(Capability.REGISTRY_REVIEW, purpose="判定疑似同一人")
def queue(request: HttpRequest) -> HttpResponse:
    """All groups that wait, and how far the work is."""
    waiting = request.GET.get("waiting") == "1"
    after = request.GET.get("after", "")
    found = review.groups(_number(after), waiting=waiting)
    more = len(found) > review.PAGE
    done, left = review.progress()
    record("list", kind="doubts", details={"waiting": waiting, "shown": min(len(found), review.PAGE)})
    context = {
        "groups": found[: review.PAGE],
        "next": str(found[review.PAGE - 1].first) if more else "",
        "done": done,
        "left": left,
        "all": done + left,
        "waiting": waiting,
        "tabs": tabs.halves("registry-review", "waiting", (_("待判定"), _("等村里回话")), waiting),
    }
    return render(request, "registry/review.html", context)


@require_POST
@access(Capability.REGISTRY_REVIEW, purpose="判定疑似同一人", writes=True)
def begin(request: HttpRequest) -> HttpResponse:
    """Take the next free group, after the one given where a clerk skips it."""
    after = request.POST.get("after", "")
    if (left := _doubt(request.POST.get("leave", ""))) and (table := review.table(left.pk)):
        services.release(table.group.county, table.group.name)
    pk = services.take_next(_number(after))
    if pk is None:
        messages.success(request, _("没有别的待判定了；跳过的、别人正在判的除外。"))
        return redirect("registry-review")
    return redirect("registry-review-group", pk=pk)


@access(Capability.REGISTRY_REVIEW, purpose="判定疑似同一人", writes=True)
def group(request: HttpRequest, pk: int) -> HttpResponse:
    """One group side by side. Whoever opens it has it for ten minutes; others see who has."""
    table = review.table(pk)
    if table is None:
        if Doubt.objects.filter(pk=pk).exists():
            raise Http404
        messages.info(request, _("这一组已经判完，或新的比对里不再有疑问。"))
        return redirect("registry-review")
    held_by = review.holds([(table.group.county, table.group.name)]).get(
        (table.group.county, table.group.name)
    )
    if not held_by and table.rows and not services.hold(table.group.county, table.group.name, table.group.at):
        held_by = _("另一位经办")
    if not table.rows and not request.htmx:
        return render(request, "registry/group.html", _context(request, table, held_by or ""))
    persons = {str(c.doubt.person_id) for r in table.rows for c in r.candidates if c.doubt.person_id}
    record_each("view", sorted(persons) or [""], kind="doubts", key=pk)
    return render(request, "registry/group.html", _context(request, table, held_by or ""))


def _context(request: HttpRequest, table: review.Table, held_by: str) -> dict[str, object]:
    last = next((d for d in table.decided if d.in_force), None)
    return {
        "table": table,
        "held_by": held_by,
        "reasons": REASONS,
        "reason": request.session.get(_REASON, ""),
        "last": last,
        "keys": [
            ("j", _("下一行")),
            ("k", _("上一行")),
            ("y", _("是同一人")),
            ("1–9", _("选第几个人")),
            ("n", _("都不是")),
            ("s", _("跳过这组")),
            ("u", _("撤销上一次")),
        ],
    }


@require_POST
@access(Capability.REGISTRY_REVIEW, purpose="判定疑似同一人", writes=True)
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Settle one row or several of a group: `row-FINGERPRINT` = a person's key, or none."""
    table = review.table(pk)
    if table is None:
        raise Http404
    form = ReasonForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("请先写明理由，至少 4 个字：怎么核实的。"))
        return redirect("registry-review-group", pk=pk)
    reason = form.cleaned_data["reason"]
    request.session[_REASON] = reason
    if held_by := review.holds([(table.group.county, table.group.name)]):
        messages.error(request, _("没有保存：%(who)s 正在判这一组。") % {"who": next(iter(held_by.values()))})
        return redirect("registry-review-group", pk=pk)
    answers = {
        name.removeprefix("row-"): None if value == "none" else int(value)
        for name, value in request.POST.items()
        if name.startswith("row-") and (value == "none" or _number(value))
    }
    if not answers:
        messages.error(request, _("还没有选：每行选一个人，或“都不是”。"))
        return redirect("registry-review-group", pk=pk)
    near = list(Doubt.objects.mine().filter(county=table.group.county, fingerprint__in=list(answers)))
    try:
        if not near:
            raise decisions.Refused(_("这一行已不在待判定之列，请刷新页面。"))
        decisions.settle(near, answers, reason, _number(request.POST.get("seen", "")))
    except decisions.Stale as stale:
        return _stale(request, stale, pk)
    except decisions.Refused as refused:
        messages.error(request, str(refused))
        return redirect("registry-review-group", pk=pk)
    messages.success(request, _("已判定 %(count)d 行，下一次比对起生效。") % {"count": len(answers)})
    if table.group.rows > len(answers):
        return redirect("registry-review-group", pk=pk)
    services.release(table.group.county, table.group.name)
    following = services.take_next(0)
    return redirect("registry-review-group", pk=following) if following else redirect("registry-review")


def _stale(request: HttpRequest, stale: decisions.Stale, pk: int) -> HttpResponse:
    context = {"decisions": stale.decisions, "back": reverse("registry-review-group", args=[pk])}
    return render(request, "registry/stale.html", context, status=409)


@require_POST
@access(Capability.REGISTRY_REVIEW, purpose="撤销判定", writes=True)
def undo(request: HttpRequest, deed: uuid.UUID) -> HttpResponse:
    """Take back what was decided at one stroke."""
    form = ReasonForm(request.POST)
    back = request.POST.get("back", "")
    target = (
        reverse("registry-review-group", args=[_number(back)])
        if _number(back)
        else reverse("registry-decisions")
    )
    if not form.is_valid():
        messages.error(request, _("请写明撤销的理由，至少 4 个字。"))
        return redirect(target)
    try:
        taken_back = decisions.undo(deed, form.cleaned_data["reason"])
    except decisions.Stale as stale:
        if not stale.decisions:
            raise Http404 from stale
        context = {"decisions": stale.decisions, "back": target}
        return render(request, "registry/stale.html", context, status=409)
    messages.success(
        request, _("已撤销 %(count)d 条决定，下一次比对起恢复原样。") % {"count": len(taken_back)}
    )
    return redirect(target)


@require_POST
@access(Capability.REGISTRY_REVIEW, purpose="请村里核实", writes=True)
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the village about one row; it stands back in the queue until the answer is there."""
    doubt = Doubt.objects.mine().filter(pk=pk).first()
    if doubt is None:
        raise Http404
    question = " ".join(request.POST.get("question", "").split())[:300]
    table = review.table(pk)
    try:
        if len(question) < 4:
            raise decisions.Refused(_("请写明要问什么，至少 4 个字。"))
        services.ask_village(doubt, table.group.at if table else doubt.place, question)
        messages.success(request, _("已请村里核实；有回话前，这一行排在“等村里回话”里。"))
    except decisions.Refused as refused:
        messages.error(request, str(refused))
    return redirect("registry-review-group", pk=pk)


@access(Capability.REGISTRY_CORRECT, purpose="回答核实问题", writes=True)
def inquiries(request: HttpRequest) -> HttpResponse:
    """What the offices above ask a village or town about its people."""
    if request.method == "POST":
        text = " ".join(request.POST.get("answer", "").split())[:300]
        number = request.POST.get("inquiry", "")
        try:
            if len(text) < 2 or not _number(number):
                raise decisions.Refused(_("请写一句回话。"))
            services.answer(_number(number), text)
            messages.success(request, _("已回话，经办会据此判定。"))
        except decisions.Refused as refused:
            messages.error(request, str(refused))
        return redirect("registry-inquiries")
    done = request.GET.get("done") == "1"
    found = Inquiry.objects.mine().filter(answered_at__isnull=not done).select_related("by", "answered_by")
    shown = list(found.order_by("-pk")[:50])
    record("list", kind="inquiry", details={"answered": done, "shown": len(shown)})
    context = {
        "inquiries": shown,
        "done": done,
        "tabs": tabs.halves("registry-inquiries", "done", (_("待回话"), _("已回话")), done),
        "mine": current().reach,
    }
    return render(request, "registry/inquiries.html", context)


def _doubt(text: str) -> Doubt | None:
    return Doubt.objects.mine().filter(pk=_number(text)).first()


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 19 else 0
