"""What the rules ask: conditions one by one, and the facts under each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

import polars as pl

from chunfeng.engines.rules.records import Book, Version
from chunfeng.engines.rules.sentences import Phrases
from chunfeng.engines.rules.tree import Among, Between, Compare, Holds, Members, Named, Node, children


def conditions(book: Book, version: Version, as_of: date) -> list[tuple[str, Node]]:
    """The version's conditions one by one, named as `decide` names them."""
    phrases = Phrases(book, as_of, version.area)
    return [(phrases.say(node), node) for node in book.conditions(version, as_of)]


def asked_facts(
    book: Book, node: Node, as_of: date, members: bool = False, *, into_rules: bool = False
) -> Iterator[tuple[str, bool]]:
    """(fact, of members) for every fact under a condition; other rules in it have reasons of their own, unless `into_rules`."""
    if isinstance(node, Named):
        rule = book.rules[node.name]
        at = next(reversed(rule.on(as_of)), None)
        if at is not None and (into_rules or rule.kind == "definition"):
            yield from asked_facts(book, at.when, as_of, members, into_rules=into_rules)
    elif isinstance(node, Members):
        yield from asked_facts(book, node.part, as_of, True, into_rules=into_rules)
    elif isinstance(node, Holds | Among | Compare | Between):
        yield node.fact, members
    else:
        for child in children(node):
            yield from asked_facts(book, child, as_of, members, into_rules=into_rules)


def asked_table(book: Book, versions: Sequence[Version], as_of: date) -> pl.DataFrame:
    """version, condition, fact, members: every fact that a condition of a version asks, of the subject or of its household."""
    rows = [
        (version.version, phrase, fact, members)
        for version in versions
        for phrase, node in conditions(book, version, as_of)
        for fact, members in dict.fromkeys(asked_facts(book, node, as_of))
    ]
    schema = {"version": pl.String, "condition": pl.String, "fact": pl.String, "members": pl.Boolean}
    return pl.DataFrame(rows, schema=schema, orient="row")
