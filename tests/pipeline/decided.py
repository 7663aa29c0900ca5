"""Invented people as the facts stage leaves them, and the decisions stage run on them in a folder as linkage leaves it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from chunfeng.pipeline import book as books
from chunfeng.pipeline import decisions
from chunfeng.pipeline.facts import FactsStage

DAY = date(2023, 1, 15)
HERE = "350825"
SETTLED: dict[str, Any] = {
    "sex": "male", "birth_date": date(1970, 5, 1), "hukou": "urban", "hukou_in_province": True, "hukou_here": True,
    "moved_out": False, "alive": True, "in_prison": False, "draws_pension": False, "retirement_category": "60",
    "able_to_work": True, "in_school": False, "insured_by_employer": False, "business_licence": False, "public_post": False,
    "flexible_employment": False, "seen_working": False, "registered_unemployed": False, "wish_to_work": True,
    "wish_to_transfer": False, "job_seeking": False, "real_name": False, "disability_certificate": False, "allowance": False,
    "allowance_urban": False, "allowance_rural": False, "poverty_exit": False, "poverty_relapse_watch": False,
    "family_planning_valid": False, "land_expropriated": False, "unemployment_insured_ever": False, "graduate": False,
    "working_elsewhere": False, "migrant_here": False, "intention": "none", "trip_wish": False, "wants_startup": False,
    "festival_stay": False, "post_months": 0, "unemployment_insured_months": 0,
}  # fmt: skip
"""Somebody of whom everything is known and whom nothing concerns."""
JOBLESS = SETTLED | {"registered_unemployed": True, "unemployed_since": date(2022, 10, 1)}


def table(entity: str, rows: Mapping[str, Mapping[str, Any]]) -> pl.DataFrame:
    """The wide table of an entity: key → facts (with `household`, `area` if not the county)."""
    schema = books.catalogue().schema(entity)
    full = [{entity: key, "area": HERE} | dict(facts) for key, facts in rows.items()]
    return pl.DataFrame([{c: row.get(c) for c in schema} for row in full], schema=schema)


PROVENANCE = {
    "entity": pl.String, "person": pl.String, "fact": pl.String, "value": pl.String, "truth": pl.String, "source": pl.String,
    "file": pl.String, "sheet": pl.String, "row": pl.UInt32, "date": pl.Date, "presumed": pl.Boolean, "stale": pl.Boolean,
    "conflict": pl.Boolean, "note": pl.String,
}  # fmt: skip


def line(person: str | None, fact: str, entity: str = "person", **more: Any) -> dict[str, Any]:
    blank = {"truth": "known", "presumed": False, "stale": False, "conflict": False, "note": ""}
    return dict.fromkeys(PROVENANCE) | blank | {"entity": entity, "person": person, "fact": fact} | more


def stage(
    persons: Mapping[str, Mapping[str, Any]],
    employers: Mapping[str, Mapping[str, Any]] | None = None,
    lines: list[dict[str, Any]] | None = None,
    staff: list[tuple[str, str]] | None = None,
) -> FactsStage:
    people = table("person", {k: {"household": f"h-{k}"} | dict(v) for k, v in persons.items()})
    homes = table("household", {h: {} for h in people["household"].drop_nulls().unique().sort()})
    pairs = pl.DataFrame(staff or [], schema={"person": pl.String, "employer": pl.String}, orient="row")
    none = pl.DataFrame(
        schema={"kind": pl.String, "person": pl.String, "rows": pl.String, "message": pl.String}
    )
    provenance = pl.DataFrame(lines or [], schema=PROVENANCE)
    return FactsStage(people, homes, table("employer", employers or {}), provenance, none, pairs, {})


def publish(
    out: Path,
    facts: FactsStage,
    extracts: list[pl.DataFrame] | None = None,
    state: Path | None = None,
    day: date = DAY,
) -> decisions.Decided:
    """Run the stage in a folder as linkage leaves it, with every person's own id on file."""
    out.mkdir(exist_ok=True)
    ids = [f"35082519700501{n:04d}" for n in range(facts.persons.height)]
    facts.persons.select("person").with_columns(pl.Series("id18", ids, dtype=pl.String)).write_parquet(
        out / "persons.parquet"
    )
    facts.provenance.write_parquet(out / "facts.parquet")
    if not (out / "links.csv").exists():
        (out / "links.csv").write_text("file,sheet,row,person,lane,score\n", encoding="utf-8")
    return decisions.publish(out, facts, extracts or [], day, state)
