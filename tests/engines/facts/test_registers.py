"""Hukou, life, hardship, posts, age and household as the registers have them, on the very day."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from tests.engines.facts.desk import AS_OF, HERE, facts, one, person, sheet, why

ME = person("P1", date(1970, 5, 1))
JANUARY = date(2023, 1, 1)
VILLAGE = "350825100004"


def register(*rows):
    return sheet(
        "household_register", *[{"village_code": VILLAGE, "hukou_state": "正常", **row} for row in rows]
    )


def of(found, fact, *who):
    return [one(found, w, fact) for w in who]


def test_moved_within_the_province_is_still_of_the_province():
    found = facts(
        register(
            {"who": "P1", "hukou_state": "迁出", "moved_to": "福建省厦门市", "moved_to_region": "3502", "hukou_changed_on": AS_OF},
            {"who": "P2", "hukou_state": "迁出", "moved_to": "广东省深圳市", "moved_to_region": "4403"},
            {"who": "P3", "hukou_state": "迁出", "moved_to": "外地", "moved_to_region": None},
            {"who": "P4", "hukou_state": "迁出", "moved_to_region": "4403", "hukou_changed_on": AS_OF + timedelta(1)},
            {"who": "P5"},
        )
    )  # fmt: skip
    assert of(found, "hukou_in_province", "P1", "P2", "P3", "P4", "P5") == [True, False, None, True, True]
    assert of(found, "hukou_here", "P1", "P2", "P3", "P4", "P5") == [False, False, None, True, True]
    assert of(found, "moved_out", "P1", "P2", "P3", "P4", "P5") == [True, True, True, False, False]


def test_whoever_is_not_in_the_register_is_not_outside():
    found = facts(register({"who": "P2"}), people=ME)
    assert one(found, "P1", "in_household_register") is False
    assert one(found, "P1", "hukou_in_province") is True and why(found, None, "hukou_in_province")["presumed"]


def test_an_undivided_hukou_is_neither_urban_nor_rural():
    people = person("P1", date(1970, 5, 1), hukou_kind="30") + person("P2", date(1970, 5, 1), hukou_kind="10")
    found = facts(people=people)
    assert of(found, "hukou", "P1", "P2") == [None, "urban"]
    assert "未区分城乡" in why(found, "P1", "hukou")["note"]


def test_states_written_as_codes_are_unknown_but_for_the_usual_one():
    rows = [{"who": f"P{n}", "hukou_state": "0"} for n in range(6)] + [{"who": "P6", "hukou_state": "1"}]
    found = facts(register(*rows))
    assert of(found, "alive", "P0", "P6") == [True, None]
    assert "代码" in why(found, "P6", "alive")["note"]


def test_dead_in_a_visit_and_alive_in_the_register_is_to_be_looked_into():
    visit = sheet("village_survey", {"who": "P1", "present_state": "去世", "visited_on": date(2023, 1, 9)})
    found = facts(register({"who": "P1"}, {"who": "P2", "hukou_state": "死亡注销"}), visit)
    assert of(found, "alive", "P1", "P2") == [None, False]
    assert found.contradictions["conflict"].to_list() == ["dead_in_one_list_only"]


@pytest.mark.parametrize(("until", "valid"), [(AS_OF, True), (AS_OF - timedelta(1), False), (None, True)])
def test_a_certificate_holds_on_its_last_day(until, valid):
    card = {
        "who": "P1",
        "valid_until": until,
        "certificate_state": "正常",
        "certificate_number_disability_grade": "2",
    }
    found = facts(sheet("disability_certificates", card))
    assert one(found, "P1", "disability_certificate") is valid and one(found, "P1", "disability_grade") == 2


def test_the_month_an_allowance_stops_is_still_paid():
    rows = [
        {
            "who": "P1",
            "allowance_from": date(2021, 3, 1),
            "allowance_to": date(2023, 1, 1),
            "allowance_kind": "城市",
        },
        {
            "who": "P2",
            "allowance_from": date(2021, 3, 1),
            "allowance_to": date(2022, 12, 1),
            "allowance_kind": "城市",
        },
        {"who": "P3", "allowance_from": date(2023, 2, 1), "allowance_kind": "农村"},
        {"who": "P4", "allowance_from": date(2021, 3, 1), "allowance_kind": "低保边缘家庭"},
        {"who": "P5", "allowance_from": date(2021, 3, 1), "allowance_kind": None},
    ]
    found = facts(sheet("minimum_living_allowance", *rows, period=JANUARY))
    assert of(found, "allowance", "P1", "P2", "P3", "P4", "P5") == [True, False, False, False, True]
    assert of(found, "allowance_urban", "P1", "P2", "P5") == [True, False, None]
    assert one(found, "P4", "near_minimum") is True


def test_thirty_in_a_hundred_is_no_less():
    lost = {"expropriated_on": date(2019, 8, 20), "in_planning_area": True, "county_average_land": "0.8600"}
    left = ["0.2580", "0.2579", "0.0000", None]
    found = facts(
        sheet("land_expropriation", *[{"who": f"P{n}", "land_left": x, **lost} for n, x in enumerate(left)])
    )
    permille = of(found, "land_left_permille", "P0", "P1", "P2", "P3")
    assert permille[0] == Decimal(300) and permille[1] < 300 and permille[2] == 0 and permille[3] is None


def test_watched_households_were_never_on_the_poverty_register():
    rows = [
        {"who": "P1", "poverty_household_kind": "脱贫户", "risk_removed": True},
        {"who": "P2", "poverty_household_kind": "脱贫不稳定户", "risk_removed": False},
        {"who": "P3", "poverty_household_kind": "边缘易致贫户", "risk_removed": False},
        {"who": "P4", "poverty_household_kind": "突发严重困难户", "risk_removed": True, "risk_removed_on": date(2022, 5, 1)},
    ]  # fmt: skip
    found = facts(
        sheet("poverty_exit", *rows, period=date(2022, 12, 1)), people=person("P5", date(1980, 1, 1))
    )
    assert of(found, "poverty_exit", "P1", "P2", "P3", "P4", "P5") == [True, True, False, False, False]
    assert of(found, "poverty_relapse_watch", "P1", "P2", "P3", "P4", "P5") == [
        False,
        True,
        True,
        False,
        False,
    ]


def test_a_year_of_leaving_poverty_says_that_a_household_was_poor() -> None:
    rows = [
        {"who": "P1", "poverty_exit_year": 2016},
        {"who": "P2", "poverty_exit_year": None},
        {"who": "P3", "poverty_exit_year": 2016, "poverty_household_kind": "边缘易致贫户"},
    ]
    found = facts(sheet("poverty_exit", *rows, period=date(2022, 12, 1)))
    assert of(found, "poverty_exit", "P1", "P2", "P3") == [True, None, False]


def test_without_her_category_a_woman_retires_between_two_days():
    people = (
        person("P1", date(1971, 1, 15), "2")
        + person("P2", date(1963, 1, 15))
        + person("P3", date(1971, 1, 15), "2")
    )
    listed = sheet("real_name_register", {"who": "P3", "retirement_category": "50"}, period=JANUARY)
    found = facts(listed, people=people)
    assert of(found, "retires_on", "P1", "P2", "P3") == [None, date(2023, 1, 15), date(2021, 1, 15)]
    assert one(found, "P1", "retires_earliest") == date(2021, 1, 15)
    assert one(found, "P1", "retires_latest") == date(2026, 5, 15)  # the age rises from 2025 on
    assert one(found, "P2", "near_retirement_from") == date(2018, 1, 15)


def test_a_woman_insured_past_fifty_is_presumed_of_the_later_group():
    people = person("P1", date(1971, 1, 15), "2") + person("P2", date(1983, 1, 15), "2")
    months = [{"who": w, "contribution_month": date(2022, 12, 1), "insured_as": "职工"} for w in ("P1", "P2")]
    found = facts(sheet("insurance_contributions", *months), people=people)
    assert of(found, "retirement_category", "P1", "P2") == ["55", None]
    line = why(found, "P1", "retirement_category")
    assert line["presumed"] and "推定" in line["note"]


def test_posts_held_now_before_and_altogether():
    post = {"employer_name": "连城县林业局", "post_name": "护林员", "post_state": "在岗"}
    rows = [
        {"who": "P1", **post, "started_on": date(2022, 1, 16), "contract_until": date(2025, 1, 15)},
        {
            "who": "P1",
            **post,
            "started_on": date(2017, 4, 1),
            "contract_until": date(2020, 3, 31),
            "post_state": "期满离岗",
        },
        {"who": "P2", **post, "started_on": date(2021, 5, 1)},
        {"who": "P2", **post, "started_on": date(2021, 5, 1)},
        {"who": "P3", **post, "started_on": date(2021, 5, 1)},
        {"who": "P3", **post, "started_on": date(2021, 8, 1), "employer_name": "莲峰镇人民政府"},
        {"who": "P4", **post, "started_on": date(2021, 5, 1), "post_state": "已清退"},
    ]
    found = facts(
        sheet("public_welfare_posts", *rows, period=date(2022, 12, 1)), people=person("P1", date(1964, 2, 1))
    )
    assert of(found, "public_posts_held", "P1", "P2", "P3", "P4") == [1, 1, 2, 0]
    assert of(found, "held_earlier_public_post", "P1", "P2") == [True, False]
    assert one(found, "P1", "post_months") == 48
    assert one(found, "P1", "near_retirement_at_post_start") is True
    assert one(found, "P4", "public_post") is False


HOMES = [("H1", "A", "register"), ("H1", "B", "register"), ("H2", "X", "register"), ("H2", "Y", "register")]


def test_whom_the_register_forgot_belongs_to_the_family_another_list_names():
    declared = [("D1", "A", "declaration"), ("D1", "C", "declaration")]
    everyone = [row for who in "ABCXY" for row in person(who, date(1980, 1, 1))]
    found = facts(people=everyone, homes=[*HOMES, *declared])
    assert found.persons.sort("person")["household"].to_list() == ["H1", "H1", "H1", "H2", "H2"]
    assert of(found, "household_size", "A", "C", "X") == [3, 3, 2]


def test_visits_go_from_house_to_house():
    visits = sheet(
        "village_survey", *[{"who": who, "present_state": "待业"} for who in ("A", "C", "B", "D", "X", "Y")]
    )
    found = facts(visits, homes=HOMES)
    at = dict(zip(found.persons["person"], found.persons["household"], strict=True))
    assert at == {"A": "H1", "B": "H1", "C": "H1", "D": None, "X": "H2", "Y": "H2"}


def test_the_same_house_number_is_the_same_household_where_it_is_one():
    everyone = [row for who in "ABCDXY" for row in person(who, date(1980, 1, 1))]
    doors = {"A": "北街社区2组71号", "X": "北街社区9号", "B": "北街社区8号", "Y": "北街社区8号"}
    asked = {"C": "福建省龙岩市连城县莲峰镇北街社区2组71号", "D": "北街社区8号"}
    found = facts(
        people=everyone, homes=HOMES, addresses=doors | asked, regions=dict.fromkeys("ABCDXY", VILLAGE)
    )
    at = dict(zip(found.persons["person"], found.persons["household"], strict=True))
    assert at["C"] == "H1" and at["D"] is None  # two households live at number 8


def test_a_declaration_is_known_of_its_household():
    rows = [{"who": "A", "present_state": "无业", "declared_on": date(2022, 12, 5)}]
    everyone = [row for who in "ABXY" for row in person(who, date(1980, 1, 1))]
    found = facts(sheet("zero_employment_households", *rows), people=everyone, homes=HOMES)
    told = {row["household"]: row for row in found.households.iter_rows(named=True)}
    assert told["H1"]["zero_employment_declared"] and told["H1"]["household_members"] == 2
    assert told["H2"]["zero_employment_declared"] is False


def test_the_area_is_where_the_hukou_lies_else_where_one_stays():
    found = facts(people=[*ME, *person("P2", date(1980, 1, 1))], regions={"P1": "350802", "P2": "522425"})
    assert found.persons.sort("person")["area"].to_list() == ["350802", HERE]
