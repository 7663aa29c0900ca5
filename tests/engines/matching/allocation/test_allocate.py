"""Allocation: never worse than trying everything, nobody passed over in the stable mode, every person answered in words."""

from itertools import product

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chunfeng.engines.matching.allocation import flow as flows
from chunfeng.engines.matching.allocation import network
from chunfeng.engines.matching.allocation.allocate import Allocation, allocate, compare
from chunfeng.engines.matching.allocation.problem import QUOTAS, QuotaError, lay_out

PEOPLE, POSTS = 5, 4
Case = tuple[list[int], list[int], dict[tuple[int, int], int], list[int], tuple[int, int, int, int]]
CASES = st.tuples(
    st.lists(st.integers(1, 3), min_size=1, max_size=PEOPLE),
    st.lists(st.integers(0, 2), min_size=1, max_size=POSTS),
    st.dictionaries(
        st.tuples(st.integers(0, PEOPLE - 1), st.integers(0, POSTS - 1)), st.integers(0, 6), max_size=14
    ),
    st.permutations(list(range(PEOPLE))),
    st.tuples(st.integers(0, 2), st.integers(0, 3), st.integers(0, 3), st.integers(0, 4)),
)
"""Tiers of persons, places of posts, fits of edges, lottery numbers, bounds of two nested groups."""


def tables(case: Case) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame, pl.Series, pl.DataFrame]:
    tiers, places, fits, draw, _ = case
    rows = [(f"p{p}", f"j{j}", f) for (p, j), f in fits.items() if p < len(tiers) and j < len(places)]
    edges = pl.DataFrame(rows, schema={"person": pl.String, "post": pl.String, "fit": pl.Int64}, orient="row")
    people = [f"p{p}" for p in range(len(tiers))]
    capacity = pl.DataFrame({"post": [f"j{j}" for j in range(len(places))], "places": places})
    tier = pl.DataFrame({"person": people, "tier": tiers})
    lottery = pl.DataFrame({"person": people, "lottery": draw[: len(people)]})
    return edges.select("person", "post"), capacity, tier, edges["fit"], lottery


def quotas(case: Case) -> pl.DataFrame:
    """j0 and j1 form a group, that group and j2 a larger one."""
    low, more, wide, wider = case[4]
    rows = [("inner", ["j0", "j1"], low, low + more), ("outer", ["inner", "j2"], wide, wide + wider)]
    return pl.DataFrame(rows, schema=QUOTAS, orient="row")


def everything(case: Case, bounds: pl.DataFrame | None) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """By trying all: (minimums missed at least, then placed of each tier, fit) of the best, and its lottery numbers."""
    tiers, places, fits, draw, _ = case
    options = [[None, *(j for j in range(len(places)) if (p, j) in fits)] for p in range(len(tiers))]
    found = []
    for choice in product(*options):
        load = [choice.count(j) for j in range(len(places))] + [0] * 4
        if any(load[j] > places[j] for j in range(len(places))):
            continue
        missed = 0
        if bounds is not None:
            inner = load[0] + load[1]
            outer = inner + load[2]
            (_, _, low, high), (_, _, wide, wider) = bounds.iter_rows()
            if inner > high or outer > wider:
                continue
            missed = max(0, low - inner) + max(0, wide - outer)
        placed = [p for p, j in enumerate(choice) if j is not None]
        by_tier = tuple(sum(tiers[p] == t for p in placed) for t in (1, 2, 3))
        fit = sum(fits[p, j] for p, j in enumerate(choice) if j is not None)
        found.append(((-missed, *by_tier, fit), tuple(-draw[p] for p in placed)))
    best = max(key for key, _ in found)
    return best, max((tuple(sorted(d, reverse=True)) for key, d in found if key == best), key=sum)


def reached(case: Case, got: Allocation) -> tuple[int, ...]:
    by_tier = tuple(got.placed.filter(pl.col("tier") == t).height for t in (1, 2, 3))
    return (-int(got.quotas["short"].sum()), *by_tier, got.fit)


@settings(max_examples=150, deadline=None)
@given(CASES, st.booleans())
def test_the_flow_is_the_best_of_all_and_ties_go_by_lottery(case: Case, bounded: bool) -> None:
    bounds = quotas(case) if bounded else None
    got = allocate(*tables(case), quotas=bounds)
    best, draws = everything(case, bounds)
    assert reached(case, got) == best
    numbers = tables(case)[4]
    drawn = got.placed.join(numbers, on="person")["lottery"].to_list()
    assert sum(drawn) == -sum(draws)
    assert got.proved and bool(got.relax) == (best[0] < 0)


