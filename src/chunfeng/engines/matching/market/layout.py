"""The arrays the compiled search runs over, and how its functions are compiled.

Machine code kept on disk is named by the content of all three files it is made of: it is out of date when any of them changes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, TypeVar, cast

import numpy as np
from numba import njit
from numpy.typing import NDArray

_Function = TypeVar("_Function", bound=Callable[..., Any])
Words = NDArray[np.uint64]
Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Bytes = NDArray[np.uint8]

NEVER = np.int32(-(2**31))
"""A day that is not known."""
UNKNOWN = np.int32(-1)
"""An amount or code that is not known, or has no limit."""


def _source_digest() -> str:
    sources = [
        Path(__file__).with_name(f"{name}.py").read_bytes() for name in ("layout", "pairing", "search")
    ]
    return hashlib.sha256(b"".join(sources)).hexdigest()[:12]


_DIGEST = _source_digest()


def compiled(function: _Function) -> _Function:
    """Machine code, kept on disk where possible: a read-only installation compiles once per process."""
    return _made(function, {"nogil": True})


def bare(function: _Function) -> _Function:
    """As `compiled`, without counting references, which costs more than a pair does; such a function may not make arrays."""
    return _made(function, {"nogil": True, "_nrt": False})


def part(function: _Function) -> _Function:
    """A piece of compiled functions, put into each, that makes no arrays."""
    options: Any = {"nogil": True, "forceinline": True, "_nrt": False}
    return cast("_Function", njit(**options)(function))


def _made(function: _Function, options: Any) -> _Function:
    function.__qualname__ += f"_{_DIGEST}"  # the name of the file it is kept in
    try:
        return cast("_Function", njit(cache=True, **options)(function))
    except RuntimeError:  # numba found no folder it may write to
        return cast("_Function", njit(**options)(function))


class People(NamedTuple):
    """One entry per person. `have`: bits a job may ask for, those not known among them (`unknown`); `avoid`: conditions that
    shut a job out; `certs`: certificates surely held; `needs`: what should be met; `earliest`, `latest`: day numbers of the first
    and the last possible start; `occ`, `cert_*`: lists, from `*_at[i]` to `*_at[i + 1]`."""

    have: Words
    unknown: Words
    avoid: Words
    certs: Words
    needs: Words
    area: Ints
    home: Ints
    town: Longs
    floor: Ints
    earliest: Ints
    latest: Ints
    tier: Ints
    tie: Words
    occ_at: Longs
    occ: Ints
    cert_at: Longs
    cert_bit: Words
    cert_until: Ints


class Jobs(NamedTuple):
    """One entry per job. `need`: bits asked for, `certs` those of certificates; `states`: conditions that shut people out;
    `meets`: needs that are met; `low`, `high` yuan a month; `pay`, `priority` in percent; `occ` 0 where not known."""

    need: Words
    certs: Words
    states: Words
    meets: Words
    place: Ints
    town: Longs
    low: Ints
    high: Ints
    start: Ints
    occ: Ints
    pay: Ints
    priority: Ints
    tie: Words


class Places(NamedTuple):
    """`area[set, place]`: 0 refused, 1 taken, 2 named; `near[home, place]`: percent."""

    area: Bytes
    near: Ints


class Terms(NamedTuple):
    """Weights of a side by part, and the shares: occupation by level; floor: low, middle, below, unknown; place: town, named."""

    weights: Ints
    level: Ints
    floor: Ints
    town: int
    named: int
    swapped: bool


class Index(NamedTuple):
    """Items by group and occupation: group g has buckets `group_at[g]` to `group_at[g + 1]`, bucket b the entries `bucket_at[b]`
    to `bucket_at[b + 1]` of `item`, the best `static` first: what an entry
    can have whoever asks. `bucket_occ`: the minor group, in the order of occ."""

    group_at: Longs
    bucket_at: Longs
    bucket_occ: Ints
    bucket_best: Ints
    group_best: Ints
    item: Ints
    item_occ: Ints
    static: Ints
