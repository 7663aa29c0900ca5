"""The two tables the market is made of, one row per person and per vacancy. Null is unknown, and never counts against anybody."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

Schema = Mapping[str, pl.DataType | type[pl.DataType]]

PEOPLE: Schema = {
    "person": pl.String, "county": pl.String, "village": pl.String, "occupation": pl.List(pl.String),
    "accepts": pl.List(pl.String), "pay_floor": pl.Int32, "education": pl.Int32, "certificates": pl.List(pl.String),
    "certificate_until": pl.List(pl.Date), "certificates_all": pl.Boolean,
    "birth_date": pl.Date, "sex": pl.String, "retires_on": pl.Date,
    "barriers": pl.List(pl.String), "work_type": pl.String, "tier": pl.Int32, "lottery": pl.Int64, "not_seeking": pl.String,
}  # fmt: skip
"""`county`: six digits of home, `village` nine or twelve; `occupation`: codes of the 2022 tree, wished or last; `accepts`: codes
of counties, cities (350200) or provinces (350000), "" for anywhere; `pay_floor`: yuan a month; `education`: 0 none … 6 graduate
school; `certificates` with their ends, place by place, `certificates_all` false where there may be more; `sex` is for reports
alone; `retires_on`: the latest day it may be; `barriers`: codes of needs; `work_type`: full, part, temporary; `tier`: 1 first …
4 last; `lottery`: 0 … 2^32 - 1; `not_seeking`: why not, null for a seeker."""

JOBS: Schema = {
    "vacancy": pl.String, "employer": pl.String, "title": pl.String, "county": pl.String, "place": pl.String,
    "occupation": pl.String, "places": pl.Int32, "pay_low": pl.Int32, "pay_high": pl.Int32, "education": pl.Int32,
    "certificates": pl.List(pl.String), "offers": pl.List(pl.String), "work_type": pl.String, "starts_on": pl.Date,
    "lawful": pl.String, "priority": pl.Int32, "closed": pl.String,
}  # fmt: skip
"""`vacancy`: file:sheet:row; `place`: the narrowest region code known; `pay_*`: yuan a month, `pay_high` null where open; `offers`:
what is offered, and what is said not to be (nightshift, no_dorm, no_couple); `priority`: 0 … 3; `closed`: why no longer open."""

EDUCATION = ("none", "primary", "junior_high", "senior_high", "college", "university", "graduate_school")
"""Ranks of education, as the facts name them; technical and secondary vocational schools stand with senior high school."""
_SAME_RANK = {"technical": 3, "secondary_vocational": 3}
RANKS: Mapping[str, int] = {name: rank for rank, name in enumerate(EDUCATION)} | _SAME_RANK


class TableError(ValueError):
    """A table cannot be matched; the message says what is wrong, Chinese first."""


def people_table(table: pl.DataFrame) -> pl.DataFrame:
    """The table with all columns of PEOPLE, by person; columns that are missing are unknown. Raises TableError."""
    return _checked(table, PEOPLE, "person")


def jobs_table(table: pl.DataFrame) -> pl.DataFrame:
    """The table with all columns of JOBS, by vacancy; columns that are missing are unknown. Raises TableError."""
    return _checked(table, JOBS, "vacancy")


def _checked(table: pl.DataFrame, schema: Schema, key: str) -> pl.DataFrame:
    if key not in table.columns:
        raise TableError(f"表里没有 {key} 列。 / the table has no column {key}")
    known = set(table.columns)
    full = table.select(
        [(pl.col(c) if c in known else pl.lit(None)).cast(t).alias(c) for c, t in schema.items()]
    )
    if full[key].null_count() or full[key].is_duplicated().any():
        raise TableError(f"{key} 有空缺或重复。 / {key} is blank or stands twice")
    return full.sort(key)


def open_jobs(jobs: pl.DataFrame) -> pl.DataFrame:
    """The jobs that may be recommended at all: lawful, not closed, with a place left."""
    return jobs.filter(
        pl.col("lawful").eq_missing("yes")
        & pl.col("closed").is_null()
        & (pl.col("places") > 0).fill_null(True)
    )


def seekers(people: pl.DataFrame) -> pl.DataFrame:
    """The people who look for work."""
    return people.filter(pl.col("not_seeking").is_null())
