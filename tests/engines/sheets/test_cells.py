"""A column that repeats few texts is typed as any other, and a sheet without numbers as one with."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chunfeng.engines.sheets import cells as cells_module
from chunfeng.engines.sheets.cells import RAW, ColumnReader
from chunfeng.engines.sheets.values import TYPES, Context

TEXTS = (
    "是", "否", "1", "0", "3500", "5000以上", "4-6千", "面议", "不详", "/", " 陈建国 ", "李婶", "陈\u200b某", "202301",
    "2023-01-05", "二〇二三年一月", "31.1.2023", "1990.2.30", "350825199001010018", "35082519900101001x", "350825199001010",
    "3.5E+17", "13800138000", "0597-1234567、13900139000", "连城县莲峰镇", "350825", "91350825MA00000000", "男", "高中", "☑有 □无",
    "汉", "=1+1", "某某鞋业有限公司", "残疾三级", "本人", "农业", "50岁", "a" * 64,
)  # fmt: skip
CONTEXT = Context(default_year=2023, within="350825")


@pytest.mark.parametrize("type_name", sorted(TYPES))
@settings(max_examples=8, deadline=None)
@given(cells=st.lists(st.sampled_from((None, *TEXTS)), min_size=8, max_size=40))
def test_few_texts_are_typed_like_many(type_name: str, cells: list[str | None]) -> None:
    column = pl.Series("v", cells * 40, dtype=pl.String)
    odd = pl.Series("v", [f"不同{n}" for n in range(len(column) * 2)])
    reader = ColumnReader(TYPES[type_name], CONTEXT)
    reader.read(pl.Series("v", TEXTS[::3] * 40))  # the batch before
    repeated = reader.read(column)
    among_others = ColumnReader(TYPES[type_name], CONTEXT).read(pl.concat([column, odd]))
    none = pl.Series([False]).new_from_index(0, len(column))
    for suffix, answers in repeated.columns.items():
        assert answers.to_list() == among_others.columns[suffix].head(len(column)).to_list(), suffix
    others = {code: mask.head(len(column)) for code, mask in among_others.problems}
    for code, mask in repeated.problems:
        assert mask.to_list() == others.pop(code, none).to_list(), code
    assert not any(mask.any() for mask in others.values())


def test_raw_text_is_kept_where_the_value_is_another() -> None:
    typed = ColumnReader(TYPES["yes_no"], Context()).read(pl.Series("v", ["是", "否", None, "true"] * 50))
    assert typed.columns[""].head(4).to_list() == [True, False, None, True]
    assert typed.columns[RAW].head(4).to_list() == ["是", "否", None, None]


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cells_module, "_REMEMBERED", 10)
    reader = ColumnReader(TYPES["integer"], Context())
    for start in range(0, 60, 6):
        numbers = list(range(start, start + 6)) * 9
        assert reader.read(pl.Series(map(str, numbers))).columns[""].to_list() == numbers
        assert len(reader._place) <= 10


def test_a_blank_column_has_no_values() -> None:
    blank = pl.Series("v", [None] * 50, dtype=pl.String)
    typed = ColumnReader(TYPES["name"], Context()).read(blank)
    assert all(answers.null_count() == 50 for answers in typed.columns.values())
    assert typed.problems == []
