"""Who gets which place: the flow of greatest legal order, or the stable allocation, and what each costs against the other.

The two ideas of fairness differ. The flow places as many of every tier as can be placed, the first tier first, and may give
somebody a second-best post so that another of the same tier has one at all. The stable allocation lets nobody be passed
over by one behind them, and may place fewer. Policy chooses; both are shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import polars as pl

from chunfeng.engines.matching.allocation import reasons
from chunfeng.engines.matching.allocation.flow import best
from chunfeng.engines.matching.allocation.judge import judge
from chunfeng.engines.matching.allocation.problem import Problem, lay_out
from chunfeng.engines.matching.allocation.stable import deferred_acceptance

Mode = Literal["flow", "stable"]
MODES: tuple[Mode, Mode] = ("flow", "stable")


@dataclass(frozen=True, slots=True)
class Allocation:
    """`placed`: person, post, tier, fit, reason; `unplaced`: person, tier, reason; together every person of the tiers, once.

    `posts`: columns of reasons.LINES without `where`; `price` is of the proof, in weights, 0 in the stable mode.
    `tiers`: tier, people, placed. `fit`: of all placed. `envy`, `idle`: persons with a justified claim on a place held by
    somebody behind them, on a place nobody holds. `quotas`: group, least, most, taken, short; `relax`: for each minimum
    missed what to relax. `proved`: the optimum is proved, the gap is 0 (flow only).
    """

    mode: Mode
    placed: pl.DataFrame
    unplaced: pl.DataFrame
    posts: pl.DataFrame
    tiers: pl.DataFrame
    fit: int
    envy: int
    idle: int
    quotas: pl.DataFrame
    relax: tuple[str, ...]
    proved: bool


def allocate(
    edges: pl.DataFrame,
    capacity: pl.DataFrame,
    tier: pl.DataFrame,
    fit: pl.Series | None,
    lottery: pl.DataFrame,
    mode: Mode = "flow",
    quotas: pl.DataFrame | None = None,
) -> Allocation:
    """One place each for as many as can be. The same tables, in any order of rows, give the same answer.

    `edges`: person, post: who may take what. `capacity`: post, places. `tier`: person, tier, a whole number, the smallest
    comes first; everyone in it is answered. `fit`: one whole number from 0 per edge, None for all alike. `lottery`: person,
    lottery: the published numbers, the smallest first; who has none comes last. `quotas`: columns of problem.QUOTAS; the
    stable mode keeps upper bounds and reports minimums missed.
    Raises ValueError for tables that contradict themselves, QuotaError for quotas that are not nested.
    """
    return _answer(lay_out(edges, capacity, tier, fit, lottery, quotas), mode)


def compare(
    edges: pl.DataFrame,
    capacity: pl.DataFrame,
    tier: pl.DataFrame,
    fit: pl.Series | None,
    lottery: pl.DataFrame,
    quotas: pl.DataFrame | None = None,
) -> tuple[Allocation, Allocation, pl.DataFrame]:
    """Both modes and what each costs: (flow, stable, table of measure, flow, stable). Arguments as of `allocate`."""
    problem = lay_out(edges, capacity, tier, fit, lottery, quotas)
    flow, stable = _answer(problem, "flow"), _answer(problem, "stable")
    return flow, stable, side_by_side(flow, stable)


def side_by_side(flow: Allocation, stable: Allocation) -> pl.DataFrame:
    """measure (Chinese), flow, stable: counts of persons, and the sum of fits."""
    tiers = flow.tiers.join(stable.tiers, on="tier", suffix="_stable", maintain_order="left").select(
        pl.format("第{}类安置人数（共{}人）", "tier", "people").alias("measure"),
        pl.col("placed").alias("flow"),
        pl.col("placed_stable").alias("stable"),
    )
    rest = [
        ("安置总人数", flow.placed.height, stable.placed.height), ("匹配度合计", flow.fit, stable.fit),
        ("有正当异议的人数", flow.envy, stable.envy), ("愿去而空着的岗位未安排的人数", flow.idle, stable.idle),
        ("未达到的下限人数", int(flow.quotas["short"].sum()), int(stable.quotas["short"].sum())),
    ]  # fmt: skip
    return pl.concat([tiers, pl.DataFrame(rest, schema=tiers.schema, orient="row")])


def _answer(problem: Problem, mode: Mode) -> Allocation:
    if mode == "flow":
        found = best(problem)
        taken, price, step = found.taken, found.price, found.step
    elif mode == "stable":
        taken, price, step = deferred_acceptance(problem), None, 1
    else:
        raise ValueError(f"mode must be one of {MODES}")
    worth = judge(problem, taken)
    line = reasons.lines(problem, taken, worth.load, price, step)
    quotas, relax = reasons.of_quotas(problem, worth.load)
    return Allocation(
        mode, reasons.of_placed(problem, taken, line), reasons.of_unplaced(problem, taken, line), line.drop("where"),
        worth.tiers, worth.fit, worth.envy, worth.idle, quotas, tuple(relax), mode == "flow",
    )  # fmt: skip
