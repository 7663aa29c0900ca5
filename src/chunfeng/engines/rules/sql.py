"""Conditions as SQL expressions, built node by node with sqlglot; no text of a rule ever reaches a database."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlglot import exp

from chunfeng.engines.rules.catalogue import SCALE, Catalogue
from chunfeng.engines.rules.fold import Edge, fold
from chunfeng.engines.rules.places import Places
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
    Parameter,
    Value,
)

TYPES = {
    "yes_no": "BOOLEAN",
    "date": "DATE",
    "integer": "BIGINT",
    "decimal": f"DECIMAL(18, {SCALE})",
    "code": "TEXT",
}
_COMPARE: dict[str, type[exp.Binary]] = {
    "=": exp.EQ, "!=": exp.NEQ, "<": exp.LT, "<=": exp.LTE, ">": exp.GT, ">=": exp.GTE,
}  # fmt: skip
Sql = exp.Expr


def column(name: str, table: str = "") -> exp.Column:
    """A quoted column."""
    return exp.column(exp.to_identifier(name, quoted=True), table=table or None)


def alias(expression: Sql, name: str) -> Sql:
    """A column of a SELECT by a quoted name. sqlglot's own helper copies the expression, which adds up."""
    return exp.Alias(this=expression, alias=exp.to_identifier(name, quoted=True))


def cast(expression: Sql, kind: str) -> Sql:
    """CAST … AS."""
    return exp.Cast(this=expression, to=exp.DataType.build(kind))


def unknown(kind: str = "BOOLEAN") -> Sql:
    """NULL of a type."""
    return cast(exp.null(), kind)


def typed(value: Value | None, fact_type: str) -> Sql:
    """A literal of a fact's type, cast so that every dialect reads the same type."""
    kind = TYPES[fact_type]
    if value is None:
        return unknown(kind)
    if isinstance(value, bool):
        return exp.true() if value else exp.false()
    if isinstance(value, date):
        return cast(exp.Literal.string(f"{value.year:04}-{value:%m-%d}"), kind)
    if isinstance(value, Decimal):
        return cast(number(value), kind)
    return number(value) if isinstance(value, int) else exp.Literal.string(value)


def number(value: int | Decimal) -> Sql:
    """A number as written, negative ones in brackets' sense."""
    literal = exp.Literal.number(f"{abs(value):f}" if isinstance(value, Decimal) else str(abs(value)))
    return exp.Neg(this=literal) if value < 0 else literal


def case(*whens: tuple[Sql, Sql], otherwise: Sql | None = None) -> exp.Case:
    """CASE WHEN … THEN …; NULL otherwise."""
    ifs = [exp.If(this=condition, true=value) for condition, value in whens]
    return exp.Case(ifs=ifs, default=otherwise)


def both(*parts: Sql) -> Sql:
    """AND."""
    return exp.and_(*parts, copy=False)


def either(*parts: Sql) -> Sql:
    """OR."""
    return exp.or_(*parts, copy=False)


def is_unknown(part: Sql) -> Sql:
    """Neither yes nor no."""
    return exp.Is(this=exp.paren(part, copy=False), expression=exp.null())


def total(parts: Sequence[Sql]) -> Sql:
    """The sum; 0 of none."""
    found = parts[0] if parts else number(0)
    for part in parts[1:]:
        found = exp.Add(this=found, expression=part)
    return found


def not_false(part: Sql) -> Sql:
    """Yes or unknown. As COALESCE, since DuckDB hands IS NOT FALSE on to scans of Arrow tables that cannot do it."""
    return exp.Coalesce(this=part, expressions=[exp.true()])


