"""For which dates of a run a reading is what reading anew would give, so that a new month need not read unchanged files.

A reading depends on the date of the run in three ways: days after it are reported, a month without a year is the last one
before it, a day without a year is of its year. So it holds between the last day that had come and the first that had not,
for as long as the months it speaks of stay the last ones, and never beyond the year.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path, PurePosixPath

import polars as pl
import polars.selectors as cs

from chunfeng.engines.sheets.extract import SheetReading
from chunfeng.engines.sheets.periods import month_of

_DAY = timedelta(days=1)


def days_valid(
    as_of: date, readings: Iterable[SheetReading], extracts: Iterable[Path], issues: Path
) -> tuple[date, date]:
    """First and last date of a run for which the reading holds; `as_of`, for which it was made, lies between them."""
    first, last = date(as_of.year, 1, 1), date(as_of.year, 12, 31)
    for reading in readings:
        month = _without_year(reading, as_of)
        if month is not None:
            first, last = max(first, month), min(last, date(month.year + 1, month.month, 1) - _DAY)
    for path in extracts:
        first = max([first, *_days(path, as_of)])
    future = (
        pl.scan_parquet(issues).filter(pl.col("code") == "DATE_FUTURE").select("value").collect()["value"]
    )
    to_come = future.str.to_date("%Y-%m-%d", strict=False)
    if to_come.null_count():
        return first, as_of
    return first, min([last, *(day - _DAY for day in to_come.unique())])


def _without_year(reading: SheetReading, as_of: date) -> date | None:
    """The month that the sheet speaks of without saying the year."""
    for text in (reading.sheet, *reading.titles, PurePosixPath(reading.file).stem):
        month = month_of(text, as_of)
        if month is not None:
            return month if month_of(text) is None else None
    return None


def _days(extract: Path, as_of: date) -> list[date]:
    """The last day of each column of days that had come by then."""
    days = pl.scan_parquet(extract).select(cs.date())
    latest = days.select(pl.all().filter(pl.all() <= as_of).max()).collect()
    return [day for day in latest.row(0) if day is not None] if latest.width else []
