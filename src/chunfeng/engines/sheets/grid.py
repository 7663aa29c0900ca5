"""A grid is one sheet as the sender sees it: rows with their own numbers, cells as text, nothing interpreted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import polars as pl

ROW = "row"


def column_name(index: int) -> str:
    """Name of the raw column at that position, first is 0."""
    return f"c{index}"


def empty_frame(width: int) -> pl.DataFrame:
    """A grid frame without rows."""
    return pl.DataFrame(schema={ROW: pl.UInt32, **{column_name(i): pl.String for i in range(width)}})


def frame_of(rows: Sequence[Sequence[str | None]], width: int, first_row: int = 1) -> pl.DataFrame:
    """Rows of text as a frame: `row` (UInt32, sender's number) and c0..c{width-1} (String, null when blank)."""
    columns: dict[str, Iterable[str | None]] = {}
    for i in range(width):
        columns[column_name(i)] = [(r[i] if i < len(r) else None) or None for r in rows]
    frame = pl.DataFrame(columns, schema={column_name(i): pl.String for i in range(width)}, strict=False)
    numbers = pl.Series(ROW, range(first_row, first_row + len(rows)), dtype=pl.UInt32)
    return frame.insert_column(0, numbers)


@dataclass(slots=True)
class Grid:
    """One sheet. `head` are its first rows (all of them unless `stream` is given), `stream` yields every batch.

    Merges are (first row, first column, last row, last column), rows as the sender counts, columns from 0.
    """

    sheet: str
    head: pl.DataFrame
    width: int
    stream: Callable[[], Iterator[pl.DataFrame]] | None = None
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden: bool = False
    hidden_columns: frozenset[int] = frozenset()
    epoch_1904: bool = False
    formula_rows: int = 0
    issues: list[tuple[str, int | None, str]] = field(default_factory=list)
    """Problems met while reading: (code, row, value)."""

    def batches(self) -> Iterator[pl.DataFrame]:
        """All rows, in order, batch by batch."""
        if self.stream is None:
            yield self.head
        else:
            yield from self.stream()
