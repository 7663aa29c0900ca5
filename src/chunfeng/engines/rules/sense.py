"""Whether a condition can be met and can fail: one that is always yes, never yes, or decided when nothing is known is refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal

from chunfeng.engines.rules import days
from chunfeng.engines.rules.catalogue import Catalogue
from chunfeng.engines.rules.tree import (
    Among,
    And,
    AsOf,
    Between,
    Compare,
    Constant,
    Holds,
    Members,
    Named,
    Node,
    Not,
    Operand,
    Or,
    Parameter,
    Value,
    nodes,
)
from chunfeng.engines.rules.walk import Answer, all_of, any_of, compare, count, opposite

BUDGET = 2_000
"""Evaluations after which a condition counts as too tangled to be judged."""
Meaning = Callable[[str], Node | None]
Resolve = Callable[[str], Value | None]


def fault(
    node: Node, catalogue: Catalogue, meaning: Meaning, value_of: Resolve, as_of: date
) -> tuple[str, str] | None:
    """What is wrong with it and the mend, or None. `meaning`: the tree behind a definition's name (None: leave it open);
    `value_of`: a parameter's value (None: leave open). Dates are judged as on `as_of`."""
    when_nothing_is_known = _blank(node)
    if when_nothing_is_known is not None:
        word = "成立" if when_nothing_is_known else "不成立"
        return f"什么都不知道时条件已经{word}", "条件要取决于事实 / decided when all facts are unknown"
    for expand in (True, False):
        tree = _opened(node, meaning if expand else lambda name: None, value_of, {})
        search = _Search(tree, catalogue, as_of)
        try:
            if not search.reaches(True):
                return "条件永远不成立", "检查互相矛盾的部分 / it can never be yes"
            if not search.reaches(False):
                return "条件永远成立", "检查互相补足的部分 / it can never be no"
            return None
        except _TooMuchError:
            continue
    return "条件太复杂，无法判断是否恒真", "拆成几个定义 / too tangled, split it"


def _blank(node: Node) -> Answer:
    """The answer when every fact is unknown but the household's being known."""
    if isinstance(node, And | Or):
        return (all_of if isinstance(node, And) else any_of)(_blank(part) for part in node.parts)
    if isinstance(node, Not):
        return opposite(_blank(node.part))
    if isinstance(node, Members) and node.how == "count" and isinstance(node.to, Constant):
        return count(node.op, 0, None, node.to.value)
    return None


def _opened(node: Node, meaning: Meaning, value_of: Resolve, seen: dict[Node, Node]) -> Node:
    """Definitions in place of their names, values in place of parameters; what stays open becomes a yes_no fact of its own."""
    if node in seen:
        return seen[node]
    if isinstance(node, And | Or):
        parts = tuple(_opened(part, meaning, value_of, seen) for part in node.parts)
        found: Node = And(parts) if isinstance(node, And) else Or(parts)
    elif isinstance(node, Not):
        found = Not(_opened(node.part, meaning, value_of, seen))
    elif isinstance(node, Named):
        inner = meaning(node.name)
        found = Holds(f"@{node.name}") if inner is None else _opened(inner, meaning, value_of, seen)
    elif isinstance(node, Members):
        found = Holds(f"@{len(seen)}")
    elif isinstance(node, Compare):
        to = _valued(node.to, value_of)
        found = Holds(f"@{len(seen)}") if to is None else Compare(node.fact, node.unit, node.op, to)
    elif isinstance(node, Between):
        low, high = _valued(node.low, value_of), _valued(node.high, value_of)
        open_end = low is None or high is None
        found = Holds(f"@{len(seen)}") if open_end else Between(node.fact, node.unit, low, high)  # type: ignore[arg-type]
    else:
        found = node
    seen[node] = found
    return found


def _valued(operand: Operand, value_of: Resolve) -> Operand | None:
    if not isinstance(operand, Parameter):
        return operand
    value = value_of(operand.name)
    return None if value is None else Constant(value)


class _TooMuchError(Exception):
    pass


class _Search:
    """Looks for values of the facts under which the tree is yes, or no: one fact after the other, leaving decided branches."""

    def __init__(self, tree: Node, catalogue: Catalogue, as_of: date) -> None:
        self.tree, self.as_of, self.left = tree, as_of, BUDGET
        edges: dict[str, set[Value]] = {}
        for node in nodes(tree):
            if isinstance(node, Holds | Among | Compare | Between):
                edges.setdefault(node.fact, set()).update(self._edges(node))
        self.choices = {name: _choices(name, found, catalogue) for name, found in edges.items()}
        self.order = list(self.choices)

    def reaches(self, target: bool) -> bool:
        """Whether some facts give that answer."""
        self.left = BUDGET
        return self._try(target, 0, {})

    def _try(self, target: bool, index: int, facts: dict[str, Value]) -> bool:
        self.left -= 1
        if self.left < 0:
            raise _TooMuchError
        answer = self._answer(self.tree, facts)
        if answer is not None or index == len(self.order):
            return answer is target
        name = self.order[index]
        return any(self._try(target, index + 1, {**facts, name: value}) for value in self.choices[name])

    def _answer(self, node: Node, facts: Mapping[str, Value]) -> Answer:
        if isinstance(node, And | Or):
            return (all_of if isinstance(node, And) else any_of)(
                self._answer(part, facts) for part in node.parts
            )
        if isinstance(node, Not):
            return opposite(self._answer(node.part, facts))
        if isinstance(node, Named | Members):
            return None
        value = facts.get(node.fact)
        if isinstance(node, Holds):
            return None if value is None else bool(value)
        if isinstance(node, Among):
            return None if value is None else (value in node.values) != node.negated
        ends = ((node.op, node.to),) if isinstance(node, Compare) else ((">=", node.low), ("<=", node.high))
        return all_of(compare(op, node.unit, value, self._constant(to), self.as_of) for op, to in ends)

    def _constant(self, operand: Operand) -> Value | None:
        if isinstance(operand, AsOf):
            return self.as_of
        return operand.value if isinstance(operand, Constant) else None

    def _edges(self, node: Holds | Among | Compare | Between) -> set[Value]:
        """Values at which the test of the fact turns."""
        if isinstance(node, Holds):
            return set()
        if isinstance(node, Among):
            return set(node.values)
        found: set[Value] = set()
        for operand in (node.to,) if isinstance(node, Compare) else (node.low, node.high):
            value = self._constant(operand)
            if node.unit == "value" and value is not None:
                found.add(value)
            elif isinstance(value, int):
                found |= {days.latest_for(node.unit, value + one, self.as_of) for one in (0, 1)}
        return found


def _choices(name: str, edges: set[Value], catalogue: Catalogue) -> list[Value]:
    """Values of the fact that stand for all others: at every edge, and just to both sides."""
    fact = catalogue.facts.get(name)
    if fact is None or fact.type == "yes_no":
        return [True, False]
    if fact.type == "code":
        return list(fact.values)
    found: set[Value] = set()
    for edge in edges:
        if isinstance(edge, date):
            day = timedelta(days=1)
            found |= {
                edge,
                edge - day if edge > days.FIRST else edge,
                edge + day if edge < days.LAST else edge,
            }
        elif isinstance(edge, int | Decimal):
            step = 1 if fact.type == "integer" else Decimal("0.0001")
            found |= {edge, edge - step, edge + step}
    return sorted(found, key=str)
