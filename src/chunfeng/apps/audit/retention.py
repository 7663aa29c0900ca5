"""How long each kind of record is kept, and what is past its time.

A room names its own in its AppConfig.ready: `retention.keep(...)`. Nothing is deleted by itself: `manage retention`
lists what would go; with --apply it goes, except where the law wants it kept by the owner (`by_owner`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Min, QuerySet
from django.utils import timezone


@dataclass(frozen=True)
class Kept:
    """`rows(before)`: the rows that may go, as of a moment; `time`: the field their age is told by; `why`: the rule."""

    name: Any
    days: int
    rows: Callable[[datetime], QuerySet[Any]]
    time: str
    why: str
    by_owner: bool = False


@dataclass(frozen=True)
class Due:
    """What of one kind is past its time."""

    kept: Kept
    before: datetime
    count: int
    oldest: datetime | None


_kept: list[Kept] = []


def keep(kept: Kept) -> None:
    """Name how long something is kept."""
    _kept.append(kept)


def due(now: datetime | None = None) -> list[Due]:
    """What would be deleted today, kind by kind. In a scope that reaches it."""
    found = []
    for kept in _kept:
        before = (now or timezone.now()) - timedelta(days=kept.days)
        rows = kept.rows(before)
        found.append(Due(kept, before, rows.count(), rows.aggregate(oldest=Min(kept.time))["oldest"]))
    return found


def apply(one: Due) -> int:
    """Delete it; how many rows. Nothing for what only the owner of the tables may delete."""
    if one.kept.by_owner:
        return 0
    return sum(one.kept.rows(one.before).delete()[1].values())
