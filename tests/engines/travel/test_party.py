"""Who travels along, and how many seats that takes."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chunfeng.engines.travel import party


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("王丽、王小宝", [("王丽", None), ("王小宝", None)]), ("林阿海 陈美华", [("林阿海", None), ("陈美华", None)]),
        ("老公", [(None, "11")]), ("老婆、孩子", [(None, "12"), (None, None)]), ("妻子李芳", [("李芳", "12")]),
        ("李芳（妻子）", [("李芳", "12")]), ("陈和平", [("陈和平", None)]), ("王丽和王小宝", [("王丽", None), ("王小宝", None)]),
        ("孙女英", [("孙女英", None)]), ("2人", [(None, None)] * 2), ("小孩1个", [(None, None)]), ("无", []), ("/", []), ("2", []),
        ("我和老公", [(None, "11")]), ("一家三口", [(None, None)] * 2),
    ],
)  # fmt: skip
def test_companions(text: str, meant: list[tuple[str | None, str | None]]) -> None:
    assert [(name, kin) for name, kin, _ in party.companions(text)] == meant


def test_numbers_in_the_cell_or_beside_it_go_to_their_names() -> None:
    assert party.companions("李芳350825199001011234")[0] == ("李芳", None, "350825199001011234")
    listed = party.listed(
        pl.Series(["李芳、王强", None]), pl.Series(["350825199001011234；35082519910101123x", None])
    )
    assert listed["id18"].to_list() == ["350825199001011234", "35082519910101123X"]
    assert listed["name"].to_list() == ["李芳", "王强"]


def sizes(
    stated: list[int | None], named: list[int], words: list[str | None] | None = None
) -> list[int | None]:
    rows = pl.DataFrame(
        {"file": "a", "sheet": "", "stated": stated, "named": named, "words": words or [None] * len(stated)},
        schema_overrides={"stated": pl.Int64, "named": pl.UInt32, "words": pl.String},
    )
    return party.party(rows).to_list()


def test_a_list_that_counts_the_traveller() -> None:
    assert sizes([1, 2, 3, None, None], [0, 1, 2, 0, 1]) == [1, 2, 3, 1, 2]


def test_a_list_that_does_not_count_the_traveller() -> None:
    assert sizes([0, 1, 2, None, 1], [0, 1, 2, 1, 0]) == [1, 2, 3, 2, 2]


def test_each_list_votes_for_itself() -> None:
    rows = pl.DataFrame({
        "file": ["a", "a", "b", "b"], "sheet": "", "stated": [0, 1, 2, 1], "named": [0, 1, 1, 0], "words": [None] * 4,
    }, schema_overrides={"words": pl.String})  # fmt: skip
    assert party.party(rows).to_list() == [1, 2, 2, 1]


def test_words_and_impossible_numbers() -> None:
    assert sizes([None, None, None], [0, 0, 0], ["两公婆", "我和老公", "一家三口"]) == [2, 2, 3]
    assert sizes([138, 2], [0, 1]) == [None, 2]


@given(st.text(max_size=40))
def test_anything_is_read(text: str) -> None:
    assert len(party.companions(text)) <= party.LARGEST * 4
    told = party.written_party(text)
    assert told is None or told >= 1


@given(st.lists(st.tuples(st.none() | st.integers(0, 9), st.integers(0, 5)), min_size=1, max_size=12))
def test_nobody_listed_is_left_without_a_seat(rows: list[tuple[int | None, int]]) -> None:
    for size, (_, named) in zip(sizes([s for s, _ in rows], [n for _, n in rows]), rows, strict=True):
        assert size is not None and size >= named + 1
