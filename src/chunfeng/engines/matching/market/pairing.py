"""One person and one vacancy, compiled: which rules they break, how many points they make, and how equal points fall.

A score is a whole number, so no order of adding matters and the definition in SQL (`oracle`) gives the same to the point.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chunfeng.engines.matching.market.layout import (
    NEVER,
    Bytes,
    Ints,
    Jobs,
    Longs,
    People,
    Places,
    Terms,
    Words,
    compiled,
    part,
)  # fmt: skip


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
def refused(P: People, J: Jobs, A: Places, p: int, j: int) -> bool:
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
def shared_of(one: Any, other: Any) -> Any:
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
def level_of(P: People, p: int, occ: int) -> Any:
    best = -1
    for o in range(P.occ_at[p], P.occ_at[p + 1]):
        shared = shared_of(P.occ[o], occ)
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
def points_of(P: People, J: Jobs, A: Places, T: Terms, p: int, j: int, level: int) -> Any:
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
def tie_of(P: People, J: Jobs, p: int, j: int) -> Any:
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
        level = level_of(P, p, J.occ[j])
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
def refusals(P: People, J: Jobs, A: Places, groups: Words, slots: Longs, persons: Ints, rules: int) -> Ints:
    """How many jobs each rule shuts each person out of: persons × rules."""
    out = np.zeros((len(persons), rules), np.int32)
    for i in range(len(persons)):
        for j in range(len(J.need)):
            found = _failing(P, J, A, groups, slots, persons[i], j)
            for rule in range(rules):
                if (found >> rule) & 1:
                    out[i, rule] += 1
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
            level = level_of(P, p, J.occ[j])
            if level < least or level == 5:
                continue
            key = (np.int64(points_of(P, J, A, T, p, j, level)) << 32) | tie_of(P, J, p, j)
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
