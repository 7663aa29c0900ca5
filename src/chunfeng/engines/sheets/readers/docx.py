"""Tables in Word documents, each as one grid (表1, 表2 …); merged cells as ranges."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator

from lxml import etree

from chunfeng.engines.sheets.container import Source, check_archive
from chunfeng.engines.sheets.grid import Grid, frame_of
from chunfeng.engines.sheets.issues import ReadingError
from chunfeng.engines.sheets.limits import Limits

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def read(source: Source, limits: Limits) -> Iterator[Grid]:
    """The outermost tables of a document, numbered as the reader meets them."""
    check_archive(source.path, limits)
    try:
        with zipfile.ZipFile(source.path) as archive:
            if archive.getinfo("word/document.xml").file_size > limits.document_bytes:
                raise ReadingError("FILE_TOO_LARGE")
            data = archive.read("word/document.xml")
    except (zipfile.BadZipFile, OSError, KeyError, EOFError, RuntimeError) as error:
        raise ReadingError("FILE_DAMAGED", str(error)) from error
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise ReadingError("FILE_ENTITIES")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise ReadingError("FILE_DAMAGED", str(error)) from error
    tables = [t for t in root.iter(f"{_W}tbl") if not any(True for _ in t.iterancestors(f"{_W}tbl"))]
    if not tables:
        raise ReadingError("FILE_NO_TABLE")
    for count, table in enumerate(tables, start=1):
        rows, merges = _cells(table)
        width = min(max((len(r) for r in rows), default=0), limits.columns)
        yield Grid(sheet=f"表{count}", head=frame_of(rows, width), width=width, merges=merges)


def _text(cell: etree._Element) -> str | None:
    paragraphs = []
    for paragraph in cell.iter(f"{_W}p"):
        paragraphs.append("".join(t.text or "" for t in paragraph.iter(f"{_W}t")))
    return "\n".join(p for p in paragraphs if p) or None


def _cells(table: etree._Element) -> tuple[list[list[str | None]], list[tuple[int, int, int, int]]]:
    rows: list[list[str | None]] = []
    merges: list[tuple[int, int, int, int]] = []
    open_merges: dict[int, list[int]] = {}
    for number, line in enumerate(table.iterchildren(f"{_W}tr"), start=1):
        row: list[str | None] = []
        for cell in line.iter(f"{_W}tc"):
            properties = cell.find(f"{_W}tcPr")
            span, vertical = 1, None
            if properties is not None:
                grid_span = properties.find(f"{_W}gridSpan")
                if grid_span is not None and (grid_span.get(f"{_W}val") or "").isdigit():
                    span = max(1, min(int(grid_span.get(f"{_W}val") or "1"), 64))
                merge = properties.find(f"{_W}vMerge")
                if merge is not None:
                    vertical = merge.get(f"{_W}val") or "continue"
            column = len(row)
            if vertical == "continue" and column in open_merges:
                open_merges[column][2] = number
                row.append(None)
            else:
                row.append(_text(cell))
                if vertical == "restart":
                    open_merges[column] = [number, column, number, column + span - 1]
                    merges.append((0, 0, 0, 0))
                elif span > 1:
                    merges.append((number, column, number, column + span - 1))
                if vertical != "restart":
                    _close(open_merges, column, merges)
            row.extend([None] * (span - 1))
        rows.append(row)
    for column in list(open_merges):
        _close(open_merges, column, merges)
    return rows, [m for m in merges if m != (0, 0, 0, 0)]


def _close(open_merges: dict[int, list[int]], column: int, merges: list[tuple[int, int, int, int]]) -> None:
    merge = open_merges.pop(column, None)
    if merge is not None and merge[2] > merge[0]:
        merges.append((merge[0], merge[1], merge[2], merge[3]))
