"""Public-welfare posts by legal order: who waits, in which tier, for which free place, and why somebody is not given one.

Who has a right is the rule book's answer (policy I16: recognised, without work, months left of three years), not ours. Here it
is put in the county's order, second placements are held back until their conditions are checked, and places go by flow or stably.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from chunfeng.engines.matching.allocation import frozen
from chunfeng.engines.matching.allocation.allocate import Allocation, Mode, compare
from chunfeng.engines.matching.allocation.post_order import PostOrder, class_of
from chunfeng.engines.matching.allocation.public_places import FREE
from chunfeng.engines.matching.allocation.reasons import NO_EDGE

QUEUE: dict[str, pl.DataType | type[pl.DataType]] = {
    "person": pl.String, "tier": pl.Int64, "class": pl.String, "county": pl.String, "home": pl.String, "held_back": pl.String,
}  # fmt: skip
"""`home`: deepest code known; `held_back`: why no place is sought for now, null for those who are given one."""
AWAY = {"back": "返岗", "out": "外出务工", "startup": "创业", "stay": "留岗"}
NEAR = {12: 100, 9: 80, 6: 50}
"""Fit by the depth of region that home and post share: village, town, county."""


@dataclass(frozen=True, slots=True)
class Terms:
    """Of the rule book: `placements` a person may have in all; `offers` before the second; their documents."""

    placements: int | None = None
    offers: int | None = None
    placements_document: str = ""
    offers_document: str = ""


@dataclass(frozen=True, slots=True)
class Posts:
    """`allocation`: person, post, tier, reason; `waiting`: person, tier (null: not ordered), reason. Together all asked.

    `flow`, `stable`: both allocations; `table` holds them side by side; `digest`: hash of all that went in.
    """

    allocation: pl.DataFrame
    waiting: pl.DataFrame
    flow: Allocation
    stable: Allocation
    table: pl.DataFrame
    digest: str


def queue(
    entitled: pl.DataFrame,
    recognised: pl.DataFrame,
    facts: pl.DataFrame,
    homes: pl.DataFrame,
    wishes: pl.DataFrame,
    order: PostOrder,
    terms: Terms,
) -> pl.DataFrame:
    """Everyone with a right to a post, or perhaps: columns of QUEUE.

    `entitled`: person, answer (yes, unknown), missing of policy I16. `recognised`: person, category of answer yes. `facts`:
    person, area, held_earlier_public_post, public_post, disability_grade. `homes`: person, home. `wishes`: person, kind.
    """
    away = (
        wishes.drop_nulls("kind").group_by("person")
        .agg(pl.col("kind").is_in(list(AWAY)).all().alias("all"), pl.col("kind").first())
        .filter("all").select("person", pl.col("kind").replace_strict(AWAY, default=None).alias("away"))
    )  # fmt: skip
    people = (
        entitled.unique("person").join(class_of(recognised, order), on="person", how="left")
        .join(facts, on="person", how="left").join(homes.unique("person"), on="person", how="left")
        .join(away, on="person", how="left")
        .with_columns(pl.col("tier").fill_null(order.last), pl.coalesce("class", pl.lit("认定台账在册，类别未载明")))
    )  # fmt: skip
    area = pl.when(pl.col("area").str.len_chars() >= 6).then(pl.col("area").str.slice(0, 6))
    county = pl.coalesce(
        area, pl.when(pl.col("home").str.len_chars() >= 6).then(pl.col("home").str.slice(0, 6))
    )
    again = (
        pl.col("categories")
        .list.set_intersection(pl.lit(list(order.again), dtype=pl.List(pl.String)))
        .list.len()
        .fill_null(0)
        > 0
    ) | (pl.col("disability_grade") <= order.again_grade).fill_null(False)
    held = (
        pl.when((pl.col("answer") != "yes").fill_null(True))
        .then(pl.concat_str(pl.lit("能否安置还不能判定，须先查明："), pl.col("missing").fill_null("见 entitlements.csv")))
        .when(pl.col("public_post").fill_null(False)).then(pl.lit("已在公益性岗位，不得同时占两个岗位"))
        .when(pl.col("held_earlier_public_post").fill_null(False)).then(_second(again, terms))
        .when(county.is_null()).then(pl.lit("不知属于哪个县，无法确定由哪里安置"))
        .when(pl.col("away").is_not_null())
        .then(pl.format("走访意向为{}；本人愿意上公益性岗位的，请报名后再安排", "away"))
    )  # fmt: skip
    return (
        people.with_columns(county.alias("county"), held.alias("held_back"))
        .select([pl.col(c).cast(t) for c, t in QUEUE.items()])
        .sort("person")
    )


def _second(again: pl.Expr, terms: Terms) -> pl.Expr:
    """Of those placed before: never by itself, whatever the order says."""
    once = terms.placements is not None and terms.placements < 2
    if once:
        return pl.lit(f"已安置过一次，期满不再安置（{terms.placements_document}）")
    offers = "若干" if terms.offers is None else str(terms.offers)
    check = f"属可再次安置的人员：须核实期满后接受过就业指导、推荐过{offers}次岗位仍未就业，核实后再安排（{terms.offers_document}）"
    return pl.when(again).then(pl.lit(check)).otherwise(
        pl.lit(f"已安置过一次，不属于可再次安置的人员（{terms.placements_document}）")
    )  # fmt: skip


def give(
    waiting: pl.DataFrame,
    places: pl.DataFrame,
    order: PostOrder,
    lottery: pl.DataFrame,
    seed: str,
    mode: Mode = "flow",
    quotas: pl.DataFrame | None = None,
) -> Posts:
    """The free places to the queue. `waiting`: QUEUE; `places`: public_places.PLACES; `lottery`: person, lottery.

    A post goes to persons of its own county; nearer homes fit better. Raises QuotaError for quotas that are not nested.
    """
    asked = waiting.filter(pl.col("held_back").is_null())
    edges = asked.join(places.drop_nulls("county"), on="county").select(
        "person", "post", _near(pl.col("home"), pl.col("region")).alias("fit")
    )
    capacity, tier = places.select("post", "places"), asked.select("person", "tier")
    numbers = lottery.join(asked.select("person"), on="person", how="semi")
    flow, stable, table = compare(
        edges.select("person", "post"), capacity, tier, edges["fit"], numbers, quotas
    )
    chosen = flow if mode == "flow" else stable
    tables = {"edges": edges, "capacity": capacity, "tier": tier, "lottery": numbers}
    digest = frozen.digest(tables if quotas is None else {**tables, "quotas": quotas}, seed=seed, mode=mode)
    return Posts(
        _placed(chosen, waiting, places, order),
        _waiting(chosen, waiting, places),
        flow,
        stable,
        table,
        digest,
    )


def _near(home: pl.Expr, region: pl.Expr) -> pl.Expr:
    near: pl.Expr = pl.lit(NEAR[6])
    for digits in (9, 12):
        both = (home.str.len_chars() >= digits) & (region.str.len_chars() >= digits)
        near = (
            pl.when((both & (home.str.slice(0, digits) == region.str.slice(0, digits))).fill_null(False))
            .then(pl.lit(NEAR[digits]))
            .otherwise(near)
        )
    return near.cast(pl.Int64)


def _placed(
    chosen: Allocation, waiting: pl.DataFrame, places: pl.DataFrame, order: PostOrder
) -> pl.DataFrame:
    by = f"{order.document}{'' if order.verified else '，县里另有规定的从其规定'}"
    whole = chosen.placed.join(waiting.select("person", "class"), on="person").join(
        places.select("post", "name", "employer", "free"), on="post"
    )
    near = pl.col("fit").replace_strict({v: k for k, v in NEAR.items()}, default=6, return_dtype=pl.Int64)
    where = near.replace_strict({12: "在本村", 9: "在本乡镇", 6: "在本县"}, return_dtype=pl.String)
    told = pl.concat_str(
        pl.format("第{}类：{}（{}）", "tier", "class", pl.lit(by)),
        pl.format(
            "；{}{}，{}", pl.col("employer").fill_null(""), pl.col("name").fill_null("（岗位未写明）"), where
        ),
        pl.concat_str(pl.lit("；"), pl.col("free").replace_strict(FREE, return_dtype=pl.String)),
        pl.col("reason").str.extract(r"(；.*)$").fill_null("").str.replace(r"、匹配度\d+", ""),
    )
    return whole.select("person", "post", "tier", told.alias("reason")).sort("tier", "post", "person")


def _waiting(chosen: Allocation, waiting: pl.DataFrame, places: pl.DataFrame) -> pl.DataFrame:
    held = waiting.filter(pl.col("held_back").is_not_null()).select(
        "person", "tier", pl.col("held_back").alias("reason")
    )
    none = "本批没有空出的公益性岗位" if places.height == 0 else "本县没有空出的公益性岗位"
    parts = pl.col("reason").str.extract_groups(r"^(.*最合适的)“(.*?)”(：.*)$")
    before, post, after = (parts.struct.field(n) for n in ("1", "2", "3"))
    called = places.select(
        "post", pl.concat_str("employer", "name", separator=" ", ignore_nulls=True).alias("called")
    )
    named = chosen.unplaced.with_columns(
        post.alias("post"), before.alias("before"), after.alias("after")
    ).join(called, on="post", how="left", maintain_order="left")
    said = pl.concat_str("before", pl.lit("“"), "called", pl.lit("”"), "after")
    reason = pl.coalesce(said, pl.col("reason").replace({NO_EDGE: none}))
    left = named.select("person", "tier", reason.alias("reason"))
    return pl.concat([left, held]).sort("tier", "person")


def relax(found: Posts) -> Sequence[str]:
    """Which minimum of the quotas cannot be kept, and what to relax."""
    return found.flow.relax
