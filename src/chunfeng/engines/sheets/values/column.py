"""A column as a type sees it: text with its sheet's context in, typed columns and named problems out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import polars as pl

INVISIBLE = "[\u200b-\u200f\u2028-\u202e\u2060\ufeff\u00ad\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]"
PLACEHOLDERS = (
    "无", "/", "-", "－", "—", "——", "--", "\\", "不详", "未知", "暂无", "空",
    "N/A", "n/a", "NULL", "null", "待补", "待定",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Context:
    """What a column needs to know of its sheet: the date system and the region the file speaks of."""

    epoch_1904: bool = False
    default_year: int | None = None
    within: str | None = None


@dataclass(slots=True)
class Typed:
    """The columns a type yields. Key '' is the main one, others are suffixes (`_key`, `_region` …).

    `problems` are (issue code, mask); a mask is a Boolean Series over the rows.
    """

    columns: dict[str, pl.Series]
    problems: list[tuple[str, pl.Series]] = field(default_factory=list)

    def problem(self, code: str, mask: pl.Series) -> None:
        """Note `code` where the mask holds; nulls count as no."""
        filled = mask.fill_null(False)
        if filled.any():
            self.problems.append((code, filled))


Typer = Callable[[pl.Series, Context], Typed]


def by_distinct(
    values: pl.Series, function: Callable[[str], Any], dtype: pl.DataType | type[pl.DataType]
) -> pl.Series:
    """Apply a Python function once per distinct non-null text."""
    distinct = values.drop_nulls().unique()
    mapped = pl.Series("mapped", [function(v) for v in distinct], dtype=dtype, strict=False)
    table = pl.DataFrame({"text": distinct, "mapped": mapped})
    return values.to_frame("text").join(table, on="text", how="left", maintain_order="left")["mapped"]


def clean_text(values: pl.Series) -> pl.Series:
    """Outer blanks and invisible characters off; blank becomes null."""
    frame = values.to_frame("v")
    cleaned = pl.col("v").str.replace_all(INVISIBLE, "").str.strip_chars(" \t\r\n\u3000\u00a0")
    return frame.select(pl.when(cleaned != "").then(cleaned))["v"]


def is_placeholder(values: pl.Series) -> pl.Series:
    """Mask of the cells that say in words that nothing is known."""
    return values.str.strip_chars().is_in(PLACEHOLDERS)


def not_taken(result: pl.Series, cleaned: pl.Series) -> pl.Series:
    """Mask of the cells that say something, of which a type made nothing."""
    return result.is_null() & cleaned.is_not_null() & ~is_placeholder(cleaned)
