"""The command line: what it prints, and the codes it ends with."""

import argparse
import errno
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from chunfeng.site import platform_cli
from chunfeng.site.cli import main

ROOT = Path(__file__).parents[2]


def test_a_run_prints_where_to_look(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "报送"
    folder.mkdir()
    shutil.copy(ROOT / "examples/liancheng/18司法-服刑人员比对.xlsx", folder)
    shutil.copy(ROOT / "tests/data/liancheng/hostile/截断.xlsx", folder)
    assert main(["run", str(folder), "--as-of", "2023-01-15", "--out", str(tmp_path / "out")]) == 0
    said = capsys.readouterr()
    assert "截断.xlsx (FILE_DAMAGED)" in said.out and "issues.xlsx" in said.out and "2/2" in said.err


def test_what_cannot_begin_ends_with_two_and_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", str(tmp_path / "none"), "--as-of", "2023-01-15", "--out", str(tmp_path / "out")]) == 2
    assert "找不到文件夹" in capsys.readouterr().err


@pytest.mark.parametrize("wrong", [["--as-of", "2023-02-30"], ["--as-of", "2023-01-15", "--key", "x"]])
def test_a_wrong_option_is_explained(
    tmp_path: Path, wrong: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        main(["run", str(tmp_path), "--out", str(tmp_path / "out"), *wrong])
    assert end.value.code == 2 and "应为" in capsys.readouterr().err


def test_the_kinds_are_listed_shown_and_checked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["kinds"]) == 0
    assert "household_register" in capsys.readouterr().out
    assert main(["kinds", "show", "prisoners"]) == 0
    assert "刑期起" in capsys.readouterr().out
    assert main(["kinds", "show", "nothing"]) == 2
    (tmp_path / "x.yaml").write_text("kind: x\n", encoding="utf-8")
    assert main(["kinds", "check", str(tmp_path)]) == 2
    assert "x.yaml" in capsys.readouterr().err


def test_help_starts_without_loading_the_engines() -> None:
    code = (
        "import sys, chunfeng.site.cli as c\n"
        "try: c.main(['run', '--help'])\n"
        "except SystemExit: print('polars' in sys.modules)"
    )
    out = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, encoding="utf-8", cwd=ROOT / "src"
    ).stdout
    assert out.strip().endswith("False")


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_a_disk_that_will_not_take_it_is_told_in_words(
    capsys: pytest.CaptureFixture[str], number: int
) -> None:
    def fails(_options: argparse.Namespace) -> int:
        raise OSError(number, "whatever", "/the/folder")

    assert platform_cli._reporting(fails)(argparse.Namespace()) == 2
    said = capsys.readouterr().err
    assert "/the/folder" in said and " / " in said and "Traceback" not in said


@pytest.mark.parametrize("port", ["0", "65536", "-1", "x"])
def test_a_port_is_a_port(capsys: pytest.CaptureFixture[str], port: str) -> None:
    with pytest.raises(SystemExit):
        main(["serve", f"--port={port}"])
    assert "65535" in capsys.readouterr().err
