"""From a charter to trips: parties into runs, runs into vehicles, stops into an order, and a seat for each person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from chunfeng.engines.travel import pickups
from chunfeng.engines.travel.boarding import Riders, share_out
from chunfeng.engines.travel.charter import Charter
from chunfeng.engines.travel.network import length, read_line
from chunfeng.engines.travel.parties import members, place_name
from chunfeng.engines.travel.vehicles import Tariff, Vehicle
from chunfeng.reference import coordinates, regions

TRIPS: dict[str, pl.DataType | type[pl.DataType]] = {
    "trip": pl.String, "run": pl.String, "day": pl.Date, "origin": pl.String, "zones": pl.String, "vehicle": pl.String,
    "capacity": pl.Int64, "least": pl.Int64, "load": pl.Int64, "km": pl.Float64, "hours": pl.Float64, "cost": pl.Float64,
    "leaves": pl.String, "kept": pl.Boolean,
}  # fmt: skip
"""`run`: line of the charter; `zones`: cities in the order of the way, joined by `;`; `km`, `hours`: estimated; `cost`: yuan;
`leaves`: HH:MM from the last point of boarding; `kept`: carries passengers who were told before, so it may be below its least
load."""
SEATS: dict[str, pl.DataType | type[pl.DataType]] = {
    "line": pl.UInt32, "at": pl.UInt32, "person": pl.String, "name": pl.String, "trip": pl.String, "stop": pl.String,
    "time": pl.String, "seat": pl.UInt32,
}  # fmt: skip
"""One row per seat; `person`, `name` null where a companion was not named; `stop`: region code of the pick-up, null for the
county's meeting point; `time`: HH:MM there."""

PICKUP_PER_KM = 6.0
"""Yuan a coach costs per kilometre of its pick-up round."""


@dataclass(frozen=True, slots=True)
class Aboard:
    """`short`: (run, day) that whole parties leave below a least load."""

    trips: pl.DataFrame
    seats: pl.DataFrame
    short: frozenset[tuple[str, date]]


def none() -> Aboard:
    """No trips."""
    return Aboard(pl.DataFrame(schema=TRIPS), pl.DataFrame(schema=SEATS), frozenset())


def without(seated: Aboard, runs: frozenset[tuple[str, date]]) -> Aboard:
    """The trips of other runs only, and those that carry kept passengers."""
    out = pl.DataFrame(sorted(runs), schema={"run": pl.String, "day": pl.Date}, orient="row")
    gone = seated.trips.filter(~pl.col("kept")).join(out, on=["run", "day"], how="semi").select("trip")
    return Aboard(
        seated.trips.join(gone, on="trip", how="anti"),
        seated.seats.join(gone, on="trip", how="anti"),
        frozenset(),
    )


def seat(
    charter: Charter, marked: pl.DataFrame, fixed: pl.DataFrame, demand: pl.DataFrame, tariff: Tariff,
    places: pl.DataFrame | None,
) -> Aboard:  # fmt: skip
    """Trips with their passengers.

    `marked`: PARTIES with `group`; `fixed`: line, run, day, seats of kept parties; `places`: see `plan.make`.
    """
    where = (
        dict(zip(places["code"], places.select("longitude", "latitude").iter_rows(), strict=True))
        if places is not None
        else {}
    )
    runs = _runs(charter, marked, fixed, demand)
    chosen: dict[tuple[str, date], list[Vehicle]] = defaultdict(list)
    for run, day, vehicle, count in charter.trips.sort("line", "day", "vehicle").iter_rows():
        chosen[run, day].extend([tariff.vehicle(vehicle)] * count)
    kept = set(fixed["line"])
    trips, stops, short = [], [], set()
    for (run, day), riders in sorted(runs.items()):
        vehicles = sorted(chosen[run, day], key=lambda v: (-v.seats, v.id))
        loads = _loads(riders, vehicles, where, run, tariff)
        holds_kept = any(r.line in kept for load in loads for r in load)
        if not holds_kept and any(
            0 < sum(r.seats for r in load) < v.least for load, v in zip(loads, vehicles, strict=True)
        ):
            short.add((run, day))
        for number, (vehicle, load) in enumerate(zip(vehicles, loads, strict=True), start=1):
            if load:
                trip, lines = _trip(run, day, number, vehicle, load, kept, tariff, where)
                trips.append(trip)
                stops.extend(lines)
    boards = pl.DataFrame(
        stops,
        schema={
            "line": pl.UInt32,
            "trip": pl.String,
            "stop": pl.String,
            "time": pl.String,
            "order": pl.Int64,
        },
        orient="row",
    )
    persons = members(demand, boards["line"]).join(boards, on="line", maintain_order="left")
    seats = persons.sort("trip", "order", "line", "at").with_columns(
        (pl.int_range(pl.len()).over("trip") + 1).cast(pl.UInt32).alias("seat")
    )
    return Aboard(
        pl.DataFrame(trips, schema=TRIPS, orient="row").sort("day", "trip"),
        seats.select([pl.col(c).cast(t) for c, t in SEATS.items()]), frozenset(short),
    )  # fmt: skip


