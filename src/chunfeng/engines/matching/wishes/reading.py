"""A wish in free text → what it says: kind, place, work, least pay, needs, time, training; and what was not understood.

Parts that can be recognised by themselves (pay, training, needs, time, ventures, places, work) become marks one after the
other; rules in kinds.yaml then say which wish the marked text states. No part is guessed: what a text does not say is None.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import NamedTuple

import polars as pl

from chunfeng.engines.identity.han import simplify
from chunfeng.engines.identity.text import clean
from chunfeng.engines.matching.wishes import pay, places
from chunfeng.engines.matching.wishes.lexicon import Lexicon, lexicon
from chunfeng.engines.matching.wishes.marks import ANY, PRIVATE, SIGN, Marked, Part, with_words

LONGEST = 400
"""Characters; what follows is not read, and is kept as not understood."""
NEEDS = ("elder", "couple", "child", "literacy", "carsick", "health", "dorm", "dayshift", "pregnant")
KINDS = ("back", "out", "local", "startup", "stay", "go_home", "none", "undecided")
SEPARATOR = "，"
_FOLDED = re.compile(r"[\s,，。.;；:：、!！?？/\\|+&~…()（）\[\]【】<>《》\"'“”‘’*#=_-]+")
_DATE_SIGNS = re.compile(r"(?<=[0-9])[.\-/](?=[0-9])")
_KEPT_SIGN = "\x00"
_OF_NEED = {"child": "娃", "elder": "亲", "health": "病", "pregnant": "孕"}
_HOUSE = frozenset("家 家里 家中 家里头 自家 自己家 屋里".split())
_VAGUE = frozenset("工业区 工业园 工业园区 开发区 街上 社区 街道".split())
_REPEATED = re.compile(r"([想要去回进做找])\1+")


class Wish(NamedTuple):
    """What one text says. Words are as written, in simplified characters; several are joined by `;`.

    `kind`: one of KINDS; None where the text does not say. `seeking`: it asks for work, wherever. `region`: codes of the
    destinations in order, or the level of the own place that is meant (county, town …), '' where there is none.
    `wage_min` in yuan per `wage_unit` (月 日 时 年 件 次). `unread`: what was not understood. `cue`: the rule that decided.
    """

    kind: str | None = None
    seeking: bool = False
    destination: str | None = None
    region: str | None = None
    job: str | None = None
    wage_min: str | None = None
    wage_unit: str | None = None
    barrier: str | None = None
    when: str | None = None
    training: str | None = None
    refuses_training: bool = False
    unread: str | None = None
    cue: str | None = None


SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "kind": pl.String, "seeking": pl.Boolean, "destination": pl.String, "region": pl.String, "job": pl.String,
    "wage_min": pl.String, "wage_unit": pl.String, "barrier": pl.String, "when": pl.String, "training": pl.String,
    "refuses_training": pl.Boolean, "unread": pl.String, "cue": pl.String,
}  # fmt: skip


def read(text: str, county: str | None = None) -> Wish:
    """What a text says to people of a county (six digits; None: places here are known only by words such as 本县)."""
    typed = PRIVATE.sub("", simplify(clean(text)))
    clauses, least = _clauses(typed[:LONGEST])
    shape, parts = _flat(clauses, county)
    decided = _decide(shape)
    kept = [parts[at] for at in decided.kept]
    places_ = _where(kept, decided.kind)
    needs = {part.value for part in kept if part.kind in "娃亲病孕难"}
    courses = [part.value for part in kept if part.kind == "学" and part.value]
    return Wish(
        kind=decided.kind,
        seeking=decided.seeking,
        destination=_joined(place.words for place in places_),
        region=_joined((place.value for place in places_), empty=True),
        job=_job(kept, decided),
        wage_min=least.least if least else None,
        wage_unit=least.unit if least else None,
        barrier=_joined(need for need in NEEDS if need in needs),
        when=_joined(part.words for part in kept if part.kind == "时"),
        training=_joined(courses),
        refuses_training=not courses and any(part.kind == "学" for part in kept),
        unread=_joined([*decided.unread, typed[LONGEST:]]),
        cue=_joined(f"{name}:{with_words(said, parts).strip(SEPARATOR)}" for name, said in decided.cues),
    )


def _clauses(text: str) -> tuple[list[str | pay.Pay | None], pay.Pay | None]:
    """Clauses without punctuation, and between them pay (None: a sum without a least); the first pay with a least.

    A point inside of a date is kept.
    """
    text, sums = pay.find(text)
    pieces: list[str | pay.Pay | None] = []
    at = 0
    for found in sums:
        pieces += [text[at : found.start], found.pay]
        at = found.end
    pieces.append(text[at:])
    least = next((found.pay for found in sums if found.pay is not None), None)
    return pieces, least


def _flat(pieces: list[str | pay.Pay | None], county: str | None) -> tuple[str, tuple[Part, ...]]:
    """The whole text flat: every clause by itself, since clauses return where texts do not."""
    text: list[str] = []
    parts: list[Part] = []
    for piece in pieces:
        if not isinstance(piece, str):
            text.append(SIGN["薪"])
            parts.append(Part("薪", f"{piece.least}元/{piece.unit}" if piece else "", ""))
            continue
        for at, clause in enumerate(_FOLDED.split(_DATE_SIGNS.sub(_KEPT_SIGN, piece))):
            if at:
                text.append(SEPARATOR)
            if clause:
                flat, found = _clause(clause.replace(_KEPT_SIGN, "."), county)
                text.append(flat)
                parts.extend(found)
    return "".join(text).strip(SEPARATOR), tuple(parts)


@lru_cache(maxsize=200_000)
def _clause(clause: str, county: str | None) -> tuple[str, tuple[Part, ...]]:
    """A clause flat: training, needs, time, ventures, places and work in it are marks."""
    words = lexicon()
    marked = Marked(_REPEATED.sub(r"\1", clause))
    marked.replace(words.training_refused, "学")
    marked.replace(
        words.training, lambda m: marked.mark("学", m[0], next((c for c in m.groups() if c), "培训"))
    )
    for need, pattern in words.needs:
        marked.replace(pattern, _marker(marked, _OF_NEED.get(need, "难"), need))
    marked.replace(words.times, "时")
    marked.replace(words.driving, "工")
    marked.replace(words.ventures, lambda m: _venture(marked, m, words))
    marked.replace(words.funds, "资")
    text, at, pieces = marked.text, 0, []
    for place in places.find(text, county):
        pieces += [
            text[at : place.start],
            marked.mark("本" if place.is_here else "外", place.words, place.code),
        ]
        at = place.end
    marked.text = "".join(pieces) + text[at:]
    marked.replace(words.home, "家")
    marked.replace(words.job, lambda m: _work(marked, m, words))
    return marked.flat()


def _marker(marked: Marked, kind: str, value: str) -> Callable[[re.Match[str]], str]:
    return lambda found: marked.mark(kind, found[0], value)


def _work(marked: Marked, found: re.Match[str], words: Lexicon) -> str | None:
    """A job's mark; None for words that only look like one (务工, 毕业)."""
    no_job = found[0] in words.not_jobs or words.never_job.search(found[0])
    return None if no_job else marked.mark("工", found[0])


