"""Bring the vacancies with what the screening said of them, and those who wait for a public-welfare post, into the room."""

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
    jobs = jobs.join(_screened(out), on="vacancy", how="left", maintain_order="left")
    jobs = jobs.join(_seekers(out), on="vacancy", how="left", maintain_order="left")
    vacancies = jobs.select(
        pl.lit(place_number(county)).alias("place"),
        "vacancy",
        pl.col("employer", "title", "occupation", "work_type", "closed").fill_null(""),
        pl.coalesce("place", "county").fill_null("").alias("region"),
        pl.col("places", "pay_low", "pay_high", "education").cast(pl.Int64),
        pl.col("offers", "rules", "warnings").fill_null([]),
        "starts_on",
        "lawful",
        pl.col("employer_key", "law", "phrase").fill_null(""),
        pl.col("seekers").fill_null(0),
    )
    waiting = outcome.table(out, "allocation_waiting").with_columns(pl.col("tier").cast(pl.Int64))
    found = {
        "vacancy": replace(Vacancy, vacancies, {"county": county}, ["vacancy"]),
        "waiting": replace(Waiting, of_people(county, out, waiting), {"county": county}, ["person_id"]),
    }
    return {f"{table}.{what}": n for table, counts in found.items() for what, n in counts.items()}


def _screened(out: Path) -> pl.DataFrame:
    """(vacancy, employer_key, rules, warnings, law, phrase) of every post that was screened; a vacancy is file:sheet:row."""
    who = outcome.table(out, "employers").select(*outcome.ROW, pl.col("employer").alias("employer_key"))
    posts = outcome.table(out, "posts").join(who.unique(outcome.ROW), on=outcome.ROW, how="left")
    sheet = pl.col("sheet").fill_null("")
    return posts.select(
        pl.concat_str("file", sheet, "row", separator=":").alias("vacancy"),
        "employer_key",
        pl.col("rules", "warnings").str.split(";"),
        "law",
        "phrase",
    ).unique("vacancy")


def _seekers(out: Path) -> pl.DataFrame:
    """(vacancy, seekers): to how many persons each was recommended."""
    shown = outcome.table(out, "recommendations").drop_nulls("vacancy")
    return shown.group_by("vacancy").agg(pl.col("person").n_unique().cast(pl.Int64).alias("seekers"))
