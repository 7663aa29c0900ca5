"""Texts as employers write them: what is unlawful is found, what only looks so is left alone."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chunfeng.engines.screening.screen import screen
from chunfeng.engines.screening.trial import load_book
from tests.engines.screening.made import AS_OF, answer, answers, posts

CORPUS = pl.read_csv(Path(__file__).with_name("corpus.csv"), infer_schema=False).fill_null("")
"""answer, rules, column, text: written for this test, none of it from the sample county."""
NO = CORPUS.filter((pl.col("answer") == "no") & (pl.col("column") == "requirements"))
YES = CORPUS.filter((pl.col("answer") == "yes") & (pl.col("column") == "requirements"))
TEXT_RULES = (
    "SEX", "MARRIAGE", "HUKOU", "ETHNIC", "RELIGION", "DISABILITY", "CARRIER", "UNDERAGE", "DEPOSIT", "TRAINING_LOAN", "FRAUD",
)  # fmt: skip


@pytest.fixture(scope="module")
def answered() -> pl.DataFrame:
    said = [{row["column"]: row["text"]} for row in CORPUS.iter_rows(named=True)]
    got = screen(posts(*said), load_book(), AS_OF, "350825").fill_null("")
    return CORPUS.with_columns(
        got["lawful"].alias("got"), got["rules"].alias("broken"), got["phrase"], got["law"]
    )


def test_every_text_gets_its_answer_and_its_rule(answered: pl.DataFrame) -> None:
    wrong = answered.filter((pl.col("answer") != pl.col("got")) | (pl.col("rules") != pl.col("broken")))
    assert wrong.rows() == []


def test_the_corpus_is_broad_enough_to_mean_something() -> None:
    assert CORPUS.height >= 600
    by_rule = dict(CORPUS.filter(pl.col("answer") == "no")["rules"].value_counts().iter_rows())
    assert {rule for rule in TEXT_RULES if by_rule.get(rule, 0) < 8} == set()
    assert YES.height >= 150


def test_every_refusal_names_its_law_and_the_words_it_rests_on(answered: pl.DataFrame) -> None:
    refused = answered.filter(pl.col("answer") != "yes")
    assert refused.filter((pl.col("law") == "") | (pl.col("phrase") == "")).rows() == []
    assert refused.filter(~pl.col("law").str.contains("《.+》")).rows() == []


@pytest.mark.parametrize(
    "text",
    ["女装导购", "男鞋车间", "年龄不限", "男女不限", "妇女主任", "免押金", "不收任何费用", "民族不限", "婚否不限", "户籍不限"],
)  # fmt: skip
@pytest.mark.parametrize("column", ["post_name", "requirements", "work_content", "welfare", "remark"])
def test_what_only_looks_unlawful_is_lawful_wherever_it_stands(text: str, column: str) -> None:
    got = answer(**{column: text})
    assert (got["lawful"], got["rules"], got["warnings"]) == ("yes", "", "")


@settings(max_examples=4, deadline=None)
@given(
    bad=st.lists(st.sampled_from(NO.rows()), min_size=30, max_size=40),
    before=st.sampled_from(YES["text"].to_list()),
    sign=st.sampled_from("，；。\n"),
)
def test_unlawful_words_between_lawful_ones_are_still_found(
    bad: list[tuple[str, str, str, str]], before: str, sign: str
) -> None:
    """No exception swallows what stands in the next clause."""
    got = answers(*[{"requirements": f"{before}{sign}{text}"} for *_, text in bad])
    missed = [
        (b, a["rules"])
        for b, a in zip(bad, got, strict=True)
        if not set(b[1].split(";")) <= set(a["rules"].split(";"))
    ]
    assert missed == []


@settings(max_examples=4, deadline=None)
@given(
    many=st.lists(
        st.lists(st.sampled_from(YES["text"].to_list()), min_size=2, max_size=4), min_size=30, max_size=40
    ),
    sign=st.sampled_from("，；。\n"),
)
def test_lawful_words_together_stay_lawful(many: list[list[str]], sign: str) -> None:
    got = answers(*[{"requirements": sign.join(texts)} for texts in many])
    assert [
        (t, a["rules"], a["phrase"]) for t, a in zip(many, got, strict=True) if a["lawful"] != "yes"
    ] == []


def test_full_width_blanks_and_other_punctuation_change_nothing() -> None:
    plain = answers(*[{"requirements": text} for text in NO["text"]])
    wide = str.maketrans(
        {c: chr(ord(c) + 0xFEE0) for c in "0123456789"} | {"，": ",", "：": ":", "（": "(", "）": ")"}
    )
    dressed = answers(*[{"requirements": f"  {text}　\u200b".translate(wide)} for text in NO["text"]])
    assert [a["rules"] for a in dressed] == [a["rules"] for a in plain]


@settings(max_examples=6, deadline=None)
@given(
    texts=st.lists(
        st.text(max_size=60)
        | st.text(
            alphabet="男女限招不岁周以下上1234567890-，；（）押金乙肝汉族户口本地未婚已育至~", max_size=40
        ),
        min_size=20,
        max_size=30,
    )
)
def test_no_text_whatever_makes_screening_fail(texts: list[str]) -> None:
    columns = (
        "requirements",
        "remark",
        "age_required",
        "pay",
        "contact",
        "post_name",
        "headcount_raw",
        "pay_unit",
    )
    got = answers(*[dict.fromkeys(columns, text) for text in texts])
    assert {a["lawful"] for a in got} <= {"yes", "no", "review"} and len(got) == len(texts)


def test_a_long_text_and_a_thousand_posts_are_one_pass() -> None:
    got = answers(*[{"requirements": "初中以上，" * 2000 + "限女性"}, *[{"requirements": "限女性"}] * 1000])
    assert {a["rules"] for a in got} == {"SEX"}


def test_what_a_human_must_judge_is_neither_lawful_nor_refused() -> None:
    got = answer(requirements="井下作业，限男性（女职工禁忌劳动）")
    assert (got["lawful"], got["rules"]) == ("review", "")
    assert "法定禁忌劳动" in got["phrase"] and "妇女权益保障法" in got["law"]


def test_what_the_firm_makes_excuses_no_limit() -> None:
    assert answer(requirements="限男性", employer_profile="矿山机械制造")["rules"] == "SEX"
    assert answer(employer_profile="公司女员工占比高，限量版女装")["lawful"] == "yes"


def test_the_law_cited_is_the_one_of_the_day() -> None:
    old, new = (
        answer(as_of=day, requirements="限男性")["law"] for day in (date(2022, 12, 31), date(2023, 1, 1))
    )
    assert "妇女权益保障法" not in old and "妇女权益保障法" in new
