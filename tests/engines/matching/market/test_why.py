"""Every broken rule is said in Chinese with its ground and what would help; what is unknown is said to be."""

from datetime import date

import polars as pl

from chunfeng.engines.matching.market import why
from chunfeng.engines.matching.market.market import Market
from tests.engines.matching.market import made


def test_all_broken_rules_are_named_with_law_and_help() -> None:
    person = made.people([{
        "county": "350825", "accepts": ["350825"], "pay_floor": 6000, "education": 1, "certificates": ["电工证"],
        "certificate_until": [date(2023, 1, 1)], "birth_date": date(2007, 6, 1),
        "retires_on": date(2023, 1, 1), "barriers": ["pregnant", "dorm"],
        "work_type": "part", "not_seeking": "在校",
    }])  # fmt: skip
    job = made.jobs([{
        "county": "350203", "pay_low": 3000, "pay_high": 4000, "education": 4, "certificates": ["电工证", "叉车证"],
        "offers": ["nightshift", "no_dorm"], "work_type": "full", "starts_on": date(2023, 2, 1), "lawful": "review", "places": 0,
    }])  # fmt: skip
    text = "\n".join(why.told(person, job))
    for words in (
        "有12条不符", "思明区", "只愿去连城县", "4000元/月", "要求大专以上，本人小学", "叉车证", "电工证已过有效期",
        "未满16周岁（2023-06-01", "已达法定退休年龄",
        "怀孕、住宿", "要上夜班或倒班、不提供住宿", "劳动法》第十五条", "非全日制", "须人工判断", "名额已满", "在校", "办法：",
    ):  # fmt: skip
        assert words in text, words


def test_what_is_unknown_refuses_nobody_and_is_to_be_checked() -> None:
    lines = list(
        why.told(
            made.people([{"pay_floor": 3000}]),
            made.jobs([{"education": 3, "certificates": ["健康证"], "county": "350825"}]),
        )
    )
    text = "\n".join(lines)
    assert "都符合" in text
    for words in (
        "没有说愿意去哪里",
        "文化程度不明",
        "不知本人有无健康证",
        "没有写工资上限",
        "出生日期不明",
        "退休日不明",
    ):
        assert f"待核实：{words}" in text or words in text, words


def test_one_condition_short_adds_up_to_what_training_would_open() -> None:
    people = made.people([{"occupation": ["6-05-01-03"], "education": 2, "certificates": []}] * 3)
    jobs = made.jobs(
        [
            {"occupation": "6-05-01-03", "certificates": ["健康证"], "places": 4},
            {"occupation": "6-05-01-02", "education": 3},
            {"occupation": "4-01", "education": 3},
        ]
    )
    market = Market.of(people, jobs)
    got = why.lacking(market, market.one_short())
    assert set(got.select("rule", "what", "persons", "vacancies", "places").rows()) == {
        ("certificate", "健康证", 3, 1, 4), ("education", "高中（中专、技校）", 3, 1, 0),
    }  # fmt: skip


def test_reasons_name_the_parts_that_make_the_score() -> None:
    people = made.people(
        [
            {
                "county": "350825",
                "village": "350825100001",
                "occupation": ["6-05-01-03"],
                "pay_floor": 3000,
                "barriers": ["dorm"],
            }
        ]
    )
    jobs = made.jobs(
        [
            {
                "county": "350825",
                "place": "350825100",
                "occupation": "6-05-01-03",
                "pay_low": 3000,
                "pay_high": 4000,
                "offers": ["dorm"],
            }
        ]
    )
    market = Market.of(people, jobs)
    row = why.reasons(market, market.scores(market.best(1).select("person", "vacancy"))).row(0, named=True)
    for words in ("正是所求职业 +40.0", "就在本乡镇 +18.0", "最低工资达到要求 +8.0", "照顾到住宿 +8.0"):
        assert words in row["reasons"]
    assert (
        sum(float(p.rsplit("+", 1)[1]) for p in row["reasons"].split("；") if "+" in p) * 100 == row["score"]
    )
    assert market.scores(pl.DataFrame({"person": ["P0000"], "vacancy": ["v.xlsx:表:0"]}))[
        "level"
    ].to_list() == [4]
