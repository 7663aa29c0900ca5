"""Lists below each other on one sheet: where another header stands below the rows of a list, another list begins.

Headers printed again on every page are the same list's. A header that only *might* be one is left among the rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import pairwise

import polars as pl

from chunfeng.engines.sheets import header as headers
from chunfeng.engines.sheets.grid import ROW, Grid
from chunfeng.engines.sheets.header import DEEPEST, Header
from chunfeng.engines.sheets.kinds import Kind
from chunfeng.engines.sheets.row_kinds import FOOTER_TEXT, TOTAL_TEXT, blank_to_null
from chunfeng.engines.sheets.words import normalise_header

_TELLING = ("姓名", "姓 名", "姓　名", "名称", "全称", "身份证", "证号", "证件", "号码", "代码")
"""What a cell over a column of names or numbers contains; rows without one are not looked at."""
_MOST = 60
"""Rows that look like headers of their own, from which on a sheet is no pile of lists but something else."""
_SAME, _LIKELY, _SURE = 0.9, 0.6, 0.75
_BELOW = 40
_SHORT = 20_000
"""Rows of a text file from which on it is an export, not a sheet somebody arranged."""


def split(grid: Grid, words: frozenset[str], keys: frozenset[str]) -> list[Grid]:
    """The lists of a sheet, each a grid with the sender's row numbers; the first keeps the sheet's name.

    `words`: every word over a column (`header.lexicon`); `keys`: those over names and numbers (`key_words`).
    """
    first = headers.find(grid, words) if grid.width >= 3 else None
    if first is None:
        return [grid]
    found = list(_headers(grid, first, words, keys))
    begins = [_begin(grid, above, below) for above, below in pairwise(found)]
    if not begins:
        return [grid]
    if grid.stream is not None:
        whole = _whole(grid)
        return [grid] if whole is None else split(whole, words, keys)
    ends = [*begins, int(grid.head[ROW][-1]) + 1]
    parts = [_part(grid, 0, begins[0], grid.sheet)]
    for n, (begin, end) in enumerate(zip(begins, ends[1:], strict=True), start=2):
        label = f"{grid.sheet}（第{n}张表）" if grid.sheet else f"第{n}张表"
        parts.append(_part(grid, begin, end, label))
    parts[0].issues = [*grid.issues, ("SHEET_SEVERAL_LISTS", None, str(len(parts)))]
    return parts


def key_words(kinds: Iterable[Kind]) -> frozenset[str]:
    """The words over the columns by which kinds tell their records: names and numbers of persons and firms."""
    return frozenset(
        w for k in kinds for f in k.fields if f.name in k.key or f.name == "name" for w in f.words
    )


def _whole(grid: Grid) -> Grid | None:
    """A text file read to its end, None for a long one: only short ones are piles of lists."""
    assert grid.stream is not None
    batches, rows = [], 0
    for batch in grid.stream():
        batches.append(blank_to_null(batch))
        rows += batch.height
        if rows > _SHORT:
            return None
    return replace(grid, head=pl.concat(batches), stream=None)


def _headers(grid: Grid, first: Header, words: frozenset[str], keys: frozenset[str]) -> Iterator[Header]:
    """Every header of the sheet from the top. `first`: the one that reads best near the top; a list may stand above it."""
    rows = _candidates(grid.head, keys)
    if len(rows) > _MOST:
        return
    last: Header | None = None
    for at, row in enumerate(rows):
        if last is not None and row <= last.last + 1:  # a list has rows of its own before the next one begins
            continue
        above = last.last + 1 if last is not None else 0
        end = next((r - 1 for r in rows[at + 1 :] if r > row + DEEPEST), row + _BELOW)
        near = grid.head.filter(pl.col(ROW).is_between(max(row - 2, above), min(end, row + _BELOW)))
        found = headers.find(_sub(grid, near), words)
        if found is None or not found.first <= row <= found.last or (last and _is_same(found, last)):
            continue
        sure = _SURE if found.last < first.first else _LIKELY
        if _reads(near.filter(pl.col(ROW) == row), words, sure) and _has_records(near, found):
            yield found
            last = found


def _candidates(sheet: pl.DataFrame, keys: frozenset[str]) -> list[int]:
    """Rows of three words or more without a figure, one of them over names or numbers."""
    cells = [pl.col(c) for c in sheet.columns if c != ROW]
    near = sheet.filter(
        pl.any_horizontal([c.str.contains_any(list(_TELLING)).fill_null(False) for c in cells])
    )
    filled = pl.sum_horizontal([c.is_not_null().cast(pl.Int32) for c in cells])
    figures = pl.any_horizontal([c.str.contains(r"\d{4,}").fill_null(False) for c in cells])
    rows = near.filter((filled >= 3) & ~figures)
    return [
        int(row)
        for row, *texts in rows.iter_rows()
        if any(t is not None and normalise_header(t) in keys for t in texts)
    ]


def _sub(grid: Grid, rows: pl.DataFrame) -> Grid:
    low, high = int(rows[ROW][0]), int(rows[ROW][-1])
    merges = [m for m in grid.merges if m[0] >= low and m[2] <= high]
    return Grid(grid.sheet, rows, grid.width, merges=merges)


def _reads(row: pl.DataFrame, words: frozenset[str], share: float) -> bool:
    """Whether cells of a row are words over columns, so great a share of them."""
    cells = [c for c in row.drop(ROW).row(0) if c]
    score = sum(headers.word_score(c, words) for c in cells)
    return score >= max(2.5, share * len(cells))


def _is_same(found: Header, above: Header) -> bool:
    """Whether a header is the one above, printed again."""
    pairs = [(a[-1], b[-1]) for a, b in zip(found.texts, above.texts, strict=True) if a and b]
    named = sum(bool(t) for t in found.texts)
    return sum(a == b for a, b in pairs) >= _SAME * named


def _has_records(near: pl.DataFrame, found: Header) -> bool:
    """Whether what follows a header is filled like records: the next row that is not blank holds a figure or two cells."""
    below = near.filter(pl.col(ROW) > found.last).drop(ROW)
    for cells in below.head(4).iter_rows():
        filled = [c for c in cells if c]
        if filled:
            return len(filled) >= 2 and any(headers.looks_like_data(c) for c in filled)
    return False


def _begin(grid: Grid, above: Header, found: Header) -> int:
    """The row a list begins with: its titles, which stand alone in their rows, or its header."""
    begin = found.first
    between = grid.head.filter((pl.col(ROW) > above.last) & (pl.col(ROW) < found.first)).reverse()
    for row, *texts in between.iter_rows():
        filled = [t.strip() for t in texts if t]
        if len(filled) > 1 or (filled and (FOOTER_TEXT.search(filled[0]) or TOTAL_TEXT.search(filled[0]))):
            break
        if filled:
            begin = int(row)
    return begin


def _part(grid: Grid, begin: int, end: int, label: str) -> Grid:
    rows = grid.head.filter((pl.col(ROW) >= begin) & (pl.col(ROW) < end))
    return Grid(
        label,
        rows,
        grid.width,
        merges=[m for m in grid.merges if begin <= m[0] and m[2] < end],
        hidden=grid.hidden,
        hidden_columns=grid.hidden_columns,
        epoch_1904=grid.epoch_1904,
        formula_rows=grid.formula_rows,
    )
