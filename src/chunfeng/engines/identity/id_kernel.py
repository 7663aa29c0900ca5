"""The compiled pass over citizen numbers: bytes of an Arrow string column in, classes and numbers out.

Two kernels. `scan`, here, takes what nearly all rows are: 18 clean bytes, by three tables of partial sums
modulo 11 (6, 6 and 5 digits; the middle one knows the days of each month too). `id_examine.examine` takes the
others byte by byte. What it does not know to the letter it leaves to the definition, `id_reading.read`.

Importing this module needs numba; `citizen_ids` does without when it is missing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, TypeVar, cast

import numpy as np
from numba import njit
from numpy.typing import NDArray

from chunfeng.engines.identity import id_numbers, id_slips
from chunfeng.engines.identity.id_reading import KINDS

Bytes = NDArray[np.uint8]
_Function = TypeVar("_Function", bound=Callable[..., Any])

BLANK, UNREAD = 255, 254
"""Beside the indices of KINDS: nothing written, and left to the definition."""
WIDTH = 20
"""Most characters a number has: 18, or 20 on a disability certificate."""

OK18, CERTIFICATE, OK15, CUT15 = (KINDS.index(k) for k in ("ok18", "certificate", "ok15", "cut15"))
BAD_CHECK, BAD_DATE = KINDS.index("bad_check"), KINDS.index("bad_date")
SHORT, LONG, NOT_ID = KINDS.index("short"), KINDS.index("long"), KINDS.index("not_id")
MASKED, SCIENTIFIC = KINDS.index("masked"), KINDS.index("scientific")
NO_SLIP = 255
_ONE_DIGIT, _SWAP, _EITHER, _NONE = (id_slips.SLIPS.index(s) for s in ("one_digit", "swap", "either", "none"))


def _source_digest() -> str:
    """Machine code holds the rules and tables of these files: it is out of date when any of them changes."""
    names = ("id_numbers", "id_slips", "id_reading", "id_kernel", "id_examine")
    sources = [Path(__file__).with_name(f"{name}.py").read_bytes() for name in names]
    return hashlib.sha256(b"".join(sources)).hexdigest()[:12]


_DIGEST = _source_digest()


def compiled(function: _Function) -> _Function:
    """Machine code, kept on disk where possible: a read-only installation compiles once per process."""
    function.__qualname__ += f"_{_DIGEST}"  # the name of the file it is kept in
    try:
        return cast("_Function", njit(nogil=True, cache=True)(function))
    except RuntimeError:  # numba found no folder it may write to
        return cast("_Function", njit(nogil=True)(function))


def part(function: _Function) -> _Function:
    """A piece of compiled functions, put into each: a call would count references to every array it hands over."""
    return cast("_Function", njit(nogil=True, forceinline=True)(function))


wide = cast("Callable[[Any], int]", np.int64)
"""Bytes to integers that may become negative: unsigned with signed gives floats."""
ZERO, NINE, X, STAR = 48, 57, 88, 42

# --- tables: the small ones become part of the code, the large ones are handed over --------------


def _partial_sums(weights: tuple[int, ...]) -> Bytes:
    """Weighted sum modulo 11 of every number of len(weights) digits."""
    sums = np.zeros(1, np.int64)
    for weight in weights:
        sums = (sums[:, None] + weight * np.arange(10)).ravel()
    return (sums % 11).astype(np.uint8)


FIRST_YEAR, LAST_YEAR = id_numbers.FIRST_YEAR, id_numbers.LAST_YEAR
ISSUERS = np.array([id_numbers.is_issuer(three) for three in range(1000)])
DAYS = np.array(
    [id_numbers.days_in(year, month) for year in range(FIRST_YEAR, LAST_YEAR + 1) for month in range(1, 13)]
)
"""Days of every month from January of the first year."""
WEIGHTS = np.array(id_numbers.WEIGHTS, np.int64)
INVERSES = np.array([pow(weight, -1, 11) for weight in id_numbers.WEIGHTS], np.int64)
CHECKS = np.frombuffer(id_numbers.CHECK_CHARACTERS.encode(), np.uint8)


class Tables(NamedTuple):
    """A megabyte each, so that they stay in the cache of a core."""

    head: Bytes
    """First six digits: their sum, sixteen more when no number begins so."""
    middle: Bytes
    """Next six: in the low four bits their sum, above them the days of the month less 24, 0 without month."""
    tail: Bytes
    """Last five before the check character: their sum."""


def _tables() -> Tables:
    """Made once per process, some milliseconds."""
    months = np.zeros(1_000_000, np.uint8)
    for year in range(FIRST_YEAR, LAST_YEAR + 1):
        months[year * 100 + 1 : year * 100 + 13] = DAYS[(year - FIRST_YEAR) * 12 :][:12] - 24
    return Tables(
        head=_partial_sums(id_numbers.WEIGHTS[:6])
        + np.where(np.repeat(ISSUERS, 1000), 0, 16).astype(np.uint8),
        middle=_partial_sums(id_numbers.WEIGHTS[6:12]) + months * np.uint8(16),
        tail=_partial_sums(id_numbers.WEIGHTS[12:]),
    )


TABLES = _tables()

# --- first kernel: 18 clean bytes ----------------------------------------------------------------


@compiled
def scan(
    views: NDArray[np.uint32],
    data: Bytes,
    bases: NDArray[np.int64],
    kind: Bytes,
    number: NDArray[np.int64],
    look: Tables,
) -> int:
    """Writes OK18 and 17 digits where a text is a verified number as it stands; returns how many are not.

    Rows that hold BLANK in `kind` already are passed over; an empty text becomes BLANK, all others UNREAD.
    `views` are Arrow's (length, prefix, buffer, offset); `bases` says where in `data` each buffer begins.
    """
    left = 0
    for row in range(len(views)):
        if kind[row] == BLANK:
            continue
        if views[row, 0] != 18:
            if views[row, 0] == 0:
                kind[row] = BLANK
            else:
                kind[row] = UNREAD
                left += 1
            continue
        at = bases[views[row, 2]] + wide(views[row, 3])
        good = True
        first, second, third = wide(0), wide(0), wide(0)
        for i in range(6):
            digit = wide(data[at + i]) - ZERO
            good &= (digit >= 0) & (digit <= 9)
            first = first * 10 + digit
        for i in range(6, 12):
            digit = wide(data[at + i]) - ZERO
            good &= (digit >= 0) & (digit <= 9)
            second = second * 10 + digit
        for i in range(12, 17):
            digit = wide(data[at + i]) - ZERO
            good &= (digit >= 0) & (digit <= 9)
            third = third * 10 + digit
        if good:
            start, middle, last = wide(look.head[first]), wide(look.middle[second]), data[at + 17]
            good = (
                start < 16
                and middle > 15
                and 1 <= third // 1000 <= (middle >> 4) + 24
                and CHECKS[(start + (middle & 15) + look.tail[third]) % 11] == last
                and not (third % 100 == 0 and last == ZERO)
            )
        if good:
            kind[row] = OK18
            number[row] = first * 100_000_000_000 + second * 100_000 + third
        else:
            kind[row] = UNREAD
            left += 1
    return left


# --- what the second kernel judges by ------------------------------------------------------------


@part
def number_of(characters: Bytes, first: int, past: int) -> int:
    """Digits as an integer."""
    value = wide(0)
    for i in range(first, past):
        value = value * 10 + (wide(characters[i]) - ZERO)
    return value


@part
def begins(characters: Bytes) -> bool:
    """Do the first 14 digits hold a possible issuer and birth date?"""
    return bool(ISSUERS[number_of(characters, 0, 3)]) and is_birth(number_of(characters, 6, 14))


@part
def is_birth(yyyymmdd: int) -> bool:
    """As `id_numbers.is_birth`."""
    year, month, day = yyyymmdd // 10_000, yyyymmdd // 100 % 100, yyyymmdd % 100
    if not (FIRST_YEAR <= year <= LAST_YEAR and 1 <= month <= 12):
        return False
    return 1 <= day <= wide(DAYS[(year - FIRST_YEAR) * 12 + month - 1])


@part
def weighted(characters: Bytes) -> int:
    """The weighted sum of the first 17 digits, modulo 11."""
    total = wide(0)
    for i in range(17):
        total += WEIGHTS[i] * (wide(characters[i]) - ZERO)
    return total % 11


@part
def residue_of(character: int) -> int:
    """The weighted sum modulo 11 a check character stands for."""
    return 2 if character == X else (12 - (character - ZERO)) % 11


@compiled
def explain(characters: Bytes) -> int:
    """As `id_slips.explain`, but the digit that would mend a place is computed, not tried."""
    total, wanted = weighted(characters), residue_of(wide(characters[17]))
    digit = total != wanted and (begins(characters) or _one_mends(characters, total, wanted))
    swap = _exchange_mends(characters, total, wanted)
    if digit:
        return _EITHER if swap else _ONE_DIGIT
    return _SWAP if swap else _NONE


@part
def _one_mends(characters: Bytes, total: int, wanted: int) -> bool:
    """Does another digit in one of the first 14 places, which hold issuer and birth date, mend the number?"""
    for i in range(14):
        old = wide(characters[i])
        new = (old - ZERO + (wanted - total) * INVERSES[i]) % 11 + ZERO
        if new <= NINE and new != old:
            characters[i] = new
            mends = begins(characters)
            characters[i] = old
            if mends:
                return True
    return False


@part
def _exchange_mends(characters: Bytes, total: int, wanted: int) -> bool:
    for i in range(17):
        old, after = wide(characters[i]), wide(characters[i + 1])
        if old == after or after == X:
            continue
        if i < 16:
            fits = (total + (WEIGHTS[i] - WEIGHTS[i + 1]) * (after - old)) % 11 == wanted
        else:
            fits = (total + WEIGHTS[16] * (after - old)) % 11 == residue_of(old)
        if fits:
            characters[i], characters[i + 1] = after, old
            mends = begins(characters)
            characters[i], characters[i + 1] = old, after
            if mends:
                return True
    return False


@part
def classify18(characters: Bytes, certificate: bool) -> tuple[int, int]:
    """(kind, number) of 18 characters, as `id_reading.read`: 17 digits, or 15 where the kind is CUT15."""
    id17 = number_of(characters, 0, 17)
    if not is_birth(id17 // 1000 % 100_000_000):
        return BAD_DATE, id17
    issuer, last = ISSUERS[id17 // 10**14], wide(characters[17])
    if issuer and id17 % 100 == 0 and last == ZERO and not certificate:
        return CUT15, id17 // 100
    if weighted(characters) == residue_of(last):
        return (OK18 if issuer else NOT_ID), id17
    if last != X and not certificate:
        known = printed_double(id17 * 10 + last - ZERO)
        if known and ISSUERS[known // 10**12] and is_birth(known // 10 % 100_000_000):
            return CUT15, known
    return BAD_CHECK, id17


@part
def printed_double(value: int) -> int:
    """The 15 digits of a spreadsheet's number, if a program that prints it shows these 18; else 0."""
    rounded = (value + 500) // 1000 * 1000
    same = np.float64(rounded) == np.float64(value) and wide(np.float64(value)) == value
    return rounded // 1000 if same else 0
