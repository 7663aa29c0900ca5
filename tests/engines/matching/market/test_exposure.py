"""Lists: allocated first, neighbours kept, stable for a week, crowding made dearer; and how evenness is counted."""

from datetime import date

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chunfeng.engines.matching.market import audit, exposure
from tests.engines.matching.market import made

DAY = date(2023, 1, 15)


def candidates(persons: int = 40, vacancies: int = 30) -> pl.DataFrame:
    """Everyone likes the same vacancies best."""
    rows = [
        (f"P{p:02}", f"v{v:02}", 9000 - 100 * v, 4 if v < 20 else 2)
        for p in range(persons)
        for v in range(vacancies)
    ]
    return pl.DataFrame(rows, schema=["person", "vacancy", "score", "level"], orient="row").with_columns(
        pl.col("score").cast(pl.Int32)
    )


PLACES = pl.DataFrame({"vacancy": [f"v{v:02}" for v in range(30)], "places": [1 + v % 3 for v in range(30)]})


def test_prices_spread_what_a_plain_order_crowds() -> None:
    edges = candidates()
    price = exposure.prices(edges, PLACES)
    assert price["price"].min() >= 0 and price["price"].max() > 0
    plain = exposure.lists(edges, price.with_columns(pl.lit(0).alias("price")), shown=3, neighbours=0)
    shown = exposure.lists(edges, price, shown=3, neighbours=0)
    assert audit.spread(shown, PLACES)["gini"] < audit.spread(plain, PLACES)["gini"]


def test_an_allocated_place_comes_first_and_two_neighbours_stay() -> None:
    edges = candidates()
    held = pl.DataFrame({"person": ["P03", "P04"], "vacancy": ["v15", "nowhere"]})
    shown = exposure.lists(edges, exposure.prices(edges, PLACES), held)
    assert shown.filter(pl.col("person") == "P03").row(0, named=True)["vacancy"] == "v15"
    assert shown.filter(pl.col("why") == "allocated").height == 1
    counts = (
        shown.join(edges, on=["person", "vacancy"])
        .group_by("person")
        .agg(pl.len(), (pl.col("level") == 2).sum().alias("beside"))
    )
    assert counts["len"].unique().to_list() == [10] and counts["beside"].min() >= 2
    assert shown["rank"].max() == 10 and not shown.select("person", "rank").is_duplicated().any()


def test_a_list_stays_for_a_week_but_for_what_is_gone() -> None:
    edges = candidates()
    price = exposure.prices(edges, PLACES)
    first = exposure.lists(edges, price, as_of=DAY)
    dearer = price.with_columns(pl.Series("price", np.arange(price.height, dtype=np.int32)[::-1] * 300))
    again = exposure.lists(edges, dearer, previous=first, as_of=date(2023, 1, 20))
    assert again.select("person", "rank", "vacancy", "since").equals(
        first.select("person", "rank", "vacancy", "since")
    )
    left = edges.filter(pl.col("vacancy") != first["vacancy"][0])
    fewer = exposure.lists(left, dearer, previous=first, as_of=date(2023, 1, 20))
    assert first["vacancy"][0] not in fewer["vacancy"].to_list()
    later = exposure.lists(edges, dearer, previous=first, as_of=date(2023, 1, 23))
    assert (later["since"] == date(2023, 1, 23)).all() and not later.equals(first)


def test_nobody_and_nothing_give_empty_lists() -> None:
    nothing = candidates().clear()
    assert exposure.lists(nothing, exposure.prices(nothing, PLACES)).is_empty()
    assert (
        audit.spread(exposure.lists(nothing, exposure.prices(nothing, PLACES)), PLACES.clear())["coverage"]
        == 0
    )
    with pytest.raises(ValueError, match="neighbours"):
        exposure.lists(nothing, exposure.prices(nothing, PLACES), neighbours=11)


@given(st.lists(st.integers(0, 50), min_size=1, max_size=12), st.integers(1, 4))
def test_evenness_per_place_is_that_of_the_places_one_by_one(amounts: list[int], places: int) -> None:
    one_by_one = [a / places for a in amounts for _ in range(places)]
    assert audit.gini(amounts, [places] * len(amounts)) == pytest.approx(audit.gini(one_by_one))
    assert -1e-9 <= audit.gini(amounts) < 1
    assert audit.gini([7] * len(amounts)) == pytest.approx(0)


def test_groups_are_compared_and_the_unknown_are_not_judged() -> None:
    people = made.people(
        [{"sex": "male", "birth_date": date(1990, 1, 1), "county": "350825"}] * 10
        + [{"sex": "female", "birth_date": date(1990, 1, 1), "county": "350825"}] * 10 + [{}]
    )  # fmt: skip
    shown = pl.DataFrame({"person": [f"P{i:04}" for i in range(15)]})
    table = audit.by_group(people, shown, DAY)
    sex = {row["group"]: row for row in table.filter(pl.col("dimension") == "性别").iter_rows(named=True)}
    assert sex["男"]["listed_ratio"] == 1 and sex["男"]["fair"]
    assert sex["女"]["listed_ratio"] == 0.5 and not sex["女"]["fair"]
    assert sex["不明"]["people"] == 1 and sex["不明"]["fair"] is None
