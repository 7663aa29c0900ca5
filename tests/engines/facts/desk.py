"""Small invented lists whose rows are known to be somebody's, and the facts they give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from itertools import count
from typing import Any

import polars as pl

from chunfeng.engines.facts.declared import Declarations, read_declarations
from chunfeng.engines.facts.derive import Facts, Linkage, derive
from chunfeng.engines.facts.said import Tables, World
from chunfeng.reference.rules import FACTS

AS_OF = date(2023, 1, 15)
HERE = "350825"
_VALUES: dict[str, Any] = {
    "person": pl.String, "field": pl.String, "value": pl.String, "rank": pl.UInt32, "kind": pl.String, "file": pl.String,
    "sheet": pl.String, "row": pl.UInt32,
}  # fmt: skip


@cache
def declared() -> Declarations:
    return read_declarations(FACTS)


def sheet(
    kind: str,
    *rows: Mapping[str, Any],
    period: date | None = None,
    place: str = HERE,
    file: str | None = None,
    name: str = "",
    current: bool = True,
) -> pl.DataFrame:
    """One extract as the reader types it. `who` is whose row it is (none: nobody's), `maybe` whose it may be."""
    columns = list(dict.fromkeys(key for row in rows for key in row))
    types = {
        key: pl.Date if any(isinstance(row.get(key), date) for row in rows)
        else pl.Boolean if any(isinstance(row.get(key), bool) for row in rows) else pl.String
        for key in columns
    }  # fmt: skip
    fixed = {
        "file": file or f"{kind}.csv", "sheet": name, "kind": kind, "department": "某局", "state": "ok", "current": current,
        "period": period, "place": place,
    }  # fmt: skip
    numbers = count(2)
    filled = [{**fixed, "row": next(numbers), **{key: row.get(key) for key in columns}} for row in rows]
    schema = {
        **dict.fromkeys(fixed, pl.String), "current": pl.Boolean, "period": pl.Date, "row": pl.UInt32, **types,
    }  # fmt: skip
    return pl.DataFrame(filled, schema=schema)


def person(who: str, born: date, sex: str = "1", **fields: str) -> list[dict[str, Any]]:
    """What the golden record has of somebody: `sex` 1 or 2, further fields by name, all said by the household register."""
    said = {"sex": sex, "birth": born.isoformat(), **fields}
    return [
        {
            "person": who, "field": field, "value": value, "rank": 1, "kind": "household_register", "file": "golden",
            "sheet": "", "row": 1,
        }
        for field, value in said.items()
    ]  # fmt: skip


def facts(
    *extracts: pl.DataFrame,
    people: Sequence[Mapping[str, Any]] = (),
    homes: Sequence[tuple[str, str, str]] = (),
    regions: Mapping[str, str] | None = None,
    addresses: Mapping[str, str] | None = None,
    as_of: date = AS_OF,
    employers: Sequence[tuple[str, int, str]] = (),
    **readings: bool | int,
) -> Facts:
    """The facts of all persons named. `homes`: household, person, source; `employers`: file, row, employer; `readings` other
    than the catalogue's."""
    rows = [e.select(*_PLACE, *[c for c in ("who", "maybe") if c in e.columns]) for e in extracts]
    named = pl.concat([pl.DataFrame(schema=_ROWS), *rows], how="diagonal")
    links = named.drop_nulls("who").select(*_PLACE, person="who")
    pending = named.drop_nulls("maybe").select(*_PLACE, person="maybe")
    values = pl.DataFrame(people, schema=_VALUES)
    everyone = pl.concat([links["person"], pending["person"], values["person"]]).unique().sort()
    where = regions or {}
    persons = pl.DataFrame({"person": everyone}).with_columns(
        pl.col("person").replace_strict(where, default=HERE, return_dtype=pl.String).alias("hukou_region"),
        pl.lit(None, dtype=pl.String).alias("stay_region"),
        pl.col("person")
        .replace_strict(addresses or {}, default=None, return_dtype=pl.String)
        .alias("hukou_address"),
    )
    households = pl.DataFrame(
        [(h, p, source, True, h) for h, p, source in homes],
        schema={"household": pl.String, "person": pl.String, "source": pl.String, "current": pl.Boolean, "merged": pl.String},
        orient="row",
    )  # fmt: skip
    firms = pl.DataFrame(
        [(file, "", row, employer) for file, row, employer in employers],
        schema={"file": pl.String, "sheet": pl.String, "row": pl.UInt32, "employer": pl.String},
        orient="row",
    )
    called = firms.select("employer", pl.col("employer").alias("name")).unique()
    linked = Linkage(links, pending, persons, values, households, firms, called)
    own = declared()
    assert set(readings) <= set(own.readings)
    return derive(extracts, linked, replace(own, readings={**own.readings, **readings}), as_of, HERE)


_PLACE = ("file", "sheet", "row")
_ROWS = {"file": pl.String, "sheet": pl.String, "row": pl.UInt32, "who": pl.String, "maybe": pl.String}


def world(*extracts: pl.DataFrame, as_of: date = AS_OF) -> World:
    """What derivers look at, for those that are tested alone."""
    links = pl.concat([e.select(*_PLACE, person="who").drop_nulls("person") for e in extracts])
    return World(Tables(extracts, as_of), links, pl.DataFrame(schema=_VALUES), HERE, declared(), {})


def one(found: Facts, who: str, fact: str) -> Any:
    """The value of one fact of one person."""
    return found.persons.filter(pl.col("person") == who)[fact][0]


def why(found: Facts, who: str | None, fact: str) -> dict[str, Any]:
    """The line of provenance of one fact of one person; of everyone else for None."""
    same = pl.col("person").is_null() if who is None else pl.col("person") == who
    return found.provenance.filter(same & (pl.col("fact") == fact)).row(0, named=True)
