"""Rows of vacancies → the table of jobs: what is asked, what is offered, where, from when, and whether it may be recommended."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from chunfeng.engines.matching.market import reading, tables

ROW = ("file", "sheet", "row")
_TEXTS = (
    "post_name", "employer_name", "work_content", "employment_form", "work_conditions", "work_place_region", "place", "pay",
    "pay_unit", "pay_open", "requirements", "education_required", "welfare", "remark", "vacancy_state", "open_to_hard_to_employ",
)  # fmt: skip
_NUMBERS = ("headcount", "hired", "pay_low", "pay_high", "pay_min", "pay_max")
TOP_PRIORITY = 3


def jobs(
    extracts: Sequence[pl.DataFrame],
    screened: pl.DataFrame,
    as_of: date,
    region: str | None = None,
    priority: pl.DataFrame | None = None,
    occupations: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Columns of tables.JOBS, one row per row of an extract of kind vacancies.

    `screened`: file, sheet, row, lawful, as the screening of posts answers. `region`: county of rows that do not say where.
    `priority`: file, sheet, row, priority (0 … 3). `occupations`: title, codes (list, the likeliest first).
    Work starts on `as_of`: no list says when. Neither sex nor age is read.
    """
    parts = [_of(e, region) for e in extracts if e.height and e["kind"][0] == "vacancies"]
    if not parts:
        return pl.DataFrame(schema=dict(tables.JOBS))
    rows = pl.concat(parts).unique(ROW, keep="last", maintain_order=True)
    rows = rows.join(
        screened.select(*ROW, "lawful").with_columns(pl.col("row").cast(pl.UInt32)), on=ROW, how="left"
    )
    if priority is not None:
        rows = rows.join(priority.select(*ROW, pl.col("priority").alias("named")), on=ROW, how="left")
    else:
        rows = rows.with_columns(pl.lit(0).alias("named"))
    if occupations is not None:
        best = occupations.select(
            pl.col("title").alias("post_name"), pl.col("codes").list.first().alias("occupation")
        )
        rows = rows.join(best, on="post_name", how="left")
    else:
        rows = rows.with_columns(pl.lit(None, dtype=pl.String).alias("occupation"))
    return _told(rows, as_of).select([pl.col(c).cast(t) for c, t in tables.JOBS.items()])


def titles(extracts: Sequence[pl.DataFrame]) -> pl.Series:
    """The different names of posts, to be given their occupations."""
    found = [
        e["post_name"]
        for e in extracts
        if e.height and e["kind"][0] == "vacancies" and "post_name" in e.columns
    ]
    return pl.concat([pl.Series(dtype=pl.String), *found]).drop_nulls().unique().sort().alias("title")


def _of(extract: pl.DataFrame, region: str | None) -> pl.DataFrame:
    has = set(extract.columns)

    def cell(name: str, dtype: pl.DataType | type[pl.DataType]) -> pl.Expr:
        return (pl.col(name) if name in has else pl.lit(None)).cast(dtype, strict=False).alias(name)

    return extract.select(
        "file", pl.col("sheet").fill_null(""), pl.col("row").cast(pl.UInt32), cell("current", pl.Boolean),
        cell("valid_until", pl.Date), *[cell(c, pl.String) for c in _TEXTS], *[cell(c, pl.Float64) for c in _NUMBERS],
        pl.lit(region, dtype=pl.String).alias("region"),
    )  # fmt: skip


def _told(rows: pl.DataFrame, as_of: date) -> pl.DataFrame:
    w = reading.words()

    def joined(*names: str) -> pl.Expr:
        return reading.plain(pl.concat_str(names, separator="。", ignore_nulls=True))

    rows = rows.with_columns(
        joined("employment_form").alias("_form"), joined("pay", "pay_unit").alias("_pay"),
        joined("education_required", "requirements").alias("_asked"),
        joined("requirements", "remark", "work_content", "education_required").alias("_papers"),
        joined("work_conditions", "welfare", "requirements", "work_content", "remark").alias("_offers"),
    )  # fmt: skip
    rows = rows.with_columns(
        reading.first(pl.col("_form"), w["work_type"]).alias("work_type"),
        reading.first(pl.col("_pay"), w["unit"]).alias("_unit"),
        pl.coalesce("work_place_region", "place", "region").alias("where"),
    )
    part = pl.col("work_type") == "part"
    low = reading.monthly(pl.coalesce("pay_low", "pay_min"), pl.col("_unit"), part)
    high = reading.monthly(pl.coalesce("pay_high", "pay_max"), pl.col("_unit"), part)
    open_ended = (pl.col("pay_open") == "at_least").fill_null(False)
    fixed = pl.when(~open_ended & pl.col("pay_open").is_not_null()).then(low)
    left = pl.col("headcount") - pl.col("hired").fill_null(0)
    takes = pl.col("open_to_hard_to_employ").str.contains("是|可|困难|残疾|脱贫|接收").fill_null(False)
    refuses = pl.col("open_to_hard_to_employ").str.contains("否|不").fill_null(False)
    priority = pl.col("named").fill_null(0) + (takes & ~refuses).cast(pl.Int32)
    return rows.with_columns(
        pl.concat_str(ROW, separator=":").alias("vacancy"), pl.col("employer_name").alias("employer"),
        pl.col("post_name").alias("title"), _county(pl.col("where")).alias("county"),
        pl.when(pl.col("where").str.len_chars() >= 9).then("where").alias("place"),
        left.clip(lower_bound=0).cast(pl.Int32).alias("places"),
        low.alias("pay_low"), pl.coalesce(high, fixed).alias("pay_high"),
        reading.education_asked(pl.col("_asked")).alias("education"), reading.certificates(pl.col("_papers")).alias("certificates"),
        reading.offers(pl.col("_offers")).alias("offers"), pl.lit(as_of).alias("starts_on"),
        priority.clip(0, TOP_PRIORITY).alias("priority"), _closed(as_of, left).alias("closed"),
    )  # fmt: skip


def _county(code: pl.Expr) -> pl.Expr:
    """Six digits of a code of any level: 35 → 350000, 3502 → 350200."""
    return pl.when(code.str.contains(r"^\d{2,}$")).then(code.str.slice(0, 6).str.pad_end(6, "0"))


def _closed(as_of: date, left: pl.Expr) -> pl.Expr:
    """Why a row is no longer open, or null."""
    w = reading.words()
    state = pl.col("vacancy_state")
    stopped = state.str.contains(w["closed"]) & ~state.str.contains(w["open"])
    until = pl.col("valid_until")
    return (
        pl.when(stopped.fill_null(False)).then(pl.format("状态为{}", state))
        .when((until < as_of).fill_null(False)).then(pl.format("有效期至{}", until))
        .when(pl.col("current") == False).then(pl.lit("是以前月份的表"))  # noqa: E712
        .when((left <= 0).fill_null(False)).then(pl.lit("名额已满"))
    )  # fmt: skip


def priorities(rows: pl.DataFrame, key: pl.DataFrame) -> pl.DataFrame:
    """file, sheet, row, priority of rows (file, sheet, row, employer) whose employer stands in `key` (employer): 2."""
    named = key.select("employer").drop_nulls().unique().with_columns(pl.lit(2).alias("priority"))
    return (
        rows.select(*ROW, "employer")
        .join(named, on="employer")
        .select(*ROW, "priority")
        .with_columns(pl.col("row").cast(pl.UInt32))
    )
