"""A Python function generated from the book for one day and place: the answers for one case in microseconds, without reasons.

The function is built as a syntax tree of fixed shapes (assignments, comparisons, ifs); values go in as objects, never as text.
"""

from __future__ import annotations

import ast
import types
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any

from chunfeng.engines.rules.fold import Edge, fold
from chunfeng.engines.rules.records import Book, Case, Rule, Version
from chunfeng.engines.rules.tree import (
    Among,
    And,
    Between,
    Compare,
    Holds,
    Members,
    Named,
    Node,
    Not,
    Or,
    Value,
    names,
    nodes,
)
from chunfeng.engines.rules.walk import Answer, count

_OPS: dict[str, type[ast.cmpop]] = {
    "=": ast.Eq, "!=": ast.NotEq, "<": ast.Lt, "<=": ast.LtE, ">": ast.Gt, ">=": ast.GtE,
}  # fmt: skip


class SingleCase:
    """Answers of some rules on one day, for one case after the other. Functions are made once per area."""

    def __init__(self, book: Book, entity: str, as_of: date, rules: Iterable[str] | None = None) -> None:
        self.book, self.entity, self.as_of = book, entity, as_of
        self.rules = [r.rule for r in book.of(entity=entity)] if rules is None else list(rules)
        trees = [v.when for name in _needed(book, self.rules, as_of) for v in book.rules[name].on(as_of)]
        self.functions = list(dict.fromkeys(n for t in trees for n in nodes(t) if isinstance(n, Members)))
        self._made: dict[str | None, Callable[..., tuple[Answer, ...]]] = {}
        self._parts: dict[str | None, list[Callable[..., tuple[Answer, ...]]]] = {}

    def answers(self, case: Case) -> dict[str, Answer]:
        """Rule → True, False or None (unknown)."""
        made = self._made.get(case.area)
        if made is None:
            generator = _Generator(self.book, self.as_of, case.area, self.functions)
            made = self._made[case.area] = generator.function([Named(name) for name in self.rules])
        return dict(zip(self.rules, made(case.facts.get, lambda i: self._ask(case, i)), strict=True))

    def _ask(self, case: Case, index: int) -> tuple[int, int, int, bool]:
        asked: Sequence[Case] = case.members or ()
        known = case.members is not None if case.entity == "person" else bool(asked)
        if case.entity == "person":
            asked = (case, *asked)
        found = [self._part(member.area, index)(member.facts.get, None)[0] for member in asked]
        yes = found.count(True)
        return yes, yes + found.count(None), len(found), known

    def _part(self, area: str | None, index: int) -> Callable[..., tuple[Answer, ...]]:
        made = self._parts.get(area)
        if made is None:
            generator = _Generator(self.book, self.as_of, area, self.functions)
            made = self._parts[area] = [generator.function([node.part]) for node in self.functions]
        return made[index]


def _needed(book: Book, rules: Iterable[str], as_of: date) -> list[str]:
    """The names and all they refer to on the day, each after what it needs."""
    found: set[str] = set()
    waiting = list(rules)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(n for v in book.rules[name].on(as_of) for n in names(v.when))
    return [name for name in book.rules if name in found]


def _any(asked: tuple[int, int, int, bool]) -> Answer:
    yes, most, _, known = asked
    return True if yes else False if known and not most else None


def _all(asked: tuple[int, int, int, bool]) -> Answer:
    yes, most, size, known = asked
    return False if most < size else True if known and yes == size else None


def _count(asked: tuple[int, int, int, bool], op: str, wanted: Value | None) -> Answer:
    yes, most, _, known = asked
    return count(op, yes, most if known else None, wanted)


