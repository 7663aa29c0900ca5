"""Where the header stands: one to three rows, anywhere near the top, below titles, notes and form lines.

A header is the block of rows whose cells are short words that departments use for columns, with nothing in it that
looks like data. Merged parents are kept: 失业登记 over 申请日期 reads «失业登记/申请日期».
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

import polars as pl

from chunfeng.engines.sheets.gist import gist, is_latin, other_person, spellings
from chunfeng.engines.sheets.grid import ROW, Grid, column_name
from chunfeng.engines.sheets.kinds import Kind
from chunfeng.engines.sheets.words import normalise_header

SEARCH_ROWS = 40
DEEPEST = 3
LEAST_SCORE = 1.4
_DATA = re.compile(
    r"^([\d\s.,:/\-+年月日Xx×*()（）]{4,}|[0-9a-f]{32,}|\d+(\.\d+)?[元人亩个%]?|'?\d{15,}[\dXx]?|男|女|是|否|.*\d{6,}.*)$"
)


_CODE = re.compile(r"^[A-Za-z][A-Za-z0-9_]{1,29}$")
ENGLISH = "en:"
"""Mark of a reading that is a field code as written, to be cut into English words."""
_INSIDE = re.compile(r"[（(\[【]([^（()）\[\]【】]*)[）)\]】]")
_MIXED = re.compile(r"^([A-Za-z][A-Za-z0-9_]{1,29})[\s:：_-]*([\u4e00-\u9fff].*)$")


@dataclass(frozen=True, slots=True)
class Header:
    """The header block: first and last row (sender's numbers) and, per column, its texts from top to bottom."""

    first: int
    last: int
    texts: tuple[tuple[str, ...], ...]

    def name(self, column: int) -> str:
        """The header as the sender sees it: the lowest text, with its parent where it has one."""
        return "/".join(self.texts[column]) if column < len(self.texts) else ""

    def variants(self, column: int) -> list[str]:
        """Normalised readings of the header, most specific first: lowest text, parent and text, what brackets hold.

        Below a parent that names another person (配偶 over 身份证号) the lowest text alone is no reading.
        """
        texts = self.texts[column] if column < len(self.texts) else ()
        if not texts:
            return []
        joined = ["".join(texts[-2:])] + (["".join(texts)] if len(texts) > 2 else [])
        if any(other_person(normalise_header(t)) for t in texts[:-1]):
            readings = joined
        else:
            readings = [texts[-1], *joined]
        codes = [t for t in texts if _CODE.match(t)]
        if codes and len(codes) < len(texts):
            plain = [t for t in texts if t not in codes]
            readings = [plain[-1], "".join(plain), *codes]
        lowest = next((t for t in reversed(texts) if not _CODE.match(t)), texts[-1])
        if lowest in readings:
            readings += _alternatives(lowest)
        english = [ENGLISH + t for t in readings if _CODE.match(t)]
        return list(dict.fromkeys([n for n in map(normalise_header, readings) if n] + english))


def _alternatives(text: str) -> list[str]:
    """Other readings of one header cell: the text in its brackets, either side of a slash, Chinese without its code."""
    found = [i for i in _INSIDE.findall(text) if 1 < len(i) <= 10]
    if "/" in text or "、" in text:
        found += [p for p in re.split(r"[/、]", text) if len(p) > 1]
    if mixed := _MIXED.match(text):
        found += [g for g in mixed.groups() if g]
    return found


def looks_like_data(text: str) -> bool:
    """Whether a cell holds what records hold and headers do not: numbers, dates, amounts, 男, 是."""
    return _DATA.match(text.strip()) is not None


def lexicon(kinds: Iterable[Kind]) -> frozenset[str]:
    """Every word that any kind knows for a column."""
    return frozenset(w for k in kinds for f in k.fields for w in f.words)


@cache
def _gists(words: frozenset[str]) -> frozenset[frozenset[str]]:
    return frozenset(map(gist, words))


@lru_cache(maxsize=65536)
def word_score(text: str, words: frozenset[str]) -> float:
    """How much a cell reads like a column header: 1 a known word, 0.5 ends in one, 0.15 short text, 0 data-like."""
    raw = text.strip()
    if not raw or len(raw) > 40 or _DATA.match(raw):
        return 0.0
    normal = normalise_header(raw)
    if not normal:
        return 0.0
    if normal in words or any(c in normal for c in "□☑"):
        return 1.0
    if gist(normal) in _gists(words):
        return 0.8
    if is_latin(normal):
        return 0.6 if normal in spellings(words)[0] | spellings(words)[1] else 0.25
    for length in range(min(8, len(normal) - 1), 1, -1):
        if normal[-length:] in words:
            return 0.5
    return 0.15 if len(normal) <= 12 else 0.0


def find(grid: Grid, words: frozenset[str]) -> Header | None:
    """The header of a grid, or None when no row reads like one. Rows are looked at once, from the top."""
    head = grid.head.head(SEARCH_ROWS + DEEPEST)
    numbers = head[ROW].to_list()
    cells = [[(c or "").strip() for c in row] for row in head.drop(ROW).iter_rows()]
    spans = _spans(grid)
    data = [sum(bool(c) and bool(_DATA.match(c)) for c in row) for row in cells]
    # rows of data are no headers: their words need not be weighed
    scores = [
        [0.0] * len(row) if 3 * found >= sum(map(bool, row)) else [word_score(c, words) for c in row]
        for row, found in zip(cells, data, strict=True)
    ]
    best: tuple[float, int, int] | None = None
    for start in range(min(len(cells), SEARCH_ROWS)):
        filled = sum(bool(c) for c in cells[start])
        if filled == 0 or (filled == 1 and grid.width > 1):
            continue
        for depth in range(1, DEEPEST + 1):
            end = start + depth
            if end > len(cells) or (depth > 1 and not _continues(cells, start, end - 1, spans, numbers)):
                break
            score = _block_score(cells, scores, data, start, end) + _contrast(cells, data, start, end)
            if depth > 1:
                # a second row must add names of its own, not merely sit below
                score += 0.4
            if best is None or score > best[0] + 1e-9:
                best = (score, start, end)
    if best is None or best[0] < LEAST_SCORE:
        return None
    _, start, end = best
    start, end = _with_codes(cells, start, end)
    texts = tuple(_texts(cells, start, end, column, spans, numbers) for column in range(grid.width))
    return Header(numbers[start], numbers[end - 1], texts)


def _spans(grid: Grid) -> dict[tuple[int, int], tuple[int, int, int, int]]:
    """Merged ranges near the top, by every cell they cover."""
    last = grid.head[ROW][min(grid.head.height, SEARCH_ROWS + DEEPEST) - 1] if grid.head.height else 0
    covered: dict[tuple[int, int], tuple[int, int, int, int]] = {}
    for merge in grid.merges:
        top, left, bottom, right = merge
        if top > last:
            continue
        for row in range(top, min(bottom, last) + 1):
            for column in range(left, min(right, grid.width - 1) + 1):
                covered[(row, column)] = merge
    return covered


def _continues(
    cells: list[list[str]],
    start: int,
    row: int,
    spans: dict[tuple[int, int], tuple[int, int, int, int]],
    numbers: Sequence[int],
) -> bool:
    """Whether `row` belongs to the header that begins at `start`: its texts stand below parents or in gaps."""
    above, here = cells[row - 1], cells[row]
    texts = [i for i, c in enumerate(here) if c]
    if not texts or any(_DATA.match(here[i]) for i in texts):
        return False
    if spans:
        vertical = any(
            spans[k][0] <= numbers[row - 1] and spans[k][2] >= numbers[row]
            for k in ((numbers[row], c) for c in range(len(here)))
            if k in spans
        )
        parents = any(
            (numbers[row - 1], i) in spans
            and spans[(numbers[row - 1], i)][3] > spans[(numbers[row - 1], i)][1]
            for i in texts
        )
        if vertical or parents:
            return sum(bool(c) for c in above) > 1
        return False
    gaps = sum(not above[i] for i in texts)
    doubled = sum(bool(above[i]) for i in texts)
    single = sum(bool(c) for c in above) >= 3
    # without merges: the texts below must fill gaps and sit only under a parent that has a gap to its right
    under_parent = all(
        above[i] == "" or (i + 1 < len(above) and above[i + 1] == "" and here[i + 1 : i + 2] != [""])
        for i in texts
    )
    return single and gaps >= 1 and gaps >= doubled and under_parent


def _block_score(
    cells: list[list[str]], scores: list[list[float]], data: list[int], start: int, end: int
) -> float:
    total = 0.0
    seen: set[str] = set()
    for column in range(len(cells[start])):
        lowest = next((r for r in range(end - 1, start - 1, -1) if cells[r][column]), None)
        if lowest is None:
            continue
        total += max(scores[r][column] for r in range(start, end))
        text = cells[lowest][column]
        if text in seen:
            total -= 0.3
        seen.add(text)
    total -= 1.5 * sum(data[start:end])
    filled = sum(bool(c) for c in cells[start])
    if filled == 1 and len(cells[start]) > 2:
        total -= 1.0
    return total


def _contrast(cells: list[list[str]], data: list[int], start: int, end: int) -> float:
    """How many columns hold data below and a word here: what tells a header whose words nobody listed."""
    below = [row for row in cells[end : end + 25] if sum(bool(c) for c in row) > 1]
    if len(below) < 2 or any(data[start:end]):
        return 0.0
    total = 0.0
    for column in range(len(cells[start])):
        if not any(cells[r][column] for r in range(start, end)):
            continue
        filled = [row[column] for row in below if row[column]]
        if len(filled) >= 2 and sum(bool(_DATA.match(c)) for c in filled) >= 0.7 * len(filled):
            total += 0.35
    return min(total, 1.4)


def _is_codes(row: Sequence[str]) -> bool:
    texts = [c for c in row if c]
    return (
        len(texts) >= 3
        and sum(bool(_CODE.match(t)) for t in texts) >= 0.9 * len(texts)
        and len(set(texts)) == len(texts)
    )


def _with_codes(cells: list[list[str]], start: int, end: int) -> tuple[int, int]:
    """The block with a row of field codes directly above or below it, as export systems print them."""
    if _is_codes(cells[start]) and end - start == 1:
        above = [c for c in cells[start - 1] if c] if start else []
        if len(above) >= 3 and all(re.search(r"[\u4e00-\u9fff]", w) and not _DATA.match(w) for w in above):
            return start - 1, end
        below = cells[end] if end < len(cells) else []
        words = [c for c in below if c]
        if (
            len(words) >= 3
            and not any(_DATA.match(w) for w in words)
            and all(re.search(r"[\u4e00-\u9fff]", w) for w in words)
        ):
            return start, end + 1
        return start, end
    if end < len(cells) and _is_codes(cells[end]):
        return start, end + 1
    if start > 0 and _is_codes(cells[start - 1]):
        return start - 1, end
    return start, end


def _texts(
    cells: list[list[str]],
    start: int,
    end: int,
    column: int,
    spans: dict[tuple[int, int], tuple[int, int, int, int]],
    numbers: Sequence[int],
) -> tuple[str, ...]:
    """The header texts over one column from top to bottom, parents of merged ranges included."""
    texts: list[str] = []
    for row in range(start, end):
        text = cells[row][column]
        key = (numbers[row], column)
        if not text and key in spans:
            top, left, _, _ = spans[key]
            if top == numbers[row]:
                text = cells[row][left]
        elif not text and row < end - 1 and not spans and cells[end - 1][column]:
            # without merges a parent stands over the blanks to its right
            parent = next((c for c in range(column - 1, -1, -1) if cells[row][c]), None)
            text = cells[row][parent] if parent is not None and cells[end - 1][parent] else ""
        text = re.sub(r"\s+", "", text)
        if text and (not texts or texts[-1] != text):
            texts.append(text)
    return tuple(texts)


def rows_of(header: Header, frame: pl.DataFrame) -> pl.Expr:
    """Rows of a batch that repeat the header, as printed on every page."""
    same = pl.sum_horizontal(
        [
            (pl.col(c).str.replace_all(r"\s", "") == text).fill_null(False).cast(pl.Int32)
            for c, text in _lowest_texts(header, frame).items()
        ]
    )
    return (same >= 2) & (same * 10 >= _filled(frame) * 6)


def never_rows_of(header: Header, frame: pl.DataFrame) -> pl.Expr:
    """Rows that cannot be `rows_of` the header, told at a glance: too many cells are shorter than what stands over them.

    Rows that are not told so may still be no header.
    """
    shorter = pl.sum_horizontal(
        [
            (pl.col(c).str.len_bytes() < len(text.encode())).fill_null(False).cast(pl.Int32)
            for c, text in _lowest_texts(header, frame).items()
        ]
    )
    return shorter * 10 > _filled(frame) * 4


def _lowest_texts(header: Header, frame: pl.DataFrame) -> dict[str, str]:
    texts = {column_name(c): t[-1] for c, t in enumerate(header.texts) if t}
    return {c: text for c, text in texts.items() if c in frame.columns}


def _filled(frame: pl.DataFrame) -> pl.Expr:
    return pl.sum_horizontal([pl.col(c).is_not_null().cast(pl.Int32) for c in frame.columns if c != ROW])
