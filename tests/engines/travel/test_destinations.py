"""Where people want to go, as they write it."""

import csv

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chunfeng.engines.travel import destinations
from chunfeng.reference import regions

HERE = "350322"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("回东莞", "441900"), ("深圳龙岗", "440307"), ("去昆山打工", "320583"), ("浙江杭州", "330100"), ("上海松江", "310117"),
        ("北京", "110000"), ("厦门市湖里区", "350206"), ("福州闽侯", "350121"), ("晋江陈埭", "350582"),
        ("陈埭", "350582"), ("虎门那边", "441900"), ("广东东莞长安", "441900"), ("重庆万州", "500101"), ("湖北恩施", "422800"),
        ("广东", "440000"), ("福建、泉州、石狮", "350581"), ("广东 深圳 龙岗", "440307"),
        ("县城", HERE), ("本县", HERE), ("三明站", "350400"),
    ],
)  # fmt: skip
def test_destinations(text: str, code: str) -> None:
    assert destinations.read(text, HERE) == code


@pytest.mark.parametrize(
    "text", ["厦门或泉州", "珠三角", "越南", "省外", "厂里", "老地方", "", "/", "待定", "鼓楼"]
)
def test_what_names_no_single_place_is_unknown(text: str) -> None:
    assert destinations.read(text, "450000") is None


def test_a_city_that_was_a_county_level_city_is_that_district_in_speech() -> None:
    assert destinations.read("宁德", HERE) == "350902"
    assert destinations.read("宁德市", HERE) == "350902"
    # their land was divided, so nobody can say which district is meant
    assert destinations.read("泉州", HERE) == "350500"
    assert destinations.read("漳州", HERE) == "350600"


def test_a_district_named_goes_before_the_habit_of_speech() -> None:
    assert destinations.read("宁德福鼎", HERE) == "350982"


def test_the_names_of_towns_lie_where_the_list_says() -> None:
    path = destinations.Path(destinations.__file__).with_name("town_names.csv")
    for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines()):
        assert destinations.read(row["place"], None) == row["code"], row
        assert regions.get(row["code"]) is not None


@given(st.text(max_size=40))
def test_anything_is_read(text: str) -> None:
    code = destinations.read(text, HERE)
    assert code is None or (len(code) == 6 and code.isdigit())


def test_a_column_says_the_same() -> None:
    texts = pl.Series(["回东莞", None, "厂里", "回东莞"])
    assert destinations.read_column(texts, HERE).to_list() == ["441900", None, None, "441900"]
