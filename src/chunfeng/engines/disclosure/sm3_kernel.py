"""The compiled pass of HMAC-SM3: the bytes of a column in, a token of 64 hexadecimal digits per row out.

Sixteen messages go through the compression function side by side, so that every step of GB/T 32905-2016 is an
instruction on vectors. The loops over `lane` become these vectors and must stay plain for the compiler to see it:
no branches, no index it could take for negative, nothing wider than 32 bits.

Importing this module needs numba and a little-endian machine; `hmac_sm3` does without where either is missing.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, TypeVar, cast

import numpy as np
from numba import njit
from numpy.typing import NDArray

if sys.byteorder != "little":
    raise ImportError("the kernel writes its digits in the byte order of little-endian machines")

Bytes = NDArray[np.uint8]
Words = NDArray[np.uint32]
Rows = NDArray[np.int64]
_Function = TypeVar("_Function", bound=Callable[..., Any])

LANES = 16
"""Messages side by side: as many as the widest vectors hold; narrower ones take them in turns."""
BLOCK = 64
"""Bytes that one compression takes in."""
DIGITS = 64
"""Hexadecimal digits of a token."""

_U = np.uint32
_IV = np.array(
    [0x7380166F, 0x4914B2B9, 0x172442D7, 0xDA8A0600, 0xA96F30BC, 0x163138AA, 0xE38DEE4D, 0xB0FB0E4E], np.uint32
)  # fmt: skip
"""GB/T 32905-2016, 4.1."""


def _constants() -> Words:
    """GB/T 32905-2016, 4.2: the constant of every step, turned left as often as the step asks."""
    words = [0x79CC4519] * 16 + [0x7A879D8A] * 48
    return np.array([(t << j % 32 | t >> (32 - j % 32)) & 0xFFFFFFFF for j, t in enumerate(words)], np.uint32)


_T = _constants()


def compiled(function: _Function) -> _Function:
    """Machine code, kept on disk where possible: a read-only installation compiles once per process."""
    try:
        return cast("_Function", njit(nogil=True, cache=True)(function))
    except RuntimeError:  # numba found no folder it may write to
        return cast("_Function", njit(nogil=True)(function))


# --- compression, LANES messages at a time: word i of a message stands at [i * LANES + lane] -------------------


@compiled
def _left(x: Any, places: Any) -> Any:
    return _U((x << _U(places)) | (x >> _U(32 - places)))


@compiled
def _step(
    a: Any, b: Any, c: Any, d: Any, e: Any, f: Any, g: Any, h: Any, t: Any, w: Any, w4: Any, early: Any
) -> Any:
    """5.3.3, one of 64 steps; `early` has all bits set in the first sixteen, none later."""
    ff = _U(((a ^ b ^ c) & early) | (((a & b) | (c & (a | b))) & ~early))
    gg = _U(((e ^ f ^ g) & early) | (((e & f) | (~e & g)) & ~early))
    a12 = _left(a, 12)
    ss1 = _left(_U(_U(a12 + e) + t), 7)
    tt1 = _U(_U(ff + d) + _U(_U(ss1 ^ a12) + _U(w ^ w4)))
    tt2 = _U(_U(gg + h) + _U(ss1 + w))
    return tt1, a, _left(b, 9), c, _U(tt2 ^ _left(tt2, 9) ^ _left(tt2, 17)), e, _left(f, 19), g


@compiled
def _compress(state: Words, w: Words, v: Words) -> None:
    """5.3: take one block into `state` (8 words a lane). `w` holds the block's 16 words and room for 52, `v` is room for 8."""
    step = np.uintp(LANES)
    for j in range(16, 68):
        here = np.uintp(j) * step
        for number in range(LANES):
            i = here + np.uintp(number)
            x = _U(w[i - 16 * step] ^ w[i - 9 * step] ^ _left(w[i - 3 * step], 15))
            mixed = _U(x ^ _left(x, 15) ^ _left(x, 23))
            w[i] = _U(mixed ^ _left(w[i - 13 * step], 7) ^ w[i - 6 * step])
    for number in range(8 * LANES):
        v[np.uintp(number)] = state[np.uintp(number)]
    for four in range(0, 64, 4):
        t0, t1, t2, t3 = _T[four], _T[four + 1], _T[four + 2], _T[four + 3]
        early = _U(0xFFFFFFFF) if four < 16 else _U(0)
        here = np.uintp(four) * step
        for number in range(LANES):
            lane = np.uintp(number)
            i = here + lane
            a, b, c, d = v[lane], v[lane + step], v[lane + 2 * step], v[lane + 3 * step]
            e, f, g, h = v[lane + 4 * step], v[lane + 5 * step], v[lane + 6 * step], v[lane + 7 * step]
            a, b, c, d, e, f, g, h = _step(a, b, c, d, e, f, g, h, t0, w[i], w[i + 4 * step], early)
            a, b, c, d, e, f, g, h = _step(a, b, c, d, e, f, g, h, t1, w[i + step], w[i + 5 * step], early)
            a, b, c, d, e, f, g, h = _step(
                a, b, c, d, e, f, g, h, t2, w[i + 2 * step], w[i + 6 * step], early
            )
            a, b, c, d, e, f, g, h = _step(
                a, b, c, d, e, f, g, h, t3, w[i + 3 * step], w[i + 7 * step], early
            )
            v[lane], v[lane + step], v[lane + 2 * step], v[lane + 3 * step] = a, b, c, d
            v[lane + 4 * step], v[lane + 5 * step], v[lane + 6 * step], v[lane + 7 * step] = e, f, g, h
    for number in range(8 * LANES):
        state[np.uintp(number)] ^= v[np.uintp(number)]


