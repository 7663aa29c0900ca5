"""What we write for people: CSV and workbooks in which a cell is never a formula, whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import polars as pl
import xlsxwriter

BOM = b"\xef\xbb\xbf"
FORMULA = r"^[\s\u0000-\u001f\u3000\ufeff]*[=+\-@＝＋－＠\t\r]"
PLAIN_NUMBER = r"^[+-]?\d+(\.\d+)?$"
_CONTROL = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"
_SHEET_NAME = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))
SHEET_ROWS = 1_000_000


@contextmanager
def whole(path: Path, mode: int = 0o600) -> Iterator[Path]:
    """A path beside `path` to write to; it takes its place only if the block ends well."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, name = tempfile.mkstemp(prefix=f".{path.name[:40]}.", suffix=".part", dir=path.parent)
    os.close(handle)
    part = Path(name)
    try:
        yield part
        part.chmod(mode)
        with part.open("rb") as file:
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def harmless(frame: pl.DataFrame) -> pl.DataFrame:
    """Text cells that a spreadsheet would run get an apostrophe before them; control characters go."""
    if pl.String not in frame.dtypes:
        return frame
    text = pl.col(pl.String)
    cleaned = text.str.replace_all(_CONTROL, "")
    risky = text.str.contains(FORMULA) & ~text.str.contains(PLAIN_NUMBER)
    return frame.with_columns(pl.when(risky).then(pl.lit("'") + cleaned).otherwise(cleaned).name.keep())


def write_csv(frame: pl.DataFrame, path: Path) -> None:
    """UTF-8 with byte order mark, RFC 4180, empty for unknown, 1/0 for true/false; no cell is a formula."""
    flat = frame.with_columns(pl.col(pl.Boolean).cast(pl.Int8))
    with whole(path) as part, part.open("wb") as file:
        file.write(BOM)
        harmless(flat).write_csv(file, line_terminator="\r\n", date_format="%Y-%m-%d")


def write_workbook(
    sheets: Sequence[tuple[str, pl.DataFrame]], headings: dict[str, str], widths: dict[str, int], path: Path
) -> None:
    """One sheet per frame, header frozen and filterable. `headings`, `widths`: per column its title and width."""
    with whole(path) as part, tempfile.TemporaryDirectory(prefix=".", dir=path.parent) as scratch:
        book = xlsxwriter.Workbook(
            str(part),
            {
                "constant_memory": True,
                "tmpdir": scratch,  # its parts are as private as the whole
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
            },
        )
        head = book.add_format({"bold": True, "bg_color": "#E8EEF7", "border": 1, "text_wrap": True})
        wrap = book.add_format({"text_wrap": True, "valign": "top"})
        used: set[str] = set()
        for name, frame in sheets:
            for number, start in enumerate(range(0, max(frame.height, 1), SHEET_ROWS)):
                title = _unused(name if number == 0 else f"{name}{number + 1}", used)
                _sheet(
                    book.add_worksheet(title), frame.slice(start, SHEET_ROWS), headings, widths, head, wrap
                )
        if not sheets:
            book.add_worksheet("无")
        book.close()


def _unused(name: str, used: set[str]) -> str:
    base = name.translate(_SHEET_NAME).strip()[:28] or "表"
    title, number = base, 2
    while title.casefold() in used:
        title, number = f"{base}{number}", number + 1
    used.add(title.casefold())
    return title


def _sheet(sheet, frame: pl.DataFrame, headings: dict[str, str], widths: dict[str, int], head, wrap) -> None:  # type: ignore[no-untyped-def]
    sheet.freeze_panes(1, 0)
    if frame.width:
        sheet.autofilter(0, 0, frame.height, frame.width - 1)
    for column, name in enumerate(frame.columns):
        sheet.set_column(column, column, widths.get(name, 14), wrap)
    sheet.write_row(0, 0, [headings.get(n, n) for n in frame.columns], head)
    clean = frame.with_columns(pl.col(pl.String).str.replace_all(_CONTROL, "").str.slice(0, 32_000))
    for number, row in enumerate(clean.iter_rows(), start=1):
        for column, value in enumerate(row):
            if value is None:
                continue
            if isinstance(value, str):
                sheet.write_string(number, column, value)
            else:
                sheet.write_number(number, column, value)
