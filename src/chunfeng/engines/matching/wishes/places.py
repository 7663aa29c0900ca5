"""Places in running text: which are named, whether they are here or elsewhere, and their region codes."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import NamedTuple

from chunfeng.engines.identity.han import UNKNOWN, syllable
from chunfeng.engines.matching.wishes.lexicon import lexicon
from chunfeng.engines.matching.wishes.words import bounded, load
from chunfeng.reference import regions

LEVELS = {"village": 12, "town": 9, "county": 6, "near": 6, "city": 4, "province": 2}
"""Level of the person's own place that a word such as 本镇 means → digits of its code."""
_WITHIN = tuple("区内里场中")
_GOING = re.compile(r"[去回到在返往来赴奔下是，和或及跟想要选首外]$|^$")
_HEARD = re.compile(
    r"(?:[去到返往赴]|(?<![收找拿])回|(?<!现)在)了?(?P<gone>[\u4e00-\u9fff]{2})(?=$|上班|打工|务工|做|找|进|原来|干|那边|的厂)"
    r"|^(?P<alone>[\u4e00-\u9fff]{2})$"
)


class Name(NamedTuple):
    """A name of a place: its code or level, whether it is here, whether a word of going must stand before it.

    `others`: the codes of all regions of this name, if there are several.
    """

    code: str
    is_here: bool
    framed: bool
    others: tuple[str, ...] = ()


class Names(NamedTuple):
    """Names readable for people of one county, and for each first letter the lengths to try, longest first."""

    names: dict[str, Name]
    lengths: dict[str, tuple[int, ...]]


class Place(NamedTuple):
    """One place of a text: where it stands, as written without words like 附近, whether here, and its code or level."""

    start: int
    end: int
    words: str
    is_here: bool
    code: str
    others: tuple[str, ...] = ()


@lru_cache(maxsize=4096)
def names(county: str | None) -> Names:
    """The names of the country and, where the county (six digits) is known, of its towns and villages."""
    known = dict(_of_regions())
    own = regions.get(county) if county else None
    if own is not None and county is not None:
        known |= dict.fromkeys({own.name, regions.short_name(own)}, Name(county, True, False))
        for town in regions.children(county):
            forms = {name for name in (town.name, regions.short_name(town)) if len(name) >= 2}
            villages = {regions.short_name(village): village.code for village in regions.children(town.code)}
            for name, code in [(f, town.code) for f in forms] + [(f"{v}村", c) for v, c in villages.items()]:
                if len(name) >= 2 and (name not in known or known[name].framed):
                    known[name] = Name(code, True, False)
    if county is not None:  # 青口 lies in 闽侯: here for its people
        known |= {name: one._replace(is_here=True) for name, one in known.items() if one.code == county}
    lengths: dict[str, set[int]] = {}
    for name in known:
        lengths.setdefault(name[0], set()).add(len(name))
    return Names(known, {letter: tuple(sorted(found, reverse=True)) for letter, found in lengths.items()})


@cache
def _of_regions() -> dict[str, Name]:
    """Names for people of any county: of regions, by other names, and words such as 本县."""
    lists = load("places")
    refused, known = set(lists["not_places"]), set(lists["known"])
    bearers: dict[str, list[regions.Region]] = {}
    for region in regions.china():
        if not regions.is_placeholder(region):
            for name in {region.name, regions.short_name(region)}:
                if len(name) >= 2 and name not in refused:
                    bearers.setdefault(name, []).append(region)
    found = {name: _borne(name, those, name in known) for name, those in bearers.items()}
    for name, code, kind in regions.other_names():
        if kind != "abbreviation" and len(name) > 1:
            found.setdefault(name, Name(code, False, False))
    for former in regions.former_counties():
        found.setdefault(former.name, Name(former.to, False, False))
    for entry in (*lists["far"], *lists["named"]):
        for word in entry["words"]:
            if word not in found or found[word].framed:
                found[word] = Name(entry.get("code") or "", False, False)
    for level, words in lists["here"].items():
        if level != "near":
            found |= dict.fromkeys(words, Name(level, level != "province", False))
    return found


def _borne(name: str, those: list[regions.Region], known: bool) -> Name:
    """A name by the regions that bear it: the highest counts, then one of Fujian; several far counties have no code."""
    best = min(those, key=lambda r: (len(r.code), not r.code.startswith("35"), r.code))
    same = [r for r in those if len(r.code) == len(best.code)]
    fujian = best.code.startswith("35")
    code = _own_county(best.code) if best.level == "city" else best.code
    if len(same) > 1 and not fujian:
        code = ""
    framed = best.level == "county" and not fujian and not known and best.name != name
    others = tuple(r.code for r in those) if len(those) > 1 else ()
    return Name(code, False, framed, others)


