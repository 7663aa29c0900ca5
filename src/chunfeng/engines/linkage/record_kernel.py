"""Levels of agreement of pairs of records in machine code: only the records looked at are read from a memory map.

The definition is `records._levels`; both give the same. Importing this module needs numba.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit

_Function = TypeVar("_Function", bound=Callable[..., Any])


def compiled(function: _Function) -> _Function:
    """Machine code, kept on disk where possible: a read-only installation compiles once per process."""
    try:
        return cast("_Function", njit(nogil=True, cache=True)(function))
    except RuntimeError:  # numba found no folder it may write to
        return cast("_Function", njit(nogil=True)(function))


@compiled
def compare(claims: Any, persons: Any, claim: Any, person: Any, found: Any) -> None:
    """Fill `found` (pairs × PARTS, int8) for claims[claim[i]] and persons[person[i]]."""
    for i in range(len(claim)):
        a, b = claims[claim[i]], persons[person[i]]
        found[i, 0] = _name(a, b)
        found[i, 1] = _birth(a.birth, b.birth)
        found[i, 2] = _age(a, b)
        found[i, 3] = -1 if a.sex == 0 or b.sex == 0 else (1 if a.sex != b.sex else 0)
        found[i, 4] = _phone(a.phones, b.phones)
        found[i, 5] = _places(a.regions[0], b.regions)
        found[i, 6] = -1 if a.employer == 0 or b.employer == 0 else (1 if a.employer != b.employer else 0)


@compiled
def _same(a: Any, b: Any) -> bool:
    return bool(a[0] == b[0] and a[1] == b[1] and a[2] == b[2] and a[3] == b[3])


@compiled
def _name(a: Any, b: Any) -> int:
    if a.length == 255 or b.length == 255:
        return -1
    if a.length == 0 or b.length == 0:
        return -2
    if _same(a.letters, b.letters):
        return 0
    if (a.variant[0] > 0 and _same(a.variant, b.letters)) or (
        b.variant[0] > 0 and _same(b.variant, a.letters)
    ):
        return 1
    if _same(a.sounds, b.sounds):
        return 2
    if _same(a.accents, b.accents):
        return 3
    if a.surname == 0 or a.surname != b.surname:
        return 7
    for i in range(a.surname):
        if a.letters[i] != b.letters[i]:
            return 7
    differ = 0
    for i in range(a.surname, 4):
        differ += a.letters[i] != b.letters[i]
    return 4 if a.length == b.length and differ == 1 else 6


@compiled
def _birth(typed: int, true: int) -> int:
    if typed == 0 or true == 0:
        return -1
    if typed == true:
        return 0
    y, m, d = typed // 10000, typed // 100 % 100, typed % 100
    ty, tm, td = true // 10000, true // 100 % 100, true % 100
    if d == 0 and y == ty and (m == 0 or m == tm):
        return 1
    days = (ty - y) * 365 + (tm - m) * 30 + (td - d)
    if d > 0 and 15 <= days <= 55:
        return 2
    wrong = (y != ty) + (m != tm) + (d != td)
    if d > 0 and (wrong == 1 or (y == ty and m == td and d == tm)):
        return 3
    if abs(y - ty) <= 1:
        return 4
    digits = 0
    for _ in range(4):
        digits += y % 10 != ty % 10
        y, ty = y // 10, ty // 10
    return 4 if digits == 1 and (m == 0 or m == tm) else 5


@compiled
def _age(a: Any, b: Any) -> int:
    if a.birth != 0 or a.born_about <= 0 or b.birth <= 0:
        return -1
    off = abs(a.born_about - b.birth // 10000)
    return 0 if off <= 1 else 1 if off <= 3 else 2


@compiled
def _phone(a: Any, b: Any) -> int:
    for i in range(2):
        if a[i] > 0 and (a[i] == b[0] or a[i] == b[1]):
            return 0
    return 1 if a[0] > 0 and (b[0] > 0 or b[1] > 0) else -1


@compiled
def _depth(code: int) -> int:
    return 12 if code >= 100000000000 else 9 if code >= 100000000 else 6 if code >= 100000 else 0


@compiled
def _full(code: int) -> int:
    """All codes at twelve digits."""
    depth = _depth(code)
    return code if depth == 12 else code * 1000 if depth == 9 else code * 1000000


@compiled
def _region(a: int, b: int) -> int:
    deep = min(_depth(a), _depth(b))
    if deep < 6:
        return -1
    if deep == 12 and a == b:
        return 0
    one, two = _full(a), _full(b)
    if deep >= 9 and one // 1000 == two // 1000:
        return 1 if deep == 12 else -1
    if one // 1000000 == two // 1000000:
        return 2 if deep >= 9 else -1
    return 3


@compiled
def _places(own: int, theirs: Any) -> int:
    first, second = _region(own, theirs[0]), _region(own, theirs[1])
    if first == -1 or (second != -1 and second < first):
        return second
    return first
