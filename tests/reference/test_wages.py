"""Minimum wages: every county has its tier, every day its one standard."""

from collections import Counter
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chunfeng.reference import regions
from chunfeng.reference.wages import minimum_wage, minimum_wages

COUNTIES = [r.code for r in regions.fujian() if r.level == "county"]
CAMPAIGN = date(2023, 1, 15)


def test_all_counties_but_jinmen_have_a_tier() -> None:
    found = {code: minimum_wage(code, CAMPAIGN) for code in COUNTIES}
    assert [code for code, wage in found.items() if wage is None] == ["350527"]
    assert Counter(wage.tier for wage in found.values() if wage) == {1: 6, 2: 24, 3: 31, 4: 22}


@pytest.mark.parametrize(
    ("county", "on", "monthly", "hourly"),
    [
        ("350203", date(2022, 3, 31), "1800", "18.5"),
        ("350203", date(2022, 4, 1), "2030", "21"),
        ("350825", CAMPAIGN, "1660", "17.5"),
        ("350825", date(2025, 3, 31), "1660", "17.5"),
        ("350825", date(2025, 4, 1), "1895", "20"),
        ("350128", CAMPAIGN, "1960", "20.5"),
        ("350802", CAMPAIGN, "1960", "20.5"),
        ("350803", CAMPAIGN, "1810", "19"),
        ("350825100202", CAMPAIGN, "1660", "17.5"),
    ],
)
def test_the_standard_of_a_day(county: str, on: date, monthly: str, hourly: str) -> None:
    wage = minimum_wage(county, on)
    assert wage is not None
    assert (wage.monthly, wage.hourly) == (Decimal(monthly), Decimal(hourly))


@pytest.mark.parametrize(
    ("county", "on"),
    [("3508", CAMPAIGN), ("441900", CAMPAIGN), ("350825", date(2022, 3, 31)), ("350203", date(2019, 12, 31))],
)
def test_what_is_not_known_is_none(county: str, on: date) -> None:
    assert minimum_wage(county, on) is None


def test_the_document_is_named_and_its_number_where_known() -> None:
    wage = minimum_wage("350825", date(2025, 6, 1))
    assert wage is not None and wage.document_number == "闽人社文〔2025〕14号"
    assert all(one.document for one in minimum_wages())


@given(st.sampled_from(COUNTIES), st.dates(date(2018, 1, 1), date(2030, 12, 31)))
def test_a_standard_covers_the_day_it_is_given_for(county: str, on: date) -> None:
    wage = minimum_wage(county, on)
    if wage is not None:
        assert wage.valid_from <= on and (wage.valid_to is None or on <= wage.valid_to)
    fitting = [w for w in minimum_wages() if w.valid_from <= on and (w.valid_to is None or on <= w.valid_to)]
    assert len({w.tier for w in fitting}) == len(fitting)
