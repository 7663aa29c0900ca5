"""Dated values that differ by place: an age line, a share, a number of months. The most specific area wins."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Protocol, TypeVar

from chunfeng.engines.rules.days import FIRST, LAST

PARAMETER_TYPES = ("integer", "decimal", "date")


@dataclass(frozen=True, slots=True)
class Source:
    """Where it is written. `status`: verified or unverified; `seen`: keys of the pages it was read in."""

    document: str
    article: str = ""
    status: str = "unverified"
    note: str = ""
    seen: tuple[str, ...] = ()


class Scoped(Protocol):
    """Something in force in an area (code prefix, blank: everywhere) from a day to a day, both included."""

    @property
    def area(self) -> str: ...
    @property
    def valid_from(self) -> date: ...
    @property
    def valid_to(self) -> date: ...


@dataclass(frozen=True, slots=True)
class ParameterValue:
    """`value` None: the document is known, its figure is not; conditions that use it are unknown there."""

    value: int | Decimal | date | None
    area: str
    valid_from: date
    valid_to: date
    source: Source | None
    file: str = field(default="", compare=False)
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Parameter:
    """A named value of the book. `unit` as shown: 周岁, 个月, 元."""

    name: str
    chinese: str
    english: str
    type: str
    unit: str
    values: tuple[ParameterValue, ...]

    def at(self, area: str | None, day: date) -> ParameterValue | None:
        """The value in force there and then; None if there is none or the area is unknown."""
        return in_force(self.values, area, day)


Found = TypeVar("Found", bound=Scoped)


def in_force(candidates: Iterable[Found], area: str | None, day: date) -> Found | None:
    """Of those valid on the day, the one whose area is the longest prefix of the code. Unknown area: only what holds everywhere
    and has no rival."""
    valid = [c for c in candidates if c.valid_from <= day <= c.valid_to]
    if area is None:
        return valid[0] if len(valid) == 1 and valid[0].area == "" else None
    fitting = [c for c in valid if area.startswith(c.area)]
    return max(fitting, key=lambda c: len(c.area), default=None)


def overlapping(candidates: Sequence[Found]) -> list[tuple[Found, Found]]:
    """Pairs of the same area that are in force on one day, the later one second."""
    pairs: list[tuple[Found, Found]] = []
    newest: dict[str, Found] = {}
    for one in sorted(candidates, key=lambda c: (c.valid_from, c.valid_to)):
        earlier = newest.get(one.area)
        if earlier is not None and earlier.valid_to >= one.valid_from:
            pairs.append((earlier, one))
        if earlier is None or earlier.valid_to < one.valid_to:
            newest[one.area] = one
    return pairs


def first_gap(candidates: Iterable[Scoped], area: str, start: date, end: date) -> date | None:
    """The first day in the period on which nothing is in force in the area, above it or anywhere in it; None if covered."""
    fitting = [c for c in candidates if area.startswith(c.area) or c.area.startswith(area)]
    day = max(start, FIRST)
    for one in sorted(fitting, key=lambda c: c.valid_from):
        if one.valid_from > day:
            break
        if one.valid_to >= day:
            if one.valid_to >= min(end, LAST):
                return None
            day = one.valid_to + timedelta(days=1)
    return day
