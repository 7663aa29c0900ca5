"""A reading that holds for another date of the run is what reading anew for that date gives; one that may not hold does not."""

from datetime import date
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from chunfeng.pipeline import reading
from chunfeng.pipeline.store import RECEIPT, Store
from tests.pipeline.county import HERE, link

JANUARY = date(2023, 1, 15)
LIST = pl.DataFrame(
    {
        "姓名": ["陈志明", "林玉兰", "黄国强"],
        "身份证号码": ["350825198803073112", "350825199005124224", "350825197511306336"],
        "失业时间": ["2022-11-02", "2022-12-20", "2023-01-10"],
        "联系电话": ["16000000001", "16000000002", "16000000003"],
    }
)


def lay(folder: Path, days: list[str], *, sheet: str = "名单") -> Path:
    """A list of the unemployed with these days, as a workbook of one sheet."""
    folder.mkdir()
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.title = sheet
    table = LIST.with_columns(pl.Series("失业时间", days))
    for row in (table.columns, *table.iter_rows()):
        book.active.append(row)
    book.save(folder / "人社-登记失业人员名单.xlsx")
    return folder


def read(folder: Path, store: Path, as_of: date) -> dict[str, bytes]:
    """What a reading of the list for that date consists of, its receipt left out; kept in `store` under one key."""
    path = folder / "人社-登记失业人员名单.xlsx"
    receipt = reading.read_file(reading.Task(path.name, path, "key", store, as_of, HERE))
    assert receipt["valid"][0] <= as_of.isoformat() <= receipt["valid"][1]
    return contents(Store(store).path("key"))


def contents(kept: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in sorted(kept.iterdir()) if p.name != RECEIPT}


@pytest.mark.parametrize(
    ("sheet", "days", "later", "holds"),
    [
        ("名单", ["2022-11-02", "2022-12-20", "2023-01-10"], date(2023, 2, 15), True),
        ("名单", ["2022-11-02", "2022-12-20", "2023-01-10"], date(2023, 1, 10), True),
        ("名单", ["2022-11-02", "2022-12-20", "2023-01-10"], date(2023, 1, 9), False),
        ("名单", ["2022-11-02", "2022-12-20", "2023-01-20"], date(2023, 1, 19), True),
        ("名单", ["2022-11-02", "2022-12-20", "2023-01-20"], date(2023, 1, 20), False),
        ("名单", ["11月2日", "12月20日", "1月10日"], date(2024, 1, 15), False),
        ("1月", ["2022-11-02", "2022-12-20", "2023-01-10"], date(2023, 12, 31), True),
        ("3月", ["2022-01-02", "2022-02-20", "2022-03-10"], date(2023, 2, 28), True),
        ("3月", ["2022-01-02", "2022-02-20", "2022-03-10"], date(2023, 3, 1), False),
        ("2022年3月", ["2022-01-02", "2022-02-20", "2022-03-10"], date(2023, 3, 1), True),
    ],
)
def test_what_is_kept_is_what_reading_anew_gives(
    tmp_path: Path, sheet: str, days: list[str], later: date, holds: bool
) -> None:
    folder = lay(tmp_path / "报送", days, sheet=sheet)
    first = read(folder, tmp_path / "store", JANUARY)
    assert len(first) == 3
    kept = Store(tmp_path / "store").get("key", later)
    assert (kept is not None) is holds
    if holds:
        assert read(folder, tmp_path / "anew", later) == first


def test_a_day_that_had_not_come_is_reported_until_it_has(tmp_path: Path) -> None:
    folder, state = lay(tmp_path / "报送", ["2022-11-02", "2022-12-20", "2023-01-20"]), tmp_path / "state"
    for as_of, is_read, reported in (
        (JANUARY, 1, True),
        (date(2023, 1, 25), 1, False),
        (date(2023, 2, 16), 0, False),
    ):
        out = tmp_path / as_of.isoformat()
        assert link(folder, out, as_of=as_of, state=state).read == is_read
        assert ("DATE_FUTURE" in (out / "issues.csv").read_text(encoding="utf-8-sig")) is reported
