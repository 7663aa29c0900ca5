"""Rows find their person: by id and name, by what is left of an id, by weight; and never somebody else."""

import polars as pl
import pytest

from chunfeng.engines.linkage.link import link
from tests.engines.linkage.town import VILLAGE, claims, extract, id18, person_of, townspeople

PEOPLE = townspeople()
REGISTER = extract("household_register", PEOPLE)


def key(person: dict[str, str]) -> int:
    return int(person["id"][:17])


def linked(*rows: dict[str, object], kind: str = "village_survey") -> list[tuple[int | None, str | None]]:
    """(person, lane) of rows of one more list beside the register."""
    table = claims(REGISTER, extract(kind, rows))
    result = link(table)
    found = table.filter(pl.col("kind") == kind).join(result.assigned, on="claim", how="left").sort("claim")
    return list(found.select("person", "lane").iter_rows())


def without(person: dict[str, object], *parts: str, **other: object) -> dict[str, object]:
    return {k: v for k, v in person.items() if k not in parts} | other


def test_every_verified_row_finds_its_person() -> None:
    table = claims(REGISTER)
    result = link(table)
    assert result.assigned.height == len(PEOPLE) and set(result.assigned["lane"]) == {"id"}
    assert result.assigned["person"].to_list() == [key(p) for p in PEOPLE]


@pytest.mark.parametrize("n", [7, 100, 233])
def test_fifteen_known_digits_and_the_name_are_enough(n: int) -> None:
    person = PEOPLE[n]
    assert linked(without(person, "birth", "phone", id=person["id"][:15] + "000")) == [
        (key(person), "damaged")
    ]


@pytest.mark.parametrize("n", [7, 100, 233])
def test_one_slip_of_the_hand_and_the_name_are_enough(n: int) -> None:
    person = PEOPLE[n]
    digits = person["id"]
    wrong = digits[:9] + str((int(digits[9]) + 1) % 10) + digits[10:]
    assert linked(without(person, "birth", "phone", id=wrong)) == [(key(person), "damaged")]
    assert linked(without(person, "birth", "phone", id=digits[:12] + digits[13:])) == [
        (key(person), "damaged")
    ]


def test_no_id_but_name_birth_and_village() -> None:
    person = PEOPLE[50]
    assert linked(without(person, "id", "phone")) == [(key(person), "weight")]


def test_a_homophone_with_birth_and_telephone() -> None:
    person = next(p for p in PEOPLE if p["name"] == "陈志明")
    assert linked(without(person, "id", name="陈志铭")) == [(key(person), "weight")]


def test_a_name_alone_is_nobody() -> None:
    assert linked({"name": "陈志明"}) == [(None, None)]


def test_a_relatives_number_under_ones_own_name_is_no_merge() -> None:
    mother, son = PEOPLE[10], PEOPLE[20]
    [(person, _)] = linked(without(son, id=mother["id"]))
    assert person != key(mother)


def test_two_verified_numbers_are_never_one_person() -> None:
    twin = without(PEOPLE[3], id=id18(str(PEOPLE[3]["birth"]), 999))
    [(person, lane)] = linked(twin)
    assert (person, lane) == (int(str(twin["id"])[:17]), "id")


def test_somebody_unknown_becomes_a_person_of_his_own_once() -> None:
    stranger = {"name": "欧阳小川", "birth": 19811203, "village": "350825100209", "sex": "1"}
    [(one, _), (two, _)] = linked(stranger, dict(stranger))
    assert one is not None and one < 0 and one == two


def test_the_order_of_rows_and_files_makes_no_difference() -> None:
    rows = [without(p, "id", "phone") for p in PEOPLE[::9]] + [
        without(p, "birth", id=p["id"][:15] + "000") for p in PEOPLE[::7]
    ]
    survey = extract("village_survey", rows)
    first = claims(REGISTER, survey)
    second = claims(survey.sample(fraction=1.0, shuffle=True, seed=5), REGISTER.reverse())
    places = [
        link(t).assigned.join(t, on="claim").select("file", "row", "person", "lane") for t in (first, second)
    ]
    assert places[0].sort("file", "row").equals(places[1].sort("file", "row"))
    assert link(first).assigned.equals(link(first).assigned)


