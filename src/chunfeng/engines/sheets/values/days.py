"""Types that say when: days, days of which a part is missing, months."""

from __future__ import annotations

import polars as pl

from chunfeng.engines.identity import dates
from chunfeng.engines.sheets.values.column import Context, Typed, Typer


def _dates(values: pl.Series, context: Context) -> tuple[pl.DataFrame, pl.Series]:
    frame = dates.read_column(values, epoch_1904=context.epoch_1904, default_year=context.default_year)
    return frame, frame["kind"].cast(pl.String)


def _date_problems(typed: Typed, kind: pl.Series, *, partial: bool) -> None:
    typed.problem("DATE_IMPOSSIBLE", kind.is_in(["impossible", "out_of_range"]))
    typed.problem("DATE_NOT_DATE", kind.is_in(["not_date", "two_dates", "ambiguous"]))
    typed.problem("DATE_LUNAR", kind == "lunar")
    if partial:
        typed.problem("DATE_PARTIAL", kind == "partial")


def _date(values: pl.Series, context: Context) -> Typed:
    frame, kind = _dates(values, context)
    typed = Typed({"": frame["date"], "_kind": kind})
    _date_problems(typed, kind, partial=True)
    return typed


def _datetime(values: pl.Series, context: Context) -> Typed:
    """The day is what rules ask for; the time of day stays in the raw text."""
    return _date(values, context)


def _partial_date(values: pl.Series, context: Context) -> Typed:
    frame, kind = _dates(values, context)
    typed = Typed({"": frame["date"], "_year": frame["year"], "_month": frame["month"], "_day": frame["day"]})
    _date_problems(typed, kind, partial=False)
    return typed


def _month(values: pl.Series, context: Context) -> Typed:
    """A month as its first day."""
    frame, kind = _dates(values, context)
    first = frame.select(
        pl.when(pl.col("year").is_not_null() & pl.col("month").is_not_null()).then(
            pl.date(pl.col("year"), pl.col("month"), 1)
        )
    ).to_series()
    typed = Typed({"": first})
    _date_problems(typed, kind, partial=False)
    typed.problem("DATE_PARTIAL", first.is_null() & kind.is_in(["partial"]))
    return typed


TYPES: dict[str, Typer] = {
    "date": _date,
    "datetime": _datetime,
    "partial_date": _partial_date,
    "month": _month,
}