def _own_county(city: str) -> str:
    """A city without counties is its own county (东莞 441900); elsewhere the city itself."""
    below, own = regions.children(city), regions.get(city)
    return below[0].code if own is not None and len(below) == 1 and below[0].name == own.name else city


@cache
def _expressions() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    lists = load("places")
    near = "|".join(f"(?:{one})" for one in lists["here"]["near"])
    return bounded(near), re.compile(lists["suffix"]), re.compile(f"{lists['not_before']}|厂家")


@cache
def _by_sound() -> dict[str, tuple[str, str]]:
    """Toneless syllables → (name, code) of the cities of the country and counties of Fujian of two letters, if one only."""
    heard: dict[str, tuple[str, str] | None] = {}
    for name, entry in _of_regions().items():
        if len(name) == 2 and entry.code and not entry.is_here and not entry.framed:
            sound = _sound(name)
            heard[sound] = None if sound in heard else (name, entry.code)
    return {sound: one for sound, one in heard.items() if one is not None and UNKNOWN not in sound}


def _sound(name: str) -> str:
    return " ".join(map(syllable, name))


def find(text: str, county: str | None) -> list[Place]:
    """The places of a text from left to right; a chain such as 厦门市湖里区 is one.

    A word of two letters where a place must stand, which sounds like exactly one (进江: 晋江), is that place.
    """
    near, suffix, not_before = _expressions()
    known = names(county)
    taken = [Place(m.start(), m.end(), m[0].removesuffix("的"), True, "near") for m in near.finditer(text)]
    starts = {place.start: place for place in taken}
    found: list[Place] = []
    at, size = 0, len(text)
    while at < size:
        place = starts.get(at) or _named(text, at, known, suffix, not_before)
        if place is None:
            at += 1
            continue
        last = found[-1] if found else None
        touching = last is not None and last.end == place.start
        inner = _inner(last, place) if last is not None and touching else None
        if last is not None and touching and place in taken:
            found[-1] = last._replace(end=place.end)  # 连城附近: near the place just named
        elif last is not None and inner is not None:
            here = last.is_here or place.is_here
            found[-1] = Place(last.start, place.end, last.words + place.words, here, inner)
        else:
            found.append(place)
        at = place.end
    return found or _heard(text, known)


def _named(
    text: str, at: int, known: Names, suffix: re.Pattern[str], not_before: re.Pattern[str]
) -> Place | None:
    for length in known.lengths.get(text[at], ()):
        name = text[at : at + length]
        entry = known.names.get(name)
        if entry is None or (entry.framed and not _GOING.search(text[max(0, at - 1) : at])):
            continue
        end = at + length
        if not_before.match(text, end) or (
            name[-1] == "市" and text[end : end + 1] in _WITHIN and length > 2
        ):
            continue  # 福州市区 is 福州 and its 市区
        behind = suffix.match(text, end)
        return Place(at, behind.end() if behind else end, name, entry.is_here, entry.code, entry.others)
    return None


def _heard(text: str, known: Names) -> list[Place]:
    words = lexicon()
    for match in _HEARD.finditer(text):
        group = "gone" if match["gone"] else "alone"
        name = match[group]
        one = _by_sound().get(_sound(name)) if name not in known.names else None
        if one and not (
            words.job.fullmatch(name) or words.fill.fullmatch(name) or words.covered.search(name)
        ):
            return [Place(match.start(group), match.end(group), one[0], False, one[1])]
    return []


def _inner(first: Place, second: Place) -> str | None:
    """The code of both together, if the second says more exactly where the first is (福建厦门, 县里工业园)."""
    if first.is_here and second.is_here and second.code in LEVELS:
        return first.code
    if not first.code.isdigit():
        return None
    codes = (second.code, *second.others)
    return next((c for c in codes if c.isdigit() and c.startswith(first.code)), None)


def region_of(code: str, home: str | None) -> str | None:
    """The region code of a place found: its own, or that of the person's own county, town, village, city, province.

    `home`: the code of the person's own place, up to twelve digits.
    """
    if code.isdigit():
        return code
    length = LEVELS.get(code)
    if length is None or not home:
        return None
    return home[: min(length, len(home))]
