"""The ledger of public-welfare posts: every finding, and the days on which it begins."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from chunfeng.engines.screening.ledger import (
    DEAD,
    ELSEWHERE,
    OK,
    PENSIONER,
    SECOND,
    THIRD,
    TOO_LONG,
    TOO_LONG_UNKNOWN,
    TWICE,
    TWO,
)
from tests.engines.screening.made import found

OTHER = {"employer": "N:乙局@350825", "employer_name": "乙局", "employer_name_key": "乙局"}


def spell(start: str, until: str, **more: Any) -> dict[str, Any]:
    return {"started_on": date.fromisoformat(start), "contract_until": date.fromisoformat(until), **more}


def test_a_lawful_post_is_ok() -> None:
    assert found({}) == [OK]


def test_dead_and_pensioned_holders() -> None:
    assert found({}, dead=[("P1", date(2022, 3, 3))]) == [DEAD]
    assert found({}, dead=[("P1", None)], pension=[("P1", date(2022, 1, 1))]) == [f"{DEAD};{PENSIONER}"]
    assert found({}, dead=[("P2", date(2022, 3, 3))]) == [OK]


def test_a_fact_after_the_post_ended_is_none_and_before_it_is_one() -> None:
    over = spell("2017-04-01", "2020-03-31", post_state="期满离岗")
    assert found(over, dead=[("P1", date(2021, 1, 1))]) == [OK]
    assert found(over, pension=[("P1", date(2019, 12, 1))]) == [PENSIONER]
    assert found({**over, "post_state": None}, dead=[("P1", date(2021, 1, 1))]) == [OK]
    assert found({"left_on": date(2022, 6, 1)}, dead=[("P1", date(2022, 7, 1))]) == [OK]


def test_two_posts_at_once_are_both_named() -> None:
    two = spell("2022-02-01", "2025-01-31", **OTHER)
    assert found({}, two) == [TWO, TWO]
    assert found({}, {**two, "person": "P2"}) == [OK, OK]
    # the same unit, other work from another day
    assert found({}, spell("2022-02-01", "2025-01-31", post_name="护林员")) == [TWO, TWO]


def test_a_change_of_posts_is_not_two_at_once() -> None:
    first = spell("2020-06-01", "2021-06-20", post_state="离岗", left_on=date(2021, 6, 20))
    assert found(first, spell("2021-06-01", "2022-12-31", **OTHER, post_state="在岗")) == [OK, OK]
    assert TWO in found({**first, "left_on": date(2021, 9, 1)}, spell("2021-06-01", "2022-12-31", **OTHER))[0]


def test_one_contract_entered_twice() -> None:
    assert found({}, {"post_name": "护林员"}) == [OK, TWICE]
    assert found({}, {}, {}) == [OK, TWICE, TWICE]
    assert found({}, spell("2021-07-01", "2024-06-30")) == [OK, TWICE]
    # what is found of the post is said once
    assert found({}, {}, dead=[("P1", date(2022, 1, 1))]) == [DEAD, TWICE]


def test_the_sheet_of_an_earlier_month_is_history() -> None:
    november = {"sheet": "11月", "current": False, "period": date(2022, 11, 1)}
    assert found({"sheet": "12月"}, november) == [OK, OK]
    assert found({"sheet": "12月"}, november, dead=[("P1", date(2022, 1, 1))]) == [DEAD, DEAD]
    # held in November, gone in December: no second post beside the one of today
    assert found({**OTHER, **spell("2022-12-15", "2025-12-14"), "sheet": "12月"}, {**november}) == [OK, OK]


@pytest.mark.parametrize(
    ("until", "finding"), [("2024-05-31", OK), ("2024-06-01", TOO_LONG), ("2023-01-14", OK)]
)
def test_three_years_to_the_day(until: str, finding: str) -> None:
    assert found(spell("2021-06-01", until)) == [finding]


def test_three_years_by_today_where_no_end_is_written() -> None:
    assert found({"contract_until": None, "started_on": date(2020, 1, 15)}) == [TOO_LONG]
    assert found({"contract_until": None, "started_on": date(2020, 1, 16)}) == [OK]


def test_who_is_still_there_after_the_contract_has_stayed_until_today() -> None:
    run_out = spell("2020-01-01", "2022-12-31")
    assert found(run_out) == [TOO_LONG]
    assert found({**run_out, "post_state": "期满离岗"}) == [OK]
    assert found({**run_out, "post_state": None}) == [OK]


def test_renewed_contracts_are_one_placement() -> None:
    first = spell("2019-06-01", "2021-05-31", post_state="期满")
    assert found(first, spell("2021-06-01", "2022-05-31", post_state="期满")) == [OK, OK]
    assert found(first, spell("2021-06-01", "2023-05-31")) == [OK, TOO_LONG]


def test_a_man_of_exactly_fifty_five_has_five_years_left() -> None:
    long = spell("2018-06-01", "2022-05-31", sex="1")
    assert found({**long, "birth_date": date(1963, 6, 1)}) == [TOO_LONG]
    assert found({**long, "birth_date": date(1963, 5, 31)}) == [OK]


def test_who_retires_later_by_the_new_law_has_longer_to_go() -> None:
    long = spell("2021-06-01", "2025-05-31", sex="1")
    assert found({**long, "birth_date": date(1966, 5, 31)}) == [TOO_LONG]  # sixty and five months
    assert found({**long, "birth_date": date(1964, 5, 31)}) == [OK]


def test_a_woman_s_category_decides_and_unknown_is_said() -> None:
    long = spell("2018-06-01", "2022-05-31", sex="2")
    at_46 = {**long, "birth_date": date(1972, 3, 1)}
    assert found(at_46, categories=[("P1", "50")]) == [OK]
    assert found(at_46, categories=[("P1", "55")]) == [TOO_LONG]
    assert found(at_46) == [TOO_LONG_UNKNOWN]
    assert found(at_46, categories=[("P1", "50"), ("P1", "55")]) == [TOO_LONG_UNKNOWN]
    assert found({**long, "birth_date": date(1985, 3, 1)}) == [TOO_LONG]  # far from either
    assert found({**long, "birth_date": date(1966, 3, 1)}) == [
        OK
    ]  # past fifty at the start: of the later one
    assert found({**long, "birth_date": None}) == [TOO_LONG_UNKNOWN]


def test_birth_and_sex_are_read_from_the_number_where_nothing_else_says_them() -> None:
    unknown = {"sex": None, "birth_date": None, "person": None}
    number = "350825198505050013"
    assert found(spell("2018-06-01", "2022-05-31", **unknown, id_number=number)) == [TOO_LONG]
    assert found(spell("2018-06-01", "2022-05-31", **unknown)) == [TOO_LONG_UNKNOWN]


def test_a_second_placement_is_to_be_looked_at_and_a_third_too_many() -> None:
    over = {"post_state": "期满离岗"}
    spells = [
        spell("2012-01-01", "2014-12-31", **over), spell("2017-04-01", "2020-03-31", **over),
        spell("2021-06-01", "2024-05-31", **OTHER),
    ]  # fmt: skip
    assert found(*spells[1:]) == [OK, SECOND]
    assert found(*spells) == [OK, SECOND, THIRD]


def month(on: str, employer: str = "91350825MA0000000X", **more: Any) -> dict[str, Any]:
    return {
        "person": "P1", "employer": employer, "employer_name": "丙公司", "insured_as": "企业职工",
        "contribution_month": date.fromisoformat(on), **more,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("insured", "finding"),
    [
        (month("2022-04-01"), ELSEWHERE), (month("2021-06-01"), OK), (month("2021-07-01"), ELSEWHERE),
        (month("2021-05-01"), OK), (month("2022-04-01", employer="N:甲村委会@350825"), OK),
        (month("2022-04-01", insured_as="灵活就业"), OK), (month("2022-04-01", insured_state="停保"), OK),
        (month("2022-04-01", employer=None), OK), (month("2022-04-01", person="P2"), OK),
        (month("2022-04-01", employer="N:丁服务站@350825"), ELSEWHERE),
    ],
)  # fmt: skip
def test_insured_by_another_unit_during_the_post(insured: dict[str, Any], finding: str) -> None:
    assert found({}, insured=[insured]) == [finding]


def test_a_unit_that_is_not_known_accuses_nobody_unless_the_insurer_is_a_firm() -> None:
    unknown = {"employer": None, "employer_name": "某单位", "public": False}
    assert found(unknown, insured=[month("2022-04-01")]) == [OK]
    assert found({**unknown, "public": True}, insured=[month("2022-04-01")]) == [ELSEWHERE]
    assert found({**unknown, "public": True}, insured=[month("2022-04-01", employer="N:丁@350825")]) == [OK]


def test_a_row_of_nobody_is_answered_too() -> None:
    assert found({"person": None, "id_number": None, "started_on": None, "contract_until": None}) == [OK]
    assert found({"person": None}, {"person": None, "name": "李四"}) == [OK, OK]


def test_every_row_comes_back_once() -> None:
    rows = [spell("2021-06-01", "2024-05-31", person=f"P{n % 3}", post_name=f"岗{n % 5}") for n in range(40)]
    assert len(found(*rows)) == 40
