"""Place numbers: one range per office, 平潭 under the province, and the way back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chunfeng.apps.places.numbers import place_number, reach, region_code
from chunfeng.reference import regions

CODES = [region.code for region in regions.fujian() if not region.code.endswith("000")]


@given(st.sampled_from(CODES))
def test_there_and_back(code):
    assert region_code(place_number(code)) == code


@given(st.sampled_from(CODES), st.sampled_from(CODES))
def test_an_office_reaches_what_lies_below_it_and_nothing_else(office, other):
    below = other.startswith(office)
    if office == "3501" and other.startswith("350128"):
        below = False  # 平潭 reports to the province
    assert reach(office).holds(place_number(other)) is below


def test_pingtan_is_reached_by_the_province_alone():
    assert reach("35").covers(reach("350128"))
    assert not reach("3501").covers(reach("350128"))


@pytest.mark.parametrize("bad", ["", "3", "350", "35082", "35082a", "３５", "3508251000011"])
def test_no_code_no_number(bad):
    with pytest.raises(ValueError, match="no region code"):
        place_number(bad)
