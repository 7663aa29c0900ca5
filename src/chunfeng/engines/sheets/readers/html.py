"""HTML pages saved as .xls: their tables as grids. Scripts are never run, nothing is fetched."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import html as lxml_html
from lxml.etree import ParserError

from chunfeng.engines.sheets.container import Source
from chunfeng.engines.sheets.grid import Grid, frame_of
from chunfeng.engines.sheets.issues import ReadingError
from chunfeng.engines.sheets.limits import Limits
from chunfeng.engines.sheets.readers.text_encoding import decode_whole


def read(source: Source, limits: Limits) -> Iterator[Grid]:
    """Each outermost table of the page as one grid; a single table has no sheet name."""
    if source.path.stat().st_size > limits.html_bytes:
        raise ReadingError("FILE_TOO_LARGE", str(source.path.stat().st_size))
    text = decode_whole(source.path.read_bytes())
    if "<!ENTITY" in text:
        raise ReadingError("FILE_ENTITIES")
    parser = lxml_html.HTMLParser(no_network=True, remove_comments=True, recover=True, encoding="utf-8")
    try:
        root = lxml_html.document_fromstring(text.encode("utf-8"), parser=parser)
    except (ParserError, ValueError) as error:
        raise ReadingError("FILE_DAMAGED", str(error)) from error
    tables = [t for t in root.iter("table") if not any(True for _ in t.iterancestors("table"))]
    if not tables:
        raise ReadingError("FILE_NO_TABLE")
    for count, table in enumerate(tables, start=1):
        rows, merges = _cells(table, limits)
        width = max((len(r) for r in rows), default=0)
        sheet = "" if len(tables) == 1 else f"表{count}"
        yield Grid(sheet=sheet, head=frame_of(rows, width), width=width, merges=merges)


def _span(cell: lxml_html.HtmlElement, name: str) -> int:
    value = str(cell.get(name) or "1")
    return max(1, min(int(value), 1000)) if value.isdigit() else 1


def _cells(
    table: lxml_html.HtmlElement, limits: Limits
) -> tuple[list[list[str | None]], list[tuple[int, int, int, int]]]:
    """Rows with spans laid out: the value stands in the first cell of a span, as in a merged range."""
    taken: dict[tuple[int, int], None] = {}
    rows: list[list[str | None]] = []
    merges: list[tuple[int, int, int, int]] = []
    for r, line in enumerate(table.iter("tr")):
        row: list[str | None] = []
        column = 0
        for cell in line:
            if cell.tag not in ("td", "th"):
                continue
            while (r, column) in taken:
                row.append(None)
                column += 1
            if column >= limits.columns:
                break
            for hidden in cell.xpath(".//script|.//style"):
                hidden.drop_tree()
            text = cell.text_content().strip()
            down, right = _span(cell, "rowspan"), min(_span(cell, "colspan"), limits.columns - column)
            row.append(text or None)
            row.extend([None] * (right - 1))
            if down > 1 or right > 1:
                merges.append((r + 1, column, r + down, column + right - 1))
                for dr in range(1, down):
                    for dc in range(right):
                        taken[(r + dr, column + dc)] = None
            column += right
        while (r, column) in taken:
            row.append(None)
            column += 1
        rows.append(row)
    return rows, merges
