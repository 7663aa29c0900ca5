"""Matching: the exact best ten against Polars, DuckDB and filtered faiss; a province in one go; what exposure does to hires

All run on one thread, timed by processor seconds, over the same bits, in the same run, and the peers' scores must be ours. Exit 1 when they differ or a goal is
missed. `--province` adds 500,000 persons and 200,000 vacancies, in a process of its own whose memory is measured.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

GOALS = {
    "polars": 10.0, "duckdb": 20.0, "faiss": 25.0, "province_seconds": 60.0, "province_mb": 2000.0, "changed_seconds": 10.0,
    "hires": 1.5, "kept": 0.96, "least": 1.15, "gini": 0.50, "coverage": 0.99,
}  # fmt: skip
"""Of the issue: times less time than the peer on one core; seconds and megabytes at most; hires against the plain list; the share of
its score that is kept; hires under the worst behaviour; evenness over places; vacancies on any list."""
K = 10


def _timed(run: Callable[[], Any]) -> tuple[Any, float]:
    """The result and the processor seconds it took: other work on the machine does not count."""
    started = time.process_time()
    result = run()
    return result, time.process_time() - started


def speed(people: int, jobs: int, peers: dict[str, int]) -> bool:
    """Our best ten and the peers' on one market; prints pairs a second and core, and the ratio."""
    import numpy as np

    from bench import _matching_case as case
    from bench import _matching_peers as theirs
    from chunfeng.engines.matching.market.market import Market

    market = Market.whole(case.people(people), case.jobs(jobs))
    rows = np.arange(people, dtype=np.int32)
    market.search(rows[:10], K)
    given = theirs.columns(market)
    (best, points, touched), seconds = _timed(lambda: market.search(rows, K))
    ours = people * jobs / seconds
    print(
        f"ours      {ours:10.3g} pairs/s   {people / seconds:9,.0f} persons/s   {touched / people:8,.0f} of {jobs:,} vacancies looked at"
    )
    fine = True
    for name, run in (("polars", theirs.polars), ("duckdb", theirs.duck)):
        count = peers[name]
        found, seconds = _timed(lambda run=run, count=count: run(market, given, count, K))
        same = bool((found["score"].to_numpy() == points[:count][best[:count] >= 0]).all())
        same &= bool((found["j"].to_numpy() == best[:count][best[:count] >= 0]).all())
        rate = count * jobs / seconds
        fine &= same and ours / rate >= GOALS[name]
        print(
            f"{name:9} {rate:10.3g} pairs/s   ours ×{ours / rate:6.1f} (goal {GOALS[name]:.0f})   {'same lists' if same else 'LISTS DIFFER'}"
        )
    for kept in (200, 1000, 3000, 10_000):
        count = peers["faiss"]
        answer = theirs.faiss(market, count, K, kept)
        if answer is None:
            print("faiss     not installed: left out")
            break
        found, seconds = answer
        rate = count * jobs / seconds
        least = [points[p][best[p] >= 0][-1:] for p in range(count)]
        good = sum(
            int((group["score"].to_numpy() >= least[p[0]]).sum())
            for p, group in found.group_by("p")
            if len(least[p[0]])
        )
        recall = good / max(1, int((best[:count] >= 0).sum()))
        print(
            f"faiss{kept:5} {rate:10.3g} pairs/s   ours ×{ours / rate:6.1f} (goal {GOALS['faiss']:.0f} at 0.99)   recall {recall:.3f}"
        )
        if recall >= 0.99:
            fine &= ours / rate >= GOALS["faiss"]
            break
    return fine


def exposure(people: int, jobs: int) -> bool:
    """Hires in a simple market, under several ways to use a list: ours against the plain best ten."""
    import numpy as np
    import polars as pl

    from bench import _matching_case as case
    from chunfeng.engines.matching.allocation.allocate import allocate
    from chunfeng.engines.matching.market import audit, exposure
    from chunfeng.engines.matching.market.market import Market

    market = Market.whole(case.people(people), case.jobs(jobs))
    candidates = market.best(50)
    levels = market.scores(candidates.select("person", "vacancy")).select(
        "person", "vacancy", "score", "level"
    )
    capacity = market.jobs.select(pl.col("vacancy").alias("post"), pl.col("places").cast(pl.Int64))
    tier = market.people.select("person", pl.lit(1, dtype=pl.Int64).alias("tier"))
    edges = candidates.select("person", pl.col("vacancy").alias("post"))
    placed = allocate(
        edges,
        capacity,
        tier,
        candidates["score"].cast(pl.Int64),
        market.people.select("person", pl.col("lottery").rank("ordinal").cast(pl.Int64)),
    ).placed
    held = placed.select("person", pl.col("post").alias("vacancy"))
    (price, took) = _timed(lambda: exposure.prices(candidates, market.jobs))
    plain = candidates.filter(pl.col("rank") <= K).select("person", "rank", "vacancy", "score")
    shown = exposure.lists(levels, price, held)
    kept = float(shown["score"].cast(pl.Int64).sum() / plain["score"].cast(pl.Int64).sum())
    even, before = audit.spread(shown, market.jobs), audit.spread(plain, market.jobs)
    # a vacancy no person may take is on no list
    reachable = candidates["vacancy"].n_unique() / market.jobs.height
    print(
        f"shown     gini {even['gini']:.3f} (plain {before['gini']:.3f}, goal {GOALS['gini']})   coverage {even['coverage']:.4f} "
        f"(plain {before['coverage']:.4f}, candidates {reachable:.4f}, goal {GOALS['coverage']})   score kept {kept:.3f} "
        f"(goal {GOALS['kept']})   prices in {took:.1f} s"
    )
    rng = np.random.default_rng(7)
    ways: dict[str, Callable[[pl.DataFrame], pl.DataFrame]] = {
        "first three": lambda t: t.filter(pl.col("rank") <= 3), "first one": lambda t: t.filter(pl.col("rank") <= 1),
        "all ten": lambda t: t,
        "three at random": lambda t: t.with_columns(pl.Series("luck", rng.random(t.height))).filter(
            pl.col("luck").rank("ordinal").over("person") <= 3),
        "mostly random": lambda t: t.with_columns(pl.Series("luck", rng.random(t.height))).filter(
            ((pl.col("luck") < 0.7) & (pl.col("luck").rank("ordinal").over("person") <= 3)) | (pl.col("rank") == 1)),
    }  # fmt: skip
    gains = {}
    for name, way in ways.items():
        theirs, ours = (_hires(way(table), market.jobs) for table in (plain, shown))
        gains[name] = ours / theirs
        print(f"hires     {name:16} {theirs:7,} → {ours:7,}   ×{ours / theirs:.2f}")
    fine = (
        gains["first three"] >= GOALS["hires"]
        and min(gains.values()) >= GOALS["least"]
        and kept >= GOALS["kept"]
    )
    return bool(fine and even["gini"] <= GOALS["gini"] and even["coverage"] >= GOALS["coverage"])


