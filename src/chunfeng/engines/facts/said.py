"""What a row of a list says of a person: the long table that all derivers fill, and the rows they read.

A row that speaks of a fact without giving its value says so: value null. A row that does not speak of it says nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cached_property

import polars as pl

from chunfeng.engines.facts.declared import Declarations
from chunfeng.engines.linkage.standings import judged, rows_of

SAID: dict[str, pl.DataType | type[pl.DataType]] = {
    "person": pl.String, "fact": pl.String, "value": pl.String, "kind": pl.String, "file": pl.String, "sheet": pl.String,
    "row": pl.UInt32, "date": pl.Date, "note": pl.String, "order": pl.Int16,
}  # fmt: skip
"""`value` as text, null where the row leaves it open (`note` says why). `date`: the day the statement dates from, if the
row gives one. `order`: place among statements that were ranked before; null for the order of the catalogue's sources."""
ROW = ("file", "sheet", "row")


class Tables:
    """The extracts of a run, each reading of them made once."""

    def __init__(self, extracts: Sequence[pl.DataFrame], as_of: date) -> None:
        self.extracts = extracts
        self.as_of = as_of
        self._rows: dict[tuple[str, str, str], pl.DataFrame] = {}

    def rows(self, kind: str, texts: str = "", dates: str = "") -> pl.DataFrame:
        """`standings.rows_of`: the same rows in the same order for whatever columns of a kind."""
        key = (kind, texts, dates)
        if key not in self._rows:
            self._rows[key] = rows_of(self.extracts, kind, texts, dates)
        return self._rows[key]

    @cached_property
    def judged(self) -> pl.DataFrame:
        """`standings.judged` of the day."""
        return judged(self.extracts, self.as_of)

    def has(self, kind: str) -> bool:
        """Whether a list of the kind was handed in."""
        return any(e.height and e["kind"][0] == kind for e in self.extracts)

    def lacks(self, kind: str, column: str) -> bool:
        """No list of the kind fills the column at all: then its silence says nothing."""
        return not any(
            e.height and e["kind"][0] == kind and column in e.columns and e[column].null_count() < e.height
            for e in self.extracts
        )


class World:
    """What derivers look at: the tables, whose rows they are, the golden record, the day, the catalogue."""

    def __init__(
        self,
        tables: Tables,
        links: pl.DataFrame,
        values: pl.DataFrame,
        region: str | None,
        declared: Declarations,
        names: Mapping[str, str],
    ) -> None:
        """`links`: file, sheet, row, person; `values`: person, field, value, rank …; `region`: code of the county (or city)
        that runs the campaign, None if it is not known; `names`: kind → Chinese name."""
        self.tables = tables
        self.links = links
        self.values = values
        self.as_of = tables.as_of
        self.region = region
        self.declared = declared
        self.names = names
        self._whose: dict[str, pl.DataFrame] = {}

    def with_links(self, links: pl.DataFrame) -> World:
        """The same world where rows are other persons'."""
        return World(self.tables, links, self.values, self.region, self.declared, self.names)

    def rows(self, kind: str, texts: str = "", dates: str = "") -> pl.DataFrame:
        """Rows of current lists of a kind whose person is known: `kind`, file, sheet, row, person, the columns asked."""
        table = self.tables.rows(kind, texts, dates)
        if kind not in self._whose:
            places = table.select(*ROW).with_row_index("at")
            self._whose[kind] = places.join(self.links, on=ROW).select("at", "person").sort("at", "person")
        numbered = table.with_row_index("at").join(self._whose[kind], on="at", maintain_order="left")
        return numbered.drop("at").with_columns(kind=pl.lit(kind))

    @cached_property
    def _judged(self) -> pl.DataFrame:
        return self.tables.judged.join(self.links, on=ROW)

    def judged(self, *standings: str) -> pl.DataFrame:
        """`linkage.standings.judged` for these standings, with the person; `holds` is three-valued."""
        return self._judged.filter(pl.col("standing").is_in(standings))

    @property
    def month(self) -> date:
        """First day of the month asked."""
        return self.as_of.replace(day=1)


def say(
    rows: pl.DataFrame,
    fact: str,
    value: pl.Expr | str | bool,
    when: pl.Expr | None = None,
    *,
    on: str | None = None,
    note: pl.Expr | str | None = None,
    order: pl.Expr | None = None,
) -> pl.DataFrame:
    """Statements (SAID) of the rows for which `when` is true; without `when`, of those whose value is not null."""
    given = pl.lit(value) if isinstance(value, str | bool) else value
    words = pl.lit(note, dtype=pl.String) if note is None or isinstance(note, str) else note
    said = rows.select(
        "person", pl.lit(fact).alias("fact"), given.cast(pl.String).alias("value"), "kind", *ROW,
        (pl.col(on) if on else pl.lit(None)).cast(pl.Date).alias("date"),
        words.cast(pl.String).alias("note"), (pl.lit(None) if order is None else order).cast(pl.Int16).alias("order"),
        (pl.lit(True) if when is None else when).fill_null(False).alias("_speaks"),
    )  # fmt: skip
    speaks = pl.col("_speaks") if when is not None else pl.col("value").is_not_null()
    return said.filter(speaks).select([pl.col(c).cast(t) for c, t in SAID.items()])


def says(unread: str) -> pl.Expr:
    """The phrase of a judged row that holds, `unread` of one that cannot be told."""
    return pl.when(pl.col("holds")).then("says").when(pl.col("holds").is_null()).then(pl.lit(unread))


def any_of(text: str, words: str) -> pl.Expr:
    """The text column contains one of the words (a regular expression); false where it is empty."""
    return pl.col(text).str.contains(words).fill_null(False)
