"""A column of citizen numbers through the compiled passes; what they leave over through the definition."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from chunfeng.engines.identity import id_kernel
from chunfeng.engines.identity.id_examine import MEANINGS, examine
from chunfeng.engines.identity.id_kernel import BLANK, NO_SLIP, OK18, TABLES, UNREAD, WIDTH, scan
from chunfeng.engines.identity.id_reading import CitizenId, read

Bytes = NDArray[np.uint8]
Rows = NDArray[np.int64]
Memory = dict[str, CitizenId | None]
"""What the definition said of a text: columns repeat their oddities."""

_PART = 1 << 17
"""Rows a thread works on at a time: many for the cost of starting, few enough to stay near the core."""
_WASTE = 4
"""Buffers may hold this many times the bytes of the column; a slice of something larger is copied first."""
_GOOD = (OK18, id_kernel.CERTIFICATE, id_kernel.OK15)
_BAD = (id_kernel.BAD_CHECK, id_kernel.BAD_DATE)


def read_column(
    values: pl.Series, schema: dict[str, pl.DataType], columns: Sequence[str], threads: int | None = None
) -> pl.DataFrame:
    """`id_reading.read` of every value: the `columns` of `schema`, named after the fields of `CitizenId`.

    `threads`: how many cores to use; all this process has when None.
    """
    texts, parts = _texts_of(values), range(0, max(len(values), 1), _PART)
    memory: Memory = {}

    def work(start: int) -> pl.DataFrame:
        part = slice(start, start + _PART)
        return _Passes(values[part], texts, texts.views[part], memory, schema, columns).frame()

    threads = threads or _cores()
    if threads == 1 or len(parts) == 1:
        return pl.concat([work(start) for start in parts])
    with ThreadPoolExecutor(threads) as pool:  # the kernels let go of the interpreter
        return pl.concat(pool.map(work, parts))


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


# --- the bytes of a column ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Texts:
    """A String series as the kernels want it: views, one block of data, where in it each buffer begins."""

    views: NDArray[np.uint32]
    data: Bytes
    bases: Rows
    buffers: list[Any]
    """Arrow's, to which the views belong."""


def _texts_of(values: pl.Series) -> _Texts:
    """Arrow's own buffers; only when there are several are they laid end to end."""
    views, buffers = _buffers(values)
    if sum(buffer.size for buffer in buffers) > _WASTE * int(views[:, 0].sum(dtype=np.int64)) + 1_000_000:
        views, buffers = _buffers(pl.Series(values.to_arrow()))
    blocks = [np.frombuffer(buffer, np.uint8) for buffer in buffers]
    bases = np.cumsum([0, *map(len, blocks)], dtype=np.int64)
    data = blocks[0] if len(blocks) == 1 else np.concatenate([*blocks, np.zeros(1, np.uint8)])
    return _Texts(views, data, bases, buffers)


def _buffers(values: pl.Series) -> tuple[NDArray[np.uint32], list[Any]]:
    array = values.rechunk().to_arrow(compat_level=pl.CompatLevel.newest())
    _, views, *buffers = array.buffers()
    table = np.frombuffer(views, np.uint32).reshape(-1, 4)[array.offset : array.offset + len(array)]
    return table, buffers


# --- the passes ---------------------------------------------------------------------------------


