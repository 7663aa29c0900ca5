"""The stages after intake: told in order, each accounted for, all findings in one file."""

import json
import shutil
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from chunfeng.pipeline import run, stages
from chunfeng.pipeline.outputs import write_csv

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "examples/liancheng"
FILES = (
    "12公益性岗位-在岗台账.xlsx", "17社保-养老待遇领取.csv", "18司法-服刑人员比对.xlsx", "08企业-用工需求.xlsx", "13来电求助.csv",
    "11招聘会-企业报名.xlsx", "10出行-返岗需求.xlsx", "20社区-零就业家庭申报表.docx",
    "07村居-走访摸排表/附件2：隔川镇劳动力走访情况.xlsx",
)  # fmt: skip
WRITTEN = (
    "links.csv", "review.csv", "persons.parquet", "households.csv", "employers.csv", "findings.csv", "facts.parquet",
    "recognition.csv", "targets.csv", "zero_households.csv", "entitlements.csv", "posts.csv", "public_posts.csv",
    "intentions.csv", "tickets.csv", "fairs.csv", "travel.csv", "trips.csv", "recommendations.csv",
    "allocation.csv", "lending.csv", "run.json",
)  # fmt: skip


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[tuple[int, int, str]]]:
    """OUT of a run over a few files, and what the bar of the stages was told."""
    home = tmp_path_factory.mktemp("stages") / "报送"
    for name in FILES:
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(SAMPLE / name, home / name)
    out = home.parent / "out"
    calls: list[tuple[int, int, str]] = []
    run.run(run.Options(home, date(2023, 1, 15), out), lambda *_: None, lambda *call: calls.append(call))
    return out, calls


def test_every_stage_leaves_its_files(told: tuple[Path, object]) -> None:
    assert [name for name in WRITTEN if not (told[0] / name).is_file()] == []


def test_the_bar_names_each_stage_once_and_ends_full(told: tuple[object, list[tuple[int, int, str]]]) -> None:
    names = [chinese for _, chinese in stages.STAGES]
    assert told[1] == [*((i, len(names), name) for i, name in enumerate(names)), (len(names), len(names), "")]


def test_the_account_has_counts_and_seconds_of_every_stage(told: tuple[Path, object]) -> None:
    account = json.loads((told[0] / "run.json").read_text(encoding="utf-8"))
    assert list(account["seconds"]) == ["list", "intake", *(name for name, _ in stages.STAGES)]
    assert all(account[name] for name, _ in stages.STAGES)


def test_findings_of_all_stages_stand_in_one_file(told: tuple[Path, object]) -> None:
    found = pl.read_csv(told[0] / "findings.csv", infer_schema=False)
    ledger = pl.read_csv(told[0] / "public_posts.csv", infer_schema=False)
    assert found.columns == ["kind", "person", "rows", "message"]
    assert ledger.filter(pl.col("finding") != "ok").height > 0
    assert found.height == found.unique().height
    # what only the ledger and only the posts show is there
    cited = ";".join(found["rows"].drop_nulls())
    assert "12公益性岗位-在岗台账.xlsx" in cited and "08企业-用工需求.xlsx" in cited


def test_findings_are_added_behind_those_already_there(tmp_path: Path) -> None:
    columns = {"kind": ["a"], "person": ["P1"], "rows": ["f##2"], "message": ["=1+1"]}
    write_csv(pl.DataFrame(columns), tmp_path / "findings.csv")
    later = pl.DataFrame({**columns, "kind": ["b"], "person": [None]}, schema_overrides={"person": pl.String})
    stages.add_findings(tmp_path, later, later.clear())
    both = pl.read_csv(tmp_path / "findings.csv", infer_schema=False)
    assert both["kind"].to_list() == ["a", "b"] and both["person"].to_list() == ["P1", None]
    assert set(both["message"]) == {"'=1+1"}


def test_a_file_of_the_state_folder_that_cannot_be_used_is_named_with_its_stage(
    told: tuple[Path, object], tmp_path: Path
) -> None:
    state = tmp_path / "state"
    state.mkdir()
    (state / "vehicles.yaml").write_text("vehicles: [nonsense", encoding="utf-8")
    home = told[0].parent / "报送"
    with pytest.raises(stages.StageError, match="返岗出行"):
        run.run(run.Options(home, date(2023, 1, 15), tmp_path / "out", state=state), lambda *_: None)
