"""What visitors write down in other counties and other ways: dialect, shorthand, refusals, columns of conditions."""

import csv
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chunfeng.engines.matching.wishes import lexicon as lists
from chunfeng.engines.matching.wishes.marks import ANY
from chunfeng.engines.matching.wishes.reading import KINDS, LONGEST, NEEDS, read, read_column
from chunfeng.engines.matching.wishes.words import load


def _rows(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader((Path(__file__).parent / name).open(encoding="utf-8", newline="")))


PHRASES, ANSWERS = _rows("phrases.csv"), _rows("answers.csv")


@pytest.mark.parametrize(
    ("column", "least"),
    [
        ("kind", 0.97),
        ("destination", 0.94),
        ("job", 0.94),
        ("wage_min", 0.98),
        ("wage_unit", 0.98),
        ("barrier", 0.98),
    ],
)
def test_phrases_of_other_counties(column: str, least: float) -> None:
    wrong = [
        (row["text"], row[column], found)
        for row in PHRASES
        if (found := getattr(read(row["text"], row["county"]), column) or "") != row[column]
    ]
    assert 1 - len(wrong) / len(PHRASES) >= least, wrong


@pytest.mark.parametrize("column", ["kind", "destination"])
def test_short_answers_of_columns_for_wishes(column: str) -> None:
    wrong = [
        (row["text"], row[column], found)
        for row in ANSWERS
        if (found := getattr(read(row["text"], row["county"]), column) or "") != row[column]
    ]
    assert 1 - len(wrong) / len(ANSWERS) >= 0.92, wrong


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("想去厦门进厂,5000以上,要带孩子", {"kind": "out", "destination": "厦门", "region": "3502", "job": "进厂",
                                "wage_min": "5000", "wage_unit": "月", "barrier": "child"}),
        ("没想法", {"kind": "none"}), ("不出去了", {"kind": "none"}), ("在家带孙", {"kind": "none", "barrier": "child"}),
        ("原单位", {"kind": "back"}), ("老地方", {"kind": "back"}), ("想开店", {"kind": "startup"}),
        ("去石狮送外卖", {"kind": "out", "job": "送外卖"}), ("晋江鞋厂", {"kind": "out", "destination": "晋江", "job": "鞋厂"}),
        ("不想去厦门了，就在本县找个保洁", {"kind": "local", "destination": "本县", "job": "保洁"}),
        ("从东莞回来的，家附近有活就做", {"kind": "local", "destination": "家附近"}),
        ("原来在温州做鞋，今年去福州", {"kind": "out", "destination": "福州"}),
        ("还回进江", {"kind": "back", "destination": "晋江", "region": "350582"}),
        ("回厦門", {"kind": "back", "destination": "厦门"}),
        ("福建厦门湖里区，电子厂", {"destination": "福建厦门湖里区", "region": "350206"}),
        ("厦门、泉州都可以", {"kind": "out", "destination": "厦门;泉州", "region": "3502;3505"}),
        ("帮老板开店", {"kind": None}), ("开货车", {"kind": None, "job": "开货车", "seeking": True}),
        ("想做沙县小吃", {"destination": None}), ("随便做点什么都行", {"kind": None, "seeking": True}),
        ("不想培训", {"training": None, "refuses_training": True}),
        ("晕车，夫妻一起，包住，不识字，腰不好，怀孕了", {"barrier": "couple;literacy;carsick;health;dorm;pregnant"}),
    ],
)  # fmt: skip
def test_single_texts(text: str, expected: dict[str, object]) -> None:
    wish = read(text, "350825")
    assert {name: getattr(wish, name) for name in expected} == expected


def test_the_own_county_is_here_and_any_other_is_not() -> None:
    assert read("连城，保安", "350825").kind == "local"
    assert read("连城，保安", "350582").kind == "out"
    assert read("四堡找点事做", "350825").region is not None
    assert read("四堡找点事做", "350582").region is None


def test_what_is_not_understood_is_kept() -> None:
    assert read("去厦门，木木喵喵响", "350825").unread == "木木喵喵响"
    late = read("去厦门。" + "喔" * LONGEST + "尾巴在此", "350825").unread
    assert late is not None and late.endswith("尾巴在此")


@pytest.mark.parametrize(
    "text", ["", " ", "/", "-", "—", "。。。", "?", "12", "=1+1", "\x00", "\ue000\ue001", "😀"]
)
def test_signs_say_nothing(text: str) -> None:
    wish = read(text)
    assert (wish.kind, wish.destination, wish.wage_min, wish.seeking) == (None, None, None, False)


_WORDS = sorted(
    {word for row in PHRASES for word in row["text"].split("，")} | {"需要", "想", "在家", "回", "孩子", "厂"}
)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.one_of(st.sampled_from(_WORDS), st.text(max_size=8)), max_size=8),
    st.sampled_from(["，", "", " ", "、"]),
    st.sampled_from(["350825", "350582", None, "999999", "x"]),
)
def test_nothing_raises_and_nothing_is_made_up(words: list[str], sign: str, county: str | None) -> None:
    text = sign.join(words)
    wish = read(text, county)
    assert wish.kind is None or wish.kind in KINDS
    assert set((wish.barrier or "").split(";")) <= {*NEEDS, ""}
    assert (wish.wage_min is None) == (wish.wage_unit is None)
    shown = [wish.destination, wish.job, wish.when, wish.training, wish.unread]
    assert not any(ANY.search(said) for said in shown if said)


@pytest.mark.parametrize(
    "piece",
    ["需要", "想要去", "孩子", "在家带孩子", "四千", "1", "去厦门", "不想", "开", "正月初", "，", "厂里"],
)
def test_a_text_that_repeats_itself_comes_to_an_end(piece: str) -> None:
    assert read(piece * 5000, "350825").unread is not None


def test_a_column_says_what_its_texts_say() -> None:
    texts = pl.Series([row["text"] for row in PHRASES] + [None, ""])
    counties = pl.Series([row["county"] for row in PHRASES] + [None, "350825"])
    frame = read_column(texts, counties)
    for at, row in enumerate(PHRASES):
        assert frame.row(at, named=True) == read(row["text"], row["county"])._asdict()
    assert frame.tail(2)["kind"].null_count() == 2


def test_the_lists_hold_together() -> None:
    words = lists.lexicon()
    cues = {name for name, _ in words.cues}
    for rule in words.rules:
        assert {*rule.all, *rule.none} <= cues
        assert rule.kind in {*KINDS, "seek", "first"}
    assert {need for need, _ in words.needs} == set(NEEDS)
    every = [p for _, p in (*words.needs, *words.cues)] + [
        words.training,
        words.times,
        words.ventures,
        words.job,
    ]
    assert [p.pattern[:40] for p in every if p.search("") or p.search("，")] == []
    assert set(load("kinds")["cues"]) == cues
