"""Every way a region may be written, as look-up tables: one table of forms for each region one may stand in.

A form leads to a code and carries how far it may be trusted: a name with its kind (连城县) stands by itself,
a bare name (连城) needs the right neighbour. Tables are built on first use from `chunfeng.reference.regions`.
"""

from __future__ import annotations

import re
from enum import IntEnum
from functools import cache
from typing import NamedTuple

from chunfeng.engines.identity.han import simplify
from chunfeng.engines.identity.text import clean
from chunfeng.reference import regions
from chunfeng.reference.regions import Region


class Trust(IntEnum):
    """What must follow a form for it to count when nothing deeper is found behind it."""

    FULL = 0
    """Name and kind: nearly anything may follow."""
    SHORT = 1
    """Bare name of a province, city or county: no word that makes it the name of a road, village, school."""
    LONE = 2
    """Bare name of a far county: only the end of the text or punctuation."""
    STRICT = 3
    """Bare name of a town or village: the end, punctuation, a group or a house number."""
    ONLY_DEEPER = 4
    """One letter for a province (闽): the end of the text, or a city or county behind it."""


class Form(NamedTuple):
    """One reading of a form: the region, its trust, how unusual the reading is (0: the official name)."""

    code: str
    trust: Trust
    penalty: int


class Table(NamedTuple):
    """Forms readable inside one region, and for each first letter the lengths to try, longest first."""

    forms: dict[str, tuple[Form, ...]]
    lengths: dict[str, tuple[int, ...]]


SKIPPED_LEVEL = 2
"""Added for each level left out on the way down, so that the nearer reading of a text wins."""

_DOUBTFUL = {"朝阳", "兴安"}
"""Bare names of far cities that a district elsewhere bears as often: they stay unknown.

Other bare names shared by a city and a far district (西安, 大同, 中山) are the city's in use.
"""

_VILLAGERS = ("村", "村委会", "村民委员会", "村委", "行政村", "村村委会", "村村民委员会")
_RESIDENTS = ("社区", "居委会", "社区居委会", "居民委员会", "社区居民委员会", "居")
_TOWN_KINDS = ("镇", "乡", "街道", "街道办事处", "街道办")
_PEOPLES = ("畲族", "回族")
_LEFT_OUT = re.compile(r"氵|[(（]?[畲回]族[)）]?村?(?=$)")
"""What a published village name holds and its people leave out: 江头回族村, 氵丙洲 (one letter in two)."""


def spelling(text: str) -> str:
    """The form in which names are compared: `clean`, standard characters, no blanks."""
    return simplify(clean(text).replace(" ", ""))


class _Builder:
    def __init__(self) -> None:
        self._forms: dict[str, dict[str, Form]] = {}

    def add(self, text: str, code: str, trust: Trust, penalty: int) -> None:
        """Keep the most usual reading of a form for each region."""
        text = spelling(text)
        if len(text) < 2 and trust != Trust.ONLY_DEEPER:
            return
        readings = self._forms.setdefault(text, {})
        old = readings.get(code)
        if old is None or (penalty, trust) < (old.penalty, old.trust):
            readings[code] = Form(code, trust, penalty)

    def table(self) -> Table:
        lengths: dict[str, set[int]] = {}
        for text in self._forms:
            lengths.setdefault(text[0], set()).add(len(text))
        return Table(
            {text: tuple(readings.values()) for text, readings in self._forms.items()},
            {letter: tuple(sorted(found, reverse=True)) for letter, found in lengths.items()},
        )


@cache
def _counties_and_above() -> tuple[Region, ...]:
    return tuple(region for region in regions.china() if not regions.is_placeholder(region))


@cache
def _own_county(city: str) -> str:
    """A city without counties is its own county (东莞 441900); elsewhere the city itself."""
    below = regions.children(city)
    same = len(below) == 1 and (region := regions.get(city)) is not None and below[0].name == region.name
    return below[0].code if same else city


@cache
def _former_names() -> tuple[tuple[str, str], ...]:
    """(name, code of today) of abolished counties and prefectures whose name means nothing else today."""
    taken = {region.name for region in _counties_and_above() if region.code.startswith("35")}
    found = {
        (former.name, code)
        for former in regions.former_counties()
        for code in (former.to, *former.split_off)
        if former.name not in taken
    }
    found |= {(name, code) for name, code, kind in regions.other_names() if kind != "abbreviation"}
    return tuple(sorted(found))


@cache
def _bare_names_today() -> frozenset[str]:
    return frozenset(regions.short_name(r) for r in _counties_and_above() if r.code.startswith("35"))


@cache
def _towns(scope: str) -> tuple[Region, ...]:
    """Towns below the scope; 金门, which is listed as a town of itself, is left out."""
    return tuple(
        region
        for region in regions.fujian()
        if region.level == "town" and region.code.startswith(scope) and not region.code.endswith("000")
    )


