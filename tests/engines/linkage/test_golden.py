"""What the golden record takes from whom, and that nothing of what was said is lost."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chunfeng.engines.identity.id_numbers import id18_of
from chunfeng.engines.linkage.golden import PERSONS, VALUES, golden
from tests.engines.linkage.lists import CHEN, LI, WANG, linked, sheet

PHONES = ("15400000001", "16000000002", "16100000003", "16300000004")
REGISTER, VILLAGE = "household_register", "350825101209"


def record(*sheets: pl.DataFrame, person: int = WANG) -> dict[str, Any]:
    persons, _ = golden(*linked(*sheets))
    return persons.row(by_predicate=pl.col("person") == person, named=True)


def values_of(field: str, *sheets: pl.DataFrame) -> list[dict[str, Any]]:
    return golden(*linked(*sheets))[1].filter(pl.col("field") == field).to_dicts()


# --- who wins ------------------------------------------------------------------------------------


def test_the_police_say_the_name_and_the_other_spelling_is_kept() -> None:
    survey = sheet("village_survey", [{"name": "王建过", "id": WANG}])
    register = sheet(REGISTER, [{"name": "王建国", "id": WANG}])
    found = record(survey, register)
    assert found["name"] == "王建国"
    assert found["name_source"] == "household_register household_register.csv##2"
    assert found["other_names"] == "王建过"
    assert found["departments"] == "公安;村居" and found["claims"] == 2


def test_a_nickname_is_taken_only_where_no_full_name_is_known_and_is_no_other_name() -> None:
    register = sheet(REGISTER, [{"name": "老王", "id": WANG}])
    survey = sheet("village_survey", [{"name": "王建国", "id": WANG}])
    assert record(register)["name"] == "老王"
    both = record(register, survey)
    assert both["name"] == "王建国" and both["other_names"] is None


def test_birth_and_sex_come_from_the_verified_number_and_the_typed_ones_are_shown_as_lost() -> None:
    row = {
        "name": "王建国",
        "id": WANG,
        "sex": "2",
        "birth_date_year": 1988,
        "birth_date_month": 4,
        "birth_date_day": 1,
    }
    found = record(sheet(REGISTER, [row]))
    assert (found["id18"], found["sex"], found["birth"]) == (id18_of(WANG), "1", date(1988, 3, 7))
    said = [(v["value"], v["rank"], v["rule"]) for v in values_of("birth", sheet(REGISTER, [row]))]
    assert said == [("1988-03-07", 1, 0), ("1988-04-01", 2, 1)]


def test_the_number_is_cited_from_the_list_most_trusted_that_bears_it() -> None:
    survey = sheet("village_survey", [{"name": "王建国", "id": WANG, "visited_on": date(2023, 1, 10)}])
    register = sheet(REGISTER, [{"name": "王建国", "id": WANG}])
    assert record(survey, register)["id18_source"].startswith("household_register ")


def test_a_number_known_through_a_damaged_cell_only_still_has_its_row() -> None:
    found = record(sheet("village_survey", [{"name": "王建国", "who": WANG, "lane": "damaged"}]))
    assert found["id18"] == id18_of(WANG) and found["birth"] == date(1988, 3, 7)
    assert found["id18_source"] == "village_survey village_survey.csv##2"


def test_a_relatives_number_on_a_row_is_shown_but_never_chosen() -> None:
    own = sheet(REGISTER, [{"name": "王建国", "id": WANG}])
    wrong = sheet("village_survey", [{"name": "王建国", "id": LI, "who": WANG}])
    numbers = values_of("id18", own, wrong)
    assert [(v["value"], v["rank"]) for v in numbers] == [(id18_of(WANG), 1), (id18_of(LI), None)]
    nobody = record(sheet("village_survey", [{"name": "王建国", "id": LI, "who": -5}]), person=-5)
    assert nobody["id18"] is None and nobody["id18_source"] is None and nobody["birth"] is None


def test_a_date_without_its_day_is_no_birth_but_a_fuller_one_that_agrees_is() -> None:
    month = sheet(REGISTER, [{"name": "王建国", "who": -1, "birth_date_year": 1988, "birth_date_month": 3}])
    day = {"name": "王建国", "who": -1, "birth_date_year": 1988, "birth_date_month": 3, "birth_date_day": 7}
    survey = sheet("village_survey", [day])
    other = sheet("poverty_exit", [{**day, "birth_date_month": 6}])
    alone = record(month, person=-1)
    assert alone["birth"] is None and alone["birth_source"] is None
    assert [v["value"] for v in values_of("birth", month)] == ["1988-03"]
    assert record(month, survey, other, person=-1)["birth"] == date(1988, 3, 7)


def test_the_village_in_the_county_that_the_register_names_is_taken_from_a_lesser_list() -> None:
    register = sheet(REGISTER, [{"name": "王建国", "id": WANG, "hukou_address_region": "350825"}])
    elsewhere = sheet(
        "disability_certificates", [{"name": "王建国", "id": WANG, "hukou_address_region": "350821100"}]
    )
    village = sheet(
        "unemployment_register", [{"name": "王建国", "id": WANG, "hukou_address_region": VILLAGE}]
    )
    assert record(register, elsewhere, village)["hukou_region"] == VILLAGE
    assert record(register, elsewhere)["hukou_region"] == "350825"
    ranked = [v["value"] for v in values_of("hukou_region", register, elsewhere, village)]
    assert ranked == [VILLAGE, "350825", "350821100"]


def test_whoever_moved_away_is_registered_where_to() -> None:
    moved = {
        "moved_to": "广东省深圳市",
        "moved_to_region": "4403",
        "village_code": VILLAGE,
        "hukou_address": "莲峰镇1号",
    }
    found = record(sheet(REGISTER, [{"name": "王建国", "id": WANG, **moved}]))
    assert (found["hukou_region"], found["hukou_address"]) == ("4403", "广东省深圳市")


def test_of_two_surveys_the_newer_says_where_one_lives() -> None:
    rows = [
        {"name": "王建国", "id": WANG, "home_address": "旧屋", "visited_on": date(2022, 12, 1)},
        {"name": "王建国", "id": WANG, "home_address": "新屋", "visited_on": date(2023, 1, 9)},
        {"name": "王建国", "id": WANG, "home_address": "不知何时"},
    ]
    stay = [v["value"] for v in values_of("stay_address", sheet("village_survey", rows))]
    assert stay == ["新屋", "旧屋", "不知何时"]


def test_the_federation_alone_says_a_disability_and_hearsay_is_shown_without_rank() -> None:
    rumour = sheet("person_list", [{"name": "王建国", "id": WANG, "disability_kind": "1"}])
    assert record(rumour)["disability_kind"] is None
    assert [(v["value"], v["rank"], v["rule"]) for v in values_of("disability_kind", rumour)] == [
        ("1", None, None)
    ]
    certificate = sheet(
        "disability_certificates",
        [{"name": "王建国", "id": WANG, "disability_kind": "4", "disability_grade": "2"}],
    )
    found = record(rumour, certificate)
    assert (found["disability_kind"], found["disability_grade"]) == ("4", "2")


def test_former_names_come_from_who_keeps_them() -> None:
    register = sheet(REGISTER, [{"name": "王建国", "id": WANG, "former_name": "王狗剩"}])
    prison = sheet("prisoners", [{"name": "王建国", "id": WANG, "former_name": "王二"}])
    found = record(prison, register)
    assert found["former_names"] == "王狗剩;王二" and found["other_names"] is None
    assert found["former_names_source"].startswith("household_register ")


# --- phones --------------------------------------------------------------------------------------


def test_the_phone_most_lists_bear_wins_and_the_next_is_the_second() -> None:
    survey = sheet(
        "village_survey", [{"name": "王建国", "id": WANG, "phone": PHONES[0], "visited_on": date(2023, 1, 9)}]
    )
    poverty = sheet("poverty_exit", [{"name": "王建国", "id": WANG, "phone": PHONES[1]}])
    certificate = sheet("disability_certificates", [{"name": "王建国", "id": WANG, "phone": PHONES[1]}])
    found = record(survey, poverty, certificate)
    assert (found["phone"], found["phone_2"]) == (PHONES[1], PHONES[0])


def test_a_phone_on_more_than_five_persons_is_a_shops_and_never_wins() -> None:
    def crowd(size: int) -> pl.DataFrame:
        return sheet(
            "village_survey", [{"name": "林一", "who": -n, "phone": PHONES[0]} for n in range(1, size + 1)]
        )

    own = sheet("poverty_exit", [{"name": "林一", "who": -1, "phone": PHONES[1]}])
    assert record(crowd(5), person=-1)["phone"] == PHONES[0]
    assert record(crowd(6), person=-1)["phone"] is None
    assert record(crowd(6), own, person=-1)["phone"] == PHONES[1]
    assert record(crowd(6), own, person=-1)["phone_2"] is None
    shop = [v for v in values_of("phone", crowd(6), own) if v["value"] == PHONES[0]]
    assert len(shop) == 6 and all(v["rank"] is None for v in shop)


def test_a_phone_said_to_be_the_sons_stands_behind_ones_own() -> None:
    rows = [
        {
            "name": "王建国",
            "id": WANG,
            "phone": PHONES[0],
            "phone_owner": "儿子",
            "visited_on": date(2023, 1, 9),
        }
    ]
    own = sheet("disability_certificates", [{"name": "王建国", "id": WANG, "phone": PHONES[1]}])
    assert record(sheet("village_survey", rows))["phone"] == PHONES[0]
    found = record(sheet("village_survey", rows), own)
    assert (found["phone"], found["phone_2"]) == (PHONES[1], PHONES[0])


# --- months and lanes ----------------------------------------------------------------------------


def test_an_earlier_month_fills_in_where_nobody_speaks_and_says_so() -> None:
    before = {"period": date(2022, 11, 1), "current": False, "name": "2022年11月"}
    old = sheet(
        "poverty_exit", [{"name": "王建国", "id": WANG, "phone": PHONES[0], "ethnicity": "22"}], **before
    )
    new = sheet(
        "poverty_exit",
        [{"name": "王建国", "id": WANG, "phone": PHONES[1]}],
        period=date(2022, 12, 1),
        name="12月",
    )
    found = record(old, new)
    assert found["phone"] == PHONES[1]
    assert found["phone_source"] == "poverty_exit poverty_exit.csv#12月#2"
    assert found["ethnicity"] == "22"
    assert found["ethnicity_source"] == "poverty_exit poverty_exit.csv#2022年11月#2 earlier 2022-11"


def test_an_earlier_list_of_the_police_does_not_outrank_a_current_lesser_one() -> None:
    old = sheet(REGISTER, [{"name": "王建国", "id": WANG, "ethnicity": "22"}], current=False)
    new = sheet("person_list", [{"name": "王建国", "id": WANG, "ethnicity": "01"}])
    assert record(old, new)["ethnicity"] == "01"
    assert record(old)["ethnicity_source"] == "household_register household_register.csv##2 earlier"


def test_a_value_that_a_current_row_says_is_cited_from_it_even_where_an_earlier_row_says_it_better() -> None:
    now = sheet("village_survey", [{"name": "王建国", "id": WANG, "phone": PHONES[0], "phone_owner": "儿子"}])
    old = sheet("poverty_exit", [{"name": "王建国", "id": WANG, "phone": PHONES[0]}], current=False)
    assert record(now, old)["phone_source"] == "village_survey village_survey.csv##2"


def test_a_verified_number_holds_even_where_only_an_earlier_month_bears_it() -> None:
    old = sheet("poverty_exit", [{"name": "王建国", "id": WANG}], current=False)
    typed = {"birth_date_year": 1988, "birth_date_month": 4, "birth_date_day": 1, "sex": "2"}
    now = sheet(REGISTER, [{"name": "王建国", "who": WANG, "lane": "weight", **typed}])
    found = record(old, now)
    assert (found["birth"], found["sex"]) == (date(1988, 3, 7), "1")
    assert found["birth_source"].endswith(" earlier")


def test_of_two_rows_of_one_list_the_one_linked_by_number_counts_before_the_one_linked_by_weight() -> None:
    rows = [
        {"name": "王建果", "who": WANG, "lane": "weight"},
        {"name": "王建国", "id": WANG, "lane": "id"},
    ]
    assert record(sheet(REGISTER, rows))["name"] == "王建国"


# --- whole tables --------------------------------------------------------------------------------


def test_persons_may_have_numbers_of_text_and_keep_the_id_most_of_their_rows_stand_by() -> None:
    extracts, claims, assigned = linked(
        sheet(REGISTER, [{"name": "王建国", "id": WANG}, {"name": "陈三", "who": -3}]),
        sheet(
            "village_survey",
            [{"name": "王建国", "id": WANG}, {"name": "王建国", "id": LI, "who": WANG, "lane": "weight"}],
        ),
    )
    texts = assigned.with_columns(
        pl.when(pl.col("person") == WANG).then(pl.lit("P1")).otherwise(pl.lit("P2")).alias("person")
    )
    persons, values = golden(extracts, claims, texts)
    assert persons.select("person", "id18").rows() == [("P1", id18_of(WANG)), ("P2", None)]
    assert values.schema["person"] == pl.String


def test_nothing_in_gives_empty_tables_of_the_same_columns() -> None:
    extracts, claims, assigned = linked(sheet(REGISTER, [{"name": "王建国", "id": WANG}]))
    full, said = golden(extracts, claims, assigned)
    persons, values = golden([], claims.clear(), assigned.clear())
    assert persons.is_empty() and values.is_empty()
    assert persons.schema == full.schema and values.schema == said.schema
    assert list(values.columns) == ["person", *VALUES]
    assert {c for name in PERSONS for c in (name, f"{name}_source")} < set(persons.columns)


def test_rows_that_share_their_place_are_refused() -> None:
    extracts, claims, assigned = linked(sheet(REGISTER, [{"name": "王建国", "id": WANG}]))
    with pytest.raises(pl.exceptions.ComputeError, match="m:1"):
        golden(extracts * 2, claims, assigned)


KINDS = (
    REGISTER,
    "insurance_contributions",
    "poverty_exit",
    "village_survey",
    "disability_certificates",
    "person_list",
)
ROWS = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(KINDS),
        "who": st.sampled_from([WANG, LI, CHEN, -1, -2]),
        "current": st.booleans(),
    },
    optional={
        "name": st.sampled_from(["王建国", "王建果", "老王"]),
        "phone": st.sampled_from(PHONES),
        "phone_owner": st.just("儿子"),
        "hukou_address_region": st.sampled_from(["35", "350825", VILLAGE, "350821", "350821100"]),
        "education": st.sampled_from(["20", "70"]),
        "birth_date_year": st.sampled_from([1980, 1988]),
        "birth_date_month": st.sampled_from([None, 3]),
        "birth_date_day": st.sampled_from([None, 9]),
    },
)


def lists_of(rows: list[dict[str, Any]]) -> list[pl.DataFrame]:
    parts: list[pl.DataFrame] = []
    for kind in KINDS:
        for current in (True, False):
            own = [
                {"name": "王建国", "row": i + 2}
                | {k: v for k, v in r.items() if k not in ("kind", "current") and v is not None}
                for i, r in enumerate(rows)
                if r["kind"] == kind and r["current"] == current
            ]
            if own:
                parts.append(sheet(kind, own, name=str(current), current=current, period=date(2022, 12, 1)))
    return parts


@settings(max_examples=30, deadline=None)
@given(st.lists(ROWS, min_size=1, max_size=14), st.randoms(use_true_random=False))
def test_the_order_of_files_and_rows_changes_nothing(rows: list[dict[str, Any]], chance: Any) -> None:
    extracts, claims, assigned = linked(*lists_of(rows))
    persons, values = golden(extracts, claims, assigned)
    chance.shuffle(extracts)
    seed = chance.randrange(1000)
    again = golden(
        [e.sample(fraction=1, shuffle=True, seed=seed) for e in extracts],
        claims.sample(fraction=1, shuffle=True, seed=seed),
        assigned.sample(fraction=1, shuffle=True, seed=seed + 1),
    )
    assert persons.equals(again[0]) and values.equals(again[1])


@settings(max_examples=30, deadline=None)
@given(st.lists(ROWS, min_size=1, max_size=14))
def test_every_value_said_is_there_once_ranks_have_no_gaps_and_a_field_has_a_source_just_when_it_is_filled(
    rows: list[dict[str, Any]],
) -> None:
    extracts, claims, assigned = linked(*lists_of(rows))
    persons, values = golden(extracts, claims, assigned)
    for field in ("phone", "education", "hukou_address_region"):
        said = {(r["who"], r[field]) for r in rows if r.get(field)}
        shown = (
            values.filter(pl.col("field") == field.replace("address_region", "region"))
            .select("person", "value")
            .rows()
        )
        assert set(shown) == said and len(shown) == len(said)
    for ranks in values.drop_nulls("rank").group_by("person", "field").agg("rank")["rank"]:
        assert ranks.sort().to_list() == list(range(1, len(ranks) + 1))
    for name in PERSONS:
        assert (persons[name].is_null() == persons[f"{name}_source"].is_null()).all(), name
    assert set(persons["person"]) == {r["who"] for r in rows}
    assert persons["claims"].sum() == len(rows)


@settings(max_examples=30, deadline=None)
@given(st.lists(ROWS, min_size=1, max_size=10))
def test_earlier_months_change_no_field_that_a_current_list_fills(rows: list[dict[str, Any]]) -> None:
    now = [r for r in rows if r["current"]]
    if not now:
        return
    whole, _ = golden(*linked(*lists_of(rows)))
    current, _ = golden(*linked(*lists_of(now)))
    for name in ("name", "education", "hukou_region", "phone"):
        both = (
            current.select("person", name)
            .drop_nulls()
            .join(whole.select("person", pl.col(name).alias("whole")), on="person")
        )
        assert (both[name] == both["whole"]).all(), name
