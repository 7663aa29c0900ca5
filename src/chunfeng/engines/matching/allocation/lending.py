"""Workers lent from firms with too many to firms with too few: supply chains first, same work and near, no small batches.

A flow gives the most that can be lent, the first tier of borrowers first and proved; where it splits a batch below the minimum,
an integer programme over the same lanes says how many can be lent in batches worth the trouble. Engines: OR-Tools, HiGHS.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_matrix

from chunfeng.engines.matching.allocation.lanes import lanes
from chunfeng.engines.matching.allocation.network import Ints, Network, solve

SUPPLY: dict[str, pl.DataType | type[pl.DataType]] = {
    "employer": pl.String, "occupation": pl.String, "industry": pl.String, "region": pl.String, "workers": pl.Int64,
    "from": pl.Date, "to": pl.Date, "willing": pl.Boolean,
}  # fmt: skip
"""Who can be lent: `occupation`, `industry`, `region`, `to` null where not known; `willing` null: to be asked first."""
DEMAND: dict[str, pl.DataType | type[pl.DataType]] = {
    "employer": pl.String, "occupation": pl.String, "industry": pl.String, "region": pl.String, "workers": pl.Int64,
    "from": pl.Date, "to": pl.Date, "tier": pl.Int64,
}  # fmt: skip
"""Who is wanted; the smallest tier is served first."""
LENT: dict[str, pl.DataType | type[pl.DataType]] = {
    "lender": pl.String, "borrower": pl.String, "occupation": pl.String, "workers": pl.Int64, "from": pl.Date, "to": pl.Date,
    "tier": pl.Int64, "note": pl.String,
}  # fmt: skip
UNMET: dict[str, pl.DataType | type[pl.DataType]] = {
    "employer": pl.String, "side": pl.String, "occupation": pl.String, "workers": pl.Int64, "reason": pl.String,
}  # fmt: skip
"""What is left: `side` lends or borrows, `workers` how many."""
_TIERS = dict.fromkeys(("tier", "wanted", "most", "served"), pl.Int64)
FEW = 600
"""Lanes up to which the integer programme takes all; of more, what the flow fills well stays, and it takes this many."""
NODES, NEAR_ENOUGH = 500, 0.02
"""Branches after which the search for the least trouble ends, and the share of it that does not matter. Branches, not seconds:
a second run must give the same plan."""


@dataclass(frozen=True, slots=True)
class Terms:
    """`batch`: fewest workers of a lane, unless a firm's whole surplus or need is less. `days`: shortest time worth it.
    `month`: days from which the lending allowance is paid (Fuzhou 2021, 2024: one month). `kilometres`: farthest, by road.
    """

    batch: int = 3
    days: int = 7
    month: int = 30
    kilometres: float = 80.0


@dataclass(frozen=True, slots=True)
class Lending:
    """`lent`: LENT. `unmet`: UNMET. `tiers`: tier, wanted, most (by the flow, batches not minded), served. `proved`: no plan in
    batches lends more."""

    lent: pl.DataFrame
    unmet: pl.DataFrame
    tiers: pl.DataFrame
    proved: bool


def lend(supply: pl.DataFrame, demand: pl.DataFrame, as_of: date, terms: Terms | None = None) -> Lending:
    """The plan. `supply`: SUPPLY, `demand`: DEMAND; the order of rows does not count."""
    terms = terms or Terms()
    has = (
        supply.select([pl.col(c).cast(t) for c, t in SUPPLY.items()])
        .filter(pl.col("workers") > 0)
        .sort(list(SUPPLY), nulls_last=True)
    )
    wants = (
        demand.select([pl.col(c).cast(t) for c, t in DEMAND.items()])
        .filter(pl.col("workers") > 0)
        .sort(list(DEMAND), nulls_last=True)
    )
    ways = lanes(has, wants, as_of, terms.days, terms.month, terms.kilometres)
    have, need = has["workers"].to_numpy().astype(np.int64), wants["workers"].to_numpy().astype(np.int64)
    order = wants["tier"].to_numpy().astype(np.int64)
    flow = _flow(ways, have, need, order)
    x, proved = flow, True
    least = _least(ways, have, need, terms.batch)
    if ((flow > 0) & (flow < least)).any():
        x, proved = _in_batches(ways, have, need, order, flow, least)
    most, served = (_by_demand(ways, amount, len(need)) for amount in (flow, x))
    tiers = (
        pl.DataFrame({"tier": order, "wanted": need, "most": most, "served": served}, schema=_TIERS)
        .group_by("tier").sum().sort("tier")
    )  # fmt: skip
    return Lending(_lent(ways, has, wants, x), _unmet(ways, has, wants, x, terms), tiers, proved)


def _flow(ways: pl.DataFrame, have: Ints, need: Ints, order: Ints) -> Ints:
    """Workers per lane: as many as can be of the first tier, then of the next, …, then the least trouble."""
    if not ways.height:
        return np.zeros(0, np.int64)
    firms, end = len(have), len(have) + len(need)
    tails = np.concatenate([ways["s"].to_numpy(), np.arange(firms), firms + np.arange(len(need))]).astype(
        np.int64
    )
    heads = np.concatenate(
        [firms + ways["d"].to_numpy(), np.full(firms, end), np.full(len(need), end)]
    ).astype(np.int64)
    s, d = ways["s"].to_numpy(), ways["d"].to_numpy()
    room = np.concatenate([np.minimum(have[s], need[d]), have, need]).astype(np.int64)
    supply = np.concatenate([have, np.zeros(len(need), np.int64), [-have.sum()]]).astype(np.int64)
    rank = np.unique(order, return_inverse=True)[1]
    first, second = np.zeros(len(tails), np.int64), np.zeros(len(tails), np.int64)
    # a unit gained for one tier costs at most one of another: linear weights keep the order of tiers
    first[: ways.height] = -(int(rank.max()) + 1 - rank[d])
    second[: ways.height] = ways["trouble"].to_numpy()
    return solve(Network(tails, heads, room, supply), (first, second)).amount[: ways.height]


def _least(ways: pl.DataFrame, have: Ints, need: Ints, batch: int) -> Ints:
    s, d = ways["s"].to_numpy(), ways["d"].to_numpy()
    least: Ints = np.minimum(batch, np.minimum(have[s], need[d])).astype(np.int64)
    return least


def _by_demand(ways: pl.DataFrame, amount: Ints, size: int) -> Ints:
    total = np.zeros(size, np.int64)
    np.add.at(total, ways["d"].to_numpy(), amount)
    return total


def _in_batches(
    ways: pl.DataFrame, have: Ints, need: Ints, order: Ints, flow: Ints, least: Ints
) -> tuple[Ints, bool]:
    """No lane below its least: one programme per tier, each keeping what the ones before reached, then the least trouble.

    Of many lanes, those the flow fills well stay as they are, and only what is left of supply and need is looked at.
    """
    s, d = ways["s"].to_numpy(), ways["d"].to_numpy()
    few = ways.height <= FEW
    base = np.zeros(ways.height, np.int64) if few else np.where(flow >= least, flow, 0)
    have_left, need_left = have.copy(), need.copy()
    np.subtract.at(have_left, s, base)
    np.subtract.at(need_left, d, base)
    lowest, highest = np.where(base > 0, 0, least), np.minimum(have_left[s], need_left[d])
    fit = np.flatnonzero((highest > 0) & (highest >= lowest))
    trouble = ways["trouble"].to_numpy()
    kept = np.sort(fit[np.lexsort((fit, trouble[fit], flow[fit] == base[fit]))[:FEW]])
    size = len(kept)
    if not size:
        return base, False
    s, d, low, high, columns = s[kept], d[kept], lowest[kept], highest[kept], np.arange(size)
    sides = [
        LinearConstraint(
            coo_matrix((np.ones(size), (end, columns)), shape=(len(left), 2 * size)).tocsc(), ub=left
        )
        for end, left in ((s, have_left), (d, need_left))
    ]
    rows = [
        *sides,
        LinearConstraint(_pair(size, -high), ub=np.zeros(size)),
        LinearConstraint(_pair(size, -low), lb=np.zeros(size)),
    ]
    limits = Bounds(np.zeros(2 * size), np.concatenate([high, np.ones(size)]))
    whole_batches = np.where((flow - base)[kept] >= low, (flow - base)[kept], 0)
    answer = np.concatenate([whole_batches, whole_batches > 0]).astype(float)
    tiers = np.unique(order)
    goals = [np.concatenate([-(order[d] == tier).astype(float), np.zeros(size)]) for tier in tiers]
    # a lane is a contract, a trip and a foreman: worth a few kilometres each
    goals.append(np.concatenate([trouble[kept].astype(float), np.where(base[kept] > 0, 0.0, 5.0)]))
    of_tier = order[ways["d"].to_numpy()]
    most = [float((flow - base)[of_tier == tier].sum()) for tier in tiers]
    proved = True
    for number, goal in enumerate(goals):
        last = number == len(goals) - 1
        options = {"node_limit": NODES, "mip_rel_gap": NEAR_ENOUGH if last else 0.0}
        found = milp(goal, constraints=rows, bounds=limits, integrality=np.ones(2 * size), options=options)
        if found.x is not None:  # otherwise what was reached so far stands
            answer = np.round(found.x)
        if not last:
            reached = -float(goal @ answer)
            proved = proved and (reached == most[number] or (few and found.status == 0))
            rows.append(LinearConstraint(goal.reshape(1, -1), ub=-reached))
    base[kept] += answer[:size].astype(np.int64)
    return base, proved


def _pair(size: int, factor: Ints) -> coo_matrix:
    at = np.arange(size)
    values = np.concatenate([np.ones(size), factor.astype(float)])
    return coo_matrix(
        (values, (np.tile(at, 2), np.concatenate([at, size + at]))), shape=(size, 2 * size)
    ).tocsc()


def _lent(ways: pl.DataFrame, has: pl.DataFrame, wants: pl.DataFrame, x: Ints) -> pl.DataFrame:
    if not ways.height:
        return pl.DataFrame(schema=LENT)
    carried = ways.with_columns(pl.Series("workers", x)).filter(pl.col("workers") > 0)
    lender = has["employer"].gather(carried["s"].to_list())
    asks = wants[carried["d"].to_list()]
    whole = carried.with_columns(
        lender.alias("lender"),
        asks["employer"].alias("borrower"),
        asks["occupation"].alias("occupation"),
        asks["tier"].alias("tier"),
    )
    ordered = whole.select([pl.col(c).cast(t) for c, t in LENT.items()])
    return ordered.sort("tier", "borrower", "occupation", "lender", "from", nulls_last=True)


def _unmet(ways: pl.DataFrame, has: pl.DataFrame, wants: pl.DataFrame, x: Ints, terms: Terms) -> pl.DataFrame:
    parts = [pl.DataFrame(schema=UNMET)]
    for side, frame, key in (("lends", has, "s"), ("borrows", wants, "d")):
        gone = np.bincount(ways[key].to_numpy(), weights=x, minlength=frame.height).astype(np.int64)
        ways_of = np.bincount(ways[key].to_numpy(), minlength=frame.height).astype(np.int64)
        left = frame.with_columns(
            pl.Series("left", frame["workers"].to_numpy().astype(np.int64) - gone[: frame.height]),
            pl.Series("ways", ways_of[: frame.height]), pl.lit(side).alias("side"),
        ).filter(pl.col("left") > 0)  # fmt: skip
        other = "缺工" if side == "lends" else "余工"
        whole = "缺工人数已全部调剂" if side == "lends" else "可调剂的余工已全部调剂"
        reason = (
            pl.when(pl.col("ways") == 0)
            .then(pl.lit(f"没有合适的{other}企业：工种相同或相近、时间重叠满{terms.days}天、路程{terms.kilometres:.0f}公里以内的一家也没有"))
            .otherwise(pl.lit(f"合适企业的{whole}，或剩下的不足每批{terms.batch}人"))
        )  # fmt: skip
        parts.append(
            left.select(
                "employer", "side", "occupation", pl.col("left").alias("workers"), reason.alias("reason")
            )
        )
    return pl.concat(parts)
