"""Who sits in which vehicle: parties of a line and day shared out over its vehicles, whole, none below its least load."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chunfeng.engines.travel.vehicles import Vehicle


@dataclass(frozen=True, slots=True)
class Riders:
    """A party to be seated: `line` of the demand, its seats, where it boards."""

    line: int
    seats: int
    stop: str


def share_out(
    riders: Sequence[Riders], vehicles: Sequence[Vehicle]
) -> tuple[list[list[Riders]], list[Riders]]:
    """(parties per vehicle, parties without room). Neighbours ride together as far as loads allow.

    Every vehicle gets at least its least load if some way of moving single parties reaches that.
    """
    order = sorted(riders, key=lambda r: (r.stop, r.line))
    targets = _targets(sum(r.seats for r in riders), vehicles)
    loads: list[list[Riders]] = [[] for _ in vehicles]
    rest: list[Riders] = []
    at = 0
    for party in order:
        while at < len(vehicles) and _load(loads[at]) + party.seats > targets[at]:
            at += 1
        (loads[at] if at < len(vehicles) else rest).append(party)
    left = []
    for party in sorted(rest, key=lambda r: (-r.seats, r.line)):
        room = [n for n, v in enumerate(vehicles) if _load(loads[n]) + party.seats <= v.seats]
        if room:
            # where most is lacking, else where it fits closest
            best = max(room, key=lambda n: (vehicles[n].least - _load(loads[n]), _load(loads[n]), -n))
            loads[best].append(party)
        else:
            left.append(party)
    _level(loads, vehicles)
    return loads, left


def _targets(total: int, vehicles: Sequence[Vehicle]) -> list[int]:
    """Seats to fill in each vehicle: the least load of each, and the rest one after the other."""
    over = max(0, total - sum(v.least for v in vehicles))
    targets = []
    for vehicle in vehicles:
        more = min(over, vehicle.seats - vehicle.least)
        targets.append(vehicle.least + more)
        over -= more
    return targets


def _level(loads: list[list[Riders]], vehicles: Sequence[Vehicle]) -> None:
    """Moves parties into vehicles below their least load from those that can spare them; the smallest that does first."""
    for here, vehicle in enumerate(vehicles):
        while (lack := vehicle.least - _load(loads[here])) > 0:
            moves = [
                (abs(party.seats - lack), -party.seats, party.line, other)
                for other, theirs in enumerate(vehicles)
                if other != here
                for party in loads[other]
                if _load(loads[other]) - party.seats >= theirs.least
                and _load(loads[here]) + party.seats <= vehicle.seats
            ]
            if not moves:
                break
            _, _, line, other = min(moves)
            party = next(p for p in loads[other] if p.line == line)
            loads[other].remove(party)
            loads[here].append(party)


def _load(parties: Sequence[Riders]) -> int:
    return sum(p.seats for p in parties)
