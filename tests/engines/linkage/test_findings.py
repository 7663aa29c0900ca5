"""What lists held against each other show, each finding with its rows; and what is no finding."""

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from chunfeng.engines.linkage import findings
from chunfeng.engines.linkage.claims import all_claims
from chunfeng.engines.linkage.link import link
from tests.engines.linkage.town import AS_OF, VILLAGE, extract, id18

ME = {"name": "陈志明", "id": id18("19800512", 21), "village": VILLAGE}
ANOTHER = {"name": "王秀英", "id": id18("19790308", 44), "village": VILLAGE}
ME_17 = int(ME["id"][:17])
FIRM, OTHER_FIRM = "91350825168NYQ6A14", "91350825YLE4UQJ09C"
UNEMPLOYED = {"unemployment_approved_at": date(2022, 9, 1)}
POST = {
    "employer_name": "连城县林业局",
    "post_name": "护林员",
    "started_on": date(2021, 5, 1),
    "post_state": "在岗",
}


def listed(
    kind: str, *rows: tuple[dict[str, Any], dict[str, Any]], file: str | None = None, current: bool = True
) -> pl.DataFrame:
    """A list: persons, each with the fields that list has of them."""
    plain = extract(kind, [person for person, _ in rows], file, current)
    fields = sorted({name for _, more in rows for name in more})
    typed = [
        pl.Series(name, [more.get(name) for _, more in rows], dtype=None if any(name in m for _, m in rows) else pl.String)
        for name in fields
    ]  # fmt: skip
    return plain.with_columns(typed)


def register(*rows: tuple[dict[str, Any], dict[str, Any]]) -> pl.DataFrame:
    return listed("household_register", *rows)


def found(*lists: pl.DataFrame, **how: Any) -> list[dict[str, Any]]:
    claims = all_claims(lists, AS_OF)
    links = link(claims)
    return findings.findings(lists, claims, links.assigned, links.review, AS_OF, **how).to_dicts()


def kinds(*lists: pl.DataFrame, **how: Any) -> list[str]:
    return [finding["kind"] for finding in found(*lists, **how)]


HERE = register((ME, {"hukou_state": "正常"}), (ANOTHER, {"hukou_state": "正常"}))
REGISTERED = listed("unemployment_register", (ME, UNEMPLOYED))
INSURED = {"insured_as": "职工", "credit_code": FIRM, "credit_code_kind": "ok", "credit_code_org": FIRM[8:17]}


def insured(month: date, **more: Any) -> pl.DataFrame:
    return listed("insurance_contributions", (ME, {**INSURED, "contribution_month": month, **more}))


def dead(day: date) -> pl.DataFrame:
    return register((ME, {"hukou_state": "死亡注销", "hukou_changed_on": day}))


def test_people_of_whom_the_lists_agree_are_no_finding() -> None:
    assert (
        found(
            HERE,
            REGISTERED,
            listed("minimum_living_allowance", (ANOTHER, {"allowance_from": date(2022, 1, 1)})),
        )
        == []
    )


