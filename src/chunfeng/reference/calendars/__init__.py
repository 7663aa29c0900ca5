"""Working days and Spring Festivals, by the yearly notices of 国务院办公厅; see `SOURCES.toml`."""

from __future__ import annotations

from datetime import date
from functools import cache

from chunfeng.reference.data_files import rows


@cache
def notices() -> dict[int, str]:
    """Year → number of the notice that fixed its days off (国办发明电)."""
    return {int(row["year"]): row["document_number"] for row in rows("calendars/years.csv")}


@cache
def _special_days() -> dict[date, tuple[bool, str]]:
    """Day → (whether it is worked, the holiday it belongs to), for days that differ from their weekday."""
    return {
        date.fromisoformat(row["date"]): (row["kind"] == "work", row["holiday"])
        for row in rows("calendars/days.csv")
    }


@cache
def _spring_festivals() -> dict[int, date]:
    return {
        int(row["year"]): date.fromisoformat(row["date"]) for row in rows("calendars/spring_festivals.csv")
    }


def is_workday(day: date) -> bool | None:
    """Whether offices work on a day; None in a year without notice.

    Saturdays and Sundays worked in exchange for a holiday (调休) are working days. The last days of December
    may still move when the next year's notice comes out.
    """
    if day.year not in notices():
        return None
    worked, _ = _special_days().get(day, (day.weekday() < 5, ""))
    return worked


def holiday(day: date) -> str | None:
    """The holiday a day off belongs to (元旦, 春节, 清明, 劳动节 …); None on any other day."""
    worked, name = _special_days().get(day, (True, ""))
    return None if worked else name


def spring_festival(year: int) -> date | None:
    """正月初一 of a year, 2020 to 2040; None outside."""
    return _spring_festivals().get(year)
