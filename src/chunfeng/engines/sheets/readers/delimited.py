"""Delimited text (.csv, .txt, .tsv) of any size, block by block: encoding, separator, quotes, record numbers.

The sender's row number is the number of the record, header and blank lines included, so that a quoted line break
does not shift it. Blocks are cut at record ends; the common case is parsed by polars, a block that polars refuses
(too many cells, stray quotes) by the slower standard parser.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from chunfeng.engines.sheets.container import Source
from chunfeng.engines.sheets.grid import Grid, column_name, frame_of
from chunfeng.engines.sheets.issues import ReadingError
from chunfeng.engines.sheets.limits import Limits
from chunfeng.engines.sheets.readers.text_encoding import decode_block

SEPARATORS = (",", "\t", ";", "|", "，", "、", "^", "~")
HEAD_ROWS = 20_000


@dataclass(slots=True)
class _Form:
    """How this file is written, found on its first block."""

    separator: str
    quoting: bool
    width: int
    utf16: str | None = None


@dataclass(slots=True)
class _Notes:
    """Problems met while parsing, reported once per file or per row."""

    encodings: set[str] = field(default_factory=set)
    broken: int = 0
    nul: bool = False
    quotes: bool = False
    long_rows: list[int] = field(default_factory=list)


def read(source: Source, limits: Limits) -> Iterator[Grid]:
    """The one grid of a delimited file; `head` holds its first rows, `stream` all of them."""
    first = next(_blocks(source, limits, None), b"")
    if not first.strip():
        raise ReadingError("FILE_EMPTY")
    utf16 = _utf16(source)
    form = _form(first, limits)
    form.utf16 = utf16
    notes = _Notes()
    head = _parse(_decode(first, notes), form, notes, 1, limits).head(HEAD_ROWS)
    form.width = head.width - 1
    grid = Grid(sheet="", head=head, width=form.width)

    def stream() -> Iterator[pl.DataFrame]:
        seen = _Notes()
        row = 1
        for block in _blocks(source, limits, None):
            frame = _parse(_decode(block, seen), form, seen, row, limits)
            row += frame.height
            yield frame
        grid.issues = _issues(seen)

    grid.stream = stream
    grid.issues = _issues(notes)
    yield grid


def _issues(notes: _Notes) -> list[tuple[str, int | None, str]]:
    issues: list[tuple[str, int | None, str]] = []
    if len(notes.encodings) > 1:
        issues.append(("ENCODING_MIXED", None, "、".join(sorted(notes.encodings))))
    if notes.broken:
        issues.append(("ENCODING_BROKEN", None, str(notes.broken)))
    if notes.nul:
        issues.append(("NUL_BYTES", None, ""))
    if notes.quotes:
        issues.append(("CSV_QUOTES", None, ""))
    issues.extend(("CSV_EXTRA_CELLS", row, "") for row in notes.long_rows)
    return issues


def _utf16(source: Source) -> str | None:
    with source.path.open("rb") as file:
        start = file.read(2)
    return {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}.get(start)


def _raw_blocks(source: Source, limits: Limits) -> Iterator[bytes]:
    """The file's bytes; UTF-16 recoded to UTF-8 on the way, the byte order mark taken off."""
    utf16 = _utf16(source)
    with source.path.open("rb") as file:
        if utf16:
            file.read(2)
            decoder = codecs.getincrementaldecoder(utf16)("replace")
            while data := file.read(limits.chunk_bytes):
                yield decoder.decode(data).encode("utf-8", "replace")
            return
        if file.read(3) != b"\xef\xbb\xbf":
            file.seek(0)
        while data := file.read(limits.chunk_bytes):
            yield data


def _blocks(source: Source, limits: Limits, _: None) -> Iterator[bytes]:
    """The bytes cut at record ends: newlines outside quotes."""
    pending = b""
    for data in _raw_blocks(source, limits):
        pending += data
        end = _record_end(pending)
        if end == 0 and len(pending) > 4 * limits.chunk_bytes:
            # a quote was opened and never closed: cut at the last line end
            end = pending.rfind(b"\n") + 1 or len(pending)
        if end:
            yield pending[:end]
            pending = pending[end:]
    if pending:
        yield pending


def _record_end(data: bytes) -> int:
    """Position after the last newline that is outside quotes; 0 if there is none."""
    if b'"' not in data:
        return data.rfind(b"\n") + 1
    array = np.frombuffer(data, dtype=np.uint8)
    newlines = np.flatnonzero(array == 10)
    if len(newlines) == 0:
        return 0
    quotes = np.flatnonzero(array == 34)
    before = np.searchsorted(quotes, newlines)
    outside = newlines[before % 2 == 0]
    return int(outside[-1]) + 1 if len(outside) else 0


