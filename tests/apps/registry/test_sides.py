"""A row beside a person: what agrees, what differs, and what tells nothing."""

from __future__ import annotations

import pytest
from django.utils import translation

from chunfeng.apps.registry import sides
from chunfeng.apps.registry.models import Doubt, Person

OWN = "352627198701197418"  # invented; its check character holds


def number(**said: str) -> sides.Side:
    content = {"values": [{"field": "id18", "value": OWN, "rank": 1}]}
    with translation.override("zh-hans"):
        found = sides.sides(Doubt(content=said), Person(), content)
    return next(side for side in found if side.label == "身份证号")


@pytest.mark.parametrize(
    ("written", "agree", "shown"),
    [
        ("352627198701197418", True, "3526**********7418"),
        ("３５２６２７ 19870119 7418", True, "3526**********7418"),
        ("352627870119741", True, "3526**********7418"),  # of before 1999
        ("35262719660908848X", False, "3526**********848X"),
        ("352627198701197000", True, "3526**********7000"),  # a spreadsheet's number: 15 digits are left
        ("350821199105029000", False, "3508**********9000"),
        ("3.52627E+17", True, "3.52627E+17"),
        ("3.50825E+17", False, "3.50825E+17"),
        ("3526**********7418", True, "3526**********7418"),
        ("3526**********7419", False, "3526**********7419"),
        ("352627198701197417", None, "3526**********7417"),  # one digit wrong
        ("352627198701917418", None, "3526**********7418"),  # two exchanged
        ("310825199801307638", False, "3108**********7638"),
        ("无", None, "无"),
        ("待补", None, "待补"),
        ("000000000000000000", None, None),
        ("13800138000", None, "138****8000"),
    ],
)
def test_what_is_legible_of_a_number_is_held_against_the_persons(written, agree, shown):
    side = number(id_number__raw=written)
    assert side.agree is agree
    assert shown is None or side.row == shown
    assert side.person == "3526**********7418"


def test_no_number_says_nothing():
    assert number().agree is None and number().row == ""
    with translation.override("zh-hans"):
        side = sides.sides(Doubt(content={"id_number": OWN}), None, {})[0]
    assert (side.agree, side.person) == (None, "")


def test_the_cells_of_a_row_show_what_stands_in_place_of_a_number():
    cells = dict(sides.cells_of({"id_number__raw": "无", "id_number": OWN, "phone": "13800138000"}))
    assert set(cells.values()) == {"3526**********7418", "138****8000"}
