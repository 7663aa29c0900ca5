"""Whatever is known of people: query and walk agree, new evidence settles and never reverses, no list grants nothing."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chunfeng.engines.rules.catalogue import Fact
from chunfeng.engines.rules.records import Book, Case
from chunfeng.engines.rules.runs import decide
from chunfeng.engines.rules.walk import WORDS, Walker
from chunfeng.pipeline import book as books

DAYS = (date(2010, 6, 1), date(2023, 1, 15), date(2025, 6, 10), date(2026, 2, 28))
PLACES = ("350825", "350102", "350582", "350302", "3505", None)


@pytest.fixture(scope="module")
def book() -> Book:
    return books.load()


def value(fact: Fact, dice: random.Random, day: date) -> Any:
    """A value of the fact's kind, dates near the edges that rules ask for."""
    if fact.type == "yes_no":
        return dice.random() < 0.5
    if fact.type == "code":
        return dice.choice(list(fact.values))
    if fact.type == "date":
        years = dice.choice((0, 1, 2, 5, 16, 30, 40, 50, 55, 60))
        return day - timedelta(days=round(365.25 * years) + dice.randint(-2, 2))
    number = dice.choice((0, 1, 2, 3, 5, 12, 35, 36, 55, 150, 299, 300))
    return Decimal(number) if fact.type == "decimal" else number


def rows(book: Book, entity: str, day: date, dice: random.Random, count: int, known: float) -> pl.DataFrame:
    """Invented subjects of whom each fact is known with that chance; persons in households of one to five, some in none."""
    schema = book.catalogue.schema(entity)
    facts = book.catalogue.of(entity)
    made = []
    for n in range(count):
        row: dict[str, Any] = {entity: f"s{n}", "area": dice.choice(PLACES)}
        if entity == "person":
            row["household"] = dice.choice([None, *(f"h{k}" for k in range(count // 3 + 1))])
        row |= {
            name: value(fact, dice, day) if dice.random() < known else None for name, fact in facts.items()
        }
        made.append(row)
    return pl.DataFrame(made, schema=schema)


def table(found: pl.DataFrame, entity: str) -> dict[tuple[str, str], str]:
    return {
        (k, r): a for k, r, a in found.select(entity, "rule", pl.col("answer").cast(pl.String)).iter_rows()
    }


def walked(book: Book, wide: pl.DataFrame, entity: str, day: date) -> dict[tuple[str, str], str]:
    """What the walk answers, without the plain noes."""
    names = book.catalogue.of(entity)
    people = wide.rows(named=True)
    plain = {r[entity]: Case({f: r[f] for f in names}, r["area"], None, entity, r[entity]) for r in people}
    homes: dict[str, list[Case]] = {}
    for r in people:
        if entity == "person" and r["household"] is not None:
            homes.setdefault(r["household"], []).append(plain[r["person"]])
    found = {}
    for r in people:
        own = plain[r[entity]]
        mates = homes.get(r.get("household") or "")
        members = tuple(c for c in mates if c is not own) if mates else None
        walker = Walker(book, day)
        case = Case(own.facts, own.area, members, entity, own.key)
        for rule in book.of(entity=entity):
            if rule.on(day):
                found[own.key, rule.rule] = WORDS[walker.answer(rule.rule, case)]
    return {cell: answer for cell, answer in found.items() if answer != "no"}


@pytest.mark.parametrize(
    ("entity", "day"), [*(("person", day) for day in DAYS), *(("employer", day) for day in DAYS[1:])]
)
def test_query_and_walk_give_the_same_answers(book: Book, entity: str, day: date) -> None:
    wide = rows(book, entity, day, random.Random(f"{entity}{day}"), 60, 0.85)
    rules = [rule.rule for rule in book.of(entity=entity) if rule.on(day)]
    assert table(decide(book, wide, entity, day, rules=rules), entity) == walked(book, wide, entity, day)


@settings(max_examples=3, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_new_evidence_settles_what_was_open_and_reverses_nothing(book: Book, seed: int) -> None:
    dice, day = random.Random(seed), DAYS[1]
    before = rows(book, "person", day, dice, 300, 0.8)
    full = rows(book, "person", day, dice, 300, 1.0)
    kept = ["person", "household", "area"]
    fill = [
        pl.when(pl.lit(dice.random() < 0.6)).then(pl.coalesce(c, f"{c}_new")).otherwise(c).alias(c)
        for c in before.columns
        if c not in kept
    ]
    after = before.join(full.drop("household", "area"), on="person", suffix="_new").select(*kept, *fill)
    rules = [rule.rule for rule in book.of(entity="person") if rule.on(day)]
    was, now = (table(decide(book, t, "person", day, rules=rules), "person") for t in (before, after))
    for cell in was.keys() | now.keys():
        first, second = was.get(cell, "no"), now.get(cell, "no")
        assert first == "unknown" or first == second, (cell, first, second)


def test_where_no_list_was_handed_in_nothing_is_granted(book: Book) -> None:
    for entity in ("person", "employer"):
        schema = book.catalogue.schema(entity)
        nobody = pl.DataFrame([{entity: "s", "area": "350825"}], schema=schema)
        rules = [rule.rule for rule in book.of(entity=entity) if rule.on(DAYS[1])]
        found = decide(book, nobody, entity, DAYS[1], rules=rules)
        here = {r for r in rules if (at := book.rules[r].at("350825", DAYS[1])) is not None and at.version}
        assert set(found["answer"].cast(pl.String)) == {"unknown"} and set(found["rule"]) == here
