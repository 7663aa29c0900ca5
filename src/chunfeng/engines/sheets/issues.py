"""Problems found while reading: one catalogue of codes, one table of occurrences.

Every occurrence says where (file, sheet, row, column), what (code), and what to do (message).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import polars as pl
import yaml

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
    raw = yaml.safe_load((Path(__file__).parent / "issue_codes.yaml").read_text(encoding="utf-8"))
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


@dataclass(slots=True)
class IssueLog:
    """Collects the issues of one file: single ones by `add`, whole columns of them by `add_many`."""

    file: str
    _single: list[tuple[str, int | None, str, str, str]] = field(default_factory=list)
    _frames: list[pl.DataFrame] = field(default_factory=list)

    def add(
        self, code: str, *, sheet: str = "", row: int | None = None, column: str = "", value: str = ""
    ) -> None:
        """Record one issue. Raises KeyError for a code that the catalogue does not know."""
        catalogue()[code]
        self._single.append((sheet, row, column, code, value[:VALUE_LIMIT]))

    def add_many(self, code: str, *, rows: pl.DataFrame, column: str, value: pl.Series | None = None) -> None:
        """Record one issue per row of `rows` (columns `sheet`, `row`); `value` is aligned with it."""
        if rows.height == 0:
            return
        catalogue()[code]
        text = pl.lit("") if value is None else pl.Series("value", value).cast(pl.String).fill_null("")
        self._frames.append(
            rows.select(
                pl.col("sheet").cast(pl.String),
                pl.col("row").cast(pl.UInt32),
                pl.lit(column).alias("column"),
                pl.lit(code).alias("code"),
                text.alias("value"),
            ).with_columns(pl.col("value").str.slice(0, VALUE_LIMIT))
        )

    def table(self) -> pl.DataFrame:
        """All issues in the shape of SCHEMA, in order of sheet and row."""
        single = pl.DataFrame(
            self._single,
            schema={
                "sheet": pl.String,
                "row": pl.UInt32,
                "column": pl.String,
                "code": pl.String,
                "value": pl.String,
            },
            orient="row",
        )
        merged = pl.concat([single, *self._frames])
        codes = pl.DataFrame(
            [(c.code, c.severity, c.message) for c in catalogue().values()],
            schema=["code", "severity", "message"],
            orient="row",
        )
        return (
            merged.join(codes, on="code", how="left", maintain_order="left")
            .with_columns(pl.lit(self.file).alias("file"))
            .select(list(SCHEMA))
            .cast(SCHEMA)  # type: ignore[arg-type]
            .sort("sheet", "row", "column", "code", nulls_last=False, maintain_order=True)
        )
