"""Of all statements on one fact of one person the one that counts, and what the others say against it.

The strongest source wins. A fact that lists can only deny is open where a weaker but no older list denies what a stronger one
affirms. What only a list past its shelf life says is unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl

from chunfeng.engines.facts.declared import Declared
from chunfeng.engines.facts.said import ROW

CHOSEN: dict[str, pl.DataType | type[pl.DataType]] = {
    "person": pl.String, "fact": pl.String, "value": pl.String, "kind": pl.String, "file": pl.String, "sheet": pl.String,
    "row": pl.UInt32, "date": pl.Date, "stale": pl.Boolean, "conflict": pl.Boolean, "note": pl.String,
    "against_kind": pl.String, "against_value": pl.String, "against_file": pl.String, "against_sheet": pl.String,
    "against_row": pl.UInt32,
}  # fmt: skip
"""One line per person and fact that any row speaks of. `value` null is unknown. `against_*`: the row that contradicts."""
_UNRANKED = 99
_KEY = ("person", "fact")


def choose(
    said: pl.DataFrame,
    lists: pl.DataFrame,
    facts: Mapping[str, Declared],
    as_of: date,
    names: Mapping[str, str],
) -> pl.DataFrame:
    """CHOSEN, sorted by fact and person. `said`: SAID; `lists`: as `handed_in` gives them; `names`: kind → Chinese name."""
    ranked = _ranked(said, lists, facts, as_of)
    fresh = ranked.filter(~pl.col("stale"))
    top = fresh.unique(_KEY, keep="first", maintain_order=True)
    chosen = _settled(fresh, top, names)
    old = ranked.join(top, on=_KEY, how="anti").unique(_KEY, keep="first", maintain_order=True)
    aged = old.with_columns(
        pl.lit(None, dtype=pl.String).alias("value"),
        pl.concat_str(pl.lit("名单已过期（"), pl.col("list_date").cast(pl.String), pl.lit("）")).alias(
            "note"
        ),
        pl.lit(False).alias("conflict"),
    )
    parts = [part.select(pl.col(c).cast(t) if c in part.columns else pl.lit(None, dtype=t).alias(c) for c, t in CHOSEN.items())
             for part in (chosen, aged)]  # fmt: skip
    return pl.concat(parts).sort("fact", "person")


def _ranked(
    said: pl.DataFrame, lists: pl.DataFrame, facts: Mapping[str, Declared], as_of: date
) -> pl.DataFrame:
    """Statements in the order in which they count, with `stale`, `clear` and the day they date from."""
    table = pl.DataFrame(
        [
            (f.fact, kind, i, f.shelf_life, f.clear, f.absence)
            for f in facts.values()
            for i, kind in enumerate(f.sources)
        ],
        schema={
            "fact": pl.String,
            "kind": pl.String,
            "rank": pl.Int16,
            "shelf_life": pl.Int32,
            "clear": pl.String,
            "absence": pl.String,
        },
        orient="row",
    )
    life = table.group_by("fact").agg(pl.col("shelf_life", "clear", "absence").first())
    days = lists.select("file", "sheet", pl.col("date").alias("list_date"))
    joined = (
        said.join(table.drop("shelf_life", "clear", "absence"), on=["fact", "kind"], how="left")
        .join(life, on="fact", how="left")
        .join(days, on=["file", "sheet"], how="left")
        .with_columns(
            pl.coalesce("order", "rank").fill_null(_UNRANKED).alias("place"),
            pl.coalesce("date", "list_date").alias("said_on"),
        )
    )
    age = (pl.lit(as_of) - pl.col("list_date")).dt.total_days()
    stale = (age > pl.col("shelf_life")).fill_null(False)
    # within one list: what is adverse before what is not, then the newest; a null among yes_no between the two
    adverse = pl.when(pl.col("clear").is_in(["true", "false"])).then(
        pl.when(pl.col("value").is_null()).then(1).when(pl.col("value") == pl.col("clear")).then(2).otherwise(0)
    ).otherwise(0)  # fmt: skip
    return joined.with_columns(stale.alias("stale"), adverse.alias("adverse")).sort(
        "fact", "person", "place", "adverse", "said_on", *ROW, descending=[False, False, False, False, True, False, False, False],
        nulls_last=True,
    )  # fmt: skip


def _settled(fresh: pl.DataFrame, top: pl.DataFrame, names: Mapping[str, str]) -> pl.DataFrame:
    """The first statement of each, marked where another list contradicts it."""
    first = top.select(
        *_KEY,
        pl.col("value").alias("_value"),
        pl.col("kind").alias("_kind"),
        pl.col("said_on").alias("_on"),
        pl.col("adverse").alias("_adverse"),
    )
    other = fresh.join(first, on=_KEY).filter(
        (pl.col("kind") != pl.col("_kind"))
        & pl.col("value").is_not_null()
        & (pl.col("value") != pl.col("_value"))
    )
    against = other.unique(_KEY, keep="first", maintain_order=True).select(
        *_KEY, pl.col("kind").alias("against_kind"), pl.col("file").alias("against_file"), pl.col("sheet").alias("against_sheet"),
        pl.col("row").alias("against_row"), pl.col("value").alias("against_value"), pl.col("said_on").alias("against_on"),
        pl.col("adverse").alias("against_adverse"),
    )  # fmt: skip
    joined = top.join(against, on=_KEY, how="left")
    older = (pl.col("against_on") < pl.col("said_on")).fill_null(False)
    conflict = pl.col("against_kind").is_not_null() & ~older
    denied = (
        conflict
        & (pl.col("absence") == "adverse_only")
        & (pl.col("adverse") == 2)
        & (pl.col("against_adverse") == 0)
    )
    words = pl.concat_str(pl.lit("另一名单说法不同，待核实："), pl.col("against_kind").replace(dict(names)))
    return joined.with_columns(
        conflict.alias("conflict"),
        pl.when(denied).then(None).otherwise("value").alias("value"),
        pl.when(denied).then(words).otherwise("note").alias("note"),
    )
