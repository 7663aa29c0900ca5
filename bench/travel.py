"""Chartered trips and pick-up routes: cost against the desk's practice and the proved bound; routes against best known ones

    ./chunfeng bench travel                       chartering for 40,000 people of 60 counties
    ./chunfeng bench travel FILE.vrp …            and routes on CVRPLIB instances, each beside its .sol, 30 seconds an instance

What chartering saves hangs on how many days people leave open and how much a county keeps to few cities: --fixed, --focus.
Chartering: our parts against HiGHS on the whole programme at once, the same seconds. Routes: our pick-ups against OR-Tools'
routing by guided local search, the same seconds, one thread each.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import polars as pl

from _travel_case import CITIES, DAYS, ORIGINS, best_known, demand, instance, problem
from chunfeng.engines.travel import charter, desk, pickups
from chunfeng.engines.travel.vehicles import own_tariff

COST_GOAL, GAP_GOAL = 0.75, 0.03
ROUTE_GOALS = ((500, 0.01), (1000, 0.03))
"""Up to about so many stops, at most so far above the best known."""


def chartering(people: int, seconds: float, seed: int, focus: float, fixed: float) -> bool:
    tariff = own_tariff()
    parties = demand(people, seed, focus, fixed)
    asked, prices = problem(parties, tariff)
    coach = max((v for v in tariff.vehicles if v.mode == "coach"), key=lambda v: v.seats)
    usual = desk.practice(asked.groups, prices, coach.seats, coach.least)
    started, cpu = time.perf_counter(), time.process_time()
    found = charter.solve(asked, seconds=seconds, gap=2e-3)
    took, cpu = time.perf_counter() - started, time.process_time() - cpu
    model = charter.build(asked)
    started = time.perf_counter()
    whole = charter.solve_part(model, np.arange(len(model.cost)), seconds, 2e-3)
    whole_took = time.perf_counter() - started
    total, cost = int(asked.groups["seats"].sum()), float(usual["cost"].sum())
    print(f"\nchartering: {total:,} people, {parties.height:,} parties, {ORIGINS} counties × {CITIES} cities × {DAYS} days, "
          f"{len(model.cost):,} columns of which {model.x.height:,} whole")  # fmt: skip
    print(f"{'':34}{'yuan':>12}{'of desk':>9}{'bound':>12}{'gap':>8}{'tickets':>9}{'coaches':>9}{'s':>8}")
    print(f"{'desk, first come first served':34}{cost:>12,.0f}{1:>9.3f}{'':>12}{'':>8}"
          f"{usual['tickets'].sum() / total:>9.1%}{usual['coaches'].sum():>9,}")  # fmt: skip
    riders = int(found.seated["seats"].sum())
    print(f"{'ours':34}{found.cost:>12,.0f}{found.cost / cost:>9.3f}{found.bound:>12,.0f}{found.gap:>8.2%}"
          f"{1 - riders / total:>9.1%}{found.trips['vehicles'].sum():>9,}{took:>8.1f}")  # fmt: skip
    if whole is None:
        print(f"{'HiGHS on the whole':34}no plan in {whole_took:.0f} s")
    else:
        value = float(whole[0] @ model.cost)
        print(f"{'HiGHS on the whole':34}{value:>12,.0f}{value / cost:>9.3f}{whole[1]:>12,.0f}{(value - whole[1]) / value:>8.2%}"
              f"{'':>9}{int(np.rint(whole[0][: model.x.height]).sum()):>9,}{whole_took:>8.1f}")  # fmt: skip
    broken = _broken(asked, found)
    print(f"runs below a least load or above the seats: {broken}; {_share(cpu, took)}")
    met = found.cost <= COST_GOAL * cost and found.gap <= GAP_GOAL and broken == 0 and took <= seconds * 1.1
    print(
        f"goal: ≤ {COST_GOAL} of the desk, gap ≤ {GAP_GOAL:.0%} in {seconds:g} s, all loads kept: {'met' if met else 'MISSED'}"
    )
    return met


def _share(cpu: float, wall: float) -> str:
    """How much of a core we had: on a busy machine seconds of the clock are few seconds of work."""
    return f"{cpu:.0f} CPU s of {wall:.0f} s"


def _broken(asked: charter.Problem, found: charter.Charter) -> int:
    """Runs whose passengers do not fit between the least loads and the seats of their vehicles."""
    limits = (
        found.trips.join(asked.offers, on=["line", "vehicle"]).group_by("line", "day")
        .agg((pl.col("vehicles") * pl.col("seats")).sum().alias("most"), (pl.col("vehicles") * pl.col("least")).sum().alias("least"))
    )  # fmt: skip
    loads = found.seated.group_by("line", "day").agg(pl.col("seats").sum().alias("load"))
    both = loads.join(limits, on=["line", "day"], how="full", coalesce=True)
    return both.filter(~pl.col("load").is_between("least", "most").fill_null(False)).height


def routes(path: Path, seconds: float) -> bool:
    far, demands, capacity = instance(path)
    known = best_known(path.with_suffix(".sol"))
    stops = [pickups.Stop(str(n), (0.0, 0.0), int(d)) for n, d in enumerate(demands) if n]
    order = [0, 0, *range(1, len(demands))]
    fleet = pickups.Fleet(capacity, len(stops))
    started, cpu = time.perf_counter(), time.process_time()
    found = pickups.over(far[np.ix_(order, order)], stops, [fleet], seconds=seconds)
    took, cpu = time.perf_counter() - started, time.process_time() - cpu
    assert found.feasible
    ways = [[0, *(int(s) for s in r.stops), 0] for r in found.routes]
    assert sorted(n for way in ways for n in way if n) == list(range(1, len(demands)))
    assert all(demands[way].sum() <= capacity for way in ways)
    length = sum(float(far[way[:-1], way[1:]].sum()) for way in ways)
    peer = _peer(far, demands, capacity, seconds)
    above, other = length / known - 1, peer / known - 1 if peer else float("nan")
    goal = next((g for stops_to, g in ROUTE_GOALS if len(stops) <= stops_to * 1.1), ROUTE_GOALS[-1][1])
    print(f"{path.stem:16}{len(stops):>6} stops  best known {known:>8,}  ours {length:>9,.0f} (+{above:.2%}, {took:.0f} s)  "
          f"OR-Tools (+{other:.2%})  goal ≤ {goal:.0%}: {'met' if above <= goal else 'MISSED'}; {_share(cpu, took)}", flush=True)  # fmt: skip
    return above <= goal


def _peer(far: np.ndarray, demands: np.ndarray, capacity: int, seconds: float) -> float | None:
    from ortools.constraint_solver import pywrapcp, routing_enums_pb2

    count = int(np.ceil(demands.sum() / capacity) * 1.15) + 1
    manager = pywrapcp.RoutingIndexManager(len(demands), count, 0)
    model = pywrapcp.RoutingModel(manager)
    model.SetArcCostEvaluatorOfAllVehicles(model.RegisterTransitMatrix(far.astype(np.int64).tolist()))
    loads = model.RegisterUnaryTransitVector(demands.tolist())
    model.AddDimension(loads, 0, capacity, True, "load")
    search = pywrapcp.DefaultRoutingSearchParameters()
    search.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.SAVINGS
    search.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    search.time_limit.FromMilliseconds(int(seconds * 1000))
    found = model.SolveWithParameters(search)
    return float(found.ObjectiveValue()) if found else None


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("instances", nargs="*", type=Path, help="CVRPLIB .vrp files with .sol beside them")
    parser.add_argument("--people", type=int, default=40_000)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument(
        "--focus", type=float, default=1.5, help="0.5: a county keeps to few cities; 10: to all alike"
    )
    parser.add_argument(
        "--fixed", type=float, default=0.25, help="share of parties that can leave on one day only"
    )
    parser.add_argument("--seed", type=int, default=20230115)
    options = parser.parse_args()
    met = [chartering(options.people, options.seconds, options.seed, options.focus, options.fixed)]
    if options.instances:
        print(f"\nroutes, {options.seconds:g} s each, one thread")
        met += [routes(path, options.seconds) for path in sorted(options.instances)]
    if not all(met):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
