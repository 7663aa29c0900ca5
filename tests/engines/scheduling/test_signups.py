"""Sign-ups for fairs: which paper is missing, who is barred, who came twice, and what nobody can tell."""

from typing import Any

import polars as pl
import pytest

from chunfeng.engines.scheduling import notices, signups

PAPERS = {"has_licence": True, "has_authorisation": True, "has_prospectus": True}
NO_MARKS = pl.DataFrame(
    schema={
        "employer": pl.String,
        "barred": pl.Boolean,
        "sure": pl.Boolean,
        "closed": pl.String,
        "evidence": pl.String,
    }
)


def listed(*rows: dict[str, Any], sheet: str = "第1场", leave_out: tuple[str, ...] = ()) -> pl.DataFrame:
    """A list of sign-ups as intake leaves it; a paper that is None was a blank cell."""
    filled = []
    for number, row in enumerate(rows, start=5):
        papers = {**PAPERS, **{k: v for k, v in row.items() if k.startswith("has_")}}
        filled.append({
            "file": "报名.xlsx", "sheet": sheet, "row": number, "kind": "fair_signups", "state": "ok",
            "fair_name": row.get("fair_name"), "employer_name": row.get("name", f"甲{number}公司"),
            "employer_name_key": row.get("name", f"甲{number}"),
            **{k: v for k, v in papers.items() if k not in leave_out and not k.endswith("__raw")},
            **{f"{k}__raw": row.get(f"{k}__raw", None if v is None else "√" if v else "待补")
               for k, v in papers.items() if k not in leave_out and not k.endswith("__raw")},
        })  # fmt: skip
    wanted = {"row": pl.UInt32, "fair_name": pl.String} | dict.fromkeys(signups.PAPERS, pl.Boolean)
    return pl.DataFrame(filled, schema_overrides=wanted)


def employers(extract: pl.DataFrame) -> pl.DataFrame:
    return extract.select(
        "file", "sheet", "row", pl.col("employer_name").alias("employer"), pl.lit("code").alias("lane"), pl.lit(1.0).alias("score")
    )  # fmt: skip


def decide(extract: pl.DataFrame, marks: pl.DataFrame = NO_MARKS) -> list[tuple[str, str | None]]:
    answers = signups.decide([extract], employers(extract), marks)
    assert answers.height == extract.height
    return list(answers.select("accept", "reason").iter_rows())


def mark(employer: str, **said: Any) -> pl.DataFrame:
    line = {
        "employer": employer,
        "barred": False,
        "sure": False,
        "closed": None,
        "evidence": "名单.xlsx##3",
        **said,
    }
    return pl.DataFrame([line], schema=NO_MARKS.schema)


def test_whole_papers_are_accepted() -> None:
    assert decide(listed({}, {})) == [("yes", None), ("yes", None)]


@pytest.mark.parametrize(
    ("column", "paper"),
    [("has_licence", "营业执照"), ("has_authorisation", "授权委托书"), ("has_prospectus", "招聘简章")],
)
def test_a_paper_refused_or_blank_is_missing(column: str, paper: str) -> None:
    assert decide(listed({column: False}, {column: None}, {})) == [
        ("no", f"缺{paper}"),
        ("no", f"缺{paper}"),
        ("yes", None),
    ]


def test_all_missing_papers_are_named() -> None:
    assert decide(listed({"has_licence": False, "has_prospectus": None})) == [("no", "缺营业执照;缺招聘简章")]


def test_what_cannot_be_read_is_asked_and_not_refused() -> None:
    assert decide(listed({"has_licence": None, "has_licence__raw": "在办"})) == [
        ("review", "营业执照是否提交不明")
    ]


def test_a_list_that_never_asks_for_a_paper_is_a_question() -> None:
    assert decide(listed({}, leave_out=("has_prospectus",))) == [("review", "招聘简章是否提交不明")]


