"""The tables of an allocation, checked and laid out as arrays: persons by lottery number, posts, quotas as a tree over posts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from chunfeng.engines.matching.allocation.network import Ints

QUOTAS: dict[str, pl.DataType | type[pl.DataType]] = {
    "group": pl.String, "members": pl.List(pl.String), "least": pl.Int64, "most": pl.Int64,
}  # fmt: skip
"""A group of posts, or of groups, and how many persons it takes together; null: no bound. Groups lie side by side or one
within the other: posts of a kind within a county, counties within a city."""


class QuotaError(ValueError):
    """Quotas that cannot be used; the message says what to do, Chinese first."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Persons and posts by number. `who`, `where`, `fit`: the edges, by person then post; `rank` of a tier, 0 first.

    `parent` of posts and, after them, groups: the group they lie in, -1 for none; numbers of groups follow those of posts.
    `least`, `most`: of groups. `draw`: place in the order of the lottery, 0 first.
    """

    persons: pl.Series
    posts: pl.Series
    groups: pl.Series
    tiers: Ints
    rank: Ints
    draw: Ints
    places: Ints
    who: Ints
    where: Ints
    fit: Ints
    parent: Ints
    least: Ints
    most: Ints

    @property
    def levels(self) -> int:
        """Tiers that occur."""
        return int(self.rank.max()) + 1 if len(self.rank) else 0

    def chains(self) -> list[Ints]:
        """Of every post itself, the group it lies in, the group of that, …: one array per step, -1 where there is none."""
        steps, at = [], np.arange(len(self.posts), dtype=np.int64)
        while (at >= 0).any():
            steps.append(at)
            at = np.where(at >= 0, self.parent[at], -1)
        return steps

    def room(self) -> Ints:
        """Places of posts and, after them, of groups."""
        return np.concatenate([self.places, self.most])


def lay_out(
    edges: pl.DataFrame,
    capacity: pl.DataFrame,
    tier: pl.DataFrame,
    fit: pl.Series | None,
    lottery: pl.DataFrame,
    quotas: pl.DataFrame | None,
) -> Problem:
    """Arrays of the tables `allocate` takes. Raises ValueError for tables that contradict themselves, QuotaError for quotas."""
    worth = (
        pl.Series("fit", [0] * edges.height, dtype=pl.Int64)
        if fit is None
        else fit.cast(pl.Int64).alias("fit")
    )
    if worth.len() != edges.height:
        raise ValueError("fit must have one value per edge")
    if worth.null_count() or (worth.len() and int(worth.min()) < 0):  # type: ignore[arg-type]
        raise ValueError("a fit is a whole number from 0")
    people = _people(tier, lottery)
    stock = (
        capacity.group_by("post").agg(pl.col("places").cast(pl.Int64).fill_null(0).clip(0).sum()).sort("post")
    )
    lines = edges.select(pl.col("person").cast(pl.String), pl.col("post").cast(pl.String)).with_columns(worth)
    unknown = lines.join(people, on="person", how="anti")
    if unknown.height:
        raise ValueError(f"no tier for {unknown['person'][0]}")
    lines = lines.group_by("person", "post").agg(pl.col("fit").max())
    places = stock.with_row_index("where").select(
        pl.col("where").cast(pl.Int64), pl.col("post").cast(pl.String), "places"
    )
    numbered = (
        lines.join(people.select("person", "draw"), on="person")
        .join(places.select("where", "post"), on="post")
        .sort("draw", "where")
    )
    parent, groups, least, most = _tree(places["post"], quotas)
    tiers = people["tier"].to_numpy().astype(np.int64)
    return Problem(
        people["person"], places["post"], groups, tiers, np.unique(tiers, return_inverse=True)[1].astype(np.int64),
        np.arange(people.height, dtype=np.int64), places["places"].to_numpy().astype(np.int64),
        numbered["draw"].to_numpy().astype(np.int64), numbered["where"].to_numpy().astype(np.int64),
        numbered["fit"].to_numpy().astype(np.int64), parent, least, most,
    )  # fmt: skip


def _people(tier: pl.DataFrame, lottery: pl.DataFrame) -> pl.DataFrame:
    """person, tier, draw; by lottery number, those without one last."""
    if tier["person"].is_duplicated().any() or lottery["person"].is_duplicated().any():
        raise ValueError("a person stands twice in the tiers or the lottery")
    if tier["tier"].null_count():
        raise ValueError("a person without a tier cannot be ordered")
    numbers = lottery.select(pl.col("person").cast(pl.String), pl.col("lottery").cast(pl.Int64))
    drawn = tier.select(pl.col("person").cast(pl.String), pl.col("tier").cast(pl.Int64)).join(
        numbers, on="person", how="left"
    )
    if drawn["lottery"].drop_nulls().is_duplicated().any():
        raise ValueError("a lottery number is given twice")
    drawn = drawn.sort("lottery", "person", nulls_last=True).with_row_index("draw")
    return drawn.select("person", "tier", pl.col("draw").cast(pl.Int64))


def _tree(posts: pl.Series, quotas: pl.DataFrame | None) -> tuple[Ints, pl.Series, Ints, Ints]:
    if quotas is None or quotas.height == 0:
        none = np.zeros(0, np.int64)
        return np.full(len(posts), -1, np.int64), pl.Series("group", [], dtype=pl.String), none, none
    table = quotas.select([pl.col(c).cast(t) for c, t in QUOTAS.items()]).sort("group")
    names = {**{p: i for i, p in enumerate(posts)}}
    if table["group"].is_duplicated().any() or table["group"].is_in(posts.implode()).any():
        raise QuotaError("名额分组重名。 / a group's name occurs twice, or is a post's.")
    names |= {g: len(posts) + i for i, g in enumerate(table["group"])}
    pairs = table.select("group", pl.col("members").alias("member")).explode("member").drop_nulls()
    pairs = pairs.filter(pl.col("member").is_in(list(names)))
    twice = pairs.filter(pl.col("member").is_duplicated())
    if twice.height:
        member, of = (
            twice["member"][0],
            "、".join(twice.filter(pl.col("member") == twice["member"][0])["group"].sort()),
        )
        raise QuotaError(
            f"“{member}”同时在几个名额分组里（{of}）。名额只能逐层包含：请先按县分，再在县内按类别分。"
            f" / {member} lies in several groups; quotas must be nested."
        )
    parent = np.full(len(names), -1, np.int64)
    for group, member in pairs.iter_rows():
        parent[names[member]] = names[group]
    _no_circle(parent)
    most = table["most"].fill_null(2**31 - 1).to_numpy().astype(np.int64)
    least = table["least"].fill_null(0).to_numpy().astype(np.int64)
    wrong = table.filter((pl.col("least") < 0) | (pl.col("most") < 0) | (pl.col("least") > pl.col("most")))
    if wrong.height:
        raise QuotaError(
            f"“{wrong['group'][0]}”的下限大于上限，或为负数。请改正。 / least above most, or negative: {wrong['group'][0]}"
        )
    return parent, table["group"], least, most


def _no_circle(parent: Ints) -> None:
    at = parent.copy()
    for _ in range(len(parent) + 1):
        if (at < 0).all():
            return
        at = np.where(at >= 0, parent[at], -1)
    raise QuotaError("名额分组互相包含。请逐层包含。 / groups contain one another; they must be nested.")
