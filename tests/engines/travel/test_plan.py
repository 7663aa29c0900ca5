"""Whole plans: who travels when in which seat, and a plain answer to everyone else."""

from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chunfeng.engines.travel import manifest, plan, vehicles
from tests.engines.travel.asked import AS_OF, EIGHTH, HERE, SIXTH, TENTH, demand, ride


def made(*rides: dict[str, Any], **more: Any) -> plan.Plan:
    return plan.make(demand(*rides), AS_OF, HERE, **more)


def reasons(found: plan.Plan) -> list[str]:
    return found.unplanned["reason"].to_list()


def kept_of(found: plan.Plan, *lines: int) -> pl.DataFrame:
    seats = found.seats.filter(pl.col("line").is_in(lines) & (pl.col("at") == 0))
    return seats.join(found.trips.select("trip", "run", "day"), on="trip").select("line", "run", "day")


def whole(found: plan.Plan, rows: int) -> None:
    """Everyone has one answer; no vehicle is too full or too empty; no seat is given twice."""
    seated, others = set(found.seats["line"]), set(found.unplanned["line"])
    assert seated | others == set(range(rows)) and not seated & others
    loads = found.seats.group_by("trip").len("n").join(found.trips, on="trip", how="full", coalesce=True)
    assert loads.filter(pl.col("n") != pl.col("load")).height == 0
    assert (
        loads.filter(
            (pl.col("load") > pl.col("capacity")) | ((pl.col("load") < pl.col("least")) & ~pl.col("kept"))
        ).height
        == 0
    )
    assert found.seats.select("trip", "seat").is_unique().all()
    assert found.seats.filter(pl.col("seat") < 1).height == 0
    persons = found.seats["person"].drop_nulls()
    assert persons.is_unique().all()


def test_enough_for_a_coach_get_seats_on_their_day() -> None:
    found = made(*[ride() for _ in range(40)])
    whole(found, 40)
    assert found.trips.select("day", "vehicle", "load").rows() == [(SIXTH, "coach45", 40)]
    assert found.seats["time"].unique().to_list() == ["08:00"]
    assert found.cost < found.desk * 1.001


def test_windows_bring_people_together_that_the_desk_would_leave_behind() -> None:
    found = made(
        *[ride(first=SIXTH, last=EIGHTH) for _ in range(16)],
        *[ride(first=EIGHTH, last=TENTH) for _ in range(16)],
    )
    whole(found, 32)
    assert found.trips["day"].to_list() == [EIGHTH]
    assert found.cost < found.desk * 0.75


def test_one_traveller_in_a_village_nobody_else_leaves_gets_a_plain_answer() -> None:
    found = made(*[ride() for _ in range(19)], ride("310000", home="350825208203"))
    whole(found, 20)
    (line,) = found.unplanned.rows(named=True)
    assert line["reason"] == "这几天去这个方向的只有这一户1人，包车至少要13人；发购票补贴"
    assert line["ticket"] > 100


def test_who_misses_a_coach_by_days_is_told_of_its_free_seats() -> None:
    found = made(*[ride() for _ in range(15)], ride(first=date(2023, 2, 20)))
    (line,) = found.unplanned.rows(named=True)
    assert line["trips"] == "0127-连城-泉州-1（余4座）"


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"duplicate": True}, "重复报名"), ({"charter": False}, "不愿集中乘车"), ({"ticket": True}, "已购票"),
        ({"destination": None}, "目的地不明"), ({"destination": "440000"}, "目的地只写到省"),
        ({"destination": HERE}, "目的地就在本县"),
        ({"late": True}, "出发时间与到岗时间相矛盾"), ({"window": "unclear", "earliest": None, "latest": None}, "出发时间不明"),
        ({"earliest": date(2023, 1, 2), "latest": date(2023, 1, 3)}, "希望出发的日子已过"), ({"party": None}, "同行人数无法辨认"),
        ({"earliest": date(2023, 9, 1), "latest": date(2023, 9, 2)}, "希望出发的日子在本次活动之后"),
        ({"destination": "810000"}, "这几天去这个方向"),
    ],
)  # fmt: skip
def test_each_row_that_cannot_be_planned_says_why(said: dict[str, Any], reason: str) -> None:
    found = made({**ride(), **said})
    whole(found, 1)
    assert reasons(found)[0].startswith(reason)


def test_who_would_go_any_day_goes_with_the_others() -> None:
    found = made(*[ride() for _ in range(12)], ride(window="any", earliest=None, latest=None))
    whole(found, 13)
    assert found.unplanned.height == 0


def test_a_companion_who_signed_up_too_has_one_seat() -> None:
    rides = [ride() for _ in range(14)]
    rides[0] |= {"party": 2, "companions": "P0001", "named": 1, "found": 1}
    found = made(*rides)
    whole(found, 14)
    assert reasons(found) == ["已随他人一同登记，座位已计"]
    assert found.seats.filter(pl.col("person") == "P0001")["line"].to_list() == [0]


def test_unnamed_companions_have_seats_without_a_person() -> None:
    found = made(*[ride(party=3) for _ in range(6)])
    whole(found, 6)
    assert found.seats.height == 18 and found.seats["person"].null_count() == 12


def test_two_cities_on_one_way_share_a_coach() -> None:
    shared = made(*[ride("350600") for _ in range(8)], *[ride("350200") for _ in range(8)])
    whole(shared, 16)
    assert shared.trips["zones"].to_list() == ["350600;350200"]
    alone = made(
        *[ride("350600") for _ in range(8)],
        *[ride("350200") for _ in range(8)],
        terms=plan.Terms(joint=False),
    )
    assert alone.trips.height == 0


