"""What the lists, held against each other, show to be wrong: dead but paid, one number on two people, two posts held …

Each finding says in Chinese what it is and what to do, and cites its rows. `finding_kinds.yaml` declares the kinds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

import polars as pl
import yaml

from chunfeng.engines.linkage import employers as employer_links
from chunfeng.engines.linkage import finding_rules, finding_sheets
from chunfeng.engines.linkage.finding_cases import Cases, World
from chunfeng.engines.linkage.finding_rules import beside
from chunfeng.engines.linkage.standings import STANDINGS, standings

SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "kind": pl.String, "person": pl.Int64, "rows": pl.String, "message": pl.String,
}  # fmt: skip
CITED = 20
"""Rows a finding names at most; it says how many there are."""
SEVERITIES = ("error", "warning", "info")
OWN_KINDS = Path(__file__).with_name("finding_kinds.yaml")
_ROW = ("file", "sheet", "row")
_SETTINGS = {"kind", "severity", "label", "message", "do", "holds", "beside", "unless"}


RULES = finding_rules.RULES | finding_sheets.RULES


class FindingKindError(ValueError):
    """A table of kinds that cannot be used; the message names the kind and what to change."""


@dataclass(frozen=True, slots=True)
class FindingKind:
    """One kind of finding. `message` holds {name} and the words its rule gives; `do` says who does what."""

    kind: str
    severity: str
    label: str
    message: str
    do: str
    holds: str = ""
    beside: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()


def read_kinds(path: Path = OWN_KINDS) -> tuple[FindingKind, ...]:
    """The kinds a YAML file declares, in its order. Raises FindingKindError."""
    entries = yaml.safe_load(path.read_text(encoding="utf-8"))["kinds"]
    kinds = tuple(_kind(entry, f"{path.name}, kind {entry.get('kind')}") for entry in entries)
    names = [kind.kind for kind in kinds]
    for name in set(names):
        if names.count(name) > 1:
            raise FindingKindError(f"{path.name}: kind {name} is declared twice")
    return kinds


def _kind(entry: dict[str, Any], where: str) -> FindingKind:
    if unknown := set(entry) - _SETTINGS:
        raise FindingKindError(f"{where} has unknown settings {sorted(unknown)}")
    if missing := {"kind", "severity", "label", "message", "do"} - set(entry):
        raise FindingKindError(f"{where} lacks {sorted(missing)}")
    lists = {name: tuple(entry.get(name, ())) for name in ("beside", "unless")}
    kind = FindingKind(**{**entry, **lists})
    if kind.severity not in SEVERITIES:
        raise FindingKindError(f"{where}: severity {kind.severity} is none of {', '.join(SEVERITIES)}")
    if strange := {*([kind.holds] if kind.holds else []), *kind.beside, *kind.unless} - set(STANDINGS):
        raise FindingKindError(f"{where}: no list says {sorted(strange)}; known: {', '.join(STANDINGS)}")
    if bool(kind.holds) != bool(kind.beside):
        raise FindingKindError(f"{where}: `holds` and `beside` go together")
    if not kind.holds and kind.kind not in RULES:
        raise FindingKindError(f"{where} has neither `holds` nor a rule of that name")
    return kind


@cache
def kinds() -> tuple[FindingKind, ...]:
    """The kinds declared in finding_kinds.yaml."""
    return read_kinds()


def findings(
    extracts: Sequence[pl.DataFrame],
    claims: pl.DataFrame,
    assigned: pl.DataFrame,
    review: pl.DataFrame,
    as_of: date,
    *,
    token_overlap: Mapping[str, float] | None = None,
    employers: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Everything found on the day `as_of`: columns of SCHEMA, in the order of the kinds, then person and rows.

    `claims`, `assigned` (claim, person, and lane where known) and `review` (claim, person; may be empty) as linkage
    gives them; `employers` the links of `employers.employers(extracts)`, made here if not given; `token_overlap` per file
    that came as tokens the share of them that are somebody's here, None where none was compared. `person` is null where a
    finding is of no one person; `rows` at most CITED as `file#sheet#row`, joined by `;`, the rows that show it first.
    """
    links = employer_links.employers(extracts) if employers is None else employers
    lane = pl.col("lane") if "lane" in assigned.columns else pl.lit(None, dtype=pl.String).alias("lane")
    rows = claims.join(assigned.select("claim", "person", lane), on="claim", how="left")
    stand = standings(extracts, as_of).join(
        rows.filter(pl.col("person").is_not_null()).select(*_ROW, "person"), on=_ROW
    )
    world = World(extracts, rows, stand, links, as_of, token_overlap)
    parts = [pl.DataFrame(schema=_FOUND)]
    for number, kind in enumerate(kinds()):
        cases = beside(world, kind.holds, kind.beside, kind.unless) if kind.holds else RULES[kind.kind](world)
        parts.append(_found(number, kind, cases, rows, review))
    whole = pl.concat(parts).sort("number", "person", "rows", "message", nulls_last=True)
    return whole.select(*SCHEMA)


