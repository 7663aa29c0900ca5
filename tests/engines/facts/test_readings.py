"""Where documents leave a condition open the choice stands in the catalogue, by name: another choice, another answer."""

from datetime import date
from typing import Any

import pytest

from tests.engines.facts.desk import declared, facts, one, person, sheet

JANUARY = date(2023, 1, 1)


def spell(start: date, end: date | None = None, **more: Any) -> dict[str, Any]:
    applied = more.pop("applied", start)
    return {
        "who": "P1", "unemployment_applied_on": applied, "unemployment_approved_at": start, "unemployment_cancelled_on": end,
        **more,
    }  # fmt: skip


def register(*spells: dict[str, Any]) -> Any:
    return sheet("unemployment_register", *spells, period=JANUARY)


def months(*days: date, **more: Any) -> Any:
    rows = [{"who": "P1", "contribution_month": day, "insured_as": "职工", **more} for day in days]
    return sheet(
        "insurance_contributions",
        *rows,
        {"who": "P9", "contribution_month": date(2022, 12, 1), "insured_as": "职工"},
    )


def visit(state: str) -> Any:
    return sheet("village_survey", {"who": "P1", "present_state": state})


FIRST, SECOND = date(2020, 3, 2), date(2021, 6, 7)
WOMAN = person("P1", date(1971, 1, 15), "2")
CASES: dict[str, tuple[bool | int, list[Any], str, Any, Any]] = {
    "same_day_continues": (False, [register(spell(FIRST, SECOND), spell(SECOND)), months()], "unemployed_since", FIRST, SECOND),
    "starts_at_approval": (False, [register(spell(SECOND, applied=FIRST)), months()], "unemployed_since", SECOND, FIRST),
    "insured_in_month_of_registration_breaks": (
        True, [register(spell(SECOND)), months(date(2021, 6, 1))], "unemployed_since", SECOND, date(2021, 7, 1),
    ),
    "farming_is_employment": (True, [visit("种烟")], "seen_working", False, True),
    "away_is_working": (False, [visit("外出（晋江）")], "seen_working", True, None),
    "list_starts_history": (
        False, [months(date(2022, 3, 1), unemployment_insurance=False)], "unemployment_insured_ever", False, None,
    ),
    "insured_window_months": (2, [months(date(2022, 11, 1))], "insured_by_employer", False, True),
    "refusals_end_wish": (2, [register(spell(FIRST, remark="拒绝两次"))], "wish_to_work", True, False),
    "insured_after_50_is_55": (False, [months(date(2022, 12, 1))], "retirement_category", "55", None),
}  # fmt: skip
"""Reading → the other choice, lists, the fact it decides, what it is now and what it would be."""


@pytest.mark.parametrize("reading", CASES)
def test_another_reading_gives_another_answer(reading):
    other, lists, fact, now, then = CASES[reading]
    assert one(facts(*lists, people=WOMAN), "P1", fact) == now
    assert one(facts(*lists, people=WOMAN, **{reading: other}), "P1", fact) == then


def test_every_reading_of_the_catalogue_is_tried_here():
    assert set(CASES) == set(declared().readings)
