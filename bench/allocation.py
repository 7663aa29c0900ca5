"""Allocation: legal order by flow at 50,000 people, against HiGHS' simplex in the same run, and the stable mode beside it

An invented market: posts a fifth of the people, thirty edges each, four tiers (4, 8, 18 and 70 %), places for nine in ten.
HiGHS solves it as a linear programme; it must not find more, and the first tier's number is held to the most a matching of
that tier alone can place. CPU seconds, all on one core. Exit 1 when HiGHS finds more, a proof fails, somebody has a justified
claim in the stable mode, or the goal is missed.
"""

from __future__ import annotations

import argparse
import json
import sys
import time

import numpy as np
import polars as pl
from scipy.optimize import linprog
from scipy.sparse import coo_matrix, csr_matrix
from scipy.sparse.csgraph import maximum_bipartite_matching

from chunfeng.engines.matching.allocation import flow, judge, stable
from chunfeng.engines.matching.allocation.allocate import allocate
from chunfeng.engines.matching.allocation.problem import Problem, lay_out

PEOPLE, EDGES, FILL, SEED = 50_000, 30, 0.9, 1
SHARES = (0.04, 0.08, 0.18, 0.70)
EASY_STEP, PATIENCE = 10.0, 900.0
GOAL = 6.0
"""Of the issue: times as fast as HiGHS' linear programme at 50,000 people."""


def market(people: int, edges: int, fill: float, seed: int) -> tuple[pl.DataFrame, ...]:
    """edges with fit, capacity, tier, lottery; some posts are liked by many, as in life."""
    draw = np.random.default_rng(seed)
    posts = people // 5
    liked = draw.zipf(1.3, people * edges * 2) - 1
    where = np.where(
        draw.random(people * edges * 2) < 0.3, liked, draw.integers(0, posts, people * edges * 2)
    )
    table = pl.DataFrame({"p": np.repeat(np.arange(people), edges * 2), "j": where}).filter(
        pl.col("j") < posts
    )
    table = table.unique(maintain_order=True).with_columns(pl.int_range(pl.len()).over("p").alias("n"))
    table = table.filter(pl.col("n") < edges)
    fits = pl.Series("fit", draw.integers(0, 101, table.height))
    sizes = draw.multinomial(int(people * fill), np.full(posts, 1 / posts))
    tiers = draw.choice(len(SHARES), people, p=SHARES) + 1
    names = pl.Series("person", np.arange(people)).cast(pl.String)
    return (
        table.select(
            pl.col("p").cast(pl.String).alias("person"), pl.col("j").cast(pl.String).alias("post"), fits
        ),
        pl.DataFrame({"post": np.arange(posts), "places": sizes}).with_columns(
            pl.col("post").cast(pl.String)
        ),
        pl.DataFrame({"person": names, "tier": tiers}),
        pl.DataFrame({"person": names, "lottery": draw.permutation(people) + 1}),
    )


def weights(problem: Problem) -> np.ndarray:
    """The linear weights of the flow: a tier outweighs all fits together."""
    step = 2 * len(problem.persons) * (int(problem.fit.max()) + 1)
    return (problem.levels - problem.rank[problem.who]) * step + problem.fit


def highs(problem: Problem) -> tuple[float, float | None]:
    """CPU seconds and the greatest sum of the flow's weights, None if it was not there in PATIENCE seconds; dual simplex.

    It is given weights of small range, with which it is some twenty times as fast as with the flow's own; whether they lead to
    the same sum is what is looked at.
    """
    count = len(problem.who)
    gain = (problem.levels - problem.rank[problem.who]) * EASY_STEP + problem.fit / problem.fit.max()
    rows = np.concatenate([problem.who, len(problem.persons) + problem.where])
    size = (len(problem.persons) + len(problem.posts), count)
    matrix = coo_matrix((np.ones(2 * count), (rows, np.tile(np.arange(count), 2))), shape=size).tocsr()
    limit = np.concatenate([np.ones(len(problem.persons)), problem.places])
    started = time.process_time()
    found = linprog(
        -gain, A_ub=matrix, b_ub=limit, bounds=(0, 1), method="highs-ds", options={"time_limit": PATIENCE}
    )
    seconds = time.process_time() - started
    return seconds, int(weights(problem)[found.x > 0.5].sum()) if found.status == 0 else None


def most_of_first(problem: Problem) -> int:
    """Persons of the first tier a matching can place, nobody else being there."""
    first = problem.rank[problem.who] == 0
    slots = np.concatenate([[0], np.cumsum(problem.places)])
    who, where = problem.who[first], problem.where[first]
    spread = np.repeat(np.arange(len(who)), problem.places[where])
    offset = np.arange(len(spread)) - np.repeat(
        np.cumsum(problem.places[where]) - problem.places[where], problem.places[where]
    )
    graph = csr_matrix(
        (np.ones(len(spread), bool), (who[spread], slots[where][spread] + offset)),
        shape=(len(problem.persons), slots[-1]),
    )
    return int((maximum_bipartite_matching(graph, perm_type="column") >= 0).sum())


def timed(of: object, *arguments: object) -> tuple[float, object]:
    started = time.process_time()
    result = of(*arguments)  # type: ignore[operator]
    return time.process_time() - started, result


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=PEOPLE)
    parser.add_argument("--fill", type=float, default=FILL)
    parser.add_argument("--without-peer", action="store_true")
    asked = parser.parse_args()
    small = market(1000, 10, 0.9, SEED)  # compiles the kernels
    for mode in ("flow", "stable"):
        allocate(small[0], *small[1:3], small[0]["fit"], small[3], mode)  # type: ignore[arg-type]
    edges, capacity, tier, lottery = market(asked.people, EDGES, asked.fill, SEED)
    problem = lay_out(edges.select("person", "post"), capacity, tier, edges["fit"], lottery, None)
    seconds, best = timed(flow.best, problem)
    whole, answer = timed(allocate, edges.select("person", "post"), capacity, tier, edges["fit"], lottery)
    quick, held = timed(stable.deferred_acceptance, problem)
    flow_worth, stable_worth = judge.judge(problem, best.taken), judge.judge(problem, held)  # type: ignore[attr-defined, arg-type]
    own = int(weights(problem)[best.taken].sum())  # type: ignore[attr-defined]
    report = {
        "people": asked.people, "posts": len(problem.posts), "edges": len(problem.who), "places": int(problem.places.sum()),
        "flow_seconds": round(seconds, 2), "with_reasons_seconds": round(whole, 2), "stable_seconds": round(quick, 2),
        "placed_flow": flow_worth.tiers["placed"].to_list(), "placed_stable": stable_worth.tiers["placed"].to_list(),
        "fit_flow": flow_worth.fit, "fit_stable": stable_worth.fit,
        "envy_flow": flow_worth.envy, "envy_stable": stable_worth.envy, "idle_stable": stable_worth.idle,
        "first_tier_most": most_of_first(problem), "proved": answer.proved,  # type: ignore[attr-defined]
    }  # fmt: skip
    sound = (
        report["placed_flow"][0] == report["first_tier_most"] and stable_worth.envy == stable_worth.idle == 0
    )
    if not asked.without_peer:
        peer, sum_ = highs(problem)
        report |= {
            "highs_seconds": round(peer, 2),
            "ratio": round(peer / seconds, 1),
            "gap": (sum_ - own) / own,
        }
        sound = sound and sum_ <= own and peer / seconds >= (GOAL if asked.people >= PEOPLE else 0)
    print(json.dumps(report, ensure_ascii=False))
    return 0 if sound else 1


if __name__ == "__main__":
    sys.exit(main())
