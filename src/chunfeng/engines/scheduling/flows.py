"""Assigning wishes to places that are too few: the greatest number of the first tier, then of the next, then the best fit.

One min-cost flow with linear weights: sets of asking sides that can be served together form a matroid, so `(tiers - tier) *
step + fit` with a step above all fits together is exact for the order of tiers, and stays within 64 bits. Engine: OR-Tools.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from ortools.graph.python import min_cost_flow

WISHES: dict[str, pl.DataType | type[pl.DataType]] = {
    "asker": pl.String, "place": pl.String, "tier": pl.Int64, "fit": pl.Int64,
}  # fmt: skip
"""`tier`: 0 comes first, the same in all rows of an asker; `fit`: 0 or more, larger is better."""


@dataclass(frozen=True, slots=True)
class Assigned:
    """`pairs`: asker, place; `left`: asker, tier of those who got fewer than they asked for, with how many (`got`)."""

    pairs: pl.DataFrame
    left: pl.DataFrame
    proved: bool


def assign(wishes: pl.DataFrame, places: pl.DataFrame, *, most: int = 1) -> Assigned:
    """The assignment by tiers and fit; the same input gives the same answer.

    `places`: place, room. `most`: places one asker gets at most; then tiers order single places, so that a first place for
    somebody of a later tier never costs an earlier tier one of its own. Raises ValueError for wishes too many or fits too
    large to be exact in 64 bits, and for fits or tiers below 0.
    """
    asked = wishes.join(places.filter(pl.col("room") > 0).select("place"), on="place", how="semi")
    asked = asked.unique(["asker", "place"], keep="first", maintain_order=True).sort("asker", "place")
    askers = wishes.group_by("asker").agg(pl.col("tier").min()).sort("asker")
    if asked.height == 0:
        return Assigned(asked.select("asker", "place"), askers.with_columns(pl.lit(0).alias("got")), True)
    least = pl.min_horizontal(pl.col("tier").min(), pl.col("fit").min())
    low, high, last = asked.select(
        least.alias("low"), high=pl.col("fit").max(), last=pl.col("tier").max()
    ).row(0)
    step = (high + 1) * (askers.height * most + 1)
    if low < 0:
        raise ValueError("tiers and fits start at 0")
    if (last + 2) * step * askers.height * most >= 2**62:
        raise ValueError("too many wishes, or fits too large, for exact whole numbers: divide the fits")
    sides = asked.with_columns(
        pl.col("asker").rank("dense").cast(pl.Int64) - 1, (pl.col("place").rank("dense").cast(pl.Int64) - 1).alias("p")
    )  # fmt: skip
    ranked = (
        asked.select("place")
        .unique()
        .sort("place")
        .join(places.group_by("place").agg(pl.col("room").sum()), on="place")
    )
    return _flow(asked, sides, ranked.sort("place")["room"].to_numpy(), askers, last, step, most)


def _flow(
    asked: pl.DataFrame,
    sides: pl.DataFrame,
    room: np.ndarray,
    askers: pl.DataFrame,
    last: int,
    step: int,
    most: int,
) -> Assigned:
    who, place = sides["asker"].to_numpy(), sides["p"].to_numpy()
    people, spots, edges = int(who.max()) + 1, len(room), asked.height
    source, sink = people + spots, people + spots + 1
    gain = (last + 1 - asked["tier"].to_numpy()) * step + asked["fit"].to_numpy()
    flow = min_cost_flow.SimpleMinCostFlow()
    tails = np.concatenate([who, np.full(people, source), people + np.arange(spots), [source]])
    heads = np.concatenate([people + place, np.arange(people), np.full(spots, sink), [sink]])
    total = people * most
    caps = np.concatenate([np.ones(edges), np.full(people, most), np.minimum(room, people), [total]]).astype(
        np.int64
    )
    costs = np.concatenate([-gain, np.zeros(people + spots + 1)]).astype(np.int64)
    flow.add_arcs_with_capacity_and_unit_cost(tails.astype(np.int32), heads.astype(np.int32), caps, costs)
    flow.set_nodes_supplies(
        np.array([source, sink], dtype=np.int32), np.array([total, -total], dtype=np.int64)
    )
    status = flow.solve()
    if status != flow.OPTIMAL:
        raise RuntimeError(f"min-cost flow ended with status {status}")
    taken = flow.flows(np.arange(edges, dtype=np.int32)) > 0
    pairs = asked.filter(pl.Series(taken)).select("asker", "place")
    got = pairs.group_by("asker").agg(pl.len().cast(pl.Int64).alias("got"))
    left = askers.join(got, on="asker", how="left", maintain_order="left").with_columns(
        pl.col("got").fill_null(0)
    )
    return Assigned(pairs, left.filter(pl.col("got") < most), True)
