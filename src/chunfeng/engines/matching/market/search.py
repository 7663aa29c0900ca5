"""The best k of each query, exactly and without looking at all: buckets by place and occupation, left out by upper bounds."""

from __future__ import annotations

from typing import Any

import numpy as np

from chunfeng.engines.matching.market.layout import (
    Index,
    Ints,
    Jobs,
    Longs,
    People,
    Places,
    Terms,
    bare,
    part,
)
from chunfeng.engines.matching.market.pairing import level_of, points_of, refused, shared_of, tie_of


@part
def _first(occs: Ints, begin: int, end: int, value: int) -> Any:
    """The first of the sorted occs[begin:end] that is not below value."""
    while begin < end:
        middle = (begin + end) // 2
        if occs[middle] < value:
            begin = middle + 1
        else:
            end = middle
    return begin


@part
def _put(keys: Longs, found: Ints, filled: int, key: Any, item: Any) -> Any:
    """Insert into the list of best keys, the highest first; of equal keys the lower item first. The new length."""
    k = len(keys)
    at = filled if filled < k else k - 1
    while at > 0 and (keys[at - 1] < key or (keys[at - 1] == key and found[at - 1] > item)):
        keys[at], found[at] = keys[at - 1], found[at - 1]
        at -= 1
    keys[at], found[at] = key, item
    return filled + 1 if filled < k else k


@part
def _seen(wishes: Ints, w: Any, mine: Any, level: Any) -> Any:
    """Whether a bucket (minor group `mine`) is another step's or another wish's: each is visited once, where it shares most."""
    if level == 0:
        if mine == 0:
            return True
        for v in range(len(wishes)):  # noqa: SIM110 - not a thing the compiler knows
            if wishes[v] // 8_000_000 == mine // 40_000:
                return True
        return False
    width = 1 if level == 4 else (200 if level == 2 else 40_000)
    for v in range(len(wishes)):
        other = wishes[v] // 200
        if level < 4 and other == mine:
            return True
        if level < 2 and other // 200 == mine // 200:
            return True
        if v < w and other // width == mine // width:
            return True
    return False


@part
def _bucket(
    P: People,
    J: Jobs,
    A: Places,
    T: Terms,
    X: Index,
    query: int,
    b: int,
    least_rest: int,
    keys: Longs,
    found: Ints,
    filled: int,
) -> Any:
    """Offer the entries of a bucket to the list; `least_rest`: what they can have at most beside their static points."""
    k = len(keys)
    for e in range(X.bucket_at[b], X.bucket_at[b + 1]):
        if filled == k and X.static[e] + least_rest < keys[k - 1] >> 32:
            break
        item = X.item[e]
        p, j = (item, query) if T.swapped else (query, item)
        if refused(P, J, A, p, j):
            continue
        level = level_of(P, p, J.occ[j])
        if T.swapped and P.occ_at[p + 1] - P.occ_at[p] > 1:
            # a person stands in several buckets: the first of the best-shared ones counts
            mine = X.item_occ[e]
            again = shared_of(mine, J.occ[j]) != level
            for o in range(P.occ_at[p], P.occ_at[p + 1]):
                if P.occ[o] == mine:
                    break
                if shared_of(P.occ[o], J.occ[j]) == level:
                    again = True
            if again:
                continue
        key = (np.int64(points_of(P, J, A, T, p, j, level)) << 32) | tie_of(P, J, p, j)
        if filled == k and (key < keys[k - 1] or (key == keys[k - 1] and item > found[k - 1])):
            continue
        filled = _put(keys, found, filled, key, item)
    return filled


@bare
def search(
    P: People,
    J: Jobs,
    A: Places,
    T: Terms,
    X: Index,
    queries: Ints,
    k: int,
    best: Ints,
    points: Ints,
    touched: Longs,
    keys: Longs,
    found: Ints,
    reach: Ints,
    one: Ints,
) -> None:
    """The best `k` items of each query, exactly: persons' jobs, or with `T.swapped` jobs' persons.

    `best` and `points` (queries × k): items and scores, highest first, -1 where there are fewer. Buckets are visited by what
    they share with the wish: minor group, sub-major group, unknown, major group, nothing; each is left out when nothing in it can
    enter the list. `keys`, `found` (k), `reach` (groups), `one` (1): room to work in.
    """
    groups = len(X.group_at) - 1
    W = T.weights
    for q in range(len(queries)):
        query = queries[q]
        if T.swapped:
            one[0] = J.occ[query]
            wishes = one[: 1 if one[0] != 0 else 0]
        else:
            wishes = P.occ[P.occ_at[query] : P.occ_at[query + 1]]
        # what a pair can have beside occupation, place and the static points of the item
        rest = W[3] + W[7]
        if not T.swapped and P.floor[query] < 0:
            rest = W[3] * T.floor[3] // 100 + W[7]
        if T.swapped:
            rest += W[4] + (W[5] if J.certs[query] != 0 else 0) + W[2] * J.pay[query] // 100
        else:
            rest += W[4] if P.needs[query] != 0 else 0
        for g in range(groups):
            if T.swapped:
                reach[g] = W[1] if A.area[g, J.place[query]] != 0 else -1
            elif A.area[P.area[query], g] == 0:
                reach[g] = -1
            else:
                near = max(A.near[P.home[query], g], T.named if A.area[P.area[query], g] == 2 else 0)
                reach[g] = W[1] * max(near, T.town if P.town[query] > 0 else 0) // 100
        filled = 0
        for step in range(5):
            level = 4 if step == 0 else (2 if step == 1 else (5 if step == 2 else (1 if step == 3 else 0)))
            if len(wishes) == 0 and level != 5:
                continue
            most = W[0] * T.level[level] // 100
            for g in range(groups):
                if reach[g] < 0 or X.group_at[g] == X.group_at[g + 1]:
                    continue
                if filled == k and X.group_best[g] + most + reach[g] + rest < keys[k - 1] >> 32:
                    continue
                first, last = X.group_at[g], X.group_at[g + 1]
                bound = most + reach[g] + rest
                width = 1 if level == 4 else (200 if level == 2 else 40_000)
                ranges = 1 if level == 5 or level == 0 else len(wishes)
                for w in range(ranges):
                    begin, end = first, last
                    if level == 5 and len(wishes) > 0:
                        end = first + 1 if X.bucket_occ[first] == 0 else first
                    elif level != 5 and level != 0:
                        low = wishes[w] // 200 // width * width
                        begin = _first(X.bucket_occ, first, last, low)
                        end = _first(X.bucket_occ, begin, last, low + width)
                    for b in range(begin, end):
                        if filled == k and X.bucket_best[b] + bound < keys[k - 1] >> 32:
                            continue
                        if level != 5 and _seen(wishes, w, X.bucket_occ[b], level):
                            continue
                        touched[0] += X.bucket_at[b + 1] - X.bucket_at[b]
                        filled = _bucket(P, J, A, T, X, query, b, bound, keys, found, filled)
        for s in range(k):
            best[q, s] = found[s] if s < filled else -1
            points[q, s] = np.int32(keys[s] >> 32) if s < filled else -1
