"""Facts that contradict each other: registered as unemployed but insured, two lists that differ. As the catalogue declares."""

from __future__ import annotations

import polars as pl

from chunfeng.engines.facts.choose import CHOSEN
from chunfeng.engines.facts.declared import Conflict, Declarations

CROSSED: dict[str, pl.DataType | type[pl.DataType]] = {
    "conflict": pl.String, "person": pl.String, "value": pl.String, "against": pl.String, "rows": pl.String,
}  # fmt: skip
"""One line per contradiction: its kind, the two values as told, the rows that say so (file#sheet#row, by `;`)."""


def crossed(chosen: pl.DataFrame, declared: Declarations) -> tuple[pl.DataFrame, pl.DataFrame]:
    """`chosen` with the facts marked that another fact contradicts, and all contradictions (CROSSED)."""
    parts = [pl.DataFrame(schema=CROSSED), _between_lists(chosen, declared)]
    marks = [pl.DataFrame(schema={"person": pl.String, "fact": pl.String, "_beside": pl.String})]
    for conflict in declared.conflicts:
        if conflict.beside is None:
            continue
        both = _both(chosen, conflict)
        parts.append(_told(both, conflict.conflict))
        marks += [
            both.select("person", pl.lit(fact).alias("fact"), pl.lit(conflict.name).alias("_beside"))
            for fact in (conflict.fact, conflict.beside)
        ]
    noted = pl.concat(marks).group_by("person", "fact").agg(pl.col("_beside").unique().sort().str.join("；"))
    marked = chosen.join(noted, on=["person", "fact"], how="left").with_columns(
        (pl.col("conflict") | pl.col("_beside").is_not_null()).alias("conflict"),
        pl.concat_str("note", "_beside", separator="；", ignore_nulls=True).replace("", None).alias("note"),
    )
    return marked.select(*CHOSEN), pl.concat(parts).sort("conflict", "person", "rows")


def _between_lists(chosen: pl.DataFrame, declared: Declarations) -> pl.DataFrame:
    """One fact, two lists."""
    kinds = {c.fact: c.conflict for c in declared.conflicts if c.beside is None}
    torn = chosen.filter(pl.col("conflict") & pl.col("fact").is_in(list(kinds)))
    return _told(
        torn.with_columns(
            pl.col("fact").replace_strict(kinds, default=None, return_dtype=pl.String).alias("conflict_kind"),
            pl.coalesce("value", "note").alias("value"),
        ),
        None,
    )


def _both(chosen: pl.DataFrame, conflict: Conflict) -> pl.DataFrame:
    one = chosen.filter((pl.col("fact") == conflict.fact) & (pl.col("value") == "true"))
    two = chosen.filter((pl.col("fact") == conflict.beside) & (pl.col("value") == "true")).select(
        "person", pl.col("note").alias("against_value"), pl.col("file").alias("against_file"),
        pl.col("sheet").alias("against_sheet"), pl.col("row").alias("against_row"),
    )  # fmt: skip
    return one.drop("against_value", "against_file", "against_sheet", "against_row").join(two, on="person")


def _told(torn: pl.DataFrame, kind: str | None) -> pl.DataFrame:
    own = pl.concat_str(["file", "sheet", pl.col("row").cast(pl.String)], separator="#")
    other = pl.concat_str(
        ["against_file", "against_sheet", pl.col("against_row").cast(pl.String)], separator="#"
    )
    return torn.select(
        (pl.col("conflict_kind") if kind is None else pl.lit(kind)).alias("conflict"), "person",
        (pl.col("value") if kind is None else pl.col("note")).alias("value"), pl.col("against_value").alias("against"),
        pl.concat_str(own, other, separator=";", ignore_nulls=True).alias("rows"),
    )  # fmt: skip
