"""The plan: parties → chartered vehicles → seats, stops and times, and a plain reason for everyone without a seat."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import polars as pl

from chunfeng.engines.travel import aboard, charter, desk, network, parties, relax
from chunfeng.engines.travel.vehicles import Tariff, own_tariff

UNPLANNED: dict[str, pl.DataType | type[pl.DataType]] = {
    "line": pl.UInt32, "reason": pl.String, "ticket": pl.Float64, "trips": pl.String,
}  # fmt: skip
"""`ticket`: yuan for the whole party where a ticket is bought; `trips`: those to the same city with enough free seats."""
ROUNDS = 4
OFFERED = 3


@dataclass(frozen=True, slots=True)
class Terms:
    """Under which a plan is made. `notice`: days between the day of planning and the first trip; `days`: days planned
    for; `fleet`: vehicles of a kind a day; `tickets`: whether who fills no vehicle gets a ticket; `budget`: yuan;
    `joint`: whether a coach may serve a second city on its way; `seconds`: time for the programme."""

    tariff: Tariff = field(default_factory=own_tariff)
    notice: int = 2
    days: int = 45
    fleet: Mapping[str, int] = field(default_factory=dict)
    tickets: bool = True
    budget: float | None = None
    joint: bool = True
    seconds: float = 20


@dataclass(frozen=True, slots=True)
class Plan:
    """What was found. `trips`: aboard.TRIPS; `seats`: aboard.SEATS; `unplanned`: UNPLANNED, every row of the demand that has
    no seat; `bound`: no plan costs less; `desk`: yuan the desk's practice would cost for the same parties; `advice`: what
    to relax where no plan exists."""

    trips: pl.DataFrame
    seats: pl.DataFrame
    unplanned: pl.DataFrame
    cost: float
    bound: float
    desk: float
    feasible: bool
    advice: tuple[str, ...] = ()


def make(
    demand: pl.DataFrame,
    as_of: date,
    county: str | None,
    terms: Terms | None = None,
    *,
    places: pl.DataFrame | None = None,
    kept: pl.DataFrame | None = None,
) -> Plan:
    """A plan for a table of demand (`demand.TABLE` with `MORE`).

    `places`: code, longitude, latitude of towns and villages; without them all are taken up at one point of the county.
    `kept`: line, run, day of parties already told that they travel; they keep run and day whatever else changes.
    """
    terms = terms or Terms()
    first = as_of + timedelta(days=terms.notice)
    asked, unplanned = parties.parties(demand, first, first + timedelta(days=terms.days - 1), county)
    fixed = _kept(kept, demand)
    unplanned = unplanned.join(fixed, on="line", how="anti")
    ways = network.ways(pl.concat([asked, _asked_of(fixed, demand, county)]), terms.tariff)
    gathered, marked = network.groups(asked.join(fixed, on="line", how="anti"), ways)
    offers, access = network.offers(ways, terms.tariff, joint=terms.joint)
    problem = charter.Problem(
        gathered, offers, access,
        fixed.select(pl.col("run").alias("line"), "day", "seats"),
        network.limits(terms.fleet, terms.tariff), frozenset(), terms.tickets, terms.budget,
    )  # fmt: skip
    found, seated, left = _solve(problem, marked, fixed, demand, county, terms, places)
    desk_cost = float(
        desk.practice(gathered, network.coach_prices(ways, terms.tariff), *_coach(terms.tariff))["cost"].sum()
    )
    if not found.feasible:
        told = relax.advice(problem, seconds=min(5.0, terms.seconds))
        nobody = marked.select("line", pl.lit("没有可行的方案：" + "；".join(told)).alias("reason"))
        empty = aboard.none()
        listed = _with_offers(pl.concat([unplanned, nobody]), demand, marked, ways, empty, county)
        return Plan(empty.trips, empty.seats, listed, 0.0, 0.0, desk_cost, False, tuple(told))
    least = (
        access.join(offers, on="line")
        .group_by("origin", pl.col("destination").alias("zone"))
        .agg(pl.col("least").min())
    )
    reasons = pl.concat([unplanned, _reasons(left, marked, ways, least)])
    tickets = float(_tickets(reasons, marked, ways)["ticket"].fill_null(0).sum())
    cost = float(seated.trips["cost"].sum()) + tickets + _feeders(seated, terms)
    listed = _with_offers(reasons, demand, marked, ways, seated, county)
    return Plan(seated.trips, seated.seats, listed, cost, min(found.bound, cost), desk_cost, True)


def _solve(
    problem: charter.Problem, marked: pl.DataFrame, fixed: pl.DataFrame, demand: pl.DataFrame, county: str | None,
    terms: Terms, places: pl.DataFrame | None,
) -> tuple[charter.Charter, aboard.Aboard, pl.Series]:  # fmt: skip
    """Solve, seat, and where whole parties leave a vehicle below its least load, drop that run and solve again."""
    end = time.perf_counter() + terms.seconds
    nobody = pl.Series("line", [], dtype=pl.UInt32)
    for number in range(ROUNDS):
        left = max(1.0, (end - time.perf_counter()) / (1 if number else 2))
        found = charter.solve(problem, seconds=left)
        if not found.feasible:
            return found, aboard.none(), nobody
        seated = aboard.seat(found, marked, fixed, demand, terms.tariff, places)
        if not seated.short or number == ROUNDS - 1:
            break
        problem = replace(problem, banned=problem.banned | seated.short)
    if seated.short:
        seated = aboard.without(seated, seated.short)
    taken = seated.seats.select("line").unique()
    return found, seated, marked.join(taken, on="line", how="anti")["line"]


def _kept(kept: pl.DataFrame | None, demand: pl.DataFrame) -> pl.DataFrame:
    """(line, run, day, seats) of kept parties; who cancelled takes no seats and is not among them."""
    schema = {"line": pl.UInt32, "run": pl.String, "day": pl.Date}
    said = (pl.DataFrame(schema=schema) if kept is None else kept).select(
        [pl.col(c).cast(t) for c, t in schema.items()]
    )
    seats = (
        demand.with_row_index("line")
        .with_columns(parties.seats(demand))
        .select("line", pl.col("seats").cast(pl.Int64))
    )
    return said.join(seats, on="line").filter(pl.col("seats") > 0).sort("line")


def _asked_of(fixed: pl.DataFrame, demand: pl.DataFrame, county: str | None) -> pl.DataFrame:
    """Kept parties in the form of PARTIES, so that their ways and prices are known."""
    runs = fixed.select("run").unique()
    ways = [
        (run, network.read_line(run)[0], zone) for run in runs["run"] for zone in network.read_line(run)[1]
    ]
    read = pl.DataFrame(ways, schema={"run": pl.String, "origin": pl.String, "zone": pl.String}, orient="row")
    said = demand.with_row_index("line").join(fixed, on="line").join(read, on="run")
    return said.select(
        "line", "origin", "zone", "destination", pl.col("day").alias("earliest"), pl.col("day").alias("latest"), "seats",
        pl.coalesce("home", pl.lit(county)).alias("stop"),
    ).select([pl.col(c).cast(t) for c, t in parties.PARTIES.items()])  # fmt: skip


def _coach(tariff: Tariff) -> tuple[int, int]:
    coach = max((v for v in tariff.vehicles if v.mode == "coach"), key=lambda v: v.seats)
    return coach.seats, coach.least


def _reasons(left: pl.Series, marked: pl.DataFrame, ways: pl.DataFrame, least: pl.DataFrame) -> pl.DataFrame:
    """Why each party that could be planned for got no seat: nobody else goes, too few go, or tickets cost less."""
    gone = marked.filter(pl.col("line").is_in(left.implode())).join(
        ways.select("origin", "zone", "straight"), on=["origin", "zone"], how="left", maintain_order="left"
    )
    alike = marked.group_by("origin", "zone", "earliest", "latest").agg(pl.col("seats").sum().alias("n"))
    other = alike.rename({"earliest": "from", "latest": "to"})
    meet = (
        gone.select("origin", "zone", "earliest", "latest").unique().join(other, on=["origin", "zone"])
        .filter((pl.col("from") <= pl.col("latest")) & (pl.col("to") >= pl.col("earliest")))
        .group_by("origin", "zone", "earliest", "latest").agg(pl.col("n").sum().alias("together"))
    )  # fmt: skip
    judged = (
        gone.join(meet, on=["origin", "zone", "earliest", "latest"], how="left", maintain_order="left")
        .join(least, on=["origin", "zone"], how="left", maintain_order="left")
    )  # fmt: skip
    alone = pl.col("together") == pl.col("seats")
    reason = (
        pl.when(pl.col("straight").is_null()).then(pl.lit("没有到该地的线路资料，请个别安排"))
        .when(pl.col("least").is_null()).then(pl.lit("路程超出包车范围，请购票出行"))
        .when(alone).then(pl.format("这几天去这个方向的只有这一户{}人，包车至少要{}人；发购票补贴", "seats", "least"))
        .when(pl.col("together") < pl.col("least"))
        .then(pl.format("这几天同方向共{}人，不足最低载客{}人；发购票补贴", "together", "least"))
        .otherwise(pl.format("这几天同方向共{}人，凑不满整车或包车比购票贵；发购票补贴", "together"))
    )  # fmt: skip
    return judged.select("line", reason.alias("reason"))


def _tickets(reasons: pl.DataFrame, marked: pl.DataFrame, ways: pl.DataFrame) -> pl.DataFrame:
    """(line, ticket): yuan for the parties that were planned for and got no seat."""
    priced = marked.join(ways.select("origin", "zone", "ticket"), on=["origin", "zone"], how="left")
    bought = priced.select("line", (pl.col("ticket") * pl.col("seats")).round(0).alias("ticket"))
    return reasons.select("line").join(bought, on="line", how="left", maintain_order="left")


def _feeders(seated: aboard.Aboard, terms: Terms) -> float:
    mode = {v.id: terms.tariff.feeder[v.mode] for v in terms.tariff.vehicles}
    each = seated.trips.select(
        pl.col("vehicle").replace_strict(mode, default=0.0, return_dtype=pl.Float64) * pl.col("load")
    )
    return float(each.to_series().sum() or 0.0)


def _with_offers(
    reasons: pl.DataFrame, demand: pl.DataFrame, marked: pl.DataFrame, ways: pl.DataFrame, seated: aboard.Aboard, county: str | None
) -> pl.DataFrame:  # fmt: skip
    """UNPLANNED: with the price of tickets, and trips to the same city that still have room for the party."""
    size = demand.with_row_index("line").with_columns(parties.seats(demand)).select(
        "line", pl.col("seats").cast(pl.Int64), pl.coalesce(pl.col("home").str.slice(0, 6), pl.lit(county)).alias("origin"),
        parties.zone_of(pl.col("destination")).alias("zone"),
    )  # fmt: skip
    own_way = [parties.REASONS[k] for k in ("again", "along", "own", "bought", "here")]
    asked = reasons.filter(~pl.col("reason").is_in(own_way)).join(size, on="line")
    room = seated.trips.select(
        "trip", "day", "origin", pl.col("zones").str.split(";").alias("zone"), (pl.col("capacity") - pl.col("load")).alias("free")
    ).explode("zone")  # fmt: skip
    could = (
        asked.join(room, on=["origin", "zone"]).filter((pl.col("free") >= pl.col("seats")) & (pl.col("seats") > 0))
        .sort("line", "day", "trip").group_by("line", maintain_order=True)
        .agg(pl.format("{}（余{}座）", "trip", "free").head(OFFERED).str.join(";").alias("trips"))
    )  # fmt: skip
    tickets = _tickets(reasons, marked, ways)
    whole = reasons.join(tickets, on="line", how="left", maintain_order="left").join(
        could, on="line", how="left", maintain_order="left"
    )
    return whole.select([pl.col(c).cast(t) for c, t in UNPLANNED.items()]).sort("line")
