"""What vacancies ask for and offer, and what persons hold, out of words: education, certificates, shifts, lodging, pay a month."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, cast

import polars as pl
import yaml

_PUNCTUATION = "[。;；,，、\n|]"


@cache
def words() -> Mapping[str, Any]:
    """The data file beside this one."""
    return cast(
        "Mapping[str, Any]",
        yaml.safe_load(Path(__file__).with_name("words.yaml").read_text(encoding="utf-8")),
    )


def plain(text: pl.Expr) -> pl.Expr:
    """Half width, no blanks."""
    return text.str.normalize("NFKC").str.replace_all(r"\s+", "")


def education_asked(text: pl.Expr) -> pl.Expr:
    """The least rank of education a text asks for; null where it says nothing or that any will do.

    The lowest named counts (高中或大专), and what is only preferred is not asked for.
    """
    w = words()
    asked = _without(text, w["education_preferred"])
    lowest = pl.min_horizontal(
        *[pl.when(asked.str.contains(p)).then(pl.lit(rank, dtype=pl.Int32)) for rank, p in w["education"]]
    )
    return pl.when(~text.str.contains(w["no_education"]).fill_null(False)).then(lowest)


def certificates(text: pl.Expr) -> pl.Expr:
    """The kinds of certificate a text names, as a list; what is only preferred is not asked for."""
    w = words()
    asked = _without(text, w["certificate_preferred"])
    return _named(asked, w["certificates"])


def implied(held: pl.Series) -> pl.Series:
    """Lists of certificates with those that go with them."""
    more = words()["implies"]
    flat = pl.DataFrame({"held": held}).with_row_index("i").explode("held", empty_as_null=True)
    also = flat.with_columns(
        pl.col("held").replace_strict(more, default=None, return_dtype=pl.List(pl.String)).alias("more")
    )
    every = pl.concat(
        [flat, also.select("i", pl.col("more").alias("held")).explode("held", empty_as_null=True)]
    )
    lists = (
        every.group_by("i", maintain_order=True).agg(pl.col("held").drop_nulls().unique().sort()).sort("i")
    )
    known = pl.DataFrame({"known": held.is_not_null(), "held": lists["held"]}) if held.len() else None
    return held if known is None else known.select(pl.when("known").then("held").alias("held"))["held"]


def offers(text: pl.Expr) -> pl.Expr:
    """Codes of what a text offers, and of what it says is not to be had, as a list."""
    w = words()
    spoken = text.str.replace_all(w["no_nightshift"], "长白班")
    found = _named(spoken, w["offers"])
    # 包住 inside of 不包住 is no offer
    return (
        pl.when(found.list.contains("no_dorm"))
        .then(found.list.eval(pl.element().filter(pl.element() != "dorm")))
        .otherwise(found)
    )


def first(text: pl.Expr, patterns: Sequence[tuple[str, str]]) -> pl.Expr:
    """The name of the first pattern a text contains, or null."""
    return pl.coalesce(*[pl.when(text.str.contains(p)).then(pl.lit(name)) for name, p in patterns])


def monthly(amount: pl.Expr, unit: pl.Expr, part_time: pl.Expr | None = None) -> pl.Expr:
    """Yuan a month of an amount per `unit` (hour, day, month, year); null for pieces. Where no unit is said: below 60 an hour,
    below 1000 a day, from 40000 a year."""
    w = words()
    number = amount.cast(pl.Float64)
    usual = (
        pl.when(number < 60).then(pl.lit("hour")).when(number < 1000).then(pl.lit("day"))
        .when(number >= 40_000).then(pl.lit("year")).otherwise(pl.lit("month"))
    )  # fmt: skip
    per = pl.coalesce(unit, usual)
    part = pl.lit(False) if part_time is None else part_time.fill_null(False)
    hours = pl.when(part).then(w["hours_part"]).otherwise(w["hours_full"])
    value = (
        pl.when(per == "hour").then(number * hours).when(per == "day").then(number * w["days"])
        .when(per == "year").then(number / 12).when(per == "month").then(number)
    )  # fmt: skip
    return pl.when(value > 0).then(value.round().clip(upper_bound=10_000_000)).cast(pl.Int32)


def _named(text: pl.Expr, patterns: Mapping[str, str]) -> pl.Expr:
    hits = pl.concat_list([pl.when(text.str.contains(p)).then(pl.lit(name)) for name, p in patterns.items()])
    return hits.list.drop_nulls()


def _without(text: pl.Expr, preferred: str) -> pl.Expr:
    """The text without the clauses that only prefer."""
    return text.str.replace_all(f"[^{_PUNCTUATION[1:-1]}]*{preferred}", "")
