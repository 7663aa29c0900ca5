"""What a person said once about lists with one header, and whether it holds for the list at hand.

Many lists have the same few headings: 姓名, 身份证号, 村, 备注. So an answer is remembered with what the titles of its
list named, and does not hold for a list whose titles name another kind.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from chunfeng.engines.sheets.kinds import Kind

_NAMED = 0.5
"""Weight of a title's words from which on a title names a kind (see `weight`)."""


class Answer(NamedTuple):
    """Kind, header text → field, and the kinds that the titles named where it was given (`named` of that list)."""

    kind: str
    columns: Mapping[str, str | None]
    titled: tuple[str, ...] = ()


def weight(kind: Kind, titles: Sequence[tuple[str, float]]) -> float:
    """How much titles (text, weight 0..1) speak for a kind: the longest of its words that one of them holds, 0..1."""
    return max(
        (min(1.0, 0.5 + len(w) / 8) * share for text, share in titles for w in kind.titles if w in text),
        default=0.0,
    )


def named(kinds: Iterable[Kind], titles: Sequence[tuple[str, float]]) -> tuple[str, ...]:
    """Codes of the kinds that the titles of a list name; none where they name none."""
    return tuple(sorted(k.code for k in kinds if not k.generic and weight(k, titles) >= _NAMED))


def fitting(answers: Sequence[Answer], titled: tuple[str, ...]) -> Answer | None:
    """The answer that holds for a list whose titles name these kinds; of several the one given for the most alike."""
    ranked = [
        (3 if a.titled == titled else 2 if set(a.titled) & set(titled) else 1 if a.kind in titled else 0, a)
        for a in answers
    ]
    best = max(ranked, key=lambda r: r[0], default=None)
    if best is None:
        return None
    if best[0] > 0:
        return best[1]
    # titles that name nothing contradict nothing: it is the one list of that header the sender has
    return best[1] if not titled and len({a.kind for a in answers}) == 1 else None
