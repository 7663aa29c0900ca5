"""Write one audit event, in the transaction of what it tells of."""

from __future__ import annotations

from collections.abc import Iterable
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
    event = _event(action, kind, key, person, reason, details)
    event.save(force_insert=True)
    return event


def record_each(action: str, persons: Iterable[str], *, kind: str = "", key: object = "") -> None:
    """One event for every person whose record was seen at once, so that each can be told who looked; one query."""
    Event.objects.bulk_create([_event(action, kind, key, person, "", None) for person in persons])


def _event(
    action: str, kind: str, key: object, person: str, reason: str, details: dict[str, Any] | None
) -> Event:
    scope = current()
    return Event(
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
