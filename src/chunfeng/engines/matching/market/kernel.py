"""The compiled search: hard rules by bits, additive score in whole points, exact best k by buckets with upper bounds.

All in one file, since machine code kept on disk is renewed when the file it stands in changes, not one it takes parts from.
A score is a whole number, so no order of adding matters and the definition in SQL (`oracle`) gives the same to the point.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar, cast

import numpy as np
from numba import njit
from numpy.typing import NDArray

_Function = TypeVar("_Function", bound=Callable[..., Any])
Words = NDArray[np.uint64]
Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Bytes = NDArray[np.uint8]

NEVER = np.int32(-(2**31))
"""A day that is not known."""
UNKNOWN = np.int32(-1)
"""An amount or code that is not known, or has no limit."""


def compiled(function: _Function) -> _Function:
    """Machine code, kept on disk where possible: a read-only installation compiles once per process."""
    try:
        return cast("_Function", njit(nogil=True, cache=True)(function))
    except RuntimeError:  # numba found no folder it may write to
        return cast("_Function", njit(nogil=True)(function))


def part(function: _Function) -> _Function:
    """A piece of compiled functions, put into each."""
    return cast("_Function", njit(nogil=True, forceinline=True)(function))


class People(NamedTuple):
    """One entry per person. `have`: bits a job may ask for, those not known among them (`unknown`); `avoid`: conditions that
    shut a job out; `certs`: certificates surely held; `needs`: what should be met; `earliest`, `latest`: day numbers of the first
    and the last possible start; `occ`, `cert_*`: lists, from `*_at[i]` to `*_at[i + 1]`."""

    have: Words
    unknown: Words
    avoid: Words
    certs: Words
    needs: Words
    area: Ints
    home: Ints
    town: Longs
    floor: Ints
    earliest: Ints
    latest: Ints
    tier: Ints
    tie: Words
    occ_at: Longs
    occ: Ints
    cert_at: Longs
    cert_bit: Words
    cert_until: Ints


class Jobs(NamedTuple):
    """One entry per job. `need`: bits asked for, `certs` those of certificates; `states`: conditions that shut people out;
    `meets`: needs that are met; `low`, `high` yuan a month; `pay`, `priority` in percent; `occ` 0 where not known."""

    need: Words
    certs: Words
    states: Words
    meets: Words
    place: Ints
    town: Longs
    low: Ints
    high: Ints
    start: Ints
    occ: Ints
    pay: Ints
    priority: Ints
    tie: Words


class Places(NamedTuple):
    """`area[set, place]`: 0 refused, 1 taken, 2 named; `near[home, place]`: percent."""

    area: Bytes
    near: Ints


class Terms(NamedTuple):
    """Weights of a side by part, and the shares: occupation by level; floor: low, middle, below, unknown; place: town, named."""

    weights: Ints
    level: Ints
    floor: Ints
    town: int
    named: int
    swapped: bool


class Index(NamedTuple):
    """Items by group and occupation: group g has buckets `group_at[g]` to `group_at[g + 1]`, bucket b the entries `bucket_at[b]`
    to `bucket_at[b + 1]` of `item`, the best `static` first. `bucket_occ`: the minor group, in the order of occ."""

    group_at: Longs
    bucket_at: Longs
    bucket_occ: Ints
    group_best: Ints
    item: Ints
    item_occ: Ints
    static: Ints


@compiled
def hashes(offsets: Longs, body: Bytes) -> Words:
    """FNV-1a of 64 bits over each text, well mixed, cut to 32 bits."""
    out = np.zeros(len(offsets) - 1, np.uint64)
    for i in range(len(out)):
        value = np.uint64(14695981039346656037)
        for at in range(offsets[i], offsets[i + 1]):
            value = (value ^ np.uint64(body[at])) * np.uint64(1099511628211)
        value ^= value >> np.uint64(33)
        value *= np.uint64(0xFF51AFD7ED558CCD)
        out[i] = value >> np.uint64(32)
    return out


# --- one pair --------------------------------------------------------------------------------------------------------


@part
def _expired(P: People, J: Jobs, p: int, j: int) -> bool:
    """Whether a certificate the job asks for has run out by the day it starts, on every copy the person holds."""
    start = J.start[j]
    wanted = J.certs[j]
    for c in range(P.cert_at[p], P.cert_at[p + 1]):
        if (
            (P.cert_bit[c] & wanted) != 0
            and P.cert_until[c] != NEVER
            and start != NEVER
            and P.cert_until[c] < start
        ):
            return True
    return False


@part
def _refused(P: People, J: Jobs, A: Places, p: int, j: int) -> bool:
    if (J.need[j] & ~P.have[p]) != 0 or (P.avoid[p] & J.states[j]) != 0:
        return True
    if A.area[P.area[p], J.place[j]] == 0:
        return True
    if J.high[j] >= 0 and P.floor[p] > J.high[j]:
        return True
    start = J.start[j]
    if start != NEVER and (start < P.earliest[p] or (P.latest[p] != NEVER and start >= P.latest[p])):
        return True
    return bool(J.certs[j] != 0 and _expired(P, J, p, j))


@part
def _shared(one: Any, other: Any) -> Any:
    """The deepest group two packed occupations share: 0 to 4; 5 where one is not known."""
    if one == 0 or other == 0:
        return 5
    if one == other and one % 200 != 0:
        return 4
    if one // 200 == other // 200 and (one // 200) % 200 != 0:
        return 3
    if one // 40_000 == other // 40_000 and (one // 40_000) % 200 != 0:
        return 2
    return 1 if one // 8_000_000 == other // 8_000_000 else 0


@part
def _level(P: People, p: int, occ: int) -> Any:
    best = -1
    for o in range(P.occ_at[p], P.occ_at[p + 1]):
        shared = _shared(P.occ[o], occ)
        if shared == 5:
            return 5
        if shared > best:
            best = shared
    return 5 if best < 0 else best


@part
def _bits(word: Any) -> Any:
    count = 0
    while word != 0:
        word = word & (word - np.uint64(1))
        count += 1
    return count


@part
def _place(P: People, J: Jobs, A: Places, T: Terms, p: int, j: int) -> Any:
    if P.town[p] > 0 and P.town[p] == J.town[j]:
        return T.town
    near = A.near[P.home[p], J.place[j]]
    if A.area[P.area[p], J.place[j]] == 2 and near < T.named:
        return T.named
    return near


@part
def _floor(P: People, J: Jobs, T: Terms, p: int, j: int) -> Any:
    least, low, high = P.floor[p], J.low[j], J.high[j]
    if least < 0 or low < 0:
        return T.floor[3]
    if low >= least:
        return T.floor[0]
    if high < 0:
        return T.floor[3]
    return T.floor[1] if (low + high) // 2 >= least else T.floor[2]


@part
def _points(P: People, J: Jobs, A: Places, T: Terms, p: int, j: int, level: int) -> Any:
    W = T.weights
    total = W[0] * T.level[level] // 100
    total += W[1] * _place(P, J, A, T, p, j) // 100
    total += W[2] * J.pay[j] // 100
    total += W[3] * _floor(P, J, T, p, j) // 100
    if P.needs[p] != 0:
        total += W[4] * (100 * _bits(P.needs[p] & J.meets[j]) // _bits(P.needs[p])) // 100
    if J.certs[j] != 0 and (J.certs[j] & ~P.certs[p]) == 0:
        total += W[5]
    total += W[6] * (P.tier[p] if T.swapped else J.priority[j]) // 100
    if (J.need[j] & P.unknown[p]) == 0 and not (P.floor[p] >= 0 and J.high[j] < 0):
        total += W[7]
    return total


@part
def _tie(P: People, J: Jobs, p: int, j: int) -> Any:
    """Equal scores fall differently for everyone, and the same way again tomorrow."""
    mixed = (P.tie[p] ^ J.tie[j]) * np.uint64(2654435761) % np.uint64(4294967296)
    return np.int64(mixed)


@compiled
def parts_of(P: People, J: Jobs, A: Places, T: Terms, persons: Ints, jobs: Ints) -> Ints:
    """Points by part (rows of PARTS) of pairs; the last two columns are the level and the sum."""
    out = np.zeros((len(persons), 10), np.int32)
    W = T.weights
    for i in range(len(persons)):
        p, j = persons[i], jobs[i]
        level = _level(P, p, J.occ[j])
        out[i, 0] = W[0] * T.level[level] // 100
        out[i, 1] = W[1] * _place(P, J, A, T, p, j) // 100
        out[i, 2] = W[2] * J.pay[j] // 100
        out[i, 3] = W[3] * _floor(P, J, T, p, j) // 100
        if P.needs[p] != 0:
            out[i, 4] = W[4] * (100 * _bits(P.needs[p] & J.meets[j]) // _bits(P.needs[p])) // 100
        if J.certs[j] != 0 and (J.certs[j] & ~P.certs[p]) == 0:
            out[i, 5] = W[5]
        out[i, 6] = W[6] * (P.tier[p] if T.swapped else J.priority[j]) // 100
        if (J.need[j] & P.unknown[p]) == 0 and not (P.floor[p] >= 0 and J.high[j] < 0):
            out[i, 7] = W[7]
        out[i, 8] = level
        out[i, 9] = out[i, :8].sum()
    return out


@part
def _failing(P: People, J: Jobs, A: Places, groups: Words, slots: Longs, p: int, j: int) -> Any:
    found = 0
    missing = J.need[j] & ~P.have[p]
    if missing != 0:
        for g in range(len(groups)):
            if (missing & groups[g]) != 0:
                found |= 1 << g
    if (P.avoid[p] & J.states[j]) != 0:
        found |= 1 << slots[0]
    if A.area[P.area[p], J.place[j]] == 0:
        found |= 1 << slots[1]
    if J.high[j] >= 0 and P.floor[p] > J.high[j]:
        found |= 1 << slots[2]
    start = J.start[j]
    if start != NEVER:
        if start < P.earliest[p]:
            found |= 1 << slots[3]
        if P.latest[p] != NEVER and start >= P.latest[p]:
            found |= 1 << slots[4]
    if J.certs[j] != 0 and _expired(P, J, p, j):
        found |= 1 << slots[5]
    return found


@compiled
def failing(P: People, J: Jobs, A: Places, groups: Words, slots: Longs, persons: Ints, jobs: Ints) -> Longs:
    """Rules that pairs break, one bit each. `groups`: bits of `need` by rule; `slots`: the rules of contrary, area, amount,
    from, before, until."""
    out = np.zeros(len(persons), np.int64)
    for i in range(len(persons)):
        out[i] = _failing(P, J, A, groups, slots, persons[i], jobs[i])
    return out


@compiled
def one_short(
    P: People,
    J: Jobs,
    A: Places,
    T: Terms,
    groups: Words,
    slots: Longs,
    persons: Ints,
    wanted: int,
    least: int,
    most: int,
) -> tuple[Ints, Ints, Ints, Longs]:
    """(person, job, rule, points) of pairs that break exactly one rule, one of `wanted` (bits), with a level of occupation shared
    of at least `least`; per person the best `most` by points, then the tie."""
    room = len(persons) * most
    who, what, which = np.zeros(room, np.int32), np.zeros(room, np.int32), np.zeros(room, np.int32)
    points = np.zeros(room, np.int64)
    keys, slot_job, slot_rule = np.zeros(most, np.int64), np.zeros(most, np.int32), np.zeros(most, np.int32)
    size = 0
    for i in range(len(persons)):
        p, filled = persons[i], 0
        for j in range(len(J.need)):
            found = _failing(P, J, A, groups, slots, p, j)
            if found == 0 or (found & (found - 1)) != 0 or (found & wanted) == 0:
                continue
            level = _level(P, p, J.occ[j])
            if level < least or level == 5:
                continue
            key = (np.int64(_points(P, J, A, T, p, j, level)) << 32) | _tie(P, J, p, j)
            if filled == most and key <= keys[most - 1]:
                continue
            at = filled if filled < most else most - 1
            while at > 0 and keys[at - 1] < key:
                keys[at], slot_job[at], slot_rule[at] = keys[at - 1], slot_job[at - 1], slot_rule[at - 1]
                at -= 1
            rule = 0
            while (found >> rule) != 1:
                rule += 1
            keys[at], slot_job[at], slot_rule[at] = key, j, rule
            if filled < most:
                filled += 1
        for s in range(filled):
            who[size], what[size], which[size], points[size] = p, slot_job[s], slot_rule[s], keys[s] >> 32
            size += 1
    return who[:size], what[:size], which[:size], points[:size]


# --- the best k ------------------------------------------------------------------------------------------------------


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


@compiled
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
        if _refused(P, J, A, p, j):
            continue
        level = _level(P, p, J.occ[j])
        if T.swapped and P.occ_at[p + 1] - P.occ_at[p] > 1:
            # a person stands in several buckets: the first of the best-shared ones counts
            mine = X.item_occ[e]
            again = _shared(mine, J.occ[j]) != level
            for o in range(P.occ_at[p], P.occ_at[p + 1]):
                if P.occ[o] == mine:
                    break
                if _shared(P.occ[o], J.occ[j]) == level:
                    again = True
            if again:
                continue
        key = (np.int64(_points(P, J, A, T, p, j, level)) << 32) | _tie(P, J, p, j)
        if filled == k and (key < keys[k - 1] or (key == keys[k - 1] and item > found[k - 1])):
            continue
        filled = _put(keys, found, filled, key, item)
    return filled


@compiled
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
) -> None:
    """The best `k` items of each query, exactly: persons' jobs, or with `T.swapped` jobs' persons.

    `best` and `points` (queries × k): items and scores, highest first, -1 where there are fewer. Buckets are visited by what
    they share with the wish: minor group, sub-major group, unknown, major group, nothing; each is left out when nothing in it can
    enter the list.
    """
    groups = len(X.group_at) - 1
    W = T.weights
    keys, found = np.zeros(k, np.int64), np.zeros(k, np.int32)
    reach = np.zeros(groups, np.int32)
    one = np.zeros(1, np.int32)
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
            rest += (W[4] if P.needs[query] != 0 else 0) + (W[5] if P.certs[query] != 0 else 0)
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
                if level == 5 or level == 0:
                    if level == 5 and len(wishes) > 0:
                        last = first + 1 if X.bucket_occ[first] == 0 else first
                    for b in range(first, last):
                        if level == 0:
                            near_enough = X.bucket_occ[b] == 0
                            for w in range(len(wishes)):
                                if wishes[w] // 8_000_000 == X.bucket_occ[b] // 40_000:
                                    near_enough = True
                            if near_enough:
                                continue
                        bound = most + reach[g] + rest
                        if filled == k and X.static[X.bucket_at[b]] + bound < keys[k - 1] >> 32:
                            continue
                        touched[0] += X.bucket_at[b + 1] - X.bucket_at[b]
                        filled = _bucket(P, J, A, T, X, query, b, bound, keys, found, filled)
                    continue
                width = 1 if level == 4 else (200 if level == 2 else 40_000)
                for w in range(len(wishes)):
                    minor = wishes[w] // 200
                    low = minor // width * width
                    begin = _first(X.bucket_occ, first, last, low)
                    end = _first(X.bucket_occ, begin, last, low + width)
                    for b in range(begin, end):
                        # once only, at the first wish that shares most; narrower groups were visited before
                        seen = False
                        for v in range(len(wishes)):
                            other, mine = wishes[v] // 200, X.bucket_occ[b]
                            if level < 4 and other == mine:
                                seen = True
                            if level < 2 and other // 200 == mine // 200:
                                seen = True
                            if v < w and other // width == mine // width:
                                seen = True
                        if seen:
                            continue
                        bound = most + reach[g] + rest
                        if filled == k and X.static[X.bucket_at[b]] + bound < keys[k - 1] >> 32:
                            continue
                        touched[0] += X.bucket_at[b + 1] - X.bucket_at[b]
                        filled = _bucket(P, J, A, T, X, query, b, bound, keys, found, filled)
        for s in range(k):
            best[q, s] = found[s] if s < filled else -1
            points[q, s] = np.int32(keys[s] >> 32) if s < filled else -1
