"""The shipped rule book: it loads whole, names its documents, ships proof, and answers the sample county's truth cell by cell."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import polars as pl
import pytest

from chunfeng.engines.rules.parameters import Source
from chunfeng.engines.rules.records import Book, Version
from chunfeng.engines.rules.runs import decide
from chunfeng.engines.rules.tree import names
from chunfeng.pipeline import book as books
from tests.engines.facts.truth import LIANCHENG, true_facts

DAY = date(2023, 1, 15)
URBAN, RURAL = ("A1", "A2", "A3", "A4", "A5", "A6", "A7"), ("B1", "B2", "B3")
CELL = ["person", "category"]


@pytest.fixture(scope="module")
def book() -> Book:
    return books.load()


@pytest.fixture(scope="module")
def facts() -> pl.DataFrame:
    return true_facts()


@pytest.fixture(scope="module")
def answers(book: Book, facts: pl.DataFrame) -> pl.DataFrame:
    rules = [rule.rule for rule in book.of("recognition")]
    found = decide(book, facts, "person", DAY, rules=rules, near=1)
    return found.rename({"rule": "category"}).with_columns(pl.col("answer").cast(pl.String))


@pytest.fixture(scope="module")
def truth() -> pl.DataFrame:
    table = pl.read_csv(LIANCHENG / "recognition.csv", schema_overrides={"pid": pl.String})
    return table.rename({"pid": "person"})


# --- against the truth of the sample county ----------------------------------------------------------------------------


def test_fed_with_true_facts_every_cell_of_the_truth_comes_out(
    answers: pl.DataFrame, truth: pl.DataFrame
) -> None:
    met = truth.join(answers, on=CELL, how="left").with_columns(pl.col("answer").fill_null("no"))
    assert met.filter(pl.col("answer") != pl.col("expected")).is_empty()
    assert met.height == truth.height == 7680


def test_every_combination_the_truth_does_not_list_is_a_no(
    answers: pl.DataFrame, truth: pl.DataFrame
) -> None:
    others = answers.join(truth, on=CELL, how="anti")
    assert set(others["answer"].unique()) <= {"no"}


def test_a_near_miss_is_listed_with_the_condition_that_the_truth_names(
    answers: pl.DataFrame, truth: pl.DataFrame
) -> None:
    near = truth.filter(pl.col("near_miss") == 1)
    met = near.join(answers, on=CELL, how="left")
    said = "不满足：" + pl.col("failed").list.join("；")
    assert met.height == 6759
    assert met.filter(said.ne_missing(pl.col("reason"))).select(*CELL, "reason", "failed").is_empty()


def test_households_are_judged_as_the_truth_has_them(book: Book, facts: pl.DataFrame) -> None:
    wanted = pl.read_csv(LIANCHENG / "zero_households.csv", schema_overrides={"hid": pl.String})
    homes = wanted.select(pl.col("hid").alias("household"), pl.lit("350825").alias("area"))
    found = decide(book, homes, "household", DAY, rules=["H1"], members=facts)
    met = wanted.join(
        found.select(pl.col("household").alias("hid"), pl.col("answer").cast(pl.String)), on="hid", how="left"
    )
    assert (
        met.with_columns(pl.col("answer").fill_null("no"))
        .filter(pl.col("answer") != pl.col("expected"))
        .is_empty()
    )


# --- versions, documents, proof ----------------------------------------------------------------------------------------


def test_every_category_has_the_wordings_of_2008_2016_and_2025(book: Book) -> None:
    for category in (*URBAN, *RURAL):
        assert [v.version for v in book.rules[category].versions] == [
            f"{category}-{y}" for y in (2008, 2016, 2025)
        ]
    assert [v.version for v in book.rules["C1"].versions] == ["C1-2016", "C1-2025"]
    for category in (*URBAN, *RURAL, "C1"):
        at = book.rules[category].at("350825", date(2023, 1, 15))
        assert at is not None and at.version == f"{category}-2016"
        newest = book.rules[category].at("350825", date(2025, 6, 10))
        assert newest is not None and newest.version == f"{category}-2025"
        assert book.rules[category].at("330100", DAY) is None


def sources(book: Book) -> Iterator[tuple[str, Source]]:
    for rule in book.rules.values():
        yield from ((v.version or rule.rule, v.source) for v in rule.versions if v.source is not None)
    for parameter in book.parameters.values():
        yield from ((parameter.name, v.source) for v in parameter.values if v.source is not None)


def test_only_what_an_official_page_shows_is_called_verified(book: Book) -> None:
    wrong = [
        (name, source.document)
        for name, source in sources(book)
        if source.status == "verified" and not any(book.pages[key].grade in "AB" for key in source.seen)
    ]
    assert wrong == []


def test_every_page_cited_is_described_and_every_page_described_is_cited(book: Book) -> None:
    cited = {key for _, source in sources(book) for key in source.seen}
    assert cited == set(book.pages)


def test_a_source_without_a_page_says_why_it_is_believed(book: Book) -> None:
    assert [name for name, s in sources(book) if not s.seen and not s.note] == []


def test_the_text_of_2025_that_nobody_has_seen_is_not_called_verified(book: Book) -> None:
    for category in ("A5", "A6", "A7", *RURAL, "C1"):
        source = book.rules[category].versions[-1].source
        assert source is not None and source.status == "unverified" and "未见" in source.note


def test_where_a_document_leaves_a_condition_open_the_reading_is_written_down(book: Book) -> None:
    for category in (*URBAN, *RURAL, "C1"):
        assert all(v.reading for v in book.rules[category].versions)
    for definition in (
        "within_working_age",
        "not_employed",
        "unemployed_a_year",
        "former_register",
        "nobody_in_work",
        "older",
    ):
        assert all(v.reading for v in book.rules[definition].versions), definition


def test_the_two_gates_count_their_conditions_one_by_one(book: Book) -> None:
    asked = {c: len(book.conditions(book.rules[c].versions[1], DAY)) for c in (*URBAN, *RURAL)}
    assert asked == {
        "A1": 11,
        "A2": 11,
        "A3": 11,
        "A4": 11,
        "A5": 12,
        "A6": 12,
        "A7": 11,
        "B1": 12,
        "B2": 11,
        "B3": 11,
    }


def test_every_named_definition_is_used(book: Book) -> None:
    used = {name for rule in book.rules.values() for v in rule.versions for name in names(v.when)}
    assert [d.rule for d in book.definitions() if d.rule not in used] == []


def test_every_parameter_is_used_or_belongs_to_the_procedure(book: Book) -> None:
    def texts(data: Any) -> Iterator[str]:
        if isinstance(data, dict):
            data = list(data.values())
        if isinstance(data, list):
            for item in data:
                yield from texts(item)
        elif isinstance(data, str):
            yield data

    said = " ".join(
        v.text + " " + " ".join(texts(dict(v.extra))) for r in book.rules.values() for v in r.versions
    )
    procedure = {
        "first_check_days", "public_notice_days", "approval_days", "no_contact_months", "near_retirement_months",
        "post_placements", "offers_before_second_placement",
    }  # fmt: skip
    assert {p for p in book.parameters if f":{p}" not in said} == procedure


def test_time_limits_of_the_procedure_differ_by_county_and_are_blank_where_no_text_was_found(
    book: Book,
) -> None:
    assert book.value("approval_days", "350302", date(2024, 6, 1)) == 0
    assert book.value("approval_days", "350102", DAY) == 20
    assert book.value("approval_days", "350825", DAY) is None


# --- targets, exits, policies ------------------------------------------------------------------------------------------


def test_the_notice_s_target_groups_are_all_there(book: Book) -> None:
    names_ = {rule.name for rule in book.of("target")}
    wanted = {
        "拟外出务工人员",
        "自愿留岗人员",
        "滞留务工人员",
        "脱贫人口",
        "防止返贫监测对象",
        "农村低收入人口",
        "长江退捕渔民",
        "困难高校毕业生",
    }
    assert wanted <= names_


def test_thirty_five_policies_and_more_each_tell_what_a_clerk_and_a_claimant_need(book: Book) -> None:
    policies = book.of("policy")
    assert len(policies) >= 35 and {p.entity for p in policies} == {"person", "employer"}
    for policy in policies:
        for version in policy.versions:
            lacking = {"amount", "materials", "department", "steps", "level"} - set(version.extra)
            assert not lacking, (version.version, lacking)


def test_an_exclusion_holds_both_ways_or_names_the_reason(book: Book) -> None:
    pairs = {
        (p.rule, other)
        for p in book.of("policy")
        for v in p.versions
        for other in v.extra.get("exclusive_with", ())
    }
    assert all(other in book.rules for _, other in pairs)
    assert {("E4", "E5"), ("E5", "E4"), ("I17", "I18"), ("I18", "I17"), ("I6", "I8"), ("I8", "I6")} <= pairs


def test_meters_of_three_years_are_facts_asked_with_the_way_out_near_retirement(book: Book) -> None:
    for definition in ("flexible_term_left", "startup_term_left", "post_term_left"):
        text = book.rules[definition].versions[0].text
        assert ":subsidy_months" in text and "near_retirement_at_first_approval" in text
    assert book.value("subsidy_months", "350825", DAY) == 36


@pytest.mark.parametrize(
    ("parameter", "area", "day", "value"),
    [
        ("startup_grant", "350825", date(2023, 7, 1), 5000),
        ("startup_grant", "350102", date(2023, 7, 1), 10000),
        ("startup_grant", "350102", date(2023, 5, 31), 5000),
        ("benefit_percent", "350825", date(2023, 1, 1), 90),
        ("benefit_percent", "350825", date(2022, 12, 31), None),
        ("refund_percent_small", "350825", date(2023, 6, 1), 60),
        ("refund_percent_small", "350825", date(2022, 6, 1), 90),
        ("startup_loan_ceiling", "350825", date(2024, 2, 29), 200000),
        ("startup_loan_ceiling", "350825", date(2024, 3, 1), 300000),
        ("festival_award", "350582", DAY, 1000),
        ("festival_award", "350702", DAY, 200),
        ("festival_award", "350825", DAY, None),
    ],
)
def test_amounts_are_dated_and_belong_to_a_place(
    book: Book, parameter: str, area: str, day: date, value: int | None
) -> None:
    assert book.value(parameter, area, day) == value


@pytest.mark.parametrize("policy", ["I8", "I9"])
def test_what_ended_in_2022_gives_nothing_in_2023(book: Book, policy: str) -> None:
    assert book.rules[policy].at("350825", date(2022, 12, 31)) is not None
    assert book.rules[policy].at("350825", DAY) is None


def test_an_epidemic_rule_of_2020_is_not_carried_into_2023(book: Book) -> None:
    assert book.rules["E13"].at("350825", DAY) is None


def test_every_version_has_examples_written_for_it(book: Book) -> None:
    def of(version: Version) -> int:
        rule = book.rules[version.rule]
        return sum(1 for e in rule.examples if rule.at(e.case.area, e.as_of) is version)

    counts = {v.version: of(v) for rule in book.of() for v in rule.versions}
    assert min(counts.values()) >= 3
