"""A column of citizen numbers through both compiled passes; what they leave over, through the definition."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from chunfeng.engines.identity.id_examine import MEANINGS, Outputs, examine, outputs
from chunfeng.engines.identity.id_kernel import BLANK, OK18, TABLES, UNREAD, scan
from chunfeng.engines.identity.id_reading import KINDS, CitizenId, read

Bytes = NDArray[np.uint8]
Rows = NDArray[np.int64]
Memory = dict[str, CitizenId | None]
"""What the definition said of a text: columns repeat their oddities."""
_Result = TypeVar("_Result")

_PART = 1 << 17
"""Rows a thread works on at a time: many for the cost of starting, few enough to stay near the core."""
_BLOCK = 1 << 14
"""Rows the second pass follows the first by: their bytes are still at hand."""
_WASTE = 4
"""Buffers may hold this many times the bytes of the column; a slice of something larger is copied first."""

# --- the bytes of a column ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Texts:
    """A String series as the kernels want it."""

    views: NDArray[np.uint32]
    """Arrow's: length, prefix, buffer, offset of every text; a short one stands in its view."""
    data: Bytes
    """Memory from the first to the last of all buffers and views, where it is: of the rest nothing is read."""
    bases: Rows
    """Where in it each buffer begins."""
    within: int
    """Where in it the views begin."""
    buffers: list[Any]
    """Arrow's, to which the views belong."""
    kind: Bytes
    number: Rows
    """What the passes write, a part each."""


def texts_of(values: pl.Series) -> Texts:
    """Arrow's own memory, copied only where the column is a small part of it."""
    views, buffers = _buffers(values)
    if sum(buffer.size for buffer in buffers) > _WASTE * int(views[:, 0].sum(dtype=np.int64)) + 1_000_000:
        views, buffers = _buffers(pl.Series(values.to_arrow()))
    pieces = [(buffer.address, buffer.size) for buffer in buffers] + [(views.ctypes.data, views.nbytes)]
    first, past = min(at for at, _ in pieces), max(at + size for at, size in pieces)
    data = np.ctypeslib.as_array((ctypes.c_uint8 * (past - first)).from_address(first))
    *bases, within = (at - first for at, _ in pieces)
    kind, number = np.zeros(len(views), np.uint8), np.zeros(len(views), np.int64)
    return Texts(views, data, np.array(bases, np.int64), within, buffers, kind, number)


def _buffers(values: pl.Series) -> tuple[NDArray[np.uint32], list[Any]]:
    array = values.rechunk().to_arrow(compat_level=pl.CompatLevel.newest())
    _, views, *buffers = array.buffers()
    table = np.frombuffer(views, np.uint32).reshape(-1, 4)[array.offset : array.offset + len(array)]
    return table, buffers


# --- the passes ---------------------------------------------------------------------------------


class Passes:
    """The state of some rows after both compiled passes and the definition.

    `kind` and `number` are as long as the values; `rows` are those the first pass left over, and the arrays of
    the second pass (`odd_kind` …, see `id_examine.examine`) are as long as `rows`. `unread` are the places within
    `rows` which the second pass left over too, and `late` the definition's readings of those.
    """

    def __init__(self, values: pl.Series, texts: Texts, part: slice, memory: Memory, in_full: bool) -> None:
        self.texts, self.views = texts, texts.views[part]
        self.kind, self.number = texts.kind[part], texts.number[part]
        if values.null_count():
            self.kind[values.is_null().to_numpy()] = BLANK
        views, within = self.views, texts.within + 16 * part.start
        rows: list[Rows] = [np.zeros(0, np.int64)]
        odd: list[Outputs] = [outputs(0)]
        for start in range(0, len(values), _BLOCK):
            block = slice(start, start + _BLOCK)
            left = scan(views[block], texts.data, texts.bases, self.kind[block], self.number[block], TABLES)
            rows.append(np.flatnonzero(self.kind[block] == UNREAD) + start)
            odd.append(outputs(left))
            examine(rows[-1], views, texts.data, texts.bases, within, *odd[-1], MEANINGS, in_full)
        joined = [np.concatenate(arrays) for arrays in zip(*odd, strict=True)]
        self.odd_kind, self.odd_number, self.certificate, self.reissue, self.slip = joined[:5]
        self.characters, self.count = joined[5:]
        self.rows = np.concatenate(rows)
        self.clean = self.kind == OK18
        self.unread = np.flatnonzero(self.odd_kind == UNREAD)
        self.late = [_remembered(text, memory) for text in values[self.rows[self.unread]].to_list()]

    def put_together(self) -> Texts:
        """Kind and number of every row, see `citizen_ids.read_keys`, in the arrays of the column."""
        self.kind[self.rows], self.number[self.rows] = self.odd_kind, self.odd_number
        late = self.rows[self.unread]
        self.kind[late] = [KINDS.index(reading.kind) if reading else BLANK for reading in self.late]
        self.number[late] = [_number(reading) for reading in self.late]
        return self.texts


def _remembered(text: str, memory: Memory) -> CitizenId | None:
    if text not in memory:
        memory[text] = read(text)
    return memory[text]


def _number(reading: CitizenId | None) -> int:
    if reading is None:
        return 0
    return next((n for n in (reading.id17, reading.known15, reading.digits17) if n is not None), 0)


def in_parts(
    values: pl.Series, finish: Callable[[Passes], _Result], threads: int | None = None, *, in_full: bool
) -> Iterator[_Result]:
    """`finish` of the passes over each part of a column in turn, at least one; parts run beside each other.

    `in_full`: characters and slips of the keyboard too, not only kinds and numbers.
    `threads`: how many cores to use; all this process has when None.
    """
    texts, parts = texts_of(values), range(0, max(len(values), 1), _PART)
    memory: Memory = {}

    def work(start: int) -> _Result:
        part = slice(start, start + _PART)
        return finish(Passes(values[part], texts, part, memory, in_full))

    threads = threads or _cores()
    if threads == 1 or len(parts) == 1:
        yield from map(work, parts)
        return
    with ThreadPoolExecutor(threads) as pool:  # the kernels let go of the interpreter
        yield from pool.map(work, parts)


def read_keys(values: pl.Series, threads: int | None = None) -> tuple[Bytes, Rows]:
    """See `citizen_ids.read_keys`."""
    texts, *_ = in_parts(values, Passes.put_together, threads, in_full=False)
    return texts.kind, texts.number


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
