"""What a header says, apart from its wording: its parts, each by the word that stands for all of one meaning.

用地批文日期 and 征地批复时间 have one gist. The parts are data (`header_parts.yaml`). Headers in Latin letters are
compared with the pinyin of known words: XM and xingming are 姓名.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache, lru_cache
from math import fsum
from pathlib import Path
from typing import Any

from chunfeng.engines.identity import han
from chunfeng.engines.sheets.data_files import load_yaml
from chunfeng.engines.sheets.words import bigrams, similarity

_GENERAL = {
    "日期",
    "年月",
    "状态",
    "类别",
    "编号",
    "人数",
    "单位",
    "地址",
    "地区",
    "证件",
    "备注",
    "内容",
    "登记",
    "就业",
}
"""Parts that many fields share: they tell little."""
_LATIN = re.compile(r"^[A-Z][A-Z0-9]+$")


@cache
def _header_parts() -> dict[str, Any]:
    return dict(load_yaml(Path(__file__).parent / "header_parts.yaml"))


@cache
def _parts() -> dict[str, str]:
    raw = _header_parts()
    table = dict.fromkeys(raw["filler"], "")
    for line in raw["same"]:
        table |= {str(word): str(line[0]) for word in line}
    return table


@cache
def others() -> tuple[str, ...]:
    """Words for other persons than the one a record is about."""
    return tuple(sorted(map(str, _header_parts()["others"]), key=len, reverse=True))


def other_person(text: str) -> str | None:
    """The word in a normalised header that names another person, if there is one."""
    return next((o for o in others() if o in text), None)


@cache
def _longest() -> int:
    return max(map(len, _parts()))


@lru_cache(maxsize=65536)
def gist(text: str) -> frozenset[str]:
    """The parts of a normalised header; fillers are left out unless nothing else is there."""
    parts, longest = _parts(), _longest()
    found: list[str] = []
    run = ""
    position = 0
    while position < len(text):
        for length in range(min(longest, len(text) - position), 0, -1):
            word = text[position : position + length]
            if word in parts:
                if run:
                    found.append(run)
                    run = ""
                if parts[word]:
                    found.append(parts[word])
                position += length
                break
        else:
            run += text[position]
            position += 1
    if run:
        found.append(run)
    return frozenset(found) or frozenset((text,))


def _weight(parts: Iterable[str]) -> float:
    return fsum(0.4 if p in _GENERAL else 1.0 for p in parts)  # exact: sets have no order


def likeness(a: str, b: str) -> float:
    """How much two normalised headers say the same, 0..1: weight of the shared parts over that of all."""
    x, y = gist(a), gist(b)
    shared = x & y
    if not shared:
        return 0.0
    if x == y:
        return 1.0
    if all(p in _GENERAL for p in shared):
        return 0.5 * _weight(shared) / _weight(x | y)
    return _weight(shared) / _weight(x | y)


class WordIndex:
    """Words by their pairs of characters and parts of meaning: only words that share one with a header can be like it."""

    def __init__(self, words: Iterable[str]) -> None:
        self._by_sign: dict[str, list[str]] = {}
        for word in words:
            for sign in bigrams(word) | gist(word):
                self._by_sign.setdefault(sign, []).append(word)
        self._met: dict[str, dict[str, float]] = {}

    def near(self, reading: str) -> dict[str, float]:
        """The words a header is like, each with its likeness; 0.95 for the same gist."""
        if reading not in self._met:
            signs = bigrams(reading) | gist(reading)
            words = {word for sign in signs for word in self._by_sign.get(sign, ())}
            other = other_person(reading)
            self._met[reading] = {word: _nearness(reading, word, other) for word in words}
        return self._met[reading]


def _nearness(reading: str, word: str, other: str | None) -> float:
    same = likeness(reading, word)
    if same == 1.0:
        return 0.95
    if other is not None and other not in word:
        # 家长电话 is not the own telephone, whatever the letters share
        return 0.4 * same
    return max(0.85 * similarity(reading, word), 0.88 * same)


@lru_cache(maxsize=65536)
def _spellings(word: str) -> tuple[str, str]:
    """(initials, whole pinyin) of a Chinese word, upper case; empty where a character has no reading."""
    if not re.fullmatch(r"[\u4e00-\u9fff]{2,8}", word):
        return "", ""
    syllables = [han.syllable(c) for c in word]
    if any(not s.isalpha() for s in syllables):
        return "", ""
    return "".join(s[0] for s in syllables).upper(), "".join(syllables).upper()


def is_latin(text: str) -> bool:
    """Whether a normalised header is a code or word in Latin letters."""
    return _LATIN.match(text) is not None


@cache
def _english() -> dict[str, tuple[str, ...]]:
    english = _header_parts()["english"]
    return {str(word): tuple(str(own).split()) for own, words in english.items() for word in words}


_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_EMPTY_WORDS = {"code", "no", "t", "f", "col", "field", "of", "the", "is", "a", "info", "id"}


@lru_cache(maxsize=4096)
def english_likeness(code: str, name: str) -> float:
    """How much a field code in English words (homeCountyCode, CALL_TIME) says what a field name says, 0..1."""
    words = [w.lower() for w in _WORD.findall(code)]
    together = "".join(words)
    wanted = name.split("_")
    if together == "".join(wanted) or _english().get(together) == tuple(wanted):
        return 1.0
    said: set[str] = set()
    position = 0
    while position < len(words):
        for length in (3, 2, 1):
            piece = "".join(words[position : position + length])
            if piece in _english() and position + length <= len(words):
                said.update(_english()[piece])
                position += length
                break
        else:
            said.add(words[position])
            position += 1
    said = said - _EMPTY_WORDS or said
    if said == set(wanted):
        return 1.0
    return len(said & set(wanted)) / len(said | set(wanted))


@cache
def spellings(words: frozenset[str]) -> tuple[frozenset[str], frozenset[str]]:
    """All initials and all whole pinyin of some words."""
    pairs = [_spellings(w) for w in words]
    return frozenset(i for i, _ in pairs if len(i) >= 2), frozenset(p for _, p in pairs if p)
