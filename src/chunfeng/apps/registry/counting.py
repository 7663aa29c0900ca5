"""How many persons there are per place, for maps and overviews."""

from __future__ import annotations

from collections.abc import Callable

from django.db.models import Count, F, Q

from chunfeng.apps.places.scope import current
from chunfeng.apps.registry.models import Person

DIGITS = {"city": 8, "county": 6, "town": 3, "village": 0}
"""Level → digits of a place number below it."""
WHAT: dict[str, Callable[[str], Q]] = {
    "persons": lambda code: Q(),
    "doubts": lambda code: Q(doubts__gt=0),
    "findings": lambda code: Q(findings__gt=0),
    "without_id": lambda code: Q(id18_index=None),
    "yes": lambda code: Q(categories__contains=[code]) if code else ~Q(categories=[]),
    "unknown": lambda code: Q(open_categories__contains=[code]) if code else ~Q(open_categories=[]),
    "target": lambda code: Q(targets__contains=[code]) if code else ~Q(targets=[]),
}


def counts_by_place(
    level: str, what: str = "persons", low: int | None = None, high: int | None = None
) -> dict[int, int]:
    """Place number at `level` (city, county, town, village) → persons there, of the places this office answers for.

    `what`: one of WHAT, with a code after a colon where it takes one (`yes:A1`, `target:T01`). `low`, `high`: only places
    in this range. One query over the persons in it; keep the result where a page is seen often.
    """
    name, _, code = what.partition(":")
    reach = current().reach
    inside = Person.objects.filter(
        place__gte=max(low or 0, reach.low), place__lt=min(high or reach.high, reach.high), gone=None
    )
    unit = 10 ** DIGITS[level]
    rows = (
        inside.filter(WHAT[name](code))
        .annotate(unit=F("place") / unit)
        .values_list("unit")
        .annotate(n=Count("pk"))
    )
    return {int(at) * unit: count for at, count in rows.order_by()}
