"""Excel workbooks (.xlsx .xlsm .xlsb .xls .ods) through calamine: every cell as the text a person would read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from chunfeng.engines.sheets.container import Source, check_archive
from chunfeng.engines.sheets.grid import Grid, empty_frame, frame_of
from chunfeng.engines.sheets.issues import ReadingError
from chunfeng.engines.sheets.limits import Limits
from chunfeng.engines.sheets.readers import biff, ooxml

_FIRST_SURE_DAY = date(1900, 3, 1)
"""Before it the 1900 date system counts a day that never was; such cells are taken by their stored number."""
_ERRORS = ("#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!")


def cell_text(value: Any) -> str | None:
    """One cell as text: whole numbers without a point, dates in ISO form, blank as None."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        if abs(value) >= 1e15:
            # a spreadsheet keeps 15 significant digits and shows zeros after them: so does the sender's screen
            return format(Decimal(f"{value:.15g}"), "f") if abs(value) < 1e21 else repr(value)
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    return str(value)


def read(source: Source, limits: Limits) -> Iterator[Grid]:
    """The sheets of one workbook. Raises ReadingError when it is damaged, protected or dangerous."""
    facts = ooxml.WorkbookFacts()
    hidden_by_sheet: dict[str, set[int]] = {}
    if source.format in ("xlsx", "ods"):
        check_archive(source.path, limits)
        facts = ooxml.inspect(source.path, limits)
    else:
        legacy = biff.inspect(source.path)
        facts.epoch_1904 = legacy.epoch_1904
        hidden_by_sheet = legacy.hidden_columns
    with source.path.open("rb") as file:
        try:
            book = CalamineWorkbook.from_filelike(file)
        except CalamineError as error:
            code = "FILE_PASSWORD" if "password" in str(error).lower() else "FILE_DAMAGED"
            raise ReadingError(code, str(error)) from error
        found = False
        for meta in book.sheets_metadata:
            if meta.typ != SheetTypeEnum.WorkSheet:
                continue
            found = True
            sheet_facts = facts.sheets.get(meta.name, ooxml.SheetFacts())
            hidden = sheet_facts.hidden_columns | hidden_by_sheet.get(meta.name, set())
            yield _grid(book, source, meta, sheet_facts, hidden, facts.epoch_1904, limits)
        if not found:
            raise ReadingError("FILE_NO_TABLE")


def _grid(
    book: CalamineWorkbook,
    source: Source,
    meta: Any,
    facts: ooxml.SheetFacts,
    hidden: set[int],
    epoch_1904: bool,
    limits: Limits,
) -> Grid:
    try:
        sheet = book.get_sheet_by_name(meta.name)
    except CalamineError as error:
        raise ReadingError("FILE_DAMAGED", str(error), sheet=meta.name) from error
    height, width = sheet.total_height + 1, sheet.total_width + 1
    issues: list[tuple[str, int | None, str]] = []
    if sheet.start is None or sheet.end is None:
        return Grid(meta.name, empty_frame(0), 0, hidden=meta.visible != SheetVisibleEnum.Visible)
    height, width = sheet.end[0] + 1, sheet.end[1] + 1
    if height * width > limits.cells:
        raise ReadingError("FILE_TOO_LARGE", f"{height} x {width}", sheet=meta.name)
    if width > limits.columns:
        issues.append(("SHEET_TOO_WIDE", None, str(width)))
        width = limits.columns
    try:
        raw = sheet.to_python(skip_empty_area=False)
    except CalamineError as error:
        raise ReadingError("FILE_DAMAGED", str(error), sheet=meta.name) from error
    odd: list[tuple[int, int]] = []
    rows: list[list[str | None]] = []
    for number, line in enumerate(raw, start=1):
        texts = [cell_text(v) for v in line[:width]]
        for column, value in enumerate(line[:width]):
            if isinstance(value, (time, timedelta)) or (
                isinstance(value, date)
                and (value.date() if isinstance(value, datetime) else value) < _FIRST_SURE_DAY
            ):
                odd.append((number, column))
            elif isinstance(value, str) and value.startswith("#") and value in _ERRORS:
                issues.append(("CELL_ERROR", number, value))
                texts[column] = None
        rows.append(texts)
    _put_formulas(rows, facts, width, issues)
    if odd and facts.part:
        for (number, column), text in ooxml.raw_numbers(source.path, facts.part, odd[:2000]).items():
            rows[number - 1][column] = text
    merges = [
        (top + 1, left, bottom + 1, right)
        for (top, left), (bottom, right) in (sheet.merged_cell_ranges or [])
    ]
    return Grid(
        sheet=meta.name,
        head=frame_of(rows, width),
        width=width,
        merges=merges,
        hidden=meta.visible != SheetVisibleEnum.Visible,
        hidden_columns=frozenset(c for c in hidden if c < width),
        epoch_1904=epoch_1904,
        formula_rows=facts.formulas,
        issues=issues,
    )


def _put_formulas(
    rows: list[list[str | None]],
    facts: ooxml.SheetFacts,
    width: int,
    issues: list[tuple[str, int | None, str]],
) -> None:
    """Formulas without a stored result stand as their own text: shown, never computed."""
    for (number, column), text in sorted(facts.unsolved.items()):
        if column >= width or number > len(rows) + 1000:
            continue
        rows.extend([None] * width for _ in range(number - len(rows)))
        if rows[number - 1][column] is None:
            rows[number - 1][column] = text
            issues.append(("CELL_FORMULA", number, text))
