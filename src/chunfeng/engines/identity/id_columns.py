"""A column of citizen numbers through the compiled passes; what they leave over through the definition."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from chunfeng.engines.identity import id_kernel
from chunfeng.engines.identity.id_examine import examine
from chunfeng.engines.identity.id_kernel import BLANK, NO_SLIP, OK18, TABLES, UNREAD, WIDTH, scan

Bytes = NDArray[np.uint8]
Rows = NDArray[np.int64]
ReadTexts = Callable[[pl.Series, Sequence[str]], pl.DataFrame]

_CHUNK = 1 << 16
_WASTE = 4
"""Buffers may hold this many times the bytes of the column; a slice of something larger is copied first."""
_GOOD = (OK18, id_kernel.CERTIFICATE, id_kernel.OK15)
_BAD = (id_kernel.BAD_CHECK, id_kernel.BAD_DATE)


def read_column(
    values: pl.Series,
    read_texts: ReadTexts,
    schema: dict[str, pl.DataType],
    columns: Sequence[str],
    threads: int | None = None,
) -> pl.DataFrame:
    """What `read_texts` would give; that is called only for the texts the compiled passes left over.

    `threads`: how many cores to use; all this process has when None.
    """
    return _Passes(values, read_texts, schema, columns, threads or _cores()).frame()


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


# --- the bytes of a column ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Texts:
    """A String series as the kernels want it: views, one block of data, where in it each buffer begins."""

    array: Any
    views: NDArray[np.uint32]
    data: Bytes
    bases: Rows


def _texts_of(values: pl.Series) -> _Texts:
    """Arrow's own buffers; only when there are several are they laid end to end."""
    texts = _buffers(values)
    if len(texts.data) > _WASTE * int(texts.views[:, 0].sum(dtype=np.int64)) + 1_000_000:
        return _buffers(pl.Series(values.to_arrow()))
    return texts


def _buffers(values: pl.Series) -> _Texts:
    array = values.rechunk().to_arrow(compat_level=pl.CompatLevel.newest())
    _, views, *buffers = array.buffers()
    table = np.frombuffer(views, np.uint32).reshape(-1, 4)[array.offset : array.offset + len(array)]
    blocks = [np.frombuffer(buffer, np.uint8) for buffer in buffers]
    bases = np.cumsum([0, *map(len, blocks)], dtype=np.int64)
    data = blocks[0] if len(blocks) == 1 else np.concatenate([*blocks, np.zeros(1, np.uint8)])
    return _Texts(array, table, data, bases)


# --- the passes ---------------------------------------------------------------------------------


