"""The calendar of fairs: which fair where and when, so that as many job seekers as can be have one near; with proof.

Engine: CP-SAT. Fairs of one kind are interchangeable, and so are teams: at most `teams` fairs a day and `teams * per_week` in
any seven days are shared out in turn, so that no team has two a day or more than its share of a week.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import polars as pl
from ortools.sat.python import cp_model

from chunfeng.engines.scheduling.fair_start import Choice, first_calendar
from chunfeng.reference.coordinates import kilometres

PERMIT_FROM = 1000
"""Expected visitors from which the police must permit an event (大型群众性活动安全管理条例)."""
PERMIT_DAYS = 20
"""Days before the event by which the permit is asked for."""


@dataclass(frozen=True, slots=True)
class Kind:
    """Fairs alike: how many, for how many visitors, within which days. `exempt`: held in the government's name, no permit."""

    name: str
    count: int
    visitors: int
    first: date
    last: date
    exempt: bool = False


@dataclass(frozen=True, slots=True)
class Venue:
    """A place for fairs, with its longitude and latitude in degrees; `closed`: days it cannot be had."""

    id: str
    place: tuple[float, float]
    holds: int
    closed: frozenset[date] = frozenset()


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """Where job seekers live, and how many."""

    id: str
    place: tuple[float, float]
    seekers: int


@dataclass(frozen=True, slots=True)
class Rules:
    """`reach_km`: how far people go; `near_km`, `gap`: fairs so near need so many days between; `per_week`: fairs one team
    can hold in seven days."""

    teams: int
    per_week: int = 3
    reach_km: float = 8
    near_km: float = 5
    gap: int = 3


@dataclass(frozen=True, slots=True)
class Calendar:
    """`fairs`: kind, venue, day, team; `covered`: neighbourhood, seekers, covered; `unplaced`: kind → fairs without place.
    `seekers`: those with a fair in reach, `most`: no calendar reaches more; `proved`: seekers equals most. `advice`: what to
    relax where fairs are left without a place."""

    fairs: pl.DataFrame
    covered: pl.DataFrame
    unplaced: dict[str, int]
    seekers: int
    most: int
    proved: bool
    advice: tuple[str, ...]


def plan(
    kinds: Sequence[Kind], venues: Sequence[Venue], homes: Sequence[Neighbourhood], rules: Rules, as_of: date,
    *, seconds: float = 20, seed: int = 7,
) -> Calendar:  # fmt: skip
    """The calendar that first places all fairs that can be placed, then reaches most job seekers. Same input, same answer."""
    best = _solve(kinds, venues, homes, rules, as_of, seconds, seed)
    if not best.unplaced:
        return best
    return replace(best, advice=tuple(_advice(kinds, venues, rules, as_of, min(5.0, seconds), seed)))


def _solve(
    kinds: Sequence[Kind], venues: Sequence[Venue], homes: Sequence[Neighbourhood], rules: Rules, as_of: date,
    seconds: float, seed: int,
) -> Calendar:  # fmt: skip
    model = cp_model.CpModel()
    held = _held(model, kinds, venues, as_of)
    on: dict[tuple[int, date], list[cp_model.IntVar]] = defaultdict(list)
    at: dict[int, list[cp_model.IntVar]] = defaultdict(list)
    by_day: dict[date, list[cp_model.IntVar]] = defaultdict(list)
    by_kind: dict[int, list[cp_model.IntVar]] = defaultdict(list)
    for (k, v, day), chosen in held.items():
        for group in (on[v, day], at[v], by_day[day], by_kind[k]):
            group.append(chosen)
    _teams(model, by_day, rules)
    _gaps(model, venues, on, sorted(by_day), rules)
    reach = _reach(venues, homes, rules)
    start = _start(kinds, venues, homes, held, reach, rules)
    for key, chosen in held.items():
        model.add_hint(chosen, key in set(start))
    missing = []
    for k, kind in enumerate(kinds):
        lacks = model.new_int_var(0, kind.count, f"lacks {k}")
        model.add(sum(by_kind[k]) + lacks == kind.count)
        model.add_hint(lacks, kind.count - sum(one == k for one, _, _ in start))
        missing.append(lacks)
    reached = []
    for n, home in enumerate(homes):
        some = model.new_bool_var(f"reach {home.id}")
        choices = [c for v, near in enumerate(reach) if n in near for c in at[v]]
        model.add(sum(choices) >= some) if choices else model.add(some == 0)
        model.add_hint(some, any(n in reach[v] for _, v, _ in start))
        reached.append(some)
    total = sum(home.seekers for home in homes)
    # a fair without a place weighs more than all job seekers together
    served = sum(h.seekers * r for h, r in zip(homes, reached, strict=True))
    model.maximize(served - (total + 1) * sum(missing))
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.random_seed = seed
    solver.parameters.num_workers = 8
    solver.parameters.interleave_search = True  # the same answer on every machine
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        raise RuntimeError(
            f"CP-SAT ended with {solver.status_name(status)} though every fair may stay without place"
        )
    days = [(kinds[k].name, venues[v].id, day) for (k, v, day), c in held.items() if solver.boolean_value(c)]
    left = {kind.name: solver.value(m) for kind, m in zip(kinds, missing, strict=True) if solver.value(m)}
    flags = [solver.boolean_value(r) for r in reached]
    got = sum(h.seekers for h, flag in zip(homes, flags, strict=True) if flag)
    bound = round(solver.best_objective_bound) + (total + 1) * sum(left.values())
    proved = status == cp_model.OPTIMAL
    covered = pl.DataFrame(
        {"neighbourhood": [h.id for h in homes], "seekers": [h.seekers for h in homes], "covered": flags},
        schema={"neighbourhood": pl.String, "seekers": pl.Int64, "covered": pl.Boolean},
    )
    most = got if proved else min(total, max(bound, got))
    return Calendar(_in_turn(days, rules.teams), covered, left, got, most, proved, ())


