"""What a post pays: a figure or only words, against the minimum wage of its county that day, and against its neighbours."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import polars as pl

from chunfeng.engines.identity import amounts
from chunfeng.engines.screening.book import PostRule
from chunfeng.engines.screening.texts import HITS
from chunfeng.engines.screening.writing import normal
from chunfeng.reference.wages import minimum_wage, minimum_wages

_UNIT_WORDS = {
    "hour": "小时|时薪|钟点|hour", "day": "日薪|天|日结|日|day", "piece": "件|单价|piece", "year": "年", "month": "月|month",
}  # fmt: skip
_FULL_MONTH = 1000
"""Yuan from which an amount without unit is a month's."""
_FEW_HOURS = 100
"""Yuan below which part-time pay without unit is an hour's."""


def pay_of(posts: pl.DataFrame, region: str | None, as_of: date, rule: PostRule) -> pl.DataFrame:
    """Per post what it pays: post, pay, unit, least (what the law compares), middle, part, full, county, monthly, hourly.

    `least` is the stated base, else the lowest figure, in yuan per `unit`. `monthly`, `hourly` the county's standard on the
    day, `known` whether the place has one here; elsewhere the highest of all standards here.
    """
    distinct = posts.select("pay").drop_nulls().unique(maintain_order=True)
    read = amounts.read_column(distinct["pay"])
    table = distinct.with_columns(
        read["low"], read["high"], read["base"], read["open"], read["unit"].alias("stated")
    )
    numbers = (
        normal(pl.col("pay")).str.extract_all(r"[0-9]{3,6}").list.eval(pl.element().cast(pl.Int64)).list.min()
    )
    table = table.with_columns(numbers.alias("smallest_number"))
    form = normal(
        pl.concat_str(
            pl.col("employment_form").fill_null(""), pl.lit("；"), pl.col("post_name").fill_null("")
        )
    )
    part = form.str.contains(rule.parameters["part_time"])
    frame = posts.select("post", "pay", "work_place_region", "place", "pay_unit", part.alias("part"),
                         (form.str.contains(rule.parameters["full_time"]) & ~part).alias("full"))  # fmt: skip
    frame = frame.join(table, on="pay", how="left", maintain_order="left")
    said = normal(pl.col("pay_unit"))
    column = pl.coalesce(
        [pl.when(said.str.contains(words)).then(pl.lit(unit)) for unit, words in _UNIT_WORDS.items()]
    )
    least = pl.coalesce("base", "low", pl.when(pl.col("open") == "at_most").then("high"))
    guessed = (
        pl.when(least >= _FULL_MONTH).then(pl.lit("month"))
        .when((least < _FEW_HOURS) & pl.col("part")).then(pl.lit("hour"))
    )  # fmt: skip
    county = pl.coalesce(
        pl.when(pl.col("work_place_region").str.len_chars() >= 6).then(pl.col("work_place_region").str.slice(0, 6)),
        pl.when(pl.col("place").str.len_chars() >= 6).then(pl.col("place").str.slice(0, 6)), pl.lit(region),
    )  # fmt: skip
    frame = frame.with_columns(
        pl.coalesce("stated", column, guessed).alias("unit"), least.alias("least"), county.alias("county"),
        ((pl.coalesce("low", "high") + pl.coalesce("high", "low")) / 2).cast(pl.Float64).alias("middle"),
    )  # fmt: skip
    return frame.join(
        _standards(frame["county"], as_of), on="county", how="left", maintain_order="left", nulls_equal=True
    )


def _standards(counties: pl.Series, as_of: date) -> pl.DataFrame:
    """county, monthly, hourly, known, document: the standard of each county, else the highest there is that day."""
    in_force = [
        w for w in minimum_wages() if w.valid_from <= as_of and (w.valid_to is None or as_of <= w.valid_to)
    ]
    top = max(in_force, key=lambda w: w.monthly, default=None)
    lines = []
    for county in counties.unique(maintain_order=True):
        own = minimum_wage(county, as_of) if county else None
        wage = own or top
        if wage is not None:
            lines.append(
                (county, wage.monthly, wage.hourly, own is not None, wage.document_number or wage.document)
            )
    money = pl.Decimal(18, 2)
    return pl.DataFrame(
        lines, orient="row",
        schema={"county": pl.String, "monthly": money, "hourly": money, "known": pl.Boolean, "document": pl.String},
    )  # fmt: skip


