"""Surnames: which characters are one, how it is read, where a name divides."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from chunfeng.engines.identity.han import data_lines, simplify, syllable


@dataclass(frozen=True, slots=True)
class Surnames:
    """`common` ⊂ `single`; `readings` only where they differ from the character's own."""

    common: frozenset[str]
    single: frozenset[str]
    compound: frozenset[str]
    readings: dict[str, str]


@lru_cache(maxsize=1)
def surnames() -> Surnames:
    """The table of data/surnames.txt."""
    common: set[str] = set()
    single: set[str] = set()
    compound: set[str] = set()
    readings: dict[str, str] = {}
    for line in data_lines("surnames.txt"):
        what, rest = line.split(" ", 1)
        if what == "common":
            common |= set(rest)
        elif what == "single":
            single |= set(rest)
        elif what == "compound":
            compound |= set(rest.split(" "))
        else:
            surname, reading = rest.split(" ", 1)
            readings[surname] = reading
            (single if len(surname) == 1 else compound).add(surname)
    return Surnames(frozenset(common), frozenset(single | common), frozenset(compound), readings)


def split(name: str) -> tuple[str, str]:
    """(surname, given name) of a Han name of two letters or more.

    A compound surname needs a given name behind it: 欧阳 alone is a 欧.
    """
    length = 2 if len(name) > 2 and name[:2] in surnames().compound else 1
    return name[:length], name[length:]


def reading(surname: str) -> list[str]:
    """The syllables of a surname, one per character: 单 shan, 尉迟 yu chi."""
    special = surnames().readings.get(surname)
    return special.split(" ") if special else [syllable(char) for char in surname]


def is_surname(text: str) -> bool:
    """True for a known surname, in either form."""
    text = simplify(text)
    return text in surnames().single or text in surnames().compound