def is_false(part: Sql) -> Sql:
    """Certainly no."""
    return exp.Not(this=not_false(part))


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes nodes as expressions over columns: facts and definitions by their name, edges and household functions by number.

    `columns`: facts the table has (others are unknown); `members`: function → its expression, None: all unknown for now;
    `renamed`: names that stand in other columns.
    """

    catalogue: Catalogue
    places: Places
    columns: Collection[str]
    edge_columns: Mapping[Edge, str]
    members: Mapping[Members, Sql] | None
    renamed: Mapping[str, str]

    def write(self, node: Node) -> Sql:
        """The expression; three values as SQL has them."""
        if isinstance(node, And | Or):
            parts = [self.write(part) for part in node.parts]
            return both(*parts) if isinstance(node, And) else either(*parts)
        if isinstance(node, Not):
            return exp.Not(this=exp.paren(self.write(node.part), copy=False))
        if isinstance(node, Named):
            return column(self.renamed.get(node.name, node.name))
        if isinstance(node, Members):
            return unknown() if self.members is None else self.members[node].copy()
        fact = self.catalogue.facts[node.fact]
        if node.fact not in self.columns:
            return unknown()
        this = column(node.fact)
        if isinstance(node, Holds):
            return this
        if isinstance(node, Among):
            among = exp.In(this=this, expressions=[typed(v, fact.type) for v in node.values])
            return exp.Not(this=among) if node.negated else among
        return self._tests(node, fact.type)

    def _tests(self, node: Compare | Between, fact_type: str) -> Sql:
        folded = fold(node)
        tests: list[Sql] = []
        for op, edge in folded.comparisons:
            right = self.edge(edge, fact_type)
            tests.append(_COMPARE[op](this=column(node.fact), expression=right))
        return both(*tests) if folded.every else either(*tests)

    def edge(self, edge: Edge, fact_type: str) -> Sql:
        """The right side: a literal, or a column of the place."""
        if edge in self.edge_columns:
            return column(self.edge_columns[edge])
        return typed(self.places.fixed[edge], fact_type)


MOST_IN_SIEVE = 400
"""Tests a sieve may hold; a condition that is longer, written out, is let through."""


@dataclass(slots=True)
class Sieve:
    """A two-valued test that every row passes for which a condition may be yes or unknown, and few others.

    Databases take a chain of definitions apart and compute shared gates once per rule. So rows are sieved first, by a test with
    definitions written out, in which AND and OR stop early; what depends on place or household counts as passed.
    """

    writer: Writer
    trees: Mapping[str, Node | None]
    left: int = MOST_IN_SIEVE

    def may_be(self, node: Node) -> Sql:
        """Not certainly no."""
        return self._test(node, True)

    def _test(self, node: Node, benefit: bool) -> Sql:
        """`benefit` True: not certainly no; False: certainly yes."""
        self.left -= 1
        if isinstance(node, And | Or):
            parts = [self._test(part, benefit) for part in node.parts]
            return both(*parts) if isinstance(node, And) else either(*parts)
        if isinstance(node, Not):
            return exp.Not(this=exp.paren(self._test(node.part, not benefit), copy=False))
        if isinstance(node, Named):
            tree = self.trees.get(node.name)
            if tree is not None and self.left > 0:
                return self._test(tree, benefit)
            return _constant(benefit)
        if isinstance(node, Members) or self._by_place(node):
            return _constant(benefit)
        return exp.Coalesce(this=self.writer.write(node), expressions=[_constant(benefit)])

    def _by_place(self, node: Node) -> bool:
        edges = edges_of(node) if isinstance(node, Compare | Between) else []
        return any(edge in self.writer.edge_columns for edge in edges)


def _constant(value: bool) -> Sql:
    return exp.true() if value else exp.false()


def edges_of(node: Compare | Between) -> list[Edge]:
    """What the node compares with."""
    return [edge for _, edge in fold(node).comparisons]


def column_type(edge: Edge, parameter_types: Mapping[str, str]) -> str:
    """The fact type of a column that holds an edge."""
    if edge.unit != "value":
        return "date"
    return parameter_types[edge.operand.name] if isinstance(edge.operand, Parameter) else "date"


def member_answer(node: Members, yes: Sql, maybe: Sql, size: Sql, known: Sql, wanted: Sql) -> Sql:
    """The three-valued answer of a household function from counts of members: certainly yes, unknown, all.

    `known`: whether the members are all there are; if not, more may be yes.
    """
    most = exp.Add(this=yes, expression=maybe)

    def test(compare: type[exp.Binary], left: Sql, right: Sql) -> Sql:
        return compare(this=left.copy(), expression=right.copy())

    if node.how == "any":
        none = both(known.copy(), test(exp.EQ, most, number(0)))
        return case((test(exp.GT, yes, number(0)), exp.true()), (none, exp.false()))
    if node.how == "all":
        full = both(known.copy(), test(exp.EQ, yes, size))
        return case((test(exp.LT, most, size), exp.false()), (full, exp.true()))
    if node.op in ("!=", "<", "<="):
        op = {"!=": "=", "<": ">=", "<=": ">"}[node.op]
        return exp.Not(
            this=member_answer(Members("count", node.part, op, node.to), yes, maybe, size, known, wanted)
        )
    if node.op == "=":
        outside = either(test(exp.GT, yes, wanted), both(known.copy(), test(exp.LT, most, wanted)))
        exact = both(known.copy(), test(exp.EQ, yes, wanted), test(exp.EQ, maybe, number(0)))
        return case((outside, exp.false()), (exact, exp.true()))
    reached, short = (exp.GTE, exp.LT) if node.op == ">=" else (exp.GT, exp.LTE)
    return case(
        (test(reached, yes, wanted), exp.true()), (both(known.copy(), test(short, most, wanted)), exp.false())
    )
