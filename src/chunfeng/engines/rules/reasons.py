"""What an answer hangs on: the tests that decide it, the fewest that would have to change, and the day time changes one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from chunfeng.engines.rules.days import reached_on
from chunfeng.engines.rules.fold import fold
from chunfeng.engines.rules.tree import And, AsOf, Between, Compare, Members, Named, Not
from chunfeng.engines.rules.walk import Answer, Step, compare

Steps = tuple[Step, ...]


def deciding(step: Step) -> Steps:
    """The fewest tests whose answers alone fix the answer; of an unknown, those that are open and would matter."""
    node, answer = step.node, step.answer
    if not step.parts:
        return (step,)
    if isinstance(node, Not):
        return deciding(step.parts[0])
    if isinstance(node, Named):
        return _together(step.parts, (step,) if step.version is None else ())
    if isinstance(node, Members):
        return _deciding_members(step)
    if answer is None:
        return _together(part for part in step.parts if part.answer is None)
    if answer is isinstance(node, And):
        return _together(step.parts)
    return _shortest(deciding(part) for part in step.parts if part.answer is answer)


def _deciding_members(step: Step) -> Steps:
    how, answer = step.node.how, step.answer  # type: ignore[union-attr]
    if how == "count":
        return _together((p for p in step.parts if answer is not None or p.answer is None), (step,))
    if answer is None:
        return _together((p for p in step.parts if p.answer is None), () if step.known else (step,))
    if answer is (how == "any"):
        return _shortest(deciding(part) for part in step.parts if part.answer is answer)
    return _together(step.parts, (step,))


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """A test that would have to come out as `wanted`."""

    step: Step
    wanted: bool


def fewest_changes(step: Step, target: bool) -> tuple[Change, ...]:
    """The fewest tests that must come out otherwise (or become known) for the answer to be `target`; none if it is already."""
    node = step.node
    if step.answer is target:
        return ()
    if not step.parts or (isinstance(node, Members) and node.how == "count"):
        return (Change(step, target),)
    if isinstance(node, Not):
        return fewest_changes(step.parts[0], not target)
    if isinstance(node, Named):
        return (Change(step, target),) if step.version is None else fewest_changes(step.parts[0], target)
    every = (isinstance(node, And) or (isinstance(node, Members) and node.how == "all")) == target
    ways = [fewest_changes(part, target) for part in step.parts]
    if not every:
        return min(ways, key=len)
    found = {(id(c.step.case), c.step.node, c.wanted): c for way in ways for c in way}
    if isinstance(node, Members) and not step.known:
        return (*found.values(), Change(step, target))
    return tuple(found.values())


def _together(parts: Iterable[Step], more: Steps = ()) -> Steps:
    return _distinct([s for part in parts for s in deciding(part)] + list(more))


def _distinct(steps: Sequence[Step]) -> Steps:
    if len(steps) < 2:
        return tuple(steps)
    return tuple({(id(s.case), s.node): s for s in steps}.values())


def _shortest(ways: Iterable[Steps]) -> Steps:
    return min(ways, key=len)


def turns_on(step: Step, as_of: date) -> date | None:
    """The first day after `as_of` on which the test comes out otherwise although nothing new becomes known; None if never.

    Parameters and versions that change are not looked at: `Book.change_days` tells those.
    """
    node, value = step.node, step.value
    if not isinstance(node, Compare | Between) or not isinstance(value, date):
        return None
    days: set[date] = set()
    operands = (node.to,) if isinstance(node, Compare) else (node.low, node.high)
    wanted = dict(zip(operands, step.wanted, strict=True))
    for _, edge in fold(node).comparisons:
        number = wanted[edge.operand]
        if edge.unit != "value" and isinstance(number, int):
            days.add(reached_on(edge.unit, value, number + edge.shift))
        elif isinstance(edge.operand, AsOf):
            days |= {value, reached_on("days", value, 1)}
    return next((day for day in sorted(days) if day > as_of and tested(step, day) is not step.answer), None)


def tested(step: Step, as_of: date) -> Answer:
    """The answer of a test of one fact on another day, with the same operands but for the day itself."""
    node = step.node
    if not isinstance(node, Compare | Between):
        return step.answer
    if isinstance(node, Compare):
        return compare(
            node.op, node.unit, step.value, as_of if isinstance(node.to, AsOf) else step.wanted[0], as_of
        )
    ends = [
        as_of if isinstance(o, AsOf) else w for o, w in zip((node.low, node.high), step.wanted, strict=True)
    ]
    low, high = (
        compare(op, node.unit, step.value, end, as_of) for op, end in zip((">=", "<="), ends, strict=True)
    )
    return False if low is False or high is False else None if low is None or high is None else True