def test_dead_but_paid_cites_both_rows_and_says_what_to_do() -> None:
    pension = listed(
        "pension_benefits", (ME, {"payment_state": "正常发放", "pension_kind": "城乡居民基本养老"})
    )
    (finding,) = found(dead(date(2022, 11, 3)), pension)
    assert finding["kind"] == "dead_but_listed" and finding["person"] == ME_17
    assert finding["rows"] == "household_register.csv##2;pension_benefits.csv##2"
    assert finding["message"].startswith(
        "陈志明：户籍登记为死亡（2022-11-03），但在领养老待遇（城乡居民基本养老）。请"
    )


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("pension_benefits", {"payment_state": "停发"}),
        ("pension_benefits", {"stopped_month": date(2022, 12, 1)}),
        ("pension_benefits", {"pension_kind": "遗属供养"}),
        ("minimum_living_allowance", {"allowance_to": date(2022, 12, 1)}),
        ("minimum_living_allowance", {"allowance_from": date(2023, 2, 1)}),
        ("unemployment_register", {**UNEMPLOYED, "unemployment_cancelled_on": date(2023, 1, 14)}),
        ("unemployment_register", {"unemployment_approved_at": date(2023, 1, 16)}),
        ("unemployment_register", {**UNEMPLOYED, "unemployment_state": "已注销"}),
        ("unemployment_register", {**UNEMPLOYED, "unemployment_state": "否"}),
        ("public_welfare_posts", {**POST, "left_on": date(2022, 12, 31)}),
        ("public_welfare_posts", {**POST, "post_state": "期满离岗"}),
        ("public_welfare_posts", {**POST, "post_state": None, "contract_until": date(2022, 12, 31)}),
        ("unemployment_benefits", {"benefit_month": date(2022, 11, 1)}),
    ],
)
def test_what_has_ended_or_cannot_be_read_accuses_nobody(kind: str, fields: dict[str, Any]) -> None:
    assert kinds(dead(date(2022, 11, 3)), listed(kind, (ME, fields))) == []


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("pension_benefits", {"stopped_month": date(2023, 1, 1)}),
        ("minimum_living_allowance", {"allowance_to": date(2023, 1, 1)}),
        ("unemployment_register", {**UNEMPLOYED, "unemployment_cancelled_on": date(2023, 1, 16)}),
        ("unemployment_register", {**UNEMPLOYED, "unemployment_state": "未注销"}),
        ("public_welfare_posts", {**POST, "contract_until": date(2022, 12, 31)}),
        ("unemployment_benefits", {"benefit_month": date(2022, 12, 1)}),
    ],
)
def test_what_still_runs_on_the_day_is_found(kind: str, fields: dict[str, Any]) -> None:
    assert kinds(dead(date(2022, 11, 3)), listed(kind, (ME, fields))) == ["dead_but_listed"]


def test_a_death_after_the_day_is_not_yet_known() -> None:
    assert kinds(dead(date(2023, 1, 16)), REGISTERED) == []


def test_a_list_of_an_earlier_month_accuses_nobody() -> None:
    earlier = listed("unemployment_register", (ME, UNEMPLOYED), current=False)
    assert kinds(dead(date(2022, 11, 3)), earlier) == []


@pytest.mark.parametrize(
    ("fields", "is_found"),
    [
        ({"sentence_from": date(2020, 1, 1), "sentence_to": date(2023, 1, 15)}, True),
        ({"sentence_from": date(2020, 1, 1), "sentence_to": date(2023, 1, 14)}, False),
        ({"sentence_from": date(2023, 1, 16), "sentence_to": date(2024, 1, 1)}, False),
        ({"sentence_from": date(2020, 1, 1), "sentence_to": None}, False),
        ({"sentence_to": date(2024, 1, 1), "prisoner_state": "假释"}, False),
    ],
)
def test_in_prison_while_the_sentence_covers_the_day(fields: dict[str, Any], is_found: bool) -> None:
    typed = {"sentence_to": None, **fields}
    prisoners = listed("prisoners", (ME, typed)).with_columns(pl.col("sentence_to").cast(pl.Date))
    assert kinds(HERE, prisoners, REGISTERED) == ["in_prison_but_listed"] * is_found


@pytest.mark.parametrize(
    ("month", "more", "is_found"),
    [
        (date(2023, 1, 1), {}, True),
        (date(2022, 12, 1), {}, True),
        (date(2022, 11, 1), {}, False),
        (date(2022, 12, 1), {"insured_as": "灵活就业人员"}, False),
        (
            date(2022, 12, 1),
            {"insured_as": None, "credit_code": None, "employer_name": "连城县佳旺服饰有限公司"},
            True,
        ),
        (date(2022, 12, 1), {"insured_state": "停保"}, False),
    ],
)
def test_insured_by_an_employer_lately_but_registered(
    month: date, more: dict[str, Any], is_found: bool
) -> None:
    assert kinds(HERE, REGISTERED, insured(month, **more)) == ["insured_but_unemployed"] * is_found