# --- messages in, digits out ------------------------------------------------------------------------------------


@compiled
def _fill(w: Words, lane: int, data: Bytes, start: int, length: int, block: int) -> None:
    """5.2: the 16 words of one block of a message, padded where it ends; its length counts the key's block."""
    for i in range(16):
        at = block * BLOCK + 4 * i
        word = _U(0)
        if at + 4 <= length:
            p = start + at
            word = _U(_U(data[p]) << 24 | _U(data[p + 1]) << 16 | _U(data[p + 2]) << 8 | _U(data[p + 3]))
        elif at <= length:
            for k in range(length - at):
                word = _U(word | _U(data[start + at + k]) << _U(24 - 8 * k))
            word = _U(word | _U(0x80) << _U(24 - 8 * (length - at)))
        w[i * LANES + lane] = word
    if block == (length + 8) // BLOCK:
        bits = (length + BLOCK) * 8
        w[14 * LANES + lane] = _U(bits >> 32)
        w[15 * LANES + lane] = _U(bits & 0xFFFFFFFF)


@compiled
def _digits(half: Any) -> Any:
    """Four digits of 16 bits, the first one in the lowest byte."""
    x = _U((half >> 12 & 15) | (half & 0x0F00) | (half & 0x00F0) << 12 | (half & 15) << 24)
    letters = _U(_U(x + _U(0x06060606)) >> 4 & _U(0x01010101))
    return _U(_U(x + _U(0x30303030)) + _U(letters * _U(39)))


@compiled
def _spread(words: Words, out: Words) -> None:
    """The same eight words for every lane."""
    for i in range(8):
        for lane in range(LANES):
            out[i * LANES + lane] = words[i]


@compiled
def _rows(data: Bytes, offsets: Rows, keyed: Words, out: Words, first: int, last: int) -> None:
    """RFC 2104: the tokens of rows first…last-1 into `out`, 16 words of four digits a row."""
    w, v = np.zeros(68 * LANES, np.uint32), np.empty(8 * LANES, np.uint32)
    state, inner = np.empty(8 * LANES, np.uint32), np.empty(8 * LANES, np.uint32)
    text = np.empty(16 * LANES, np.uint32)
    ends = np.zeros(LANES, np.int64)
    for group in range(first, last, LANES):
        count = min(LANES, last - group)
        blocks = 0
        for lane in range(count):
            ends[lane] = (offsets[group + lane + 1] - offsets[group + lane] + 8) // BLOCK
            blocks = max(blocks, ends[lane] + 1)
        _spread(keyed[:8], state)
        for block in range(blocks):
            for lane in range(count):
                if block <= ends[lane]:
                    start = offsets[group + lane]
                    _fill(w, lane, data, start, offsets[group + lane + 1] - start, block)
            _compress(state, w, v)
            for lane in range(count):
                if block == ends[lane]:  # a longer neighbour goes on
                    for i in range(8):
                        inner[i * LANES + lane] = state[i * LANES + lane]
        w[: 8 * LANES] = inner
        w[8 * LANES : 9 * LANES] = 0x80000000
        w[9 * LANES : 15 * LANES] = 0
        w[15 * LANES : 16 * LANES] = (BLOCK + 32) * 8
        _spread(keyed[8:], state)
        _compress(state, w, v)
        for number in range(8 * LANES):
            k = np.uintp(number)
            text[k] = _digits(_U(state[k] >> 16))
            text[k + np.uintp(8 * LANES)] = _digits(_U(state[k] & 0xFFFF))
        for lane in range(count):
            at = (group + lane) * 16
            for i in range(8):
                out[at + 2 * i] = text[i * LANES + lane]
                out[at + 2 * i + 1] = text[(8 + i) * LANES + lane]


def keyed_states(block: bytes) -> Words:
    """The states after the key's inner and outer block (RFC 2104), eight words each.

    `block`: the key filled up to 64 bytes with zeros; a longer one is its own digest first.
    """
    states = np.empty((2, 8), np.uint32)
    for number, pad in enumerate((0x36, 0x5C)):
        words = np.frombuffer(bytes(byte ^ pad for byte in block), ">u4").astype(np.uint32)
        w = np.concatenate([np.repeat(words, LANES), np.zeros(52 * LANES, np.uint32)])
        state = np.repeat(_IV, LANES)
        _compress(state, w, np.empty_like(state))
        states[number] = state[::LANES]
    return states.ravel()


def write_tokens(data: Bytes, offsets: Rows, keyed: Words, out: Bytes, first: int, last: int) -> None:
    """Tokens of the messages first…last-1 as ASCII into `out`, 64 bytes a row.

    Message i is data[offsets[i]:offsets[i + 1]]; `keyed` is from `keyed_states`. Threads may share all of these
    when their rows differ.
    """
    _rows(data, offsets, keyed, out.view(np.uint32), first, last)
