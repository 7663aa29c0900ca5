"""A workbook written cell by cell and read as a delivery is."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import openpyxl
import polars as pl

from chunfeng.engines.sheets import extract
from chunfeng.engines.sheets.container import Source, expand
from chunfeng.engines.sheets.extract import SheetReading
from chunfeng.engines.sheets.issues import IssueLog
from chunfeng.engines.sheets.kinds import load_kinds
from chunfeng.engines.sheets.limits import DEFAULT
from chunfeng.engines.sheets.reading import Request

Rows = Sequence[Sequence[object]]


def workbook(
    path: Path, sheets: Mapping[str, Rows], merges: Mapping[str, Sequence[str]] | None = None
) -> Path:
    """An .xlsx of these rows; `merges`: by sheet, ranges."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for cells in rows:
            sheet.append(list(cells))
        for span in (merges or {}).get(name, ()):
            sheet.merge_cells(span)
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)
    return path


def read(
    path: Path, region: str = "350525", **asked: object
) -> tuple[dict[str, SheetReading], dict[str, pl.DataFrame], pl.DataFrame]:
    """By sheet what was decided and its records, and all issues."""
    log = IssueLog(path.name)
    readings: dict[str, SheetReading] = {}
    records: dict[str, pl.DataFrame] = {}
    for source in expand(path, path.name, DEFAULT, path.parent):
        assert isinstance(source, Source)
        request = Request(load_kinds(), date(2023, 2, 10), region, **asked)  # type: ignore[arg-type]
        for reading in extract.read(source, request, log):
            batches = list(reading.batches())
            readings[reading.sheet] = reading
            records[reading.sheet] = pl.concat(batches) if batches else pl.DataFrame()
    return readings, records, log.table()
