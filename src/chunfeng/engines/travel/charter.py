"""Which vehicles to charter on which day: least cost of vehicles and tickets, no vehicle below its least load.

An integer programme over lines (a line is a way from some origins to some destinations): whole vehicles of each kind per
line and day, seats per group, line and day, tickets for whom no vehicle is worth while. A day's passengers of a line fill
its vehicles together: between the sum of their least loads and the sum of their seats there is always a way to share them
out. Independent parts are solved apart, so that most are solved to the optimum and the bound on the rest is honest. Engine:
HiGHS, as scipy ships it.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import polars as pl
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_matrix, csc_matrix
from scipy.sparse.csgraph import connected_components

GROUPS: dict[str, pl.DataType | type[pl.DataType]] = {
    "group": pl.UInt32, "origin": pl.String, "destination": pl.String, "earliest": pl.Date, "latest": pl.Date,
    "seats": pl.Int64, "ticket": pl.Float64,
}  # fmt: skip
"""Passengers alike: `ticket` yuan for one of them who is given a ticket instead."""
OFFERS: dict[str, pl.DataType | type[pl.DataType]] = {
    "line": pl.String, "vehicle": pl.String, "seats": pl.Int64, "least": pl.Int64, "cost": pl.Float64,
}  # fmt: skip
"""A kind of vehicle that may go on a line; `cost`: yuan of one of them."""
ACCESS: dict[str, pl.DataType | type[pl.DataType]] = {
    "line": pl.String, "origin": pl.String, "destination": pl.String, "feeder": pl.Float64,
}  # fmt: skip
"""From where to where a line takes people, and yuan per person to get to it."""
FIXED: dict[str, pl.DataType | type[pl.DataType]] = {"line": pl.String, "day": pl.Date, "seats": pl.Int64}
"""Passengers already told that they travel: they keep line and day, below the least load if it must be."""
TRIPS: dict[str, pl.DataType | type[pl.DataType]] = {
    "line": pl.String, "day": pl.Date, "vehicle": pl.String, "vehicles": pl.Int64,
}  # fmt: skip
SEATED: dict[str, pl.DataType | type[pl.DataType]] = {
    "group": pl.UInt32, "line": pl.String, "day": pl.Date, "seats": pl.Int64,
}  # fmt: skip
SHORT_OF_LOAD = 1e4
"""Yuan per seat a kept trip lacks: more than any seat costs, so trips that passengers were promised lack as few as can be."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is asked. `fleet`: vehicles of a kind available a day; `banned`: (line, day) not to be used; `budget`: yuan."""

    groups: pl.DataFrame
    offers: pl.DataFrame
    access: pl.DataFrame
    fixed: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=FIXED))
    fleet: Mapping[str, int] = field(default_factory=dict)
    banned: frozenset[tuple[str, date]] = frozenset()
    tickets: bool = True
    budget: float | None = None


@dataclass(frozen=True, slots=True)
class Charter:
    """The answer. `bound`: no plan costs less; `gap`: share by which the plan may be above the best. Infeasible: no trips,
    `feasible` false."""

    trips: pl.DataFrame
    seated: pl.DataFrame
    cost: float
    bound: float
    feasible: bool
    optimal: bool

    @property
    def gap(self) -> float:
        """(cost - bound) / cost, 0 for a plan that costs nothing."""
        return max(0.0, (self.cost - self.bound) / self.cost) if self.cost > 0 else 0.0


@dataclass(slots=True)
class Model:
    """The programme: columns are vehicles x, then seats y, then tickets, then seats a promised run lacks."""

    x: pl.DataFrame
    y: pl.DataFrame
    groups: pl.DataFrame
    runs: pl.DataFrame
    cost: np.ndarray
    upper: np.ndarray
    rows: csc_matrix
    low: np.ndarray
    high: np.ndarray
    families: np.ndarray
    """What each row is for: demand, seats, least, fleet, budget."""