@settings(max_examples=60, deadline=None)
@given(CASES, st.booleans())
def test_goal_after_goal_gives_what_one_weight_gives(case: Case, bounded: bool) -> None:
    problem = lay_out(*tables(case), quotas(case) if bounded else None)
    once = flows.best(problem)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(network, "LARGEST", 2**14)
        apart = flows.best(problem)
    assert sorted(problem.who[once.taken]) == sorted(problem.who[apart.taken])
    assert problem.fit[once.taken].sum() == problem.fit[apart.taken].sum()


@settings(max_examples=60, deadline=None)
@given(CASES)
def test_the_price_of_a_place_is_what_one_place_more_adds(case: Case) -> None:
    edges, capacity, tier, fit, lottery = tables(case)
    problem = lay_out(edges, capacity, tier, fit, lottery, None)
    found = flows.best(problem)

    def worth(places: pl.DataFrame) -> int:
        more = lay_out(edges, places, tier, fit, lottery, None)
        taken = flows.best(more).taken
        return int(((more.levels - more.rank[more.who[taken]]) * found.step + more.fit[taken]).sum())

    if found.step > 1:
        for post, price in zip(problem.posts, found.price, strict=True):
            larger = capacity.with_columns(pl.col("places") + (pl.col("post") == post).cast(pl.Int64))
            assert worth(larger) - worth(capacity) == price


@settings(max_examples=150, deadline=None)
@given(CASES, st.booleans())
def test_the_stable_mode_passes_nobody_over(case: Case, bounded: bool) -> None:
    tiers, places, fits, draw, _ = case
    bounds = quotas(case) if bounded else None
    got = allocate(*tables(case), mode="stable", quotas=bounds)
    assert got.envy == got.idle == 0
    own = {int(p[1:]): int(j[1:]) for p, j in got.placed.select("person", "post").iter_rows()}
    caps: list[tuple[set[int], int]] = [({j}, places[j]) for j in range(len(places))]
    if bounds is not None:
        caps += [({0, 1}, int(bounds["most"][0])), ({0, 1, 2}, int(bounds["most"][1]))]
    for (p, j), fit in fits.items():
        if p >= len(tiers) or j >= len(places) or (p in own and fits[p, own[p]] >= fit):
            continue
        for other in (*own, None):  # nobody may leave, or one who stands behind, to let this person in
            if other == p:
                continue
            if other is not None and (tiers[other], -fits[other, own[other]], draw[other]) <= (
                tiers[p],
                -fit,
                draw[p],
            ):
                continue
            after = {**{k: v for k, v in own.items() if k not in (p, other)}, p: j}
            held = {k: v for k, v in own.items() if k != other}
            fits_in = all(sum(v in group for v in {**held, p: j}.values()) <= most for group, most in caps)
            grown = all(
                sum(v in group for v in held.values()) + (j in group) <= most
                for group, most in caps
                if j in group
            )
            assert not (fits_in and grown), (case, own, p, j, after)


@settings(max_examples=60, deadline=None)
@given(CASES)
def test_the_greater_side_by_side_and_everyone_answered_once(case: Case) -> None:
    edges, capacity, tier, fit, lottery = tables(case)
    flow, stable, table = compare(edges, capacity, tier, fit, lottery)
    for got in (flow, stable):
        people = [*got.placed["person"], *got.unplaced["person"]]
        assert sorted(people) == sorted(tier["person"])
        assert got.placed["reason"].null_count() == got.unplaced["reason"].null_count() == 0
    first = table.row(0)
    assert first[1] >= first[2]
    assert table["flow"].to_list()[-5] == flow.placed.height


