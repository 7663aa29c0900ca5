"""Templates that ask in columns, in words, or in both."""

from typing import Any

import polars as pl

from chunfeng.engines.matching.wishes.visits import SCHEMA, wishes

PLACE = "350582104201"


def _one(kind: str = "village_survey", **cells: Any) -> dict[str, Any]:
    frame = pl.DataFrame(
        {"kind": [kind], "file": ["甲.xlsx"], "sheet": [None], "row": [3], "place": [PLACE]}
    ).with_columns(pl.lit(value).alias(name) for name, value in cells.items())
    found = wishes([frame], "350582")
    assert found.columns == list(SCHEMA)
    return found.row(0, named=True) if found.height else {}


def test_columns_alone() -> None:
    row = _one(
        wished_place="厦门市湖里区", wished_job="保安、门卫", expected_wage_low=4500, expected_wage_high=5000,
        expected_wage_unit="month",
        departure_wish="初八", training_wish="是", dependants="有小孩要照顾",
    )  # fmt: skip
    assert row["kind"] == "out" and row["region"] == "350206" and row["job"] == "保安;门卫"
    assert (row["wage_min"], row["wage_unit"], row["when"], row["training"]) == ("4500", "月", "初八", "培训")
    assert row["barrier"] == "child" and row["seeking"] and row["sheet"] == ""


def test_words_count_before_columns_and_the_difference_is_named() -> None:
    row = _one(intention="厦门做保洁，4000", wished_place="福州", expected_wage_low=3000)
    assert (row["destination"], row["wage_min"]) == ("厦门", "4000")
    assert row["differs"] == "destination;wage_min"


def test_no_in_words_yields_to_a_wish_in_columns() -> None:
    row = _one(intention="无", wished_place="本县", wish_to_work=True)
    assert row["kind"] == "local" and row["unread"] == "无" and row["region"] == "350582"
    assert _one(intention="无", wish_to_work=False)["kind"] == "none"
    assert _one(intention="无")["kind"] == "none"


def test_yes_and_no() -> None:
    assert _one(wish_to_work=False)["kind"] == "none"
    assert _one(wish_to_work=True)["kind"] is None and _one(wish_to_work=True)["seeking"]
    assert _one(wish_to_transfer=True)["kind"] == "out"
    assert _one(wish_to_work=True, wish_to_transfer=False)["kind"] == "local"
    assert _one(wish_to_start_up="是")["kind"] == "startup"
    assert _one(wish_to_start_up="无")["kind"] is None
    assert _one(wish_to_start_up="养鸡")["job"] == "养鸡"
    assert _one(training_wish="不需要")["refuses_training"]
    assert _one(training_wish="叉车")["training"] == "叉车"


def test_places_here_take_the_code_of_the_visit() -> None:
    assert _one(intention="本镇找个看店的")["region"] == PLACE[:9]
    assert _one(intention="本村")["region"] == PLACE
    assert _one(intention="就近")["region"] == PLACE[:6]


def test_other_lists() -> None:
    assert _one("migrant_residents", festival_plan="留岗过年")["kind"] == "stay"
    assert _one("graduates", intention="教师", wished_place="福州")["kind"] == "out"
    assert _one("real_name_register", transfer_wish="是")["seeking"]
    assert _one("vacancies", intention="厦门") == {}


def test_rows_that_say_nothing_are_no_wishes() -> None:
    assert _one(intention=None) == {}
    assert _one(intention="  ") == {}
    assert wishes([]).columns == list(SCHEMA)
