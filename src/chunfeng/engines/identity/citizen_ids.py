"""Citizen numbers (公民身份号码, GB 11643-1999) as typed: verified, upgraded, or told how they are damaged.

`read` is the definition and reads one text; `read_column` says the same of a whole column at memory speed.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import cache
from importlib import import_module
from types import ModuleType

import numpy as np
import polars as pl
from numpy.typing import NDArray

from chunfeng.engines.identity import id_slips
from chunfeng.engines.identity.id_numbers import (
    birth_date,
    check_char,
    id18_of,
    region_of,
    sex,
    upgrade15,
)
from chunfeng.engines.identity.id_reading import KINDS, CitizenId, read

__all__ = [
    "KINDS",
    "SCHEMA",
    "CitizenId",
    "birth_date",
    "check_char",
    "id18_of",
    "read",
    "read_column",
    "read_keys",
    "read_texts",
    "region_of",
    "sex",
    "slips",
    "upgrade15",
]

SCHEMA: dict[str, pl.DataType] = {
    "kind": pl.Enum(KINDS),
    "id18": pl.String(),
    "id17": pl.Int64(),
    "known15": pl.Int64(),
    "digits17": pl.Int64(),
    "digits": pl.String(),
    "cert_kind": pl.Int8(),
    "cert_grade": pl.Int8(),
    "reissue": pl.String(),
    "slip": pl.Enum(id_slips.SLIPS),
}
"""The columns of `read_column`; each means what the field of `CitizenId` of that name means."""


def slips(raw: str) -> list[str]:
    """Valid numbers of 18 characters one keystroke away from a damaged one, to compare with persons known.

    Empty for numbers that are verified, and for those whose damage is no slip (cut, masked, …).
    Never a correction: nearly all of these belong to nobody.
    """
    reading = read(raw)
    if (
        reading is None
        or reading.digits is None
        or reading.kind not in ("bad_check", "bad_date", "short", "long")
    ):
        return []
    characters = reading.digits if reading.cert_kind is None else reading.digits[:18]
    return id_slips.candidates(characters)


_COMPILED_PAYS, _LOADED_PAYS = 20_000, 200
"""Rows from which on loading the compiled pass costs less than it saves, and running it once it is loaded."""


def read_column(
    values: pl.Series, columns: Sequence[str] = tuple(SCHEMA), threads: int | None = None
) -> pl.DataFrame:
    """`read` for every value of a String series: same height and order, nulls for a blank.

    `columns`: which of SCHEMA are wanted, all by default; fewer cost less.
    `threads`: how many cores a long column may use; all this process has when None.
    """
    if compiled := _compiled_for(len(values), "id_columns"):
        return compiled.read_column(values, SCHEMA, columns, threads)  # type: ignore[no-any-return]
    return read_texts(values, columns)


def read_texts(values: pl.Series, columns: Sequence[str] = tuple(SCHEMA)) -> pl.DataFrame:
    """The same without compiled code: `read` once for every distinct text."""
    distinct = values.drop_nulls().unique()
    readings = [read(value) for value in distinct]
    fields = {name: [getattr(r, name) if r else None for r in readings] for name in columns}
    schema = {"text": pl.String(), **{name: SCHEMA[name] for name in columns}}
    table = pl.DataFrame({"text": distinct, **fields}, schema=schema)
    return values.to_frame("text").join(table, on="text", how="left", maintain_order="left").drop("text")


def read_keys(values: pl.Series, threads: int | None = None) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Kind and number of every value as two arrays, for joins and kernels that want no frame.

    Kind is a place in KINDS, 255 for a blank. Number is `id17` where verified or upgraded, `known15` for cut15,
    `digits17` where these are all there is, else 0: the kind says which.
    """
    if compiled := _compiled_for(len(values), "id_passes"):
        return compiled.read_keys(values, threads)  # type: ignore[no-any-return]
    frame = read_texts(values, ("kind", "id17", "known15", "digits17"))
    number = frame.select(pl.coalesce("id17", "known15", "digits17").fill_null(0)).to_series()
    return frame["kind"].to_physical().fill_null(255).to_numpy(), number.to_numpy()


def _compiled_for(rows: int, module: str) -> ModuleType | None:
    """The compiled pass where it pays for so many rows; loading it takes longer than reading a small file."""
    name = f"chunfeng.engines.identity.{module}"
    return _compiled(name) if rows >= (_LOADED_PAYS if name in sys.modules else _COMPILED_PAYS) else None


@cache
def _compiled(name: str) -> ModuleType | None:
    """None where numba is missing."""
    try:
        return import_module(name)
    except ImportError:
        return None
