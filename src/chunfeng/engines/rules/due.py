"""The day on which time alone may change an answer, so that a daily run touches only who is due or changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from chunfeng.engines.rules.fold import Edge, fold
from chunfeng.engines.rules.places import Places, places
from chunfeng.engines.rules.records import Book, Rule
from chunfeng.engines.rules.tree import AsOf, Between, Compare, Constant, names, nodes


def next_checks(
    book: Book,
    facts: pl.DataFrame | pl.LazyFrame,
    entity: str,
    as_of: date,
    members: pl.DataFrame | pl.LazyFrame | None = None,
) -> pl.DataFrame:
    """Per row the first day after `as_of` on which some test of a date comes out otherwise: before it no answer changes unless a
    fact does. Columns: key, `next_check` (null: never by itself).

    With household rules it is the earliest of the household; rules of households need `members`, the persons' facts. A day on
    which a version or parameter changes (`Book.change_days`) bounds all rows.
    """
    rules = _needed(book, entity, as_of)
    found = _days(book, rules, facts.lazy(), entity, as_of)
    if any(rule.household for rule in rules) and entity == "person":
        of_home = pl.col("next_check").min().over("household")
        home = pl.when(pl.col("household").is_null()).then("next_check").otherwise(of_home)
        found = found.with_columns(next_check=home)
    elif members is not None and entity == "household":
        of_members = (
            _days(book, rules, members.lazy(), "person", as_of)
            .group_by("household")
            .agg(pl.min("next_check"))
        )
        found = found.join(of_members, on="household", how="left", suffix="_of_members")
        found = found.with_columns(next_check=pl.min_horizontal("next_check", "next_check_of_members"))
    later = [day for day in book.change_days() if day > as_of]
    if later:
        found = found.with_columns(next_check=pl.min_horizontal("next_check", pl.lit(later[0])))
    return found.select(entity, "next_check").collect()


def _needed(book: Book, entity: str, as_of: date) -> list[Rule]:
    """Rules of the entity and all names they refer to on the day."""
    found: set[str] = set()
    waiting = [rule.rule for rule in book.of(entity=entity)]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(n for v in book.rules[name].on(as_of) for n in names(v.when))
    return [rule for name, rule in book.rules.items() if name in found]


def _days(book: Book, rules: Sequence[Rule], facts: pl.LazyFrame, entity: str, as_of: date) -> pl.LazyFrame:
    """Key, for persons household, and the earliest day on which a test of the row's own dates turns."""
    columns = set(facts.collect_schema().names())
    trees = [version.when for rule in rules for version in rule.on(as_of)]
    tests = dict.fromkeys(n for tree in trees for n in nodes(tree) if isinstance(n, Compare | Between))
    dates = {f.fact for f in book.catalogue.of(entity).values() if f.type == "date"} & columns
    edges = dict.fromkeys(
        (test.fact, edge) for test in tests if test.fact in dates for _, edge in fold(test).comparisons
    )
    known = places(book, rules, [edge for _, edge in edges], as_of)
    codes = facts.select(pl.col("area").unique()).with_columns(
        _code=pl.col("area").map_elements(known.code_of, return_dtype=pl.String)
    )
    flips = [flip for fact, edge in edges for flip in _flips(book, known, fact, edge, as_of)]
    day = pl.min_horizontal(flips) if flips else pl.lit(None, pl.Date)
    key = [entity, "household"] if entity == "person" else [entity]
    return facts.join(codes, on="area", how="left", nulls_equal=True).select(*key, next_check=day)


def _flips(book: Book, known: Places, fact: str, edge: Edge, as_of: date) -> list[pl.Expr]:
    """Days on which the comparison with the edge turns, null when past."""
    value = pl.col(fact)
    if isinstance(edge.operand, AsOf):
        return [_later(value, as_of), _later(value.dt.offset_by("1d"), as_of)]
    if edge.unit == "value":
        return []
    if isinstance(edge.operand, Constant) or edge in known.fixed:
        number = (
            edge.operand.value
            if isinstance(edge.operand, Constant)
            else book.value(edge.parameter, None, as_of)
        )
        return [_turn(value, edge, number, as_of)] if isinstance(number, int) else []
    numbers: dict[int, list[str]] = {}
    for code in known.codes:
        found = book.value(edge.parameter, code, as_of)
        if isinstance(found, int):
            numbers.setdefault(found, []).append(code)
    return [
        pl.when(pl.col("_code").is_in(codes)).then(_turn(value, edge, number, as_of))
        for number, codes in numbers.items()
    ]


def _turn(value: pl.Expr, edge: Edge, number: int, as_of: date) -> pl.Expr:
    """The day on which the measure reaches the number; polars, too, ends a month that has no such day on its last."""
    months = (number + edge.shift) * (12 if edge.unit == "age" else 1)
    return _later(
        value.dt.offset_by(f"{number + edge.shift}d" if edge.unit == "days" else f"{months}mo"), as_of
    )


def _later(day: pl.Expr, as_of: date) -> pl.Expr:
    return pl.when(day > as_of).then(day)
