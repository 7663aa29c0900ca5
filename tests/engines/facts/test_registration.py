"""Since when somebody has been registered as unemployed without a break, against a reckoning day by day."""

from datetime import date, timedelta

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from chunfeng.engines.facts.insurance import read
from chunfeng.engines.facts.registration import registration
from tests.engines.facts.desk import AS_OF, facts, one, person, sheet, why, world

ME = person("P1", date(1970, 5, 1))
ANOTHER = {"who": "P2", "contribution_month": date(2022, 12, 1), "insured_as": "职工"}


def register(*spells, period=date(2023, 1, 1), **more):
    rows = [
        {"who": "P1", "unemployment_approved_at": start, "unemployment_applied_on": start, "unemployment_cancelled_on": end, **more}
        for start, end in spells
    ]  # fmt: skip
    return sheet("unemployment_register", *rows, period=period)


def insurance(*months):
    """Months in which an employer insured the person; somebody else keeps the list going."""
    rows = [{"who": "P1", "contribution_month": month, "insured_as": "职工"} for month in months]
    return sheet("insurance_contributions", ANOTHER, *rows)


def since(*spells, months=()):
    """The start as the deriver of registrations alone gives it."""
    looked = world(register(*spells), insurance(*months))
    said = pl.concat(registration(looked, read(looked).stretches()))
    days = said.filter((pl.col("fact") == "unemployed_since") & (pl.col("person") == "P1"))["value"].unique()
    assert days.len() == 1
    return date.fromisoformat(days[0])


def test_the_whole_says_what_the_part_says():
    first, second = date(2020, 3, 2), date(2021, 6, 7)
    found = facts(register((first, second), (second, None)), insurance(), people=ME)
    assert one(found, "P1", "unemployed_since") == first
    assert "同日" in why(found, "P1", "unemployed_since")["note"]


def test_cancelled_and_taken_up_again_on_one_day_goes_on():
    first, second = date(2020, 3, 2), date(2021, 6, 7)
    assert since((first, second), (second, None)) == first
    assert since((first, second), (second, date(2022, 1, 3)), (date(2022, 1, 3), None)) == first


def test_one_day_between_breaks():
    start = date(2022, 1, 4)
    assert since((date(2020, 3, 2), date(2022, 1, 3)), (start, None)) == start


def test_insurance_by_an_employer_after_the_month_of_registration_starts_anew():
    start = date(2021, 3, 10)
    assert since((start, None), months=[date(2021, 3, 1)]) == start
    assert since((start, None), months=[date(2021, 4, 1)]) == date(2021, 5, 1)
    assert since((start, None), months=[date(2020, 12, 1), date(2021, 8, 1), date(2022, 2, 1)]) == date(
        2022, 3, 1
    )


def test_an_approval_tomorrow_is_no_registration_today():
    found = facts(register((AS_OF + timedelta(1), None)), insurance(), people=ME)
    assert one(found, "P1", "registered_unemployed") is False


def test_a_lost_date_leaves_the_start_open_and_the_registration_certain():
    found = facts(register((None, None)), insurance(), people=ME)
    assert one(found, "P1", "registered_unemployed") is True
    assert one(found, "P1", "unemployed_since") is None
    assert "日期缺" in why(found, "P1", "unemployed_since")["note"]


def test_without_a_list_of_insurance_nobody_can_say_that_nothing_broke_it():
    found = facts(register((date(2020, 3, 2), None)), people=ME)
    assert one(found, "P1", "unemployed_since") is None
    assert one(found, "P1", "registered_on") == date(2020, 3, 2)
    assert "参保" in why(found, "P1", "unemployed_since")["note"]


def test_whoever_is_cancelled_is_told_when_and_why():
    spells = register((date(2020, 3, 2), date(2022, 12, 30)), cancellation_reason="超过6个月未联系")
    found = facts(spells, people=ME)
    assert one(found, "P1", "registered_unemployed") is False
    assert one(found, "P1", "registration_cancelled") is True
    assert one(found, "P1", "registration_cancelled_on") == date(2022, 12, 30)
    assert one(found, "P1", "cancellation_reason") == "no_contact"


def of_remarks(*remarks):
    """The facts of persons P0, P1 … registered since last March, each with a remark."""
    rows = [
        {"who": f"P{n}", "remark": remark, "unemployment_approved_at": date(2022, 3, 2)} for n, remark in enumerate(remarks)
    ]  # fmt: skip
    return facts(sheet("unemployment_register", *rows, period=date(2023, 1, 1)))


REFUSALS = {
    "推荐岗位3次均无正当理由拒绝": (3, False),
    "已拒绝介绍4次": (4, False),
    "拒绝两次": (2, True),
    "有正当理由拒绝三次": (3, True),
    "本人表示不找工作": (None, False),
    "电话已换": (None, True),
}


def test_refusals_are_counted_and_three_without_reason_end_the_wish():
    found = of_remarks(*REFUSALS)
    told = {
        remark: (one(found, f"P{n}", "offers_refused"), one(found, f"P{n}", "wish_to_work"))
        for n, remark in enumerate(REFUSALS)
    }
    assert told == REFUSALS


CAPACITY = {
    "经鉴定完全丧失劳动能力": False, "劳动能力待鉴定": None, "部分丧失劳动能力": True, "未丧失劳动能力": True, "身体好": True,
    "无劳动能力": False, "弱劳力": True,
}  # fmt: skip


def test_labour_capacity_is_lost_by_assessment_and_open_while_it_lasts():
    found = of_remarks(*CAPACITY)
    assert {remark: one(found, f"P{n}", "able_to_work") for n, remark in enumerate(CAPACITY)} == CAPACITY


DAYS = st.integers(0, 40).map(lambda n: date(2021, 11, 1) + timedelta(n * 11))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(DAYS, st.integers(1, 12)), min_size=1, max_size=4),
    st.lists(st.integers(0, 13), max_size=3),
    st.booleans(),
)
def test_the_chain_is_what_a_clerk_reckons(parts, months, gap):
    spells, at = [], parts[0][0]
    for _, length in parts[:-1]:
        end = at + timedelta(length * 11)
        spells.append((at, end))
        at = end + timedelta(gap)
    spells.append((at, None))
    paid = [date(2021 + (10 + n) // 12, (10 + n) % 12 + 1, 1) for n in months]
    if at > AS_OF:
        return
    begun = at if gap else spells[0][0]
    later = [month for month in paid if month > begun.replace(day=1) and month <= AS_OF]
    expected = (pl.Series([max(later)]).dt.offset_by("1mo")[0]) if later else begun
    assert since(*spells, months=paid) == expected
