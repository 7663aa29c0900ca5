"""Figures as data: classes of colour hold every value once, the table says what the drawing says."""

from __future__ import annotations

import json
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from chunfeng.ui.charts import Chart, MapFigure, MapRegion, classes

VALUES = st.lists(st.none() | st.integers(-1000, 1000) | st.floats(-1e6, 1e6), max_size=120)


@given(VALUES, st.integers(1, 7))
def test_every_value_lies_in_exactly_one_class(values: list[float | None], wanted: int) -> None:
    found = classes(values, wanted)
    assert len(found) <= wanted
    for value in values:
        if value is not None:
            assert sum(low <= value <= high for low, high in found) == 1
    assert bool(found) == any(value is not None for value in values)
    for (_low, high), (low, _high) in pairwise(found):
        assert high < low


def test_unknown_is_a_word_in_the_table_and_null_in_the_drawing() -> None:
    chart = Chart("line", ("日期", "人次"), (("1月3日", 1200), ("1月4日", None)))
    assert [[cell.text for cell in row.cells] for row in chart.table] == [
        ["1月3日", "1,200"],
        ["1月4日", "未知"],
    ]
    assert json.loads(json.dumps(chart.data))["rows"] == [["1月3日", 1200], ["1月4日", None]]
    figure = MapFigure(
        "county", "人数", (MapRegion("350825", "连城县", None), MapRegion("350802", "新罗区", 0))
    )
    assert [row.cells[1].text for row in figure.table] == ["未知", "0"]
    assert figure.data["classes"] == [[0, 0]]


def test_columns_of_words_and_of_numbers() -> None:
    flow = Chart("sankey", ("来自", "去往", "人数"), (("县内", "省内", 5),))
    assert [heading.number for heading in flow.headings] == [False, False, True]
    assert [cell.number for cell in flow.table[0].cells] == [False, False, True]
