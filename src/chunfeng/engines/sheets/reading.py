"""What a reading is asked, and what one sheet gives: its plan, its records batch by batch, an account of its rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from chunfeng.engines.sheets import records
from chunfeng.engines.sheets.answers import Answer
from chunfeng.engines.sheets.issues import IssueLog
from chunfeng.engines.sheets.kinds import Kind
from chunfeng.engines.sheets.limits import DEFAULT, Limits
from chunfeng.engines.sheets.mapping import Plan
from chunfeng.engines.sheets.settled import SettledSheets

UNKNOWN = "unknown"
"""Kind of a table whose kind could not be told: its cells are kept as they are."""

UNREAD = "unread"
"""Row kind of sheets that hold no records (notes, code lists, pivots)."""

UNKNOWN_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {**records.COMMON, "other": pl.String}
OTHER_ROWS_SCHEMA = {
    "file": pl.String,
    "sheet": pl.String,
    "row": pl.UInt32,
    "row_kind": pl.String,
    "text": pl.String,
}


@dataclass(frozen=True, slots=True)
class Request:
    """What a reading needs to know besides the file: the date it is for, the region, the kinds, saved answers."""

    kinds: Mapping[str, Kind]
    as_of: date | None = None
    region: str | None = None
    """Region code the whole delivery speaks of (a county), used to place towns and villages of one name."""
    answers: Mapping[str, Sequence[Answer]] = field(default_factory=dict)
    """Saved answers of people by header signature."""
    limits: Limits = DEFAULT
    settled: SettledSheets = field(default_factory=dict)
    """What people settled sheet by sheet; goes before `answers`."""
    only_settled: bool = False
    """Sheets that are not settled are not read, and that is said."""
    keep: Callable[[SheetReading, pl.DataFrame], None] | None = None
    """Is given every batch of raw rows (`row`, `c0`…) as sent, before anything settled lies over it."""


@dataclass(slots=True)
class SheetReading:
    """One sheet: what was decided about it, and after its batches are consumed, what was found in it."""

    file: str
    sheet: str
    plan: Plan
    role: str
    """records, unknown (table of no known kind) or note (holds no records)."""
    department: str
    titles: tuple[str, ...]
    signature: str
    period: date | None = None
    place: str | None = None
    hidden: bool = False
    counts: dict[str, int] = field(default_factory=dict)
    records: int = 0
    current: bool = True
    titled: tuple[str, ...] = ()
    """Codes of the kinds that its titles name."""
    other_rows: list[pl.DataFrame] = field(default_factory=list)
    _batches: Iterator[pl.DataFrame] | None = None

    @property
    def kind(self) -> str:
        """Code of the kind, or `unknown`."""
        return self.plan.kind.code if self.plan.kind else UNKNOWN

    def batches(self) -> Iterator[pl.DataFrame]:
        """The records, all batches in one schema. Can be consumed once."""
        if self._batches is None:
            return iter(())
        batches, self._batches = self._batches, None
        return batches

    def not_data_rows(self) -> pl.DataFrame:
        """Rows that are no records, as text: titles, footers, totals, sections (shape OTHER_ROWS_SCHEMA)."""
        if not self.other_rows:
            return pl.DataFrame(schema=OTHER_ROWS_SCHEMA)
        return pl.concat(self.other_rows)


def mark_earlier_periods(readings: Sequence[SheetReading], log: IssueLog) -> None:
    """Sheets of one kind that speak of different months: only the latest is the present state."""
    latest: dict[str, date] = {}
    for r in readings:
        if r.period is not None and r.plan.kind is not None and not r.plan.kind.series:
            latest[r.kind] = max(r.period, latest.get(r.kind, r.period))
    for r in readings:
        if r.period is not None and r.kind in latest and r.period < latest[r.kind]:
            r.current = False
            log.add("SHEET_OTHER_PERIOD", sheet=r.sheet, value=f"{r.period:%Y-%m}")
