"""The decisions stage on a handful of invented people: what is written, why, what is missing, and what an explanation tells."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from chunfeng.engines.rules.defects import BookError
from chunfeng.pipeline import book as books
from chunfeng.pipeline import decisions
from chunfeng.pipeline.explaining import ExplainError, told
from tests.pipeline.decided import HERE, JOBLESS, SETTLED, line, publish, stage


def read(out: Path, name: str) -> pl.DataFrame:
    return pl.read_csv(out / f"{name}.csv", infer_schema=False)


def row(out: Path, name: str, **wanted: str) -> dict[str, str | None]:
    found = read(out, name).filter(*(pl.col(c) == v for c, v in wanted.items()))
    assert found.height == 1, (wanted, found)
    return found.row(0, named=True)


# --- one county, many cases --------------------------------------------------------------------------------------------

FOUNDER = SETTLED | {"business_licence": True, "poverty_exit": True, "business_since": date(2022, 1, 1)}
STARTED = FOUNDER | {"business_first": True, "startup_grant_received": False, "startup_licence_used": False}
SKILLED = SETTLED | {
    "insured_by_employer": True, "unemployment_insured_months": 20, "skill_certificate": True, "certificate_level": "middle",
    "certificate_on": date(2022, 6, 1), "skill_grant_for_certificate": False,
}  # fmt: skip
STUDENT = SETTLED | {"final_year_student": True, "allowance": True, "graduate_grant_received": False}
POOR = SETTLED | {"hukou": "rural", "poverty_exit": True, "real_name": True, "insured_by_employer": True}
STABLE = {
    "insured_12_months": True, "pays_unemployment_insurance": True, "blacklisted": False, "zombie": False, "layoff_permille": 10,
    "refund_paid_this_year": False, "staff_insured": 50,
}  # fmt: skip
AWARD = {"produces_over_festival": True, "blacklisted": False, "area": "350582"}


def benefit(area: str) -> dict[str, Any]:
    return JOBLESS | {
        "job_seeking": True,
        "last_job_ended_voluntarily": False,
        "unemployment_insured_months": 24,
        "area": area,
    }


PEOPLE: dict[str, dict[str, Any]] = {
    "平常": SETTLED,
    "失业": JOBLESS,
    "已故": SETTLED | {"alive": False},
    "女五二": JOBLESS | {"sex": "female", "birth_date": date(1970, 8, 1), "retirement_category": None},
    "残疾不明": JOBLESS | {"disability_certificate": None},
    "低保过期": JOBLESS | {"allowance_urban": None},
    "差一天": JOBLESS | {"birth_date": date(1973, 1, 16)},
    "户主": JOBLESS | {"household": "失联户"},
    "失联": SETTLED | {"seen_working": None, "household": "失联户"},
    "学生": SETTLED | {"seen_working": None, "in_school": True, "household": "失联户"},
    "无户": JOBLESS | {"household": None},
    "返岗": SETTLED | {"hukou": "rural", "intention": "back"},
    "领养老": JOBLESS | {"draws_pension": True},
    "连城": benefit("350825"),
    "鼓楼": benefit("350102"),
    "思明": benefit("350203"),
    "创业": FOUNDER,
    "毕业年": STUDENT,
    "中级工": SKILLED,
    "等级不明": SKILLED | {"certificate_level": None},
    "带动五人": STARTED | {"jobs_created": 5},
    "带动四人": STARTED | {"jobs_created": 4},
    "脱贫": POOR,
    "甲": JOBLESS | {"household": "一户"},
    "乙": SETTLED | {"household": "一户"},
    "丙": JOBLESS | {"household": "二户"},
    "丁": SETTLED | {"household": "二户", "insured_by_employer": True},
}
FIRMS: dict[str, dict[str, Any]] = {
    "重点": {"key_employer": True},
    "普通": {"key_employer": False},
    "大厂": AWARD | {"staff_insured": 400},
    "小厂": AWARD | {"staff_insured": 20},
    "用脱贫": {"staff_insured": 9},
    "稳岗": STABLE | {"size": "small"},
    "规模不明": STABLE,
}
LINES = [
    line(None, "in_prison", presumed=True),
    line("失业", "able_to_work", presumed=True),
    line("低保过期", "allowance_urban", truth="unknown", stale=True, note="低保对象为2022-06-30，已过期"),
    line("领养老", "draws_pension", file="17养老.csv", row=8),
    line("领养老", "registered_unemployed", file="01失业.xlsx", sheet="一", row=3),
    line(
        "差一天", "birth_date", source="household_register", file="14户籍.csv", row=9, date=date(2022, 12, 31)
    ),
]


def declaration(sheet: str, names: list[str]) -> pl.DataFrame:
    count = len(names)
    return pl.DataFrame(
        {
            "file": ["20申报.docx"] * count, "sheet": [sheet] * count, "row": list(range(3, 3 + count)),
            "kind": ["zero_employment_households"] * count, "household_head_name": names[:1] * count, "name": names,
        },
        schema_overrides={"row": pl.UInt32},
    )  # fmt: skip


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, decisions.Decided]:
    out = tmp_path_factory.mktemp("county") / "out"
    out.mkdir()
    linked = ["file,sheet,row,person,lane,score"]
    linked += [
        f"20申报.docx,{s},{r},{p},id," for s, r, p in (("表1", 3, "甲"), ("表1", 4, "乙"), ("表2", 3, "丙"))
    ]
    (out / "links.csv").write_text("\n".join(linked) + "\n", encoding="utf-8")
    forms = [declaration("表1", ["甲", "乙"]), declaration("表2", ["丙"]), declaration("表3", ["戊"])]
    return out, publish(out, stage(PEOPLE, FIRMS, LINES, [("脱贫", "用脱贫")]), forms)


@pytest.fixture(scope="module")
def out(county: tuple[Path, decisions.Decided]) -> Path:
    return county[0]


# --- recognition -------------------------------------------------------------------------------------------------------


def test_a_yes_names_its_presumptions_its_version_and_its_document(out: Path) -> None:
    found = row(out, "recognition", person="失业", category="A1")
    assert found["answer"] == "yes" and found["id18"] == "350825197005010001"
    assert found["reason"] == "条件全部满足；其中推定：未服刑、有劳动能力"
    assert found["rule_version"] == "A1-2016 闽政〔2008〕18号第十条"
    assert found["missing"] is None


def test_a_no_is_listed_only_when_exactly_one_condition_is_short(out: Path) -> None:
    found = row(out, "recognition", person="平常", category="A1")
    assert (found["answer"], found["reason"]) == ("no", "不满足：登记失业")
    assert found["missing"] is not None and found["missing"].startswith("登记失业（")
    two_short = (pl.col("person") == "已故") & (pl.col("category") == "A1")
    assert read(out, "recognition").filter(two_short).is_empty()


def test_unknown_says_what_is_missing_and_what_proves_it(out: Path) -> None:
    found = row(out, "recognition", person="女五二", category="A1")
    assert (found["answer"], found["reason"]) == ("unknown", "无法判定：劳动年龄内")
    assert found["missing"] is not None and "退休类别（" in found["missing"]


def test_a_list_that_does_not_tell_makes_unknown_and_never_no(out: Path) -> None:
    found = row(out, "recognition", person="残疾不明", category="A2")
    assert (found["answer"], found["reason"]) == ("unknown", "无法判定：残疾人证有效")


def test_the_note_of_a_stale_list_stands_in_the_answer(out: Path) -> None:
    found = row(out, "recognition", person="低保过期", category="A3")
    assert found["missing"] == "在享城市低保（低保对象为2022-06-30，已过期）"


def test_what_is_missing_of_another_member_names_the_member(out: Path) -> None:
    found = row(out, "recognition", person="户主", category="A7")
    assert found["answer"] == "unknown"
    # of the pupil as little is known, but a pupil does not count, so nothing is missing of him
    assert found["missing"] == "同户失联 见在业（无业声明，村居核实）"
    assert row(out, "recognition", person="无户", category="A7")["missing"] == "同户人员（户口簿）"


# --- targets and exits -------------------------------------------------------------------------------------------------


def test_targets_are_wider_than_recognition_and_take_in_key_employers(out: Path) -> None:
    yes = read(out, "targets").filter(pl.col("answer") == "yes").select("person", "group").rows()
    assert {g for p, g in yes if p == "返岗"} == {"T01", "T02"}
    assert {p for p, g in yes if g == "T20"} == {"重点"}
    assert not [g for p, g in yes if p == "平常"]


def test_a_group_no_list_speaks_of_is_counted_and_not_listed(county: tuple[Path, decisions.Decided]) -> None:
    out, decided = county
    assert {"T04", "T08"} <= set(decided.counts["targets_not_asked"])
    assert read(out, "targets").filter(pl.col("group").is_in(["T04", "T08"])).is_empty()


def test_a_registration_that_should_end_is_a_finding_with_its_rows(
    county: tuple[Path, decisions.Decided],
) -> None:
    found = county[1].findings.filter(pl.col("person") == "领养老").rows(named=True)
    assert [(f["kind"], f["rows"]) for f in found] == [("exit_x03", "01失业.xlsx#一#3;17养老.csv##8")]
    assert "已领养老待遇" in found[0]["message"]


# --- entitlements ------------------------------------------------------------------------------------------------------


def entitled(out: Path, subject: str) -> dict[str, dict[str, str | None]]:
    found = read(out, "entitlements").filter(pl.col("subject") == subject)
    return {r["policy"]: r for r in found.rows(named=True)}


def test_the_benefit_is_ninety_percent_of_the_county_s_minimum_wage(out: Path) -> None:
    paid = {name: entitled(out, name)["I6"]["amount"] for name in ("连城", "鼓楼", "思明")}
    assert paid == {"连城": "1494元（每月）", "鼓楼": "1764元（每月）", "思明": "1827元（每月）"}


def test_an_award_is_counted_by_heads_up_to_its_cap(out: Path) -> None:
    assert entitled(out, "大厂")["E7"]["amount"] == "1000元（每人），按400人共150000元"
    assert entitled(out, "小厂")["E7"]["amount"] == "1000元（每人），按20人共20000元"


def test_an_amount_in_tiers_is_the_subject_s_own_or_all_of_them(out: Path) -> None:
    assert entitled(out, "中级工")["I11"]["amount"] == "1500元（每次）；紧缺工种上浮30%（泉州）"
    all_tiers = "初级1000元、中级1500元、高级2000元（每次）；紧缺工种上浮30%（泉州）"
    assert entitled(out, "等级不明")["I11"]["amount"] == all_tiers
    assert entitled(out, "稳岗")["E6"]["amount"] == "上年度实缴失业保险费的60%（每年）"
    refund = "上年度实缴失业保险费的大型30%、中型60%、小型60%、微型60%（每年）"
    assert entitled(out, "规模不明")["E6"]["amount"] == refund


def test_a_higher_tier_begins_at_its_number(out: Path) -> None:
    note = "（每次）；带动5人以上就业（含本人）的最高10000元"
    assert entitled(out, "带动五人")["I3"]["amount"] == f"不超过10000元{note}"
    assert entitled(out, "带动四人")["I3"]["amount"] == f"不超过5000元{note}"


def test_when_only_the_time_to_claim_is_over_the_answer_is_no_and_says_so(out: Path) -> None:
    over = entitled(out, "毕业年")["I4"]
    assert over["answer"] == "no" and over["deadline"] == "2022-10-10"
    assert over["reason"] is not None and "申领期2022-09-08至2022-10-10，不在期内" in over["reason"]


def test_a_missing_record_of_cases_alone_fills_no_list(out: Path) -> None:
    assert entitled(out, "平常") == {} and entitled(out, "普通") == {}


def test_what_only_the_record_of_cases_can_settle_is_unknown_for_who_else_qualifies(out: Path) -> None:
    found = entitled(out, "创业")["I14"]
    assert (
        found["answer"] == "unknown"
        and found["amount"] == "不超过200000元（每次）；高校毕业生30万元；合伙创业可到总额的110%"
    )
    assert found["missing"] is not None and "创业担保贷款未还清" in found["missing"]


def test_a_policy_that_waits_for_a_recognition_says_which(out: Path) -> None:
    found = entitled(out, "女五二")["I16"]
    assert found["answer"] == "unknown" and found["missing"] is not None
    assert "先定A1大龄城镇居民" in found["missing"]


def test_an_employer_of_recognised_staff_is_told_so(out: Path) -> None:
    assert row(out, "recognition", person="脱贫", category="C1")["answer"] == "yes"
    assert entitled(out, "用脱贫")["E1"]["answer"] == "yes"


def test_in_2022_other_windows_were_open_and_the_benefit_was_another_share(tmp_path: Path) -> None:
    publish(tmp_path / "out", stage({"甲": benefit(HERE), "乙": STUDENT}), day=date(2022, 9, 20))
    assert (
        entitled(tmp_path / "out", "甲")["I6"]["amount"]
        == "当地月最低工资的70%、75%或80%（按缴费年限）（每月）"
    )
    assert entitled(tmp_path / "out", "乙")["I4"]["answer"] == "yes"


def test_of_two_that_exclude_each_other_the_reason_says_choose(tmp_path: Path) -> None:
    firm = {
        "hires_graduates": 3, "pays_unemployment_insurance": True, "hiring_grant_for_same_person": False,
        "expansion_grant_for_same_person": False, "area": "350102",
    }  # fmt: skip
    publish(tmp_path / "out", stage({"甲": SETTLED}, {"厂": firm}), day=date(2023, 7, 15))
    found = entitled(tmp_path / "out", "厂")
    assert found["E4"]["answer"] == found["E5"]["answer"] == "yes"
    assert (
        found["E4"]["reason"] is not None
        and "不得与一次性扩岗补助同时享受，择一申请" in found["E4"]["reason"]
    )
    assert found["E4"]["deadline"] == "2023-12-31"


# --- declared households -----------------------------------------------------------------------------------------------


def test_a_declaration_is_judged_by_facts_and_one_nobody_knows_is_unknown(out: Path) -> None:
    found = {r["sheet"]: r for r in read(out, "zero_households").rows(named=True)}
    assert [(s, found[s]["row"], found[s]["household"], found[s]["answer"]) for s in ("表1", "表2", "表3")] == [
        ("表1", "3", "一户", "yes"), ("表2", "3", "二户", "no"), ("表3", "3", None, "unknown"),
    ]  # fmt: skip
    assert "在业：丁" in found["表2"]["reason"] and "戊" in found["表3"]["reason"]


# --- explanations and a county's own rules -----------------------------------------------------------------------------


def test_an_explanation_needs_nothing_but_the_results(out: Path) -> None:
    text = "\n".join(told(out, "差一天", ["A1"]))
    assert "A1 不符合“大龄城镇居民”（闽政〔2008〕18号第十条）" in text and "14户籍.csv#9" in text
    assert "2023-01-16起满足" in text and "✗ 年龄达到男50女40" in text and "口径：" in text
    by_number = "\n".join(told(out, "350825197005010001"))
    assert by_number.startswith("失业　基准日 2023-01-15") and "T09 符合" in by_number


def test_households_and_employers_are_explained_too(out: Path) -> None:
    assert "H1 不符合“零就业家庭”" in "\n".join(told(out, "二户"))
    assert "E7 符合“春节一次性稳就业奖补”" in "\n".join(told(out, "大厂", ["E7"]))
    assert "问的不是这类对象" in "\n".join(told(out, "大厂", ["A1"]))


def test_an_explanation_of_nobody_says_so(out: Path, tmp_path: Path) -> None:
    with pytest.raises(ExplainError, match="先运行"):
        list(told(tmp_path, "甲"))
    with pytest.raises(ExplainError, match="没有 庚"):
        list(told(out, "庚"))
    with pytest.raises(ExplainError, match="没有规则 Z9"):
        list(told(out, "甲", ["Z9"]))


OWN = """
definitions:
  - {definition: villager, name: 本村人, entity: person, when: "hukou = 'rural' AND hukou_here"}
