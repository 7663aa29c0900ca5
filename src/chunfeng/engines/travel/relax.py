"""Why a problem has no plan, and which of its conditions to relax, and by how much."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import polars as pl

from chunfeng.engines.travel.charter import Charter, Problem, solve

LONGEST_SHIFT = 7


def advice(problem: Problem, *, seconds: float = 5) -> list[str]:
    """Sentences, Chinese first; each alone makes the problem solvable. Empty where it is solvable as it stands.

    Tried in turn: tickets for whom no vehicle goes, more money, more vehicles, more days. Where none alone is enough, all
    together are tried, and the sentence says so.
    """
    if solve(problem, seconds=seconds, gap=0.05).feasible:
        return []
    found = [
        told
        for told in (
            _tickets(problem, seconds),
            _budget(problem, seconds),
            _fleet(problem, seconds),
            _days(problem, seconds),
        )
        if told
    ]
    if found:
        return found
    free = replace(problem, tickets=True, budget=None, fleet={})
    if solve(free, seconds=seconds, gap=0.05).feasible:
        return [
            "单独放宽任何一项都不够：需同时允许购票补贴、提高经费并增加车辆。 / No single one is enough: relax all."
        ]
    return [
        "有人到不了任何线路：请核对上车地、目的地和日期。 / Somebody can reach no line: check places and days."
    ]


def _tickets(problem: Problem, seconds: float) -> str | None:
    if problem.tickets:
        return None
    best = solve(replace(problem, tickets=True), seconds=seconds, gap=0.05)
    if not best.feasible:
        return None
    total = int(problem.groups["seats"].sum())
    left = total - int(best.seated["seats"].sum())
    return f"允许购票补贴：有 {left} 人凑不满最低载客，改发购票补贴即可成行。 / Allow tickets: {left} persons fill no vehicle."


def _budget(problem: Problem, seconds: float) -> str | None:
    if problem.budget is None:
        return None
    best = solve(replace(problem, budget=None), seconds=seconds, gap=0.01)
    if not best.feasible:
        return None
    lack = best.cost - problem.budget
    return f"提高经费：至少还差 {lack:,.0f} 元（需要 {best.cost:,.0f} 元）。 / Raise the budget by {lack:,.0f} yuan."


def _fleet(problem: Problem, seconds: float) -> str | None:
    if not problem.fleet:
        return None
    best = solve(replace(problem, fleet={}), seconds=seconds, gap=0.05)
    if not best.feasible:
        return None
    used = (
        best.trips.group_by("vehicle", "day")
        .agg(pl.col("vehicles").sum())
        .group_by("vehicle")
        .agg(pl.col("vehicles").max())
    )
    more = {v: n for v, n in used.sort("vehicle").iter_rows() if n > problem.fleet.get(v, n)}
    named = "、".join(f"{vehicle} {problem.fleet[vehicle]}→{count} 辆/日" for vehicle, count in more.items())
    return f"增加车辆：{named}。 / More vehicles a day: {named}."


def _days(problem: Problem, seconds: float) -> str | None:
    """The smallest shift of all windows, both ways, that lets everyone travel."""
    for days in range(1, LONGEST_SHIFT + 1):
        wider = problem.groups.with_columns(
            pl.col("earliest") - timedelta(days=days), pl.col("latest") + timedelta(days=days)
        )
        found: Charter = solve(replace(problem, groups=wider), seconds=seconds, gap=0.05)
        if found.feasible:
            return f"放宽日期：出发日前后各放宽 {days} 天即可成行。 / Widen every window by {days} days both ways."
    return None
