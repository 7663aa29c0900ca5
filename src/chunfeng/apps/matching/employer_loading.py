"""Bring what was found for employers into the room: sign-ups for fairs, and workers lent between firms."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from chunfeng.apps.intake import outcome
from chunfeng.apps.intake.models import Run
from chunfeng.apps.matching.models import FairSignup, Loan
from chunfeng.apps.places.bulk import replace
from chunfeng.apps.places.numbers import place_number


def load(county: str, out: Path, run: Run) -> dict[str, int]:
    """Replace the county's sign-ups and loans by those of OUT."""
    place = pl.lit(place_number(county)).alias("place")
    signups = outcome.table(out, "fairs").select(
        place,
        "file",
        pl.col("sheet").fill_null(""),
        "row",
        pl.col("employer").fill_null("").alias("employer_key"),
        (pl.col("accept") == "yes").alias("accepted"),
        pl.col("reason", "law").fill_null(""),
    )
    loans = outcome.table(out, "lending").select(
        place,
        pl.col("lender", "borrower", "occupation").fill_null(""),
        pl.col("workers").cast(pl.Int64),
        pl.col("from").str.to_date("%Y-%m-%d").alias("starts"),
        pl.col("to").str.to_date("%Y-%m-%d").alias("ends"),
    )
    parts = ["lender", "borrower", "occupation", "starts"]
    found = {
        "signup": replace(FairSignup, signups, {"county": county}, [*outcome.ROW]),
        "loan": replace(Loan, loans, {"county": county}, parts),
    }
    return {f"{table}.{what}": n for table, counts in found.items() for what, n in counts.items()}