def _reach(venues: Sequence[Venue], homes: Sequence[Neighbourhood], rules: Rules) -> list[frozenset[int]]:
    """Neighbourhoods in reach of each venue, by number."""
    return [
        frozenset(n for n, home in enumerate(homes) if kilometres(home.place, venue.place) <= rules.reach_km)
        for venue in venues
    ]


def _start(
    kinds: Sequence[Kind], venues: Sequence[Venue], homes: Sequence[Neighbourhood],
    held: dict[tuple[int, int, date], cp_model.IntVar], reach: Sequence[frozenset[int]], rules: Rules,
) -> list[Choice]:  # fmt: skip
    could: dict[tuple[int, int], list[date]] = defaultdict(list)
    for k, v, day in held:
        could[k, v].append(day)
    near = [
        [
            w
            for w, other in enumerate(venues)
            if w == v or kilometres(venue.place, other.place) <= rules.near_km
        ]
        for v, venue in enumerate(venues)
    ]
    order = sorted(range(len(kinds)), key=lambda k: (-kinds[k].visitors, k))
    return first_calendar(
        could, [k.count for k in kinds], order, near, reach, [h.seekers for h in homes],
        teams=rules.teams, per_week=rules.per_week, gap=rules.gap,
    )  # fmt: skip


def _held(
    model: cp_model.CpModel, kinds: Sequence[Kind], venues: Sequence[Venue], as_of: date
) -> dict[tuple[int, int, date], cp_model.IntVar]:
    """A yes or no for each kind, venue and day that fit; a large event waits for its permit."""
    held = {}
    for k, kind in enumerate(kinds):
        needs_permit = kind.visitors >= PERMIT_FROM and not kind.exempt
        first = max(kind.first, as_of + timedelta(days=PERMIT_DAYS if needs_permit else 1))
        for v, venue in enumerate(venues):
            if venue.holds >= kind.visitors:
                for n in range((kind.last - first).days + 1):
                    day = first + timedelta(days=n)
                    if day not in venue.closed:
                        held[k, v, day] = model.new_bool_var(f"{k} {v} {day}")
    return held


def _teams(model: cp_model.CpModel, by_day: dict[date, list[cp_model.IntVar]], rules: Rules) -> None:
    for day, chosen in by_day.items():
        model.add(sum(chosen) <= rules.teams)
        week = [c for n in range(7) for c in by_day.get(day + timedelta(days=n), ())]
        model.add(sum(week) <= rules.teams * rules.per_week)


def _gaps(
    model: cp_model.CpModel, venues: Sequence[Venue], on: dict[tuple[int, date], list[cp_model.IntVar]],
    days: Sequence[date], rules: Rules,
) -> None:  # fmt: skip
    """At most one fair in any `gap` days at a venue, and at each two venues that are near each other."""
    window = {
        (v, day): [c for n in range(max(rules.gap, 1)) for c in on.get((v, day + timedelta(days=n)), ())]
        for v in range(len(venues))
        for day in days
    }
    for v, venue in enumerate(venues):
        near = [
            w for w in range(v + 1, len(venues)) if kilometres(venue.place, venues[w].place) <= rules.near_km
        ]
        for day in days:
            if not near and len(window[v, day]) > 1:
                model.add_at_most_one(window[v, day])
            for w in near:
                if rules.gap > 0 and len(both := [*window[v, day], *window[w, day]]) > 1:
                    model.add_at_most_one(both)


def _in_turn(days: list[tuple[str, str, date]], teams: int) -> pl.DataFrame:
    ordered = sorted(days, key=lambda d: (d[2], d[1], d[0]))
    rows = [(*fair, n % teams + 1) for n, fair in enumerate(ordered)]
    return pl.DataFrame(
        rows, schema={"kind": pl.String, "venue": pl.String, "day": pl.Date, "team": pl.Int64}, orient="row"
    )


def _advice(
    kinds: Sequence[Kind], venues: Sequence[Venue], rules: Rules, as_of: date, seconds: float, seed: int
) -> list[str]:
    """Which single condition to relax so that every fair finds a place; where none is enough, that."""
    too_large = [k.name for k in kinds if all(v.holds < k.visitors for v in venues)]
    if too_large:
        return [
            f"没有场地容得下：{'、'.join(too_large)}。请增加场地或分场。 / No venue holds them: add venues or divide."
        ]
    days = max((k.last - max(k.first, as_of)).days + 1 for k in kinds)
    more = max(rules.teams + 1, -(-sum(k.count for k in kinds) * 7 // (max(days, 1) * rules.per_week)) + 1)
    later = [replace(k, last=k.last + timedelta(days=21)) for k in kinds]
    tries = [
        (f"工作队增加到{more}队", f"{more} teams", kinds, replace(rules, teams=more)),
        ("每队每周可多办几场", "more fairs a week", kinds, replace(rules, per_week=7)),
        ("缩短相邻场地的间隔天数", "shorter gaps between near venues", kinds, replace(rules, gap=1)),
        ("推迟结束日期三周", "three weeks more", later, rules),
    ]
    found = [
        f"{chinese}，全部场次可以排下。 / Enough: {english}."
        for chinese, english, asked, relaxed in tries
        if not _solve(asked, venues, [], relaxed, as_of, seconds, seed).unplaced
    ]
    return found or [
        "单独放宽工作队、频次、间隔、日期中的任何一项都不够，请减少场次。 / No single condition is enough: fewer fairs."
    ]
