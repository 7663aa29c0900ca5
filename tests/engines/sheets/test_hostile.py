"""Every broken file gets a clear word or is read rightly; none harms the reading of others."""

import csv
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from chunfeng.engines.sheets import extract
from chunfeng.engines.sheets.container import Refused, expand
from chunfeng.engines.sheets.extract import Request
from chunfeng.engines.sheets.issues import IssueLog, ReadingError
from chunfeng.engines.sheets.kinds import load_kinds
from chunfeng.engines.sheets.limits import DEFAULT
from tests.engines.sheets.understood import SheetReading

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "tests/data/liancheng/hostile"
EXPECTED = ROOT / "tests/data/liancheng/truth/hostile.csv"


def read(
    name: str, room: Path
) -> tuple[list[tuple[SheetReading, pl.DataFrame]], list[tuple[str, str]], pl.DataFrame]:
    """Sheets with records, (name, code) of what was refused, issues."""
    sheets: list[tuple[SheetReading, pl.DataFrame]] = []
    refused: list[tuple[str, str]] = []
    issues: list[pl.DataFrame] = []
    for found in expand(FOLDER / name, name, DEFAULT, room):
        log = IssueLog(found.name)
        if isinstance(found, Refused):
            refused.append((found.name, found.code))
            continue
        try:
            for reading in extract.read(found, Request(load_kinds(), date(2023, 1, 15), "350825"), log):
                sheets.append((reading, pl.concat(list(reading.batches()) or [pl.DataFrame()])))
        except ReadingError as error:
            refused.append((found.name, error.code))
        issues.append(log.table())
    return sheets, refused, pl.concat(issues) if issues else pl.DataFrame()


def test_every_hostile_file_is_in_the_list_of_expectations() -> None:
    with EXPECTED.open(encoding="utf-8-sig") as file:
        listed = {row["file"].removeprefix("hostile/") for row in csv.DictReader(file)}
    assert listed == {p.name for p in FOLDER.iterdir()}


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("残联（加密123456）.xlsx", "FILE_PASSWORD"),
        ("截断.xlsx", "FILE_DAMAGED"),
        ("零字节.xlsx", "FILE_EMPTY"),
        ("高压缩比.xlsx", "FILE_BOMB"),
        ("实体膨胀.xlsx", "FILE_ENTITIES"),
    ],
)
def test_a_file_that_cannot_or_must_not_be_read_is_refused_by_name(
    tmp_path: Path, name: str, code: str
) -> None:
    sheets, refused, _ = read(name, tmp_path)
    assert (sheets, refused) == ([], [(name, code)])


@pytest.mark.parametrize(
    ("name", "records"),
    [
        ("乡镇汇总（实为CSV）.xlsx", 12),
        ("摸排（实为xlsx）.xls", 12),
        ("名单（实为xls）.csv", 12),
        ("低保核对（网页另存）.xls", 30),
    ],
)
def test_a_name_that_lies_about_the_format_is_read_by_content(
    tmp_path: Path, name: str, records: int
) -> None:
    [(reading, frame)], refused, issues = read(name, tmp_path)
    assert refused == [] and reading.records == records == frame.height
    assert "FILE_EXTENSION_LIES" in issues["code"].to_list()
    assert frame["id_number_kind"].to_list().count("ok18") >= records - 2
    assert not any("\ufffd" in v for v in frame["name"] if v)


def test_a_bundle_with_gbk_names_is_read_under_its_real_names(tmp_path: Path) -> None:
    [(reading, frame)], _, _ = read("乡镇报送（GBK文件名）.zip", tmp_path)
    assert reading.file == "乡镇报送（GBK文件名）.zip/走访表.csv" and frame.height == 5


def test_a_path_out_of_the_bundle_is_refused_and_nothing_is_written_outside(tmp_path: Path) -> None:
    room = tmp_path / "a" / "b" / "room"
    room.mkdir(parents=True)
    sheets, refused, _ = read("路径穿越.zip", room)
    assert [code for _, code in refused] == ["ARCHIVE_MEMBER_PATH"]
    assert [r.file for r, _ in sheets] == ["路径穿越.zip/正常.csv"]
    assert {p.name for p in tmp_path.rglob("*")} == {"a", "b", "room"}


@pytest.mark.parametrize("name", ["意向登记（含公式）.xlsx", "注入.csv"])
def test_formulas_are_kept_as_text_and_named(tmp_path: Path, name: str) -> None:
    [(_, frame)], _, issues = read(name, tmp_path)
    texts = [t for t in frame["intention"] if t]
    assert any("cmd|" in t for t in texts) and any(t.lstrip("'").startswith("@SUM") for t in texts)
    assert "VALUE_FORMULA_TEXT" in issues["code"].to_list()


