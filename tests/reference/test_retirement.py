"""Retirement ages against the official end points, and the table against the rule."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chunfeng.reference.data_files import rows
from chunfeng.reference.retirement import retirement_age, retires_on

CASES = st.sampled_from([("1", 60), ("2", 55), ("2", 50)])
BIRTHS = st.dates(date(1940, 1, 1), date(2010, 12, 1))


@pytest.mark.parametrize(
    ("sex", "category", "birth", "age", "day"),
    [
        ("1", 60, date(1963, 1, 15), (60, 0), date(2023, 1, 15)),
        ("1", 60, date(1964, 12, 31), (60, 0), date(2024, 12, 31)),
        ("1", 60, date(1965, 1, 31), (60, 1), date(2025, 2, 28)),
        ("1", 60, date(1965, 4, 10), (60, 1), date(2025, 5, 10)),
        ("1", 60, date(1965, 5, 1), (60, 2), date(2025, 7, 1)),
        ("1", None, date(1976, 9, 1), (63, 0), date(2039, 9, 1)),
        ("1", 60, date(1990, 1, 1), (63, 0), date(2053, 1, 1)),
        ("2", 55, date(1969, 12, 1), (55, 0), date(2024, 12, 1)),
        ("2", 55, date(1970, 1, 1), (55, 1), date(2025, 2, 1)),
        ("2", 55, date(1981, 9, 1), (58, 0), date(2039, 9, 1)),
        ("2", 50, date(1974, 12, 1), (50, 0), date(2024, 12, 1)),
        ("2", 50, date(1975, 1, 1), (50, 1), date(2025, 2, 1)),
        ("2", 50, date(1975, 3, 1), (50, 2), date(2025, 5, 1)),
        ("2", 50, date(1984, 11, 1), (55, 0), date(2039, 11, 1)),
    ],
)
def test_official_cases(sex: str, category: int | None, birth: date, age: tuple[int, int], day: date) -> None:
    assert retirement_age(sex, category, birth) == age
    assert retires_on(sex, category, birth) == day


@pytest.mark.parametrize(("sex", "category"), [("2", None), ("2", 60), ("1", 50), ("9", None), ("", 60)])
def test_what_cannot_be_known_is_none(sex: str, category: int | None) -> None:
    assert retirement_age(sex, category, date(1970, 6, 1)) is None
    assert retires_on(sex, category, date(1970, 6, 1)) is None


@given(CASES, BIRTHS, st.integers(1, 400))
def test_who_is_born_later_retires_later(case: tuple[str, int], birth: date, days: int) -> None:
    later = date.fromordinal(birth.toordinal() + days)
    first, second = retires_on(*case, birth), retires_on(*case, later)
    assert first is not None and second is not None and first <= second


@given(CASES, BIRTHS)
def test_nobody_works_more_than_the_law_adds(case: tuple[str, int], birth: date) -> None:
    age = retirement_age(*case, birth)
    assert age is not None
    delay = (age[0] - case[1]) * 12 + age[1]
    assert 0 <= delay <= (60 if case[1] == 50 else 36)
    assert delay == 0 or birth.year >= 1965


def test_the_table_says_what_the_rule_says_for_2022_to_2040() -> None:
    table = rows("retirement/retirement_ages.csv")
    for row in table:
        birth, case = date.fromisoformat(f"{row['birth_month']}-01"), (row["sex"], int(row["category"]))
        assert retirement_age(*case, birth) == (int(row["years"]), int(row["months"]))
        day = retires_on(*case, birth)
        assert day is not None and f"{day:%Y-%m}" == row["retires_in"]
    years = {(row["category"], row["retires_in"][:4]) for row in table}
    assert years == {(category, str(year)) for category in ("50", "55", "60") for year in range(2022, 2041)}
