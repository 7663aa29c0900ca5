"""Deferred acceptance: everyone asks for the best left; a full post, or group of posts, lets go whoever comes last.

Gale and Shapley's algorithm; with quotas on nested groups the choice of a group is greedy on a laminar matroid (Kamada and
Kojima's flexible deferred acceptance), so nobody has a justified claim on a place that somebody behind them holds.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from chunfeng.engines.matching.allocation.network import Ints
from chunfeng.engines.matching.allocation.problem import Problem


def standing(problem: Problem) -> Ints:
    """Per edge its place in the one order by which posts choose: tier, then fit, then lottery; 0 comes first."""
    order = np.lexsort((problem.where, problem.draw[problem.who], -problem.fit, problem.rank[problem.who]))
    places = np.empty(len(order), np.int64)
    places[order] = np.arange(len(order))
    return places


def deferred_acceptance(problem: Problem) -> Ints:
    """The edges taken, as numbers. Persons like a post the better the higher the fit, then in the order of posts."""
    if not len(problem.who):
        return np.zeros(0, np.int64)
    liked = np.lexsort((problem.where, -problem.fit, problem.who))
    starts = np.searchsorted(problem.who[liked], np.arange(len(problem.persons) + 1))
    nodes = len(problem.posts) + len(problem.groups)
    asks = np.bincount(problem.where, minlength=nodes).astype(np.int64)
    for node in np.argsort(_depth(problem.parent))[::-1]:
        if problem.parent[node] >= 0:
            asks[problem.parent[node]] += asks[node]
    offsets = np.concatenate([[0], np.cumsum(asks)]).astype(np.int64)
    alive = _accept(
        liked.astype(np.int64), starts.astype(np.int64), problem.who, problem.where, standing(problem), problem.parent,
        problem.room(), offsets,
    )  # fmt: skip
    return np.flatnonzero(alive)


def _depth(parent: Ints) -> Ints:
    depth, at = np.zeros(len(parent), np.int64), parent.copy()
    while (at >= 0).any():
        depth += at >= 0
        at = np.where(at >= 0, parent[at], -1)
    return depth


@njit(nogil=True, cache=True)
def _push(heap, start, size, rank, edge):  # type: ignore[no-untyped-def]
    """A heap per node with the edge of the last standing on top."""
    at = size
    while at > 0:
        up = (at - 1) // 2
        if rank[heap[start + up]] >= rank[edge]:
            break
        heap[start + at] = heap[start + up]
        at = up
    heap[start + at] = edge


@njit(nogil=True, cache=True)
def _pop(heap, start, size, rank):  # type: ignore[no-untyped-def]
    """Takes the top away; `size` before."""
    last = heap[start + size - 1]
    at = 0
    while True:
        down = 2 * at + 1
        if down >= size - 1:
            break
        if down + 1 < size - 1 and rank[heap[start + down + 1]] > rank[heap[start + down]]:
            down += 1
        if rank[heap[start + down]] <= rank[last]:
            break
        heap[start + at] = heap[start + down]
        at = down
    heap[start + at] = last


@njit(nogil=True, cache=True)
def _accept(liked, starts, who, where, rank, parent, room, offsets):  # type: ignore[no-untyped-def]
    persons, nodes = len(starts) - 1, len(parent)
    alive = np.zeros(len(who), np.bool_)
    heap = np.empty(offsets[-1], np.int64)
    filled = np.zeros(nodes, np.int64)
    load = np.zeros(nodes, np.int64)
    upto = starts[:-1].copy()
    waiting = np.arange(persons)[::-1].copy()
    top = persons
    while top > 0:
        person = waiting[top - 1]
        if upto[person] >= starts[person + 1]:
            top -= 1
            continue
        edge = liked[upto[person]]
        upto[person] += 1
        node, barred = where[edge], -1
        while node >= 0:
            if load[node] >= room[node]:
                barred = node
                break
            node = parent[node]
        if barred >= 0:
            while filled[barred] > 0 and not alive[heap[offsets[barred]]]:
                _pop(heap, offsets[barred], filled[barred], rank)
                filled[barred] -= 1
            if filled[barred] == 0 or rank[heap[offsets[barred]]] < rank[edge]:
                continue
            out = heap[offsets[barred]]
            alive[out] = False
            node = where[out]
            while node >= 0:
                load[node] -= 1
                node = parent[node]
            waiting[top - 1] = who[out]
        else:
            top -= 1
        alive[edge] = True
        node = where[edge]
        while node >= 0:
            load[node] += 1
            _push(heap, offsets[node], filled[node], rank, edge)
            filled[node] += 1
            node = parent[node]
    return alive
