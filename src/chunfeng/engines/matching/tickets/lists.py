"""The word lists of this room, read and checked once."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
import yaml

HERE = Path(__file__).parent


class Danger(NamedTuple):
    """An expression of danger, and the words of mere enquiry that let it off (None: nothing does)."""

    topic: str
    say: str
    unless: str | None


class Also(NamedTuple):
    """A partner to be told when a request says this, for these topics (none: any); `first`: before the topic's own."""

    partner: str
    say: str
    topics: tuple[str, ...]
    first: bool


class Lists(NamedTuple):
    """Everything the sorting needs.

    `cues`: topic → (weight, expression), in the order in which equal sums are decided. `calm`: what is no danger.
    `weight`: of a danger for its topic. `leads`: topic → the department that answers.
    """

    cues: dict[str, tuple[tuple[int, str], ...]]
    calm: str
    weight: int
    dangers: tuple[Danger, ...]
    marks: str
    marks_no: str
    leads: dict[str, str]
    also: tuple[Also, ...]


def _yaml(name: str) -> Any:
    text = (HERE / f"{name}.yaml").read_text(encoding="utf-8")
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


@cache
def lists() -> Lists:
    """The lists of topics.yaml, urgency.yaml and partners.yaml; ValueError naming what cannot be used."""
    topics, urgency, partners = _yaml("topics"), _yaml("urgency"), _yaml("partners")
    cues = {
        topic: tuple((weight, say) for weight, said in weighed.items() for say in said)
        for topic, weighed in topics["topics"].items()
    }
    asking = "|".join(part.strip() for part in urgency["enquiries"].split("|"))
    dangers = [
        Danger(topic, say, unless)
        for name, unless in (("grave", None), ("soft", asking))
        for topic, said in urgency[name].items()
        for say in said
    ]
    also = tuple(
        Also(e["partner"], e["say"], tuple(e.get("topics", ())), bool(e.get("first")))
        for e in partners["also"]
    )
    found = Lists(
        cues,
        "|".join(topics["calm"]),
        urgency["weight"],
        tuple(dangers),
        urgency["marks"],
        urgency["marks_no"],
        partners["lead"],
        also,
    )
    _check(found, set(partners["names"]))
    return found


def _check(found: Lists, names: set[str]) -> None:
    every = (
        [found.calm] + [say for said in found.cues.values() for _, say in said] + [a.say for a in found.also]
    )
    every += [say for d in found.dangers for say in (d.say, d.unless) if say]
    for say in every:
        try:
            empty = pl.Series([""]).str.contains(say).item()
        except pl.exceptions.ComputeError as error:
            raise ValueError(
                f"“{say}”不是可用的表达式（不能用前后断言）：{str(error).splitlines()[-1]}"
            ) from error
        if empty:
            raise ValueError(f"“{say}”连空文字也符合，请至少写一个必须出现的字。")
    strange = ({*found.leads.values(), *(a.partner for a in found.also)} - {""}) - names
    if strange or set(found.leads) != set(found.cues):
        raise ValueError(
            f"partners.yaml 与 topics.yaml 不一致：{sorted(strange)} {set(found.leads) ^ set(found.cues)}"
        )
