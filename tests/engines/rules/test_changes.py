"""Transitions, simulation, changed persons and due days: each equals what a full pass says."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from random import Random

import duckdb
import polars as pl
import pytest
import sqlglot
from hypothesis import given
from hypothesis import strategies as st

from chunfeng.engines.rules.catalogue import Catalogue
from chunfeng.engines.rules.changes import (
    changed_persons,
    decide_changed,
    entries_and_exits,
    simulate,
    transitions,
)
from chunfeng.engines.rules.compile import compile_rules
from chunfeng.engines.rules.due import next_checks
from chunfeng.engines.rules.records import Book
from chunfeng.engines.rules.runs import FactsError, decide, execute
from tests.engines.rules import invented
from tests.engines.rules.small import BOOK
from tests.engines.rules.test_agreement import SEEDS, calm

DAY = date(2023, 1, 15)
KEY = ["person", "rule"]


@pytest.fixture(scope="module")
def townsfolk(catalogue: Catalogue) -> pl.DataFrame:
    """Unemployed men of Longyan and Xiamen at 44 to 51, one of unknown birth."""
    rows = [
        {"person": f"p{age}{area}", "household": f"h{age}", "area": area, "sex": "male", "hukou": "urban", "registered": True,
         "since": date(2022, 1, 1), "working": False, "birth_date": date(2023 - age, 1, 15)}
        for area in ("350825", "350203") for age in (44, 45, 49, 50, 51)
    ]  # fmt: skip
    rows.append({**rows[0], "person": "p?", "household": "h?", "birth_date": None})
    return pl.DataFrame(rows, schema=catalogue.schema("person"))


def test_a_raised_age_line_shows_who_enters_and_who_leaves_by_county(
    book: Book, load: Callable[..., Book], townsfolk: pl.DataFrame
) -> None:
    raised = load(BOOK.replace("value: 50, source", "value: 51, source").replace("1973-01-1", "1972-01-1"))
    moved, counted = simulate(book, raised, townsfolk, "person", DAY)
    assert set(moved.rows()) == {
        ("p50350825", "350825", "A1", "yes", "no", "A1-2008", None), ("p50350203", "350203", "A1", "yes", "no", "A1-2008", None),
    }  # fmt: skip
    assert counted.rows() == [("350203", "A1", 0, 1, 0, 0), ("350825", "A1", 0, 1, 0, 0)]
    back, counted = simulate(raised, book, townsfolk, "person", DAY)
    assert counted["entries"].to_list() == [1, 1]
    assert len(back) == 2


def test_any_day_can_be_asked_and_parameters_are_those_of_the_day(
    book: Book, townsfolk: pl.DataFrame
) -> None:
    last_day, first_day = (
        decide(book, townsfolk, "person", day, rules=["A1"]) for day in (date(2022, 12, 31), date(2023, 1, 1))
    )
    yes = [set(d.filter(pl.col("answer") == "yes")["person"]) for d in (last_day, first_day)]
    assert yes[0] - yes[1] == {"p49350203", "p50350203"}
    assert yes[1] == {"p51350825", "p51350203"}
    moved = transitions(last_day, first_day)
    assert set(moved["person"]) == yes[0] - yes[1]
    assert entries_and_exits(moved).rows() == [("350203", "A1", 0, 2, 0, 0)]
    assert decide(book, townsfolk, "person", date(2000, 1, 1)).is_empty()


def test_nothing_moves_between_equal_results(book: Book, townsfolk: pl.DataFrame) -> None:
    result = decide(book, townsfolk, "person", DAY)
    assert transitions(result, result).is_empty()


def test_facts_may_lie_in_a_file_and_nothing_else_is_read(
    book: Book, townsfolk: pl.DataFrame, tmp_path: Path
) -> None:
    townsfolk.write_parquet(tmp_path / "facts.parquet")
    from_file = decide(book, tmp_path / "facts.parquet", "person", DAY, threads=1, memory="500MB")
    assert from_file.sort(KEY).equals(decide(book, townsfolk.lazy(), "person", DAY).sort(KEY))


def test_a_table_that_does_not_fit_names_its_columns(book: Book, townsfolk: pl.DataFrame) -> None:
    with pytest.raises(FactsError, match="birth_date：应为 Date"):
        decide(book, townsfolk.with_columns(pl.col("birth_date").cast(pl.String)), "person", DAY)
    with pytest.raises(FactsError, match="household：缺少"):
        decide(book, townsfolk.drop("household"), "person", DAY)
    with pytest.raises(FactsError, match="hukou：目录中没有的值 town"):
        decide(book, townsfolk.with_columns(hukou=pl.lit("town")), "person", DAY)


def test_the_database_reads_the_given_file_and_no_other(
    book: Book, townsfolk: pl.DataFrame, tmp_path: Path
) -> None:
    for name in ("facts", "other"):
        townsfolk.write_parquet(tmp_path / f"{name}.parquet")
    query = compile_rules(book, "person", DAY)
    for text in (
        f"SELECT * FROM read_parquet('{tmp_path / 'other.parquet'}')",
        "SET threads = 1",
        "SELECT * FROM glob('*')",
    ):
        strange = replace(query, select=sqlglot.parse_one(text, read="duckdb"))
        with pytest.raises(duckdb.Error, match=r"Permission|locked|disabled"):
            execute(strange, {"facts": tmp_path / "facts.parquet"})


def test_rules_of_households_want_their_members() -> None:
    as_of = invented.DAYS[0]
    homes = pl.DataFrame(schema=invented.CATALOGUE.schema("household"))
    whole = invented.one_book(as_of)
    rule = replace(
        whole.rules["R2"],
        entity="household",
        versions=(replace(whole.rules["R2"].versions[0], when=invented.IDLE),),
    )
    asked = Book(whole.catalogue, whole.parameters, {"R2": rule}, {}, "")
    with pytest.raises(FactsError, match="members"):
        decide(asked, homes, "household", as_of)
    assert decide(asked, homes, "household", as_of, members=invented.town(as_of, 1)).is_empty()


@given(st.data())
@calm
def test_asking_the_changed_ones_equals_asking_all(data: st.DataObject) -> None:
    as_of = data.draw(st.sampled_from(invented.DAYS))
    book = data.draw(invented.books(as_of))
    before = invented.town(as_of, data.draw(SEEDS))
    chance = Random(data.draw(SEEDS))
    rows = []
    for row in before.iter_rows(named=True):
        lot = chance.random()
        if lot < 0.05:
            continue
        if lot < 0.15:
            row = {**row, **invented.facts("person", as_of, chance)}
        elif lot < 0.25:
            row = {**row, "household": chance.choice([None, "h1", "h2", "h77"])}
        elif lot < 0.3:
            row = {**row, "area": chance.choice(invented.AREAS)}
        rows.append(row)
    rows.append(
        {"person": "new", "household": "h3", "area": "350203", **invented.facts("person", as_of, chance)}
    )
    after = pl.DataFrame(rows, schema=before.schema)
    previous = decide(book, before, "person", as_of)
    changed = changed_persons(before, after)
    got = decide_changed(book, after, as_of, changed, previous)
    assert got.sort(KEY).equals(decide(book, after, "person", as_of).sort(KEY))
    assert changed_persons(after, after).is_empty()


@given(st.data())
@calm
def test_no_answer_changes_before_the_day_of_the_next_check(data: st.DataObject) -> None:
    as_of = data.draw(st.sampled_from(invented.DAYS))
    book = data.draw(invented.books(as_of))
    town = invented.town(as_of, data.draw(SEEDS))
    due = dict(next_checks(book, town, "person", as_of).iter_rows())
    assert due.keys() == set(town["person"])
    assert all(day is None or day > as_of for day in due.values())
    now = decide(book, town, "person", as_of)
    days = sorted({d for d in due.values() if d is not None})
    for later in {
        as_of + timedelta(days=1),
        *(d + timedelta(days=by) for d in days[:2] for by in (-1, 0)),
    } - {as_of}:
        moved = transitions(now, decide(book, town, "person", later))
        assert [p for p in moved["person"] if due[p] is None or later < due[p]] == []