def test_one_spell_cancelled_and_one_open_is_registered() -> None:
    two = listed(
        "unemployment_register",
        (ME, {"unemployment_approved_at": date(2020, 1, 1), "unemployment_cancelled_on": date(2021, 1, 1)}),
        (ME, {"unemployment_approved_at": date(2022, 9, 1), "unemployment_cancelled_on": None}),
    )
    (finding,) = found(HERE, two, insured(date(2022, 12, 1)))
    assert finding["rows"] == "insurance_contributions.csv##2;unemployment_register.csv##3"


def test_pension_licence_and_post_of_the_registered() -> None:
    pension = listed("pension_benefits", (ME, {"payment_state": "正常"}))
    licence = {"entity_state": "存续", "employer_name": "连城县陈记小吃店", "credit_code": FIRM}
    shop = listed("business_entities", (ME, licence))
    posts = listed("public_welfare_posts", (ME, POST))
    assert kinds(HERE, REGISTERED, pension, shop, posts) == [
        "pension_but_unemployed", "pension_but_public_post", "public_post_but_unemployed", "licence_but_unemployed",
        "licence_and_public_post",
    ]  # fmt: skip
    closed = shop.with_columns(pl.lit("注销").alias("entity_state"))
    assert kinds(HERE, REGISTERED, closed) == []


@pytest.mark.parametrize(("region", "is_found"), [("4403", True), ("350802", False), (None, False)])
def test_hukou_moved_out_of_the_province(region: str | None, is_found: bool) -> None:
    moved = {
        "hukou_state": "迁出",
        "moved_to": "外地",
        "moved_to_region": region,
        "hukou_changed_on": date(2022, 9, 30),
    }
    lists = register((ME, moved)), REGISTERED
    assert kinds(*lists) == ["hukou_moved_but_listed"] * is_found


def test_who_has_come_back_has_not_moved_out() -> None:
    moved = {
        "hukou_state": "迁出",
        "moved_to": "深圳",
        "moved_to_region": "4403",
        "hukou_changed_on": date(2021, 9, 30),
    }
    lists = register((ME, moved), (ME, {"hukou_state": "正常"})), REGISTERED
    assert "hukou_moved_but_listed" not in kinds(*lists)


def test_two_posts_at_once_of_two_units() -> None:
    second = {**POST, "employer_name": "莲峰镇人民政府", "started_on": date(2022, 3, 1)}
    (finding,) = found(HERE, listed("public_welfare_posts", (ME, POST), (ME, second)))
    assert finding["kind"] == "two_public_posts" and "莲峰镇人民政府" in finding["message"]
    assert finding["rows"] == "public_welfare_posts.csv##2;public_welfare_posts.csv##3"


def test_one_contract_entered_twice_is_a_doubled_row_and_a_former_post_is_nothing() -> None:
    again = {**POST, "post_name": "保洁员"}
    former = {**POST, "started_on": date(2017, 4, 1), "post_state": "期满离岗"}
    assert kinds(HERE, listed("public_welfare_posts", (ME, POST), (ME, again))) == ["twice_in_one_list"]
    assert kinds(HERE, listed("public_welfare_posts", (ME, former), (ME, POST))) == []


def test_a_post_holder_insured_by_a_firm_and_one_insured_by_the_unit_itself() -> None:
    posts = listed("public_welfare_posts", (ME, POST))
    (finding,) = found(HERE, posts, insured(date(2022, 12, 1)))
    assert finding["kind"] == "public_post_insured_elsewhere" and FIRM in finding["message"]
    # a public body's code, whose name no list gives, may be the unit's own
    assert (
        kinds(
            HERE,
            posts,
            insured(date(2022, 12, 1), credit_code="11350825004084651X", credit_code_org="004084651"),
        )
        == []
    )
    own = insured(
        date(2022, 12, 1),
        credit_code=None,
        credit_code_kind=None,
        credit_code_org=None,
        employer_name="连城县林业局",
    )
    assert kinds(HERE, posts, own) == []


