"""Calls of other counties: topic, urgency, who answers; and the sample county's hotline."""

import csv
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chunfeng.engines.matching.tickets.lists import lists
from chunfeng.engines.matching.tickets.requests import SCHEMA, tickets
from chunfeng.engines.matching.tickets.sorting import sort_requests
from tests.engines.matching.sample import extracts, held_out, truth

HERE = Path(__file__).parent
NAMES = {
    "人社",
    "工信",
    "民政",
    "交通运输",
    "卫健",
    "乡村振兴",
    "总工会",
    "团委",
    "妇联",
    "残联",
    "公安",
    "医疗急救",
}


def _rows(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader((HERE / name).open(encoding="utf-8", newline="")))


def test_calls_of_other_counties() -> None:
    calls = _rows("calls.csv")
    found = sort_requests(pl.Series([call["text"] for call in calls]))
    wrong = [(c, t) for c, t in zip(calls, found["topic"], strict=True) if c["topic"] != t]
    assert 1 - len(wrong) / len(calls) >= 0.93, wrong


@pytest.mark.parametrize("name", ["calls.csv", "dangers.csv"])
def test_no_danger_is_missed_and_few_are_imagined(name: str) -> None:
    calls = _rows(name)
    found = sort_requests(pl.Series([call["text"] for call in calls]))["urgent"]
    missed = [c["text"] for c, u in zip(calls, found, strict=True) if c["urgent"] == "1" and not u]
    imagined = [c["text"] for c, u in zip(calls, found, strict=True) if c["urgent"] == "0" and u]
    assert missed == []
    assert len(imagined) <= 0.03 * len(calls), imagined


@pytest.mark.parametrize(
    ("text", "first", "others"),
    [
        ("我哥哥要跳楼，在工地楼顶，快来人", "公安", {"卫健"}), ("同事手卷进机器里了，流好多血", "医疗急救", {"公安"}),
        ("家里两天没米了，孩子饿得哭", "民政", set()), ("两个孩子父母在广东，奶奶过世了没人管", "民政", set()),
        ("初八到福州的大巴还有没有位置", "交通运输", set()), ("我有残疾证，能申请公益性岗位吗", "人社", {"残联"}),
        ("建档立卡户去浙江打工，路费能报多少", "人社", {"乡村振兴"}), ("面试说只要男的，合法吗", "人社", {"妇联"}),
        ("厂里两个月没发工资", "人社", set()), ("工会返程补贴怎么领", "人社", {"总工会"}), ("奇怪的事情", "人社", set()),
    ],
)  # fmt: skip
def test_who_answers(text: str, first: str, others: set[str]) -> None:
    partner = sort_requests(pl.Series([text]))["partner"].item().split(";")
    assert partner[0] == first and others <= set(partner) <= NAMES


def test_what_nobody_wrote_a_word_for_stays_blank_and_goes_to_a_person() -> None:
    row = sort_requests(pl.Series(["琉璃瓦上的月光"])).row(0, named=True)
    assert row["topic"] is None and not row["urgent"] and row["partner"] == "人社"
    blank = sort_requests(pl.Series([None, "", "  "]))
    assert blank["topic"].null_count() == 3 and not blank["urgent"].any()


@settings(max_examples=20, deadline=None)
@given(st.lists(st.text(max_size=40), max_size=5))
def test_any_text_is_sorted(texts: list[str]) -> None:
    found = sort_requests(pl.Series(texts, dtype=pl.String))
    assert found.height == len(texts)
    assert set(found["topic"].drop_nulls()) <= set(lists().cues)
    assert found["urgent"].null_count() == 0
    alone = [sort_requests(pl.Series([text])).row(0) for text in texts]
    assert found.rows() == alone


def test_the_clerk_may_mark_a_call_and_cannot_unmark_one() -> None:
    frame = pl.DataFrame(
        {
            "kind": ["help_requests"] * 4, "file": ["热线.csv"] * 4, "sheet": [""] * 4, "row": [2, 3, 4, 5],
            "request": ["问一下补贴", "我不想活了", "打错了", None], "urgency": ["紧急", "一般", "不紧急", None],
            "subject_line": [None, None, None, "被困在车站，没钱了"],
        }
    )  # fmt: skip
    found = tickets([frame])
    assert found.columns == list(SCHEMA)
    assert found["urgent"].to_list() == [True, True, False, True]
    assert found["topic"].to_list()[1:] == ["危机", "无关", "滞留求助"]
    assert tickets([]).columns == list(SCHEMA)


@pytest.mark.parametrize("half", [False, True], ids=["seen", "held out"])
def test_the_sample_county(half: bool) -> None:
    found = tickets(extracts("13"))
    judged = truth("tickets.csv").join(found, on=["file", "row"], how="left", suffix="_read")
    assert judged["text"].null_count() == 0
    texts = judged["text"]
    by_words = sort_requests(texts)["urgent"]
    judged = judged.with_columns(
        by_words.alias("by_words"),
        pl.col("urgent").eq("1"),
        texts.map_elements(held_out, return_dtype=pl.Boolean).alias("h"),
    ).filter(pl.col("h") == half)
    assert judged.height > 90
    assert judged.select((pl.col("topic") == pl.col("topic_read")).fill_null(False).mean()).item() >= 0.95
    assert judged.filter("urgent")["by_words"].all() and judged.filter("urgent")["urgent_read"].all()
    assert judged.filter(~pl.col("urgent"))["urgent_read"].sum() <= 1
