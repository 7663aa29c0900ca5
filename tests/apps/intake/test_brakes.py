"""When a list looks like a wrong one, and when it only looks unusual."""

from __future__ import annotations

import polars as pl
import pytest

from chunfeng.apps.intake import brakes
from chunfeng.engines.sheets.kinds import load_kinds
from tests.apps.intake.conftest import COUNTY, citizen_id

REGISTER, VACANCIES = load_kinds()["unemployment_register"], load_kinds()["vacancies"]


def table(ids: list[str], issues: str | None = None) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "row": range(2, len(ids) + 2),
            "id_number": ids,
            "id_number_kind": ["ok18"] * len(ids),
            "issues": [issues] * len(ids),
        },
        schema_overrides={"issues": pl.String},
    )


def people(numbers, county: str = COUNTY) -> list[str]:
    return [citizen_id(n, county) for n in numbers]


def codes(found) -> list[str]:
    return [reason["code"] for reason in found]


@pytest.fixture(autouse=True)
def registry():
    """A registry of the given number of persons, nobody at first, that knows the first hundred."""
    first, before = set(people(range(100))), brakes._known[:]
    size = [0]
    brakes.register_known(lambda county, ids: (len(first & set(ids)), size[0]))
    yield size
    brakes._known[:] = before


def check(rows, before=(), kind=REGISTER):
    return codes(brakes.check(COUNTY, kind, rows, before))


def test_a_usual_list_passes(registry):
    registry[0] = 1000
    assert check(table(people(range(80)))) == []
    assert check(table(people(range(80))), [table(people(range(10, 90)))]) == []


def test_many_new_persons(registry):
    assert check(table(people(range(90, 190)))) == []  # a registry only being begun
    registry[0] = 1000
    assert check(table(people(range(90, 190)))) == [brakes.MANY_NEW]
    assert check(table(people(range(60, 140)))) == []
    assert check(table(people(range(500, 510)))) == []  # too few to say


def test_repeated_rows():
    assert check(table(people([*range(30)] * 2))) == [brakes.MANY_REPEATED]
    assert check(table(people(range(30)), "ROW_DUPLICATE")) == [brakes.MANY_REPEATED]


def test_another_county():
    assert check(table(people(range(30), "440106"))) == [brakes.ELSEWHERE]
    assert check(table(people(range(30), "352627"))) == []  # 连城 before 1997
    assert check(table(people(range(30), "999999"))) == []  # tells no place
    assert check(table(people(range(30), "440106")), kind=VACANCIES) == []


def test_an_empty_list_in_the_place_of_one_with_rows():
    """A sheet with a header and nothing below it, however short the list was."""
    empty = table([])
    assert check(empty) == [] and check(empty, [empty]) == []
    assert check(empty, [table(people(range(3)))]) == [brakes.FAR_FEWER]


def test_against_the_version_before():
    last = [table(people(range(100)))]
    assert check(table(people(range(40))), last) == [brakes.FAR_FEWER]
    assert check(table(people(range(250))), last) == [brakes.FAR_MORE]
    assert check(table(people(range(200, 290))), last) == [brakes.LITTLE_IN_COMMON]
    assert check(table(people(range(5))), [table(people(range(12)))]) == []


def test_what_is_no_list_has_no_brake():
    assert brakes.check(COUNTY, None, table(people(range(30), "440106")), []) == []
    assert brakes.check(COUNTY, REGISTER, table([]), []) == []


def test_short_lists_with_nobody_in_common_are_two_lists():
    assert check(table(people(range(8))), [table(people(range(20, 26)))]) == [brakes.LITTLE_IN_COMMON]
    assert check(table(people(range(8))), [table(people(range(7, 12)))]) == []
    assert check(table(people(range(2))), [table(people(range(5, 7)))]) == []  # two of two may well be new


def test_posts_of_other_employers_are_another_list():
    """Firms send their posts one by one: the second must not take the place of the first unseen."""

    def posts(*firms: str) -> pl.DataFrame:
        return pl.DataFrame(
            {"row": range(2, len(firms) + 2), "employer_name_key": firms, "issues": [None] * len(firms)},
            schema_overrides={"issues": pl.String},
        )

    assert check(posts("香厂", "香厂"), [posts("陶瓷厂")], VACANCIES) == [brakes.OTHER_EMPLOYERS]
    assert check(posts("香厂", "竹编厂"), [posts("陶瓷厂", "香厂")], VACANCIES) == []
    assert check(posts("香厂"), [], VACANCIES) == []


def test_a_version_of_which_a_part_does_not_come_again():
    """低保 and 特困 came as two sheets, and 低保 alone comes anew."""
    helped, destitute = table(people(range(30))), table(people(range(50, 58)))
    assert codes(brakes.missing_parts(REGISTER, [table(people(range(2, 32)))], [helped, destitute])) == [
        brakes.PARTS_MISSING
    ]
    assert brakes.missing_parts(REGISTER, [table(people(range(28))), destitute], [helped, destitute]) == []
    assert (
        brakes.missing_parts(REGISTER, [table(people(range(28)))], [helped, table(people([70]))]) == []
    )  # may have left
    assert (
        brakes.missing_parts(REGISTER, [table(people(range(80, 99)))], [helped, destitute]) == []
    )  # told by `check`
