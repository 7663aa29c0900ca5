"""What ages a text asks for, and which are a matter of law."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chunfeng.engines.screening import ages
from tests.engines.screening.made import answer, answers


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("18-45岁", 18, 45), ("年龄18-45", 18, 45), ("35岁以下", None, 35), ("45周岁及以下", None, 45),
        ("不超过50周岁", None, 50), ("年满18周岁", 18, None), ("20岁以上", 20, None), ("三十五岁以下", None, 35),
        ("四十五周岁以内", None, 45), ("18岁-50岁", 18, 50), ("40岁左右", 40, 40), ("未满18周岁勿扰", 18, None),
        ("不招16周岁以下", 16, None), ("50岁以上免谈", None, 50), ("十五六岁以上", 15, None), ("年龄30内", None, 30),
    ],
)  # fmt: skip
def test_bounds_are_read_as_written(text: str, low: int | None, high: int | None) -> None:
    assert [(a.low, a.high) for a in ages.read(text)] == [(low, high)]


@pytest.mark.parametrize(
    "text",
    [
        "3-5年经验", "工作10年以上", "照顾3岁小孩", "0-6岁早教", "企业成立15年", "身高160以上", "每天8-10小时", "5-8人一组",
        "年薪15-20万", "16点-22点", "驾龄3年以上", "80岁老人陪护", "年龄不限", "法定退休年龄以内", "18楼", "教7-12岁学生",
    ],
)  # fmt: skip
def test_other_numbers_are_no_ages(text: str) -> None:
    assert ages.read(text) == []


@given(st.integers(10, 15), st.integers(20, 65))
def test_every_range_from_under_sixteen_is_refused_and_not_also_warned_of(low: int, high: int) -> None:
    (age,) = ages.read(f"招{low}-{high}周岁")
    assert (age.low, age.high) == (low, high)


def test_the_bounds_of_the_law() -> None:
    got = answers(
        {"requirements": "15周岁以上"}, {"requirements": "16周岁以上"}, {"requirements": "18-60周岁"},
        {"requirements": "18-59周岁"}, {"requirements": "19岁以上"}, {"requirements": "男60岁以下，女50岁以下"},
        {"requirements": "男60岁以下，女49岁以下"}, {"age_required": "14-40"}, {"age_min": 15}, {"age_max": 35},
        {"age_min": 16, "age_max": 60},
    )  # fmt: skip
    assert [(a["rules"], a["warnings"]) for a in got] == [
        ("UNDERAGE", ""), ("", ""), ("", ""), ("", "AGE"), ("", "AGE"), ("", ""), ("", "AGE"), ("UNDERAGE", ""),
        ("UNDERAGE", ""), ("", "AGE"), ("", ""),
    ]  # fmt: skip


def test_an_age_in_a_description_counts_only_if_it_speaks_of_the_worker() -> None:
    assert answer(work_content="带12岁孩子上学")["rules"] == ""
    assert answer(work_content="招收年满15岁学徒")["rules"] == "UNDERAGE"


@given(
    st.text(max_size=40)
    | st.text(alphabet="0123456789一二三十岁周以下上-至不超过满未年龄男女勿", max_size=30)
)
def test_reading_ages_never_fails(text: str) -> None:
    for age in ages.read(text, bare=True):
        assert age.low is not None or age.high is not None
