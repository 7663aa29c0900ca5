"""One box for every way people look for somebody: name, pinyin, initials, number of the person, village; exact numbers.

`understand` says what was typed; `found` gives the persons in a range of an index. Beginnings are ranges of text
(`name >= '陈' AND name < '陈\\uffff…'`), because row-level security lets an index answer only operators that leak nothing,
and LIKE is none of them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from chunfeng.apps.places.models import Region
from chunfeng.apps.places.numbers import Reach
from chunfeng.apps.registry import words
from chunfeng.apps.registry.models import Person, person_key
from chunfeng.apps.vault.fields import blind_index
from chunfeng.engines.identity import id_numbers, phones
from chunfeng.engines.identity.han import simplify
from chunfeng.engines.identity.text import clean

WAYS = {
    "id18": _("身份证号"),
    "phone": _("电话"),
    "number": _("人员编号"),
    "name": _("姓名"),
    "given": _("名字中含"),
    "spelling": _("拼音"),
    "initials": _("拼音首字母"),
    "place": _("地区"),
}
EXACT = ("id18", "phone")
"""Ways that look for a number as a whole: found by its blind index, logged, never by a beginning of it."""
UNREADABLE = "unreadable"
"""A long number that is neither: somebody mistyped one, so it may stand in no address and no list of terms."""
_LAST = "\U0010ffff"
_ONSET = "(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])"
_RHYME = "(?:iang|iong|uang|ang|eng|ing|ong|iao|ian|uai|uan|ai|ei|ao|ou|an|en|in|un|er|ia|ie|iu|ua|uo|ui|ue|ve|[aoeiuv])"
_SYLLABLE = re.compile(
    rf"{_ONSET}?{_RHYME}(?![aeiouv])"
)  # a consonant between vowels begins the next: lin guang
_SPELLING = re.compile(rf"(?:{_ONSET}?{_RHYME}){{1,8}}{_ONSET}?")
_REST = re.compile(r"[省市县区镇乡]|街道|(?:村|社区)?(?:村民委员会|居民委员会|委员会|委会|居委会)?")
"""What people leave out of the name of a place: 上堡 for 上堡村委会, 姑田 for 姑田镇."""
_PLACE = re.compile(r"(?:[省市县区镇乡村]|街道|委会|委员会)$")
_INNER = re.compile(r"[省市县镇乡]|街道|(?<!社)区")
_PERSON = re.compile(r"[Pp]?(\d{1,9})")


@dataclass(frozen=True)
class Asked:
    """What was typed: `way` (of WAYS, '' for nothing usable), the text to find, the place it is narrowed to."""

    way: str
    text: str = ""
    places: tuple[Region, ...] = ()
    other: str = ""
    """Another way to read the same text."""
    inside: bool = False
    """Whether it is to be looked for in the first of `places`; else those are what it may mean as well."""
    short: str = ""
    """The first letters of the syllables spelled: right where a sound was misheard (cun for chun, ling for lin)."""


def understand(typed: str, reach: Reach, way: str = "") -> Asked:
    """What was typed, as one who may look within `reach` means it. At most four queries, of regions.

    `way`: how to read it where the reader said so (name or given, spelling or initials).
    """
    text = simplify(clean(typed)).strip()[:60]
    if not text:
        return Asked("")
    packed = re.sub(r"[\s.·-]", "", text)
    if (number := _id18(packed)) is not None:
        return Asked("id18", number)
    if re.fullmatch(r"[\d\s()+-]{7,20}", text) and (phone := _phone(text)):
        return Asked("phone", phone)
    if person := _PERSON.fullmatch(packed):
        return Asked("number", person[1])
    if re.fullmatch(r"[\d()+]{7,}[Xx]?", packed):
        return Asked(UNREADABLE)
    if re.fullmatch(r"[A-Za-zÜü'’\s]+", text):
        return _letters(text.lower().replace("ü", "v"), way)
    return _words(text, reach, way)


def _id18(packed: str) -> str | None:
    """The 18 characters of a citizen number of 18 or 15; None where it is none, check character and date included."""
    if re.fullmatch(r"\d{15}", packed) and id_numbers.is_birth(int(f"19{packed[6:12]}")):
        return id_numbers.id18_of(id_numbers.upgrade15(int(packed)))
    if re.fullmatch(r"\d{17}[\dXx]", packed):
        return packed.upper()
    return None


def _phone(text: str) -> str | None:
    read = phones.read(text)
    return read.phone or read.landline


def _letters(text: str, way: str) -> Asked:
    parts = re.split(r"[\s'’]+", text)
    letters = "".join(parts)[:40]
    spelled = bool(_SPELLING.fullmatch(letters))
    initials = len(letters) <= 6
    way = way if way in ("spelling", "initials") else ("spelling" if spelled else "initials")
    other = (
        "initials" if way == "spelling" and initials else "spelling" if way == "initials" and spelled else ""
    )
    short = "".join(syllable[0] for part in parts for syllable in _SYLLABLE.findall(part))
    return Asked(way, letters, other=other, short=short if way == "spelling" else "")


def _words(text: str, reach: Reach, way: str) -> Asked:
    """Han characters: a name, a place, or both in either order."""
    parts = text.split()
    reading = way if way in ("name", "given") else "name"
    if len(parts) == 2:
        told_last = [parts[::-1]] if _PLACE.search(parts[1]) else []  # 王 莲峰 is rather somebody's name
        for place, name in (parts, *told_last):
            if places := regions(place, reach):
                return Asked(reading, name, places, inside=True)
    if way or len(parts) > 1:
        return Asked(reading, "".join(parts))
    places = regions(text, reach)
    if whole := tuple(p for p in places if _REST.fullmatch(p.name.removeprefix(text))):
        return Asked("place", text, whole, inside=True)  # 上堡 may be a name as well: the page offers both
    if not places and (inner := _within(text, reach)):
        return Asked("place", text, inner, inside=True)
    return Asked(reading, text, places)


def _within(text: str, reach: Reach) -> tuple[Region, ...]:
    """The places whose name is told from above: 姑田镇上堡村. Two queries at most."""
    for cut in [m.end() for m in _INNER.finditer(text)][-2:]:
        found = (each for each in regions(text[cut:], reach) if text in words.region(each.code))
        if places := tuple(found):
            return places
    return ()


def regions(text: str, reach: Reach, limit: int = 8) -> tuple[Region, ...]:
    """Towns and villages in reach whose name begins with the text. One query."""
    if len(text) < 2:
        return ()
    found = Region.objects.filter(place__gte=reach.low, place__lt=reach.high, name__startswith=text)
    return tuple(found.exclude(level=Region.Level.PROVINCE).order_by("place")[:limit])


def instead(asked: Asked, way: str = "") -> list[Asked]:
    """Ways to look on where nobody is found so: 志明 is in 陈志明, linxiaocun sounds like lxc. None where `way` was said."""
    if way:
        return []
    if asked.way == "name":
        return [replace(asked, way="given")]
    if asked.way == "spelling":
        short = [asked.text] if asked.other == "initials" else []
        short += [asked.short] if len(asked.short) > 1 else []
        return [Asked("initials", text) for text in short]
    return []


def exactly(way: str, text: str) -> QuerySet:
    """Persons with this whole citizen number or phone, in all that may be read."""
    return Person.objects.filter(**{f"{way}_index": blind_index(way, text)})


def by_number(number: str, counties: list[str]) -> QuerySet:
    """The persons of these counties with a minted number."""
    return Person.objects.filter(pk__in=[person_key(county, number) for county in counties])


def beginning(way: str, text: str) -> Q:
    """Whose name, given name, spelling or initials begin with a text; a range of that column's index."""
    return Q(**{f"{way}__gte": text, f"{way}__lt": text + _LAST})


def born_between(day: date, youngest: int | None, oldest: int | None, at: str = "") -> Q:
    """Who is from `youngest` to `oldest` years old on a day; whose birth date is unknown is in no band."""
    asked = Q(**{f"{at}birth__isnull": False})
    if youngest:
        asked &= Q(**{f"{at}birth__lte": _years_before(day, youngest)})
    if oldest is not None:
        asked &= Q(**{f"{at}birth__gt": _years_before(day, oldest + 1)})
    return asked


def _years_before(day: date, years: int) -> date:
    year = max(day.year - years, 1)
    try:
        return day.replace(year=year)
    except ValueError:  # the 29th of February
        return day.replace(year=year, day=28)