def solve(problem: Problem, *, seconds: float = 30, gap: float = 1e-4) -> Charter:
    """The cheapest plan found within the time. Same problem, same plan, unless time runs out."""
    end = time.perf_counter() + seconds
    model = build(problem)
    parts = _parts(model)
    values = np.zeros(len(model.cost))
    bounds, costs = np.zeros(len(parts)), np.zeros(len(parts))
    # a first look at every part, the small ones first, then what time is left for the parts farthest from their bound
    first_gap = max(gap, FIRST_GAP) if len(parts) > 1 else gap
    hard = [bool(columns.min() < model.x.height) for columns in parts]
    ahead = sum(hard)
    for number, columns in enumerate(parts):
        left = max(end - time.perf_counter(), 0.0)
        found = solve_part(model, columns, max(0.05, LOOK * left / max(ahead, 1)), first_gap)
        ahead -= hard[number]
        if found is None:
            return Charter(pl.DataFrame(schema=TRIPS), pl.DataFrame(schema=SEATED), 0.0, 0.0, False, False)
        values[columns], bounds[number] = found
        costs[number] = values[columns] @ model.cost[columns]
    for number in np.argsort(bounds - costs, kind="stable"):
        left = end - time.perf_counter()
        if left < SHORTEST or costs[number] - bounds[number] <= gap * costs.sum() / max(len(parts), 1):
            break
        again = solve_part(model, parts[number], max(SHORTEST, left / AGAIN), gap)
        if again is None:
            continue
        cost = again[0] @ model.cost[parts[number]]
        bounds[number] = max(bounds[number], again[1])
        if cost < costs[number]:
            values[parts[number]], costs[number] = again[0], cost
    optimal = bool((costs - bounds <= gap * np.maximum(costs, 1.0)).all())
    return _answer(model, values, float(bounds.sum()), True, optimal)


FIRST_GAP = 0.02
"""Relative gap at which the first look at a part ends."""
LOOK, AGAIN, SHORTEST = 1.5, 8, 0.3
"""Shares of time: the first look may take so many times its even share; a second one an eighth of what is left, seconds."""


def build(problem: Problem) -> Model:
    """The programme of a problem, over the days that suit some group or a kept trip."""
    groups = problem.groups.sort("group")
    days = groups.select(
        "group", "origin", "destination", pl.date_ranges("earliest", "latest").alias("day")
    ).explode("day")
    y = days.join(problem.access, on=["origin", "destination"]).sort("group", "line", "day")
    kept = problem.fixed.group_by("line", "day").agg(pl.col("seats").sum().alias("kept"))
    runs = pl.concat([y.select("line", "day"), kept.select("line", "day")]).unique()
    if problem.banned:
        banned = pl.DataFrame(
            sorted(problem.banned), schema={"line": pl.String, "day": pl.Date}, orient="row"
        )
        banned = banned.join(kept, on=["line", "day"], how="anti")
        runs = runs.join(banned, on=["line", "day"], how="anti")
    could = (
        y.join(groups.select("group", "seats"), on="group").group_by("line", "day").agg(pl.col("seats").sum().alias("could"))
    )  # fmt: skip
    runs = runs.join(kept, on=["line", "day"], how="left").join(could, on=["line", "day"], how="left")
    least = problem.offers.group_by("line").agg(pl.col("least").min())
    # a run that could never fill its smallest vehicle is none
    runs = runs.with_columns(pl.col("could", "kept").fill_null(0)).join(least, on="line").filter(
        (pl.col("kept") > 0) | (pl.col("could") >= pl.col("least"))
    ).drop("least").sort("line", "day").with_row_index("run")  # fmt: skip
    y = y.join(runs.select("run", "line", "day"), on=["line", "day"]).sort("group", "run")
    y = y.join(groups.select("group", pl.col("seats").alias("size")), on="group", maintain_order="left")
    x = runs.join(problem.offers, on="line").filter(
        (pl.col("kept") > 0) | (pl.col("could") >= pl.col("least"))
    )
    x = x.sort("run", "vehicle").with_row_index("at")
    return _assemble(problem, groups, x, y, runs)


