"""What a list's silence says of a fact: no, presumed clear, or nothing at all; and the wide table with it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl

from chunfeng.engines.facts.declared import COLUMNS, Declared
from chunfeng.engines.facts.lists import MATCHED

DEFAULTS: dict[str, pl.DataType | type[pl.DataType]] = {
    "fact": pl.String, "value": pl.String, "presumed": pl.Boolean, "stale": pl.Boolean, "note": pl.String, "kind": pl.String,
    "date": pl.Date,
}  # fmt: skip
"""Per fact what holds of whoever no row speaks of; value null: unknown, `note` says why."""


def defaults(
    lists: pl.DataFrame, facts: Mapping[str, Declared], as_of: date, names: Mapping[str, str]
) -> pl.DataFrame:
    """DEFAULTS, one line per fact. `lists` as `handed_in` gives them; `names`: kind → Chinese name for the notes."""
    kinds = lists.group_by("kind").agg(
        pl.col("date").max().alias("date"),
        pl.col("rows").sum().alias("rows"),
        pl.col("linked").sum().alias("linked"),
    )
    known = {row["kind"]: row for row in kinds.iter_rows(named=True)}
    lines = [_default(fact, known, as_of, names) for fact in facts.values()]
    return pl.DataFrame(lines, schema=DEFAULTS, orient="row")


def _default(
    fact: Declared, known: Mapping[str, Mapping[str, object]], as_of: date, names: Mapping[str, str]
) -> tuple[object, ...]:
    verdicts = {kind: _usable(known.get(kind), fact.shelf_life, as_of) for kind in fact.sources}
    good = [kind for kind, verdict in verdicts.items() if verdict == "usable"]
    called = "、".join(names.get(kind, kind) for kind in (good or fact.sources))
    newest = max((known[kind]["date"] for kind in good if known[kind]["date"] is not None), default=None)  # type: ignore[type-var]
    first = good[0] if good else None
    if fact.absence == "open":
        told = "名单没有说明" if good else _why(verdicts, names)
        return fact.fact, None, False, not good and "stale" in verdicts.values(), told, first, newest
    if fact.absence == "closed" and len(good) == len(fact.sources):
        return fact.fact, fact.clear, False, False, f"{called}内无记录", first, newest
    if fact.absence == "adverse_only" and good:
        return fact.fact, fact.clear, True, False, f"推定：{called}没有相反记录", first, newest
    return fact.fact, None, False, "stale" in verdicts.values(), _why(verdicts, names), None, None


def _usable(line: Mapping[str, object] | None, shelf_life: int | None, as_of: date) -> str:
    if line is None:
        return "missing"
    day = line["date"]
    if shelf_life is not None and isinstance(day, date) and (as_of - day).days > shelf_life:
        return "stale"
    rows, linked = line["rows"], line["linked"]
    assert isinstance(rows, int) and isinstance(linked, int)
    return "usable" if linked >= rows * MATCHED else "unlinked"


def _why(verdicts: Mapping[str, str], names: Mapping[str, str]) -> str:
    words = {"missing": "没有报送", "stale": "已过期", "unlinked": "多数行未能归到人"}
    told = [
        f"{names.get(kind, kind)}{words[verdict]}" for kind, verdict in verdicts.items() if verdict in words
    ]
    return "；".join(told) or "没有名单"


def wide(
    keys: pl.DataFrame,
    key: str,
    chosen: pl.DataFrame,
    silence: pl.DataFrame,
    uncovered: pl.DataFrame,
    facts: Mapping[str, Declared],
) -> pl.DataFrame:
    """`keys` with one typed column per fact. `chosen`: its column `person` holds the key; `uncovered`: kind, person."""
    default = {row["fact"]: row["value"] for row in silence.iter_rows(named=True)}
    parts = {str(name): part for (name,), part in chosen.group_by("fact")}
    order = keys.select(pl.col(key).alias("person"))
    columns = [
        typed(_texts(order, fact, parts, default[fact.fact], uncovered), fact).alias(fact.fact)
        for fact in facts.values()
    ]
    return keys.with_columns(columns)


def _texts(
    order: pl.DataFrame,
    fact: Declared,
    parts: Mapping[str, pl.DataFrame],
    default: str | None,
    uncovered: pl.DataFrame,
) -> pl.Series:
    """One fact of everybody in `order` as text: what is said, else what silence says."""
    column = order.with_columns(pl.lit(default, dtype=pl.String).alias("value"))
    if fact.absence == "closed" and default is not None and uncovered.height:
        out = (
            uncovered.filter(pl.col("kind").is_in(fact.sources))
            .select("person", pl.lit(True).alias("out"))
            .unique()
        )
        column = column.join(out, on="person", how="left", maintain_order="left")
        column = column.with_columns(pl.when(pl.col("out").is_null()).then("value").alias("value"))
    if (said := parts.get(fact.fact)) is not None:
        said = said.select("person", pl.col("value").alias("own"), pl.lit(True).alias("said"))
        column = column.join(said, on="person", how="left", maintain_order="left", validate="m:1")
        column = column.with_columns(
            pl.when(pl.col("said").is_null()).then("value").otherwise("own").alias("value")
        )
    return column["value"]


def typed(text: pl.Series, fact: Declared) -> pl.Series:
    """The column of a fact out of its text."""
    if fact.type == "yes_no":
        return text.replace_strict({"true": True, "false": False}, default=None, return_dtype=pl.Boolean)
    if fact.type == "date":
        return text.str.to_date("%Y-%m-%d", strict=False)
    return text.cast(COLUMNS[fact.type], strict=False)