class _Passes:
    """The state after both compiled passes and the definition; columns are made from it as asked.

    `rows` are those the first pass left over; arrays of the second pass are as long as `rows`. `unread` are
    the places within `rows` which the second pass left over; `late` holds the definition's readings of those.
    """

    def __init__(
        self,
        values: pl.Series,
        read_texts: ReadTexts,
        schema: dict[str, pl.DataType],
        columns: Sequence[str],
        threads: int,
    ) -> None:
        self.schema, self.columns = schema, columns
        self.texts = texts = _texts_of(values)
        self.kind = np.zeros(len(values), np.uint8)
        if values.null_count():
            self.kind[values.is_null().to_numpy()] = BLANK
        self.number = np.zeros(len(values), np.int64)
        views, data, bases = texts.views, texts.data, texts.bases

        def scan_part(part: slice) -> None:
            scan(views[part], data, bases, self.kind[part], self.number[part], TABLES)

        _in_parts(scan_part, len(values), threads)
        self.clean = self.kind == OK18
        self.rows = rows = np.flatnonzero(self.kind == UNREAD)
        kind, number = np.empty(len(rows), np.uint8), np.zeros(len(rows), np.int64)
        certificate, reissue, slip, count = (np.zeros(len(rows), np.uint8) for _ in range(4))
        characters = np.zeros((len(rows), WIDTH), np.uint8)

        def examine_part(part: slice) -> None:
            codes = certificate[part], reissue[part], slip[part]
            output = characters[part], count[part]
            examine(rows[part], views, data, bases, kind[part], number[part], *codes, *output, TABLES)

        _in_parts(examine_part, len(rows), threads)
        self.odd_kind, self.odd_number, self.slip = kind, number, slip
        self.certificate, self.reissue, self.characters, self.count = certificate, reissue, characters, count
        self.unread = np.flatnonzero(self.odd_kind == UNREAD)
        self.late = read_texts(values[rows[self.unread]], columns)
        self.good = np.isin(self.odd_kind, _GOOD)

    def frame(self) -> pl.DataFrame:
        """The columns asked for, in that order."""
        return pl.DataFrame({name: getattr(self, f"_{name}")() for name in self.columns})

    def _kind(self) -> pl.Series:
        codes = self.kind.copy()
        codes[self.rows] = self._codes("kind", self.odd_kind, BLANK)
        return self._categories("kind", codes)

    def _slip(self) -> pl.Series:
        codes = np.full(len(self.kind), NO_SLIP, np.uint8)
        codes[self.rows] = self._codes("slip", self.slip, NO_SLIP)
        return self._categories("slip", codes)

    def _id17(self) -> pl.Series:
        return self._numbers("id17", self.good, self.odd_number, self.number, self.clean)

    def _known15(self) -> pl.Series:
        return self._numbers("known15", self.odd_kind == id_kernel.CUT15, self.odd_number)

    def _digits17(self) -> pl.Series:
        bad = np.isin(self.odd_kind, _BAD) & (self.count >= 18)
        masked = (self.odd_kind == id_kernel.MASKED) & (self.odd_number > 0)
        return self._numbers("digits17", bad | masked, self.odd_number)

    def _cert_kind(self) -> pl.Series:
        return self._numbers("cert_kind", self.certificate > 0, self.certificate // 10)

    def _cert_grade(self) -> pl.Series:
        return self._numbers("cert_grade", self.certificate > 0, self.certificate % 10)

    def _digits(self) -> pl.Series:
        return self._written("digits", _strings(self.characters, np.where(self.good, 0, self.count)))

    def _reissue(self) -> pl.Series:
        marks = pl.Series([None, *(f"B{mark}" for mark in range(1, 10))])
        return self._written("reissue", marks[self.reissue])

    def _id18(self) -> pl.Series:
        """Clean texts as they stand, by their own bytes; the others' from a buffer behind those."""
        late = self.late["id18"].drop_nulls()
        written = np.frombuffer("".join(late).encode(), np.uint8).reshape(-1, 18)
        block = np.ascontiguousarray(np.concatenate([self.characters[self.good, :18], written]))
        own = self.unread[self.late["id18"].is_not_null().to_numpy()]
        rows = self.rows[np.concatenate([np.flatnonzero(self.good), own])]
        _, _, *buffers = self.texts.array.buffers()
        views = np.zeros((len(self.kind), 4), np.uint32)
        views[self.clean] = self.texts.views[self.clean]
        views[rows, 0] = 18
        views[rows, 1] = np.ascontiguousarray(block[:, :4]).view(np.uint32).ravel()
        views[rows, 2] = len(buffers)
        views[rows, 3] = np.arange(len(rows), dtype=np.uint32) * 18
        valid = self.clean.copy()
        valid[rows] = True
        parts = [_bits(valid), pa.py_buffer(views), *buffers, pa.py_buffer(block)]
        return pl.Series(pa.Array.from_buffers(pa.string_view(), len(valid), parts))

    # how a column is put together

    def _codes(self, name: str, codes: Bytes, none: int) -> Bytes:
        """Codes of the second pass with the definition's put in."""
        codes = codes.copy()
        codes[self.unread] = self.late[name].to_physical().fill_null(none).to_numpy()
        return codes

    def _categories(self, name: str, codes: Bytes) -> pl.Series:
        dtype = self.schema[name]
        assert isinstance(dtype, pl.Enum)
        categories = pl.Series([*dtype.categories, None], dtype=dtype)
        return categories[np.minimum(codes, len(categories) - 1)]

    def _numbers(
        self,
        name: str,
        known: NDArray[np.bool_],
        numbers: NDArray[np.integer[Any]],
        first: NDArray[np.integer[Any]] | None = None,
        clean: NDArray[np.bool_] | None = None,
    ) -> pl.Series:
        """Numbers of the second pass where known, with the definition's put in, upon those of the first."""
        size, dtype = len(self.kind), self.late[name].fill_null(0).to_numpy().dtype
        every = np.zeros(size, dtype) if first is None else first.copy()
        valid = np.zeros(size, np.bool_) if clean is None else clean.copy()
        every[self.rows], valid[self.rows] = numbers, known
        late = self.rows[self.unread]
        every[late], valid[late] = (
            self.late[name].fill_null(0).to_numpy(),
            self.late[name].is_not_null().to_numpy(),
        )
        arrow = pa.from_numpy_dtype(every.dtype)
        return pl.Series(pa.Array.from_buffers(arrow, size, [_bits(valid), pa.py_buffer(every)]))

    def _written(self, name: str, odd: pl.Series) -> pl.Series:
        """Texts of the second pass, with the definition's put in, and null for the clean rows."""
        place = np.zeros(len(self.kind), np.uint32)
        place[self.rows] = np.arange(len(self.rows), dtype=np.uint32)
        place[self.rows[self.unread]] = len(self.rows) + np.arange(len(self.unread), dtype=np.uint32)
        parts = [_bits(~self.clean & (self.kind != BLANK)), pa.py_buffer(place)]
        index = pl.Series(pa.Array.from_buffers(pa.uint32(), len(place), parts))
        return pl.concat([odd, self.late[name]]).gather(index)


def _in_parts(work: Callable[[slice], object], length: int, threads: int) -> None:
    """The kernels let go of the interpreter, so parts run beside each other."""
    parts = [slice(start, start + _CHUNK) for start in range(0, length, _CHUNK)]
    if threads == 1 or len(parts) <= 1:
        for part in parts:
            work(part)
        return
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(work, parts))


def _bits(valid: NDArray[np.bool_]) -> Any:
    """Arrow's validity bitmap."""
    return pa.py_buffer(np.packbits(valid, bitorder="little"))


def _strings(characters: Bytes, lengths: NDArray[np.integer[Any]]) -> pl.Series:
    """The first so many characters of each row as text; null where there are none."""
    kept = characters[np.arange(WIDTH) < lengths[:, None]]
    offsets = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=offsets[1:])
    parts = [_bits(lengths > 0), pa.py_buffer(offsets), pa.py_buffer(kept)]
    return pl.Series(pa.Array.from_buffers(pa.large_string(), len(lengths), parts))