def _assemble(
    problem: Problem, groups: pl.DataFrame, x: pl.DataFrame, y: pl.DataFrame, runs: pl.DataFrame
) -> Model:
    nx, ny, ng, nr = x.height, y.height, groups.height, runs.height
    place = pl.DataFrame(
        {"group": groups["group"], "g": np.arange(ng)}, schema_overrides={"group": pl.UInt32}
    )
    g = y.join(place, on="group", maintain_order="left")["g"].to_numpy()
    of_x, of_y = (t["run"].to_numpy().astype(np.int64) for t in (x, y))
    seats, least, could = (x[c].to_numpy().astype(float) for c in ("seats", "least", "could"))
    kept = runs["kept"].to_numpy().astype(float)
    promised = np.flatnonzero(kept > 0)
    xs, ys = np.arange(nx), nx + np.arange(ny)
    vs, ss = nx + ny + np.arange(ng), nx + ny + ng + np.arange(len(promised))
    # rows: demand of each group; seats of each run; least loads of each run; then fleet; then budget
    row = [g, np.arange(ng), ng + of_y, ng + of_x, ng + nr + of_y, ng + nr + of_x, ng + nr + promised]
    col = [ys, vs, ys, xs, ys, xs, ss]
    val = [np.ones(ny), np.ones(ng), -np.ones(ny), seats, np.ones(ny), -least, np.ones(len(promised))]
    demand = groups["seats"].to_numpy().astype(float)
    low, high = [demand, kept, -kept], [demand, np.full(nr, np.inf), np.full(nr, np.inf)]
    families = ["demand"] * ng + ["seats"] * nr + ["least"] * nr
    cost = np.concatenate(
        [x["cost"].to_numpy(), y["feeder"].to_numpy(), groups["ticket"].to_numpy(), np.full(len(promised), SHORT_OF_LOAD)]
    )  # fmt: skip
    limits = [
        (
            rows["at"].to_numpy().astype(np.int64),
            np.ones(rows.height),
            float(problem.fleet[str(vehicle)]),
            "fleet",
        )
        for (vehicle, _), rows in x.filter(pl.col("vehicle").is_in(list(problem.fleet))).group_by(
            "vehicle", "day", maintain_order=True
        )
    ]
    if problem.budget is not None:
        real = np.arange(nx + ny + ng)
        limits.append((real, cost[: len(real)], problem.budget, "budget"))
    for columns, values, most, family in limits:
        row.append(np.full(len(columns), len(families)))
        col.append(columns)
        val.append(values)
        low.append(np.array([-np.inf]))
        high.append(np.array([most]))
        families.append(family)
    held = kept[of_x]
    most_x = np.maximum((could + held) // least, np.ceil(held / seats))
    upper = np.concatenate(
        [most_x, y["size"].to_numpy().astype(float), demand if problem.tickets else np.zeros(ng), np.full(len(promised), 1e6)]
    )  # fmt: skip
    matrix = coo_matrix(
        (np.concatenate(val), (np.concatenate(row), np.concatenate(col))), shape=(len(families), len(cost))
    ).tocsc()
    return Model(
        x, y, groups, runs, cost, upper, matrix, np.concatenate(low), np.concatenate(high), np.array(families)
    )


def _parts(model: Model) -> list[np.ndarray]:
    """Columns of the parts that no row joins, the smallest first."""
    width = model.rows.shape[1]
    if width == 0:
        return []
    pattern = model.rows.copy()
    pattern.data[:] = 1
    pattern.eliminate_zeros()
    whole = coo_matrix(pattern)
    joint = coo_matrix(
        (np.ones(whole.nnz), (whole.row, whole.shape[0] + whole.col)),
        shape=(sum(whole.shape), sum(whole.shape)),
    )
    _, label = connected_components(joint, directed=False)
    label = label[whole.shape[0] :]
    order = np.argsort(label, kind="stable")
    cuts = np.flatnonzero(np.diff(label[order])) + 1
    return sorted(np.split(order, cuts), key=len)


def solve_part(
    model: Model, columns: np.ndarray, seconds: float, gap: float
) -> tuple[np.ndarray, float] | None:
    """(values, bound) of one part; None where it has no solution, or none was found in the time."""
    part = model.rows[:, columns]
    rows = np.unique(part.indices)
    nx, ny, ng = model.x.height, model.y.height, model.groups.height
    only_tickets = columns.min() >= nx + ny and columns.max() < nx + ny + ng
    if only_tickets and (model.families[rows] == "demand").all():
        needed = model.low[part.indices]
        if (needed <= model.upper[columns]).all():  # nothing goes there: tickets, and no question of it
            return needed, float(needed @ model.cost[columns])
    # seats come out whole once the vehicles are: each group and run is an arc of a flow
    whole = (columns < model.x.height).astype(np.int8)
    found = milp(
        model.cost[columns],
        integrality=whole,
        bounds=Bounds(0, model.upper[columns]),
        constraints=LinearConstraint(csc_matrix(part[rows]), model.low[rows], model.high[rows]),
        options={"time_limit": float(seconds), "mip_rel_gap": gap, "disp": False},
    )
    if found.x is None:
        # out of time before any plan: tickets for all is one, if the terms allow it
        values = _tickets_only(model, columns, rows)
        low = found.mip_dual_bound if found.mip_dual_bound is not None else 0.0
        return None if found.status == INFEASIBLE or values is None else (values, max(float(low), 0.0))
    bound = found.mip_dual_bound if found.mip_dual_bound is not None else found.fun
    return np.asarray(found.x), float(bound)


INFEASIBLE = 2
"""Status of scipy's milp."""


def _tickets_only(model: Model, columns: np.ndarray, rows: np.ndarray) -> np.ndarray | None:
    """Tickets for everyone and just the vehicles that promised passengers need; None where that breaks a term."""
    nx, ny, ng = model.x.height, model.y.height, model.groups.height
    values = np.zeros(len(model.cost))
    need = model.x.select("at", "run", "kept", "seats").filter(pl.col("kept") > 0)
    most = need.sort("run", "seats", "at").unique("run", keep="last", maintain_order=True)
    values[most["at"].to_numpy()] = np.ceil(most["kept"].to_numpy() / most["seats"].to_numpy())
    values[nx + ny : nx + ny + ng] = np.minimum(
        model.groups["seats"].to_numpy(), model.upper[nx + ny : nx + ny + ng]
    )
    loads = model.rows @ values
    lack = np.maximum(model.low - loads, 0)
    short = np.flatnonzero((model.families == "least") & (lack > 0))
    promised = np.flatnonzero(model.runs["kept"].to_numpy() > 0)
    place = {int(ng + model.runs.height + run): nx + ny + ng + n for n, run in enumerate(promised)}
    for row in short:
        if int(row) not in place:
            return None
        values[place[int(row)]] = lack[row]
    loads = (model.rows @ values)[rows]
    fits = (loads >= model.low[rows] - 1e-6) & (loads <= model.high[rows] + 1e-6)
    return values[columns] if fits.all() else None


def _answer(model: Model, values: np.ndarray, bound: float, feasible: bool, optimal: bool) -> Charter:
    nx, ny = model.x.height, model.y.height
    vehicles = np.round(values[:nx]).astype(np.int64)
    trips = (
        model.x.select("line", "day", "vehicle")
        .with_columns(pl.Series("vehicles", vehicles))
        .filter(pl.col("vehicles") > 0)
    )
    seats = np.round(values[nx : nx + ny]).astype(np.int64)
    seated = (
        model.y.select("group", "line", "day")
        .with_columns(pl.Series("seats", seats))
        .filter(pl.col("seats") > 0)
    )
    # the penalty on promised seats steers, but nobody pays it
    real = nx + ny + model.groups.height
    short = float(values[real:] @ model.cost[real:])
    cost = float(values @ model.cost) - short
    return Charter(
        trips.select([pl.col(c).cast(t) for c, t in TRIPS.items()]),
        seated.select([pl.col(c).cast(t) for c, t in SEATED.items()]),
        cost, min(bound - short, cost), feasible, optimal,
    )  # fmt: skip
