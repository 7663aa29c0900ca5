"""Pick-up routes: which coach takes up whom in which order, with times. Engine: PyVRP.

Distances are great circles times the road factor of the tariff, and every plan says so: they order stops, they are no
timetable of a road map.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyvrp
from pyvrp.stop import MaxIterations, MaxRuntime, MultipleCriteria, StoppingCriterion

from chunfeng.reference.coordinates import kilometres

Place = tuple[float, float]
"""Longitude, latitude, in degrees."""


@dataclass(frozen=True, slots=True)
class Stop:
    """Passengers at one place; `prize`: yuan it is worth to go there, None where the coach must."""

    id: str
    place: Place
    seats: int
    prize: float | None = None


@dataclass(frozen=True, slots=True)
class Fleet:
    """So many coaches of these seats; `cost_per_km` yuan, `fixed` yuan for each that is used."""

    seats: int
    count: int
    cost_per_km: float = 1.0
    fixed: float = 0.0


@dataclass(frozen=True, slots=True)
class Route:
    """One coach: the index of its fleet, stops in order, kilometres from the first stop to the end."""

    fleet: int
    stops: tuple[str, ...]
    seats: int
    km: float


@dataclass(frozen=True, slots=True)
class Routes:
    """The answer. `skipped`: stops not worth their way; `feasible` false where seats do not suffice."""

    routes: tuple[Route, ...]
    skipped: tuple[str, ...]
    feasible: bool


def plan(
    stops: Sequence[Stop],
    fleets: Sequence[Fleet],
    end: Place,
    *,
    start: Place | None = None,
    road_factor: float = 1.3,
    seconds: float = 2.0,
    iterations: int | None = 4000,
    seed: int = 7,
) -> Routes:
    """Routes from `start` (default: `end`) past all stops to `end`, where the coaches leave for their destination.

    A stop with more passengers than the largest coach is an error of the caller's (ValueError).
    """
    places = [start or end, end, *(s.place for s in stops)]
    far = np.array([[kilometres(a, b) * road_factor for b in places] for a in places]).reshape(
        len(places), -1
    )
    return over(far, stops, fleets, seconds=seconds, iterations=iterations, seed=seed)


def over(
    far: np.ndarray,
    stops: Sequence[Stop],
    fleets: Sequence[Fleet],
    *,
    seconds: float,
    iterations: int | None = None,
    seed: int = 7,
) -> Routes:
    """`plan` over distances that are known: `far` in kilometres, in the order start, end, stops.

    Ends after `iterations`, in any case after `seconds`; only the former gives the same routes everywhere.
    """
    if not stops or not fleets:
        return Routes((), tuple(s.id for s in stops), not any(s.prize is None for s in stops))
    largest = max(f.seats for f in fleets)
    if any(s.seats > largest for s in stops):
        raise ValueError(f"a stop has more passengers than a coach seats: {largest}")
    limits: list[StoppingCriterion] = [MaxRuntime(seconds)]
    if iterations is not None:
        limits.append(MaxIterations(iterations))
    best = pyvrp.solve(
        _data(far, stops, fleets), MultipleCriteria(limits), seed=seed, collect_stats=False, display=False
    ).best
    return _read(best, stops, fleets, far)


SCALE = 10
"""The engine counts in whole numbers: hundreds of metres, tenths of a yuan a kilometre."""


def _data(far: np.ndarray, stops: Sequence[Stop], fleets: Sequence[Fleet]) -> pyvrp.ProblemData:
    clients = [
        pyvrp.Client(
            location=n + 2, pickup=[stop.seats], required=stop.prize is None,
            prize=0 if stop.prize is None else round(stop.prize * SCALE * SCALE),
        )
        for n, stop in enumerate(stops)
    ]  # fmt: skip
    vehicles = [
        pyvrp.VehicleType(
            num_available=fleet.count, capacity=[fleet.seats], start_depot=0, end_depot=1,
            fixed_cost=round(fleet.fixed * SCALE * SCALE), unit_distance_cost=max(1, round(fleet.cost_per_km * SCALE)),
        )
        for fleet in fleets
    ]  # fmt: skip
    whole = np.rint(far * SCALE).astype(np.int64)
    locations = [pyvrp.Location(0, 0) for _ in range(len(stops) + 2)]  # only the distances count
    depots = [pyvrp.Depot(0), pyvrp.Depot(1)]
    return pyvrp.ProblemData(locations, clients, depots, vehicles, [whole], [np.zeros_like(whole)])


def _read(best: pyvrp.Solution, stops: Sequence[Stop], fleets: Sequence[Fleet], far: np.ndarray) -> Routes:
    routes = []
    for route in best.routes():
        visits = [activity.idx for activity in route.schedule() if activity.is_client()]
        way = [v + 2 for v in visits]
        km = float(far[way, [*way[1:], 1]].sum()) if way else 0.0
        seats = sum(stops[v].seats for v in visits)
        routes.append(Route(route.vehicle_type(), tuple(stops[v].id for v in visits), seats, km))
    visited = {s for r in routes for s in r.stops}
    skipped = tuple(s.id for s in stops if s.id not in visited)
    enough = all(r.seats <= fleets[r.fleet].seats for r in routes)
    missed = any(s.prize is None for s in stops if s.id not in visited)
    return Routes(tuple(routes), skipped, enough and not missed and best.is_feasible())


def times(
    stops: Sequence[Place], end: Place, leave: int, *, road_factor: float, kmh: float, minutes_per_stop: int
) -> list[int]:
    """Minute of the day at which a coach is at each stop, so that it leaves `end` at minute `leave`, all aboard.

    Rounded down to five minutes: who waits has time, who is told too late misses the coach.
    """
    at, clock = [], float(leave)
    ahead = [*stops[1:], end][: len(stops)]
    for here, there in reversed(list(zip(stops, ahead, strict=True))):
        clock -= kilometres(here, there) * road_factor / kmh * 60 + minutes_per_stop
        at.append(max(0, math.floor(clock / 5) * 5))
    return at[::-1]
