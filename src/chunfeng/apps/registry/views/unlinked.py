"""Rows of lists that are nobody's: what they say is not enough to tell whose they are."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from chunfeng.apps.audit.record import record
from chunfeng.apps.gate.access import access
from chunfeng.apps.gate.capabilities import Capability
from chunfeng.apps.places.models import Region
from chunfeng.apps.registry import keyset, lists
from chunfeng.apps.registry.models import Claim


@access(Capability.REGISTRY_READ, purpose="看没有归到人的行")
def unlinked(request: HttpRequest) -> HttpResponse:
    """A page of them in one's reach, or in the part of it that `?place=` names."""
    region = Region.objects.filter(code=request.GET.get("place", "")[:12]).first()
    where = lists.within(region)
    found = Claim.objects.filter(person=None, place__gte=where.low, place__lt=where.high)
    page = keyset.page(
        found, ("place", "id"), after=request.GET.get("after", ""), before=request.GET.get("before", "")
    )
    record("list", kind="row", key=region.code if region else "", details={"shown": len(page.rows)})
    context = {"page": page, "region": region, "count": keyset.counted(found, page)}
    return render(request, "registry/unlinked.html", context)