def _runs(
    charter: Charter, marked: pl.DataFrame, fixed: pl.DataFrame, demand: pl.DataFrame
) -> dict[tuple[str, date], list[Riders]]:
    """Parties per run: kept ones where they are, the others of a group in the order of sign-up as the charter has seats."""
    runs: dict[tuple[str, date], list[Riders]] = defaultdict(list)
    homes = dict(demand.with_row_index("line").select("line", "home").iter_rows())
    for line, run, day, seats in fixed.select("line", "run", "day", "seats").iter_rows():
        runs[run, day].append(Riders(line, seats, homes[line] or ""))
    room: dict[int, list[_Room]] = defaultdict(list)
    for group, run, day, seats in charter.seated.sort("group", "day", "line").iter_rows():
        room[group].append(_Room(run, day, seats))
    waiting: list[tuple[int, Riders]] = []
    listed = marked.drop_nulls("group").sort("group", "line").select("group", "line", "seats", "stop")
    for group, line, seats, stop in listed.iter_rows():
        party = Riders(line, seats, stop)
        fits = next((r for r in room[group] if r.seats >= seats), None)
        if fits is None:
            waiting.append((group, party))
        else:
            fits.seats -= seats
            runs[fits.run, fits.day].append(party)
    for group, party in waiting:
        # single seats left over may still hold a party where another one left room in the vehicle
        if (some := next((r for r in room[group] if r.seats > 0), None)) is not None:
            some.seats -= party.seats
            runs[some.run, some.day].append(party)
    return runs


@dataclass(slots=True)
class _Room:
    """Seats of one run that the charter gives to a group."""

    run: str
    day: date
    seats: int


def _loads(
    riders: list[Riders],
    vehicles: Sequence[Vehicle],
    where: dict[str, pickups.Place],
    run: str,
    tariff: Tariff,
) -> list[list[Riders]]:
    """Parties per vehicle: by pick-up routes where places are known and loads allow it, else neighbours together."""
    loads, _ = share_out(riders, vehicles)
    if len(vehicles) < 2 or not run.endswith(":coach") or len({_stop(r, where) for r in riders} - {None}) < 2:
        return loads
    routed = _by_routes(riders, vehicles, where, run, tariff)
    if routed is None or any(
        sum(r.seats for r in load) < v.least for load, v in zip(routed, vehicles, strict=True)
    ):
        return loads
    return routed


def _by_routes(
    riders: list[Riders],
    vehicles: Sequence[Vehicle],
    where: dict[str, pickups.Place],
    run: str,
    tariff: Tariff,
) -> list[list[Riders]] | None:
    meeting = coordinates.seat(read_line(run)[0])
    if meeting is None:
        return None
    parts = {str(r.line): r for r in riders}
    stops = [pickups.Stop(k, where.get(_stop(r, where) or "", meeting), r.seats) for k, r in parts.items()]
    fleets = [pickups.Fleet(v.seats, 1, v.per_km) for v in vehicles]
    found = pickups.plan(stops, fleets, meeting, road_factor=tariff.road_factor)
    if not found.feasible:
        return None
    loads: list[list[Riders]] = [[] for _ in vehicles]
    for route in found.routes:
        loads[route.fleet] = [parts[s] for s in route.stops]
    return loads


