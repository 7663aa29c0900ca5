"""Who sent what when, who is late, which lists the next run reads, how the runs went."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from chunfeng.apps.campaigns.models import Campaign
from chunfeng.apps.campaigns.selectors import chosen
from chunfeng.apps.campaigns.words import kind_name
from chunfeng.apps.gate.access import access
from chunfeng.apps.gate.capabilities import Capability
from chunfeng.apps.intake import owing, runs, selectors
from chunfeng.apps.intake.kinds import kinds_of
from chunfeng.apps.intake.models import Delivery, Run
from chunfeng.apps.places.days import today
from chunfeng.apps.places.models import Organisation
from chunfeng.apps.places.numbers import region_code
from chunfeng.apps.places.scope import current


def number(text: str | None) -> int | None:
    """A number from an address, None for anything else."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 16 else None


@access(Capability.INTAKE_READ, purpose="看报送情况")
def board(request: HttpRequest) -> HttpResponse:
    scope = current()
    code = region_code(scope.reach.low) if scope.reach.low else ""
    campaign = chosen(request)
    state = request.GET.get("state", "")
    page, more = selectors.deliveries(
        after=number(request.GET.get("after")), before=number(request.GET.get("before")), state=state
    )
    after, before = request.GET.get("after"), request.GET.get("before")
    tabs = [
        {
            "label": label,
            "url": f"?state={value}" if value else reverse("intake-board"),
            "current": state == value,
        }
        for value, label in (("", _("全部")), *Delivery.State.choices)
    ]
    context = {
        "campaign": campaign,
        "page": page,
        "tabs": tabs,
        "next": page[-1].pk if page and (more or before) else None,
        "previous": page[0].pk if page and (after or (before and more)) else None,
        "owed": _owed(campaign) if len(code) in (6, 9) else None,
        "counties": owing.by_county(scope.reach, campaign) if campaign and 0 < len(code) < 6 else None,
        "today": today(),
        "may_send": Capability.INTAKE_SEND in scope.capabilities,
    }
    return render(request, "intake/board.html", context)


def _owed(campaign: Campaign | None) -> dict[str, Any] | None:
    """What the reader's office is owed or owes itself: `open` needs looking at, `done` came in time; None for nothing."""
    own = current().organisation
    department = None
    if own is not None:
        department = Organisation.objects.filter(pk=own).values_list("department", flat=True).first() or ""
    found = owing.owed(current().reach, campaign, department=department)
    done = [each for each in found if each.state == "in" and not each.days_late]
    rest = [each for each in found if each not in done]
    late = sum(each.state == "late" for each in found)
    return {"open": owing.together(rest), "done": done, "late": late} if found else None


@access(Capability.INTAKE_READ, purpose="看现行名单")
def versions(request: HttpRequest) -> HttpResponse:
    kind = request.GET.get("kind", "")
    page, more = selectors.current_lists(after=number(request.GET.get("after")), kind=kind)
    kinds = kinds_of(region_code(current().reach.low)[:6].ljust(6, "0"))
    for each in page:
        each.kind_name = kind_name(kinds[each.kind]) if each.kind in kinds else each.kind
    context = {
        "page": page,
        "next": page[-1].pk if more else None,
        "kinds": sorted(((k.code, kind_name(k)) for k in kinds.values()), key=lambda k: k[1]),
        "kind": kind,
    }
    return render(request, "intake/versions.html", context)


@access(Capability.INTAKE_READ, purpose="看比对运行")
def run_list(request: HttpRequest) -> HttpResponse:
    found = _runs()
    return render(
        request, "intake/runs.html", {"runs": found, "open": any(r.state in runs.OPEN for r in found)}
    )


@access(Capability.INTAKE_READ, purpose="看运行进度")
def run_progress(request: HttpRequest) -> HttpResponse:
    """The part of the page that renews itself while something runs."""
    found = _runs()
    is_open = any(r.state in runs.OPEN for r in found)
    return render(request, "intake/run_table.html", {"runs": found, "open": is_open})


def _runs() -> list[Run]:
    """The last runs; 404 for organisations that hand in: what a county makes of all lists is the offices' affair."""
    if not current().sees(Run.realm):
        raise Http404
    return selectors.latest_runs()
