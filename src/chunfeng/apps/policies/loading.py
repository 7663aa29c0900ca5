"""Bring entitlements into the room."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from chunfeng.apps.intake import outcome
from chunfeng.apps.intake.models import Run
from chunfeng.apps.places.bulk import replace
from chunfeng.apps.policies.models import Entitlement
from chunfeng.apps.registry.loading import of_people


def load(county: str, out: Path, run: Run) -> dict[str, int]:
    """Replace the county's entitlements by those of OUT."""
    rows = outcome.table(out, "entitlements")
    person = pl.col("subject_kind") == "person"
    rows = rows.select(
        pl.col("subject_kind").alias("subject"),
        pl.when(person).then("subject").alias("person"),
        pl.when(~person).then("subject").fill_null("").alias("employer"),
        "policy",
        "answer",
        pl.col("amount", "reason", "missing").fill_null(""),
        pl.col("deadline").str.to_date("%Y-%m-%d"),
    )
    counts = replace(
        Entitlement,
        of_people(county, out, rows),
        {"county": county},
        ["subject", "person_id", "employer", "policy"],
    )
    return {f"entitlement.{what}": n for what, n in counts.items()}
