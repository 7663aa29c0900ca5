"""The arithmetic of citizen numbers (GB 11643-1999): check character, birth dates, provinces, old numbers.

Digits are held as integers: `id17` is the first 17 digits of an 18-character number. The check character adds
nothing once it is verified, and an integer joins faster than a text.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
"""GB 11643-1999 (ISO 7064 MOD 11-2), from the first digit to the 17th."""
CHECK_CHARACTERS = "10X98765432"
"""By the weighted sum modulo 11."""
FIRST_YEAR, LAST_YEAR = 1850, 2099
"""Birth years taken for possible. Fixed, so that a number reads the same on any day."""

_RANGES = ((11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65), (71, 71), (81, 83), (91, 91))
PROVINCES = frozenset(code for first, last in _RANGES for code in range(first, last + 1))
"""GB/T 2260, first two digits. 81, 82, 83 also begin the residence permits for Hong Kong, Macao, Taiwan."""

_DAYS = {
    year * 100 + month: monthrange(year, month)[1]
    for year in range(FIRST_YEAR, LAST_YEAR + 1)
    for month in range(1, 13)
}


def is_issuer(three: int) -> bool:
    """Can a number begin with these three digits?

    Only the province is looked at: counties are abolished, but their codes live on in the numbers.
    From 1 December 2023 foreigners' permanent residence cards carry 9, then the province, and the same check.
    """
    return three // 10 in PROVINCES or (three // 100 == 9 and three % 100 in PROVINCES)


def days_in(year: int, month: int) -> int:
    """Days of the month, 0 when the month does not exist or the year is outside FIRST_YEAR…LAST_YEAR."""
    return _DAYS.get(year * 100 + month, 0)


def is_birth(yyyymmdd: int) -> bool:
    """Is this a real day of the calendar within FIRST_YEAR…LAST_YEAR?"""
    return 1 <= yyyymmdd % 100 <= _DAYS.get(yyyymmdd // 100, 0)


def check_char(id17: int) -> str:
    """The 18th character of a number whose first 17 digits are given: 0…9 or X."""
    return CHECK_CHARACTERS[check_sum(f"{id17:017d}")]


def check_sum(digits17: str) -> int:
    """The weighted sum of 17 digits modulo 11."""
    return sum(w * (ord(d) - 48) for w, d in zip(WEIGHTS, digits17, strict=True)) % 11


def id18_of(id17: int) -> str:
    """All 18 characters."""
    return f"{id17:017d}{check_char(id17)}"


def upgrade15(id15: int) -> int:
    """`id17` of a number of 15 digits from before 1999: the century 19 is put before the year.

    The order numbers 996 to 999 once marked centenarians of the 1980s; none of them is alive to be listed.
    """
    return id15 // 1_000_000_000 * 100_000_000_000 + 19_000_000_000 + id15 % 1_000_000_000


def birth_date(id17: int) -> date:
    """Birth date within a number. ValueError when it is no day of the calendar."""
    day = id17 // 1000 % 100_000_000
    return date(day // 10_000, day // 100 % 100, day % 100)


def sex(id17: int) -> str:
    """Sex within a number, by GB/T 2261.1: "1" man (odd order number), "2" woman (even)."""
    return "1" if id17 % 2 else "2"


def region_of(id17: int) -> str:
    """The county of first registration: six digits, often of a county abolished since."""
    return f"{id17 // 100_000_000_000:06d}"
