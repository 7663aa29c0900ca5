"""Bring the answers of the rules into the room: recognition by category, and target groups."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from chunfeng.apps.intake import outcome
from chunfeng.apps.intake.models import Run
from chunfeng.apps.places.bulk import replace
from chunfeng.apps.recognition.models import Recognition, Target
from chunfeng.apps.registry.loading import of_people


def load(county: str, out: Path, run: Run) -> dict[str, int]:
    """Replace the county's answers by those of OUT."""
    answers = outcome.table(out, "recognition").drop("id18").with_columns(pl.col("missing").fill_null(""))
    targets = outcome.table(out, "targets")
    person = pl.col("person").str.contains(r"^P\d{9}$")
    targets = targets.with_columns(
        pl.when(person).then("person"), pl.when(~person).then("person").fill_null("").alias("employer")
    )
    found = {
        "recognition": replace(
            Recognition, of_people(county, out, answers), {"county": county}, ["person_id", "category"]
        ),
        "target": replace(
            Target, of_people(county, out, targets), {"county": county}, ["person_id", "employer", "group"]
        ),
    }
    return {f"{table}.{what}": n for table, counts in found.items() for what, n in counts.items()}