def test_cancellations_leave_the_confirmed_their_day() -> None:
    rides = [ride() for _ in range(40)]
    before = made(*rides)
    kept = kept_of(before, *range(6))
    cancelled = [r if n < 6 else {**r, "duplicate": False, "charter": False} for n, r in enumerate(rides)]
    after = plan.make(demand(*cancelled), AS_OF, HERE, kept=kept)
    whole(after, 40)
    assert after.trips.select("day", "vehicle", "load", "kept").rows() == [(SIXTH, "coach19", 6, True)]
    assert set(after.seats["line"]) == set(range(6))


def test_new_sign_ups_fill_the_seats_of_a_confirmed_trip() -> None:
    before = made(*[ride() for _ in range(13)])
    kept = kept_of(before, *range(13))
    after = plan.make(demand(*[ride() for _ in range(16)]), AS_OF, HERE, kept=kept)
    whole(after, 16)
    assert after.trips["load"].to_list() == [16]


def test_without_tickets_the_plan_says_what_to_relax() -> None:
    found = made(*[ride() for _ in range(5)], terms=plan.Terms(tickets=False, seconds=3))
    assert not found.feasible and found.advice
    whole(found, 5)
    assert all(r.startswith("没有可行的方案：允许购票补贴") for r in reasons(found))


def test_nobody_asks() -> None:
    found = made()
    assert found.feasible and found.trips.height == found.seats.height == found.unplanned.height == 0


def test_known_villages_are_picked_up_in_order_and_before_the_start() -> None:
    places = pl.DataFrame(
        {"code": ["350825101", "350825102203"], "longitude": [116.65, 116.85], "latitude": [25.80, 25.65]}
    )
    found = made(
        *[ride(home="350825101205") for _ in range(10)], *[ride(home="350825102203") for _ in range(8)], ride(), places=places
    )  # fmt: skip
    whole(found, 19)
    times = dict(found.seats.select("stop", "time").unique().iter_rows())
    assert set(times) == {"350825101", "350825102203", None}
    assert times[None] == "08:00" and all(t < "08:00" for s, t in times.items() if s)


@settings(max_examples=12, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["350500", "350200", "441900", "310000"]),
            st.integers(0, 4),
            st.integers(0, 3),
            st.integers(1, 4),
        ),
        max_size=60,
    )
)
def test_no_plan_breaks_a_rule(wishes: list[tuple[str, int, int, int]]) -> None:
    rides = [
        ride(to, SIXTH + timedelta(days=first), SIXTH + timedelta(days=first + more), party)
        for to, first, more, party in wishes
    ]
    found = made(*rides)
    whole(found, len(rides))
    days = found.seats.join(found.trips.select("trip", "day", "zones"), on="trip").join(
        demand(*rides).with_row_index("line"), on="line"
    )
    assert days.filter((pl.col("day") < pl.col("earliest")) | (pl.col("day") > pl.col("latest"))).height == 0
    assert all(
        to[:4] in zones.replace("310000", "3100")
        for to, zones in days.select("destination", "zones").iter_rows()
    )
    again = made(*rides)
    assert again.seats.equals(found.seats) and again.unplanned.equals(found.unplanned)


def test_the_manifest_holds_everyone_masked_and_every_leg() -> None:
    rows = demand(
        *[ride(party=2, companions=f"Q{n}", phone="16000000000", employer="某鞋厂") for n in range(8)]
    )
    found = plan.make(rows, AS_OF, HERE)
    persons = pl.DataFrame(
        {
            "person": ["P0000", "Q0"],
            "name": ["甲零", "乙零"],
            "id18": ["350825199001011234", None],
            "phone": [None, "16111111111"],
        }
    )
    trip = found.trips.row(0, named=True)
    (_, form), (_, listed), (_, legs) = manifest.sheets(
        trip, found.seats, rows, persons, vehicles.own_tariff()
    )
    assert listed.height == 16
    assert listed.row(0, named=True) | {"with": None} == {
        "seat": 1, "name": "甲零", "id_number": "3508**********1234", "phone": "16000000000",
        "pickup": "连城城区集合点", "time": "08:00",
        "destination": "350500", "employer": "某鞋厂", "luggage": None, "need": None, "with": None,
        "boarded": None, "arrived": None,
    }  # fmt: skip
    assert listed["with"].to_list()[1] == "甲0" and listed["phone"].to_list()[1] == "16111111111"
    assert "350825199001011234" not in str(listed.rows())
    items = dict(form.iter_rows())
    assert {"领队（人社部门）", "承运单位及经营许可证号", "企业接站人及电话"} <= set(items)
    assert "最低载客 13 人" in items["乘客"] and "估算" in items["里程与用时"] and "估算价目" in items["费用"]
    assert legs["step"].to_list()[-2:] == ["到达，与企业交接", "未到人员去向"]


@pytest.mark.parametrize("text", ["", "vehicles: 3", "vehicles: []", "a: [", "vehicles: [{id: x}]"])
def test_a_tariff_that_cannot_be_used_says_so(text: str) -> None:
    with pytest.raises(vehicles.TariffError, match=r"价目|车辆|速度"):
        vehicles.read_tariff(text)


def test_least_loads_above_the_seats_are_refused() -> None:
    text = (vehicles.Path(vehicles.__file__).with_name("vehicles.yaml")).read_text(encoding="utf-8")
    with pytest.raises(vehicles.TariffError):
        vehicles.read_tariff(text.replace("least: 13", "least: 20"))
    assert vehicles.read_tariff(text).own
