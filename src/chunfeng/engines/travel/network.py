"""Lines between origins and cities, what may go on them and at what price, and parties gathered into groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from itertools import pairwise

import polars as pl

from chunfeng.engines.travel.charter import ACCESS, GROUPS, OFFERS
from chunfeng.engines.travel.vehicles import MODES, Tariff
from chunfeng.reference import coordinates

WAYS: dict[str, pl.DataType | type[pl.DataType]] = {
    "origin": pl.String, "zone": pl.String, "straight": pl.Float64, "ticket": pl.Float64,
}  # fmt: skip
"""`straight`: great-circle kilometres between the seats; null where a place is not known. `ticket`: yuan a person."""
DETOUR = 1.15
"""A way past another city may be that much longer than the direct one."""
JOINT_KM = 120
"""Cities farther apart, as the crow flies, share no coach: who gets off last would sit too long."""


def ways(pairs: pl.DataFrame, tariff: Tariff) -> pl.DataFrame:
    """WAYS of every pair of origin and zone."""
    distinct = pairs.select("origin", "zone").unique().sort("origin", "zone")
    straight = [_straight(origin, zone) for origin, zone in distinct.iter_rows()]
    table = distinct.with_columns(pl.Series("straight", straight, dtype=pl.Float64))
    road = pl.col("straight") * tariff.road_factor
    return table.with_columns(tariff.voucher(road).alias("ticket"))


@cache
def _straight(origin: str, zone: str) -> float | None:
    one, other = coordinates.seat(origin), coordinates.seat(_region(zone))
    return None if one is None or other is None else coordinates.kilometres(one, other)


def _region(zone: str) -> str:
    return zone[:2] if zone.endswith("0000") else zone[:4] if zone.endswith("00") else zone


def line_id(origin: str, zones: Sequence[str], mode: str) -> str:
    """The name of a line: origin>zone:mode, origin>first+last:mode."""
    return f"{origin}>{'+'.join(zones)}:{mode}"


def read_line(line: str) -> tuple[str, tuple[str, ...], str]:
    """(origin, zones in the order of the way, mode) of a line's name."""
    origin, rest = line.split(">")
    zones, mode = rest.split(":")
    return origin, tuple(zones.split("+")), mode


def length(line: str, tariff: Tariff) -> float | None:
    """Kilometres of a line by its mode, past all its zones; null where a place is not known."""
    origin, zones, mode = read_line(line)
    stops = [origin, *zones]
    legs = [_straight(a, b) for a, b in pairwise(stops)]
    known = [leg for leg in legs if leg is not None]
    return tariff.km(mode, sum(known)) if len(known) == len(legs) else None


def offers(table: pl.DataFrame, tariff: Tariff, *, joint: bool = True) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(OFFERS, ACCESS) of these WAYS: one line per way and mode that some vehicle of the tariff reaches.

    `joint`: coaches may also serve two cities, the nearer one on the way, if that is no more than DETOUR of the direct way.
    """
    found: list[tuple[str, str, int, int, float]] = []
    access: list[tuple[str, str, str, float]] = []
    for origin, zones in (
        table.drop_nulls("straight").group_by("origin", maintain_order=True).agg("zone").iter_rows()
    ):
        singles = [((zone,), mode) for zone in zones for mode in MODES]
        for ends, mode in [*singles, *((pair, "coach") for pair in (_pairs(origin, zones) if joint else ()))]:
            line = line_id(origin, ends, mode)
            km = length(line, tariff)
            going = [
                v
                for v in tariff.vehicles
                if km is not None and v.mode == mode and v.nearest_km <= km <= v.farthest_km
            ]
            found.extend((line, v.id, v.seats, v.least, v.cost(km or 0.0)) for v in going)
            access.extend((line, origin, zone, tariff.feeder[mode]) for zone in ends if going)
    return pl.DataFrame(found, schema=OFFERS, orient="row"), pl.DataFrame(access, schema=ACCESS, orient="row")


def _pairs(origin: str, zones: Sequence[str]) -> list[tuple[str, str]]:
    far = {zone: _straight(origin, zone) or 0.0 for zone in zones}
    pairs = []
    for first in zones:
        for last in zones:
            between = _straight(first, last)
            near = first != last and between is not None and between <= JOINT_KM
            if near and between is not None and far[first] + between <= DETOUR * far[last]:
                pairs.append((first, last))
    return pairs


def groups(parties: pl.DataFrame, table: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(GROUPS, parties with their `group`): parties of one origin, zone and window are alike to the programme.

    Parties to a place whose distance is not known are in no group (null).
    """
    alike = ["origin", "zone", "earliest", "latest"]
    known = parties.join(table.filter(pl.col("straight").is_not_null()), on=["origin", "zone"], how="semi")
    gathered = known.group_by(alike).agg(pl.col("seats").sum()).sort(alike).with_row_index("group")
    priced = gathered.join(
        table.select("origin", "zone", "ticket"), on=["origin", "zone"], maintain_order="left"
    )
    marked = parties.join(gathered.select("group", *alike), on=alike, how="left", maintain_order="left")
    named = priced.rename({"zone": "destination"})
    return named.select([pl.col(c).cast(t) for c, t in GROUPS.items()]), marked


def coach_prices(table: pl.DataFrame, tariff: Tariff) -> pl.DataFrame:
    """origin, destination, coach: yuan of the largest coach on each way, null beyond its reach."""
    coach = max((v for v in tariff.vehicles if v.mode == "coach"), key=lambda v: v.seats)
    km = pl.col("straight") * tariff.road_factor
    price = pl.when(km <= coach.farthest_km).then(coach.fixed + coach.per_km * km)
    return table.select("origin", pl.col("zone").alias("destination"), price.alias("coach"))


def limits(fleet: Mapping[str, int], tariff: Tariff) -> dict[str, int]:
    """A fleet's limits, of known vehicles only. Raises KeyError for a vehicle the tariff has not."""
    return {tariff.vehicle(vehicle).id: count for vehicle, count in fleet.items()}
