"""Which extracts are versions of one list."""

from __future__ import annotations

from collections.abc import Sequence

from chunfeng.apps.intake.models import Extract
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
    return list(same.exclude(delivery=extract.delivery_id).order_by("pk"))
