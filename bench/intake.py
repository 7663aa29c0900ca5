"""Intake (find header, map, type, check, write) beside pandas, polars and openpyxl merely reading the same file."""

from __future__ import annotations

import argparse
import csv
import os
import random
import shutil
import tempfile
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import xlsxwriter

from bench._processes import Cost, machine, measure
from chunfeng.engines.identity import citizen_ids
from tests.fixtures.other_counties.biff8 import xls_bytes
from tests.fixtures.other_counties.sheet import Sheet

HEADER = (
    "费款所属期",
    "证件号码",
    "姓名",
    "单位统一社会信用代码",
    "参保身份",
    "养老",
    "失业",
    "医疗",
    "工伤",
    "缴费基数",
    "到账标志",
)
SURNAMES = "陈林黄张李王吴刘蔡杨许郑谢郭洪邱曾廖赖徐"
GIVEN = "明华英丽芳秀兰国强建军伟敏静志文海燕玉梅金福生春"

OURS = """
import sys
from datetime import date
from pathlib import Path
from chunfeng.pipeline.reading import Task, read_file
from chunfeng.pipeline.store import Store
path, store = Path(sys.argv[1]), Path(sys.argv[2])
receipt = read_file(Task(path.name, path, "k", store, date(2023, 1, 15), "350825"))
print(sum(s["records"] for s in receipt["sheets"]))
"""
PEERS = {
    "csv": {
        "pandas (default engine)": "import sys,pandas; print(len(pandas.read_csv(sys.argv[1], dtype=str)))",
        "polars": "import sys,polars; print(polars.read_csv(sys.argv[1], infer_schema=False).height)",
    },
    "xlsx": {
        "pandas (openpyxl)": "import sys,pandas; print(len(pandas.read_excel(sys.argv[1], dtype=str)))",
        "polars (calamine)": "import sys,polars; print(polars.read_excel(sys.argv[1], infer_schema_length=0).height)",
        "openpyxl (read only)": "import sys,openpyxl\n"
        "print(sum(1 for _ in openpyxl.load_workbook(sys.argv[1], read_only=True).active.iter_rows(values_only=True)) - 1)",
    },
    "xls": {
        "pandas (xlrd)": "import sys,pandas; print(len(pandas.read_excel(sys.argv[1], dtype=str)))",
        "polars (calamine)": "import sys,polars; print(polars.read_excel(sys.argv[1], infer_schema_length=0).height)",
    },
}


def rows(count: int, seed: int = 2023) -> Iterator[list[str]]:
    """Contribution rows as a county exports them, a few per cent of them dirty."""
    rng = random.Random(seed)
    start = date(1960, 1, 1)
    for _ in range(count):
        born = start + timedelta(days=rng.randrange(16_000))
        seventeen = (
            f"{rng.choice(('352627', '350825', '350881', '362131'))}{born:%Y%m%d}{rng.randrange(1000):03d}"
        )
        number = seventeen + citizen_ids.check_char(int(seventeen))
        dirt = rng.random()
        if dirt < 0.01:
            number = f"{number[:6]} {number[6:14]} {number[14:]}"
        elif dirt < 0.02:
            number = number[:15] + "000"
        elif dirt < 0.025:
            number = number[:-1] + rng.choice("0123456789")
        name = rng.choice(SURNAMES) + "".join(rng.choices(GIVEN, k=rng.choice((1, 2, 2, 2))))
        month = f"{2021 + rng.randrange(2)}{1 + rng.randrange(12):02d}"
        code = f"91350825MA{rng.randrange(10**8):08d}"
        flags = [rng.choice("1110") for _ in range(4)]
        yield [month, number, name, code, "职工", *flags, str(rng.randrange(20, 90) * 100), "已到账"]


def make(folder: Path, form: str, count: int) -> Path:
    """A file of that form with `count` records."""
    path = folder / f"参保缴费明细.{form}"
    if form == "csv":
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(HEADER)
            writer.writerows(rows(count))
    elif form == "xlsx":
        book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
        page = book.add_worksheet("明细")
        for number, row in enumerate([list(HEADER), *rows(count)]):
            for column, text in enumerate(row):
                page.write_string(number, column, text)
        book.close()
    else:
        sheet = Sheet("明细").line(*HEADER)
        for row in rows(count):
            sheet.line(*row)
        path.write_bytes(xls_bytes(sheet))
    return path


def compare(folder: Path, form: str, count: int, repeat: int) -> None:
    """Print a table for one form of file."""
    path = make(folder, form, count)
    print(f"\n{form}: {count:,} records, {path.stat().st_size / 1e6:.1f} MB")
    print(f"  {'':26} {'wall s':>8} {'rows/s':>10} {'CPU s':>8} {'peak MB':>8} {'wall / intake':>14}")
    store = folder / "store"

    def ours() -> Cost:
        shutil.rmtree(store, ignore_errors=True)
        return measure(OURS, str(path), str(store))

    mine = min((ours() for _ in range(repeat)), key=lambda c: c.wall)
    assert int(mine.said) == count, mine.said
    _line("whole intake", mine, mine, count)
    for name, code in PEERS[form].items():
        cost = measure(code, str(path), repeat=repeat)
        assert int(cost.said) == count, (name, cost.said)
        _line(name, cost, mine, count)


def _line(name: str, cost: Cost, mine: Cost, count: int) -> None:
    print(
        f"  {name:26} {cost.wall:8.2f} {count / cost.wall:10,.0f} {cost.cpu:8.2f} {cost.peak_mb:8.0f} {cost.wall / mine.wall:13.2f}x"
    )


def main() -> None:
    """Print all tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--csv", type=int, default=1_000_000)
    parser.add_argument("--xlsx", type=int, default=100_000)
    parser.add_argument("--xls", type=int, default=12_000)
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    print(machine())
    print(
        "Each line is a fresh process, start-up included. Whole intake = read, find header, map, type, check, write."
    )
    with tempfile.TemporaryDirectory() as home:
        # compiled sources are kept as in any installation, whoever measures
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["PYTHONPYCACHEPREFIX"] = f"{home}/compiled"
        for form in ("csv", "xlsx", "xls"):
            if getattr(options, form):
                compare(Path(home), form, getattr(options, form), options.repeat)


if __name__ == "__main__":
    main()
