"""Deriving as a whole: nothing to read, odd lists, order of files, and the one day it is asked for."""

from datetime import date

import polars as pl
from polars.testing import assert_frame_equal

from chunfeng.engines.facts.declared import COLUMNS
from tests.engines.facts.desk import AS_OF, declared, facts, one, person, sheet, why
from tests.engines.facts.truth import true_facts

ME = person("P1", date(1970, 5, 1))
SPELL = {"who": "P1", "unemployment_approved_at": date(2022, 9, 1)}


def lists():
    return [
        sheet("unemployment_register", SPELL, {**SPELL, "who": "P2"}, period=date(2023, 1, 1)),
        sheet(
            "insurance_contributions",
            {"who": "P2", "contribution_month": date(2022, 12, 1), "insured_as": "职工"},
        ),
        sheet(
            "village_survey", {"who": "P1", "present_state": "待业"}, {"who": "P1", "present_state": "打零工"}
        ),
        sheet("village_survey", {"who": "P2", "present_state": "外出务工"}, file="another.xlsx", name="北街"),
    ]


def test_nobody_and_nothing():
    found = facts()
    assert found.persons.height == found.households.height == found.employers.height == 0
    assert found.provenance["person"].null_count() == found.provenance.height


def test_empty_lists_and_lists_of_no_known_kind_change_nothing():
    with_more = facts(*lists(), sheet("unknown", {"x": "1"}), sheet("prisoners").clear(), people=ME)
    assert_frame_equal(with_more.persons, facts(*lists(), people=ME).persons)


def test_every_column_has_its_type():
    found = facts(*lists(), people=ME)
    for entity, table in (
        ("person", found.persons),
        ("household", found.households),
        ("employer", found.employers),
    ):
        for name, fact in declared().of(entity).items():
            assert table.schema[name] == COLUMNS[fact.type], name


def test_the_order_in_which_files_come_does_not_matter():
    one_way, other_way = (facts(*order, people=ME) for order in (lists(), lists()[::-1]))
    assert_frame_equal(one_way.persons, other_way.persons)


def test_one_list_that_says_two_things_is_read_against_the_person_where_that_is_safer():
    """Of two visits in one list, one of which saw work: it stands until somebody has looked."""
    assert one(facts(*lists(), people=ME), "P1", "seen_working") is True


def test_what_is_said_names_its_row():
    found = facts(*lists(), people=ME)
    line = why(found, "P2", "seen_working")
    assert (line["file"], line["sheet"], line["row"], line["truth"]) == ("another.xlsx", "北街", 2, "known")


def test_the_day_decides():
    before, after = (facts(*lists(), people=ME, as_of=day) for day in (date(2022, 8, 31), AS_OF))
    assert one(before, "P1", "registered_unemployed") is False
    assert one(after, "P1", "registered_unemployed") is True


def test_codes_are_those_of_the_catalogue():
    found = facts(*lists(), people=ME)
    for name, fact in declared().of("person").items():
        if fact.type == "code":
            assert set(found.persons[name].drop_nulls()) <= set(fact.labels)


def test_the_truth_of_the_sample_is_typed_as_the_rules_want_it():
    truth = true_facts()
    assert truth.height == truth["person"].n_unique() == 20_000
    assert [truth.schema[name] for name in declared().of("person")] == [
        COLUMNS[f.type] for f in declared().of("person").values()
    ]
    assert (
        truth.filter(pl.col("unemployed_since").is_not_null() & ~pl.col("registered_unemployed")).height == 0
    )
