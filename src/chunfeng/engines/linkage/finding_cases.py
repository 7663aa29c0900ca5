"""What rules of findings share: what they look at, what they give, and how rows are cited."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from chunfeng.reference import regions

MISFIT_ROWS = 10
"""Numbers known to other lists, too, from which a sheet's names are held against them."""
MISFIT_SHARE = 1 / 3
"""Share of them under another's name that no wrong number of a relative explains: its rows or columns have slipped."""


@dataclass(frozen=True, slots=True)
class World:
    """What the rules look at. `rows`: claims with person and lane (null if none); `stand`: standings with the person.

    `token_overlap`: per file that came as tokens the share of its tokens that are somebody's here; None: not compared.
    """

    extracts: Sequence[pl.DataFrame]
    rows: pl.DataFrame
    stand: pl.DataFrame
    employers: pl.DataFrame
    as_of: date
    token_overlap: Mapping[str, float] | None


@dataclass(frozen=True, slots=True)
class Cases:
    """`cited`: case, person, order, file, sheet, row (those of lower order first); `told`: case and the words it gives."""

    cited: pl.DataFrame
    told: pl.DataFrame


Rule = Callable[[World], Cases]
ROW = ("file", "sheet", "row")
_CITED: dict[str, pl.DataType | type[pl.DataType]] = {
    "case": pl.String, "person": pl.Int64, "order": pl.Int32, "file": pl.String, "sheet": pl.String, "row": pl.UInt32,
}  # fmt: skip


def cite(
    rows: pl.DataFrame, case: pl.Expr | str = "case", person: pl.Expr | str | None = "person", order: int = 0
) -> pl.DataFrame:
    """Rows in the columns that Cases.cited has; `person` None where the finding is of no one person."""
    whose = pl.lit(None) if person is None else person if isinstance(person, pl.Expr) else pl.col(person)
    of = case if isinstance(case, pl.Expr) else pl.col(case)
    return rows.select(of.alias("case"), whose.alias("person"), pl.lit(order).alias("order"), *ROW).select(
        [pl.col(c).cast(t) for c, t in _CITED.items()]
    )


def listed(column: str, most: int = 5) -> pl.Expr:
    """The distinct values in a group, in order, some of many."""
    values = pl.col(column).drop_nulls().unique().sort()
    more = pl.when(values.len() > most).then(pl.lit("等")).otherwise(pl.lit(""))
    return pl.concat_str(values.head(most).str.join("、"), more)


def place_name(code: str) -> str:
    """The name of a region, its code where it has none."""
    region = regions.get(code)
    return region.name if region is not None else code


def belongs() -> pl.Expr:
    """Whether a row's verified number is its own person's and its name fits: so it was linked by number, or by a human."""
    by_number = pl.col("lane").is_in(["id", "id15", "certificate", "human"])
    return ((pl.col("person") == pl.col("id17")) & by_number.fill_null(True)).fill_null(False)


def misfits(rows: pl.DataFrame) -> pl.DataFrame:
    """Sheets whose names do not belong to their numbers: file, sheet, count (numbers that other sheets know), others.

    A single such row is a finding of its own; a sheet full of them is one finding of the sheet.
    """
    full = rows.filter(
        pl.col("id17").is_not_null() & pl.col("name").is_not_null() & (pl.col("name_kind") == "ok")
    )
    told = full.group_by("file", "sheet", "id17").agg(belongs().any().alias("fits"))
    known = told.filter(pl.len().over("id17") > 1)
    counted = known.group_by("file", "sheet").agg(
        pl.len().alias("count"), (~pl.col("fits")).sum().alias("others")
    )
    return counted.filter(
        (pl.col("count") >= MISFIT_ROWS) & (pl.col("others") > pl.col("count") * MISFIT_SHARE)
    ).sort("file", "sheet")
