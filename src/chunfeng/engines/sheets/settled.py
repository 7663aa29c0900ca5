"""What people settled about a sheet: its kind, which column is which field, cells put right, rows left out.

The file stays as it was sent; what is settled lies over it whenever it is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from chunfeng.engines.sheets.grid import ROW, column_name
from chunfeng.engines.sheets.header import Header
from chunfeng.engines.sheets.kinds import Kind
from chunfeng.engines.sheets.mapping import Column, Plan

LEFT_OUT = "left_out"
"""Row kind of a record that a person left out."""


@dataclass(frozen=True, slots=True)
class Settled:
    """One sheet, settled. `columns`: per position the field, None where the column is left alone.

    `edits`: (row as the sender counts, position of the column from 0, new text; None empties the cell);
    `left_out`: rows that are no records until they are sent anew.
    """

    kind: str
    columns: tuple[str | None, ...]
    edits: tuple[tuple[int, int, str | None], ...] = ()
    left_out: tuple[int, ...] = ()


SettledSheets = Mapping[tuple[str, str], Settled]
"""By file as reported and sheet."""


def plan_of(settled: Settled, kind: Kind, header: Header | None, width: int) -> Plan:
    """The plan a person settled. A column beyond the settled ones, or a field the kind does not know, is left alone."""
    columns = []
    for i in range(width):
        field = settled.columns[i] if i < len(settled.columns) else None
        known = field if field in kind.by_name else None
        name = header.name(i) if header else ""
        columns.append(Column(i, name, known, 1.0 if known else 0.0, "saved" if known else "none"))
    return Plan(kind, 1.0, header, columns, [(kind.code, 1.0)], saved=True)


def edited(frame: pl.DataFrame, settled: Settled) -> pl.DataFrame:
    """The raw rows (`row`, `c0`…) with the cells that were put right; rows and columns that are not there are ignored."""
    if not settled.edits or frame.height == 0:
        return frame
    low, high = frame[ROW][0], frame[ROW][-1]
    by_column: dict[str, dict[int, str | None]] = {}
    for row, column, text in settled.edits:
        if low <= row <= high and column_name(column) in frame.columns:
            by_column.setdefault(column_name(column), {})[row] = text
    for name, cells in by_column.items():
        changes = pl.DataFrame(
            {ROW: list(cells), "_text": list(cells.values())},
            schema={ROW: pl.UInt32, "_text": pl.String},
        ).with_columns(pl.lit(True).alias("_changed"))
        frame = (
            frame.join(changes, on=ROW, how="left", maintain_order="left")
            .with_columns(pl.when("_changed").then("_text").otherwise(name).alias(name))
            .drop("_text", "_changed")
        )
    return frame


def without_left_out(records: pl.DataFrame, settled: Settled) -> tuple[pl.DataFrame, pl.Series]:
    """The records that stay, and the row numbers of those left out here."""
    if not settled.left_out:
        return records, records[ROW].head(0)
    out = records[ROW].is_in(pl.Series(settled.left_out, dtype=pl.UInt32).implode())
    return records.filter(~out), records[ROW].filter(out)
