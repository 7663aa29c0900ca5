"""The month a sheet speaks of, read from its name, its titles or its file's name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import date

_YEAR_MONTH = re.compile(r"(?<!\d)(20\d{2})\s*[年.\-/_]\s*(1[0-2]|0?[1-9])(?:\s*月|(?!\d))")
_COMPACT = re.compile(r"(?<!\d)(20\d{2})(1[0-2]|0[1-9])(?:([0-2]\d|3[01]))?(?!\d)")
_SHORT = re.compile(r"(?<!\d)(\d{2})\s*年\s*(1[0-2]|0?[1-9])\s*月")
_MONTH_ONLY = re.compile(r"^\D{0,6}?(1[0-2]|0?[1-9])\s*月(?:份|底|末|报|表)?(?!\d|\s*\d+\s*日)")


def month_of(text: str, as_of: date | None = None) -> date | None:
    """First day of the month a text names, None if it names none or several.

    A month without a year («1月», «12月份») is the latest such month that is not after `as_of`.
    """
    folded = unicodedata.normalize("NFKC", text)
    found = {
        (int(year) + (2000 if len(year) == 2 else 0), int(month))
        for pattern in (_YEAR_MONTH, _COMPACT, _SHORT)
        for year, month, *_ in pattern.findall(folded)
    }
    if len(found) == 1:
        return date(*found.pop(), 1)
    if found or as_of is None:
        return None
    alone = _MONTH_ONLY.match(folded.strip())
    if alone is None:
        return None
    month = int(alone.group(1))
    return date(as_of.year - (month > as_of.month), month, 1)


def period_of(texts: Iterable[str], as_of: date | None = None) -> date | None:
    """The month of the first text that names one; give the surest text (the sheet's name) first."""
    for text in texts:
        month = month_of(text, as_of)
        if month is not None:
            return month
    return None
