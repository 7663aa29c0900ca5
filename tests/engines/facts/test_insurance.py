"""Months insured: now, since when, by whom, out of a list of months or of stretches."""

from datetime import date

from tests.engines.facts.desk import facts, one, person, sheet, why

ME = person("P1", date(1970, 5, 1))


def month(who, year, number, **more):
    return {"who": who, "contribution_month": date(year, number, 1), "insured_as": "职工", **more}


def test_last_month_counts_as_now_and_the_month_before_does_not():
    listed = sheet("insurance_contributions", month("P1", 2022, 11), month("P2", 2022, 12))
    found = facts(listed, people=ME)
    assert one(found, "P2", "insured_by_employer") is True
    assert one(found, "P1", "insured_by_employer") is False
    assert one(found, "P1", "last_employer_month") == date(2022, 11, 1)


def test_a_list_handed_in_late_speaks_of_its_own_newest_month():
    listed = sheet("insurance_contributions", month("P1", 2022, 11), month("P2", 2022, 10))
    found = facts(listed, people=ME)
    assert one(found, "P1", "insured_by_employer") is True
    assert one(found, "P2", "insured_by_employer") is False


def test_a_list_that_ends_long_ago_says_nothing_of_today():
    found = facts(sheet("insurance_contributions", month("P1", 2022, 8)), people=ME)
    assert (
        one(found, "P1", "insured_by_employer") is None and why(found, "P1", "insured_by_employer")["stale"]
    )


def test_months_in_a_row_end_at_the_first_gap():
    rows = [month("P1", 2022, n) for n in (3, 4, 8, 10, 11, 12)] + [month("P2", 2021, 12)]
    found = facts(sheet("insurance_contributions", *rows), people=ME)
    assert one(found, "P1", "insured_months_current") == 3
    assert one(found, "P1", "insured_since_here") == date(2022, 10, 1)
    assert one(found, "P1", "first_insured_on") == date(2022, 3, 1)
    assert one(found, "P2", "insured_months_current") == 0


def test_a_stretch_is_as_good_as_its_months():
    stretch = {
        "who": "P1",
        "insured_from": date(2022, 9, 10),
        "insured_state": "正常参保",
        "insured_as": "职工",
    }
    over = {
        "who": "P2",
        "insured_from": date(2021, 2, 1),
        "insured_to": date(2022, 6, 30),
        "insured_as": "职工",
    }
    found = facts(sheet("insurance_contributions", stretch, over, period=date(2023, 1, 1)), people=ME)
    assert one(found, "P1", "insured_by_employer") is True
    assert one(found, "P1", "insured_months_current") == 5
    assert one(found, "P2", "insured_by_employer") is False
    assert one(found, "P2", "last_employer_month") == date(2022, 6, 1)


def test_whoever_pays_alone_is_insured_but_by_no_employer():
    alone = {"insured_as": "灵活就业人员", "pension": True, "medical": True, "unemployment_insurance": False}
    found = facts(sheet("insurance_contributions", month("P1", 2022, 12) | alone), people=ME)
    assert one(found, "P1", "flexible_insured") is True
    assert one(found, "P1", "insured_by_employer") is False
    assert one(found, "P1", "pays_own_pension_and_medical") is True
    assert one(found, "P1", "unemployment_insured_ever") is False


def test_a_contribution_that_never_arrived_leaves_open_whether_one_was_insured():
    rows = [
        month("P1", 2022, 5, unemployment_insurance=True, paid_state="未到账"),
        month("P2", 2022, 12, unemployment_insurance=True, paid_state="已到账"),
        month("P3", 2022, 12, unemployment_insurance=False, paid_state="已到账"),
    ]
    found = facts(sheet("insurance_contributions", *rows), people=ME)
    ever = {who: one(found, who, "unemployment_insured_ever") for who in ("P1", "P2", "P3")}
    assert ever == {"P1": None, "P2": True, "P3": False}


def test_who_was_insured_when_the_list_begins_may_have_been_so_for_years():
    years = [(2021 + n // 12, n % 12 + 1) for n in range(24)]
    rows = [month("P1", y, m, unemployment_insurance=True) for y, m in years]
    rows += [month("P2", y, m, unemployment_insurance=True) for y, m in years[:5]]
    rows += [month("P3", y, m, unemployment_insurance=True) for y, m in years[3:8]]
    found = facts(sheet("insurance_contributions", *rows), people=ME)
    months = {who: one(found, who, "unemployment_insured_months") for who in ("P1", "P2", "P3", "P4")[:3]}
    assert months == {"P1": 24, "P2": None, "P3": 5}


def test_staff_is_counted_with_rows_of_nobody_known_and_kinds_at_least():
    code = {"credit_code": "91350825168NYQ6A14"}
    rows = [month("P1", 2022, 12, **code), month("P2", 2022, 12, **code), month(None, 2022, 12, **code)]
    rows += [month("P2", 2022, 10, **code), month("P9", 2021, 3, **code)]
    cards = sheet("disability_certificates", {"who": "P2", "certificate_state": "正常"})
    links = [("insurance_contributions.csv", n, code["credit_code"]) for n in range(2, 7)]
    found = facts(sheet("insurance_contributions", *rows), cards, people=ME, employers=links)
    firm = found.employers.row(0, named=True)
    assert (firm["staff_insured"], firm["new_staff"], firm["hires_disabled"]) == (3, 2, 1)
    assert firm["hires_graduates"] is None  # no list of graduates was handed in
    assert set(found.staff["person"]) == {"P1", "P2"}
