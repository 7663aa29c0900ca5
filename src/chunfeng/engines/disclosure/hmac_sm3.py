"""HMAC-SM3: the keyed digest that stands for a value (GB/T 32905-2016 within RFC 2104).

`digest` is the definition and takes one message; `token` says the same of a whole column at the speed of the machine.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
from cryptography.hazmat.primitives import hashes, hmac

_COMPILED_PAYS = 20_000
"""Rows from which on loading the compiled pass costs less than it saves."""
_PART = 1 << 15
"""Rows a thread takes at a time."""
_BLOCK = 64


def digest(key: bytes, message: bytes) -> bytes:
    """HMAC-SM3 of one message, 32 bytes. Any length of message; the key must not be empty (ValueError)."""
    context = _context(key)
    context.update(message)
    return context.finalize()


def token(values: pl.Series, key: bytes, threads: int | None = None) -> pl.Series:
    """HMAC-SM3 of the UTF-8 bytes of every value of a String series: 64 lower-case hexadecimal digits; null stays null.

    Same height, order and name. `threads`: how many cores a long column may use; all this process has when None.
    """
    if len(values) - values.null_count() >= _COMPILED_PAYS and (kernel := _kernel()):
        return _compiled_token(kernel, values, key, threads or _cores())
    return plain_token(values, key)


def plain_token(values: pl.Series, key: bytes) -> pl.Series:
    """The same without compiled code."""
    started = _context(key)
    found: list[str | None] = []
    for value in values:
        if value is None:
            found.append(None)
            continue
        context = started.copy()
        context.update(value.encode())
        found.append(context.finalize().hex())
    return pl.Series(values.name, found, dtype=pl.String)


def _context(key: bytes) -> hmac.HMAC:
    if not key:
        raise ValueError("an empty key protects nothing")
    return hmac.HMAC(key, hashes.SM3())


@cache
def _kernel() -> ModuleType | None:
    """Loaded only when it pays; None where numba is missing or the machine is not one it knows."""
    try:
        return import_module("chunfeng.engines.disclosure.sm3_kernel")
    except ImportError:
        return None


def _compiled_token(kernel: ModuleType, values: pl.Series, key: bytes, threads: int) -> pl.Series:
    keyed = kernel.keyed_states(key_block(key))
    data, offsets, valid = _buffers(values)
    height = len(values)
    out = np.empty(height * kernel.DIGITS, np.uint8)

    def work(first: int) -> None:
        kernel.write_tokens(data, offsets, keyed, out, first, min(first + _PART, height))

    parts = range(0, height, _PART)
    if threads == 1:
        for first in parts:
            work(first)
    else:
        with ThreadPoolExecutor(threads) as pool:  # the kernel lets go of the interpreter
            list(pool.map(work, parts))
    places = np.arange(height + 1, dtype=np.int64) * kernel.DIGITS
    array = pa.Array.from_buffers(pa.large_string(), height, [valid, pa.py_buffer(places), pa.py_buffer(out)])
    return pl.Series(values.name, array, dtype=pl.String)


def key_block(key: bytes) -> bytes:
    """RFC 2104, 2: filled up with zeros to a block; a longer key is its digest."""
    if not key:
        raise ValueError("an empty key protects nothing")
    if len(key) > _BLOCK:
        whole = hashes.Hash(hashes.SM3())
        whole.update(key)
        key = whole.finalize()
    return key.ljust(_BLOCK, b"\0")


def _buffers(values: pl.Series) -> tuple[Any, Any, Any]:
    """Bytes, offsets of the rows in them, and Arrow's validity bitmap (None: no nulls)."""
    array = values.rechunk().to_arrow(compat_level=pl.CompatLevel.oldest())
    _, offsets, data = array.buffers()
    rows = np.frombuffer(offsets, np.int64)[array.offset : array.offset + len(array) + 1]
    valid = None
    if values.null_count():
        valid = pa.py_buffer(np.packbits(values.is_not_null().to_numpy(), bitorder="little"))
    return np.frombuffer(data or b"\0", np.uint8), rows, valid


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
