"""Chartering: the optimum of small cases by trying everything, and what no plan may ever do."""

from datetime import date, timedelta
from itertools import product

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chunfeng.engines.travel import charter, desk, relax

DAY = date(2023, 1, 27)
VEHICLES = [("coach45", 45, 31, 3000.0), ("coach19", 19, 13, 1700.0)]


def problem(
    *groups: tuple[int, int, int], ticket: float = 160.0, days: int = 3, **more: object
) -> charter.Problem:
    """One line; `groups`: (first day, last day, seats)."""
    rows = [
        (n, "a", "z", DAY + timedelta(days=first), DAY + timedelta(days=last), seats, ticket)
        for n, (first, last, seats) in enumerate(groups)
    ]
    offers = [("a>z", v, seats, least, cost) for v, seats, least, cost in VEHICLES]
    return charter.Problem(
        pl.DataFrame(rows, schema=charter.GROUPS, orient="row"), pl.DataFrame(offers, schema=charter.OFFERS, orient="row"),
        pl.DataFrame([("a>z", "a", "z", 0.0)], schema=charter.ACCESS, orient="row"), **more,
    )  # type: ignore[arg-type]  # fmt: skip


def capacities(found: charter.Charter) -> pl.DataFrame:
    offers = pl.DataFrame(
        [(v, s, m) for v, s, m, _ in VEHICLES], schema=["vehicle", "seats", "least"], orient="row"
    )
    return found.trips.join(offers, on="vehicle").group_by("line", "day").agg(
        (pl.col("vehicles") * pl.col("seats")).sum().alias("most"), (pl.col("vehicles") * pl.col("least")).sum().alias("least"),
    )  # fmt: skip


def check(asked: charter.Problem, found: charter.Charter) -> None:
    loads = found.seated.group_by("line", "day").agg(pl.col("seats").sum().alias("load"))
    both = loads.join(capacities(found), on=["line", "day"], how="full", coalesce=True)
    assert both.null_count().sum_horizontal().item() == 0
    assert both.filter((pl.col("load") > pl.col("most")) | (pl.col("load") < pl.col("least"))).height == 0
    each = (
        found.seated.group_by("group")
        .agg(pl.col("seats").sum().alias("taken"))
        .join(asked.groups, on="group")
    )
    assert each.filter(pl.col("taken") > pl.col("seats")).height == 0
    days = found.seated.join(asked.groups.drop("seats"), on="group")
    assert days.filter((pl.col("day") < pl.col("earliest")) | (pl.col("day") > pl.col("latest"))).height == 0
    assert found.bound <= found.cost + 1e-6


def best(groups: tuple[tuple[int, int, int], ...], ticket: float = 160.0) -> float:
    """The least cost by trying every day for every group and every number of vehicles (groups whole or by ticket)."""
    costs = []
    for choice in product(*[[None, *range(first, last + 1)] for first, last, _ in groups]):
        total = sum(ticket * size for day, (_, _, size) in zip(choice, groups, strict=True) if day is None)
        for day in {d for d in choice if d is not None}:
            load = sum(size for d, (_, _, size) in zip(choice, groups, strict=True) if d == day)
            ways = [
                3000.0 * big + 1700.0 * small
                for big, small in product(range(4), range(7))
                if 31 * big + 13 * small <= load <= 45 * big + 19 * small
            ]
            total += min(ways, default=float("inf"))
        costs.append(total)
    return min(costs)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 1), st.integers(1, 40)), min_size=1, max_size=4))
def test_no_dearer_than_the_best_of_all_ways_that_keep_groups_whole(
    found: list[tuple[int, int, int]],
) -> None:
    groups = tuple((first, min(first + more, 2), size) for first, more, size in found)
    asked = problem(*groups)
    answer = charter.solve(asked, seconds=10)
    assert answer.feasible and answer.optimal
    check(asked, answer)
    assert answer.cost <= best(groups) + 1e-6


def test_two_half_loads_travel_together_on_the_day_that_suits_both() -> None:
    answer = charter.solve(problem((0, 1, 20), (1, 2, 20)))
    assert answer.trips.select("day", "vehicle", "vehicles").rows() == [
        (DAY + timedelta(days=1), "coach45", 1)
    ]
    assert answer.cost == 3000


def test_too_few_get_tickets() -> None:
    answer = charter.solve(problem((0, 0, 12)))
    assert answer.trips.height == 0 and answer.cost == 12 * 160


def test_promised_passengers_keep_their_day_below_the_least_load() -> None:
    fixed = pl.DataFrame([("a>z", DAY, 5)], schema=charter.FIXED, orient="row")
    answer = charter.solve(problem((1, 1, 3), fixed=fixed))
    assert answer.trips.rows() == [("a>z", DAY, "coach19", 1)]
    assert answer.cost == 1700 + 3 * 160


def test_a_banned_day_is_not_used_unless_somebody_was_promised_it() -> None:
    banned = frozenset({("a>z", DAY)})
    assert charter.solve(problem((0, 0, 40), banned=banned)).trips.height == 0
    fixed = pl.DataFrame([("a>z", DAY, 5)], schema=charter.FIXED, orient="row")
    assert charter.solve(problem((0, 0, 40), banned=banned, fixed=fixed)).trips.height == 1


def test_no_demand_no_trips() -> None:
    answer = charter.solve(problem())
    assert answer.feasible and answer.cost == 0 and answer.trips.height == 0


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"tickets": False}, "允许购票补贴：有 12 人"),
        ({"tickets": False}, "放宽日期：出发日前后各放宽 1 天"),
        ({"budget": 1000.0}, "提高经费：至少还差"),
        ({"tickets": False, "fleet": {"coach45": 0, "coach19": 0}}, "允许购票补贴"),
    ],
)
def test_an_infeasible_problem_says_what_to_relax(more: dict[str, object], words: str) -> None:
    asked = problem((0, 0, 40), (1, 1, 12), **more)
    assert not charter.solve(asked).feasible
    assert any(told.startswith(words) for told in relax.advice(asked))


def test_vehicles_are_asked_for_by_number() -> None:
    asked = problem((0, 0, 40), tickets=False, fleet={"coach45": 0, "coach19": 0})
    assert "增加车辆：coach45 0→1 辆/日" in " ".join(relax.advice(asked))


def test_where_no_single_condition_is_enough_that_is_said() -> None:
    asked = problem((0, 0, 5), tickets=False, budget=10.0)
    (told,) = relax.advice(asked)
    assert told.startswith("单独放宽任何一项都不够")


def test_a_problem_that_has_a_plan_needs_no_advice() -> None:
    assert relax.advice(problem((0, 0, 40))) == []


def test_the_desk_fills_coaches_in_order_and_gives_the_rest_tickets() -> None:
    groups = problem((0, 1, 40), (0, 0, 40), (1, 1, 20)).groups
    prices = pl.DataFrame({"origin": ["a"], "destination": ["z"], "coach": [3000.0]})
    done = desk.practice(groups, prices, 45, 31)
    assert done.select("coaches", "riders", "tickets", "cost").rows() == [
        (2, 80, 0, 6000.0), (0, 0, 20, 3200.0),
    ]  # fmt: skip
