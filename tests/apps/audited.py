"""What the audit holds, as who sees all of it reads it."""

from __future__ import annotations

from typing import Any


def events(**wanted: Any) -> list[Any]:
    """Events with these values, oldest first."""
    from chunfeng.apps.audit.models import Event
    from chunfeng.apps.places.scope import use, whole_province

    with use(whole_province("test", "test")):
        return list(Event.objects.filter(**wanted).order_by("pk"))
