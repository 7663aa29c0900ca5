"""The word lists compiled: what `reading` looks for, in its order."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from chunfeng.engines.matching.wishes.marks import PATTERNS
from chunfeng.engines.matching.wishes.words import bounded, either, filled, listed, load, trie


class Rule(NamedTuple):
    """A kind, if all these cues were found and none of those."""

    kind: str
    all: tuple[str, ...]
    none: tuple[str, ...]


class Lexicon(NamedTuple):
    """Expressions on clauses; from `refused_place` on, on flat text with marks (but `job`, `not_jobs`)."""

    training: re.Pattern[str]
    training_refused: re.Pattern[str]
    needs: tuple[tuple[str, re.Pattern[str]], ...]
    times: re.Pattern[str]
    driving: re.Pattern[str]
    ventures: re.Pattern[str]
    helped: re.Pattern[str]
    funds: re.Pattern[str]
    home: re.Pattern[str]
    refused_place: re.Pattern[str]
    past_place: re.Pattern[str]
    job: re.Pattern[str]
    not_jobs: frozenset[str]
    never_job: re.Pattern[str]
    frames: tuple[re.Pattern[str], ...]
    not_framed: frozenset[str]
    cues: tuple[tuple[str, re.Pattern[str]], ...]
    rules: tuple[Rule, ...]
    covered: re.Pattern[str]
    fill: re.Pattern[str]


@cache
def lexicon() -> Lexicon:
    """All lists compiled once."""
    training, needs, start, jobs = load("training"), load("barriers"), load("startup"), load("jobs")
    kinds, common = load("kinds"), load("common")
    courses = {"课": either(map(re.escape, listed(training["courses"])))}
    own = {
        "店": either(listed(start["shops"])), "作": either(listed(start["crops"])),
        "畜": either(listed(start["animals"])), "货": either(listed(start["goods"])),
    }  # fmt: skip
    people = {name: either(listed(words)) for name, words in needs["words"].items()}
    allowed = f"(?:(?![{jobs['verbs']}])[\u4e00-\u9fff])"
    kinds_of_job = [pattern.replace("[{字}]", allowed) for pattern in jobs["patterns"]]
    cues = {name: "|".join(_marked(one) for one in said) for name, said in kinds["cues"].items()}
    return Lexicon(
        training=bounded("|".join(_unnamed(filled(p, courses)) for p in training["patterns"]["asked"])),
        training_refused=bounded("|".join(training["patterns"]["refused"])),
        needs=tuple(
            (need, bounded("|".join(filled(p, people) for p in needs[need]["patterns"])))
            for need in needs
            if need != "words"
        ),
        times=bounded("|".join(load("times")["patterns"])),
        driving=bounded(jobs["driving"]),
        ventures=bounded("|".join(filled(p, own) for p in start["patterns"])),
        helped=bounded(start["helped"]),
        funds=bounded(start["funds"]),
        home=bounded(common["home"]),
        refused_place=bounded("|".join(map(_marked, common["refused"]))),
        past_place=bounded("|".join(map(_marked, common["past"]))),
        job=bounded(f"{trie(listed(jobs['words']))}(?:{jobs['suffixes']})?|{'|'.join(kinds_of_job)}"),
        never_job=bounded(jobs["never"]),
        not_jobs=frozenset(jobs["not_words"]),
        frames=tuple(bounded(_marked(p.replace("[{字}]", allowed))) for p in jobs["frames"]),
        not_framed=frozenset(listed(jobs["not_framed"])),
        cues=tuple((name, bounded(pattern)) for name, pattern in cues.items()),
        rules=tuple(
            Rule(rule["kind"], tuple(rule["all"]), tuple(rule.get("none", ()))) for rule in kinds["decide"]
        ),
        covered=bounded("|".join(cues.values())),
        fill=re.compile(f"(?:{either(listed(common['fill']))})+"),
    )


def _marked(pattern: str) -> str:
    return filled(pattern, PATTERNS)


def _unnamed(pattern: str) -> str:
    """Named groups as plain ones: several alternatives may capture the same thing."""
    return re.sub(r"\(\?P<[^>]+>", "(", pattern)
