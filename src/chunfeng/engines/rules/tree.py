"""The checked condition: a tree of frozen nodes, the one form that is compiled, walked and generated from.

No node carries text to be executed: names are names of the catalogue and the book, values are typed Python values.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

Value = bool | int | Decimal | date | str
"""yes_no, integer, decimal, date, code."""
UNITS = {"value": "", "age": "周岁", "months": "个月", "days": "天"}
"""What is measured of a fact: itself, or completed years, whole months, days since it on the as-of date."""


@dataclass(frozen=True, slots=True)
class Constant:
    """A literal of the fact's type."""

    value: Value


@dataclass(frozen=True, slots=True)
class Parameter:
    """A dated, area-scoped value of the book, by its English name."""

    name: str


@dataclass(frozen=True, slots=True)
class AsOf:
    """The day asked about."""


Operand = Constant | Parameter | AsOf


@dataclass(frozen=True, slots=True)
class Holds:
    """A yes_no fact."""

    fact: str


@dataclass(frozen=True, slots=True)
class Compare:
    """`unit` of the fact, operator (= != < <= > >=), operand."""

    fact: str
    unit: str
    op: str
    to: Operand


@dataclass(frozen=True, slots=True)
class Among:
    """The fact is one (negated: none) of the values."""

    fact: str
    values: tuple[Value, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Between:
    """Both ends included."""

    fact: str
    unit: str
    low: Operand
    high: Operand


@dataclass(frozen=True, slots=True)
class Named:
    """A definition of the book, or what another rule answers on the same day in the same place."""

    name: str


@dataclass(frozen=True, slots=True)
class Members:
    """`how`: any, all, or count (then `op` and `to`). The part is asked of every member of the household, oneself included."""

    how: str
    part: Node
    op: str = ""
    to: Operand = Constant(0)


@dataclass(frozen=True, slots=True)
class And:
    """All parts; at least two."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """One of the parts; at least two."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite; of unknown, unknown."""

    part: Node


Leaf = Holds | Compare | Among | Between
Node = And | Or | Not | Named | Members | Leaf


def children(node: Node) -> tuple[Node, ...]:
    """The nodes directly below, that of a household function included; not what a name stands for."""
    if isinstance(node, And | Or):
        return node.parts
    if isinstance(node, Not | Members):
        return (node.part,)
    return ()


def nodes(node: Node) -> Iterator[Node]:
    """The node and all below it."""
    yield node
    for child in children(node):
        yield from nodes(child)


def operands(node: Node) -> tuple[Operand, ...]:
    """What the node itself compares with."""
    if isinstance(node, Compare | Members):
        return (node.to,)
    if isinstance(node, Between):
        return (node.low, node.high)
    return ()


def parameters(node: Node) -> set[str]:
    """Names of the parameters in the tree."""
    return {o.name for n in nodes(node) for o in operands(n) if isinstance(o, Parameter)}


def facts(node: Node) -> set[str]:
    """Names of the facts in the tree, those asked of household members included."""
    return {n.fact for n in nodes(node) if isinstance(n, Holds | Compare | Among | Between)}


def names(node: Node) -> set[str]:
    """Definitions and rules the tree refers to."""
    return {n.name for n in nodes(node) if isinstance(n, Named)}


def write(node: Node) -> str:
    """The condition as text of the grammar; reading it gives the same tree."""
    if isinstance(node, And | Or):
        word = " AND " if isinstance(node, And) else " OR "
        return word.join(_bracketed(part) for part in node.parts)
    if isinstance(node, Not):
        return f"NOT {_bracketed(node.part)}"
    if isinstance(node, Members):
        tail = f" {node.op} {_operand(node.to)}" if node.how == "count" else ""
        return f"{node.how}_member{'' if node.how == 'any' else 's'}({write(node.part)}){tail}"
    if isinstance(node, Named):
        return node.name
    if isinstance(node, Holds):
        return node.fact
    if isinstance(node, Among):
        listed = ", ".join(_operand(Constant(value)) for value in node.values)
        return f"{node.fact} {'NOT ' if node.negated else ''}IN ({listed})"
    subject = node.fact if node.unit == "value" else f"{node.unit}({node.fact})"
    if isinstance(node, Between):
        return f"{subject} BETWEEN {_operand(node.low)} AND {_operand(node.high)}"
    return f"{subject} {node.op} {_operand(node.to)}"


def _bracketed(node: Node) -> str:
    return f"({write(node)})" if isinstance(node, And | Or | Not) else write(node)


def _operand(operand: Operand) -> str:
    if isinstance(operand, Parameter):
        return f":{operand.name}"
    if isinstance(operand, AsOf):
        return "as_of"
    if isinstance(operand.value, date):
        return f"DATE '{operand.value.isoformat()}'"
    return f"'{operand.value}'" if isinstance(operand.value, str) else str(operand.value)