def _venture(marked: Marked, found: re.Match[str], words: Lexicon) -> str | None:
    """A venture's mark; None where it is somebody else's (帮人开店)."""
    return None if words.helped.search(found.string[: found.start()]) else marked.mark("业", found[0])


@dataclass(frozen=True, slots=True)
class _Decision:
    """What the rules make of a flat text; marks are numbers in its order."""

    kind: str | None
    seeking: bool
    cues: tuple[tuple[str, tuple[str | int, ...]], ...]
    kept: tuple[int, ...]
    framed: tuple[str, ...]
    unread: tuple[str, ...]


@lru_cache(maxsize=200_000)
def _decide(shape: str) -> _Decision:
    words = lexicon()
    text, kept = shape, list(range(len(ANY.findall(shape))))
    for pattern, sign in ((words.refused_place, SIGN["不"]), (words.past_place, SIGN["曾"])):
        text, kept = _without(text, kept, pattern, sign)
    found = {name: match for name, pattern in words.cues if (match := pattern.search(text)) is not None}
    kind, seeking, by = _kind(found, words)
    cues = tuple((name, _pieces(text, kept, found[name].start(), found[name].end())) for name in by)
    framed = tuple(
        job
        for pattern in words.frames
        for match in pattern.finditer(text)
        if (job := match["工"]) and job not in words.not_framed and not words.fill.fullmatch(job)
    )
    if kind == "none" or any(SIGN[mark] in text for mark in "业工"):
        framed = ()
    rest = ANY.sub(SEPARATOR, words.covered.sub(SEPARATOR, text))
    left = (words.fill.sub("", piece) for piece in rest.split(SEPARATOR))
    unread = tuple(piece for piece in left if len(piece) > 1 and piece not in framed)
    return _Decision(kind, seeking, cues, tuple(at for at in kept if at >= 0), framed, unread)


