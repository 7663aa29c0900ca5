"""Place numbers: one integer per region, so that everything an office answers for is one range of numbers.

A place number is the region's code filled up to twelve digits, except where a unit does not report the way its code
says: 平潭 (350128) lies under 福州 by code and reports to the province, so its code's first four digits are replaced by
a city number of its own, which no code uses. A range of numbers is then exactly what an office may reach.
Source of the paths: `reference/regions/reporting_units.csv`.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from chunfeng.reference.data_files import rows

_DIGITS = 12
_FIRST_OWN = 90
"""City digits from which on no code is given out: direct units are numbered 90, 91 … in the order of their codes."""


class Reach(NamedTuple):
    """Place numbers from `low` on and below `high`."""

    low: int
    high: int

    def holds(self, number: int | None) -> bool:
        return number is not None and self.low <= number < self.high

    def covers(self, other: Reach) -> bool:
        return self.low <= other.low and other.high <= self.high


NOWHERE = Reach(0, 0)
EVERYWHERE = Reach(0, 10**_DIGITS)


@cache
def _moved() -> dict[str, str]:
    direct = sorted(
        row["code"]
        for row in rows("regions/reporting_units.csv")
        if len(row["code"]) == 6 and len(row["reports_to"]) == 2
    )
    return {code: f"{code[:2]}{_FIRST_OWN + i}{code[4:]}" for i, code in enumerate(direct)}


@cache
def _moved_back() -> dict[str, str]:
    return {own: code for code, own in _moved().items()}


def place_number(code: str) -> int:
    """The number of a region by its code of 2, 4, 6, 9 or 12 digits. ValueError for anything else.

    >>> place_number("350825100001"), place_number("350825"), place_number("350128")
    (350825100001, 350825000000, 359028000000)
    """
    if not (code.isascii() and code.isdigit()) or len(code) not in (2, 4, 6, 9, 12):
        raise ValueError(f"{code!r} is no region code")
    return int(_moved().get(code[:6], code[:6]).ljust(6, "0") + code[6:].ljust(_DIGITS - 6, "0"))


def region_code(number: int) -> str:
    """The shortest code with this number: the way back.

    >>> region_code(350825000000), region_code(359028000000), region_code(350000000000)
    ('350825', '350128', '35')
    """
    text = str(number).zfill(_DIGITS)
    text = _moved_back().get(text[:6], text[:6]) + text[6:]
    for length, rest in ((2, 10), (4, 8), (6, 6), (9, 3)):
        if text.endswith("0" * rest):
            return text[:length]
    return text


def reach(code: str) -> Reach:
    """Everything the office of a region answers for.

    >>> reach("350825")
    Reach(low=350825000000, high=350826000000)
    """
    low = place_number(code)
    return Reach(low, low + 10 ** (_DIGITS - len(code)))
