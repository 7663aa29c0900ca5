"""Of all statements on one fact of one person the one that counts, and what the others say against it.

The strongest source wins. A fact that lists can only deny is open where a weaker but no older list denies what a stronger one
affirms. What only a list past its shelf life says is unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl

from chunfeng.engines.facts.declared import Declared

CHOSEN: dict[str, pl.DataType | type[pl.DataType]] = {
    "person": pl.String, "fact": pl.String, "value": pl.String, "kind": pl.String, "file": pl.String, "sheet": pl.String,
    "row": pl.UInt32, "date": pl.Date, "stale": pl.Boolean, "conflict": pl.Boolean, "note": pl.String,
    "against_kind": pl.String, "against_value": pl.String, "against_file": pl.String, "against_sheet": pl.String,
    "against_row": pl.UInt32,
}  # fmt: skip
"""One line per person and fact that any row speaks of. `value` null is unknown. `against_*`: the row that contradicts."""
_UNRANKED = 99
_KEY = ("whose", "what")


def choose(
    said: pl.DataFrame,
    lists: pl.DataFrame,
    facts: Mapping[str, Declared],
    as_of: date,
    names: Mapping[str, str],
) -> pl.DataFrame:
    """CHOSEN, sorted by fact and person. `said`: SAID; `lists`: as `handed_in` gives them; `names`: kind → Chinese name."""
    numbered = said.filter(pl.col("fact").is_in(list(facts))).with_row_index("i")
    ranked = _ranked(numbered, lists, facts, as_of)
    fresh = ranked.filter(~pl.col("stale"))
    top = fresh.unique(_KEY, keep="first", maintain_order=True)
    old = ranked.join(top, on=_KEY, how="anti").unique(_KEY, keep="first", maintain_order=True)
    chosen = _settled(numbered, top.join(_against(fresh, top), on=_KEY, how="left"), names)
    aged = numbered[old["i"]].with_columns(
        pl.lit(None, dtype=pl.String).alias("value"),
        pl.concat_str(pl.lit("名单已过期（"), old["list_date"].cast(pl.String), pl.lit("）")).alias("note"),
        pl.lit(False).alias("conflict"), pl.lit(True).alias("stale"),
    )  # fmt: skip
    parts = [
        part.select(
            [(pl.col(c) if c in part.columns else pl.lit(None)).cast(t).alias(c) for c, t in CHOSEN.items()]
        )
        for part in (chosen, aged)
    ]
    return pl.concat(parts).sort("fact", "person")


def _ranked(
    numbered: pl.DataFrame, lists: pl.DataFrame, facts: Mapping[str, Declared], as_of: date
) -> pl.DataFrame:
    """Statements by number (`i`), in the order in which they count: `whose` and `what` as integers, `stale`, `adverse`,
    and the day they date from. Slim, since there are many to sort."""
    fact, kind = pl.Enum(list(facts)), pl.Enum(sorted({k for f in facts.values() for k in f.sources}))
    places = pl.DataFrame(
        [(f.fact, source, n) for f in facts.values() for n, source in enumerate(f.sources)],
        schema={"fact": fact, "kind": kind, "rank": pl.Int16},
        orient="row",
    )
    about = pl.DataFrame(
        [(f.fact, f.shelf_life, f.clear, f.absence == "adverse_only") for f in facts.values()],
        schema={"fact": fact, "shelf_life": pl.Int32, "clear": pl.String, "deniable": pl.Boolean},
        orient="row",
    )
    days = lists.select("file", "sheet", pl.col("date").alias("list_date")).unique(["file", "sheet"])
    dated = numbered.select("file", "sheet").join(
        days, on=["file", "sheet"], how="left", maintain_order="left"
    )
    slim = numbered.select(
        "i", pl.col("person").cast(pl.Categorical).to_physical().alias("whose"), pl.col("fact").cast(fact),
        pl.col("kind").cast(kind, strict=False), "value", "date", "order",
    ).with_columns(dated["list_date"])  # fmt: skip
    joined = slim.join(places, on=["fact", "kind"], how="left").join(about, on="fact", how="left")
    age = (pl.lit(as_of) - pl.col("list_date")).dt.total_days()
    # within one list: what is adverse before what is not; an open yes or no between the two
    clear = pl.col("clear").is_in(["true", "false"])
    adverse = (
        pl.when(~clear.fill_null(False)).then(0).when(pl.col("value").is_null()).then(1)
        .when(pl.col("value") == pl.col("clear")).then(2).otherwise(0)
    )  # fmt: skip
    return joined.select(
        "i", "whose", pl.col("fact").to_physical().alias("what"), "kind", "value", "list_date", "deniable",
        pl.coalesce("order", "rank").fill_null(_UNRANKED).alias("place"), adverse.cast(pl.Int8).alias("adverse"),
        pl.coalesce("date", "list_date").alias("said_on"), (age > pl.col("shelf_life")).fill_null(False).alias("stale"),
    ).sort(
        "what", "whose", "place", "adverse", "said_on", "i", descending=[False, False, False, False, True, False], nulls_last=True
    )  # fmt: skip


def _against(fresh: pl.DataFrame, top: pl.DataFrame) -> pl.DataFrame:
    """The first statement of another kind of list that says otherwise: whose, what, other (its `i`), and how it counts."""
    first = top.select(*_KEY, pl.col("value").alias("own"), pl.col("kind").alias("own_kind"))
    several = fresh.select(*_KEY, "i", "kind", "value", "said_on", "adverse").join(first, on=_KEY)
    other = several.filter(
        pl.col("kind").ne_missing(pl.col("own_kind"))
        & pl.col("value").is_not_null()
        & (pl.col("value") != pl.col("own"))
    ).sort("i")
    order = fresh.select("i").with_row_index("at")
    nearest = other.join(order, on="i").sort("at").unique(_KEY, keep="first", maintain_order=True)
    return nearest.select(
        *_KEY,
        pl.col("i").alias("other"),
        pl.col("said_on").alias("other_on"),
        pl.col("adverse").alias("other_adverse"),
    )


def _settled(numbered: pl.DataFrame, top: pl.DataFrame, names: Mapping[str, str]) -> pl.DataFrame:
    """The statements that count, marked where another list contradicts them."""
    older = (pl.col("other_on") < pl.col("said_on")).fill_null(False)
    conflict = pl.col("other").is_not_null() & ~older
    denied = conflict & pl.col("deniable") & (pl.col("adverse") == 2) & (pl.col("other_adverse") == 0)
    marks = top.select(conflict.alias("conflict"), denied.fill_null(False).alias("denied"), "other")
    against = numbered.select(
        pl.col("i").alias("other"), pl.col("kind").alias("against_kind"), pl.col("value").alias("against_value"),
        pl.col("file").alias("against_file"), pl.col("sheet").alias("against_sheet"), pl.col("row").alias("against_row"),
    )  # fmt: skip
    whole = (
        numbered[top["i"]].with_columns(marks).join(against, on="other", how="left", maintain_order="left")
    )
    words = pl.concat_str(pl.lit("另一名单说法不同，待核实："), pl.col("against_kind").replace(dict(names)))
    return whole.with_columns(
        pl.when(pl.col("denied")).then(None).otherwise("value").alias("value"),
        pl.when(pl.col("denied")).then(words).otherwise("note").alias("note"),
        pl.lit(False).alias("stale"),
    )