def pay_words(rule: PostRule, pay: pl.DataFrame) -> pl.DataFrame:
    """Pay in words without a figure: refused where it is to be negotiated, a question where by piece or share: HITS."""
    text = normal(pl.col("pay"))
    figure = (
        pl.col("least").is_not_null() | pl.col("high").is_not_null()
        | text.str.contains(r"[0-9]|[一二两三四五六七八九十几][百千万]")
        | text.str.contains(rule.parameters["stated"])
    )  # fmt: skip
    bare = pay.filter(pl.col("pay").is_not_null() & ~figure.fill_null(False))
    outcome = (
        pl.when(text.str.contains(rule.parameters["by_result"])).then(pl.lit("review"))
        .when(text.str.contains(rule.parameters["negotiable"])).then(pl.lit("no"))
        .when(~text.str.contains("^(?:无|没有|暂无|不详|-|/|)$")).then(pl.lit("review"))
    )  # fmt: skip
    return _hits(rule, bare.with_columns(outcome.alias("outcome")).drop_nulls("outcome"))


def _monthly(rule: PostRule) -> pl.Expr:
    """The least of a full month's work in yuan, from month, day or year."""
    days = Decimal(str(rule.parameters["days"]))
    least = pl.col("least").cast(pl.Float64)
    unit = pl.col("unit")
    return (
        pl.when(unit == "month").then(least)
        .when(unit == "day").then(least * float(days))
        .when(unit == "year").then(least / 12)
    )  # fmt: skip


def minimum_wage_month(rule: PostRule, pay: pl.DataFrame) -> pl.DataFrame:
    """Below the month's minimum wage: HITS. A question where the unit, the figure or the place leaves it open."""
    monthly, standard = _monthly(rule), pl.col("monthly").cast(pl.Float64)
    below = monthly < standard
    no_unit = (
        pl.col("unit").is_null()
        & pl.col("least").is_not_null()
        & (pl.col("least").cast(pl.Float64) < standard)
    )
    several = pl.col("least").is_null() & pl.col("high").is_null() & (pl.col("smallest_number") < standard)
    several = several & (pl.col("smallest_number") >= 500)
    outcome = (
        pl.when(below & pl.col("known")).then(pl.lit("no"))
        .when(below | no_unit | several).then(pl.lit("review"))
    )  # fmt: skip
    return _hits(rule, pay.with_columns(outcome.alias("outcome")).drop_nulls("outcome"))


def minimum_wage_hour(rule: PostRule, pay: pl.DataFrame) -> pl.DataFrame:
    """Below the hour's minimum wage: HITS. Full-time work paid by the hour is held to the month's standard as well."""
    hours = float(rule.parameters["days"]) * float(rule.parameters["hours"])
    least = pl.col("least").cast(pl.Float64)
    below = least < pl.col("hourly").cast(pl.Float64)
    below_month = least * hours < pl.col("monthly").cast(pl.Float64)
    certain = pl.when(pl.col("full")).then(below_month).otherwise(below) & pl.col("known")
    outcome = pl.when(certain).then(pl.lit("no")).when(below).then(pl.lit("review"))
    by_hour = pay.filter(pl.col("unit") == "hour").with_columns(outcome.alias("outcome"))
    return _hits(rule, by_hour.drop_nulls("outcome"))


def pay_far_above(rule: PostRule, pay: pl.DataFrame) -> pl.DataFrame:
    """Monthly pay whose middle is far above the county's posts, or above the minimum wage where posts are few: HITS."""
    by_month = pay.filter((pl.col("unit") == "month") & pl.col("middle").is_not_null())
    few = pl.len().over("county") < int(rule.parameters["fewest"])
    usual = pl.col("middle").median().over("county") * float(rule.parameters["times"])
    minimum = pl.col("monthly").cast(pl.Float64) * float(rule.parameters["times_minimum"])
    limit = pl.when(few).then(minimum).otherwise(usual)
    far = by_month.filter((pl.col("middle") > limit).fill_null(False))
    return _hits(rule, far.with_columns(pl.lit("warn").alias("outcome")))


def _hits(rule: PostRule, found: pl.DataFrame) -> pl.DataFrame:
    one = found.select("post", pl.lit(rule.rule).alias("rule"), "outcome", pl.col("pay").alias("phrase"))
    return one.select([pl.col(c).cast(t) for c, t in HITS.items()])
