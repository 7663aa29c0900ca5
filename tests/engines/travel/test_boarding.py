"""Parties into vehicles, stops into routes, times at the stops."""

from hypothesis import given, settings
from hypothesis import strategies as st

from chunfeng.engines.travel import pickups
from chunfeng.engines.travel.boarding import Riders, share_out
from chunfeng.engines.travel.vehicles import Vehicle
from chunfeng.reference.coordinates import kilometres

BIG, SMALL = Vehicle("b", "大", "coach", 45, 31, 900, 6), Vehicle("s", "小", "coach", 19, 13, 600, 4)
SEAT = (116.754, 25.71)


@given(
    st.lists(st.integers(1, 4), min_size=1, max_size=40),
    st.lists(st.sampled_from([BIG, SMALL]), min_size=1, max_size=4),
)
def test_nobody_is_lost_or_squeezed(sizes: list[int], vehicles: list[Vehicle]) -> None:
    riders = [Riders(n, size, f"{n % 5}") for n, size in enumerate(sizes)]
    loads, left = share_out(riders, vehicles)
    seated = [r for load in loads for r in load]
    assert sorted(r.line for r in [*seated, *left]) == list(range(len(sizes)))
    for load, vehicle in zip(loads, vehicles, strict=True):
        assert sum(r.seats for r in load) <= vehicle.seats
    room = max(v.seats - sum(r.seats for r in load) for load, v in zip(loads, vehicles, strict=True))
    assert all(r.seats > room for r in left)


@given(st.data())
def test_single_travellers_always_reach_every_least_load(data: st.DataObject) -> None:
    vehicles = data.draw(st.lists(st.sampled_from([BIG, SMALL]), min_size=1, max_size=4))
    total = data.draw(st.integers(sum(v.least for v in vehicles), sum(v.seats for v in vehicles)))
    loads, left = share_out([Riders(n, 1, "") for n in range(total)], vehicles)
    assert not left
    assert all(v.least <= len(load) <= v.seats for load, v in zip(loads, vehicles, strict=True))


def test_neighbours_ride_together() -> None:
    riders = [Riders(n, 1, "北团镇" if n % 2 else "文亨镇") for n in range(64)]
    loads, _ = share_out(riders, [BIG, BIG])
    assert len({r.stop for r in loads[1]}) == 1


def test_one_coach_goes_the_short_way_round() -> None:
    along = [pickups.Stop(str(n), (116.754 + 0.1 * n, 25.71), 5) for n in (3, 1, 2)]
    found = pickups.plan(along, [pickups.Fleet(45, 1)], SEAT, start=(117.2, 25.71), iterations=300)
    assert found.feasible
    assert found.routes[0].stops == ("3", "2", "1")
    assert abs(found.routes[0].km - kilometres(along[0].place, SEAT) * 1.3) < 1


def test_seats_are_kept_and_far_stops_for_few_are_skipped() -> None:
    stops = [
        pickups.Stop("a", (116.80, 25.75), 30),
        pickups.Stop("b", (116.72, 25.66), 30),
        pickups.Stop("c", (117.9, 26.9), 1, 25.0),
    ]
    found = pickups.plan(stops, [pickups.Fleet(45, 2, 6.0, 500)], SEAT, iterations=300)
    assert found.feasible and found.skipped == ("c",)
    assert sorted(r.seats for r in found.routes) == [30, 30]


def test_too_few_coaches_are_not_called_a_plan() -> None:
    stops = [pickups.Stop("a", (116.80, 25.75), 30), pickups.Stop("b", (116.72, 25.66), 30)]
    assert not pickups.plan(stops, [pickups.Fleet(45, 1)], SEAT, iterations=200).feasible
    assert not pickups.plan(stops, [], SEAT).feasible
    assert pickups.plan([], [pickups.Fleet(45, 1)], SEAT).feasible


@settings(max_examples=30)
@given(st.lists(st.tuples(st.floats(116, 118), st.floats(25, 27)), max_size=6))
def test_times_come_in_order_and_before_the_start(places: list[tuple[float, float]]) -> None:
    clock = pickups.times(places, SEAT, 480, road_factor=1.3, kmh=35, minutes_per_stop=8)
    assert clock == sorted(clock) and len(clock) == len(places)
    assert all(0 <= minute <= 475 and minute % 5 == 0 for minute in clock)
