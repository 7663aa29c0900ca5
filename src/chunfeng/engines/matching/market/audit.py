"""How evenly lists spread: over vacancies and places, and over groups of people. For the report of each run."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import polars as pl

AGE_BANDS = ((16, 29), (30, 39), (40, 49), (50, 200))
FAIR = 0.8
"""Of the best group's ratio: a group below is named, to be explained or mended."""
LEAST = 10
"""Fewer persons make no ratio worth judging."""


def gini(amounts: Sequence[float] | pl.Series, weights: Sequence[float] | pl.Series | None = None) -> float:
    """0: all have the same; near 1: one has all. With `weights` (places), of the amount per place. 0.0 for nothing at all."""
    amount = np.asarray(amounts, dtype=np.float64)
    weight = np.ones(len(amount)) if weights is None else np.asarray(weights, dtype=np.float64)
    amount, weight = amount[weight > 0], weight[weight > 0]
    if len(amount) == 0 or amount.sum() == 0:
        return 0.0
    order = np.argsort(amount / weight, kind="stable")
    share = np.r_[0.0, np.cumsum(amount[order]) / amount.sum()]
    width = weight[order] / weight.sum()
    return float(1 - np.sum(width * (share[1:] + share[:-1])))


def spread(shown: pl.DataFrame, jobs: pl.DataFrame) -> dict[str, float]:
    """Of lists (person, vacancy) over open jobs (vacancy, places): `gini` of showings per place, `coverage` the share of vacancies
    on any list, `vacancies`, `persons` with a list, `shown` the entries."""
    counts = shown.group_by("vacancy").agg(pl.len().alias("n"))
    over = jobs.select("vacancy", pl.col("places").fill_null(1)).join(counts, on="vacancy", how="left")
    n = over["n"].fill_null(0)
    return {
        "gini": gini(n, over["places"]), "coverage": float(np.mean(n.to_numpy() > 0)) if over.height else 0.0,
        "vacancies": over.height, "persons": shown["person"].n_unique(), "shown": shown.height,
    }  # fmt: skip


def by_group(
    people: pl.DataFrame, shown: pl.DataFrame, as_of: date, placed: pl.DataFrame | None = None
) -> pl.DataFrame:
    """dimension, group, people, listed, placed, listed_ratio, placed_ratio, fair: by sex, age band, disability and county.

    `people`: columns of PEOPLE and, if known, `disability` (Boolean). `placed`: person of those with a place. `fair`: no ratio
    falls below FAIR of the best group's in its dimension; small groups (LEAST) and those of which nothing is known are not judged.
    """
    taken = pl.DataFrame(schema={"person": pl.String}) if placed is None else placed
    years = pl.lit(as_of).dt.year() - pl.col("birth_date").dt.year()
    had = (
        pl.col("birth_date").dt.month() * 100 + pl.col("birth_date").dt.day()
    ) <= as_of.month * 100 + as_of.day
    age = years - (~had).cast(pl.Int32)
    band = pl.coalesce(*[
        pl.when(age.is_between(a, b)).then(pl.lit(f"{a}–{b}岁" if b < 200 else f"{a}岁以上")) for a, b in AGE_BANDS
    ])  # fmt: skip
    disability = pl.col("disability") if "disability" in people.columns else pl.lit(None, dtype=pl.Boolean)
    held = pl.when(disability).then(pl.lit("持残疾人证")).when(~disability).then(pl.lit("无残疾人证"))
    frame = people.select(
        "person", pl.col("sex").replace({"male": "男", "female": "女"}).alias("性别"), band.alias("年龄"), held.alias("残疾"),
        pl.col("county").alias("县市区"),
        pl.col("person").is_in(shown["person"].unique().implode()).alias("listed"),
        pl.col("person").is_in(taken["person"].unique().implode()).alias("placed"),
    )  # fmt: skip
    flat = frame.unpivot(
        ["性别", "年龄", "残疾", "县市区"],
        index=["person", "listed", "placed"],
        variable_name="dimension",
        value_name="group",
    )
    table = flat.group_by("dimension", "group").agg(
        pl.len().alias("people"), pl.col("listed").sum(), pl.col("placed").sum()
    )
    table = table.with_columns(
        *[(pl.col(c) / pl.col("people")).alias(f"{c}_ratio") for c in ("listed", "placed")]
    )
    known = pl.col("group").is_not_null() & (pl.col("people") >= LEAST)
    fair = pl.all_horizontal(*[
        pl.col(f"{c}_ratio") >= FAIR * pl.col(f"{c}_ratio").filter(known).max().over("dimension") for c in ("listed", "placed")
    ])  # fmt: skip
    table = table.with_columns(pl.when(known).then(fair).alias("fair"), pl.col("group").fill_null("不明"))
    return table.sort("dimension", "group").select(
        "dimension", "group", "people", "listed", "placed", "listed_ratio", "placed_ratio", "fair"
    )
