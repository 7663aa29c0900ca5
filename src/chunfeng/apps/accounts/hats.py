"""Which hat a signed-in user wears now, and the scope that comes with it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from django.db.models import F
from django.http import HttpRequest
from django.utils import timezone

from chunfeng.apps.accounts.models import Membership, User
from chunfeng.apps.places.numbers import NOWHERE
from chunfeng.apps.places.scope import NO_EMPLOYER, Scope

SESSION_KEY = "hat"


@dataclass(frozen=True)
class Worn:
    """The hats a user has today and the one worn, None when there is none."""

    hats: tuple[Membership, ...]
    hat: Membership | None


def worn(user: User, chosen: int | None, day: date | None = None) -> Worn:
    """The hats of a day; the chosen one if it may still be worn, otherwise the first."""
    hats = tuple(
        Membership.objects.filter(user=user)
        .valid_on(day or timezone.localdate())
        .select_related("role", "region", "organisation", "on_behalf_of")
        .order_by(F("on_behalf_of").asc(nulls_first=True), "pk")  # own hats before borrowed ones
    )
    hat = next((hat for hat in hats if hat.pk == chosen), hats[0] if hats else None)
    return Worn(hats, hat)


def scope_of(user: User, hat: Membership | None, request: HttpRequest, purpose: str) -> Scope:
    """The scope a hat gives; without one, nothing is in reach."""
    request_id = getattr(request, "request_id", "")
    address = request.META.get("REMOTE_ADDR", "")
    if hat is None:
        return Scope(NOWHERE, "none", purpose, user.pk, request_id=request_id, address=address)
    return replace(scope_of_hat(hat, purpose), request_id=request_id, address=address)


def scope_of_hat(hat: Membership, purpose: str) -> Scope:
    """The scope of whoever wears this hat, for a job done in their name."""
    own_only = hat.role.own_organisation_only
    return Scope(
        hat.region.reach,
        hat.role.code,
        purpose,
        hat.user_id,
        organisation=(hat.organisation_id or 0) if own_only else None,
        employer=(hat.organisation.credit_code or NO_EMPLOYER) if own_only and hat.organisation else None,
        capabilities=frozenset(hat.role.capabilities),
        on_behalf_of=hat.on_behalf_of_id,
    )