def test_a_number_under_another_name_is_said_with_both_names() -> None:
    wrong = {"name": "郑浩杰", "id": ME["id"]}
    (finding,) = found(HERE, REGISTERED, listed("travel_demand", (wrong, {})))
    assert finding["kind"] == "same_id_two_people" and finding["person"] == ME_17
    assert "陈志明（2行）、郑浩杰（1行）" in finding["message"]
    assert finding["rows"].split(";")[0] == "travel_demand.csv##2"


def test_the_same_name_by_sound_or_a_nickname_is_no_other_person() -> None:
    alike, nick = {"name": "陈志名", "id": ME["id"]}, {"name": "阿明", "id": ME["id"]}
    assert kinds(HERE, listed("travel_demand", (alike, {})), listed("graduates", (nick, {}))) == []


def test_two_numbers_of_one_name_birth_and_village_are_suspected() -> None:
    twin = {**ME, "id": id18("19800512", 37, area="352627")}
    (finding,) = found(HERE, listed("village_survey", (twin, {})))
    assert finding["kind"] == "one_person_two_ids" and "2个不同的有效证号" in finding["message"]
    away = {**twin, "village": "350825101201"}
    assert kinds(HERE, listed("village_survey", (away, {}))) == []


def crowd(count: int, **same: Any) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    names = "陈林黄张李王吴刘蔡杨"
    people = [
        {
            "name": f"{names[n % 10]}{'国志建文'[n % 4]}{'强明华辉英'[n % 5]}",
            "id": id18(f"19{60 + n % 40}0{1 + n % 9}11", n + 10),
        }
        for n in range(count)
    ]
    return [(person | same, {}) for person in people]


def test_a_telephone_of_more_than_five_persons_is_one_bounded_finding() -> None:
    assert kinds(listed("village_survey", *crowd(5, phone="16012345678"))) == []
    (finding,) = found(listed("village_survey", *crowd(60, phone="16012345678")))
    assert finding["kind"] == "phone_of_many" and finding["person"] is None
    assert "登记在60个人名下" in finding["message"] and "共60行，列出前20行" in finding["message"]
    assert len(finding["rows"].split(";")) == findings.CITED


def test_a_person_twice_in_one_list_but_not_in_monthly_ones_nor_for_two_spells() -> None:
    assert kinds(listed("village_survey", (ME, {}), (ANOTHER, {}), (ME, {}))) == ["twice_in_one_list"]
    months = (
        {**INSURED, "contribution_month": date(2022, 5, 1)},
        {**INSURED, "contribution_month": date(2022, 6, 1)},
    )
    assert kinds(listed("insurance_contributions", *[(ME, month) for month in months])) == []
    assert (
        kinds(
            listed("village_survey", (ME, {}), file="甲.xlsx"),
            listed("village_survey", (ME, {}), file="乙.xlsx"),
        )
        == []
    )


def test_a_token_list_that_meets_nobody_is_said_only_when_it_was_compared() -> None:
    one, two = (
        listed("population_flow", ({"token": token * 32}, {}), ({"token": token[::-1] * 32}, {}), file=file)
        for token, file in (("ab", "移动.csv"), ("cd", "电信.csv"))
    )
    assert kinds(HERE, one, two) == ["token_list_not_compared"] * 2
    assert kinds(HERE, one, two, token_overlap={"移动.csv": 0.4, "电信.csv": 0.1}) == []
    # one list under the right key does not hide another under the wrong one
    (finding,) = found(HERE, one, two, token_overlap={"移动.csv": 0.0, "电信.csv": 0.4})
    assert finding["kind"] == "token_list_without_overlap"
    assert finding["rows"] == "移动.csv##2;移动.csv##3"


def test_a_long_list_of_another_county_does_not_make_that_county_home() -> None:
    home = listed("household_register", *crowd(20, village=VILLAGE))
    there = listed("village_survey", *crowd(80, village="350824100201")[20:], file="邻县.xlsx")
    (finding,) = found(home, there)
    assert finding["kind"] == "sheet_of_another_county" and "邻县.xlsx" in finding["message"]


