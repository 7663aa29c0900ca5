"""What the desk would do: first come, first served, one size of coach, each on the first day of the wish.

The usual practice against which a plan is measured: sign-ups to the same city and first day are put on a list in their
order; a full coach leaves whenever enough for its least load have come, who comes after its last seat starts the next list,
and everyone on a list that never reaches the least load gets a ticket.
"""

from __future__ import annotations

import polars as pl

SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "origin": pl.String, "destination": pl.String, "earliest": pl.Date, "coaches": pl.Int64, "riders": pl.Int64,
    "tickets": pl.Int64, "cost": pl.Float64,
}  # fmt: skip


def practice(groups: pl.DataFrame, prices: pl.DataFrame, seats: int, least: int) -> pl.DataFrame:
    """Coaches, tickets and yuan per origin, destination and day: columns of SCHEMA.

    `groups`: origin, destination, earliest, seats, ticket. `prices`: origin, destination, coach (yuan of one; null where
    none goes).
    """
    lists = groups.group_by("origin", "destination", "earliest", maintain_order=True).agg(
        pl.col("seats").sum(), (pl.col("ticket") * pl.col("seats")).sum().alias("fares")
    )
    priced = lists.join(prices, on=["origin", "destination"], how="left", maintain_order="left")
    rest = pl.col("seats") % seats
    full = pl.col("seats") // seats + (rest >= least).cast(pl.Int64)
    coaches = pl.when(pl.col("coach").is_not_null()).then(full).otherwise(0)
    riders = pl.min_horizontal(pl.col("seats"), pl.col("coaches") * seats)
    counted = priced.with_columns(coaches.alias("coaches")).with_columns(riders.alias("riders"))
    fare = pl.col("fares") / pl.col("seats")
    tickets = pl.col("seats") - pl.col("riders")
    return counted.select(
        "origin", "destination", "earliest", "coaches", "riders", tickets.alias("tickets"),
        (pl.col("coaches") * pl.col("coach").fill_null(0.0) + tickets * fare).alias("cost"),
    ).select([pl.col(c).cast(t) for c, t in SCHEMA.items()])  # fmt: skip