_FOUND: dict[str, pl.DataType | type[pl.DataType]] = {"number": pl.Int32, **SCHEMA}


def _found(
    number: int, kind: FindingKind, cases: Cases, rows: pl.DataFrame, review: pl.DataFrame
) -> pl.DataFrame:
    """One line per case: the sentence, what to do, how many rows, what still waits for a human."""
    place = pl.concat_str([pl.col(c).cast(pl.String) for c in _ROW], separator="#")
    cited = (
        cases.cited.sort("case", "order", *_ROW)
        .unique(["case", *_ROW], keep="first", maintain_order=True)
        .group_by("case", maintain_order=True)
        .agg(
            pl.col("person").drop_nulls().first(),
            place.head(CITED).str.join(";").alias("rows"),
            pl.len().alias("n_rows"),
        )
    )
    told = cited.join(cases.told, on="case").join(_names(rows, cited["person"]), on="person", how="left")
    told = told.join(_waiting(review), on="person", how="left")
    messages = [_message(kind, row) for row in told.iter_rows(named=True)]
    return told.select(
        pl.lit(number).cast(pl.Int32).alias("number"), pl.lit(kind.kind).alias("kind"), "person", "rows",
        pl.Series("message", messages, dtype=pl.String),
    )  # fmt: skip


def _message(kind: FindingKind, row: dict[str, Any]) -> str:
    words = {name: row[name] for _, name, _, _ in Formatter().parse(kind.message) if name}
    shown = {name: "（无姓名）" if name == "name" and said is None else said for name, said in words.items()}
    more = f"（共{row['n_rows']}行，列出前{CITED}行。）" if row["n_rows"] > CITED else ""
    waiting = f"另有{row['waiting']}行待人工核对是否此人。" if row["waiting"] else ""
    return kind.message.format(**shown) + more + kind.do + waiting


def _names(rows: pl.DataFrame, persons: pl.Series) -> pl.DataFrame:
    """Person and the full name most of the lists bear, nicknames only where there is no other."""
    of = rows.join(persons.drop_nulls().unique().to_frame("person"), on="person", how="semi").drop_nulls(
        "name"
    )
    counted = of.group_by("person", "name").agg(
        pl.len().alias("n"), (pl.col("name_kind") == "ok").any().alias("full")
    )
    best = counted.sort("person", "full", "n", "name", descending=[False, True, True, False])
    return best.unique("person", keep="first", maintain_order=True).select("person", "name")


def _waiting(review: pl.DataFrame) -> pl.DataFrame:
    """Person and how many claims that may be this person's wait for a human."""
    if review.is_empty():
        return pl.DataFrame(schema={"person": pl.Int64, "waiting": pl.UInt32})
    return review.group_by("person").agg(pl.col("claim").n_unique().cast(pl.UInt32).alias("waiting"))
