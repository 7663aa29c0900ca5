"""The persons behind a figure."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode

from chunfeng.apps.audit.record import record
from chunfeng.apps.campaigns.selectors import region_in_reach
from chunfeng.apps.desk import tallies, visits
from chunfeng.apps.desk.measures import TO_CALL, measures
from chunfeng.apps.desk.views.person import as_of
from chunfeng.apps.gate.access import access
from chunfeng.apps.gate.capabilities import Capability
from chunfeng.apps.registry import keyset, selectors
from chunfeng.apps.registry.models import Person


@access(Capability.REGISTRY_READ, purpose="看名单")
def listing(request: HttpRequest, measure: str, code: int) -> HttpResponse:
    """One page of it; where the registry's own list can show the same, that one with its filters."""
    region = region_in_reach(code)
    asked = measures().get(measure)
    if asked is None:
        raise Http404
    unplaced = request.GET.get("unplaced") == "1"  # those of whom no list tells the town or village
    if asked.query is not None and not unplaced:
        query = {**asked.query, "place": region.code}
        return redirect(f"{reverse('registry')}?{urlencode(query)}")
    low, high = region.reach
    high = low + 1 if unplaced else high
    people = Person.objects.filter(asked.where(), place__gte=low, place__lt=high, gone=None)
    page = keyset.page(
        selectors.masked(people),
        ("place", "key"),
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
    )
    errand = measure == TO_CALL
    record("list", kind="person", key=f"{measure}/{region.code}", details={"shown": len(page.rows)})
    context = {
        "errand": errand,
        "compared": bool(page.rows) or tallies.figures(region).counts is not None,
        "lines": [(v.person, v.reasons) for v in visits.told(page.rows)]
        if errand
        else [(person, None) for person in page.rows],
        "measure": asked,
        "region": region,
        "unplaced": unplaced,
        "page": page,
        "count": keyset.counted(people, page),
        "as_of": as_of(page.rows[0]) if page.rows else None,
    }
    return render(request, "desk/list.html", context)
