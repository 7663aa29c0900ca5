"""What clerks write of a person's work, read the same everywhere; what they do not say is not known."""

from datetime import date

import polars as pl
import pytest

from chunfeng.engines.facts.words import doing
from tests.engines.facts.desk import HERE, facts, one, person, sheet, why

WORDS = {
    "在亲戚店里上班": ("working", None), "省内务工（腊月回）": ("working", "35"), "鞋厂针车": ("working", None),
    "县内就业": ("working", HERE), "在龙岩打工": ("working", "3508"), "省外务工，返乡": ("working", "00"),
    "暂时没做工": ("idle", None), "没上班": ("idle", None), "未就业": ("idle", None), "厂关了": ("idle", None),
    "料理家务": ("idle", None),
    "外出（晋江）": ("away", "350582"), "义乌": ("away", "330782"), "打零工": ("flexible", None), "做小生意": ("flexible", None),
    "种烟": ("farming", None), "读书": ("pupil", None), "退休": ("retired", None), "已故": ("dead", None),
    "外出，联系不上": ("lost", None), "不知去向": ("lost", None), "公益岗": ("post", None), "在家": (None, None),
    "唱戏": (None, None),
}  # fmt: skip


def test_words_of_visits():
    read = doing(pl.Series(list(WORDS)), HERE)
    told = {
        word: (row["doing"], row["place"])
        for word, row in zip(WORDS, read.iter_rows(named=True), strict=True)
    }
    assert told == WORDS


def test_home_again_for_the_festival():
    read = doing(pl.Series(["省外务工（腊月回）", "泉州，已回来过年", "泉州"]), HERE)
    assert read["home_again"].to_list() == [True, True, False]


def visits(*states, column="present_state"):
    rows = [{"who": f"P{n}", column: state, "visited_on": date(2023, 1, 9)} for n, state in enumerate(states)]
    return facts(sheet("village_survey", *rows))


def test_a_visit_that_does_not_tell_leaves_it_open():
    states = ["在工业园上班", "待业", "外出，联系不上", "唱戏", "在家", "种田", "泉州"]
    found = visits(*states)
    seen = {state: one(found, f"P{n}", "seen_working") for n, state in enumerate(states)}
    assert seen == {
        "在工业园上班": True, "待业": False, "外出，联系不上": None, "唱戏": None, "在家": False, "种田": False, "泉州": True,
    }  # fmt: skip
    assert one(found, "P2", "whereabouts_known") is False
    assert one(found, "P5", "farming") is True
    assert (
        one(found, "P6", "working_elsewhere") is True
        and one(found, "P6", "working_outside_province") is False
    )


def test_boxes_unticked_say_nothing_and_words_in_their_place_are_read():
    rows = [
        {"who": "P1", "state_boxes": "在家;求职", "state_boxes__raw": "☑在家 □外出 ☑求职"},
        {"who": "P2", "state_boxes": None, "state_boxes__raw": "□在家 □外出 □求职"},
        {"who": "P3", "state_boxes": None, "state_boxes__raw": "在饭店帮工，有工资"},
        {"who": "P4", "state_boxes": "外出", "state_boxes__raw": "□在家 ☑外出 □求职"},
        {"who": "P5", "state_boxes": "外出;求职", "state_boxes__raw": "□在家 ☑外出 ☑求职"},
    ]
    found = facts(sheet("village_survey", *rows))
    assert [one(found, f"P{n}", "seen_working") for n in range(1, 6)] == [False, None, True, True, None]


def test_a_sighting_from_before_the_registration_is_past():
    spell = {"who": "P1", "unemployment_approved_at": date(2022, 9, 1)}
    register = sheet("unemployment_register", spell, period=date(2023, 1, 1))
    for day, seen in ((date(2022, 3, 1), False), (date(2022, 11, 1), True)):
        listed = sheet(
            "real_name_register",
            {"who": "P1", "employment_state": "已就业", "real_name_on": day},
            period=date(2023, 1, 1),
        )
        found = facts(register, listed)
        assert one(found, "P1", "seen_working") is seen


def test_two_lists_that_contradict_each_other_leave_it_open_unless_one_is_older():
    visit = sheet("village_survey", {"who": "P1", "present_state": "待业", "visited_on": date(2023, 1, 9)})
    for day, seen in ((date(2022, 3, 1), False), (date(2023, 1, 12), None)):
        listed = sheet(
            "real_name_register",
            {"who": "P1", "employment_state": "已就业", "real_name_on": day},
            period=date(2023, 1, 1),
        )
        found = facts(visit, listed)
        assert one(found, "P1", "seen_working") is seen
    assert why(found, "P1", "seen_working")["conflict"]


def test_registered_as_unemployed_and_insured_is_told():
    spell = {"who": "P1", "unemployment_approved_at": date(2022, 9, 1)}
    paid = {"who": "P1", "contribution_month": date(2022, 12, 1), "insured_as": "职工"}
    found = facts(
        sheet("unemployment_register", spell, period=date(2023, 1, 1)), sheet("insurance_contributions", paid),
        people=person("P1", date(1980, 1, 1)),
    )  # fmt: skip
    assert (
        one(found, "P1", "registered_unemployed") is True and one(found, "P1", "insured_by_employer") is True
    )
    assert found.contradictions["conflict"].to_list() == ["insured_but_unemployed"]
    assert (
        why(found, "P1", "insured_by_employer")["conflict"]
        and "参保为准" in why(found, "P1", "registered_unemployed")["note"]
    )


@pytest.mark.parametrize(
    ("state", "licensed"), [("存续", True), ("歇业", False), ("注销", False), (None, True)]
)
def test_a_licence_is_alive_unless_its_state_says_otherwise(state, licensed):
    """Without a word on the state of any, a list of licences lists those alive."""
    found = facts(
        sheet("business_entities", {"who": "P1", "entity_state": state, "founded_on": date(2020, 1, 1)})
    )
    assert one(found, "P1", "business_licence") is licensed
