"""Problems found while reading: one catalogue of codes, one table of occurrences.

Every occurrence says where (file, sheet, row, column), what (code), and what to do (message).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import polars as pl
import pyarrow as pa

from chunfeng.engines.sheets.data_files import load_yaml

SCHEMA = {
    "file": pl.String,
    "sheet": pl.String,
    "row": pl.UInt32,
    "column": pl.String,
    "severity": pl.String,
    "code": pl.String,
    "message": pl.String,
    "value": pl.String,
}
"""Columns of an issue table; `row` is the sender's row number (first is 1), empty when the whole sheet is meant."""

VALUE_LIMIT = 200


@dataclass(frozen=True, slots=True)
class IssueCode:
    """One kind of problem: severity is error, warning or info."""

    code: str
    severity: str
    message: str
    english: str


@cache
def catalogue() -> dict[str, IssueCode]:
    """All issue codes by name, from issue_codes.yaml."""
    raw = load_yaml(Path(__file__).parent / "issue_codes.yaml")
    return {
        code: IssueCode(code, entry["severity"], entry["message"].replace("\\#", "#"), entry["english"])
        for code, entry in raw.items()
    }


class ReadingError(Exception):
    """A file, archive member or sheet that cannot be read; carries the issue code and what was seen."""

    def __init__(self, code: str, detail: str = "", sheet: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail
        self.sheet = sheet


@dataclass(frozen=True, slots=True)
class _Many:
    """One problem met in many rows of a sheet; the values as Arrow text of their own, so that no batch is kept for them."""

    code: str
    sheet: str
    column: str
    rows: pl.Series
    values: pa.LargeStringArray


@dataclass(slots=True)
class IssueLog:
    """Collects the issues of one file: single ones by `add`, whole columns of them by `add_many`."""

    file: str
    _single: list[tuple[str, int | None, str, str, str]] = field(default_factory=list)
    _many: list[_Many] = field(default_factory=list)

    def add(
        self, code: str, *, sheet: str = "", row: int | None = None, column: str = "", value: str = ""
    ) -> None:
        """Record one issue. Raises KeyError for a code that the catalogue does not know."""
        catalogue()[code]
        self._single.append((sheet, row, column, code, value[:VALUE_LIMIT]))

    def add_many(
        self, code: str, *, sheet: str, rows: pl.Series, column: str = "", value: pl.Series | None = None
    ) -> None:
        """Record one issue for each of the row numbers `rows` of a sheet; `value` is aligned with them.

        Raises KeyError for a code that the catalogue does not know.
        """
        catalogue()[code]
        if len(rows) == 0:
            return
        if value is None:
            value = pl.Series([""]).new_from_index(0, len(rows))
        text = value.cast(pl.String).fill_null("").str.slice(0, VALUE_LIMIT)
        values = text.rechunk().to_arrow(compat_level=pl.CompatLevel.oldest())
        self._many.append(_Many(code, sheet, column, rows.cast(pl.UInt32), values))

    def table(self) -> pl.DataFrame:
        """All issues in the shape of SCHEMA, in order of sheet and row."""
        return pl.concat(self.parts())

    def parts(self, height: int = 100_000) -> Iterator[pl.DataFrame]:
        """The table in parts of at most `height` rows, one at least: a file may have more issues than rows."""
        ordered = self._ordered()
        words = catalogue()
        code = pl.col("code").cast(pl.String)
        for part in ordered.iter_slices(height) if ordered.height else (ordered,):
            yield part.with_columns(
                pl.lit(self.file).alias("file"),
                code.replace_strict({c: w.severity for c, w in words.items()}).alias("severity"),
                code.replace_strict({c: w.message for c, w in words.items()}).alias("message"),
            ).select(pl.col(name).cast(dtype) for name, dtype in SCHEMA.items())

    def _ordered(self) -> pl.DataFrame:
        """All issues sorted, with numbers in place of the texts that many of them share."""
        sheets = pl.Enum(sorted({s[0] for s in self._single} | {m.sheet for m in self._many}))
        columns = pl.Enum(sorted({s[2] for s in self._single} | {m.column for m in self._many}))
        codes = pl.Enum(sorted(catalogue()))
        order = ("sheet", "row", "column", "code", "value")
        frames = [
            pl.DataFrame(
                self._single,
                schema={
                    "sheet": sheets,
                    "row": pl.UInt32,
                    "column": columns,
                    "code": codes,
                    "value": pl.String,
                },
                orient="row",
            )
        ]
        for m in self._many:
            frame = pl.DataFrame({"row": m.rows, "value": pl.Series(m.values, dtype=pl.String)})
            frames.append(
                frame.with_columns(
                    pl.lit(m.sheet, dtype=sheets).alias("sheet"),
                    pl.lit(m.column, dtype=columns).alias("column"),
                    pl.lit(m.code, dtype=codes).alias("code"),
                ).select(order)
            )
        return pl.concat(frames).sort(order[:4], nulls_last=False, maintain_order=True)
