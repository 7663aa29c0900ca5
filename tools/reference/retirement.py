"""Rebuild the table of retirement ages 2022-2040 from the rule in chunfeng.reference.retirement.

    ./chunfeng python tools/reference/retirement.py

One row for each birth month and category of those who reach the age in these years.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from chunfeng.reference.retirement import retirement_age, retires_on

OUT = Path(__file__).parents[2] / "src/chunfeng/reference/retirement/retirement_ages.csv"
YEARS = range(2022, 2041)
CATEGORIES = (("1", 60), ("2", 55), ("2", 50))


def table() -> Iterator[tuple[str, str, int, int, int, str]]:
    """(birth month, sex, category, years, months, month of retirement)."""
    for sex, category in CATEGORIES:
        for months in range(1955 * 12, 1995 * 12):
            birth = date(months // 12, months % 12 + 1, 1)
            age, day = retirement_age(sex, category, birth), retires_on(sex, category, birth)
            if age is not None and day is not None and day.year in YEARS:
                yield f"{birth:%Y-%m}", sex, category, *age, f"{day:%Y-%m}"


if __name__ == "__main__":
    with open(OUT, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("birth_month", "sex", "category", "years", "months", "retires_in"))
        writer.writerows(table())
