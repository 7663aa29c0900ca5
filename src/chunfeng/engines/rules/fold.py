"""Tests of dates as plain comparisons with a day: `age(birth_date) >= 50` on a day is `birth_date <= 1973-01-15`.

Databases disagree on date arithmetic, so none is left to them: what is compared with is computed here, by `days`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from chunfeng.engines.rules.days import latest_for
from chunfeng.engines.rules.tree import AsOf, Between, Compare, Constant, Operand, Parameter, Value


@dataclass(frozen=True, slots=True)
class Edge:
    """The right side of a comparison: the operand itself, or the last day on which `unit` is operand + `shift` or more."""

    operand: Operand
    unit: str = "value"
    shift: int = 0

    @property
    def parameter(self) -> str:
        """The parameter it depends on; blank for none."""
        return self.operand.name if isinstance(self.operand, Parameter) else ""

    def at(self, value: Value | None, as_of: date) -> Value | None:
        """What to compare with. `value`: of the parameter (ignored without one); None stays None."""
        if isinstance(self.operand, Constant):
            value = self.operand.value
        elif isinstance(self.operand, AsOf):
            value = as_of
        if self.unit == "value" or value is None:
            return value
        if not isinstance(value, int):
            raise TypeError(f"{self.unit} of {value!r}")
        return latest_for(self.unit, value + self.shift, as_of)


@dataclass(frozen=True, slots=True)
class Folded:
    """Comparisons of the fact with edges: all must hold, or (`every` False) one."""

    comparisons: tuple[tuple[str, Edge], ...]
    every: bool = True


def fold(node: Compare | Between) -> Folded:
    """The comparisons that say the same as the test."""
    unit = node.unit
    if isinstance(node, Between):
        if unit == "value":
            return Folded(((">=", Edge(node.low)), ("<=", Edge(node.high))))
        return Folded((("<=", Edge(node.low, unit)), (">", Edge(node.high, unit, 1))))
    if unit == "value":
        return Folded(((node.op, Edge(node.to)),))
    reached, passed = Edge(node.to, unit), Edge(node.to, unit, 1)
    if node.op in (">=", "<"):
        return Folded((("<=" if node.op == ">=" else ">", reached),))
    if node.op in (">", "<="):
        return Folded((("<=" if node.op == ">" else ">", passed),))
    if node.op == "=":
        return Folded((("<=", reached), (">", passed)))
    return Folded(((">", reached), ("<=", passed)), every=False)