class _Passes:
    """The state of a part after both compiled passes and the definition; columns are made from it as asked.

    `rows` are those the first pass left over; arrays of the second pass are as long as `rows`. `unread` are
    the places within `rows` which the second pass left over; `late` holds the definition's readings of those.
    """

    def __init__(
        self,
        values: pl.Series,
        texts: _Texts,
        views: NDArray[np.uint32],
        memory: Memory,
        schema: dict[str, pl.DataType],
        columns: Sequence[str],
    ) -> None:
        self.texts, self.views, self.schema, self.columns = texts, views, schema, columns
        self.kind, self.number = np.zeros(len(values), np.uint8), np.zeros(len(values), np.int64)
        if values.null_count():
            self.kind[values.is_null().to_numpy()] = BLANK
        scan(views, texts.data, texts.bases, self.kind, self.number, TABLES)
        self.clean = self.kind == OK18
        self.rows = rows = np.flatnonzero(self.kind == UNREAD)
        self.odd_kind, self.odd_number = np.empty(len(rows), np.uint8), np.zeros(len(rows), np.int64)
        self.certificate, self.reissue, self.slip, self.count = (
            np.zeros(len(rows), np.uint8) for _ in range(4)
        )
        self.characters = np.zeros((len(rows), WIDTH), np.uint8)
        codes = self.certificate, self.reissue, self.slip
        output = self.odd_kind, self.odd_number, *codes, self.characters, self.count
        examine(rows, views, texts.data, texts.bases, *output, MEANINGS)
        self.unread = np.flatnonzero(self.odd_kind == UNREAD)
        self.late = [_remembered(text, memory) for text in values[rows[self.unread]].to_list()]
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
        late = [(place, id18) for place, id18 in zip(self.unread, self._late("id18"), strict=True) if id18]
        written = np.frombuffer("".join(id18 for _, id18 in late).encode(), np.uint8).reshape(-1, 18)
        block = np.ascontiguousarray(np.concatenate([self.characters[self.good, :18], written]))
        own = np.array([place for place, _ in late], np.int64)
        rows = self.rows[np.concatenate([np.flatnonzero(self.good), own])]
        buffers = self.texts.buffers
        views = np.zeros((len(self.kind), 4), np.uint32)
        views[self.clean] = self.views[self.clean]
        views[rows, 0] = 18
        views[rows, 1] = np.ascontiguousarray(block[:, :4]).view(np.uint32).ravel()
        views[rows, 2] = len(buffers)
        views[rows, 3] = np.arange(len(rows), dtype=np.uint32) * 18
        valid = self.clean.copy()
        valid[rows] = True
        parts = [_bits(valid), pa.py_buffer(views), *buffers, pa.py_buffer(block)]
        return pl.Series(pa.Array.from_buffers(pa.string_view(), len(valid), parts))

    # how a column is put together

    def _late(self, name: str) -> list[Any]:
        return [getattr(reading, name) if reading else None for reading in self.late]

    def _codes(self, name: str, codes: Bytes, none: int) -> Bytes:
        """Codes of the second pass with the definition's put in."""
        index = {category: code for code, category in enumerate(self._enum(name).categories)}
        codes = codes.copy()
        codes[self.unread] = [index.get(category, none) for category in self._late(name)]
        return codes

    def _enum(self, name: str) -> pl.Enum:
        dtype = self.schema[name]
        assert isinstance(dtype, pl.Enum)
        return dtype

    def _categories(self, name: str, codes: Bytes) -> pl.Series:
        dtype = self._enum(name)
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
        size, dtype = len(self.kind), np.int64 if self.schema[name] == pl.Int64 else np.int8
        every = np.zeros(size, dtype) if first is None else first.copy()
        valid = np.zeros(size, np.bool_) if clean is None else clean.copy()
        every[self.rows], valid[self.rows] = numbers, known
        late, rows = self._late(name), self.rows[self.unread]
        every[rows], valid[rows] = [number or 0 for number in late], [number is not None for number in late]
        arrow = pa.from_numpy_dtype(every.dtype)
        return pl.Series(pa.Array.from_buffers(arrow, size, [_bits(valid), pa.py_buffer(every)]))

    def _written(self, name: str, odd: pl.Series) -> pl.Series:
        """Texts of the second pass, with the definition's put in, and null for the clean rows."""
        place = np.zeros(len(self.kind), np.uint32)
        place[self.rows] = np.arange(len(self.rows), dtype=np.uint32)
        place[self.rows[self.unread]] = len(self.rows) + np.arange(len(self.unread), dtype=np.uint32)
        parts = [_bits(~self.clean & (self.kind != BLANK)), pa.py_buffer(place)]
        index = pl.Series(pa.Array.from_buffers(pa.uint32(), len(place), parts))
        return pl.concat([odd, pl.Series(self._late(name), dtype=pl.String)]).gather(index)


def _remembered(text: str, memory: Memory) -> CitizenId | None:
    if text not in memory:
        memory[text] = read(text)
    return memory[text]


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
