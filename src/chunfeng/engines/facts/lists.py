"""Which lists were handed in, from when they date, whether their rows could be linked, and which places they cover.

A list's silence is worth something only if it is there, fresh, linked and meant for the person's place.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from chunfeng.reference import regions

SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "kind": pl.String, "file": pl.String, "sheet": pl.String, "date": pl.Date, "dated": pl.Boolean, "place": pl.String,
    "rows": pl.UInt32, "linked": pl.UInt32,
}  # fmt: skip
"""`date`: the list's own day, null where it has none; `dated`: by its month or by rows that bear the day they speak of."""
BY_ROWS = {
    "insurance_contributions": ("contribution_month", "insured_to", "insured_from"), "population_flow": ("flow_month",),
    "unemployment_benefits": ("benefit_month",), "village_survey": ("visited_on",), "travel_demand": ("signed_up_on",),
    "help_requests": ("called_at",), "vacancies": ("posted_on",), "labour_shortage": ("surplus_from",),
    "zero_employment_households": ("declared_on",), "fair_signups": ("signed_up_on", "fair_on"),
}  # fmt: skip
"""Kinds whose rows each bear the day they speak of: the newest is the list's day."""
BY_ENTRIES = {
    "household_register": ("hukou_changed_on",), "real_name_register": ("real_name_on", "job_seeking_from", "job_seeking_to"),
    "unemployment_register": ("unemployment_approved_at", "unemployment_cancelled_on"), "pension_benefits": ("first_paid_month",),
    "minimum_living_allowance": ("allowance_from", "allowance_to"), "disability_certificates": ("issued_on", "cancelled_on"),
    "public_welfare_posts": ("started_on", "left_on"), "migrant_residents": ("arrived_on",),
}  # fmt: skip
"""Registers that gain entries all the time: one without a new entry for SILENCE times its usual interval is old. A list of
graduates or of expropriated land is as old as its month says, however long ago they graduated."""
SILENCE = 10
_MANY = 30
MATCHED = 0.5
"""Below this share of linked rows a list's silence says nothing."""


def handed_in(extracts: Sequence[pl.DataFrame], links: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """One line per current list (extract): SCHEMA, by kind, file, sheet. `links`: file, sheet, row, person."""
    linked = links.group_by("file", "sheet").agg(pl.col("row").n_unique().cast(pl.UInt32).alias("linked"))
    lines = [
        _line(extract, as_of)
        for extract in extracts
        if extract.height and bool((extract["current"].fill_null(True)).any())
    ]
    known = [name for name in SCHEMA if name != "linked"]
    table = pl.DataFrame(lines, schema={name: SCHEMA[name] for name in known}, orient="row")
    joined = table.join(linked, on=["file", "sheet"], how="left").with_columns(pl.col("linked").fill_null(0))
    return joined.select([pl.col(c).cast(t) for c, t in SCHEMA.items()]).sort("kind", "file", "sheet")


def _line(extract: pl.DataFrame, as_of: date) -> tuple[object, ...]:
    kind = str(extract["kind"][0])
    day, dated = _day(extract, kind, as_of)
    places = (
        extract["place"].drop_nulls().unique()
        if "place" in extract.columns
        else pl.Series([], dtype=pl.String)
    )
    place = places[0] if places.len() == 1 else None
    taken = extract.filter(pl.col("state") != "rejected").height
    return kind, extract["file"][0], extract["sheet"][0] or "", day, dated, place, taken


def _day(extract: pl.DataFrame, kind: str, as_of: date) -> tuple[date | None, bool]:
    period = extract["period"].max() if "period" in extract.columns else None
    if isinstance(period, date):
        last = pl.Series([period]).cast(pl.Date).dt.month_end()[0]
        return min(last, as_of), True
    if kind not in BY_ROWS:
        entries = [_by_entries(extract, c, as_of) for c in BY_ENTRIES.get(kind, ()) if c in extract.columns]
        known = [day for day in entries if day is not None]
        return (max(known), True) if known else (None, False)
    found = [_newest(extract, column, as_of) for column in BY_ROWS[kind] if column in extract.columns]
    days = [day for day in found if day is not None]
    if not days:
        return None, False
    newest = max(days)
    if kind in ("insurance_contributions", "population_flow", "unemployment_benefits"):
        newest = min(pl.Series([newest]).dt.month_end()[0], as_of)
    return newest, True


def _days(extract: pl.DataFrame, column: str, as_of: date) -> pl.Series:
    days = extract[column].cast(pl.Date, strict=False).drop_nulls()
    return days.filter(days <= as_of)


def _newest(extract: pl.DataFrame, column: str, as_of: date) -> date | None:
    newest = _days(extract, column, as_of).max()
    return newest if isinstance(newest, date) else None


def _by_entries(extract: pl.DataFrame, column: str, as_of: date) -> date | None:
    """The last day on which the list may have been written, going by how often entries come; None of a short list."""
    days = _days(extract, column, as_of)
    newest, oldest = days.max(), days.min()
    if days.len() < _MANY or not isinstance(newest, date) or not isinstance(oldest, date):
        return None
    usual = (newest - oldest) / days.len()
    return min(as_of, newest + usual * SILENCE)


def covered(lists: pl.DataFrame, persons: pl.DataFrame) -> pl.DataFrame:
    """(kind, person) that lists of the kind do not cover: lists of single towns, none of them the person's.

    `persons`: person, hukou_region, stay_region. A list of a county or without a place is taken to be whole. Whoever has no
    known town is uncovered unless every town of the county handed in.
    """
    parts = [pl.DataFrame(schema={"kind": pl.String, "person": pl.String})]
    for (kind,), of_kind in lists.group_by("kind", maintain_order=True):
        places = of_kind["place"].fill_null("")
        if bool((places.str.len_chars() < 9).any()):
            continue
        towns = places.str.slice(0, 9).unique()
        if _all_towns(towns):
            continue
        own = [
            pl.col(c).str.slice(0, 9).is_in(towns.to_list()).fill_null(False)
            for c in ("hukou_region", "stay_region")
        ]
        parts.append(persons.filter(~(own[0] | own[1])).select(pl.lit(str(kind)).alias("kind"), "person"))
    return pl.concat(parts)


def _all_towns(towns: pl.Series) -> bool:
    counties = towns.str.slice(0, 6).unique()
    return all(
        {r.code for r in regions.children(county) if not r.is_functional} <= set(towns) for county in counties
    )
