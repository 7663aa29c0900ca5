"""Three readings of one book: the query over all rows, the walk through one case, the generated function. They never differ."""

from datetime import date
from random import Random
from typing import Any

import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chunfeng.engines.rules.compile import compile_rules
from chunfeng.engines.rules.records import Book, Case
from chunfeng.engines.rules.runs import decide, execute
from chunfeng.engines.rules.single import SingleCase
from chunfeng.engines.rules.walk import WORDS, Walker
from tests.engines.rules import invented

calm = settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=15)
SEEDS = st.integers(0, 2**32)
NAMES = ["first", "second", "third", "R1", "R2", "R3"]


@st.composite
def worlds(draw: st.DrawFn) -> tuple[Book, pl.DataFrame, date]:
    as_of = draw(st.sampled_from(invented.DAYS))
    return draw(invented.books(as_of)), invented.town(as_of, draw(SEEDS)), as_of


@given(worlds())
@settings(calm, max_examples=40)
def test_query_walk_and_generated_function_agree(world: tuple[Book, pl.DataFrame, date]) -> None:
    book, town, as_of = world
    query = compile_rules(book, "person", as_of, rules=NAMES, sparse=False)
    asked = {row["person"]: row for row in execute(query, {"facts": town}).iter_rows(named=True)}
    walker, single = Walker(book, as_of), SingleCase(book, "person", as_of, NAMES)
    for person, case in invented.cases(town).items():
        walked = {name: walker.answer(name, case) for name in NAMES}
        assert {name: asked[person][name] for name in NAMES} == walked
        assert single.answers(case) == walked


@given(worlds(), st.sampled_from([0, 1, 2]))
@calm
def test_a_sparse_result_leaves_out_plain_noes_only(
    world: tuple[Book, pl.DataFrame, date], near: int
) -> None:
    book, town, as_of = world
    walker = Walker(book, as_of)
    expected: dict[tuple[str, str], tuple[str, int]] = {}
    for person, case in invented.cases(town).items():
        for name in ("R1", "R2", "R3"):
            step = walker.name(name, case)
            parts = book.conditions(step.version, as_of) if step.version else []
            failed = [walker.node(part, case).answer for part in parts].count(False)
            if step.answer is not False or (near and step.version is not None and failed <= near):
                expected[person, name] = (WORDS[step.answer], failed)
    found = decide(book, town, "person", as_of, near=near)
    got = {
        (row["person"], row["rule"]): (
            row["answer"],
            len(row["failed"]) if near else expected[row["person"], row["rule"]][1],
        )
        for row in found.iter_rows(named=True)
    }
    assert got == expected
    versions = {(r["person"], r["rule"]): r["version"] for r in found.iter_rows(named=True)}
    cases = invented.cases(town)
    for (person, name), version in versions.items():
        at = book.rules[name].at(cases[person].area, as_of)
        assert version == (at.version if at else None)


@given(st.data())
@calm
def test_households_as_an_entity_of_their_own(data: st.DataObject) -> None:
    as_of = data.draw(st.sampled_from(invented.DAYS))
    book = data.draw(invented.books(as_of, "household"))
    town = invented.town(as_of, data.draw(SEEDS))
    chance = Random(data.draw(SEEDS))
    rows = [
        {"household": h, "area": chance.choice(invented.AREAS), **invented.facts("household", as_of, chance)}
        for h in ("h1", "h2", "h3", "h99")
    ]
    homes = pl.DataFrame(rows, schema=invented.CATALOGUE.schema("household"))
    persons = invented.cases(town)
    living = dict(town.select("person", "household").iter_rows())
    query = compile_rules(book, "household", as_of, rules=NAMES, sparse=False)
    asked = {
        r["household"]: r for r in execute(query, {"facts": homes, "members": town}).iter_rows(named=True)
    }
    walker, single = Walker(book, as_of), SingleCase(book, "household", as_of, NAMES)
    for row in rows:
        members = tuple(case for p, case in persons.items() if living[p] == row["household"])
        case = Case(row, row["area"], members, "household")
        walked = {name: walker.answer(name, case) for name in NAMES}
        assert {name: asked[row["household"]][name] for name in NAMES} == walked
        assert single.answers(case) == walked


@given(st.data())
@calm
def test_employers_under_the_same_compiler(data: st.DataObject) -> None:
    as_of = data.draw(st.sampled_from(invented.DAYS))
    book = data.draw(invented.books(as_of, "employer"))
    chance = Random(data.draw(SEEDS))
    rows = [
        {
            "employer": f"e{i}",
            "area": chance.choice(invented.AREAS),
            **invented.facts("employer", as_of, chance),
        }
        for i in range(20)
    ]
    table = pl.DataFrame(rows, schema=invented.CATALOGUE.schema("employer"))
    query = compile_rules(book, "employer", as_of, rules=NAMES, sparse=False)
    asked = {r["employer"]: r for r in execute(query, {"facts": table}).iter_rows(named=True)}
    walker = Walker(book, as_of)
    for row in rows:
        case = Case(row, row["area"], None, "employer")
        assert {name: asked[row["employer"]][name] for name in NAMES} == {
            name: walker.answer(name, case) for name in NAMES
        }


@given(worlds(), st.data())
@calm
def test_new_evidence_never_turns_an_answer_round(
    world: tuple[Book, pl.DataFrame, date], data: st.DataObject
) -> None:
    """Filling in what was unknown may settle an unknown; yes stays yes, and no stays no."""
    book, town, as_of = world
    walker = Walker(book, as_of)

    chance = Random(data.draw(SEEDS))

    def filled(case: Case, members: tuple[Case, ...] | None) -> Case:
        facts: dict[str, Any] = dict(case.facts)
        for name, value in facts.items():
            if value is None and chance.random() < 0.5:
                facts[name] = chance.choice(invented.choices(invented.CATALOGUE.facts[name].type, as_of))
        area = chance.choice(invented.AREAS) if case.area is None else case.area
        return Case(facts, area, members)

    everyone = list(invented.cases(town).values())
    for case in everyone:
        before = {name: walker.answer(name, case) for name in NAMES}
        mates = None if case.members is None else tuple(filled(m, None) for m in case.members)
        if mates is None and chance.random() < 0.5:
            mates = tuple(chance.sample(everyone, 2))
        later = filled(case, mates)
        for name in NAMES:
            if before[name] is not None:
                assert walker.answer(name, later) is before[name]


@given(worlds())
@calm
def test_facts_a_table_lacks_are_unknown(world: tuple[Book, pl.DataFrame, date]) -> None:
    book, town, as_of = world
    lacking = town.drop("born", "works")
    emptied = town.with_columns(born=pl.lit(None, pl.Date), works=pl.lit(None, pl.Boolean))
    key = ["person", "rule"]
    assert (
        decide(book, lacking, "person", as_of)
        .sort(key)
        .equals(decide(book, emptied, "person", as_of).sort(key))
    )
