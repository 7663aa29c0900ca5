"""Reading users within reach."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import Prefetch, Q, QuerySet
from django.utils import timezone

from chunfeng.apps.accounts import granting
from chunfeng.apps.accounts.models import Membership, User

PAGE = 50


@dataclass(frozen=True)
class Row:
    """A user as the list shows them."""

    user: User
    hats: list[Membership]


def users(
    filters: dict[str, Any], after: int | None, before: int | None
) -> tuple[list[Row], int | None, int | None]:
    """One page of the users within reach, by number, and the numbers to go on and back from."""
    found = _filtered(filters).prefetch_related(_hats())
    if before is not None:
        rows = list(found.filter(pk__lt=before).order_by("-pk")[: PAGE + 1])
        back, rows = len(rows) > PAGE, rows[:PAGE][::-1]
        forward = True
    else:
        rows = list(found.filter(pk__gt=after or 0).order_by("pk")[: PAGE + 1])
        forward, rows = len(rows) > PAGE, rows[:PAGE]
        back = after is not None
    shown = [Row(user, user.living) for user in rows]
    return shown, rows[-1].pk if rows and forward else None, rows[0].pk if rows and back else None


def count(filters: dict[str, Any]) -> str:
    """How many, as far as it is worth counting."""
    number = _filtered(filters)[:1_001].count()
    return "1000+" if number > 1_000 else str(number)


def _filtered(filters: dict[str, Any]) -> QuerySet[User]:
    found = granting.visible()
    if text := filters.get("q"):
        found = found.filter(Q(name__icontains=text) | Q(username__icontains=text))
    if role := filters.get("role"):
        found = found.filter(
            pk__in=Membership.objects.filter(role=role).valid_on(timezone.localdate()).values("user")
        )
    if state := filters.get("state"):
        found = found.filter(is_active=state == "open")
    return found


def _hats() -> Prefetch:
    living = (
        Membership.objects.valid_on(timezone.localdate())
        .select_related("role", "region", "organisation", "on_behalf_of")
        .order_by("pk")
    )
    return Prefetch("memberships", living, "living")


def locked(user: User) -> bool:
    """Whether sign-in is locked after failed attempts."""
    since = timezone.now() - timedelta(hours=settings.AXES_COOLOFF_TIME)
    return AccessAttempt.objects.filter(
        username=user.username,
        attempt_time__gt=since,
        failures_since_start__gte=settings.AXES_FAILURE_LIMIT,
    ).exists()