def _hires(asked: Any, jobs: Any) -> int:
    """Applications in the order of the score, which both sides share: hired where person and place are still free."""
    import numpy as np
    import polars as pl

    order = asked.join(jobs.select("vacancy", "places"), on="vacancy").sort(
        "score", "person", "vacancy", descending=[True, False, False]
    )
    who = order.select(pl.col("person").rank("dense"))["person"].to_numpy()
    what = order.select(pl.col("vacancy").rank("dense"))["vacancy"].to_numpy()
    room = np.zeros(int(what.max(initial=0)) + 1, np.int64)
    room[what] = order["places"].to_numpy()
    free = np.ones(int(who.max(initial=0)) + 1, bool)
    hired = 0
    for person, post in zip(who, what, strict=True):
        if free[person] and room[post]:
            free[person] = False
            room[post] -= 1
            hired += 1
    return hired


PROVINCE = """
import json, resource, sys, time
import numpy as np
import polars as pl
from bench import _matching_case as case
from chunfeng.engines.matching.market.market import Market, changed
people, jobs = int(sys.argv[1]), int(sys.argv[2])
P, J = case.people(people), case.jobs(jobs)
warm = Market.whole(P.head(50), J.head(50)); warm.best(10)
started = time.perf_counter()
market = Market.whole(P, J)
built = time.perf_counter() - started
best = market.best(10, threads=2)
whole = time.perf_counter() - started
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
luck = pl.Series(np.random.default_rng(3).random(jobs) < 0.01)
after = J.with_columns(pl.when(luck).then(pl.col("pay_high") + 100).otherwise("pay_high").alias("pay_high"))
later = Market.whole(P, after)
started = time.perf_counter()
new = changed(best, market, later, 10, threads=2)
print(json.dumps({"built": built, "whole": whole, "mb": peak, "changed": time.perf_counter() - started, "lists": best.height}))
"""


def province(people: int, jobs: int) -> bool:
    done = subprocess.run(
        [sys.executable, "-c", PROVINCE, str(people), str(jobs)],
        check=True,
        capture_output=True,
        text=True,
        env=os.environ,
    )
    told = json.loads(done.stdout.splitlines()[-1])
    print(f"province  {people:,} × {jobs:,}: {told['whole']:.1f} s on 2 threads (tables to arrays {told['built']:.1f} s), {told['mb']:,.0f} MB; "
          f"1 % of vacancies changed {told['changed']:.1f} s")  # fmt: skip
    return bool(
        told["whole"] <= GOALS["province_seconds"]
        and told["mb"] <= GOALS["province_mb"]
        and told["changed"] <= GOALS["changed_seconds"]
    )


def main() -> int:
    parser = argparse.ArgumentParser(prog="./chunfeng bench matching", description=__doc__)
    parser.add_argument("--people", type=int, default=10_000, help="persons of ours that are timed")
    parser.add_argument("--jobs", type=int, default=100_000)
    parser.add_argument("--peers", type=int, default=200, help="persons the peers are timed on")
    parser.add_argument(
        "--market", type=int, default=50_000, help="persons of the market in which hires are counted"
    )
    parser.add_argument(
        "--province", action="store_true", help="500,000 persons and 200,000 vacancies as well"
    )
    options = parser.parse_args()
    # before polars starts its threads
    os.environ["POLARS_MAX_THREADS"] = "1"
    peers = {"polars": options.peers, "duckdb": options.peers, "faiss": min(50, options.peers)}
    fine = speed(options.people, options.jobs, peers)
    fine &= exposure(options.market, options.market // 5)
    if options.province:
        del os.environ["POLARS_MAX_THREADS"]
        fine &= province(500_000, 200_000)
    print("all goals kept" if fine else "a goal is missed")
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
