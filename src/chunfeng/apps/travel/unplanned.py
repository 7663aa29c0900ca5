"""Bring the rides that no chartered trip carries into the room."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from chunfeng.apps.intake import outcome
from chunfeng.apps.intake.models import Run
from chunfeng.apps.places.bulk import replace
from chunfeng.apps.registry.loading import of_people
from chunfeng.apps.travel.models import Unplanned


def load(county: str, out: Path, run: Run) -> dict[str, int]:
    """Replace the county's rides without a trip by those of OUT; names and phones stay in the registry."""
    rows = outcome.table(out, "travel_unplanned").select(
        "person",
        *outcome.ROW,
        pl.col("reason", "trips").fill_null(""),
        pl.col("ticket").cast(pl.Float64),
    )
    counts = replace(Unplanned, of_people(county, out, rows), {"county": county}, list(outcome.ROW))
    return {f"unplanned.{what}": n for what, n in counts.items()}
