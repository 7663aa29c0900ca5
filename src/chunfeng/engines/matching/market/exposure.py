"""Who is shown what: allocated places first, then the score less the price of crowding, neighbours among them, stable for a week.

Everybody shown the same ten best vacancies applies to the same few. A price per vacancy, found by entropic transport over the
candidate graph, makes crowded ones dearer until what people would choose fits the places there are.
"""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl

SHOWN, NEIGHBOURS = 10, 2
"""Length of a list, and how many of it lie in an occupation beside the one wished for, where there are such."""
EPSILON = 0.05
"""Smoothness of the transport, in parts of the highest score: the smaller, the nearer to the plain order."""
LEAD, SHARE = 3, 0.3
"""People apply to what stands first: so many places go by the score less the whole price, the others by less of it (this part),
which keeps more of the score."""
ROUNDS = 60
KEPT_DAYS = 7
BESIDE = (1, 2)
"""Levels of the occupation tree that are neighbours: the major or sub-major group is shared, the minor group is not."""


def prices(
    edges: pl.DataFrame, places: pl.DataFrame, epsilon: float = EPSILON, rounds: int = ROUNDS
) -> pl.DataFrame:
    """vacancy, price (points): what each vacancy costs so that expected choices fit its places.

    `edges`: person, vacancy, score (points). `places`: vacancy, places; unknown counts as one. Each person chooses once, softly by
    score less price; the places are scaled together to the number of persons, so that each is shown alike.
    """
    if edges.is_empty():
        return places.select("vacancy", pl.lit(0).cast(pl.Int32).alias("price")).clear()
    codes = edges.select(
        pl.col("person").rank("dense").cast(pl.Int64) - 1,
        pl.col("vacancy").rank("dense").cast(pl.Int64).alias("v") - 1,
    )
    vacancies = edges.select(pl.col("vacancy").unique().sort())
    room = (
        vacancies.join(places, on="vacancy", how="left", maintain_order="left")["places"].fill_null(1).clip(1)
    )
    order = np.argsort(codes["person"].to_numpy(), kind="stable")
    who, what = codes["person"].to_numpy()[order], codes["v"].to_numpy()[order]
    starts = np.flatnonzero(np.r_[True, who[1:] != who[:-1]])
    gain = edges["score"].to_numpy()[order] / 10_000 / epsilon
    capacity = room.to_numpy().astype(np.float64)
    capacity *= len(starts) / capacity.sum()
    price = np.zeros(len(capacity))
    for _ in range(rounds):
        net = gain - price[what]
        net -= np.repeat(np.maximum.reduceat(net, starts), np.diff(np.r_[starts, len(net)]))
        share = np.exp(net)
        share /= np.repeat(np.add.reduceat(share, starts), np.diff(np.r_[starts, len(net)]))
        load = np.bincount(what, share, len(capacity))
        price = np.maximum(0.0, price + np.log(np.maximum(load, 1e-9) / capacity))
    points = np.round(price * epsilon * 10_000).astype(np.int32)
    return vacancies.with_columns(pl.Series("price", points))


def lists(
    candidates: pl.DataFrame,
    price: pl.DataFrame,
    allocated: pl.DataFrame | None = None,
    previous: pl.DataFrame | None = None,
    as_of: date | None = None,
    shown: int = SHOWN,
    neighbours: int = NEIGHBOURS,
) -> pl.DataFrame:
    """person, rank, vacancy, score, price, why (allocated, kept, priced or neighbour), since: at most `shown` per person.

    `candidates`: person, vacancy, score, level (more than `shown` per person, so that there is something to choose from).
    `allocated`: person, vacancy of places held for them; they come first if they are candidates. `previous`: person, vacancy,
    rank, since of the list last shown; what is still a candidate keeps its order for a week. The last places go to neighbours
    (`neighbours` of them) where fewer are among the first.
    """
    if not 0 <= neighbours <= shown:
        raise ValueError(f"neighbours 应在 0 到 {shown} 之间 / must be from 0 to shown")
    none = {"person": pl.String, "vacancy": pl.String}
    held = (
        (allocated if allocated is not None else pl.DataFrame(schema=none))
        .select("person", "vacancy")
        .unique()
    )
    old_schema = none | {"rank": pl.Int32, "since": pl.Date}
    old = (
        pl.DataFrame(schema=old_schema) if previous is None or as_of is None else previous.select(*old_schema)
    )
    if as_of is not None:
        old = old.filter(pl.col("since") > as_of - timedelta(days=KEPT_DAYS))
    frame = (
        candidates.join(price, on="vacancy", how="left").with_columns(pl.col("price").fill_null(0))
        .join(held.with_columns(pl.lit(True).alias("held")), on=["person", "vacancy"], how="left")
        .join(old.rename({"rank": "was"}), on=["person", "vacancy"], how="left")
    )  # fmt: skip
    frame = frame.with_columns(
        pl.when("held").then(0).when(pl.col("was").is_not_null()).then(1).otherwise(2).alias("class"),
        (pl.col("score") - pl.col("price")).cast(pl.Float64).alias("net"),
        pl.col("level").is_in(BESIDE).fill_null(False).alias("beside"),
    )  # fmt: skip
    by, falling = (
        ["person", "class", "was", "net", "score", "vacancy"],
        [False, False, False, True, True, False],
    )
    frame = frame.sort(by, descending=falling, nulls_last=True)
    behind = pl.int_range(1, pl.len() + 1).over("person") > LEAD
    frame = frame.with_columns(
        behind.alias("behind"),
        pl.when(behind).then(pl.col("score") - SHARE * pl.col("price")).otherwise("net").alias("net"),
    )
    by.insert(3, "behind")
    falling.insert(3, False)
    order = frame.sort(by, descending=falling, nulls_last=True, maintain_order=True)
    beside = pl.col("beside").cast(pl.Int32)
    # the first `neighbours` beside the wish have their places; the others and the wished for share what is left
    kept = pl.when("beside").then(beside.cum_sum().over("person") <= neighbours).otherwise(False)
    order = order.with_columns(kept.alias("saved"), (pl.col("class") == 0).alias("first"))
    saved = (pl.col("saved") & ~pl.col("first")).sum().over("person")
    free = pl.lit(shown) - saved
    rest = (~pl.col("saved") | pl.col("first")).cast(pl.Int32).cum_sum().over("person")
    chosen = order.filter(pl.col("saved") | (rest <= free)).with_columns(
        pl.int_range(1, pl.len() + 1, dtype=pl.Int32).over("person").alias("rank")
    )
    word = (
        pl.when(pl.col("class") == 0).then(pl.lit("allocated")).when(pl.col("class") == 1).then(pl.lit("kept"))
        .when("beside").then(pl.lit("neighbour")).otherwise(pl.lit("priced"))
    )  # fmt: skip
    day = pl.lit(as_of, dtype=pl.Date)
    told = chosen.filter(pl.col("rank") <= shown).with_columns(
        word.alias("why"), pl.coalesce("since", day).alias("since")
    )
    return told.select("person", "rank", "vacancy", "score", "price", "why", "since")
