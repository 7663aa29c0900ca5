"""Some rows of a settled sheet typed again, as the whole sheet would type them: what a changed cell is now, at once.

What only the whole sheet can tell (rows met before, values from above, merged cells) is left to its next reading.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from chunfeng.engines.sheets import batches, settled
from chunfeng.engines.sheets.grid import Grid
from chunfeng.engines.sheets.header import Header
from chunfeng.engines.sheets.issues import IssueLog
from chunfeng.engines.sheets.kinds import Kind
from chunfeng.engines.sheets.reading import Request, SheetReading


@dataclass(frozen=True, slots=True)
class KnownSheet:
    """What an earlier reading found out about a sheet. `headers`: a text per column; `header_rows`: first and last."""

    file: str
    sheet: str
    headers: tuple[str, ...]
    header_rows: tuple[int, int] | None
    department: str = ""
    period: date | None = None
    place: str | None = None


def type_again(
    rows: pl.DataFrame,
    known: KnownSheet,
    answer: settled.Settled,
    kind: Kind,
    as_of: date | None,
    region: str | None,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Records and issues (`issues.SCHEMA`) of raw rows (`row`, `c0`…). Edits of `answer` are laid over them first.

    Records are empty, without columns, where no row is a record.
    """
    width = len(rows.columns) - 1
    header = None
    if known.header_rows is not None:
        texts = tuple((h,) if h else () for h in known.headers)
        header = Header(known.header_rows[0], known.header_rows[1], texts)
    plan = settled.plan_of(answer, kind, header, width)
    reading = SheetReading(
        known.file, known.sheet, plan, "records", known.department, (), "", known.period, known.place
    )
    log = IssueLog(known.file)
    request = Request({kind.code: kind}, as_of, region, settled={(known.file, known.sheet): answer})
    done = list(batches.read(reading, Grid(known.sheet, rows, width), request, log))
    of_rows = log.table().filter(pl.col("row").is_not_null())  # of a few rows nothing is said of their sheet
    return (pl.concat(done) if done else pl.DataFrame()), of_rows
