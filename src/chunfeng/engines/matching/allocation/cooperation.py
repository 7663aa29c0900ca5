"""Labour cooperation: how many workers each sending county sends to each place, within what the agreements say.

Minimums agreed come first, then as many as can be by the order of destinations, then the nearest; one proved flow.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from chunfeng.engines.matching.allocation.network import Network, solve

SENDING: dict[str, pl.DataType | type[pl.DataType]] = {"origin": pl.String, "people": pl.Int64}
TAKING: dict[str, pl.DataType | type[pl.DataType]] = {
    "destination": pl.String,
    "places": pl.Int64,
    "tier": pl.Int64,
}
AGREED: dict[str, pl.DataType | type[pl.DataType]] = {
    "origin": pl.String, "destination": pl.String, "least": pl.Int64, "most": pl.Int64, "kilometres": pl.Int64,
}  # fmt: skip
"""One line per pair with an agreement; `least`, `most` null: no bound; `kilometres` null: 0."""
FLOWS: dict[str, pl.DataType | type[pl.DataType]] = {
    "origin": pl.String, "destination": pl.String, "people": pl.Int64, "short": pl.Int64, "reason": pl.String,
}  # fmt: skip
"""`short`: how many the minimum lacks, with what to relax in `reason`."""


@dataclass(frozen=True, slots=True)
class Cooperation:
    """`flows`: FLOWS, one line per agreement. `unsent`: origin, people; `unfilled`: destination, places: what is left."""

    flows: pl.DataFrame
    unsent: pl.DataFrame
    unfilled: pl.DataFrame


def cooperate(sending: pl.DataFrame, taking: pl.DataFrame, agreed: pl.DataFrame) -> Cooperation:
    """The flows. Raises ValueError for a pair agreed twice or a minimum above its maximum."""
    sends = (
        sending.select([pl.col(c).cast(t) for c, t in SENDING.items()])
        .group_by("origin")
        .sum()
        .sort("origin")
    )
    takes = taking.select([pl.col(c).cast(t) for c, t in TAKING.items()])
    takes = (
        takes.group_by("destination").agg(pl.col("places").sum(), pl.col("tier").min()).sort("destination")
    )
    pairs = agreed.select([pl.col(c).cast(t) for c, t in AGREED.items()]).sort("origin", "destination")
    if pairs.select(pl.struct("origin", "destination").is_duplicated().any()).item():
        raise ValueError("同一对协作地写了两次。请合并成一行。 / a pair of places stands twice")
    if pairs.filter((pl.col("least") > pl.col("most")) | (pl.col("least") < 0)).height:
        raise ValueError("协作人数下限大于上限，或为负数。 / a minimum above its maximum, or negative")
    ways = (
        pairs.join(sends.with_row_index("o"), on="origin", how="left", maintain_order="left")
        .join(takes.with_row_index("t"), on="destination", how="left", maintain_order="left")
        .with_columns(pl.col("people", "places", "least", "kilometres").fill_null(0))
    )  # fmt: skip
    people = _flow(ways.drop_nulls(["o", "t"]), sends, takes)
    sent = (
        ways.drop_nulls(["o", "t"])
        .select("origin", "destination")
        .with_columns(pl.Series("sent", people, dtype=pl.Int64))
    )
    whole = ways.join(sent, on=["origin", "destination"], how="left", maintain_order="left").with_columns(
        pl.col("sent").fill_null(0)
    )
    short = (pl.col("least") - pl.col("sent")).clip(0)
    less = "或把下限降到{}"
    reason = (
        pl.when(short == 0).then(None)
        .when(pl.col("people") < pl.col("least"))
        .then(pl.format("{}愿意外出的只有{}人，请放宽" + less, "origin", "people", "sent"))
        .when(pl.col("places") < pl.col("least"))
        .then(pl.format("{}的岗位只有{}个，请增加岗位" + less, "destination", "places", "sent"))
        .otherwise(pl.format("与其他协作的下限争用同一批人或岗位，请放宽其中之一，" + less, "sent"))
    )  # fmt: skip
    flows = whole.select(
        "origin", "destination", pl.col("sent").alias("people"), short.alias("short"), reason.alias("reason")
    )
    gone = flows.group_by("origin").agg(pl.col("people").sum().alias("gone"))
    filled = flows.group_by("destination").agg(pl.col("people").sum().alias("gone"))
    unsent = sends.join(gone, on="origin", how="left", maintain_order="left").select(
        "origin", pl.col("people") - pl.col("gone").fill_null(0)
    )
    unfilled = takes.join(filled, on="destination", how="left", maintain_order="left").select(
        "destination", pl.col("places") - pl.col("gone").fill_null(0)
    )
    return Cooperation(flows.select([pl.col(c).cast(t) for c, t in FLOWS.items()]), unsent, unfilled)


def _flow(ways: pl.DataFrame, sends: pl.DataFrame, takes: pl.DataFrame) -> np.ndarray:
    if not ways.height:
        return np.zeros(0, np.int64)
    origins, end = sends.height, sends.height + takes.height
    o, t = ways["o"].to_numpy().astype(np.int64), ways["t"].to_numpy().astype(np.int64)
    people = sends["people"].fill_null(0).clip(0).to_numpy().astype(np.int64)
    places = takes["places"].fill_null(0).clip(0).to_numpy().astype(np.int64)
    total = int(people.sum())
    most = np.minimum(ways["most"].fill_null(total).to_numpy(), total).astype(np.int64)
    least = np.minimum(ways["least"].to_numpy(), most).astype(np.int64)
    tails = np.concatenate([o, o, np.arange(origins), origins + np.arange(takes.height)]).astype(np.int64)
    heads = np.concatenate(
        [origins + t, origins + t, np.full(origins, end), np.full(takes.height, end)]
    ).astype(np.int64)
    room = np.concatenate([least, most - least, people, places]).astype(np.int64)
    supply = np.concatenate([people, np.zeros(takes.height, np.int64), [-total]]).astype(np.int64)
    size, count = ways.height, len(tails)
    rank = np.unique(takes["tier"].fill_null(2**31).to_numpy(), return_inverse=True)[1]
    minimum, order, way = np.zeros(count, np.int64), np.zeros(count, np.int64), np.zeros(count, np.int64)
    minimum[:size] = -1
    order[: 2 * size] = -np.tile((int(rank.max()) + 1 - rank[t]), 2)
    way[: 2 * size] = np.tile(ways["kilometres"].to_numpy().astype(np.int64), 2)
    amount = solve(Network(tails, heads, room, supply), (minimum, order, way)).amount
    return amount[:size] + amount[size : 2 * size]
