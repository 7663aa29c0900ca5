"""Write one audit event, in the transaction of what it tells of."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from chunfeng.apps.audit.models import Event
from chunfeng.apps.places.scope import current


def record(
    action: str,
    *,
    kind: str = "",
    key: object = "",
    person: str = "",
    reason: str = "",
    details: dict[str, Any] | None = None,
) -> Event:
    """Add an event in the current scope, which says who, in which role, where and to what end.

    `action`: verb, such as view, search, reveal, merge; `kind` and `key`: what it was done to; `person`: whose record;
    `details`: field names and digests, never personal values.
    """
    scope = current()
    return Event.objects.create(
        at=timezone.now(),
        actor=scope.actor,
        on_behalf_of=scope.on_behalf_of,
        role=scope.role,
        low=scope.reach.low,
        high=scope.reach.high,
        action=action,
        purpose=scope.purpose,
        kind=kind,
        key=str(key),
        person=person,
        reason=reason,
        details=details or {},
        address=scope.address,
        request=scope.request_id,
    )
