"""Who may be concerned at all by rules that look at households, as one column expression: cheap, two-valued, never too narrow.

A person who is certainly no whatever the household is need not be asked again because a mate changed.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import polars as pl

from chunfeng.engines.rules.fold import Edge, fold
from chunfeng.engines.rules.places import Places, places
from chunfeng.engines.rules.records import Book
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
    nodes,
)


def concerned(book: Book, as_of: date, columns: Collection[str]) -> pl.Expr | None:
    """True for rows of persons of whom some rule that looks at households may be yes or unknown; None if no rule looks at them.

    `columns`: what the table has; facts it lacks are unknown.
    """
    rules = [rule for rule in book.of(entity="person") if rule.household]
    trees = [version.when for rule in rules for version in rule.on(as_of)]
    if not trees:
        return None
    tests = [n for rule in book.rules.values() for v in rule.on(as_of) for n in nodes(v.when)]
    edges = [edge for n in tests if isinstance(n, Compare | Between) for _, edge in fold(n).comparisons]
    known = places(book, rules, dict.fromkeys(edges), as_of)
    return pl.any_horizontal(_Sieve(book, as_of, columns, known).test(tree, True) for tree in trees)


class _Sieve:
    def __init__(self, book: Book, as_of: date, columns: Collection[str], known: Places) -> None:
        self.book, self.as_of, self.columns, self.known = book, as_of, columns, known

    def test(self, node: Node, benefit: bool) -> pl.Expr:
        """`benefit` True: not certainly no; False: certainly yes. What depends on place or household is given the benefit."""
        if isinstance(node, And | Or):
            parts = [self.test(part, benefit) for part in node.parts]
            return pl.all_horizontal(parts) if isinstance(node, And) else pl.any_horizontal(parts)
        if isinstance(node, Not):
            return ~self.test(node.part, not benefit)
        if isinstance(node, Named):
            versions = self.book.rules[node.name].on(self.as_of)
            whole = len(versions) == 1 and versions[0].area == ""
            return self.test(versions[0].when, benefit) if whole else pl.lit(benefit)
        if isinstance(node, Members) or node.fact not in self.columns:
            return pl.lit(benefit)
        value = pl.col(node.fact)
        if isinstance(node, Holds):
            return value.fill_null(benefit)
        if isinstance(node, Among):
            among = value.is_in(list(node.values))
            return (~among if node.negated else among).fill_null(benefit)
        folded = fold(node)
        tests = [self._compare(value, op, edge) for op, edge in folded.comparisons]
        if any(one is None for one in tests):
            return pl.lit(benefit)
        certain = [one.fill_null(benefit) for one in tests if one is not None]
        return pl.all_horizontal(certain) if folded.every else pl.any_horizontal(certain)

    def _compare(self, value: pl.Expr, op: str, edge: Edge) -> pl.Expr | None:
        wanted = self.known.fixed.get(edge)
        if wanted is None:
            return None
        right = pl.lit(wanted)
        return {
            "=": value == right, "!=": value != right, "<": value < right, "<=": value <= right, ">": value > right,
            ">=": value >= right,
        }[op]  # fmt: skip
