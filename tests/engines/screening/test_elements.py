"""What a post leaves out, who may publish it, whether it can be reached, is old, or is there twice."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from chunfeng.engines.screening.posts import marks_of, posts
from tests.engines.screening.made import AS_OF, answer, answers

ELEMENTS = {
    "work_place": "MISSING_PLACE", "headcount": "MISSING_NUMBER", "work_content": "MISSING_CONTENT",
    "employment_form": "MISSING_TYPE", "work_conditions": "MISSING_CONDITIONS", "pay": "MISSING_PAY",
}  # fmt: skip


@pytest.mark.parametrize(("column", "rule"), ELEMENTS.items())
def test_a_blank_cell_is_refused_and_a_missing_column_is_a_question(column: str, rule: str) -> None:
    no_column = {column: None, f"{column}_listed": False}
    blank, absent = answers({column: None}, no_column)
    assert (blank["lawful"], blank["rules"]) == ("no", rule)
    assert (absent["lawful"], absent["rules"]) == ("review", "")
    assert "名单没有" in absent["phrase"]


def test_an_element_without_its_column_may_stand_elsewhere() -> None:
    said: dict[str, Any] = {"work_conditions": None, "work_conditions_listed": False}
    assert answer(**said, welfare="包吃包住，月休四天")["lawful"] == "yes"
    assert answer(**said, welfare="五险一金")["lawful"] == "review"
    # in a list that has the column a blank cell is blank
    assert answer(work_conditions=None, welfare="包吃包住")["rules"] == "MISSING_CONDITIONS"


def test_a_number_in_words_counts_and_some_is_a_question() -> None:
    got = answers(
        {"headcount": None, "headcount_raw": "5-10人"}, {"headcount": None, "headcount_raw": "十来个"},
        {"headcount": None, "headcount_raw": "若干"}, {"headcount": None, "headcount_raw": "无"},
    )  # fmt: skip
    assert [(a["lawful"], a["rules"]) for a in got] == [
        ("yes", ""), ("yes", ""), ("review", ""), ("no", "MISSING_NUMBER"),
    ]  # fmt: skip


def test_the_licence() -> None:
    nothing: dict[str, Any] = {"credit_code": None, "credit_code_kind": None}
    got = answers(
        nothing,
        {**nothing, "credit_code_kind": "placeholder", "credit_code_raw": "办理中"},
        {**nothing, "credit_code_listed": False, "known": False},
        {**nothing, "credit_code_listed": False, "known": True},
        {"closed": "注销"},
        {**nothing, "credit_code_kind": "bad_check", "credit_code_raw": "91350825MA00000001"},
        {**nothing, "credit_code_kind": "org_code9", "credit_code_raw": "00000000-0"},
        {**nothing, "credit_code_kind": "not_code", "credit_code_raw": "350825100000001"},
        {**nothing, "credit_code_kind": "not_code", "credit_code_raw": "见附件"},
        {"borrowed": True},
        {"credit_code_kind": "repaired"},
    )
    assert [(a["lawful"], a["rules"]) for a in got] == [
        ("no", "NO_LICENCE"), ("no", "NO_LICENCE"), ("review", ""), ("yes", ""), ("no", "NO_LICENCE"), ("no", "BAD_CODE"),
        ("review", ""), ("review", ""), ("no", "BAD_CODE"), ("review", ""), ("yes", ""),
    ]  # fmt: skip


def vacancies(**columns: list[Any]) -> pl.DataFrame:
    height = len(next(iter(columns.values())))
    common = {
        "file": ["a.xlsx"] * height, "sheet": [""] * height, "row": list(range(2, height + 2)), "kind": ["vacancies"] * height,
    }  # fmt: skip
    schema = {"row": pl.UInt32, "filled": pl.String, "posted_on": pl.Date}
    return pl.DataFrame(
        {**common, **columns}, schema_overrides={c: t for c, t in schema.items() if c in (*common, *columns)}
    )


NOBODY = pl.DataFrame(
    schema={"file": pl.String, "sheet": pl.String, "row": pl.UInt32, "employer": pl.String, "lane": pl.String, "score": pl.Float64}
)  # fmt: skip
NO_LIST = pl.DataFrame(
    schema={
        "employer": pl.String,
        "lane": pl.String,
        "score": pl.Float64,
        "listed_on": pl.Date,
        "run_out": pl.Boolean,
    }
)
NO_REGISTER = pl.DataFrame(schema={"employer": pl.String, "entity_state": pl.String})


def test_a_code_filled_down_from_another_employer_s_row_is_a_blank_cell() -> None:
    extract = vacancies(
        employer_name=["甲乙厂", "甲乙", "丙丁店"], employer_name_key=["甲乙厂", "甲乙", "丙丁店"],
        credit_code=["91350825MA0000000X"] * 3, credit_code_kind=["ok"] * 3, credit_code__raw=[None] * 3,
        filled=[None, "credit_code", "credit_code"],
    )  # fmt: skip
    got = posts([extract], NOBODY, marks_of(NO_LIST, NO_REGISTER))
    assert got["credit_code"].to_list() == ["91350825MA0000000X", "91350825MA0000000X", None]


def test_pay_in_two_columns_is_pay() -> None:
    extract = vacancies(pay_min=["1500", "3000", None], pay_max=["4000", None, None], pay_min__raw=[None] * 3)
    got = posts([extract], NOBODY, marks_of(NO_LIST, NO_REGISTER))
    assert got["pay"].to_list() == ["1500-4000", "3000以上", None]
    assert got["pay_listed"].to_list() == [True] * 3
    assert got["headcount_listed"].to_list() == [False] * 3


def test_no_extract_no_posts() -> None:
    assert posts([], NOBODY, marks_of(NO_LIST, NO_REGISTER)).height == 0


def test_marks_of_employers() -> None:
    blacklist = pl.DataFrame(
        {"employer": ["A", "B", "C"], "lane": ["code", "name", "code"], "score": [1.0, 0.8, 1.0],
         "listed_on": [date(2022, 1, 1)] * 3, "run_out": [False, False, True]}
    )  # fmt: skip
    register = pl.DataFrame({"employer": ["D", "E", "E"], "entity_state": ["吊销", "注销", "存续"]})
    marks = {row["employer"]: row for row in marks_of(blacklist, register).iter_rows(named=True)}
    assert {name: marks[name]["sure_listed"] for name in "ABC"} == {"A": True, "B": False, "C": False}
    assert marks["D"]["closed"] == "吊销" and "E" not in marks


def test_the_wage_arrears_list() -> None:
    sure, unsure, no = answers({"blacklisted": True}, {"blacklisted": True, "sure": False}, {})
    assert [(a["lawful"], a["rules"]) for a in (sure, unsure, no)] == [
        ("no", "BLACKLIST"),
        ("review", ""),
        ("yes", ""),
    ]


@pytest.mark.parametrize(
    ("said", "rules"),
    [
        ({"phone": None, "contact": "加微信abc0000"}, "PRIVATE_CONTACT"),
        ({"phone": None, "contact": "ＱＱ：12345"}, "PRIVATE_CONTACT"),
        ({"phone": None, "remark": "VX联系，扫码进群"}, "PRIVATE_CONTACT"),
        ({"contact": "15400000000微信同号"}, ""),
        ({"phone": None, "phone_landline": "0597-8900000", "contact": "微信 abc"}, ""),
        ({"phone": None, "email": "hr@example.com", "contact": "微信 abc"}, ""),
        ({"phone": None, "contact": "王先生"}, ""),
        ({"remark": "不接电话，只加微信"}, "PRIVATE_CONTACT"),
    ],
)  # fmt: skip
def test_contact(said: dict[str, Any], rules: str) -> None:
    assert answer(**said)["rules"] == rules


@pytest.mark.parametrize(
    ("said", "warned"),
    [
        ({"posted_on": AS_OF - timedelta(days=30)}, ""), ({"posted_on": AS_OF - timedelta(days=31)}, "STALE"),
        ({"valid_until": AS_OF}, ""), ({"valid_until": AS_OF - timedelta(days=1)}, "STALE"),
        ({"posted_on": None, "valid_until": None}, ""), ({"vacancy_state": "已下架"}, "STALE"),
        ({"vacancy_state": "未招满"}, ""),
    ],
)  # fmt: skip
def test_old_posts(said: dict[str, Any], warned: str) -> None:
    assert answer(**said)["warnings"] == warned


def test_the_second_of_two_equal_posts_is_warned_of_whatever_the_spelling() -> None:
    same = {"employer": "E1", "post_name": "普工"}
    got = answers(
        same, {**same, "pay": "3500－4500元", "requirements": "初中以上 "}, {**same, "pay": "4000"}, {**same, "post_name": "焊工"},
        {**same, "employer": "E2"}, {**same, "work_place_region": "350825101"},
    )  # fmt: skip
    assert [a["warnings"] for a in got] == ["", "DUPLICATE", "", "", "", ""]


def test_answers_keep_the_rows_and_say_all_reasons() -> None:
    got = answers({"requirements": "限女性，押金500元", "pay": "面议"}, {})
    assert got[0]["rules"].split(";") == ["SEX", "PAY_NEGOTIABLE", "DEPOSIT"]
    assert len(got[0]["phrase"].split(";")) == 3 and len(got[0]["law"].split(";")) == 3
    assert got[1] == {**got[1], "lawful": "yes", "rules": "", "law": "", "phrase": ""}