def _without(text: str, kept: list[int], pattern: re.Pattern[str], sign: str) -> tuple[str, list[int]]:
    """Every match as one sign, whose number is -1: its own marks do not count."""
    pieces, numbers, at, mark = [], list[int](), 0, 0
    for match in pattern.finditer(text):
        before, inside = (len(ANY.findall(text[a:b])) for a, b in ((at, match.start()), match.span()))
        pieces += [text[at : match.start()], sign]
        numbers += [*kept[mark : mark + before], -1]
        at, mark = match.end(), mark + before + inside
    return "".join(pieces) + text[at:], numbers + kept[mark:]


def _pieces(text: str, kept: list[int], start: int, end: int) -> tuple[str | int, ...]:
    """A stretch of flat text with the numbers of its marks."""
    mark = len(ANY.findall(text[:start]))
    pieces: list[str | int] = []
    for letter in text[start:end]:
        if ANY.fullmatch(letter):
            pieces.append(kept[mark] if kept[mark] >= 0 else "…")
            mark += 1
        else:
            pieces.append(letter)
    return tuple(pieces)


def _kind(found: Mapping[str, re.Match[str]], words: Lexicon) -> tuple[str | None, bool, tuple[str, ...]]:
    """(kind, whether work is asked for, the cues that decided)."""
    seeking = "seeking" in found
    for rule in words.rules:
        if all(cue in found for cue in rule.all) and not any(cue in found for cue in rule.none):
            if rule.kind == "seek":
                return None, True, rule.all
            kind = rule.kind
            if kind == "first":
                kind = "out" if found["away"].end() <= found["near"].end() else "local"
            return kind, seeking or kind in ("back", "out", "local"), rule.all
    return None, seeking, ()


def _where(parts: list[Part], kind: str | None) -> list[Part]:
    """The places meant; home only where work is sought there; 就近 and 工业区 only where nothing else is named."""
    if kind in ("go_home", "none", "stay"):
        return []
    found = [part for part in parts if part.kind in "外本"]
    found = found or [
        part for part in parts if part.kind == "家" and kind == "local" and part.words not in _HOUSE
    ]
    named = [part for part in found if part.value != "near" and part.words not in _VAGUE]
    return list({part.words: part for part in named or found}.values())


def _job(parts: list[Part], decided: _Decision) -> str | None:
    for kind in "业工":
        if any(part.kind == kind for part in parts):
            return _joined(part.words for part in parts if part.kind == kind)
    return _joined(decided.framed)


def _joined(words: Iterable[str], *, empty: bool = False) -> str | None:
    """The words once each, joined by `;`; None when there are none. `empty`: every one, blank ones too."""
    listed = list(words)
    if not listed:
        return None
    kept = listed if empty else [word for word in dict.fromkeys(listed) if word]
    return ";".join(kept) if any(kept) else None


def read_column(texts: pl.Series, counties: pl.Series | None = None) -> pl.DataFrame:
    """`read` of every text, for people of the county beside it: columns of SCHEMA, null rows where blank.

    Each distinct pair of text and county is read once.
    """
    frame = pl.DataFrame({"text": texts.cast(pl.String), "county": _counties(texts, counties)})
    frame = frame.with_columns(pl.when(pl.col("text").str.strip_chars() != "").then("text").alias("text"))
    pairs = frame.drop_nulls("text").unique(maintain_order=True)
    rows = [read(text, county) for text, county in pairs.iter_rows()]
    read_ = pl.concat([pairs, pl.DataFrame(rows, schema=SCHEMA, orient="row")], how="horizontal")
    joined = frame.join(read_, on=["text", "county"], how="left", nulls_equal=True, maintain_order="left")
    return joined.select(*SCHEMA)


def _counties(texts: pl.Series, counties: pl.Series | None) -> pl.Series:
    return pl.Series([None] * len(texts), dtype=pl.String) if counties is None else counties.cast(pl.String)


@cache
def version() -> str:
    """A fingerprint of all word lists and rules: what was read by another version may read otherwise now."""
    from hashlib import sha256

    from chunfeng.engines.matching.wishes.words import HERE

    files = sorted(HERE.glob("*.yaml"))
    return sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:12]
