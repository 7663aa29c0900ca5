"""The compiled search gives what the plain query gives, to the point and in the same order, for both sides."""

from datetime import date

import polars as pl
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from chunfeng.engines.matching.market import oracle, tables
from chunfeng.engines.matching.market.book import PARTS, load_book
from chunfeng.engines.matching.market.market import BEST, Market, changed
from tests.engines.matching.market import made

BOOK = load_book()
# shrinking would run the query a thousand times over
SLOW = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)


def takers(people: pl.DataFrame, jobs: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    return tables.seekers(people), tables.open_jobs(jobs)


@SLOW
@given(made.MANY_PEOPLE, made.MANY_JOBS, st.integers(1, 12))
def test_lists_of_persons_and_of_vacancies_are_those_of_the_query(
    people: pl.DataFrame, jobs: pl.DataFrame, k: int
) -> None:
    market = Market.of(people, jobs)
    ours, theirs = takers(people, jobs)
    assert market.best(k).rows() == oracle.best(ours, theirs, BOOK, k).rows()
    assert market.best_people(k).rows() == oracle.best(ours, theirs, BOOK, k, employer=True).rows()


@SLOW
@given(made.MANY_PEOPLE, made.MANY_JOBS)
def test_all_failing_rules_of_every_pair_are_named(people: pl.DataFrame, jobs: pl.DataFrame) -> None:
    expected = oracle.failing(people, jobs, BOOK).sort("person", "vacancy")
    market = Market.whole(people, jobs)
    assert market.failing(expected.select("person", "vacancy")).tolist() == expected["fails"].to_list()


@SLOW
@given(
    made.MANY_PEOPLE,
    made.MANY_JOBS,
    made.MANY_PEOPLE,
    made.MANY_JOBS,
    st.integers(1, 5),
    st.randoms(use_true_random=False),
)
def test_a_change_of_some_gives_what_a_new_search_gives(
    people: pl.DataFrame,
    jobs: pl.DataFrame,
    other_people: pl.DataFrame,
    other_jobs: pl.DataFrame,
    k: int,
    luck,
) -> None:
    def mixed(one: pl.DataFrame, other: pl.DataFrame, key: str) -> pl.DataFrame:
        """Some rows gone, some altered, some new."""
        dropped = [row for row in one.rows(named=True) if luck.random() < 0.8]
        altered = {row[key]: row for row in other.rows(named=True) if luck.random() < 0.4}
        return pl.DataFrame(list(({row[key]: row for row in dropped} | altered).values()), schema=one.schema)

    before = Market.of(people, jobs)
    after = Market.of(mixed(people, other_people, "person"), mixed(jobs, other_jobs, "vacancy"))
    assert changed(before.best(k), before, after, k).rows() == after.best(k).rows()


@SLOW
@given(made.MANY_PEOPLE, made.MANY_JOBS)
def test_threads_chunks_and_the_order_of_rows_change_nothing(
    people: pl.DataFrame, jobs: pl.DataFrame
) -> None:
    market = Market.of(people, jobs)
    assert Market.of(people.reverse(), jobs.reverse()).best(5, threads=2).equals(market.best(5))


@SLOW
@given(made.MANY_PEOPLE, made.MANY_JOBS)
def test_parts_sum_to_the_score_and_mutual_pairs_are_in_both_lists(
    people: pl.DataFrame, jobs: pl.DataFrame
) -> None:
    market = Market.of(people, jobs)
    best = market.best(3)
    parts = market.scores(best.select("person", "vacancy"))
    assert parts["score"].to_list() == best["score"].to_list()
    assert parts.select(pl.sum_horizontal(PARTS)).to_series().to_list() == best["score"].to_list()
    both = set(best.select("person", "vacancy").rows()) & set(
        market.best_people(3).select("person", "vacancy").rows()
    )
    assert set(market.mutual(3).select("person", "vacancy").rows()) == both


@SLOW
@given(made.MANY_PEOPLE, made.MANY_JOBS)
def test_one_condition_short_is_short_of_exactly_that_one(people: pl.DataFrame, jobs: pl.DataFrame) -> None:
    market = Market.of(people, jobs)
    short = market.one_short(most=4, near=0)
    failed = market.failing(short.select("person", "vacancy"))
    assert [1 << BOOK.index(rule) for rule in short["rule"]] == failed.tolist()


def test_dates_count_on_the_day_the_job_starts() -> None:
    people = made.people(
        [{"birth_date": date(2007, 2, 1)}, {"birth_date": date(2007, 2, 2)}, {"retires_on": date(2023, 2, 1)}]
    )
    market = Market.of(people, made.jobs([{"starts_on": date(2023, 2, 1)}]))
    assert market.best(1)["person"].to_list() == ["P0000"]


def test_nobody_nothing_and_no_place_give_empty_lists() -> None:
    nobody, nothing = made.people([]), made.jobs([])
    full = made.jobs([{"places": 0}, {"lawful": "no"}, {"lawful": "review"}, {"closed": "过期"}])
    someone = made.people([{}])
    for people, jobs in ((nobody, nothing), (someone, nothing), (nobody, made.jobs([{}])), (someone, full)):
        market = Market.of(people, jobs)
        assert market.best(3).is_empty() and market.best(3).schema == dict(BEST)
        assert market.best_people(3).is_empty()
        assert market.mutual(3).is_empty() and market.one_short().is_empty()


def test_unknown_places_refuse_nobody_and_unknown_keys_are_named() -> None:
    market = Market.of(
        made.people([{"county": "999999", "accepts": ["350825"]}]),
        made.jobs([{"county": None}, {"county": "350203"}]),
    )
    assert market.best(5)["vacancy"].to_list() == ["v.xlsx:表:0"]
    with pytest.raises(KeyError, match="nobody"):
        market.failing(pl.DataFrame({"person": ["nobody"], "vacancy": ["v.xlsx:表:0"]}))


def test_a_key_that_stands_twice_is_refused() -> None:
    twice = pl.concat([made.people([{}]), made.people([{}])])
    with pytest.raises(tables.TableError):
        Market.of(twice, made.jobs([]))
