"""The age at which a person retires by law, which is where working age ends.

Until 2024 (国发〔1978〕104号) men 60, women 50 (workers) or 55 (cadres and technical staff). From 2025 the
age rises by the birth month: 全国人大常委会关于实施渐进式延迟法定退休年龄的决定, 2024-09-13.
Early or late retirement by choice (up to three years) is a person's decision and not in here.
`retirement_ages.csv` holds the same by birth month for everyone who reaches the age in 2022-2040.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class _Step:
    """From the first birth month on, every `step` months of birth add one month, up to `cap` months."""

    age: int
    first: tuple[int, int]
    step: int
    cap: int


_MAN = _Step(60, (1965, 1), 4, 36)
_WOMAN = {55: _Step(55, (1970, 1), 4, 36), 50: _Step(50, (1975, 1), 2, 60)}


def _rule(sex: str, category: int | None) -> _Step | None:
    if sex == "1":
        return _MAN if category in (None, 60) else None
    return _WOMAN.get(category or 0) if sex == "2" else None


def retirement_age(sex: str, category: int | None, birth: date) -> tuple[int, int] | None:
    """Age in completed (years, months). `sex` by GB/T 2261.1; `category` 60 (men), 50 or 55 (women).

    A man needs no category. None when it cannot be known: a woman without category, a category that does not
    suit the sex. Only year and month of the birth count.
    """
    rule = _rule(sex, category)
    if rule is None:
        return None
    months = (birth.year - rule.first[0]) * 12 + birth.month - rule.first[1]
    delay = min(rule.cap, months // rule.step + 1) if months >= 0 else 0
    return rule.age + delay // 12, delay % 12


def retires_on(sex: str, category: int | None, birth: date) -> date | None:
    """The day the age is reached (the last of a month that has no such day); None as in `retirement_age`."""
    age = retirement_age(sex, category, birth)
    if age is None:
        return None
    months = birth.year * 12 + birth.month - 1 + age[0] * 12 + age[1]
    year, month = months // 12, months % 12 + 1
    return date(year, month, min(birth.day, monthrange(year, month)[1]))
