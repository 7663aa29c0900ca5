"""The panel of rides: the seat, or why there is none."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from chunfeng.apps.places.numbers import place_number
from chunfeng.apps.places.scope import use
from chunfeng.apps.registry.models import Person
from chunfeng.apps.travel import panels
from chunfeng.apps.travel.models import RideRequest, Seat, Unplanned

pytestmark = pytest.mark.usefixtures("db")
COUNTY, DAY = "350825", date(2023, 1, 15)
ROW = {"file": "10出行.xlsx", "sheet": "报名", "row": 5}


@pytest.fixture
def person(scope_of):
    with use(scope_of(COUNTY)):
        yield Person.objects.create(
            key=350825000000001, county=COUNTY, place=place_number(COUNTY), name="林小春"
        )


def mine(person, **fields):
    return {"county": COUNTY, "place": person.place, "person": person} | fields


def test_nothing_is_no_panel(person):
    assert panels.panel(person, DAY) is None


def test_a_seat(person):
    RideRequest.objects.create(
        **mine(person, **ROW, destination="441900", earliest=date(2023, 1, 31), party=1)
    )
    RideRequest.objects.create(**mine(person, **ROW | {"row": 9}, duplicate=True))
    leaves = datetime(2023, 1, 31, 8, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
    Seat.objects.create(**mine(person, trip="0131-连城-东莞-1", pickup="连城城区集合点", time=leaves, seat=7))
    panel = panels.panel(person, DAY)
    assert [destination for _ride, destination in panel["rides"]] == ["广东省东莞市", ""]
    assert [ride.duplicate for ride, _destination in panel["rides"]] == [False, True]
    (seat,) = panel["seats"]
    assert (seat["trip"], seat["seat"], panel["refused"]) == ("0131-连城-东莞-1", 7, [])
    assert panel["todo"][0]["detail"] == "2023-01-31 08:00 · 连城城区集合点"


@pytest.mark.parametrize(
    ("code", "name"),
    [("441900", "广东省东莞市"), ("350500", "泉州市"), ("440000", "广东省"), ("", ""), ("999999", "999999")],
)
def test_a_destination_by_name(person, code, name):
    RideRequest.objects.create(**mine(person, **ROW, destination=code))
    ((_ride, told),) = panels.panel(person, DAY)["rides"]
    assert told.endswith(name) and (told == code) == (code in ("", "999999"))


def test_no_seat_and_why(person):
    RideRequest.objects.create(**mine(person, **ROW))
    Unplanned.objects.create(
        **mine(person, **ROW, reason="这几天同方向共4人", ticket=253.0, trips="0205-连城-东莞-1")
    )
    panel = panels.panel(person, DAY)
    assert panel["seats"] == [] and panel["todo"] == []
    (refused,) = panel["refused"]
    assert (refused["reason"], refused["ticket"], refused["trips"]) == (
        "这几天同方向共4人",
        253.0,
        "0205-连城-东莞-1",
    )
