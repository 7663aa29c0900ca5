"""Pay against the minimum wage of the county and the day, in every unit; figures left out; pay far above the local."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chunfeng.reference.wages import minimum_wage
from tests.engines.screening.made import AS_OF, answer, answers

PART = "非全日制"


@pytest.mark.parametrize(
    ("county", "day", "monthly"),
    [
        ("350825", date(2023, 1, 15), 1660), ("350203", date(2023, 1, 15), 2030), ("350802", date(2023, 1, 15), 1960),
        ("350881", date(2023, 1, 15), 1810), ("350825", date(2025, 4, 1), 1895), ("350825", date(2025, 3, 31), 1660),
    ],
)  # fmt: skip
def test_the_standard_is_the_county_s_on_the_day(county: str, day: date, monthly: int) -> None:
    at, below = answers(
        *[
            {"pay": str(m), "work_place_region": f"{county}001", "posted_on": day, "valid_until": day}
            for m in (monthly, monthly - 1)
        ],
        as_of=day,
    )  # fmt: skip
    assert (at["rules"], below["rules"]) == ("", "MIN_WAGE")
    assert below["phrase"] == str(monthly - 1)


def test_the_place_of_work_goes_before_the_place_of_the_list() -> None:
    said = {"pay": "1700", "place": "350825"}
    assert answer(**said)["rules"] == ""
    assert answer(**said, work_place_region="350203")["rules"] == "MIN_WAGE"
    assert (
        answer(**{**said, "work_place_region": None, "place": None}, region="350203")["rules"] == "MIN_WAGE"
    )


def test_where_no_standard_is_known_low_pay_is_a_question() -> None:
    low, high = answers(*[{"pay": pay, "work_place_region": "440305"} for pay in ("1800", "5000")])
    assert (low["lawful"], high["lawful"]) == ("review", "yes")


@pytest.mark.parametrize(
    ("pay", "form", "rules", "lawful"),
    [
        ("17.5元/小时", PART, "", "yes"), ("17.4元/小时", PART, "MIN_WAGE_HOUR", "no"), ("时薪18", "兼职", "", "yes"),
        ("15元每小时", "临时", "MIN_WAGE_HOUR", "no"), ("一小时20元", "小时工", "", "yes"), ("16", PART, "MIN_WAGE_HOUR", "no"),
        ("60元/天", "全日制", "MIN_WAGE", "no"), ("77元/天", "全日制", "", "yes"), ("日薪150-200", "临时", "", "yes"),
        ("1.9万/年", "全日制", "MIN_WAGE", "no"), ("2万/年", "全日制", "", "yes"),
        ("底薪1659+提成", "全日制", "MIN_WAGE", "no"), ("底薪1660+提成", "全日制", "", "yes"),
        ("保底1500，综合6000", "全日制", "MIN_WAGE", "no"), ("1500-6000元", "全日制", "MIN_WAGE", "no"),
        ("1500以内", "全日制", "MIN_WAGE", "no"), ("4-6千", "全日制", "", "yes"), ("1千5", "全日制", "MIN_WAGE", "no"),
        ("计件2元/件", "全日制", "", "yes"), ("200", "全日制", "", "review"), ("10元/小时", "全日制", "", "review"),
        ("试用期1500，转正3000", "全日制", "", "review"), ("试用期2000，转正3000", "全日制", "", "yes"),
    ],
)  # fmt: skip
def test_every_unit_and_way_of_writing(pay: str, form: str, rules: str, lawful: str) -> None:
    got = answer(pay=pay, employment_form=form)
    assert (got["rules"], got["lawful"]) == (rules, lawful), got


def test_the_column_of_units_is_read() -> None:
    got = answers(*[{"pay": "150", "pay_unit": unit} for unit in ("日薪", "月薪", "元/小时")])
    assert [a["rules"] for a in got] == ["", "MIN_WAGE", ""]


@settings(max_examples=4, deadline=None)
@given(st.lists(st.tuples(st.integers(1000, 9000), st.integers(0, 5000)), min_size=50, max_size=80))
def test_refused_exactly_when_the_lower_figure_is_below(ranges: list[tuple[int, int]]) -> None:
    standard = minimum_wage("350825", AS_OF)
    assert standard is not None
    got = answers(*[{"pay": f"{low}-{low + more}"} for low, more in ranges])
    below = [Decimal(low) < standard.monthly for low, _ in ranges]
    assert ["MIN_WAGE" in a["rules"] for a in got] == below


@pytest.mark.parametrize(
    ("pay", "rules", "lawful"),
    [
        ("面议", "PAY_NEGOTIABLE", "no"), ("待遇优厚，详谈", "PAY_NEGOTIABLE", "no"), ("看能力定", "PAY_NEGOTIABLE", "no"),
        ("高薪", "PAY_NEGOTIABLE", "no"), ("月薪三千，面议", "", "yes"), ("3000起，具体面议", "", "yes"),
        ("不低于当地最低工资", "", "yes"), ("计件", "", "review"), ("多劳多得", "", "review"), ("按劳取酬", "", "review"),
        (None, "MISSING_PAY", "no"), ("无", "MISSING_PAY", "no"),
    ],
)  # fmt: skip
def test_pay_without_a_figure(pay: str | None, rules: str, lawful: str) -> None:
    got = answer(pay=pay)
    assert (got["rules"], got["lawful"]) == (rules, lawful), got


def test_pay_far_above_is_measured_by_the_posts_of_the_county() -> None:
    usual = [{"pay": f"{m}-{m + 1000}"} for m in range(3000, 5000, 100)]
    warned = [a["warnings"] for a in answers(*usual, {"pay": "15000-20000"}, {"pay": "9000-12000"})]
    assert warned == [""] * len(usual) + ["PAY_FAR_ABOVE_LOCAL", ""]
    rich = [{"pay": f"{m}-{m + 2000}"} for m in range(12000, 14000, 100)]
    assert answers(*rich, {"pay": "15000-20000"})[-1]["warnings"] == ""
