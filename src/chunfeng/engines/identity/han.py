"""Han characters: the form on citizens' cards, the toneless syllable, the syllable as Fujian hears it."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.resources import files

UNKNOWN = "?"
"""Stands for a character without a reading, so that keys keep one syllable per character."""
HIDDEN = "*"
"""A masked character; stays itself in every key."""
HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U000323af"
"""Inside of a character class: Han letters (〇 included)."""


def data_lines(name: str) -> list[str]:
    """Lines of a data file of this room, comments and blanks left out."""
    text = (files(__package__) / "data" / name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


@lru_cache(maxsize=1)
def simplified_forms() -> dict[str, str]:
    """Traditional, variant, radical, private-use characters → the standard form (data/simplified.txt)."""
    return {pair[0]: pair[1] for line in data_lines("simplified.txt") for pair in line.split(" ")}


@lru_cache(maxsize=1)
def _translation() -> dict[int, str]:
    return str.maketrans(simplified_forms())


def simplify(text: str) -> str:
    """Character by character to the form used on citizens' cards. Length is kept. Idempotent."""
    return text.translate(_translation())


@lru_cache(maxsize=1)
def syllables() -> dict[str, str]:
    """Han character → toneless syllable (ü is v), see data/syllables.txt."""
    table: dict[str, str] = {}
    for line in data_lines("syllables.txt"):
        syllable, chars = line.split(" ")
        table |= dict.fromkeys(chars, syllable)
    return table


def syllable(char: str) -> str:
    """The toneless syllable of one character; `*` stays, others are `?`."""
    return HIDDEN if char == HIDDEN else syllables().get(char, UNKNOWN)


_INITIAL = (("zh", "z"), ("ch", "c"), ("sh", "s"))
# f is heard as h before u in the Min and Hakka of Fujian: 福建 hujian, 方 = 荒, 飞 = 辉, 风 = 红
_F_AND_HU = {
    "fa": "hua",
    "fan": "huan",
    "fang": "huang",
    "fei": "hui",
    "fen": "hun",
    "feng": "hong",
    "fo": "huo",
    "fou": "hou",
    "fu": "hu",
}


@lru_cache(maxsize=1024)
def accent(syllable: str) -> str:
    """The syllable as a southern ear writes it: zh=z, ch=c, sh=s, n=l, f=h(u), -ng=-n. Idempotent.

    Syllables that Fujian's speakers of Min and Hakka confuse become equal (方 fang, 黄 huang → huan);
    others do not.
    """
    if len(syllable) < 2:
        return syllable
    syllable = _F_AND_HU.get(syllable, syllable)
    for initial, plain in _INITIAL:
        if syllable.startswith(initial):
            syllable = plain + syllable[2:]
    if syllable[0] == "n" and syllable != "ng":
        syllable = "l" + syllable[1:]
    return re.sub("ng$", "n", syllable)
