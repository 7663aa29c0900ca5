"""Why somebody has a place or none, and which minimum cannot be kept, in Chinese sentences.

The line of a post is the last one admitted; what one place more would bring is the price its places have in the proof.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from chunfeng.engines.matching.allocation.judge import barriers, last_admitted
from chunfeng.engines.matching.allocation.network import Ints
from chunfeng.engines.matching.allocation.problem import Problem
from chunfeng.engines.matching.allocation.stable import standing

NO_EDGE = "没有可报的岗位"
NO_PLACE = "可报的{}个岗位都没有名额"
LINES: dict[str, pl.DataType | type[pl.DataType]] = {
    "where": pl.Int64, "post": pl.String, "places": pl.Int64, "taken": pl.Int64, "line_tier": pl.Int64, "line_fit": pl.Int64,
    "full_group": pl.String, "next_tier": pl.Int64, "price": pl.Int64,
}  # fmt: skip
"""Per post that is full or lies in a full group (then `full_group`): tier and fit of the last one admitted; `next_tier`: of
whom one place more would bring in, by the proof's prices; null where it would bring in nobody."""


def lines(problem: Problem, taken: Ints, load: Ints, price: Ints | None, step: int) -> pl.DataFrame:
    """The line of every post: columns of LINES; null where anybody still gets in. `price`, `step`: as flow.Best has them."""
    posts, rank = len(problem.posts), standing(problem)
    barrier = barriers(problem, load)
    last = last_admitted(problem, taken, rank)[barrier] if len(barrier) else np.zeros(0, np.int64)
    edge_of = np.argsort(rank)
    has = (barrier >= 0) & (last >= 0)
    edge = edge_of[np.where(has, last, 0)] if len(edge_of) else np.zeros(posts, np.int64)
    tier = problem.tiers[problem.who[edge]] if len(edge_of) else edge
    fit = problem.fit[edge] if len(edge_of) else edge
    worth = np.zeros(posts, np.int64) if price is None else price
    # the nearest whole number of steps is a tier, since all fits together are below half a step
    level = (worth + step // 2) // step
    brings = (level >= 1) & (level <= problem.levels)
    tiers = np.unique(problem.tiers)
    newcomer = tiers[np.where(brings, problem.levels - level, 0)] if len(tiers) else level
    names = [problem.groups[int(b) - posts] if b >= posts else None for b in barrier]
    return pl.DataFrame(
        {
            "where": np.arange(posts, dtype=np.int64), "post": problem.posts, "places": problem.places, "taken": load[:posts],
            "line_tier": tier, "line_fit": fit, "full_group": pl.Series(names, dtype=pl.String), "next_tier": newcomer,
            "price": worth,
        }
    ).with_columns(
        pl.when(pl.Series(has)).then(pl.col("line_tier", "line_fit")),
        pl.when(pl.Series(brings)).then(pl.col("next_tier")),
    ).select([pl.col(c).cast(t) for c, t in LINES.items()])  # fmt: skip


def of_placed(problem: Problem, taken: Ints, line: pl.DataFrame) -> pl.DataFrame:
    """person, post, tier, fit, reason of those placed."""
    frame = pl.DataFrame(
        {
            "person": problem.persons.gather(problem.who[taken].tolist()), "where": problem.where[taken],
            "tier": problem.tiers[problem.who[taken]], "fit": problem.fit[taken],
        }
    )  # fmt: skip
    whole = frame.join(line, on="where", how="left", maintain_order="left")
    told = pl.concat_str(
        pl.format("第{}类，匹配度{}", "tier", "fit"),
        pl.when(pl.col("line_tier").is_null()).then(pl.format("；该岗位名额{}，安排{}人，未满", "places", "taken"))
        .otherwise(_line("；")),
    )  # fmt: skip
    return whole.select("person", "post", "tier", "fit", told.alias("reason"))


def _line(before: str) -> pl.Expr:
    where = (
        pl.when(pl.col("full_group").is_null())
        .then(pl.lit("该岗位"))
        .otherwise(pl.format("“{}”", "full_group"))
    )
    return pl.format("{}{}录取最低优先级为第{}类、匹配度{}", pl.lit(before), where, "line_tier", "line_fit")


def of_unplaced(problem: Problem, taken: Ints, line: pl.DataFrame) -> pl.DataFrame:
    """person, tier, reason of those without a place: by the post that suited best and had a place to give."""
    placed = np.zeros(len(problem.persons), bool)
    placed[problem.who[taken]] = True
    left = pl.DataFrame(
        {
            "draw": problem.draw[~placed],
            "person": problem.persons.filter(pl.Series(~placed)),
            "own": problem.tiers[~placed],
        }
    )
    asked = pl.DataFrame({"draw": problem.who, "where": problem.where, "own_fit": problem.fit}).join(
        line, on="where"
    )
    most = asked.group_by("draw").agg(pl.len().alias("posts"), (pl.col("places") > 0).sum().alias("open"))
    nearest = (
        asked.filter(pl.col("places") > 0).sort("draw", "own_fit", "where", descending=[False, True, False])
        .unique("draw", keep="first", maintain_order=True)
    )  # fmt: skip
    whole = left.join(most, on="draw", how="left", maintain_order="left").join(
        nearest, on="draw", how="left", maintain_order="left"
    )
    head = pl.format("可报岗位{}个，均已满。最合适的“{}”：", "open", "post")
    around = "（连同所在分组上限）" if len(problem.groups) else ""
    more = pl.when(pl.col("next_tier").is_not_null()).then(
        pl.format("；该岗位{}再增加1个名额，可多安排第{}类1人", pl.lit(around), "next_tier")
    ).otherwise(pl.lit(""))  # fmt: skip
    told = (
        pl.when(pl.col("posts").is_null()).then(pl.lit(NO_EDGE))
        .when(pl.col("open") == 0).then(pl.format(NO_PLACE, "posts"))
        .when(pl.col("line_tier").is_null()).then(pl.concat_str(head, pl.lit("所在分组没有名额")))
        .when(pl.col("own") > pl.col("line_tier"))
        .then(pl.concat_str(head, _line(""), pl.format("，本人为第{}类", "own"), more))
        .when(pl.col("own_fit") < pl.col("line_fit"))
        .then(pl.concat_str(head, _line(""), pl.format("，本人同类、匹配度{}", "own_fit"), more))
        .otherwise(pl.concat_str(head, pl.format("同为第{}类、匹配度相同，公布的抽签号在后", "own"), more))
    )  # fmt: skip
    return whole.select("person", pl.col("own").alias("tier"), told.alias("reason"))


def of_quotas(problem: Problem, load: Ints) -> tuple[pl.DataFrame, list[str]]:
    """(group, least, most, taken, short) and, for each minimum missed, which condition to relax."""
    at = len(problem.posts)
    taken = load[at:]
    short = np.maximum(problem.least - taken, 0)
    table = pl.DataFrame(
        {
            "group": problem.groups,
            "least": problem.least,
            "most": problem.most,
            "taken": taken,
            "short": short,
        },
        schema_overrides={"group": pl.String},
    ).with_columns(pl.when(pl.col("most") < 2**31 - 1).then("most").alias("most"))
    told = []
    for number in np.flatnonzero(short):
        inside = _inside(problem, at + int(number))
        room = _holds(problem, at + int(number))
        people = len(np.unique(problem.who[inside[problem.where]])) if len(problem.who) else 0
        least, got = int(problem.least[number]), int(taken[number])
        if room < least:
            why = f"组内名额和内层上限合计只有{room}个，请增加名额或把下限降到{got}"
        elif people < least:
            why = f"符合条件可报的只有{people}人，请放宽报名条件或把下限降到{got}"
        else:
            why = f"可报的{people}人同时要满足其他分组的下限或外层上限，请放宽其中之一，或把下限降到{got}"
        told.append(f"“{problem.groups[int(number)]}”下限{least}人，最多只能安排{got}人：{why}。")
    return table, told


def _inside(problem: Problem, node: int) -> np.ndarray:
    inside = np.zeros(len(problem.posts), bool)
    for step in problem.chains():
        inside |= step == node
    return inside


def _holds(problem: Problem, node: int) -> int:
    """Places a group can fill at most, with the upper bounds inside it and its own."""
    room = problem.room()
    if node < len(problem.posts):
        return int(room[node])
    members = np.flatnonzero(problem.parent == node)
    return min(int(room[node]), sum(_holds(problem, int(m)) for m in members))
