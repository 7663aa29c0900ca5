"""A run as its user lives it: begun, killed, begun again, repeated, corrected, and two at once."""

import csv
import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest

from chunfeng.pipeline import run
from chunfeng.pipeline.intake import HEADINGS
from chunfeng.pipeline.mappings import MappingError

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "examples/liancheng"
HOSTILE = ROOT / "tests/data/liancheng/hostile"
AS_OF = date(2023, 1, 15)
FILES = (
    "18司法-服刑人员比对.xlsx", "19市监-经营主体.csv", "12公益性岗位-在岗台账.xlsx", "20社区-零就业家庭申报表.docx",
    "02民政-低保对象.xls", "07村居-走访摸排表/附件2：隔川镇劳动力走访情况.xlsx",
)  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small delivery: some files of the sample, some broken ones, a link, a leftover."""
    home = tmp_path / "报送"
    for name in FILES:
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(SAMPLE / name, home / name)
    for name in ("截断.xlsx", "注入.csv", "路径穿越.zip", "零字节.xlsx"):
        shutil.copy(HOSTILE / name, home / name)
    (home / "~$12公益性岗位-在岗台账.xlsx").write_bytes(b"x")
    (home / "密码").symlink_to("/etc/passwd")
    return home


def go(folder: Path, out: Path, **settings: Any) -> run.Outcome:
    return run.run(run.Options(folder, AS_OF, out, **settings), lambda done, total, name: None)


def issues_of(out: Path) -> list[dict[str, str]]:
    with (out / "issues.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def contents(out: Path) -> dict[str, bytes]:
    """Everything a run publishes, but for the clock readings in run.json."""
    found = {
        p.relative_to(out).as_posix(): p.read_bytes()
        for p in sorted(out.rglob("*"))
        if p.is_file() and ".readings" not in p.parts and p.suffix != ".xlsx" and p.name != "run.json"
    }
    account = json.loads((out / "run.json").read_text(encoding="utf-8"))
    account.pop("seconds")
    account["counts"] = {
        k: v for k, v in account["counts"].items() if k not in ("files_read", "files_unchanged")
    }
    for entry in account["inputs"]:
        entry.pop("seconds", None), entry.pop("peak_memory_mb", None)
    return found | {"run.json": json.dumps(account, sort_keys=True).encode()}


def test_every_file_is_answered_for_and_every_row_counted(folder: Path, tmp_path: Path) -> None:
    outcome = go(folder, tmp_path / "out")
    account = outcome.account
    assert {e["name"] for e in account["inputs"]} == {
        p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file() or p.is_symlink()
    }
    codes = {(i["file"], i["code"]) for i in issues_of(tmp_path / "out")}
    assert {
        ("截断.xlsx", "FILE_DAMAGED"), ("零字节.xlsx", "FILE_EMPTY"), ("密码", "FILE_LINK"),
        ("~$12公益性岗位-在岗台账.xlsx", "FILE_IGNORED"), ("路径穿越.zip/../../evil.txt", "ARCHIVE_MEMBER_PATH"),
    } <= codes  # fmt: skip
    extracts = {p.name: pl.read_parquet(p) for p in (tmp_path / "out/extracts").iterdir()}
    for entry in account["inputs"]:
        for sheet in entry["sheets"]:
            assert sheet["rows"] == sum(sheet["row_kinds"].values())
            if sheet["extract"]:
                frame = extracts.pop(sheet["extract"])
                assert frame.height == sheet["records"] == sheet["row_kinds"]["data"]
                assert set(frame["file"]) == {sheet["file"]} and set(frame["sheet"]) == {sheet["sheet"]}
                assert frame["row"].is_unique().all()
    assert extracts == {}
    other = pl.read_csv(tmp_path / "out/other_rows.csv")
    spare = {k: v for k, v in account["counts"]["row_kinds"].items() if k not in ("data", "blank")}
    assert dict(other["row_kind"].value_counts().iter_rows()) == spare


def test_nothing_we_write_is_a_formula_and_all_is_for_the_owner_only(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    go(folder, out)
    for row in issues_of(out):
        assert not row["value"].startswith(("=", "+", "@", "\t")), row
    book = openpyxl.load_workbook(out / "issues.xlsx")
    assert {"民政", "社区", "人社"} <= set(book.sheetnames)
    for sheet in book:
        assert [c.value for c in sheet[1]] == list(HEADINGS.values())
        assert {c.data_type for row in sheet.iter_rows(min_row=2) for c in row if c.value is not None} <= {
            "s",
            "n",
        }
    assert sum(s.max_row - 1 for s in book) == len(issues_of(out))
    for path in [out, *out.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_a_second_run_reads_nothing_and_a_changed_file_alone_is_read(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    first = go(folder, out)
    before = contents(out)
    assert first.intake.skipped == 0
    second = go(folder, out)
    assert (second.intake.read, second.intake.skipped) == (0, first.intake.read)
    assert contents(out) == before
    with (folder / "19市监-经营主体.csv").open("ab") as file:
        file.write("92350825MA00000000,连城县某店,王某,,2020-01-01,存续\r\n".encode("gb18030"))
    third = go(folder, out)
    assert third.intake.read == 1
    (folder / "19市监-经营主体.csv").unlink()
    go(folder, out)
    assert not list((out / "extracts").glob("business_entities*"))


def test_the_state_folder_serves_a_new_out(folder: Path, tmp_path: Path) -> None:
    state = tmp_path / "state"
    first = go(folder, tmp_path / "one", state=state)
    second = go(folder, tmp_path / "two", state=state)
    assert second.intake.read == 0 and second.intake.skipped == first.intake.read
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_one_worker_and_two_read_the_same(folder: Path, tmp_path: Path) -> None:
    go(folder, tmp_path / "one", workers=1)
    go(folder, tmp_path / "two", workers=2)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def start(folder: Path, out: Path) -> subprocess.Popen[str]:
    command = [
        sys.executable,
        "-m",
        "chunfeng",
        "run",
        str(folder),
        "--as-of",
        "2023-01-15",
        "--out",
        str(out),
    ]
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    return subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        start_new_session=True,
    )


@pytest.mark.parametrize("wanted", [1, 4])
def test_a_killed_run_leaves_nothing_half_written_and_the_next_goes_on(
    folder: Path, tmp_path: Path, wanted: int
) -> None:
    go(folder, tmp_path / "whole")
    out = tmp_path / "out"
    process = start(folder, out)
    assert process.stderr is not None
    for _ in range(wanted):
        process.stderr.readline()
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    assert not (out / "run.json").exists()
    for path in (out / "extracts").glob("*") if (out / "extracts").exists() else []:
        pl.read_parquet(path)
    again = go(folder, out)
    assert again.intake.skipped >= 1
    assert contents(out) == contents(tmp_path / "whole")


def test_workers_end_when_the_run_is_killed(folder: Path, tmp_path: Path) -> None:
    process = start(folder, tmp_path / "out")
    assert process.stderr is not None
    process.stderr.readline()
    os.kill(process.pid, signal.SIGKILL)
    process.communicate(timeout=60)
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        members = [p for p in Path("/proc").glob("[0-9]*/stat") if _group(p) == process.pid]
        if not members:
            return
        time.sleep(0.3)
    pytest.fail("reading processes outlived their run")


def _group(path: Path) -> int:
    try:
        fields = path.read_text().rsplit(")", 1)[1].split()
    except OSError:
        return -1
    return -1 if fields[0] == "Z" else int(fields[2])


def test_two_runs_into_one_folder_do_not_meet(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    process = start(folder, out)
    assert process.stderr is not None
    process.stderr.readline()
    with pytest.raises(run.RunError, match="另一次运行"):
        go(folder, out)
    assert process.wait(120) == 0
    process.communicate()


def test_a_confirmed_mapping_is_used_and_kept_in_the_state(folder: Path, tmp_path: Path) -> None:
    shutil.copy(HOSTILE / "重复表头.xlsx", folder)
    out, state = tmp_path / "out", tmp_path / "state"
    go(folder, out, state=state)
    [path] = [p for p in (out / "mappings").glob("*.yaml") if "重复表头" in p.read_text(encoding="utf-8")]
    text = path.read_text(encoding="utf-8").replace("confirmed: false", "confirmed: true", 1)
    lines = text.splitlines()
    named = [i for i, line in enumerate(lines) if "header: 姓名" in line]
    lines[named[1]] = "- {header: 姓名, field: name}"
    path.write_text("\n".join(lines), encoding="utf-8")
    go(folder, out, state=state)
    doubled = {
        i["column"]
        for i in issues_of(out)
        if i["file"] == "重复表头.xlsx" and i["code"] == "COLUMN_DUPLICATE"
    }
    assert "姓名" not in doubled
    [extract] = [p for p in (out / "extracts").iterdir() if "重复表头" in p.name]
    assert pl.read_parquet(extract)["name"].null_count() == 0
    (folder / "重复表头.xlsx").rename(folder / "下月名单.xlsx")
    go(folder, tmp_path / "next", state=state)
    [extract] = [p for p in (tmp_path / "next/extracts").iterdir() if "下月名单" in p.name]
    assert pl.read_parquet(extract)["name"].null_count() == 0


def test_a_mapping_that_cannot_be_used_says_why(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    (out / "mappings").mkdir(parents=True)
    (out / "mappings/x.yaml").write_text(
        "confirmed: true\nkind: prisoners\nsignature: 姓名\ncolumns: [{header: 姓名, field: naem}]\n",
        encoding="utf-8",
    )
    with pytest.raises(MappingError, match="naem"):
        go(folder, out)


def test_a_county_adds_a_kind_without_code(tmp_path: Path) -> None:
    folder, kinds = tmp_path / "报送", tmp_path / "state/kinds"
    folder.mkdir()
    kinds.mkdir(parents=True)
    (folder / "培训班.csv").write_text(
        "姓名,身份证号,培训工种,结业日期\n林某,350825199001010017,电工,2022.12.5\n", encoding="utf-8"
    )
    (kinds / "training_roster.yaml").write_text(
        "kind: training_roster\nname: 培训花名册\nenglish: Participants of courses\ndepartment: 人社\nsubject: person\n"
        "key: [name, id_number]\ntitles: [培训班]\nfields:\n  - {field: name, required: true}\n  - {field: id_number}\n"
        "  - {field: course, label: 培训工种, type: text, signature: true, words: [培训工种]}\n"
        "  - {field: finished_on, label: 结业日期, type: date, signature: true, words: [结业日期]}\n",
        encoding="utf-8",
    )
    go(folder, tmp_path / "out", state=tmp_path / "state")
    [extract] = (tmp_path / "out/extracts").iterdir()
    frame = pl.read_parquet(extract)
    assert extract.name.startswith("training_roster.") and frame["finished_on"].to_list() == [
        date(2022, 12, 5)
    ]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"folder": "nowhere"}, "找不到文件夹"),
        ({"out": "报送/out"}, "互相包含"),
        ({"keys": {"移动": "no.key"}}, "密钥文件"),
        ({"region": "999999"}, "区划代码"),
    ],
)
def test_a_run_that_cannot_begin_says_what_to_do(
    folder: Path, tmp_path: Path, change: dict[str, Any], said: str
) -> None:
    settings: dict[str, Any] = {"folder": folder, "as_of": AS_OF, "out": tmp_path / "out"}
    for name, value in change.items():
        settings[name] = (
            {k: tmp_path / v for k, v in value.items()} if isinstance(value, dict)
            else value if name == "region" else tmp_path / value
        )  # fmt: skip
    with pytest.raises(run.RunError, match=said):
        run.run(run.Options(**settings), lambda done, total, name: None)


def test_a_delivery_of_nothing_but_a_broken_file_still_ends_with_an_account(tmp_path: Path) -> None:
    home = tmp_path / "报送"
    home.mkdir()
    shutil.copy(HOSTILE / "截断.xlsx", home / "截断.xlsx")
    outcome = go(home, tmp_path / "out")
    assert outcome.account["counts"]["files_refused"] == 1
    assert [i["code"] for i in issues_of(tmp_path / "out")] == ["FILE_DAMAGED"]
    assert {p.name for p in (tmp_path / "out").glob("*.csv")} >= {
        "recognition.csv",
        "posts.csv",
        "findings.csv",
    }
