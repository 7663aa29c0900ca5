"""One case, step by step: the answer with every value it hangs on. Kleene's three values, independent of the compiler.

Ages and months are counted here from the dates; the compiler turns them into days to compare with. The two must agree.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from chunfeng.engines.rules import days
from chunfeng.engines.rules.records import Book, Case, Rule, Version
from chunfeng.engines.rules.tree import (
    Among,
    And,
    AsOf,
    Compare,
    Constant,
    Holds,
    Members,
    Named,
    Node,
    Not,
    Operand,
    Or,
    Value,
)

Answer = bool | None
"""yes, no, unknown."""
WORDS: dict[Answer, str] = {True: "yes", False: "no", None: "unknown"}
_COMPARE: dict[str, Callable[..., bool]] = {
    "=": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """A node with its answer. `case`: of whom it was asked; `value`: of the fact; `wanted`: values of the operands (None: a
    parameter that has none here); `version`: of a name; `known`: for household functions, whether all members are known."""

    node: Node
    answer: Answer
    case: Case
    parts: tuple[Step, ...] = ()
    value: Value | None = None
    wanted: tuple[Value | None, ...] = ()
    version: Version | None = None
    known: bool = True


def all_of(answers: Iterable[Answer]) -> Answer:
    """no if one is no, else unknown if one is unknown, else yes."""
    found: Answer = True
    for answer in answers:
        if answer is False:
            return False
        if answer is None:
            found = None
    return found


def any_of(answers: Iterable[Answer]) -> Answer:
    """yes if one is yes, else unknown if one is unknown, else no."""
    found: Answer = False
    for answer in answers:
        if answer:
            return True
        if answer is None:
            found = None
    return found


def opposite(answer: Answer) -> Answer:
    """Of unknown, unknown."""
    return None if answer is None else not answer


class Walker:
    """Walks cases through a book on one day. Each name is asked once per case."""

    def __init__(self, book: Book, as_of: date) -> None:
        self.book, self.as_of = book, as_of
        self._asked: dict[tuple[int, str], Step] = {}
        self._kept: list[Case] = []
        self._versions: dict[tuple[str, str | None], Version | None] = {}
        self._given: dict[tuple[str, str | None], Value | None] = {}
        self.turning: dict[int, date | None] = {}
        """By identity of a step kept here: the first later day on which a test below it turns, once looked for."""

    def answer(self, name: str, case: Case) -> Answer:
        """What the rule or definition answers for the case. Raises KeyError for a name not in the book."""
        return self.name(name, case).answer

    def name(self, name: str, case: Case) -> Step:
        """The step of a rule or definition, in the version in force at the case's area."""
        key = (id(case), name)
        found = self._asked.get(key)
        if found is None:
            found = self._asked[key] = self._named(self.book.rules[name], case)
            self._kept.append(case)
        return found

    def version(self, version: Version, case: Case) -> Step:
        """The step of one version, whether or not it is in force."""
        inner = self.node(version.when, case)
        return Step(Named(version.rule), inner.answer, case, (inner,), version=version)

    def _named(self, rule: Rule, case: Case) -> Step:
        node = Named(rule.rule)
        valid = rule.on(self.as_of)
        key = (rule.rule, case.area)
        if key not in self._versions:
            self._versions[key] = rule.at(case.area, self.as_of)
        version = self._versions[key]
        if version is not None:
            return self.version(version, case)
        if case.area is None and valid:
            # which version holds is open; only where none could help is the answer no
            inner = tuple(self.node(v.when, case) for v in valid)
            everywhere = rule.kind != "definition" or any(v.area == "" for v in valid)
            certain = everywhere and all(step.answer is False for step in inner)
            return Step(node, False if certain else None, case, inner)
        return Step(node, None if rule.kind == "definition" else False, case)

    def node(self, node: Node, case: Case) -> Step:
        """The step of any node."""
        if isinstance(node, Named):
            return self.name(node.name, case)
        if isinstance(node, And | Or):
            parts = tuple(self.node(part, case) for part in node.parts)
            combine = all_of if isinstance(node, And) else any_of
            return Step(node, combine(p.answer for p in parts), case, parts)
        if isinstance(node, Not):
            part = self.node(node.part, case)
            return Step(node, opposite(part.answer), case, (part,))
        if isinstance(node, Members):
            return self._members(node, case)
        value = case.facts.get(node.fact)
        if isinstance(node, Holds):
            return Step(node, bool(value) if value is not None else None, case, value=value)
        if isinstance(node, Among):
            among = None if value is None else (value in node.values) != node.negated
            return Step(node, among, case, value=value)
        if isinstance(node, Compare):
            wanted: tuple[Value | None, ...] = (self.operand(node.to, case),)
            answer = compare(node.op, node.unit, value, wanted[0], self.as_of)
        else:
            wanted = (self.operand(node.low, case), self.operand(node.high, case))
            ends = zip((">=", "<="), wanted, strict=True)
            answer = all_of(compare(op, node.unit, value, end, self.as_of) for op, end in ends)
        return Step(node, answer, case, value=value, wanted=wanted)

    def operand(self, operand: Operand, case: Case) -> Value | None:
        """What is compared with, at the case's area."""
        if isinstance(operand, Constant):
            return operand.value
        if isinstance(operand, AsOf):
            return self.as_of
        key = (operand.name, case.area)
        if key not in self._given:
            self._given[key] = self.book.value(operand.name, case.area, self.as_of)
        return self._given[key]

    def _members(self, node: Members, case: Case) -> Step:
        asked = case.members or ()
        known = case.members is not None if case.entity == "person" else bool(asked)
        if case.entity == "person":
            asked = (case, *asked)
        parts = tuple(self.node(node.part, member) for member in asked)
        yes = sum(p.answer is True for p in parts)
        most = yes + sum(p.answer is None for p in parts)
        wanted: tuple[Value | None, ...] = ()
        if node.how == "any":
            answer: Answer = True if yes else (False if known and not most else None)
        elif node.how == "all":
            answer = False if most < len(parts) else (True if known and yes == len(parts) else None)
        else:
            wanted = (self.operand(node.to, case),)
            answer = count(node.op, yes, most if known else None, wanted[0])
        return Step(node, answer, case, parts, wanted=wanted, known=known)


def compare(op: str, unit: str, value: Value | None, wanted: Value | None, as_of: date) -> Answer:
    """A fact's value (of unit age, months, days: what is measured of it on the day) against a value; unknown if one is."""
    if value is None or wanted is None:
        return None
    if unit != "value" and isinstance(value, date):
        return _COMPARE[op](days.measure(unit, value, as_of), wanted)
    return _COMPARE[op](value, wanted)


def count(op: str, yes: int, most: int | None, wanted: Value | None) -> Answer:
    """Whether a number between `yes` and `most` (None: no upper end) compares so; unknown while some do and some do not."""
    if not isinstance(wanted, int):
        return None
    if op in ("!=", "<", "<="):
        return opposite(count({"!=": "=", "<": ">=", "<=": ">"}[op], yes, most, wanted))
    if op == "=":
        if yes > wanted or (most is not None and most < wanted):
            return False
        return True if yes == most == wanted else None
    least = wanted if op == ">=" else wanted + 1
    if yes >= least:
        return True
    return False if most is not None and most < least else None