def _trip(
    run: str, day: date, number: int, vehicle: Vehicle, load: list[Riders], kept: set[int], tariff: Tariff,
    where: dict[str, pickups.Place],
) -> tuple[tuple[object, ...], list[tuple[int, str, str | None, str, int]]]:  # fmt: skip
    """The trip's row of TRIPS and, per party, (line, trip, stop, time, order)."""
    origin, zones, mode = read_line(run)
    to = "、".join(place_name(zone) for zone in zones)
    trip = f"{day:%m%d}-{place_name(origin)}-{to}-{'' if mode == 'coach' else vehicle.name}{number}"
    here, km = coordinates.seat(origin), length(run, tariff) or 0.0
    leave = tariff.depart.hour * 60 + tariff.depart.minute
    order = _order(load, where, here, tariff) if mode == "coach" else []
    clock = (
        pickups.times([where[s] for s in order], here, leave, road_factor=tariff.road_factor,
                      kmh=tariff.speed_kmh["pickup"], minutes_per_stop=tariff.minutes_per_stop)
        if here else []
    )  # fmt: skip
    at = {stop: (place, minute) for place, (stop, minute) in enumerate(zip(order, clock, strict=True))}
    boards = []
    for rider in load:
        stop = _stop(rider, where)
        place, minute = at.get(stop or "", (len(order), leave))
        boards.append(
            (rider.line, trip, stop if stop in at else None, f"{minute // 60:02d}:{minute % 60:02d}", place)
        )
    seats = sum(r.seats for r in load)
    row = (
        trip, run, day, origin, ";".join(zones), vehicle.id, vehicle.seats, vehicle.least, seats, round(km, 0),
        round(km / tariff.speed_kmh[mode], 1), round(vehicle.cost(km), 0), f"{tariff.depart:%H:%M}",
        any(r.line in kept for r in load),
    )  # fmt: skip
    return row, boards


def _order(
    load: list[Riders], where: dict[str, pickups.Place], meeting: pickups.Place | None, tariff: Tariff
) -> list[str]:
    """The stops of a coach that are worth the way, in order; the others' passengers come to the meeting point."""
    if meeting is None:
        return []
    seats: dict[str, int] = defaultdict(int)
    for rider in load:
        if (stop := _stop(rider, where)) is not None:
            seats[stop] += rider.seats

    def worth(stop: str) -> float:
        local = tariff.road_factor * coordinates.kilometres(where[stop], meeting)
        return seats[stop] * (tariff.local_fixed + tariff.local_per_km * local)

    stops = [pickups.Stop(stop, where[stop], seats[stop], worth(stop)) for stop in sorted(seats)]
    if not stops:
        return []
    coach = pickups.Fleet(sum(seats.values()), 1, PICKUP_PER_KM)
    found = pickups.plan(stops, [coach], meeting, road_factor=tariff.road_factor, iterations=500, seconds=1)
    return list(found.routes[0].stops) if found.routes else []


def _stop(rider: Riders, where: dict[str, pickups.Place]) -> str | None:
    """The deepest known place of a party's home, below the county."""
    return next((rider.stop[:n] for n in (12, 9) if len(rider.stop) >= n and rider.stop[:n] in where), None)


def stop_name(code: str | None, origin: str) -> str:
    """A pick-up in words: 文亨镇湖峰村; the county's meeting point where there is no other."""
    if code is None:
        return f"{place_name(origin)}城区集合点"
    found = [regions.get(code[:n]) for n in (9, 12) if len(code) >= n]
    return "".join(r.name for r in found if r is not None) or code
