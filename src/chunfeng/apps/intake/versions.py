"""Which extracts are versions of one list, and whether one looks like the next version of those before it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from chunfeng.apps.intake import brakes
from chunfeng.apps.intake.models import Extract
from chunfeng.apps.intake.tables import typed
from chunfeng.engines.sheets.kinds import Kind


def series_of(extract: Extract, kind: Kind | None) -> str:
    """What one list has in common with its next version: kind, sender, the place it speaks of; the month where months add up."""
    if kind is None:
        return ""
    month = f"{extract.period:%Y-%m}" if kind.series and extract.period else ""
    return f"{kind.code}|{extract.organisation_id or 0}|{extract.region or extract.place}|{month}"


def earlier_versions(extract: Extract) -> Sequence[Extract]:
    """Accepted extracts of other deliveries that this one would replace."""
    if not extract.series or not extract.replaces:
        return []
    same = Extract.objects.filter(county=extract.county, series=extract.series, state__in=Extract.ACTIVE)
    return list(same.exclude(delivery=extract.delivery_id).select_related("delivery").order_by("pk"))


def reasons(extract: Extract, kind: Kind | None, table: pl.DataFrame) -> list[dict[str, Any]]:
    """The reasons to look twice before this list, with these typed records, takes the place of the versions before it."""
    before = earlier_versions(extract)
    found = brakes.check(extract.county, kind, table, [typed(e) for e in before])
    held_for, last = extract.delivery.as_of, max((e.delivery.as_of for e in before), default=None)
    if last is not None and held_for < last:
        found.append({"code": brakes.OLDER, "n": held_for.isoformat(), "of": last.isoformat()})
    return found


def missing_parts(extract: Extract, kind: Kind | None) -> list[dict[str, Any]]:
    """The reason to look twice where only a part of what this list would replace comes anew: 低保 and 特困 came, 低保 comes.

    To be asked when the list is taken in: only then what came with it is read.
    """
    before = earlier_versions(extract)
    if kind is None or len(before) < 2:
        return []
    beside = Extract.objects.filter(delivery=extract.delivery_id, series=extract.series).exclude(
        pk=extract.pk
    )
    taken = beside.filter(state__in=(Extract.State.READ, Extract.State.HELD, *Extract.ACTIVE))
    return brakes.missing_parts(kind, [typed(e) for e in (extract, *taken)], [typed(e) for e in before])


def next_number(extract: Extract) -> int:
    """The number of the version that this list becomes: that of its other parts, where those were taken in last."""
    same = Extract.objects.filter(county=extract.county, series=extract.series).exclude(pk=extract.pk)
    last = same.order_by("-version").values_list("version", "delivery").first()
    number, delivery = last or (0, None)
    return number if number and delivery == extract.delivery_id else number + 1
