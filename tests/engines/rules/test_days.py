"""Ages and months by the civil code, and the days they are folded to."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chunfeng.engines.rules.days import add_months, age, latest_for, measure, reached_on, whole_months

near = st.dates(date(1900, 1, 1), date(2100, 12, 31))
units = st.sampled_from(["age", "months", "days"])


@pytest.mark.parametrize(
    ("since", "as_of", "months"),
    [
        (date(2022, 1, 15), date(2023, 1, 15), 12),
        (date(2022, 1, 16), date(2023, 1, 15), 11),
        (date(2022, 8, 31), date(2023, 2, 28), 6),
        (date(2022, 8, 28), date(2023, 2, 27), 5),
        (date(2023, 1, 31), date(2023, 2, 28), 1),
        (date(2023, 2, 1), date(2023, 1, 31), -1),
    ],
)
def test_a_month_ends_on_the_corresponding_day_or_on_the_last(since: date, as_of: date, months: int) -> None:
    assert whole_months(since, as_of) == months


def test_the_birthday_itself_completes_the_year_and_29_february_is_28_in_a_common_year() -> None:
    assert age(date(1973, 1, 15), date(2023, 1, 15)) == 50
    assert age(date(1973, 1, 16), date(2023, 1, 15)) == 49
    assert age(date(1972, 2, 29), date(2022, 2, 28)) == 50
    assert age(date(1972, 2, 29), date(2022, 2, 27)) == 49
    assert latest_for("months", 6, date(2023, 2, 28)) == date(2022, 8, 31)


@given(near, near, units, st.integers(-20, 700))
def test_folding_says_the_same_as_counting(since: date, as_of: date, unit: str, number: int) -> None:
    assert (measure(unit, since, as_of) >= number) == (since <= latest_for(unit, number, as_of))


@given(near, units, st.integers(0, 500))
def test_what_is_reached_is_reached_on_that_day_and_not_before(since: date, unit: str, number: int) -> None:
    day = reached_on(unit, since, number)
    assert measure(unit, since, day) >= number
    assert measure(unit, since, day - timedelta(days=1)) < number


@given(near, st.integers(-1500, 1500))
def test_whole_months_is_the_largest_that_fits(since: date, months: int) -> None:
    day = add_months(since, months)
    assert (
        add_months(since, whole_months(since, day)) <= day < add_months(since, whole_months(since, day) + 1)
    )
