"""What is accepted, as the folder of files that a run reads, and how it was settled (`accepted.json` of its STATE)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from chunfeng.apps.intake.asking import hold_county
from chunfeng.apps.intake.models import Delivery, Extract, SentFile
from chunfeng.apps.intake.settled import settled_of
from chunfeng.apps.vault import files
from chunfeng.pipeline import accepted


def materialise(county: str, folder: Path) -> dict[str, Any]:
    """Write every file that holds something accepted into the folder, as it was sent; which those are, by name.

    To be called in one transaction with `settled`: until that ends, nobody changes what is accepted.
    """
    hold_county(county)
    wanted = (
        SentFile.objects.filter(county=county, extracts__state__in=Extract.ACTIVE).distinct().order_by("path")
    )
    given = {}
    for file in wanted:
        target = folder / file.path
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        files.write_to(file.stored, target)
        given[file.path] = {"file": file.pk, "sha256": file.sha256}
    return given


def settled(county: str) -> bytes | None:
    """The content of `accepted.json`; None for a county where nothing was ever handed in on the platform."""
    hold_county(county)
    if not Delivery.objects.filter(county=county).exists():
        return None
    taken = (
        Extract.objects.filter(county=county, state__in=Extract.ACTIVE)
        .prefetch_related("edits")
        .order_by("pk")
    )
    sheets = [accepted.to_json(e.source, e.sheet, settled_of(e)) for e in taken]
    return json.dumps({"sheets": sheets}, ensure_ascii=False).encode()