def test_a_sheet_whose_names_slipped_by_one_row_is_one_finding_and_no_person_gets_anothers_name() -> None:
    home = crowd(60, village=VILLAGE)
    names = [person["name"] for person, _ in home]
    slipped = [({**person, "name": names[n - 1]}, {}) for n, (person, _) in enumerate(home)]
    said = found(listed("household_register", *home), listed("village_survey", *slipped, file="错行.xlsx"))
    (finding,) = (f for f in said if f["kind"] == "names_of_other_numbers")
    assert "错行.xlsx" in finding["message"] and "60个证号" in finding["message"]
    assert "same_id_two_people" not in [f["kind"] for f in said]
    # as many wrong numbers as families make are findings of their own
    few = [*slipped[:5], *home[5:]]
    said = found(listed("household_register", *home), listed("village_survey", *few, file="错行.xlsx"))
    assert {f["kind"] for f in said} >= {"same_id_two_people"}
    assert "names_of_other_numbers" not in [f["kind"] for f in said]


def test_a_sheet_without_numbers_says_how_they_are_missing() -> None:
    people = [({k: v for k, v in p.items() if k != "id"}, {}) for p, _ in crowd(30, village=VILLAGE)]
    held = [({**p, "id": "111111111111111111"} if n < 12 else p, {}) for n, (p, _) in enumerate(people)]
    said = found(HERE, listed("village_survey", *held, file="无号.xlsx"))
    (bare,) = (f for f in said if f["kind"] == "sheet_without_numbers")
    assert "30行中有30行" in bare["message"] and "空缺18行、占位12行" in bare["message"]
    (shared,) = (f for f in said if f["kind"] == "number_of_many")
    assert "“111111111111111111”写在12行" in shared["message"]
    # fewer rows than a list has, and lists that bear none anyway, are no finding
    assert kinds(HERE, listed("village_survey", *people[:15], file="无号.xlsx")) == []
    assert kinds(HERE, listed("help_requests", *people)) == []


def test_one_name_filled_down_a_list() -> None:
    people = [({**p, "name": "陈志明"}, {}) for p, _ in crowd(30, village=VILLAGE)]
    said = [f for f in found(HERE, listed("village_survey", *people)) if f["kind"] == "name_of_many"]
    assert len(said) == 1 and "30个不同的人中有30个都写作“陈志明”" in said[0]["message"]
    # the months of one person are one person
    months = [({**crowd(1, village=VILLAGE)[0][0], "name": "陈志明"}, {})] * 40
    assert "name_of_many" not in kinds(HERE, listed("insurance_contributions", *months))


def test_a_household_number_filled_down_is_said_and_makes_no_household() -> None:
    people = [({**p, "household": 2}, {}) for p, _ in crowd(40, village=VILLAGE)]
    said = [f for f in found(HERE, listed("village_survey", *people)) if f["kind"] == "household_too_large"]
    assert len(said) == 1 and "第2行起的一户有40人" in said[0]["message"]


def test_a_sheet_of_another_county_by_its_numbers_or_its_places() -> None:
    home = listed("household_register", *crowd(40, village=VILLAGE))
    wrong = [
        ({"name": f"李建{given}", "id": id18(f"1970{n:02d}11", 30 + n, area="350824")}, {})
        for n, given in enumerate("明华强国文辉英平军海", start=1)
    ]
    (finding,) = found(home, listed("village_survey", *wrong, file="误送.xlsx"))
    assert (
        finding["kind"] == "sheet_of_another_county"
        and "武平县" in finding["message"]
        and "误送.xlsx" in finding["message"]
    )
    migrants = listed("migrant_residents", *wrong)
    assert kinds(home, migrants) == []
    there = listed("village_survey", *crowd(60, village="350824100201")[40:], file="邻县.xlsx")
    assert kinds(home, there) == ["sheet_of_another_county"]
    # a city's run holds several counties, each in several lists
    two_more = [
        listed("poverty_exit", *crowd(60, village=village)[40:], file=f"{village}.csv")
        for village in (VILLAGE, "350824100201")
    ]
    assert kinds(home, there, *two_more) == []


