"""The columns of what the passes over citizen numbers found, each made only when it is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from chunfeng.engines.identity import id_kernel
from chunfeng.engines.identity.id_kernel import BLANK, NO_SLIP, OK15, WIDTH
from chunfeng.engines.identity.id_passes import Bytes, Passes, in_parts

_BAD = (id_kernel.BAD_CHECK, id_kernel.BAD_DATE)


def read_column(
    values: pl.Series, schema: dict[str, pl.DataType], columns: Sequence[str], threads: int | None = None
) -> pl.DataFrame:
    """`id_reading.read` of every value: the `columns` of `schema`, named after the fields of `CitizenId`.

    `threads`: how many cores to use; all this process has when None.
    """
    in_full = not {"id18", "digits", "slip"}.isdisjoint(columns)
    return pl.concat(
        in_parts(values, lambda passes: _Columns(passes, schema).frame(columns), threads, in_full=in_full)
    )


class _Columns:
    """One method a column: what the first pass, the second and the definition found, put together."""

    def __init__(self, passes: Passes, schema: dict[str, pl.DataType]) -> None:
        self.of, self.schema = passes, schema
        self.good = passes.odd_kind <= OK15

    def frame(self, columns: Sequence[str]) -> pl.DataFrame:
        """The columns asked for, in that order."""
        return pl.DataFrame({name: getattr(self, f"_{name}")() for name in columns})

    def _kind(self) -> pl.Series:
        self.of.kind[self.of.rows] = self._codes("kind", self.of.odd_kind, BLANK)
        return self._categories("kind", self.of.kind)

    def _slip(self) -> pl.Series:
        codes = np.full(len(self.of.kind), NO_SLIP, np.uint8)
        codes[self.of.rows] = self._codes("slip", self.of.slip, NO_SLIP)
        return self._categories("slip", codes)

    def _id17(self) -> pl.Series:
        return self._numbers("id17", self.good, self.of.odd_number, self.of.number, self.of.clean)

    def _known15(self) -> pl.Series:
        return self._numbers("known15", self.of.odd_kind == id_kernel.CUT15, self.of.odd_number)

    def _digits17(self) -> pl.Series:
        bad = np.isin(self.of.odd_kind, _BAD) & (self.of.count >= 18)
        masked = (self.of.odd_kind == id_kernel.MASKED) & (self.of.odd_number > 0)
        return self._numbers("digits17", bad | masked, self.of.odd_number)

    def _cert_kind(self) -> pl.Series:
        return self._numbers("cert_kind", self.of.certificate > 0, self.of.certificate // 10)

    def _cert_grade(self) -> pl.Series:
        return self._numbers("cert_grade", self.of.certificate > 0, self.of.certificate % 10)

    def _digits(self) -> pl.Series:
        return self._written("digits", _strings(self.of.characters, np.where(self.good, 0, self.of.count)))

    def _reissue(self) -> pl.Series:
        marks = pl.Series([None, *(f"B{mark}" for mark in range(1, 10))])
        return self._written("reissue", marks[self.of.reissue])

    def _id18(self) -> pl.Series:
        """Clean texts as they stand, by their own bytes; the others' from a buffer behind those."""
        late = [(place, id18) for place, id18 in zip(self.of.unread, self._late("id18"), strict=True) if id18]
        written = np.frombuffer("".join(id18 for _, id18 in late).encode(), np.uint8).reshape(-1, 18)
        block = np.ascontiguousarray(np.concatenate([self.of.characters[self.good, :18], written]))
        own = np.array([place for place, _ in late], np.int64)
        rows = self.of.rows[np.concatenate([np.flatnonzero(self.good), own])]
        buffers = self.of.texts.buffers
        views = np.zeros((len(self.of.kind), 4), np.uint32)
        views[self.of.clean] = self.of.views[self.of.clean]
        views[rows, 0] = 18
        views[rows, 1] = np.ascontiguousarray(block[:, :4]).view(np.uint32).ravel()
        views[rows, 2] = len(buffers)
        views[rows, 3] = np.arange(len(rows), dtype=np.uint32) * 18
        valid = self.of.clean.copy()
        valid[rows] = True
        parts = [_bits(valid), pa.py_buffer(views), *buffers, pa.py_buffer(block)]
        return pl.Series(pa.Array.from_buffers(pa.string_view(), len(valid), parts))

    # how a column is put together

    def _late(self, name: str) -> list[Any]:
        return [getattr(reading, name) if reading else None for reading in self.of.late]

    def _codes(self, name: str, codes: Bytes, none: int) -> Bytes:
        """Codes of the second pass with the definition's put in."""
        index = {category: code for code, category in enumerate(self._enum(name).categories)}
        codes = codes.copy()
        codes[self.of.unread] = [index.get(category, none) for category in self._late(name)]
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
        size, dtype = len(self.of.kind), np.int64 if self.schema[name] == pl.Int64 else np.int8
        every = np.zeros(size, dtype) if first is None else first
        valid = np.zeros(size, np.bool_) if clean is None else clean.copy()
        every[self.of.rows], valid[self.of.rows] = numbers, known
        late, rows = self._late(name), self.of.rows[self.of.unread]
        every[rows], valid[rows] = [number or 0 for number in late], [number is not None for number in late]
        arrow = pa.from_numpy_dtype(every.dtype)
        return pl.Series(pa.Array.from_buffers(arrow, size, [_bits(valid), pa.py_buffer(every)]))

    def _written(self, name: str, odd: pl.Series) -> pl.Series:
        """Texts of the second pass, with the definition's put in, and null for the clean rows."""
        place, odd_rows = np.zeros(len(self.of.kind), np.uint32), np.zeros(len(self.of.kind), np.bool_)
        odd_rows[self.of.rows] = True
        place[self.of.rows] = np.arange(len(self.of.rows), dtype=np.uint32)
        place[self.of.rows[self.of.unread]] = len(self.of.rows) + np.arange(
            len(self.of.unread), dtype=np.uint32
        )
        parts = [_bits(odd_rows), pa.py_buffer(place)]
        index = pl.Series(pa.Array.from_buffers(pa.uint32(), len(place), parts))
        return pl.concat([odd, pl.Series(self._late(name), dtype=pl.String)]).gather(index)


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
