"""A first calendar as a planner would make it: the largest fairs first, each where it reaches most who have none yet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

Choice = tuple[int, int, date]
"""Kind, venue, day, by number."""


def first_calendar(
    could: Mapping[tuple[int, int], Sequence[date]], counts: Sequence[int], order: Sequence[int],
    near: Sequence[Sequence[int]], reach: Sequence[frozenset[int]], seekers: Sequence[int],
    *, teams: int, per_week: int, gap: int,
) -> list[Choice]:  # fmt: skip
    """Choices that break no rule; fairs that find no place are left out.

    `could`: days open per kind and venue; `order`: kinds, the most demanding first; `near`: venues near each venue, itself
    among them; `reach`: neighbourhoods in reach of each venue.
    """
    chosen: list[Choice] = []
    held: Counter[date] = Counter()
    used: dict[int, list[date]] = {v: [] for v in range(len(near))}
    left = set(range(len(seekers)))
    for kind in order:
        for _ in range(counts[kind]):
            best = max(
                ((sum(seekers[n] for n in reach[v] & left), -v, day)
                 for v in range(len(near))
                 if (day := _day(could.get((kind, v), ()), v, held, used, near, teams, per_week, gap)) is not None),
                key=lambda found: found[:2], default=None,
            )  # fmt: skip
            if best is None:
                break
            _, minus, day = best
            chosen.append((kind, -minus, day))
            held[day] += 1
            used[-minus].append(day)
            left -= reach[-minus]
    return chosen


def _day(
    days: Sequence[date], venue: int, held: Counter[date], used: Mapping[int, Sequence[date]],
    near: Sequence[Sequence[int]], teams: int, per_week: int, gap: int,
) -> date | None:  # fmt: skip
    """The first day on which a venue can take one more fair."""
    taken = [d for w in near[venue] for d in used[w]]
    for day in days:
        if held[day] >= teams or any(abs((day - d).days) < max(gap, 1) for d in taken):
            continue
        weeks = (sum(held[day + timedelta(days=back + n)] for n in range(7)) for back in range(-6, 1))
        if all(week < teams * per_week for week in weeks):
            return day
    return None
