"""What a run reads of people's decisions: `decisions.csv`, and the list of corrections by staff."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from django.utils import timezone

from chunfeng.apps.registry import corrected, merged
from chunfeng.apps.registry.models import Correction, Decision, minted_number
from chunfeng.engines.linkage.decisions import SCHEMA


def decisions(county: str) -> bytes | None:
    """decisions.csv of a county: what stands, in the order it was decided; and which person each correction is about."""
    standing = Decision.objects.filter(county=county, undone_at=None, replaced_by=None)
    lines: list[Sequence[str]] = [
        (d.action, d.fingerprint, minted_number(d.person), str(d.by), _day(d.at), d.reason)
        for d in standing.select_related("by").order_by("pk")
    ]
    marked = {line[1] for line in lines}
    now = merged.into(county)
    for person, mark, said in corrected.marks(_corrections(county)):
        if mark not in marked:  # somebody may have decided about the row itself
            number = minted_number(now.get(person, person))
            lines.append(("confirm", mark, number, str(said.by), _day(said.at), said.reason))
    return _csv(tuple(SCHEMA), lines) if lines else None


def corrections(county: str, folder: Path) -> dict[str, Any]:
    """Put the list of corrections that stand into the folder a run reads; no file where there are none."""
    said = _corrections(county)
    if said:
        (folder / corrected.FILE).write_bytes(corrected.table(said))
    return {"corrections": len(said)}


def _corrections(county: str) -> list[Correction]:
    found = Correction.objects.filter(county=county, undone_at=None).select_related("by", "person")
    return list(found.order_by("person_id", "pk"))


def _day(at: Any) -> str:
    return timezone.localtime(at).date().isoformat()


def _csv(header: Sequence[str], lines: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows((header, *lines))
    return text.getvalue().encode()
