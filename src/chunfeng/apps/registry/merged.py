"""Records that people merged into others: where what was said of them belongs now."""

from __future__ import annotations

from chunfeng.apps.registry.models import Decision


def into(county: str) -> dict[int, int]:
    """Record merged away → the record it is part of now, through as many merges as there were. One query."""
    merges = Decision.objects.filter(county=county, undone_at=None).exclude(absorbed=None).order_by("pk")
    steps = dict(merges.values_list("absorbed", "person"))
    return {record: last(steps, record) for record in steps}


def heir(key: int) -> int | None:
    """The record this one was merged into, None where it was not. One query."""
    return into(str(key)[:6]).get(key)


def last(steps: dict[int, int], record: int) -> int:
    """The end of the way from a record; a circle is left where it began.

    >>> last({1: 2, 2: 3}, 1)
    3
    """
    seen = {record}
    while (following := steps.get(record)) is not None and following not in seen:
        record = following
        seen.add(record)
    return record