class _Generator:
    """Writes one function `(get, ask) -> answers` for an area."""

    def __init__(self, book: Book, as_of: date, area: str | None, functions: Sequence[Members]) -> None:
        self.book, self.as_of, self.area = book, as_of, area
        self.number = {node: i for i, node in enumerate(functions)}

    def function(self, trees: Sequence[Node]) -> Callable[..., tuple[Answer, ...]]:
        """The function that answers those trees in order."""
        self.values: dict[str, Any] = {"_any": _any, "_all": _all, "_count": _count}
        self.variables = 0
        self.named: dict[str, str] = {}
        body: list[ast.stmt] = []
        wanted: set[str] = set()
        for tree in trees:
            # names inside household functions are asked of the members, in functions of their own
            wanted |= self._outside(tree)
        for name in self._closure(wanted):
            self.named[name] = self._rule(self.book.rules[name], body)
        results = [_name(self._node(tree, body)) for tree in trees]
        body.append(ast.Return(ast.Tuple(results, ast.Load())))
        arguments = ast.arguments([], [ast.arg("get"), ast.arg("ask")], None, [], [], None, [])
        function = ast.FunctionDef("answers", arguments, body, [], None)
        module = ast.fix_missing_locations(ast.Module([function], []))
        code = compile(module, "<rules>", "exec")
        inner = next(c for c in code.co_consts if isinstance(c, types.CodeType))
        return types.FunctionType(inner, self.values)

    def _outside(self, tree: Node) -> set[str]:
        if isinstance(tree, Members):
            return set()
        if isinstance(tree, Named):
            return {tree.name}
        if isinstance(tree, And | Or):
            return {name for part in tree.parts for name in self._outside(part)}
        return self._outside(tree.part) if isinstance(tree, Not) else set()

    def _closure(self, wanted: set[str]) -> list[str]:
        """Names asked of the case itself, each after what it needs."""
        found: set[str] = set()
        waiting = list(wanted)
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting.extend(n for v in self.book.rules[name].on(self.as_of) for n in self._outside(v.when))
        return [name for name in self.book.rules if name in found]

    def _fresh(self) -> str:
        self.variables += 1
        return f"v{self.variables}"

    def _keep(self, value: Any) -> ast.expr:
        if value is None or isinstance(value, bool | str) or type(value) is int:
            return ast.Constant(value)
        name = f"k{len(self.values)}"
        self.values[name] = value
        return _name(name)

    def _rule(self, rule: Rule, body: list[ast.stmt]) -> str:
        version = rule.at(self.area, self.as_of)
        if version is not None:
            return self._node(version.when, body)
        target = self._fresh()
        valid = rule.on(self.as_of)
        definition = rule.kind == "definition"
        if self.area is not None or not valid:
            body.append(_assign(target, ast.Constant(None if definition else False)))
            return target
        return self._open_place(target, valid, definition, body)

    def _open_place(self, target: str, valid: list[Version], definition: bool, body: list[ast.stmt]) -> str:
        """The area is unknown: no only if no version could help."""
        if definition and all(v.area for v in valid):
            body.append(_assign(target, ast.Constant(None)))
            return target
        parts = [self._node(v.when, body) for v in valid]
        certain: list[ast.expr] = [_is(_name(p), False) for p in parts]
        test = ast.BoolOp(ast.And(), certain) if len(certain) > 1 else certain[0]
        body.append(_assign(target, ast.IfExp(test, ast.Constant(False), ast.Constant(None))))
        return target

    def _node(self, node: Node, body: list[ast.stmt]) -> str:
        """Statements that put the node's answer into a variable; its name."""
        if isinstance(node, Named):
            return self.named[node.name]
        target = self._fresh()
        if isinstance(node, And | Or):
            settled = not isinstance(node, And)
            body.append(_assign(target, _name(self._node(node.parts[0], body))))
            for part in node.parts[1:]:
                inside: list[ast.stmt] = []
                other = self._node(part, inside)
                change = ast.If(
                    _is(_name(other), not settled, ast.IsNot), [_assign(target, _name(other))], []
                )
                body.append(ast.If(_is(_name(target), settled, ast.IsNot), [*inside, change], []))
            return target
        if isinstance(node, Not):
            part_name = _name(self._node(node.part, body))
            body.append(_assign(target, _unless_none(part_name, ast.UnaryOp(ast.Not(), part_name))))
            return target
        if isinstance(node, Members):
            body.append(_assign(target, self._members(node)))
            return target
        body.append(_assign(target, ast.Call(_name("get"), [ast.Constant(node.fact)], [])))
        if isinstance(node, Holds):
            return target
        value = _name(target)
        if isinstance(node, Among):
            op = ast.NotIn() if node.negated else ast.In()
            test: ast.expr = ast.Compare(value, [op], [self._keep(frozenset(node.values))])
        else:
            test = self._tests(node, value)
        body.append(_assign(target, _unless_none(value, test)))
        return target

    def _tests(self, node: Compare | Between, value: ast.expr) -> ast.expr:
        folded = fold(node)
        edges = [(op, self._edge(edge)) for op, edge in folded.comparisons]
        tests: list[ast.expr] = [
            ast.Compare(value, [_OPS[op]()], [self._keep(e)]) for op, e in edges if e is not None
        ]
        if not tests:
            return ast.Constant(None)
        joined = ast.BoolOp(ast.And() if folded.every else ast.Or(), tests) if len(tests) > 1 else tests[0]
        if len(tests) == len(edges):
            return joined
        # one end is unknown: only the other can settle it
        settled = not folded.every
        known: ast.expr = joined if settled else ast.UnaryOp(ast.Not(), joined)
        return ast.IfExp(known, ast.Constant(settled), ast.Constant(None))

    def _edge(self, edge: Edge) -> Value | None:
        value = self.book.value(edge.parameter, self.area, self.as_of) if edge.parameter else None
        return edge.at(value, self.as_of)

    def _members(self, node: Members) -> ast.expr:
        asked = ast.Call(_name("ask"), [ast.Constant(self.number[node])], [])
        if node.how != "count":
            return ast.Call(_name(f"_{node.how}"), [asked], [])
        wanted = self._edge(Edge(node.to))
        return ast.Call(_name("_count"), [asked, ast.Constant(node.op), self._keep(wanted)], [])


def _name(name: str) -> ast.expr:
    return ast.Name(name, ast.Load())


def _assign(name: str, value: ast.expr) -> ast.stmt:
    return ast.Assign([ast.Name(name, ast.Store())], value)


def _is(value: ast.expr, constant: bool | None, op: type[ast.cmpop] = ast.Is) -> ast.expr:
    return ast.Compare(value, [op()], [ast.Constant(constant)])


def _unless_none(value: ast.expr, otherwise: ast.expr) -> ast.expr:
    return ast.IfExp(_is(value, None), ast.Constant(None), otherwise)
