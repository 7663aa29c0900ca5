"""Whose missing facts leave an answer open: of a household the members in doubt, of rules that name others the undecided ones."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import polars as pl

from chunfeng.engines.rules.records import Book
from chunfeng.engines.rules.runs import decide
from chunfeng.engines.rules.tree import And, Members, Named, Node, children
from chunfeng.pipeline.asked import asked_facts, conditions


def doubts(book: Book, need: pl.DataFrame, homes: pl.DataFrame, as_of: date) -> pl.DataFrame | None:
    """(who, fact): members who themselves leave one of the open household conditions open, and the facts they leave open.

    None where a condition is not of the form any_member(name AND name …): then every fact not known counts.
    """
    wanted = {(v, c) for v, c in need.select("version", "open").unique().iter_rows()}
    asked: set[tuple[str, ...]] = set()
    for rule in book.rules.values():
        for version in rule.versions:
            if not any(v == version.version for v, _ in wanted):
                continue
            for phrase, node in conditions(book, version, as_of):
                if (version.version, phrase) in wanted:
                    asked |= {_parts_of_any(inner) for inner in _households_in(book, node, as_of)}
    if not asked or () in asked:
        return None
    found = [_open_in(book, homes, list(names), as_of) for names in sorted(asked)]
    return pl.concat(found).unique()


def _households_in(book: Book, node: Node, as_of: date) -> Iterator[Members]:
    """Household functions under a node, through definitions."""
    if isinstance(node, Members):
        yield node
    elif isinstance(node, Named):
        at = next(reversed(book.rules[node.name].on(as_of)), None)
        if at is not None and book.rules[node.name].household:
            yield from _households_in(book, at.when, as_of)
    else:
        for child in children(node):
            yield from _households_in(book, child, as_of)


def _parts_of_any(node: Members) -> tuple[str, ...]:
    """Names that any_member asks together; nothing when it asks in another way."""
    parts = node.part.parts if isinstance(node.part, And) else (node.part,)
    named = tuple(p.name for p in parts if isinstance(p, Named))
    return named if node.how == "any" and len(named) == len(parts) else ()


def _open_in(book: Book, homes: pl.DataFrame, names: list[str], as_of: date) -> pl.DataFrame:
    """(who, fact) of the members for whom none of the names is no and some is unknown."""
    told = decide(book, homes, "person", as_of, rules=names, near=64)
    no = told.filter(pl.col("answer") == "no").select("person").unique()
    open_ = told.filter(pl.col("answer") == "unknown").join(no, on="person", how="anti")
    rows = [
        (name, phrase, fact)
        for name in names
        for version in book.rules[name].on(as_of)
        for phrase, node in conditions(book, version, as_of)
        for fact, _ in dict.fromkeys(asked_facts(book, node, as_of))
    ]
    schema = {"rule": pl.String, "open": pl.String, "fact": pl.String}
    asked = pl.DataFrame(rows, schema=schema, orient="row")
    long = open_.select("person", "rule", "open").explode("open")
    return long.join(asked, on=["rule", "open"]).select(pl.col("person").alias("who"), "fact").unique()


def undecided(book: Book, opened: pl.DataFrame, wide: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """n → rules under an open condition that are themselves unknown for the subject: to be decided first."""
    nothing = pl.DataFrame(schema={"n": opened.schema["n"], "text": pl.String})
    wanted = {(v, c) for v, c in opened.select("version", "open").unique().iter_rows()}
    pairs = [
        (version.version, phrase, rule)
        for each in book.rules.values()
        for version in each.versions
        if any(v == version.version for v, _ in wanted)
        for phrase, node in conditions(book, version, as_of)
        if (version.version, phrase) in wanted
        for rule in sorted(_rules_in(book, node, as_of))
    ]
    if not pairs:
        return nothing
    schema = {"version": pl.String, "open": pl.String, "rule": pl.String}
    asked = opened.join(pl.DataFrame(pairs, schema=schema, orient="row"), on=["version", "open"])
    names, key = sorted(set(asked["rule"].unique())), wide.columns[0]
    told = decide(book, wide, book.rules[names[0]].entity, as_of, rules=names)
    open_ = told.filter(pl.col("answer") == "unknown").select(pl.col(key).alias("who"), "rule")
    found = asked.join(open_, on=["who", "rule"], how="semi").sort("n", "rule")
    name = pl.col("rule").replace_strict({rule: book.rules[rule].name for rule in names})
    return found.select("n", ("先定" + pl.col("rule") + name).alias("text"))


def _rules_in(book: Book, node: Node, as_of: date) -> set[str]:
    """Rules, not definitions, that a condition names, through definitions."""
    if isinstance(node, Named):
        rule = book.rules[node.name]
        if rule.kind != "definition":
            return {rule.rule} if rule.on(as_of) else set()
        at = next(reversed(rule.on(as_of)), None)
        return _rules_in(book, at.when, as_of) if at is not None else set()
    return {name for child in children(node) for name in _rules_in(book, child, as_of)}
