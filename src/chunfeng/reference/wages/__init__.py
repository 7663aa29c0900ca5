"""Minimum wages of Fujian by county tier and date; sources in `SOURCES.toml`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache

from chunfeng.reference.data_files import rows


@dataclass(frozen=True, slots=True)
class MinimumWage:
    """One tier's standard, in yuan: `monthly` for full-time work, `hourly` for part-time work.

    The monthly standard includes what the worker pays for social insurance and housing fund; overtime, shift
    and hardship pay do not count towards it. `valid_to` is the last day, None while in force.
    """

    tier: int
    monthly: Decimal
    hourly: Decimal
    valid_from: date
    valid_to: date | None
    document: str
    document_number: str | None


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _covers(first: date, last: date | None, on: date) -> bool:
    return first <= on and (last is None or on <= last)


@cache
def minimum_wages() -> tuple[MinimumWage, ...]:
    """All standards, by date and tier."""
    return tuple(
        MinimumWage(
            int(row["tier"]),
            Decimal(row["monthly"]),
            Decimal(row["hourly"]),
            date.fromisoformat(row["valid_from"]),
            _day(row["valid_to"]),
            row["document"],
            row["document_number"] or None,
        )
        for row in rows("wages/minimum_wages.csv")
    )


@cache
def _tiers() -> dict[str, tuple[tuple[int, date, date | None], ...]]:
    tiers: dict[str, list[tuple[int, date, date | None]]] = {}
    for row in rows("wages/minimum_wage_tiers.csv"):
        spell = (int(row["tier"]), date.fromisoformat(row["valid_from"]), _day(row["valid_to"]))
        tiers.setdefault(row["county_code"], []).append(spell)
    return {county: tuple(spells) for county, spells in tiers.items()}


def minimum_wage(county_code: str, on: date) -> MinimumWage | None:
    """The standard in force in a county on a day; a town's or village's code gives its county's.

    None where unknown: a code above the county or outside Fujian, 金门, a day before the first standard.
    """
    spells = _tiers().get(county_code[:6], ())
    tier = next((tier for tier, first, last in spells if _covers(first, last, on)), None)
    return next(
        (w for w in minimum_wages() if w.tier == tier and _covers(w.valid_from, w.valid_to, on)),
        None,
    )
