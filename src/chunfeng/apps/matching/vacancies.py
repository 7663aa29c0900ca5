"""Bring the vacancies, and those who wait for a public-welfare post, into the room."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from chunfeng.apps.intake import outcome
from chunfeng.apps.intake.models import Run
from chunfeng.apps.matching.models import Vacancy, Waiting
from chunfeng.apps.places.bulk import replace
from chunfeng.apps.places.numbers import place_number
from chunfeng.apps.registry.loading import of_people

JOBS = "matching/jobs.parquet"


def load(county: str, out: Path, run: Run) -> dict[str, int]:
    """Replace the county's vacancies and waiting list by those of OUT."""
    jobs = pl.read_parquet(out / JOBS)
    vacancies = jobs.select(
        pl.lit(place_number(county)).alias("place"),
        "vacancy",
        pl.col("employer", "title", "occupation", "work_type", "closed").fill_null(""),
        pl.coalesce("place", "county").fill_null("").alias("region"),
        pl.col("places", "pay_low", "pay_high", "education").cast(pl.Int64),
        pl.col("offers").fill_null([]),
        "starts_on",
        "lawful",
    )
    waiting = outcome.table(out, "allocation_waiting").with_columns(pl.col("tier").cast(pl.Int64))
    found = {
        "vacancy": replace(Vacancy, vacancies, {"county": county}, ["vacancy"]),
        "waiting": replace(Waiting, of_people(county, out, waiting), {"county": county}, ["person_id"]),
    }
    return {f"{table}.{what}": n for table, counts in found.items() for what, n in counts.items()}
