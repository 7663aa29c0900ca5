"""Assignment by tiers: no dearer than trying everything, and never a place of an earlier tier given to a later one."""

from itertools import product

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chunfeng.engines.scheduling import appointments, booths, flows

SHAPE = st.tuples(
    st.lists(st.integers(0, 2), min_size=1, max_size=5),
    st.lists(st.integers(0, 2), min_size=1, max_size=3),
    st.dictionaries(st.tuples(st.integers(0, 4), st.integers(0, 2)), st.integers(0, 9), max_size=12),
)


def tables(
    tiers: list[int], rooms: list[int], fits: dict[tuple[int, int], int]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    rows = [
        (f"a{a}", f"p{p}", tiers[a], fit)
        for (a, p), fit in sorted(fits.items())
        if a < len(tiers) and p < len(rooms)
    ]
    places = pl.DataFrame(
        {"place": [f"p{p}" for p in range(len(rooms))], "room": rooms}, schema_overrides={"room": pl.Int64}
    )
    return pl.DataFrame(rows, schema=flows.WISHES, orient="row"), places


def worth(pairs: list[tuple[str, str]], wishes: pl.DataFrame) -> tuple[int, ...]:
    """Served of each tier, first tier first, then the fit of all."""
    said = {(a, p): (t, f) for a, p, t, f in wishes.iter_rows()}
    served = [said[pair] for pair in pairs]
    return (*(sum(t == tier for t, _ in served) for tier in range(3)), sum(f for _, f in served))


@settings(max_examples=60, deadline=None)
@given(SHAPE)
def test_the_best_of_all_assignments(shape: tuple[list[int], list[int], dict[tuple[int, int], int]]) -> None:
    wishes, places = tables(*shape)
    found = flows.assign(wishes, places)
    room = dict(places.iter_rows())
    options = [[None, *wishes.filter(pl.col("asker") == a)["place"]] for a in wishes["asker"].unique().sort()]
    askers = wishes["asker"].unique().sort().to_list()
    best: tuple[int, ...] = (0, 0, 0, 0)
    for choice in product(*options):
        pairs = [(a, p) for a, p in zip(askers, choice, strict=True) if p is not None]
        if all(sum(p == place for _, p in pairs) <= n for place, n in room.items()):
            best = max(best, worth(pairs, wishes))
    pairs = list(found.pairs.iter_rows())
    assert found.proved
    assert worth(pairs, wishes) == best
    assert len({a for a, _ in pairs}) == len(pairs)
    assert found.left.filter(pl.col("got") == 0).height == len(askers) - len(pairs)
    assert flows.assign(wishes.sample(fraction=1, shuffle=True, seed=1), places).pairs.equals(found.pairs)


def test_numbers_that_would_not_be_exact_are_refused() -> None:
    wishes, places = tables([0, 1], [1], {(0, 0): 2**40, (1, 0): 2**59})
    with pytest.raises(ValueError, match="too large"):
        flows.assign(wishes, places)
    with pytest.raises(ValueError, match="start at 0"):
        flows.assign(*tables([-1], [1], {(0, 0): 1}))


def test_booths_go_to_key_employers_first_and_others_hear_why() -> None:
    wishes = pl.DataFrame(
        [("甲", "一场", 0, 3), ("乙", "一场", 1, 9), ("丙", "一场", 1, 5), ("丙", "二场", 1, 1), ("丁", "三场", 1, 1)],
        schema=booths.WISHES, orient="row",
    )  # fmt: skip
    fairs = pl.DataFrame({"fair": ["一场", "二场"], "booths": [2, 1]})
    found = booths.allocate(wishes, fairs)
    assert found.places.rows() == [("一场", 1, "甲"), ("一场", 2, "乙"), ("二场", 1, "丙")]
    assert found.refused.rows() == [
        ("丙", "一场", "2个展位已满，已排单位的次序不低于第2类"),
        ("丁", "三场", "没有这场招聘会"),
    ]


def test_an_employer_gets_no_more_fairs_than_allowed() -> None:
    wishes = pl.DataFrame([("甲", f"{n}场", 0, n) for n in range(5)], schema=booths.WISHES, orient="row")
    fairs = pl.DataFrame({"fair": [f"{n}场" for n in range(5)], "booths": [9] * 5})
    found = booths.allocate(wishes, fairs, most=3)
    assert found.places["fair"].to_list() == ["2场", "3场", "4场"]
    assert found.refused["reason"].unique().to_list() == ["已安排3场，每家最多3场"]


def test_no_booths_and_no_wishes() -> None:
    wishes = pl.DataFrame([("甲", "一场", 0, 1)], schema=booths.WISHES, orient="row")
    assert booths.allocate(wishes, pl.DataFrame({"fair": ["一场"], "booths": [0]})).refused[
        "reason"
    ].to_list() == ["本场不设展位"]
    nothing = booths.allocate(wishes.clear(), pl.DataFrame({"fair": ["一场"], "booths": [3]}))
    assert nothing.places.height == nothing.refused.height == 0


DAY = appointments.date(2023, 1, 30)
LATER = appointments.date(2023, 2, 3)


def people(*rows: tuple[str, str, int, object, object]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=appointments.PEOPLE, orient="row")


def test_the_urgent_are_seen_first_in_their_town_and_soon() -> None:
    sessions = pl.DataFrame(
        [("s1", "李", "350825100", DAY, 1), ("s2", "李", "350825100", LATER, 1), ("s3", "王", "350825", LATER, 1)],
        schema=appointments.SESSIONS, orient="row",
    )  # fmt: skip
    asked = people(
        ("急", "350825100", 0, None, None),
        ("缓", "350825100", 1, None, None),
        ("远", "350825207", 1, None, None),
    )
    found = appointments.book(asked, sessions, appointments.date(2023, 1, 15))
    assert dict(found.booked.select("person", "session").iter_rows()) == {"急": "s1", "缓": "s2", "远": "s3"}
    assert found.waiting.height == 0


def test_everyone_without_an_appointment_hears_why() -> None:
    sessions = pl.DataFrame([("s1", "李", "350825100", DAY, 1)], schema=appointments.SESSIONS, orient="row")
    asked = people(
        ("一", "350825100", 0, None, None), ("二", "350825100", 1, None, None),
        ("三", "350825100", 0, LATER, None), ("四", "350825207", 0, None, None),
    )  # fmt: skip
    found = appointments.book(asked, sessions, appointments.date(2023, 1, 15))
    assert found.booked["person"].to_list() == ["一"]
    reasons = dict(found.waiting.iter_rows())
    assert (
        "名额已满" in reasons["二"] and "本人能来的日子" in reasons["三"] and "没有排指导员" in reasons["四"]
    )


def test_sessions_of_the_past_are_not_offered() -> None:
    sessions = pl.DataFrame([("s1", "李", "350825100", DAY, 1)], schema=appointments.SESSIONS, orient="row")
    found = appointments.book(people(("一", "350825100", 0, None, None)), sessions, LATER)
    assert found.booked.height == 0 and found.waiting.height == 1