@settings(max_examples=40, deadline=None)
@given(CASES, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(case: Case, random: object) -> None:
    edges, capacity, tier, fit, lottery = tables(case)
    whole = edges.with_columns(fit)
    mixed = whole.sample(fraction=1, shuffle=True, seed=random.randint(0, 99))  # type: ignore[attr-defined]
    one = allocate(edges, capacity, tier, fit, lottery)
    two = allocate(
        mixed.select("person", "post"), capacity.reverse(), tier.reverse(), mixed["fit"], lottery.reverse()
    )
    assert one.placed.equals(two.placed) and one.unplaced.equals(two.unplaced)


def simple(
    pairs: list[tuple[str, str, int]], places: dict[str, int], tiers: dict[str, int]
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame, pl.Series, pl.DataFrame]:
    edges = pl.DataFrame(
        pairs, schema={"person": pl.String, "post": pl.String, "fit": pl.Int64}, orient="row"
    )
    people = list(tiers)
    return (
        edges.select("person", "post"),
        pl.DataFrame({"post": list(places), "places": list(places.values())}, schema={"post": pl.String, "places": pl.Int64}),
        pl.DataFrame({"person": people, "tier": list(tiers.values())}, schema={"person": pl.String, "tier": pl.Int64}),
        edges["fit"],
        pl.DataFrame({"person": people, "lottery": range(len(people))}, schema={"person": pl.String, "lottery": pl.Int64}),
    )  # fmt: skip


def test_reasons_name_the_line_the_tie_and_what_one_place_more_would_bring() -> None:
    got = allocate(*simple([("甲", "保洁", 5), ("乙", "保洁", 9), ("丙", "保洁", 5), ("丁", "护林", 1)],
                           {"保洁": 1, "护林": 0}, {"甲": 1, "乙": 2, "丙": 1, "丁": 1, "戊": 3}))  # fmt: skip
    why = dict(got.unplaced.select("person", "reason").iter_rows())
    assert "录取最低优先级为第1类、匹配度5，本人为第2类；该岗位再增加1个名额，可多安排第1类1人" in why["乙"]
    assert "公布的抽签号在后" in why["丙"]
    assert why["丁"] == "可报的1个岗位都没有名额"
    assert why["戊"] == "没有可报的岗位"
    assert got.posts.filter(pl.col("post") == "保洁")["next_tier"].to_list() == [1]


def test_nobody_no_posts_and_no_places_are_plain_answers() -> None:
    for mode in ("flow", "stable"):
        none = allocate(*simple([], {}, {}), mode=mode)  # type: ignore[arg-type]
        assert none.placed.height == none.unplaced.height == 0
        alone = allocate(*simple([], {}, {"甲": 1}), mode=mode)  # type: ignore[arg-type]
        assert alone.unplaced["reason"].to_list() == ["没有可报的岗位"]


def test_a_minimum_that_cannot_be_kept_says_what_to_relax() -> None:
    case = simple([("甲", "a", 1), ("乙", "a", 1)], {"a": 5, "b": 1}, {"甲": 1, "乙": 2})
    few = pl.DataFrame([("甲组", ["a"], 3, None), ("乙组", ["b"], 2, None)], schema=QUOTAS, orient="row")
    got = allocate(*case, quotas=few)
    assert got.placed.height == 2
    assert "符合条件可报的只有2人" in got.relax[1] and "合计只有1个" in got.relax[0]


def test_quotas_that_cross_or_contradict_are_refused_in_words() -> None:
    case = simple([("甲", "a", 1)], {"a": 1, "b": 1}, {"甲": 1})
    for rows, word in (
        ([("g", ["a"], None, 1), ("h", ["a", "b"], None, 1)], "逐层包含"),
        ([("g", ["h"], None, 1), ("h", ["g"], None, 1)], "互相包含"),
        ([("g", ["a"], 2, 1)], "下限大于上限"),
        ([("a", ["b"], None, 1)], "重名"),
    ):
        with pytest.raises(QuotaError, match=word):
            allocate(*case, quotas=pl.DataFrame(rows, schema=QUOTAS, orient="row"))


def test_tables_that_contradict_themselves_are_refused() -> None:
    edges, capacity, tier, fit, lottery = simple([("甲", "a", 1)], {"a": 1}, {"甲": 1})
    with pytest.raises(ValueError, match="no tier"):
        allocate(edges, capacity, tier.clear(), fit, lottery)
    with pytest.raises(ValueError, match="from 0"):
        allocate(edges, capacity, tier, fit * -1, lottery)
    with pytest.raises(ValueError, match="given twice"):
        allocate(edges, capacity, pl.concat([tier, tier.with_columns(person=pl.lit("乙"))]), fit,
                 pl.concat([lottery, lottery.with_columns(person=pl.lit("乙"))]))  # fmt: skip