def _add_high(builder: _Builder, scope: str) -> None:
    """Cities and counties below the scope; for the whole country the provinces too."""
    for region in _counties_and_above():
        if not region.code.startswith(scope) or region.code == scope:
            continue
        code = _own_county(region.code) if region.level == "city" else region.code
        skipped = SKIPPED_LEVEL * (scope == "" and region.level == "county")
        builder.add(region.name, code, Trust.FULL, 0)
        if region.level == "province":
            builder.add(regions.short_name(region), code, Trust.SHORT, 0)
        elif not scope and regions.short_name(region) in _DOUBTFUL:
            continue
        elif region.level == "city" or scope or code.startswith("35"):
            builder.add(regions.short_name(region), code, Trust.SHORT, 1 + skipped)
        else:
            builder.add(regions.short_name(region), code, Trust.LONE, 1 + skipped)
    for name, code in _former_names():
        if code.startswith(scope) and code != scope:
            builder.add(name, code, Trust.FULL, 0)
            if name[-1] in "县市区" and len(name) > 2 and name[:-1] not in _bare_names_today():
                builder.add(name[:-1], code, Trust.SHORT, 1 + SKIPPED_LEVEL * (scope == ""))
    if not scope:
        for name, code, kind in regions.other_names():
            if kind == "abbreviation":
                builder.add(name, code, Trust.ONLY_DEEPER, 1)


def _add_town(builder: _Builder, town: Region, penalty: int) -> None:
    """A town in its own county: with its kind, with the kind it once had, and bare."""
    name, core = town.name, regions.short_name(town)
    builder.add(name, town.code, Trust.FULL, penalty)
    if core == name:
        return
    if name.endswith("街道"):
        builder.add(f"{name}办事处", town.code, Trust.FULL, penalty)
        builder.add(f"{name}办", town.code, Trust.FULL, penalty)
    for one in {core, *(core.removesuffix(people) for people in _PEOPLES)}:
        if len(one) >= 2:
            builder.add(one, town.code, Trust.STRICT, penalty + 1)
            for kind in _TOWN_KINDS:
                builder.add(one + kind, town.code, Trust.FULL, penalty + 1)
            if name.endswith("乡"):  # 佳阳畲族乡 is published as 佳阳乡
                for people in _PEOPLES:
                    builder.add(f"{one}{people}乡", town.code, Trust.FULL, penalty + 1)


def _add_village(builder: _Builder, village: Region, penalty: int) -> None:
    """A village with the words of its kind, with those of the other kind (村改居), and bare."""
    name, core = village.name, regions.short_name(village)
    builder.add(name, village.code, Trust.FULL, penalty)
    if core == name and not name.endswith("村"):
        builder.add(name + "村", village.code, Trust.FULL, penalty + 1)
        return
    residents = "社区" in name[len(core) :] or "居" in name[len(core) :]
    for one in {core, _LEFT_OUT.sub("", core)}:
        unusual = penalty + (one != core)
        # a rest that ends in 村 (北村村委会) is how its people write it; any other is short for something
        builder.add(one, village.code, Trust.STRICT, unusual + (not one.endswith("村")))
        if len(one) < 2 and one != core:
            continue
        for kind in _VILLAGERS:
            builder.add(one + kind, village.code, Trust.FULL, unusual + residents)
        for kind in _RESIDENTS:
            builder.add(one + kind, village.code, Trust.FULL, unusual + (not residents))


@cache
def table(scope: str) -> Table:
    """The forms readable inside a region ('' is the country): what lies below it, by every name in use."""
    builder = _Builder()
    if len(scope) <= 4:
        _add_high(builder, scope)
        for town in _towns(scope) if scope.startswith("35") or not scope else ():
            if scope or town.unique_name:
                builder.add(town.name, town.code, Trust.FULL, SKIPPED_LEVEL * (3 - len(scope) // 2))
    elif len(scope) == 6:
        for town in _towns(scope):
            _add_town(builder, town, 0)
            for village in regions.children(town.code):
                _add_village(builder, village, SKIPPED_LEVEL)
    elif len(scope) == 9:
        for village in regions.children(scope):
            _add_village(builder, village, 0)
    return builder.table()


@cache
def surroundings(city: str) -> Table:
    """Only the counties of a city: what a text from one of them may name without naming the city."""
    builder = _Builder()
    _add_high(builder, city)
    return builder.table()


@cache
def own_names(code: str) -> tuple[str, ...]:
    """Names with their kind of a region and all above it, longest first: what a clerk writes twice."""
    names = {region.name for one in regions.ancestors(code) if (region := regions.get(one)) is not None}
    names |= {name for name, to in _former_names() if to in regions.ancestors(code)}
    return tuple(sorted((spelling(name) for name in names), key=len, reverse=True))
