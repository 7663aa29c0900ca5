"""The best allocation as one flow: minimums of quotas first, then as many of the first tier as can be, of the next, …, then fit.

Sets of persons that can be placed together form a matroid, with nested quotas on posts too, so one linear weight per tier,
`(tiers - tier) * step + fit` with `step` above all fits together, is exact for the order of tiers; no weight has to grow with
a power of the number of tiers. Equal answers are told apart by the lottery numbers of those placed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from chunfeng.engines.matching.allocation.network import Ints, Network, fits, solve
from chunfeng.engines.matching.allocation.problem import Problem


@dataclass(frozen=True, slots=True)
class Best:
    """`taken`: numbers of edges. `price`: what one place more at a post would add, in weights; `step`: one tier's weight."""

    taken: Ints
    price: Ints
    step: int


@dataclass(frozen=True, slots=True)
class _Arcs:
    network: Network
    edges: int
    least: slice


def best(problem: Problem) -> Best:
    """The proved best; see the module. Raises NotProved where the proof fails, which no input may cause."""
    if not len(problem.who) or not int(problem.room().max(initial=0)):
        return Best(np.zeros(0, np.int64), np.zeros(len(problem.posts), np.int64), 1)
    arcs = _arcs(problem)
    step = 2 * len(problem.persons) * (int(problem.fit.max()) + 1)
    tiers = problem.levels - problem.rank[problem.who]
    size, end = len(arcs.network.tails), len(arcs.network.supply) - 1
    whole = _cost(arcs, size, tiers * step + problem.fit, (problem.levels + 2) * step)
    draw = _cost(arcs, size, -problem.draw[problem.who], 0)
    if fits(arcs.network, whole):
        found, unit = solve(arcs.network, (whole, draw), end), step
    else:
        first = _cost(arcs, size, tiers, problem.levels + 2)
        found, unit = solve(arcs.network, (first, _cost(arcs, size, problem.fit, 0), draw), end), 1
    # a place that nobody can reach, or that stands empty, is worth nothing
    price = -found.prices[0][len(problem.persons) :][: len(problem.posts)]
    return Best(np.flatnonzero(found.amount[: arcs.edges] > 0), np.maximum(price, 0), unit)


def _arcs(problem: Problem) -> _Arcs:
    """persons → posts → groups → the end, and a way past all posts for everyone; every minimum is an arc of its own."""
    persons, posts, edges = len(problem.persons), len(problem.posts), len(problem.who)
    end = persons + posts + len(problem.groups)
    out = np.where(problem.parent >= 0, persons + problem.parent, end)
    nodes = persons + np.arange(len(problem.parent))
    groups = nodes[posts:]
    tails = np.concatenate([problem.who, np.arange(persons), nodes[:posts], groups, groups])
    heads = np.concatenate(
        [persons + problem.where, np.full(persons, end), out[:posts], out[posts:], out[posts:]]
    )
    most = np.minimum(problem.most, persons)
    least = np.minimum(problem.least, most)
    places = np.minimum(problem.places, persons)
    room = np.concatenate([np.ones(edges + persons, np.int64), places, least, most - least])
    supply = np.zeros(end + 1, np.int64)
    supply[:persons], supply[end] = 1, -persons
    first = edges + persons
    network = Network(tails.astype(np.int64), heads.astype(np.int64), room.astype(np.int64), supply)
    return _Arcs(network, edges, slice(first + posts, first + posts + len(groups)))


def _cost(arcs: _Arcs, size: int, gain: Ints, minimum: int) -> Ints:
    cost = np.zeros(size, np.int64)
    cost[: arcs.edges] = -gain
    cost[arcs.least] = -minimum
    return cost
