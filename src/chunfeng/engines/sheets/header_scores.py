"""How well a header names each field of a kind: known words, words of the same gist or like letters, codes, pinyin."""

from __future__ import annotations

from functools import lru_cache

from chunfeng.engines.sheets.gist import WordIndex, english_likeness, is_latin, other_person, spellings
from chunfeng.engines.sheets.header import ENGLISH
from chunfeng.engines.sheets.kinds import Kind


@lru_cache(maxsize=16)
def words_of(kinds: tuple[Kind, ...]) -> WordIndex:
    """The words of all kinds together: most kinds share most of them."""
    return WordIndex({word for kind in kinds for f in kind.fields for word in f.words})


@lru_cache(maxsize=65536)
def header_scores(variants: tuple[str, ...], kind: Kind, words: WordIndex) -> tuple[float, ...]:
    """How well a header names each field of a kind: 1 a known word, 0.95 the same gist, 0.92 a known pattern, less by likeness."""
    best = [0.0] * len(kind.fields)
    for i, reading in enumerate(variants):
        for j, score in enumerate(_reading_scores(reading, kind, words)):
            best[j] = max(best[j], score if i == 0 else 0.97 * score)
    return tuple(best)


@lru_cache(maxsize=65536)
def _reading_scores(reading: str, kind: Kind, words: WordIndex) -> tuple[float, ...]:
    """One reading of a header against every field of a kind."""
    if reading.startswith(ENGLISH):
        code = reading.removeprefix(ENGLISH)
        return tuple(0.95 * english_likeness(code, f.name) for f in kind.fields)
    scores = [0.0] * len(kind.fields)
    if is_latin(reading):
        scores = [_latin_score(reading, f.name, f.words) for f in kind.fields]
    else:
        near, positions = words.near(reading), _positions(kind)
        for word in near.keys() & positions.keys():
            for position in positions[word]:
                scores[position] = max(scores[position], near[word])
    other = other_person(reading)
    for j, f in enumerate(kind.fields):
        if reading in f.words:
            scores[j] = 1.0
        elif scores[j] < 0.92 and any(
            p.search(reading) and (not other or other in p.pattern) for p in f.patterns
        ):
            scores[j] = 0.92
    return tuple(s if s >= 0.4 else 0.0 for s in scores)


@lru_cache(maxsize=256)
def _positions(kind: Kind) -> dict[str, list[int]]:
    """By word the fields that have it."""
    positions: dict[str, list[int]] = {}
    for j, f in enumerate(kind.fields):
        for word in f.words:
            positions.setdefault(word, []).append(j)
    return positions


def _latin_score(reading: str, name: str, words: frozenset[str]) -> float:
    """Codes and pinyin: GENDER or SEX by the field's own name, XINGMING 0.92, XM 0.8 (many words share initials)."""
    bare = reading.rstrip("0123456789") or reading
    if bare == name.replace("_", "").upper():
        return 0.95
    initials, whole = spellings(words)
    if bare in whole:
        return 0.92
    return 0.8 if bare in initials else 0.0
