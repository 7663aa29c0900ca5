"""Three values: what is not in a list is no, presumed or unknown, as the catalogue declares; and it says why."""

from datetime import date

import pytest

from tests.engines.facts.desk import AS_OF, declared, facts, one, person, sheet, why

ME = person("P1", date(1970, 5, 1))
ALLOWANCE = {"who": "P2", "allowance_from": date(2021, 3, 1), "allowance_kind": "农村低保"}
JANUARY = date(2023, 1, 1)


def test_not_in_a_fresh_list_is_no():
    found = facts(sheet("minimum_living_allowance", ALLOWANCE, period=JANUARY), people=ME)
    assert one(found, "P1", "allowance") is False
    assert one(found, "P2", "allowance_rural") is True
    assert why(found, None, "allowance")["truth"] == "known" and not why(found, None, "allowance")["presumed"]


def test_without_the_list_it_is_unknown():
    found = facts(people=ME)
    assert one(found, "P1", "allowance") is None
    assert "没有报送" in why(found, None, "allowance")["note"]


def test_a_list_past_its_shelf_life_says_neither_yes_nor_no():
    found = facts(sheet("minimum_living_allowance", ALLOWANCE, period=date(2022, 10, 1)), people=ME)
    assert one(found, "P1", "allowance") is None and one(found, "P2", "allowance") is None
    assert why(found, "P2", "allowance")["stale"] and "过期" in why(found, "P2", "allowance")["note"]
    assert why(found, None, "allowance")["stale"]


def test_the_list_of_last_month_is_no_list_of_today():
    past = sheet("minimum_living_allowance", ALLOWANCE, period=date(2022, 12, 1), current=False)
    assert one(facts(past, people=ME), "P1", "allowance") is None


def test_what_lists_can_only_deny_is_presumed():
    found = facts(sheet("prisoners", {"who": "P2", "sentence_to": date(2025, 1, 1)}), people=ME)
    assert one(found, "P1", "in_prison") is False and why(found, None, "in_prison")["presumed"]
    assert one(found, "P2", "in_prison") is True and not why(found, "P2", "in_prison")["presumed"]


def test_an_open_fact_stays_unknown():
    found = facts(
        sheet("real_name_register", {"who": "P1", "job_seeking_from": date(2022, 11, 1)}), people=ME
    )
    assert one(found, "P1", "job_seeking") is True
    assert one(found, "P1", "wish_to_transfer") is None


def test_a_list_nobody_could_be_told_from_says_nothing():
    tokens = sheet(
        "minimum_living_allowance", *[{"who": None, "allowance_kind": "农村低保"}] * 3, period=JANUARY
    )
    found = facts(tokens, people=ME)
    assert one(found, "P1", "allowance") is None
    assert "未能归到人" in why(found, None, "allowance")["note"]


def test_lists_of_single_towns_say_nothing_of_other_towns():
    spell = {"unemployment_approved_at": date(2022, 9, 1)}
    town = sheet("unemployment_register", {"who": "P2", **spell}, period=JANUARY, place="350825100")
    there = {"P1": "350825101001", "P3": "350825100001"}
    found = facts(town, people=[*ME, *person("P3", date(1980, 1, 1))], regions=there)
    assert one(found, "P1", "registered_unemployed") is None
    assert one(found, "P3", "registered_unemployed") is False


def test_a_row_that_waits_for_a_human_makes_unknown_what_it_would_change():
    waiting = {"who": None, "maybe": "P1", "allowance_kind": "城市低保", "allowance_from": date(2022, 1, 1)}
    found = facts(sheet("minimum_living_allowance", ALLOWANCE, waiting, ALLOWANCE, period=JANUARY), people=ME)
    assert one(found, "P1", "allowance") is None and one(found, "P1", "allowance_urban") is None
    assert one(found, "P1", "allowance_rural") is False  # it would not change that
    assert "待人工核对" in why(found, "P1", "allowance")["note"]


@pytest.mark.parametrize("entries", [10, 200])
def test_a_register_in_use_is_dated_by_its_entries_where_there_are_many(entries):
    """Two years without a new entry in a list that had one every week: it was not written yesterday."""
    rows = [
        {"who": f"P{n}", "real_name_on": date(2018 + n % 3, 1 + n % 12, 1 + n % 28)} for n in range(2, entries + 2)
    ]  # fmt: skip
    found = facts(sheet("real_name_register", *rows), people=ME)
    assert one(found, "P1", "real_name") is (None if entries > 30 else False)


def test_the_case_register_is_unknown_until_there_is_one():
    found = facts(people=ME)
    assert one(found, "P1", "flexible_subsidy_months") is None
    with_one = facts(sheet("case_register", {"who": "P1"}), people=ME)
    assert one(with_one, "P1", "flexible_subsidy_months") == 0


def test_every_fact_of_the_catalogue_has_its_column_and_its_default():
    found = facts(people=ME, as_of=AS_OF)
    for entity, table in (
        ("person", found.persons),
        ("household", found.households),
        ("employer", found.employers),
    ):
        names = declared().of(entity)
        assert set(names) <= set(table.columns)
        general = found.provenance.filter(
            (found.provenance["entity"] == entity) & found.provenance["person"].is_null()
        )
        assert sorted(general["fact"]) == sorted(names)
