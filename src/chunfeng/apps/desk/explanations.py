"""Why a rule gave a person its answer, as a tree to unfold: told from the last run's files of the person's county."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from chunfeng.apps.intake import results, runs
from chunfeng.apps.places.scope import use
from chunfeng.apps.registry.models import Person, minted_number, person_key
from chunfeng.apps.vault.sealing import Unreadable
from chunfeng.pipeline.explaining import ExplainError, Why, why

log = logging.getLogger(__name__)

_INDENT = "　"
_NUMBER = re.compile(r"\bP\d{9}\b", re.ASCII)
_ANSWERS = {"✓": "yes", "✗": "no", "？": "unknown"}


@dataclass(frozen=True)
class Explanation:
    """`why`: the answer with its words; `short`: it in one sentence; `nodes`: its tree as the component `tree` draws it.

    Members of the household are called by name where the reader may know it.
    """

    why: Why
    short: str
    nodes: list[dict[str, Any]]


def explanation(person: Person, rule: str) -> Explanation | None:
    """None where no run is kept, or the run knew neither person nor rule.

    The run's files are the county's, whatever part of it the reader's office answers for; only this person and the
    household are read from them.
    """
    with use(runs.scope_for(person.county)):
        run = runs.last_run(person.county)
    try:
        with results.opened(run, results.WHY) as out:
            if out is None:
                return None
            told = why(out, person.number, rule)
    except ExplainError:
        return None
    except Unreadable as error:
        log.warning("results of run %s: %s", run and run.pk, error)
        return None
    short, *lines = _named(person, (told.short, *told.lines))
    return Explanation(told, short, tree(lines))


def _named(person: Person, texts: Sequence[str]) -> list[str]:
    """Texts with names in place of the numbers of persons in reach. One query, none where no number occurs."""
    numbers = {number for text in texts for number in _NUMBER.findall(text)}
    keys = [person_key(person.county, number) for number in numbers]
    known = (
        dict(Person.objects.filter(pk__in=keys).exclude(name="").values_list("pk", "name")) if keys else {}
    )
    names = {minted_number(key): name for key, name in known.items()}
    return [_NUMBER.sub(lambda found: names.get(found[0], found[0]), text) for text in texts]


def tree(lines: Sequence[str]) -> list[dict[str, Any]]:
    """Indented lines, each with its mark, as nested nodes. What is not yet decided, and what decides, stands open."""
    root: list[dict[str, Any]] = []
    stack: list[tuple[int, list[dict[str, Any]]]] = [(-1, root)]
    for line in lines:
        text = line.lstrip(_INDENT)
        depth = len(line) - len(text)
        mark, _space, words = text.partition(" ")
        said, _bracket, rest = words.partition("（")
        node: dict[str, Any] = {
            "text": said,
            "source": rest.removesuffix("）"),
            "answer": _ANSWERS.get(mark, ""),
            "children": [],
            "open": depth == 0 or mark == "？",
        }
        while stack[-1][0] >= depth:
            stack.pop()
        stack[-1][1].append(node)
        stack.append((depth, node["children"]))
    return root