def test_what_a_human_forbade_is_not_linked_again() -> None:
    table = claims(REGISTER)
    claim = int(table["claim"][5])
    person = link(table).assigned.filter(pl.col("claim") == claim)["person"][0]
    never = pl.DataFrame(
        {"claim": [claim], "person": [person]}, schema={"claim": pl.UInt32, "person": pl.Int64}
    )
    assert (
        person_of(
            table, link(table, forbidden=never).assigned, "household_register.csv", int(table["row"][5])
        )
        != person
    )


def test_a_token_finds_the_person_whose_id_makes_it() -> None:
    table = claims(REGISTER, extract("population_flow", [{"token": "t1"}, {"token": "t2"}]))
    held = table.filter(pl.col("token") == "t1").select("claim", pl.lit(key(PEOPLE[0])).alias("person"))
    result = link(table, tokens=held)
    assert result.assigned.filter(pl.col("lane") == "token").select("claim", "person").rows() == held.rows()


# --- bad input: bounded, and nothing merged ------------------------------------------------------


@pytest.mark.parametrize("placeholder", ["111111111111111111", "000000000000000000", "待补"])
def test_a_placeholder_on_every_row_links_nobody(placeholder: str) -> None:
    rows = [{"name": f"陈{chr(0x4E00 + n)}", "id": placeholder, "phone": "16000000000"} for n in range(3000)]
    table = claims(REGISTER, extract("village_survey", rows))
    result = link(table)
    survey = table.filter(pl.col("kind") == "village_survey").join(
        result.assigned.filter(pl.col("person") > 0), on="claim"
    )
    assert survey.height == 0


def test_one_name_for_everybody_makes_no_pairs_without_end() -> None:
    rows = [{"name": "陈志明", "village": "350825100201"} for _ in range(4000)]
    people = [p | {"name": "陈志明", "village": "350825100201"} for p in PEOPLE]
    table = claims(extract("household_register", people), extract("village_survey", rows))
    assert link(table).assigned.filter(pl.col("lane") == "id").height == len(PEOPLE)


def test_all_ids_missing_still_groups_what_is_the_same() -> None:
    rows = [without(p, "id") for p in PEOPLE[:60]]
    table = claims(extract("household_register", rows), extract("village_survey", rows))
    result = link(table)
    both = table.join(result.assigned, on="claim").group_by("name", "birth").agg(pl.col("person").n_unique())
    assert (both["person"] == 1).all() and result.assigned["person"].n_unique() == 60


def test_nothing_is_a_registry_without_persons() -> None:
    assert link(claims()).assigned.height == 0


def test_one_common_name_and_birth_date_are_not_yet_one_person() -> None:
    dates = [19600101 + 10000 * (i // 12) + 100 * (i % 12) for i in range(240)]
    rows = [{"name": "陈志明", "birth": d, "village": VILLAGE} for d in dates]
    twice = [rows[0], {**rows[0], "village": "350825101209"}, {"name": "欧阳若水", "birth": dates[0]}]
    table = claims(extract("village_survey", [*rows, *twice, twice[-1]]))
    persons = dict(link(table).assigned.select("claim", "person").iter_rows())
    assert persons[0] == persons[240], "same village too"
    assert persons[0] != persons[241], "another village: nothing but chance"
    assert persons[242] == persons[243], "a rare name and a date are enough"


def test_a_doubtful_row_and_those_that_say_the_same_wait_together() -> None:
    """A person's months in one list: asked once, and none of them makes a person while a human is asked."""
    person = PEOPLE[7]
    months = [
        {"name": person["name"], "id": f"{float(person['id'][:17] + '0'):.5E}", "employer": "永春香厂"}
    ] * 4
    table = claims(REGISTER, extract("insurance_contributions", months))
    result = link(table)
    rows = table.filter(pl.col("kind") == "insurance_contributions")
    asked = rows.join(result.review, on="claim", how="semi")
    made = rows.join(result.assigned, on="claim", how="semi")
    assert asked.height == 1 and made.height == 0
