"""Titles of Fujian's industries find their occupations; the file is what it says; hostile titles come to nothing."""

import csv
import math
from collections import Counter
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chunfeng.engines.matching.occupations import features
from chunfeng.engines.matching.occupations.model import Model, pack, unpack
from chunfeng.engines.matching.occupations.titles import SCHEMA, classify, model
from chunfeng.reference import codes, titles

OWN = Path(__file__).parents[4] / "tools/reference/blue_collar_titles.csv"


@pytest.mark.parametrize(
    ("title", "occupation"),
    [
        ("鞋厂针车学徒", "制鞋工"), ("诚聘鞋面针车工数名", "制鞋工"), ("服装厂平车车位工", "缝纫工"),
        ("石材厂红外线切割师傅", "石材生产工"),
        ("卫浴注浆学徒工", "陶瓷成型施釉工"), ("锂电池卷绕操作工", "电池制造工"), ("夜班保安（包吃住）", "保安员"),
        ("急招外卖骑手", "网约配送员"),
        ("住家保姆", "家政服务员"), ("养老院护理员", "养老护理员"), ("货车司机B2", "道路货运汽车驾驶员"),
        ("龙门吊操作司机", "起重装卸机械操作工"),
        ("食堂大锅菜厨师", "中式烹调师"),
        ("超市收银员", "收银员"), ("小区保洁阿姨", "保洁员"), ("竹制品加工普工", "木竹藤材处理工"),
        ("二保焊工", "焊工"), ("挖掘機司機", "挖掘铲运和桩工机械司机"), ("ＣＮＣ操作员", "多工序数控机床操作调整工"),
        ("茶厂炒茶师傅", "茶叶加工工"),
    ],
)  # fmt: skip
def test_industrial_titles_are_among_the_first_five(title: str, occupation: str) -> None:
    found = classify(pl.Series([title])).row(0, named=True)
    assert occupation in [codes.name_of("occupation", code) for code in found["codes"]]
    assert found["code"] == found["codes"][0] and len(found["codes"]) == 5


def test_our_own_list_is_learnt_and_its_codes_are_of_the_dictionary() -> None:
    with OWN.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    found = classify(pl.Series([row["title"] for row in rows]))
    first = [row["code"] == code for row, code in zip(rows, found["code"], strict=True)]
    five = [row["code"] in five for row, five in zip(rows, found["codes"].to_list(), strict=True)]
    assert np.mean(first) >= 0.8 and np.mean(five) >= 0.95
    assert [row for row in rows if codes.name_of("occupation", row["code"]) is None] == []
    assert max(Counter(row["title"] for row in rows).values()) == 1


def test_the_name_of_an_occupation_is_that_occupation() -> None:
    named = [
        e
        for e in codes.table("occupation")
        if len(e.code) == 10 and codes.lookup("occupation", e.name) == e.code
    ]
    found = classify(pl.Series([entry.name for entry in named]))
    assert len(named) > 1500
    assert found["code"].to_list() == [entry.code for entry in named]
    assert set(found["by"]) == {"name"}
    assert found["margin"].min() >= 0  # type: ignore[operator]


def test_a_sure_answer_has_a_wide_margin() -> None:
    sure, unsure = classify(pl.Series(["会计", "专员"]))["margin"]
    assert sure > unsure


@pytest.mark.parametrize("title", [None, "", "   ", "??", "😀", "$$$^^^", "ξ"])
def test_what_is_no_title_has_no_occupation(title: str | None) -> None:
    row = classify(pl.Series([title], dtype=pl.String)).row(0)
    assert row == (None,) * len(SCHEMA)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=30), max_size=6))
def test_a_column_says_what_its_titles_say(texts: list[str]) -> None:
    whole = classify(pl.Series(texts, dtype=pl.String))
    assert whole.height == len(texts) and whole.columns == list(SCHEMA)
    for at, text in enumerate(texts):
        alone = classify(pl.Series([text]))
        assert alone["code"].to_list() == whole["code"].slice(at, 1).to_list()


def test_scores_are_the_sums_they_are_said_to_be() -> None:
    """The same by dictionaries and loops, for a few titles."""
    shipped = model()
    texts = ["电子厂普工", "采茶", "高级软件测试工程师"]
    scores = shipped.scores(texts)
    place = {run: at for at, run in enumerate(shipped.runs)}
    weights, names = shipped.weights.toarray(), shipped.names.toarray()
    for text, found in zip(texts, scores, strict=True):
        row = np.zeros(len(shipped.runs))
        for run, count in features.runs(text).items():
            if run in place:
                row[place[run]] = (1 + math.log(count)) * shipped.idf[place[run]]
        row /= np.linalg.norm(row)
        expected = weights @ row + shipped.bias
        likeness = names @ row
        best: dict[int, float] = {}
        for code, value in zip(shipped.of_name.tolist(), likeness.tolist(), strict=True):
            best[code] = max(best.get(code, -1.0), value)
        for code, value in best.items():
            expected[code] += value
        np.testing.assert_allclose(found, expected, atol=2e-3)


def test_the_file() -> None:
    raw = titles.packed()
    assert len(raw) < 600_000
    shipped = unpack(raw)
    assert [code for code in shipped.codes if codes.name_of("occupation", code) is None] == []
    again = unpack(pack(shipped))
    assert again.codes == shipped.codes and again.runs == shipped.runs
    assert abs(again.weights - shipped.weights).max() < 1e-6
    for broken in (b"", b"PK\x03\x04", raw[: len(raw) // 2], b"\x1f\x8b" + raw[9:]):
        with pytest.raises(ValueError, match="模型"):
            unpack(broken)


def test_a_model_too_large_for_its_file_is_refused() -> None:
    small = model()
    runs = [str(at) for at in range(70_000)]
    large = Model(small.codes, runs, small.idf, small.weights, small.bias, small.names, small.of_name)
    with pytest.raises(ValueError, match="70000"):
        pack(large)