def test_two_encodings_in_one_file_are_told_apart_line_by_line(tmp_path: Path) -> None:
    [(_, frame)], _, issues = read("混合编码.csv", tmp_path)
    assert frame.height == 20 and issues.filter(pl.col("code") == "ENCODING_MIXED").height == 1
    assert frame["name"].str.contains("^[\u4e00-\u9fff]{2,4}$").all()
    assert frame["hukou_address_region"].drop_nulls().str.starts_with("35").all()


def test_one_header_twice_is_asked_never_overwritten(tmp_path: Path) -> None:
    [(reading, frame)], _, issues = read("重复表头.xlsx", tmp_path)
    assert [c.field for c in reading.plan.columns if c.header == "姓名"] == [None, None]
    doubled = issues.filter(pl.col("code") == "COLUMN_DUPLICATE")
    assert set(doubled["column"]) == {"姓名", "电话", "备注"} and (doubled["severity"] == "error").all()
    assert frame["id_number_kind"].is_in(["ok18"]).mean() > 0.8  # type: ignore[operator]
    assert frame["other"].str.contains("姓名").all()


def test_the_header_below_a_text_that_names_the_same_columns_is_found(tmp_path: Path) -> None:
    [(reading, frame)], _, _ = read("表头在第7行.xlsx", tmp_path)
    assert reading.plan.header is not None and reading.plan.header.first == 7
    assert frame.height == 15 and frame["row"].min() > 7  # type: ignore[operator]


def test_shifted_and_swapped_rows_are_told_row_by_row(tmp_path: Path) -> None:
    [(_, frame)], _, issues = read("三十列串位.xlsx", tmp_path)
    codes = issues.group_by("code").len()
    marked = dict(codes.iter_rows())
    assert marked.get("ROW_SWAPPED", 0) + marked.get("ROW_SHIFTED", 0) == 25
    rejected = frame.filter(pl.col("state") == "rejected")
    assert rejected.height == marked["ROW_SHIFTED"] and rejected["id_number"].null_count() == rejected.height
    assert rejected.select(pl.any_horizontal(pl.col("^.*__raw$").str.contains(r"\d{17}"))).to_series().all()
    repaired = frame.filter(pl.col("state") == "repaired")
    assert (repaired["id_number_kind"] == "ok18").all() and repaired["name"].str.contains(
        "^[\u4e00-\u9fff]{2,4}$"
    ).all()


def test_symbols_and_full_width_are_folded_and_the_original_kept(tmp_path: Path) -> None:
    [(_, frame)], _, _ = read("表情与全角.xlsx", tmp_path)
    assert (frame["id_number_kind"] == "ok18").all()
    assert frame["name"].str.contains("^[\u4e00-\u9fff]{2,4}$").all()
    changed = frame.filter(pl.col("name__raw").is_not_null())
    assert changed.height and (changed["name__raw"] != changed["name"]).all()


def test_odd_dates_are_told_cell_by_cell(tmp_path: Path) -> None:
    [(_, frame)], _, issues = read("日期怪值.xlsx", tmp_path)
    told = issues.filter(pl.col("column") == "登记日期", pl.col("code").str.starts_with("DATE_"))
    assert frame.height == 10 and told.height >= 6
    impossible = told.filter(pl.col("code") == "DATE_IMPOSSIBLE")
    assert {"1900-02-29", "2023-02-30", "-5", "60"} <= {v.lstrip("'") for v in impossible["value"]}


def test_the_1904_date_system_is_respected(tmp_path: Path) -> None:
    [(_, frame)], _, _ = read("1904日期系统.xlsx", tmp_path)
    dated = [c for c in frame.columns if frame[c].dtype == pl.Date and frame[c].null_count() < frame.height]
    [days] = [frame[c].to_list() for c in dated if c != "period"]
    assert days == [date(2021, 6, 1) + timedelta(days=n) for n in range(len(days))]


_MEASURE = """
import sys
from datetime import date
from pathlib import Path
from chunfeng.engines.sheets import extract
from chunfeng.engines.sheets.container import Source
from chunfeng.engines.sheets.issues import IssueLog
from chunfeng.engines.sheets.kinds import load_kinds
log = IssueLog("x")
source = Source("x.xlsx", Path(sys.argv[1]), "xlsx")
n = sum(b.height for r in extract.read(source, extract.Request(load_kinds(), date(2023, 1, 15)), log) for b in r.batches())
peak = Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]
print(n, int(peak) // 1024)
"""


@pytest.mark.slow
def test_two_million_blank_rows_cost_little_memory() -> None:
    out = subprocess.run(
        [sys.executable, "-c", _MEASURE, str(FOLDER / "空行两百万.xlsx")],
        capture_output=True, check=True, encoding="utf-8", cwd=ROOT / "src", timeout=120,
    ).stdout  # fmt: skip
    records, megabytes = map(int, out.split())
    assert records == 5 and megabytes < 500