def test_the_barred_are_refused_with_the_law_and_the_entry() -> None:
    extract = listed({"name": "乙公司"}, {})
    answers = signups.decide([extract], employers(extract), mark("乙公司", barred=True, sure=True))
    assert answers.row(0, named=True) == {
        "file": "报名.xlsx", "sheet": "第1场", "row": 5, "employer": "乙公司", "accept": "no", "reason": "失信名单",
        "law": signups.BARRED_BY, "evidence": "名单.xlsx##3",
    }  # fmt: skip
    assert answers.row(1, named=True)["evidence"] is None


def test_one_who_may_be_the_barred_is_for_a_human() -> None:
    assert decide(listed({"name": "乙公司"}), mark("乙公司", barred=True))[0][0] == "review"


def test_a_name_that_only_may_be_the_barred_is_for_a_human() -> None:
    extract = listed({"name": "乙公司"})
    by_name = employers(extract).with_columns(pl.lit("weight").alias("lane"), pl.lit(0.8).alias("score"))
    answers = signups.decide([extract], by_name, mark("乙公司", barred=True, sure=True))
    assert answers.select("accept", "reason").row(0) == ("review", signups.BARRED_MAYBE)


def test_a_firm_struck_off_is_refused() -> None:
    assert decide(listed({"name": "乙公司"}), mark("乙公司", closed="注销")) == [("no", signups.CLOSED)]


def test_the_second_row_of_a_fair_is_a_repetition() -> None:
    assert decide(listed({"name": "乙公司"}, {}, {"name": "乙公司"})) == [
        ("yes", None),
        ("yes", None),
        ("no", "重复报名"),
    ]


def test_the_row_with_whole_papers_counts_though_it_came_later() -> None:
    rows = listed({"name": "乙公司", "has_licence": False}, {"name": "乙公司"})
    assert decide(rows) == [("no", "重复报名;缺营业执照"), ("yes", None)]


def test_two_fairs_are_no_repetition() -> None:
    one, two = listed({"name": "乙公司"}), listed({"name": "乙公司"}, sheet="第2场")
    answers = signups.decide([one, two], pl.concat([employers(one), employers(two)]), NO_MARKS)
    assert answers["accept"].to_list() == ["yes", "yes"]


def test_only_agencies_need_the_permit() -> None:
    rows = listed(
        {"name": "某劳务派遣有限公司", "has_labour_permit": False},
        {"name": "某鞋业", "has_labour_permit": False},
    )
    assert decide(rows) == [("no", "缺人力资源服务许可证"), ("yes", None)]


def test_a_row_without_any_name_is_for_a_human() -> None:
    rows = listed({}).with_columns(
        pl.lit(None, dtype=pl.String).alias("employer_name"), employer_name_key=None
    )
    nobody = employers(rows).with_columns(
        pl.lit("none").alias("lane"), pl.lit(None, dtype=pl.Float64).alias("score")
    )
    assert signups.decide([rows], nobody, NO_MARKS)["reason"].to_list() == [signups.NAMELESS]


def test_no_list_at_all() -> None:
    assert signups.decide([], employers(listed({})).clear(), NO_MARKS).height == 0


def test_findings_name_the_fair_the_barred_and_the_wrong_title() -> None:
    rows = listed({"name": "乙公司"}, {"has_licence": False}, {"fair_name": "新春大型招聘会"})
    answers = signups.decide([rows], employers(rows), mark("乙公司", barred=True, sure=True))
    asked = signups.signups([rows], employers(rows))
    assert notices.of_answers(asked, answers)["kind"].to_list() == [
        "fair_signups_refused",
        "listed_employer_at_fair",
    ]
    titles = pl.DataFrame({"file": ["报名.xlsx"], "sheet": ["第1场"], "text": ["专场招聘会报名表"]})
    (told,) = notices.of_names(asked, titles)["message"]
    assert "新春大型招聘会" in told
    named = pl.DataFrame({"file": ["报名.xlsx"], "sheet": ["第1场"], "text": ["2023年春风行动专场招聘"]})
    assert notices.of_names(asked, named).height == 0
    agency = listed({"name": "某人力资源公司"})
    found = notices.of_agencies(
        signups.signups([agency], employers(agency)), signups.decide([agency], employers(agency), NO_MARKS)
    )
    assert found.height == 1
