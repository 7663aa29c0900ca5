"""The compiled pass over citizen numbers: bytes of an Arrow string column in, classes and numbers out.

Two kernels. `scan`, here, takes what nearly all rows are: 18 clean bytes, by three tables of partial sums
modulo 11 (6, 6 and 5 digits; the middle one knows the days of each month too). `id_examine.examine` takes the
others byte by byte. What it does not know to the letter it leaves to the definition, `id_reading.read`.

Importing this module needs numba; `citizen_ids` does without when it is missing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar, cast

import numpy as np
from numba import njit
from numpy.typing import NDArray

from chunfeng.engines.identity import id_numbers, id_slips
from chunfeng.engines.identity.id_reading import KINDS

_Function = TypeVar("_Function", bound=Callable[..., Any])

BLANK, UNREAD = 255, 254
"""Beside the indices of KINDS: nothing written, and left to the definition."""
WIDTH = 20
"""Most characters a number has: 18, or 20 on a disability certificate."""

OK18, CERTIFICATE, OK15, CUT15 = (KINDS.index(k) for k in ("ok18", "certificate", "ok15", "cut15"))
BAD_CHECK, BAD_DATE = KINDS.index("bad_check"), KINDS.index("bad_date")
SHORT, LONG, NOT_ID = KINDS.index("short"), KINDS.index("long"), KINDS.index("not_id")
MASKED = KINDS.index("masked")
NO_SLIP = 255
_ONE_DIGIT, _SWAP, _EITHER, _NONE = (id_slips.SLIPS.index(s) for s in ("one_digit", "swap", "either", "none"))


def compiled(function: _Function) -> _Function:
    """Machine code, kept on disk where possible: a read-only installation compiles once per process."""
    try:
        return cast("_Function", njit(nogil=True, cache=True)(function))
    except RuntimeError:  # numba found no folder it may write to
        return cast("_Function", njit(nogil=True)(function))


wide = cast("Callable[[Any], int]", np.int64)
"""Bytes to integers that may become negative: unsigned with signed gives floats."""

# --- tables, one megabyte each so that they stay in the cache of a core -----------------------


def _partial_sums(weights: tuple[int, ...]) -> NDArray[np.uint8]:
    """Weighted sum modulo 11 of every number of len(weights) digits."""
    sums = np.zeros(1, np.int64)
    for weight in weights:
        sums = (sums[:, None] + weight * np.arange(10)).ravel()
    return (sums % 11).astype(np.uint8)


def _issuers() -> NDArray[np.bool_]:
    """By the first three digits: may a number begin so?"""
    return np.array([id_numbers.is_issuer(three) for three in range(1000)])


def _month_days() -> NDArray[np.uint8]:
    """By yyyymm: days of the month, 0 when there is none."""
    days = np.zeros(1_000_000, np.uint8)
    for year in range(id_numbers.FIRST_YEAR, id_numbers.LAST_YEAR + 1):
        for month in range(1, 13):
            days[year * 100 + month] = id_numbers.days_in(year, month)
    return days


class Tables(NamedTuple):
    """What both kernels look up; passed in, since numba would copy globals into the code."""

    head: NDArray[np.uint8]
    """First six digits: their sum, sixteen more when no number begins so."""
    middle: NDArray[np.uint8]
    """Next six: in the low four bits their sum, above them the days of the month less 24, 0 without month."""
    tail: NDArray[np.uint8]
    """Last five before the check character: their sum."""
    days: NDArray[np.uint8]
    issuers: NDArray[np.bool_]
    weights: NDArray[np.int64]
    inverses: NDArray[np.int64]
    checks: NDArray[np.uint8]


def tables() -> Tables:
    """Made once per process, some milliseconds."""
    days, issuers, weights = _month_days(), _issuers(), id_numbers.WEIGHTS
    return Tables(
        head=_partial_sums(weights[:6]) + np.where(np.repeat(issuers, 1000), 0, 16).astype(np.uint8),
        middle=_partial_sums(weights[6:12]) + np.where(days > 0, (days - 24) * 16, 0).astype(np.uint8),
        tail=_partial_sums(weights[12:]),
        days=days,
        issuers=issuers,
        weights=np.array(weights, np.int64),
        inverses=np.array([pow(weight, -1, 11) for weight in weights], np.int64),
        checks=np.frombuffer(id_numbers.CHECK_CHARACTERS.encode(), np.uint8).copy(),
    )


TABLES = tables()
ZERO, NINE, X, STAR = 48, 57, 88, 42

# --- first kernel: 18 clean bytes -------------------------------------------------------------


@compiled
def scan(
    views: NDArray[np.uint32],
    data: NDArray[np.uint8],
    bases: NDArray[np.int64],
    kind: NDArray[np.uint8],
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
                and look.checks[(start + (middle & 15) + look.tail[third]) % 11] == last
                and not (third % 100 == 0 and last == ZERO)
            )
        if good:
            kind[row] = OK18
            number[row] = first * 100_000_000_000 + second * 100_000 + third
        else:
            kind[row] = UNREAD
            left += 1
    return left


# --- second kernel: everything else that is plain ---------------------------------------------


@compiled
def number_of(characters: NDArray[np.uint8], first: int, past: int) -> int:
    """Digits as an integer."""
    value = wide(0)
    for i in range(first, past):
        value = value * 10 + (wide(characters[i]) - ZERO)
    return value


@compiled
def begins(characters: NDArray[np.uint8], look: Tables) -> bool:
    """Do the first 14 digits hold a possible issuer and birth date?"""
    return bool(look.issuers[number_of(characters, 0, 3)]) and is_birth(number_of(characters, 6, 14), look)


@compiled
def is_birth(yyyymmdd: int, look: Tables) -> bool:
    """As `id_numbers.is_birth`."""
    return 1 <= yyyymmdd % 100 <= wide(look.days[yyyymmdd // 100])


@compiled
def weighted(characters: NDArray[np.uint8], look: Tables) -> int:
    """The weighted sum of the first 17 digits, modulo 11."""
    head, middle = number_of(characters, 0, 6), number_of(characters, 6, 12)
    tail = number_of(characters, 12, 17)
    return (wide(look.head[head] & 15) + wide(look.middle[middle] & 15) + wide(look.tail[tail])) % 11


@compiled
def residue_of(character: int) -> int:
    """The weighted sum modulo 11 a check character stands for."""
    return 2 if character == X else (12 - (character - ZERO)) % 11


@compiled
def explain(characters: NDArray[np.uint8], look: Tables) -> int:
    """As `id_slips.explain`, but the digit that would mend a place is computed, not tried."""
    total, wanted = weighted(characters, look), residue_of(wide(characters[17]))
    digit = total != wanted and begins(characters, look)
    swap = False
    for i in range(17):
        old, after = wide(characters[i]), wide(characters[i + 1])
        new = (old - ZERO + (wanted - total) * look.inverses[i]) % 11 + ZERO
        if not digit and new <= NINE and new != old:
            characters[i] = new
            digit = begins(characters, look)
            characters[i] = old
        if not swap and old != after and after != X:
            if i < 16:
                fits = (total + (look.weights[i] - look.weights[i + 1]) * (after - old)) % 11 == wanted
            else:
                fits = (total + look.weights[16] * (after - old)) % 11 == residue_of(old)
            if fits:
                characters[i], characters[i + 1] = after, old
                swap = begins(characters, look)
                characters[i], characters[i + 1] = old, after
    if digit:
        return _EITHER if swap else _ONE_DIGIT
    return _SWAP if swap else _NONE


@compiled
def classify18(characters: NDArray[np.uint8], certificate: bool, look: Tables) -> tuple[int, int]:
    """(kind, number) of 18 characters, as `id_reading.read`: 17 digits, or 15 where the kind is CUT15."""
    id17 = number_of(characters, 0, 17)
    if not is_birth(number_of(characters, 6, 14), look):
        return BAD_DATE, id17
    issuer, last = look.issuers[number_of(characters, 0, 3)], wide(characters[17])
    if issuer and id17 % 100 == 0 and last == ZERO and not certificate:
        return CUT15, id17 // 100
    if weighted(characters, look) == residue_of(last):
        return (OK18 if issuer else NOT_ID), id17
    if last != X and not certificate:
        known = printed_double(id17 * 10 + last - ZERO)
        if known and look.issuers[known // 10**12] and is_birth(known // 10 % 100_000_000, look):
            return CUT15, known
    return BAD_CHECK, id17


@compiled
def printed_double(value: int) -> int:
    """The 15 digits of a spreadsheet's number, if a program that prints it shows these 18; else 0."""
    rounded = (value + 500) // 1000 * 1000
    same = np.float64(rounded) == np.float64(value) and wide(np.float64(value)) == value
    return rounded // 1000 if same else 0
