"""Bring recommendations and public-welfare posts given out into the room."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from chunfeng.apps.intake import outcome
from chunfeng.apps.intake.models import Run
from chunfeng.apps.matching.models import Allocation, Recommendation
from chunfeng.apps.places.bulk import replace
from chunfeng.apps.registry.loading import of_people


def load(county: str, out: Path, run: Run) -> dict[str, int]:
    """Replace the county's recommendations and allocations by those of OUT."""
    shown = outcome.table(out, "recommendations").with_columns(
        pl.col("rank").cast(pl.Int64).fill_null(0),
        pl.col("vacancy").fill_null(""),
        pl.col("score").cast(pl.Float64),
    )
    given = outcome.table(out, "allocation").with_columns(pl.col("tier").cast(pl.Int64))
    found = {
        "recommendation": replace(
            Recommendation, of_people(county, out, shown), {"county": county}, ["person_id", "vacancy"]
        ),
        "allocation": replace(
            Allocation, of_people(county, out, given), {"county": county}, ["person_id", "post"]
        ),
    }
    return {f"{table}.{what}": n for table, counts in found.items() for what, n in counts.items()}
