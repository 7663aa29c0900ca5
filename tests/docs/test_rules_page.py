"""docs/rules.md does what it says: its edits apply to the shipped files, its commands run, and the rule changes as told."""

import re
import shlex
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from chunfeng.pipeline import book as books
from chunfeng.site.cli import main
from tests.pipeline.decided import JOBLESS, publish, stage

PAGE = (Path(__file__).parents[2] / "docs" / "rules.md").read_text(encoding="utf-8")


def blocks() -> Iterator[tuple[str, str]]:
    yield from re.findall(r"^```(sh|diff|yaml)\n(.*?)^```$", PAGE, re.M | re.S)


def edit(diff: str) -> None:
    """Put the lines marked + in the place of those marked -, which must stand in the file once, together."""
    first, *lines = diff.splitlines()
    path = Path(first.removeprefix("--- "))
    old = "\n".join(x[1:] for x in lines if x.startswith("-"))
    new = "\n".join(x[1:] for x in lines if x.startswith("+"))
    text = path.read_text(encoding="utf-8")
    assert text.count(old + "\n") == 1, (path, old)
    path.write_text(text.replace(old + "\n", new + "\n"), encoding="utf-8")


def carry_out(command: str) -> None:
    words = shlex.split(command)
    if words[0] == "./chunfeng":
        assert main(words[1:]) == 0, command
    elif words[:2] == ["mkdir", "-p"]:
        Path(words[2]).mkdir(parents=True, exist_ok=True)
    else:
        assert words[:2] == ["cp", "-r"]
        shutil.copytree(words[2], words[3])


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the results of a run: six jobless townsmen of different ages, registered long ago or lately."""
    folder = tmp_path_factory.mktemp("page")
    long, lately = date(2025, 1, 10), date(2025, 12, 1)
    people = {
        f"P00000000{n}": JOBLESS | {"birth_date": date(year, 1, 15), "unemployed_since": since, "retires_on": date(2040, 1, 1)}
        | {"retires_earliest": date(2040, 1, 1), "retires_latest": date(2040, 1, 1)}
        for n, (year, since) in enumerate(
            [(1971, long), (1973, long), (1990, long), (1970, lately), (1971, lately), (1965, long)], start=1
        )
    }  # fmt: skip
    publish(folder / "OUT", stage(people), day=date(2026, 1, 15))
    return folder


def test_the_page_is_true_from_the_first_command_to_the_last(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(place)
    said: dict[str, str] = {}
    for language, text in blocks():
        if language == "diff":
            edit(text)
        elif language == "yaml":
            path = Path(text.splitlines()[0].removeprefix("# "))
            path.write_text(text, encoding="utf-8")
        else:
            for command in filter(None, text.splitlines()):
                carry_out(command)
                said[command] = capsys.readouterr().out
    shown = next(out for command, out in said.items() if "大龄男性起始年龄" in command)
    assert "50周岁" in shown and "parameters.yaml" in shown
    tested = next(out for command, out in said.items() if "rules test" in command)
    assert "男，54周岁，按旧线够、按新线不够" in tested and "［A1-2026］" in tested
    simulated = next(out for command, out in said.items() if "simulate" in command)
    assert "350825　A1　大龄城镇居民　0　3　0　0" in simulated
    moved = pl.read_csv("变动.csv", infer_schema=False).filter(
        pl.col("rule") == "A1", pl.col("was") != pl.col("now")
    )
    left = {"P000000002", "P000000004", "P000000005"}
    assert (
        set(moved["subject"]) == left
        and set(moved["now"]) == {"no"}
        and set(moved["was_version"]) == {"A1-2025"}
    )
    assert "A1 符合“大龄城镇居民”" in said["./chunfeng explain OUT P000000001"]
    assert "下次复核日" in said["./chunfeng explain OUT P000000001 --rule A1"]


def test_what_the_page_made_is_taken_up_by_a_run_with_that_state(place: Path) -> None:
    book, own, defects = books.in_force(place / "STATE")
    assert defects == () and {p.name for p in own} == {"parameters.yaml", "A1.yaml", "本地.yaml"}
    assert [v.version for v in book.rules["A1"].versions][-1] == "A1-2026"
    assert book.value("older_female", "350825", date(2030, 1, 1)) == 46


def test_every_output_the_page_names_is_written(place: Path) -> None:
    named = set(re.findall(r"^\| `(\w+\.csv)` \|", PAGE, re.M)) - {"findings.csv"}
    assert named == {f.name for f in (place / "OUT").glob("*.csv")} - {"links.csv"}


def test_what_is_wrong_is_told_with_file_line_and_mend(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["rules", "copy", "A1.yaml", str(tmp_path)]) == 0
    path = tmp_path / "A1.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("AND older", "AND oldr", 1), encoding="utf-8")
    for action in ("check", "test"):
        assert main(["rules", action, str(tmp_path)]) == 2
        error = capsys.readouterr().err
        assert "A1.yaml:" in error and "[A1]" in error and "oldr" in error and "请改：" in error
    assert main(["rules", "simulate", str(tmp_path), "--facts", str(tmp_path)]) == 2


def test_a_policy_is_shown_with_its_amount_and_its_terms(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "show", "灵活就业社会保险补贴"]) == 0
    shown = capsys.readouterr().out
    assert "金额：不超过本人实际缴纳的养老和医疗保险费的三分之二（每月）" in shown and "最长月数：36" in shown
    assert "闽财社〔2019〕11号第十条第四项（已核）" in shown and "不得同时享受：E1、E2、I2" in shown


def test_unknown_names_and_folders_are_refused_in_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for words in (
        ["rules", "show", "没有这条"], ["rules", "check", str(tmp_path / "none")], ["rules", "copy", "none.yaml", str(tmp_path)],
        ["rules", "test", "--rule", "Z9"], ["explain", str(tmp_path), "P1"],
    ):  # fmt: skip
        assert main(words) == 2
        assert capsys.readouterr().err.strip()
    (tmp_path / "A2.yaml").write_text("own", encoding="utf-8")
    assert main(["rules", "copy", "A2.yaml", str(tmp_path)]) == 2
    assert (tmp_path / "A2.yaml").read_text(encoding="utf-8") == "own"
