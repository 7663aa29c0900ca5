"""What a run wrote for people is read back as it was meant."""

from __future__ import annotations

import json

import polars as pl
import pytest

from chunfeng.apps.intake import outcome
from chunfeng.pipeline.outputs import write_csv

TEXTS = [
    "=1+1",
    "'=1",
    "-林",
    "+8613812345678",
    "-5.5",
    "@x",
    "春风",
    "",
    None,
    "'好",
    'a"b',
    "x,y\nz",
    "＝全角",
]


def test_cells_come_back_as_they_were(tmp_path):
    said = pl.DataFrame({"file": TEXTS, "row": range(len(TEXTS))})
    write_csv(said, tmp_path / "t.csv")
    found = outcome.table(tmp_path, "t")
    assert found["row"].to_list() == said["row"].to_list()
    # an apostrophe before what looks like a formula is ours, or cannot be told from ours
    assert found["file"].to_list() == [t if t != "'=1" else "=1" for t in TEXTS]


def test_batches_are_the_table_in_parts(tmp_path):
    said = pl.DataFrame({"file": ["=甲", "乙"] * 500, "row": range(1000)})
    write_csv(said, tmp_path / "t.csv")
    parts = list(outcome.batches(tmp_path, "t", 300))
    assert pl.concat(parts).equals(outcome.table(tmp_path, "t")) and len(parts) > 1
    write_csv(said.clear(), tmp_path / "none.csv")
    (empty,) = outcome.batches(tmp_path, "none", 300)
    assert empty.height == 0 and empty.columns == ["file", "row"]


@pytest.fixture
def out(tmp_path):
    """Three lists, two of them in one sheet."""
    (tmp_path / "extracts").mkdir()
    for name, sheet, kind, department, rows in (
        ("甲.xlsx", "一", "survey", "村居", [3, 4]),
        ("甲.xlsx", "二", "survey", "村居", [3]),
        ("甲.xlsx", "二", "roster", "人社", [9, 10]),
    ):
        pl.DataFrame(
            {
                "file": name, "sheet": sheet, "row": pl.Series(rows, dtype=pl.UInt32), "kind": kind, "department": department,
                "state": "ok", "current": True, "place": "350825", "name": ['"林"', None][: len(rows)], "age": [5] * len(rows),
            }
        ).write_parquet(tmp_path / f"extracts/{kind}.{sheet}.parquet")  # fmt: skip
    return tmp_path


def test_each_row_knows_its_list(out):
    rows = pl.DataFrame(
        [("甲.xlsx", "二", 9), ("甲.xlsx", "一", 4), ("甲.xlsx", "二", 3), ("乙.csv", "", 1)],
        schema=["file", "sheet", "row"],
        orient="row",
    )
    found = outcome.Lists(out).of(rows)
    assert found.select("kind", "department").rows() == [
        ("roster", "人社"), ("survey", "村居"), ("survey", "村居"), (None, None),
    ]  # fmt: skip
    assert found.select(rows.columns).equals(rows)


def test_cells_of_a_row_are_its_values_by_field(out):
    rows = pl.DataFrame(
        [("甲.xlsx", "二", 10), ("甲.xlsx", "一", 3)], schema=["file", "sheet", "row"], orient="row"
    )
    found = {(f, s, r): json.loads(text) for f, s, r, _, text in outcome.cells(out, rows).iter_rows()}
    assert found == {
        ("甲.xlsx", "二", 10): {"place": "350825", "age": "5"},
        ("甲.xlsx", "一", 3): {"place": "350825", "name": '"林"', "age": "5"},
    }
