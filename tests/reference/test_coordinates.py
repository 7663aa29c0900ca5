"""Coordinates of seats: every county of Fujian has one, inside the province, and distances are those of the map."""

import pytest

from chunfeng.reference import coordinates, regions


def test_every_county_and_city_of_fujian_has_a_seat_in_the_province() -> None:
    for region in regions.fujian():
        if region.level in ("city", "county"):
            place = coordinates.seat(region.code)
            assert place is not None, region
            assert 115.5 < place[0] < 120.8, region
            assert 23.3 < place[1] < 28.5, region


def test_towns_lie_where_their_county_does() -> None:
    assert coordinates.seat("350825100001") == coordinates.seat("350825")


@pytest.mark.parametrize("code", ["", "9", "99", "999999", "x"])
def test_unknown_codes_have_none(code: str) -> None:
    assert coordinates.seat(code) is None


def test_distances() -> None:
    xiamen, fuzhou = coordinates.seat("3502"), coordinates.seat("3501")
    assert xiamen is not None and fuzhou is not None
    assert 195 < coordinates.kilometres(xiamen, fuzhou) < 225
    assert coordinates.kilometres(xiamen, xiamen) == 0


def test_the_table_has_a_row_per_region() -> None:
    frame = coordinates.frame()
    assert frame["code"].is_unique().all()
    assert frame["longitude"].is_between(73, 136).all() and frame["latitude"].is_between(3, 54).all()
