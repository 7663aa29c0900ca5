"""Working days and festivals as the notices fix them; unknown years stay unknown."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chunfeng.reference import calendars


def workdays(year: int) -> int:
    days = (date(year, 1, 1) + timedelta(n) for n in range(366))
    return sum(calendars.is_workday(day) is True for day in days if day.year == year)


@pytest.mark.parametrize(
    ("year", "count"), [(2021, 250), (2022, 249), (2023, 249), (2024, 251), (2025, 248), (2026, 248)]
)
def test_each_year_has_its_working_days(year: int, count: int) -> None:
    assert workdays(year) == count


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        (date(2023, 1, 20), True),
        (date(2023, 1, 21), False),
        (date(2023, 1, 27), False),
        (date(2023, 1, 28), True),
        (date(2023, 1, 29), True),
        (date(2023, 2, 4), False),
        (date(2023, 6, 25), True),
        (date(2026, 2, 14), True),
        (date(2026, 9, 20), True),
        (date(2026, 10, 10), True),
    ],
)
def test_days_of_the_notices(day: date, worked: bool) -> None:
    assert calendars.is_workday(day) is worked


def test_a_year_without_notice_is_unknown_even_on_sundays() -> None:
    assert calendars.is_workday(date(2027, 1, 3)) is None
    assert calendars.is_workday(date(2020, 6, 1)) is None


def test_holidays_have_names_and_days_worked_for_them_have_none() -> None:
    assert calendars.holiday(date(2023, 1, 22)) == "春节"
    assert calendars.holiday(date(2023, 1, 28)) is None
    assert calendars.holiday(date(2023, 2, 4)) is None


def test_spring_festivals() -> None:
    assert calendars.spring_festival(2023) == date(2023, 1, 22)
    assert calendars.spring_festival(2027) == date(2027, 2, 6)
    assert calendars.spring_festival(2041) is None
    found = [calendars.spring_festival(year) for year in range(2020, 2041)]
    assert all(day is not None and date(day.year, 1, 21) <= day <= date(day.year, 2, 20) for day in found)


@pytest.mark.parametrize("year", range(2021, 2027))
def test_the_festival_is_a_day_off(year: int) -> None:
    festival = calendars.spring_festival(year)
    assert festival is not None and calendars.holiday(festival) == "春节"


def test_every_year_names_its_notice() -> None:
    assert calendars.notices()[2023] == "国办发明电〔2022〕16号"
    assert all(f"〔{year - 1}〕" in number for year, number in calendars.notices().items())


@given(st.dates(date(2021, 1, 1), date(2026, 12, 31)))
def test_a_holiday_is_never_worked(day: date) -> None:
    worked = calendars.is_workday(day)
    assert worked is not None
    assert not (worked and calendars.holiday(day) is not None)
