"""The calendar of fairs: its rules, its proof, and what it says when not everything fits."""

from collections import Counter
from datetime import date, timedelta

import pytest

from chunfeng.engines.scheduling import fair_calendar as fairs
from chunfeng.reference.coordinates import kilometres

AS_OF = date(2023, 1, 15)
FIRST, LAST = date(2023, 1, 28), date(2023, 2, 10)
VENUES = [
    fairs.Venue(f"v{n}", (116.5 + 0.03 * n, 25.6 + 0.05 * (n % 3)), 300 if n % 4 else 2500) for n in range(10)
]
HOMES = [
    fairs.Neighbourhood(f"n{n}", (116.5 + 0.015 * n, 25.6 + 0.03 * (n % 5)), 10 + n * 7 % 50)
    for n in range(30)
]
RULES = fairs.Rules(teams=2, per_week=3, reach_km=6, near_km=4, gap=3)


def kinds(villages: int = 6, county: int = 1) -> list[fairs.Kind]:
    return [fairs.Kind("村级", villages, 200, FIRST, LAST), fairs.Kind("县级", county, 2000, FIRST, LAST)]


@pytest.fixture(scope="module")
def made() -> fairs.Calendar:
    return fairs.plan(kinds(), VENUES, HOMES, RULES, AS_OF, seconds=20)


def test_all_fairs_have_a_place_and_the_reach_is_proved(made: fairs.Calendar) -> None:
    assert Counter(made.fairs["kind"]) == {"村级": 6, "县级": 1}
    assert not made.unplaced and not made.advice
    assert made.proved and made.seekers == made.most
    covered = made.covered.filter("covered")
    assert covered["seekers"].sum() == made.seekers > 0


def test_every_rule_is_kept(made: fairs.Calendar) -> None:
    where = {v.id: v for v in VENUES}
    rows = list(made.fairs.iter_rows(named=True))
    by_day = Counter(r["day"] for r in rows)
    assert max(by_day.values()) <= RULES.teams
    assert Counter((r["day"], r["team"]) for r in rows).most_common(1)[0][1] == 1
    for r in rows:
        assert FIRST <= r["day"] <= LAST
        assert where[r["venue"]].holds >= (2000 if r["kind"] == "县级" else 200)
        week = [o for o in rows if o["team"] == r["team"] and 0 <= (o["day"] - r["day"]).days < 7]
        assert len(week) <= RULES.per_week
        for o in rows:
            if o is not r and kilometres(where[o["venue"]].place, where[r["venue"]].place) <= RULES.near_km:
                assert abs((o["day"] - r["day"]).days) >= RULES.gap
    reached = {
        h.id
        for h in HOMES
        if any(kilometres(h.place, where[r["venue"]].place) <= RULES.reach_km for r in rows)
    }
    assert reached == set(made.covered.filter("covered")["neighbourhood"])


def test_a_large_event_waits_for_its_permit_unless_the_government_holds_it(made: fairs.Calendar) -> None:
    (day,) = made.fairs.filter(made.fairs["kind"] == "县级")["day"]
    assert day >= AS_OF + timedelta(days=fairs.PERMIT_DAYS)
    own = [fairs.Kind("县级", 1, 2000, FIRST, FIRST, exempt=True)]
    assert fairs.plan(own, VENUES, HOMES, RULES, AS_OF, seconds=5).fairs["day"].to_list() == [FIRST]
    asked = [fairs.Kind("县级", 1, 2000, FIRST, FIRST)]
    assert fairs.plan(asked, VENUES, HOMES, RULES, AS_OF, seconds=5).unplaced == {"县级": 1}


def test_the_same_input_gives_the_same_calendar(made: fairs.Calendar) -> None:
    assert fairs.plan(kinds(), VENUES, HOMES, RULES, AS_OF, seconds=20).fairs.equals(made.fairs)


def test_too_few_teams_are_named() -> None:
    few = fairs.Rules(teams=1, per_week=1, reach_km=6, near_km=1, gap=1)
    found = fairs.plan(kinds(6, 0)[:1], VENUES, HOMES, few, AS_OF, seconds=5)
    assert found.unplaced == {"村级": 4}
    assert any(told.startswith("工作队增加到4队") for told in found.advice)
    assert any("每队每周可多办几场" in told for told in found.advice)


def test_a_fair_no_venue_holds_is_named() -> None:
    found = fairs.plan(
        [fairs.Kind("省级", 1, 9000, FIRST, LAST, exempt=True)], VENUES, HOMES, RULES, AS_OF, seconds=3
    )
    assert found.fairs.height == 0 and found.advice[0].startswith("没有场地容得下：省级")


def test_nothing_asked_and_nowhere_to_go() -> None:
    nothing = fairs.plan([], VENUES, HOMES, RULES, AS_OF, seconds=3)
    assert nothing.fairs.height == 0 and nothing.seekers == 0
    assert fairs.plan(kinds(), [], [], RULES, AS_OF, seconds=3).unplaced == {"村级": 6, "县级": 1}
