"""What we write is whole or not there, and no cell of it is ever a formula."""

import csv
import io
import stat
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chunfeng.pipeline.outputs import harmless, whole, write_csv, write_workbook

DANGEROUS = [
    "=1+1",
    "+cmd|' /C calc'!A0",
    "-2+3+cmd",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    " =1",
    "＝1+1",
    "\x00=1",
    "\ufeff=1",
    "－1+1",
]


@pytest.mark.parametrize("text", DANGEROUS)
def test_a_cell_that_a_spreadsheet_would_run_is_quoted(text: str) -> None:
    cell = harmless(pl.DataFrame({"v": [text]}))["v"][0]
    assert cell.startswith("'")


@pytest.mark.parametrize("text", ["-12", "+3.5", "2023-01-15", "陈某", "a=b", "1-2", ""])
def test_an_ordinary_cell_stays_as_it_is(text: str) -> None:
    assert harmless(pl.DataFrame({"v": [text]}))["v"][0] == text


@settings(deadline=None)
@given(st.lists(st.text(), min_size=1, max_size=6))
def test_no_text_becomes_a_formula_in_csv(texts: list[str]) -> None:
    for cell in harmless(pl.DataFrame({"v": texts}))["v"]:
        bare = cell.lstrip()
        assert not bare.startswith(("=", "@", "\t", "\r")) or not bare
        if bare[:1] in ("+", "-"):
            float(bare)


@settings(deadline=None)  # how long it takes says how busy the machine is
@given(
    st.lists(
        st.lists(st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc"))), min_size=2, max_size=2),
        max_size=5,
    )
)
def test_a_csv_reads_back_as_written_but_for_the_apostrophes(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]
) -> None:
    path = tmp_path_factory.mktemp("csv") / "t.csv"
    frame = pl.DataFrame(rows, schema={"a": pl.String, "b": pl.String}, orient="row")
    write_csv(frame, path)
    raw = path.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    read = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline="")))
    assert read[0] == ["a", "b"]
    expected = [[c or "" for c in row] for row in harmless(frame).rows()]
    assert read[1:] == expected


def test_true_and_false_are_one_and_nought_and_unknown_is_empty(tmp_path: Path) -> None:
    write_csv(pl.DataFrame({"a": [True, False, None]}), tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_bytes()[3:].split() == [b"a", b"1", b"0"]


def test_a_workbook_keeps_formulas_as_text_and_names_every_sheet_once(tmp_path: Path) -> None:
    frame = pl.DataFrame({"value": DANGEROUS, "row": list(range(len(DANGEROUS)))})
    write_workbook(
        [("民政", frame), ("民政", frame), ("a/b:*?[]", frame)], {"value": "内容"}, {}, tmp_path / "t.xlsx"
    )
    book = openpyxl.load_workbook(tmp_path / "t.xlsx")
    assert book.sheetnames == ["民政", "民政2", "a b"]
    sheet = book["民政"]
    assert [c.value for c in sheet[1]] == ["内容", "row"]
    assert all(row[0].data_type == "s" for row in sheet.iter_rows(min_row=2))
    assert sheet["A2"].value == "=1+1"


def test_a_file_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    target = tmp_path / "t.json"
    target.write_text("before")

    def broken() -> None:
        with whole(target) as part:
            part.write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        broken()
    assert target.read_text() == "before"
    assert [p.name for p in tmp_path.iterdir()] == ["t.json"]


def test_what_is_written_is_for_its_owner_only(tmp_path: Path) -> None:
    write_csv(pl.DataFrame({"a": ["x"]}), tmp_path / "t.csv")
    assert stat.S_IMODE((tmp_path / "t.csv").stat().st_mode) == 0o600