def test_a_borrowed_credit_code_names_both_employers() -> None:
    of = {"credit_code": FIRM, "credit_code_kind": "ok", "credit_code_org": FIRM[8:17]}
    other = {"credit_code": OTHER_FIRM, "credit_code_kind": "ok", "credit_code_org": OTHER_FIRM[8:17]}
    good, others = (
        {**of, "employer_name": "龙岩连城联美建筑工程有限公司"},
        {**other, "employer_name": "龙岩连城金宇鞋业有限公司"},
    )
    rows = [
        ({}, good),
        ({}, good),
        ({}, others),
        ({}, others),
        ({}, {**of, "employer_name": "龙岩连城金宇鞋业有限公司"}),
    ]
    (finding,) = found(HERE, listed("vacancies", *rows))
    assert finding["kind"] == "code_of_another_employer" and finding["rows"] == "vacancies.csv##6"
    assert "“龙岩连城金宇鞋业有限公司”填的信用代码" in finding["message"] and "联美建筑" in finding["message"]


def test_the_order_of_lists_and_claims_changes_nothing() -> None:
    pension = listed(
        "pension_benefits", (ME, {"payment_state": "正常发放"}), (ANOTHER, {"payment_state": "正常发放"})
    )
    lists = [dead(date(2022, 11, 3)), pension, REGISTERED, listed("village_survey", (ME, {}), (ME, {}))]
    claims = all_claims(lists, AS_OF)
    links = link(claims)
    once = findings.findings(lists, claims, links.assigned, links.review, AS_OF)
    again = findings.findings(lists[::-1], claims.reverse(), links.assigned.reverse(), links.review, AS_OF)
    assert once.equals(again) and once.height >= 3 and once.schema == findings.SCHEMA


def test_rows_waiting_for_a_human_are_mentioned() -> None:
    lists = [dead(date(2022, 11, 3)), REGISTERED]
    claims = all_claims(lists, AS_OF)
    review = pl.DataFrame(
        {"claim": [7, 8], "person": [ME_17, ME_17]}, schema={"claim": pl.UInt32, "person": pl.Int64}
    )
    (message,) = findings.findings(lists, claims, link(claims).assigned, review, AS_OF)["message"]
    assert message.endswith("另有2行待人工核对是否此人。")


def test_nothing_at_all_is_no_finding() -> None:
    empty = all_claims([], AS_OF)
    assigned = pl.DataFrame(schema={"claim": pl.UInt32, "person": pl.Int64})
    table = findings.findings([], empty, assigned, pl.DataFrame(), AS_OF, token_overlap={})
    assert table.is_empty() and table.schema == findings.SCHEMA


def test_every_kind_is_declared_once_and_every_rule_has_its_kind() -> None:
    declared = [kind.kind for kind in findings.kinds()]
    assert len(set(declared)) == len(declared)
    assert set(findings.RULES) <= set(declared)
    assert all(kind.do.startswith(("请", "多半")) and kind.do.endswith("。") for kind in findings.kinds())


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("holds: dead, beside: [asleep]", "asleep"),
        ("holds: dead", "go together"),
        ("color: red, holds: dead, beside: [pension]", "color"),
        ("", "neither"),
        ("holds: dead, beside: [pension], severity: bad", "severity bad"),
    ],
)
def test_a_kind_that_cannot_be_used_says_which_and_why(entry: str, said: str, tmp_path: Path) -> None:
    severity = "" if "severity" in entry else "severity: error, "
    path = tmp_path / "kinds.yaml"
    path.write_text(
        f"kinds:\n  - {{kind: odd, {severity}label: x, message: y, do: z, {entry}}}\n", encoding="utf-8"
    )
    with pytest.raises(findings.FindingKindError, match=f"kind odd.*{said}"):
        findings.read_kinds(path)
