"""Rebuild the calendars from the packages chinesecalendar 1.11.0 and lunar-python 1.4.8 (both MIT).

    python3 -m venv V && V/bin/pip install chinesecalendar==1.11.0 lunar-python==1.4.8  (outside the repo)
    V/bin/python tools/reference/calendars.py

Writes days.csv: every day that a notice of the State Council's office made a day off, or a Saturday or Sunday
it made a working day; and spring_festivals.csv. The years and their document numbers are listed in years.csv,
which is kept by hand: only a year that stands there is written, so add it there first when its notice is out.
"""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

from chinese_calendar.constants import Holiday, holidays, workdays  # type: ignore[import-not-found]
from lunar_python import Lunar  # type: ignore[import-not-found]

OUT = Path(__file__).parents[2] / "src/chunfeng/reference/calendars"
FESTIVALS = range(2020, 2041)


def noticed_years() -> set[int]:
    """The years whose notice is named in years.csv."""
    with open(OUT / "years.csv", encoding="utf-8", newline="") as file:
        return {int(row["year"]) for row in csv.DictReader(file)}


def days(years: set[int]) -> list[tuple[date, str, str]]:
    """(day, off or work, holiday), in order of the day."""
    chinese = {holiday.value: holiday.chinese for holiday in Holiday}
    found = [(day, "off", chinese[name]) for day, name in holidays.items()]
    found += [(day, "work", chinese[name]) for day, name in workdays.items()]
    return sorted(row for row in found if row[0].year in years)


def spring_festival(year: int) -> date:
    """First day of the first lunar month, 正月初一."""
    solar = Lunar.fromYmd(year, 1, 1).getSolar()
    return date(solar.getYear(), solar.getMonth(), solar.getDay())


def write(name: str, header: tuple[str, ...], rows: list[tuple[object, ...]]) -> None:
    """Write one CSV."""
    with open(OUT / name, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


if __name__ == "__main__":
    write("days.csv", ("date", "kind", "holiday"), [tuple(row) for row in days(noticed_years())])
    write("spring_festivals.csv", ("year", "date"), [(year, spring_festival(year)) for year in FESTIVALS])
