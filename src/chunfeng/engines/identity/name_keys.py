"""How a name sounds: one toneless syllable per letter, so that two keys are compared place by place."""

from __future__ import annotations

import re

from chunfeng.engines.identity.han import HAN, HIDDEN, UNKNOWN, accent, simplify, syllable
from chunfeng.engines.identity.surnames import reading, split

_LETTERS = re.compile(f"[{HAN}*]")


def pinyin_key(name: str) -> str:
    """Toneless syllables of a name, one per Han letter (or `*`), the surname read as a surname.

    Other characters are left out; no letters give "".
    """
    letters = "".join(_LETTERS.findall(name))
    if not letters:
        return ""
    surname, given = split(letters) if len(letters) > 1 and "·" not in name else ("", letters)
    return " ".join([*reading(surname), *map(syllable, given)])


def accent_key(key: str) -> str:
    """A pinyin key as a southern ear hears it (see `han.accent`)."""
    return " ".join(accent(part) for part in key.split(" ")) if key else ""


def same_sound(one: str, other: str, *, southern: bool = False) -> bool:
    """Do two names sound alike, letter by letter? Hidden and unreadable letters sound like nothing."""
    first, second = pinyin_key(simplify(one)), pinyin_key(simplify(other))
    if not first or {HIDDEN, UNKNOWN} & {*first, *second}:
        return False
    return accent_key(first) == accent_key(second) if southern else first == second
