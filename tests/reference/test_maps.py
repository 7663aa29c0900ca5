"""Outlines of cities and counties: the same regions as the table, closed rings, inside the province, each seat in its own."""

import json
from itertools import pairwise
from typing import Any

import pytest

from chunfeng.reference import coordinates, maps, regions


def features(level: str) -> list[dict[str, Any]]:
    return json.loads(maps.outlines(level))["features"]


def rings(feature: dict[str, Any]) -> list[list[list[float]]]:
    shape = feature["geometry"]
    parts = [shape["coordinates"]] if shape["type"] == "Polygon" else shape["coordinates"]
    return [ring for part in parts for ring in part]


@pytest.mark.parametrize(("level", "count"), [("city", 9), ("county", 84)])
def test_codes_and_names_are_those_of_the_table(level: str, count: int) -> None:
    drawn = [(f["properties"]["code"], f["properties"]["name"]) for f in features(level)]
    assert drawn == [(r.code, r.name) for r in regions.fujian() if r.level == level]
    assert len(drawn) == count


@pytest.mark.parametrize("level", maps.LEVELS)
def test_rings_are_closed_and_lie_in_the_province(level: str) -> None:
    for feature in features(level):
        for ring in rings(feature):
            assert ring[0] == ring[-1] and len(ring) >= 4, feature["properties"]
            assert all(115.5 < x < 120.8 and 23.3 < y < 28.5 for x, y in ring), feature["properties"]


def inside(point: tuple[float, float], ring: list[list[float]]) -> bool:
    x, y = point
    crossed = False
    for (x1, y1), (x2, y2) in pairwise(ring):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            crossed = not crossed
    return crossed


def test_seats_lie_in_their_city() -> None:
    for feature in features("city"):
        seat = coordinates.seat(feature["properties"]["code"])
        assert seat is not None
        assert sum(inside(seat, ring) for ring in rings(feature)) % 2 == 1, feature["properties"]


def test_there_is_no_other_level() -> None:
    with pytest.raises(KeyError):
        maps.outlines("town")