def _decode(block: bytes, notes: _Notes) -> bytes:
    if b"\x00" in block:
        notes.nul = True
        block = block.replace(b"\x00", b"")
    decoded = decode_block(block)
    notes.encodings |= decoded.encodings
    notes.broken += decoded.broken
    if b"\r" in decoded.data:
        data = decoded.data.replace(b"\r\n", b"\n")
        return data.replace(b"\r", b"\n") if b"\n" not in data else data
    return decoded.data


def _form(block: bytes, limits: Limits) -> _Form:
    """Separator and width from the first lines: the separator that cuts most lines into equally many cells."""
    text = _decode(block[: 1 << 18], _Notes()).decode("utf-8", "replace")
    best: tuple[float, int, str] = (0.0, 1, ",")
    widest = 1
    lines = text.split("\n")[:60]
    for separator in SEPARATORS:
        try:
            rows = list(csv.reader(lines, delimiter=separator))
        except csv.Error:
            continue
        counts = [len(r) for r in rows if any(c.strip() for c in r)]
        if not counts:
            continue
        common = max(set(counts), key=counts.count)
        if common < 2:
            continue
        share = counts.count(common) / len(counts)
        score = share * min(common, 12)
        if score > best[0] * 1.05:
            best = (score, common, separator)
            widest = max(counts)
    return _Form(separator=best[2], quoting=True, width=min(max(widest, 1), limits.columns))


def _parse(data: bytes, form: _Form, notes: _Notes, first_row: int, limits: Limits) -> pl.DataFrame:
    """One block of whole records as a grid frame, numbered from `first_row`."""
    if form.quoting and len(form.separator.encode()) == 1 and b"\n" in data:
        frame = _fast(data, form)
        if frame is not None:
            return frame.insert_column(
                0, pl.Series("row", np.arange(first_row, first_row + frame.height), dtype=pl.UInt32)
            )
    return _slow(data, form, notes, first_row, limits)


def _fast(data: bytes, form: _Form) -> pl.DataFrame | None:
    """polars' parser; None when the block is not a clean table of at most `width` columns."""
    names = [column_name(i) for i in range(form.width)]
    # the schema comes from the first line: give it a line of the full width and drop it again
    ruler = (form.separator * (form.width - 1)).encode() + b"\n"
    try:
        frame = pl.read_csv(
            io.BytesIO(ruler + data) if form.width > 1 else io.BytesIO(b"x\n" + data),
            has_header=False,
            infer_schema=False,
            separator=form.separator,
            raise_if_empty=False,
        )
    except (pl.exceptions.PolarsError, ValueError):
        return None
    if frame.width != form.width:
        return None
    frame = frame.slice(1)
    frame.columns = names
    if b'"' in data:
        # a stray quote can swallow lines silently: the number of records must fit the line ends
        longest = frame.select(pl.max_horizontal(pl.all().str.len_bytes().max())).item()
        if longest is not None and longest > 32_767:
            return None
        if b'""' in data:
            frame = frame.with_columns(pl.when(pl.all() == "").then(None).otherwise(pl.all()).name.keep())
    return frame


def _slow(data: bytes, form: _Form, notes: _Notes, first_row: int, limits: Limits) -> pl.DataFrame:
    text = data.decode("utf-8", "replace")
    rows = _csv_rows(text, form, limits)
    if rows is None:
        notes.quotes = True
        rows = [line.split(form.separator) for line in text.removesuffix("\n").split("\n")]
    kept: list[list[str | None]] = []
    for offset, row in enumerate(rows):
        cells: list[str | None] = [c or None for c in row]
        if len(cells) > form.width:
            extra = [c for c in cells[form.width :] if c and c.strip()]
            if extra:
                notes.long_rows.append(first_row + offset)
                last = form.separator.join(c or "" for c in cells[form.width - 1 :])
                cells = [*cells[: form.width - 1], last]
        kept.append(cells[: form.width])
    return frame_of(kept, form.width, first_row)


def _csv_rows(text: str, form: _Form, limits: Limits) -> list[list[str]] | None:
    """Records by the standard parser; None when its quoting is broken (a cell swallowed many lines)."""
    csv.field_size_limit(max(limits.record_bytes * 64, 131072))
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=form.separator):
            if any(len(c) > 32_767 or c.count("\n") > 60 for c in row):
                return None
            rows.append(row)
    except csv.Error:
        return None
    return rows
