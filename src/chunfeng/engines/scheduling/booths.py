"""Booths: which employer stands at which fair, and the plain reason for those who got fewer booths than they asked for."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from chunfeng.engines.scheduling.flows import assign

WISHES: dict[str, pl.DataType | type[pl.DataType]] = {
    "employer": pl.String, "fair": pl.String, "tier": pl.Int64, "fit": pl.Int64,
}  # fmt: skip
"""`tier`: 0 for those served first (named key employers), then others; `fit`: e.g. posts offered that suit the fair."""


@dataclass(frozen=True, slots=True)
class Booths:
    """`places`: fair, booth (1, 2, …), employer; `refused`: employer, fair, reason of wishes not met."""

    places: pl.DataFrame
    refused: pl.DataFrame


def allocate(wishes: pl.DataFrame, fairs: pl.DataFrame, *, most: int = 3) -> Booths:
    """Booths by tier and fit. `fairs`: fair, booths. `most`: fairs an employer may attend.

    Booth numbers go by tier, then fit: the first booths are those at the entrance.
    """
    said = wishes.rename({"employer": "asker", "fair": "place"})
    found = assign(said, fairs.rename({"fair": "place", "booths": "room"}), most=most)
    given = found.pairs.rename({"asker": "employer", "place": "fair"}).join(
        wishes, on=["employer", "fair"], how="left"
    )
    placed = given.sort("fair", "tier", pl.col("fit") * -1, "employer").with_columns(
        (pl.int_range(pl.len()).over("fair") + 1).cast(pl.UInt32).alias("booth")
    )
    full = placed.group_by("fair").agg(
        pl.len().cast(pl.Int64).alias("taken"), pl.col("tier").max().alias("worst")
    )
    held = given.group_by("employer").agg(pl.len().cast(pl.Int64).alias("got"))
    unmet = (
        wishes.join(given.select("employer", "fair"), on=["employer", "fair"], how="anti", maintain_order="left")
        .join(fairs, on="fair", how="left", maintain_order="left").join(full, on="fair", how="left", maintain_order="left")
        .join(held, on="employer", how="left", maintain_order="left")
    )  # fmt: skip
    reason = (
        pl.when(pl.col("booths").is_null()).then(pl.lit("没有这场招聘会"))
        .when(pl.col("got").fill_null(0) >= most).then(pl.format("已安排{}场，每家最多{}场", "got", pl.lit(most)))
        .when(pl.col("booths") == 0).then(pl.lit("本场不设展位"))
        .otherwise(pl.format("{}个展位已满，已排单位的次序不低于第{}类", "booths", pl.col("worst").fill_null(0) + 1))
    )  # fmt: skip
    return Booths(
        placed.select("fair", "booth", "employer"), unmet.select("employer", "fair", reason.alias("reason"))
    )
