"""What an allocation is worth: persons placed by tier, fit, who has a justified claim on a place, quotas kept or missed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from chunfeng.engines.matching.allocation.network import Ints
from chunfeng.engines.matching.allocation.problem import Problem
from chunfeng.engines.matching.allocation.stable import standing


@dataclass(frozen=True, slots=True)
class Worth:
    """`tiers`: tier, people, placed. `fit` of all placed. `envy`: persons who would rather have a place that somebody behind
    them holds; `idle`: persons who would rather have a place that nobody holds. `load`: persons in posts, then groups."""

    tiers: pl.DataFrame
    fit: int
    envy: int
    idle: int
    load: Ints


def loads(problem: Problem, taken: Ints) -> Ints:
    """Persons placed in every post and, after them, every group."""
    load = np.zeros(len(problem.parent), np.int64)
    held = np.bincount(problem.where[taken], minlength=len(problem.posts)).astype(np.int64)
    for step in problem.chains():
        inside = step >= 0
        np.add.at(load, step[inside], held[inside])
    return load


def barriers(problem: Problem, load: Ints) -> Ints:
    """Of every post, the full node a newcomer meets: the post itself, else the smallest full group around it, else -1.

    Groups are nested: whoever leaves the smallest full one leaves all full ones around it.
    """
    full, barrier = load >= problem.room(), np.full(len(problem.posts), -1, np.int64)
    for step in problem.chains():
        stops = (step >= 0) & (barrier < 0) & full[np.where(step >= 0, step, 0)]
        barrier[stops] = step[stops]
    return barrier


def last_admitted(problem: Problem, taken: Ints, rank: Ints) -> Ints:
    """Of every post and group, the standing of the last one placed in it; -1 where nobody is. `rank`: of edges."""
    last = np.full(len(problem.parent), -1, np.int64)
    for step in problem.chains():
        held = step[problem.where[taken]]
        np.maximum.at(last, held[held >= 0], rank[taken][held >= 0])
    return last


def judge(problem: Problem, taken: Ints) -> Worth:
    """The worth of the edges taken."""
    placed = np.zeros(len(problem.persons), np.int64)
    placed[problem.who[taken]] = 1
    tiers = (
        pl.DataFrame({"tier": problem.tiers, "placed": placed})
        .group_by("tier").agg(pl.len().cast(pl.Int64).alias("people"), pl.col("placed").sum()).sort("tier")
    )  # fmt: skip
    load = loads(problem, taken)
    envy, idle = _claims(problem, taken, load)
    return Worth(tiers, int(problem.fit[taken].sum()), envy, idle, load)


def _claims(problem: Problem, taken: Ints, load: Ints) -> tuple[int, int]:
    """Persons with a justified claim on a held place, and on an empty one."""
    own = np.full(len(problem.persons), -1, np.int64)
    own[problem.who[taken]] = problem.fit[taken]
    rather = problem.fit > own[problem.who]
    rank = standing(problem)
    last, at = last_admitted(problem, taken, rank), barriers(problem, load)[problem.where]
    envy = rather & (at >= 0) & (last[np.where(at >= 0, at, 0)] > rank)
    idle = rather & (at < 0)
    return len(np.unique(problem.who[envy])), len(np.unique(problem.who[idle]))