rules:
  - rule: L1
    kind: target
    name: 本县农村户籍人员
    english: Rural person of the county
    entity: person
    versions:
      - {version: L1-2023, valid_from: 2023-01-01, area: "350825", source: 连人社〔2023〕1号, when: alive AND villager}
    examples:
      - {is: yes, as_of: 2023-01-15, because: 农村户籍在册, facts: {alive: true, hukou: rural, hukou_here: true}}
      - {is: no, as_of: 2023-01-15, because: 城镇户籍, facts: {alive: true, hukou: urban, hukou_here: true}}
      - {is: unknown, as_of: 2023-01-15, because: 城乡不明, facts: {alive: true, hukou_here: true}}
"""


def test_a_county_s_own_rule_is_asked_and_a_broken_one_leaves_the_last_good_book_in_force(
    tmp_path: Path,
) -> None:
    state = tmp_path / "state"
    (state / "rules").mkdir(parents=True)
    own = state / "rules" / "local.yaml"
    own.write_text(OWN, encoding="utf-8")
    people = stage({"甲": SETTLED | {"hukou": "rural"}})
    assert publish(tmp_path / "first", people, state=state).defects == ()
    assert row(tmp_path / "first", "targets", person="甲", group="L1")["answer"] == "yes"
    assert any("L1" in text for text in told(tmp_path / "first", "甲"))
    own.write_text(
        OWN.replace('villager"', 'stranger"').replace("AND villager", "AND stranger"), encoding="utf-8"
    )
    second = publish(tmp_path / "second", people, state=state)
    assert [d.file for d in second.defects] == ["local.yaml"] * len(second.defects) and second.defects
    assert row(tmp_path / "second", "targets", person="甲", group="L1")["answer"] == "yes"
    assert second.counts["book_defects"]


def test_two_own_files_of_one_name_are_refused(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "local.yaml").write_text(OWN, encoding="utf-8")
    with pytest.raises(BookError, match=r"local\.yaml"):
        books.load(tmp_path)


def test_the_same_facts_give_the_same_files(out: Path, tmp_path: Path) -> None:
    forms = [declaration("表1", ["甲", "乙"]), declaration("表2", ["丙"]), declaration("表3", ["戊"])]
    again = tmp_path / "out"
    again.mkdir()
    (again / "links.csv").write_bytes((out / "links.csv").read_bytes())
    publish(again, stage(PEOPLE, FIRMS, LINES, [("脱贫", "用脱贫")]), forms)
    for name in ("recognition", "targets", "zero_households", "entitlements"):
        assert (again / f"{name}.csv").read_bytes() == (out / f"{name}.csv").read_bytes()
