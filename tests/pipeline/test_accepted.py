"""Accepted sheets: a run reads only those, as people settled them, and says so of the others."""

from __future__ import annotations

import json
import zipfile
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from chunfeng.engines.sheets.settled import Settled, edited
from chunfeng.pipeline import accepted, reading, run

HEADER = "姓名,身份证号,联系电话,失业登记日期,备注\n"
ROWS = [
    "林小春,350825199001010017,13800138000,2022-05-01,\n",
    "陈小风,350825198502030026,13900139000,2022-06-01,旧\n",
    "黄小雨,35082519780706003X,13700137000,2022-07-01,\n",
]
COLUMNS = ("name", "id_number", "phone", "registered_on", None)


BUNDLE = "报送.zip"
FIRST, SECOND = f"{BUNDLE}/失业登记甲.csv", f"{BUNDLE}/失业登记乙.csv"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    sent = tmp_path / "sent"
    sent.mkdir()
    with zipfile.ZipFile(sent / BUNDLE, "w") as bundle:
        bundle.writestr("失业登记甲.csv", HEADER + "".join(ROWS))
        bundle.writestr("失业登记乙.csv", HEADER + ROWS[0])
    (sent / "失业登记丙.csv").write_text(HEADER + ROWS[0], encoding="utf-8")
    return sent


def settle(state: Path, sheets: list[dict]) -> None:
    state.mkdir(exist_ok=True)
    (state / accepted.FILE).write_text(json.dumps({"sheets": sheets}, ensure_ascii=False), encoding="utf-8")


def entry(file: str, **kwargs) -> dict:
    return accepted.to_json(file, "", Settled("unemployment_register", COLUMNS, **kwargs))


def go(folder: Path, tmp_path: Path) -> run.Outcome:
    options = run.Options(
        folder, date(2023, 1, 15), tmp_path / "out", tmp_path / "state", region="350825", workers=1
    )
    return run.run(options, lambda *_: None)


def extracts(out: Path) -> pl.DataFrame:
    tables = [pl.read_parquet(p) for p in sorted((out / "extracts").iterdir())]
    return pl.concat(tables, how="diagonal")


def test_only_accepted_sheets_are_read_as_settled(folder, tmp_path):
    settle(
        tmp_path / "state",
        [entry(FIRST, edits=((3, 2, "13900139009"), (3, 4, None)), left_out=(4,))],
    )
    outcome = go(folder, tmp_path)
    table = extracts(tmp_path / "out").sort("row")
    assert set(table["file"]) == {FIRST, "失业登记丙.csv"}  # of what nobody settled, all is read
    table = table.filter(pl.col("file") == FIRST)
    assert table["row"].to_list() == [2, 3]
    assert table["phone"].to_list() == ["13800138000", "13900139009"]
    assert "旧" not in "".join(table["other"].to_list())
    counts = outcome.account["counts"]
    assert counts["row_kinds"]["left_out"] == 1
    assert counts["records"] == 3
    others = pl.read_csv(tmp_path / "out/other_rows.csv")
    assert "黄小雨" in others.filter(pl.col("row_kind") == "left_out")["text"][0]
    issues = pl.read_csv(tmp_path / "out/issues.csv")
    assert issues.filter(pl.col("code") == "NOT_ACCEPTED")["file"].to_list() == [SECOND]
    assert outcome.account["parameters"]["accepted_sheets"] == 1


def test_what_is_taken_back_leaves_no_trace(folder, tmp_path):
    both = [entry(FIRST), entry(SECOND)]
    settle(tmp_path / "state", both[:1])
    go(folder, tmp_path)
    before = pl.read_parquet(tmp_path / "out/persons.parquet")
    settle(tmp_path / "state", both)
    go(folder, tmp_path)
    settle(tmp_path / "state", both[:1])
    go(folder, tmp_path)
    assert pl.read_parquet(tmp_path / "out/persons.parquet").equals(before)


@pytest.mark.parametrize(
    "content", ["{", '{"sheets": [{}]}', '{"sheets": [{"file": "a", "sheet": ""}]}', "[]"]
)
def test_a_file_that_cannot_be_used_stops_the_run(folder, tmp_path, content):
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / accepted.FILE).write_text(content, encoding="utf-8")
    with pytest.raises(accepted.AcceptedError):
        go(folder, tmp_path)
    settle(tmp_path / "state", [entry(FIRST) | {"kind": "no_such_kind"}])
    with pytest.raises(accepted.AcceptedError, match="no_such_kind"):
        go(folder, tmp_path)


def test_there_and_back():
    settled = Settled("vacancies", ("employer", None), ((2, 1, None), (3, 0, "甲")), (7,))
    written = json.loads(json.dumps(accepted.to_json("a", "b", settled)))
    assert accepted.from_json(written) == settled


def test_cells_are_kept_as_sent(folder, tmp_path):
    name = "失业登记丙.csv"
    task = reading.Task(
        name, folder / name, "key", tmp_path / "store", date(2023, 1, 15), "350825",
        settled={(name, ""): Settled("unemployment_register", COLUMNS, ((2, 0, "张三"),))}, keep_cells=True,
    )  # fmt: skip
    receipt = reading.read_file(task)
    sheet = receipt["sheets"][0]
    cells = pl.read_parquet(tmp_path / "store/key" / sheet["cells"])
    assert cells.filter(pl.col("row") == 2)["c0"].to_list() == ["林小春"]
    assert pl.read_parquet(tmp_path / "store/key" / sheet["extract"])["name"][0] == "张三"


def test_edits_of_rows_that_are_not_there_change_nothing():
    frame = pl.DataFrame({"row": [5, 6], "c0": ["a", None]}, schema={"row": pl.UInt32, "c0": pl.String})
    same = edited(frame, Settled("k", (None,), ((1, 0, "x"), (5, 9, "x"), (7, 0, "x"))))
    assert same.equals(frame)


def test_when_all_is_taken_back_nobody_is_left(tmp_path):
    (tmp_path / "sent").mkdir()
    settle(tmp_path / "state", [])
    go(tmp_path / "sent", tmp_path)
    assert pl.read_parquet(tmp_path / "out/persons.parquet").height == 0
