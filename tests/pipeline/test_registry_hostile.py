"""Lists that went wrong as a whole: each is said once and clearly, takes nothing else along, and costs no more than its rows."""

import csv
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from chunfeng.pipeline import tokens
from tests.pipeline.county import ELSEWHERE, HERE, REGISTER, findings, go, lay, people


def of_file(said: list[dict[str, str]], name: str) -> set[str]:
    """Kinds of the findings that cite that file first."""
    return {f["kind"] for f in said if f["rows"].startswith(f"{name}.csv#")}


def filled(table: pl.DataFrame, **values: str) -> pl.DataFrame:
    """One value down a whole column."""
    return table.with_columns([pl.lit(value).alias(column) for column, value in values.items()])


WHOLE = {
    "无号名单": "sheet_without_numbers",
    "同名名单": "name_of_many",
    "占位名单": "number_of_many",
    "同号名单": "same_id_two_people",
    "同话名单": "phone_of_many",
    "外县名单": "sheet_of_another_county",
    "错行名单": "names_of_other_numbers",
    "同户名单": "household_too_large",
}


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One run over a register and a dozen lists, each wrong in its own way."""
    home = tmp_path_factory.mktemp("hostile")
    one = REGISTER["身份证号码"][7]
    lists = {
        "好名单": REGISTER.head(300),
        "无号名单": filled(people(400, 11), 身份证号码=""),
        "同名名单": filled(people(400, 12), 姓名="陈志明"),
        "占位名单": people(400, 13).with_columns(
            pl.when(pl.int_range(pl.len()) % 2 == 0).then(pl.lit("1" * 18)).otherwise(pl.lit("0" * 18)).alias("身份证号码")
        ),
        "同号名单": filled(people(400, 14), 身份证号码=one),
        "同话名单": filled(people(400, 15), 联系电话="16099999999"),
        "外县名单": people(1500, 16, ELSEWHERE),
        "错行名单": REGISTER.tail(400).with_columns(pl.col("姓名").shift(1).fill_null("陈志明")),
        "同户名单": filled(people(400, 17), 户号="350825999999"),
        "错列名单": people(400, 18).rename({"身份证号码": "联系电话", "联系电话": "身份证号码"}),
        "错头名单": people(400, 19).rename({"姓名": "身份证号码", "身份证号码": "姓名"}),
    }  # fmt: skip
    go(lay(home / "报送", **lists), home / "out")
    return home / "out"


@pytest.mark.parametrize(("name", "kind"), WHOLE.items())
def test_a_list_that_went_wrong_as_a_whole_is_said_once(out: Path, name: str, kind: str) -> None:
    said = [f for f in findings(out) if f["kind"] == kind and f["rows"].startswith(f"{name}.csv#")]
    # two placeholders are two findings, not four hundred
    assert len(said) == (2 if kind == "number_of_many" else 1)
    assert said[0]["rows"].count(";") < 20 and "请" in said[0]["message"]


def test_a_good_list_is_accused_of_nothing(out: Path) -> None:
    assert of_file(findings(out), "好名单") <= {"twice_in_one_list"}
    assert not any(
        f["kind"] in WHOLE.values() and f["rows"].startswith("公安") and f["kind"] != "same_id_two_people"
        for f in findings(out)
    )


def test_no_row_of_a_wrong_list_becomes_somebody_elses(out: Path) -> None:
    """Rows of the register and of the good list are one by one who their number says, and nobody is merged by a placeholder."""
    links = pl.read_csv(out / "links.csv", schema_overrides={"sheet": pl.String})
    good = links.filter(pl.col("file") == "好名单.csv")["person"].to_list()
    own = links.filter(pl.col("file") == "公安-户籍人口.csv")["person"].to_list()
    assert good == own[:300] and len(set(own)) == len(own)
    for name in ("占位名单", "同话名单", "同户名单"):
        persons = links.filter(pl.col("file") == f"{name}.csv").drop_nulls("person")["person"]
        assert persons.n_unique() >= 0.97 * persons.len(), name
        assert not set(persons) & set(own), name
    slipped = links.filter(pl.col("file") == "错行名单.csv")
    # the name is the next row's: no link by number alone, and none to the one whose name it is
    assert (slipped["lane"] == "id").sum() <= 4
    wrongly = zip(slipped["person"].to_list(), [None, *own[-400:-1]], strict=True)
    assert sum(a is not None and a == b for a, b in wrongly) <= 4


def test_swapped_columns_are_read_by_what_they_hold_or_refused_aloud(out: Path) -> None:
    links = pl.read_csv(out / "links.csv", schema_overrides={"sheet": pl.String})
    swapped = links.filter(pl.col("file") == "错列名单.csv")
    assert swapped.height == 400 and (swapped["lane"] == "id").sum() >= 395
    with (out / "issues.csv").open(encoding="utf-8-sig", newline="") as file:
        issues = {(i["file"], i["code"]) for i in csv.DictReader(file)}
    assert ("错列名单.csv", "COLUMN_UNCERTAIN") in issues
    headed = links.filter(pl.col("file") == "错头名单.csv")
    if headed.height == 0:
        assert ("错头名单.csv", "KIND_UNKNOWN") in issues
    else:
        assert (headed["lane"] == "id").sum() >= 395


def test_tokens_under_the_wrong_key_meet_nobody_and_that_is_said(tmp_path: Path) -> None:
    folder, right, wrong = lay(tmp_path / "报送"), tmp_path / "right.key", tmp_path / "wrong.key"
    right.write_text("an invented key of this test alone\n")
    wrong.write_text("another invented key of this test\n")
    for name, key in (("某局", right), ("他局", wrong)):
        plain = tmp_path / f"{name}名单.csv"
        REGISTER.head(60).write_csv(plain, include_bom=True)
        tokens.make_tokens(plain, tokens.read_key(key), folder / f"{name}令牌.csv", region=HERE)
    said = go(folder, tmp_path / "out", joint=right)
    assert "token_list_without_overlap" in of_file(said, "他局令牌")
    assert "token_list_without_overlap" not in of_file(said, "某局令牌")
    said = go(folder, tmp_path / "none")
    assert all("token_list_not_compared" in of_file(said, f"{name}令牌") for name in ("某局", "他局"))


# --- cost ------------------------------------------------------------------------------------------------------------

_MEASURED = """
import sys
from datetime import date
from pathlib import Path
from chunfeng.engines.sheets.kinds import load_kinds
from chunfeng.pipeline import inputs, intake, mappings, registry

if __name__ == "__main__":
    folder, out, region, as_of = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], date(2023, 1, 15)
    kinds = load_kinds(())
    intake.run(
        inputs.find(folder), out, out / ".readings", as_of=as_of, region=region, kinds=kinds, kind_folders=(),
        answers=mappings.load(out / "mappings", kinds), workers=1, progress=lambda done, total, name: None,
    )
    registry.run(out, None, as_of, {})
    # not ru_maxrss: it goes on from what the parent held when it started this process
    high = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    print(int(high.split()[1]) // 1024)
"""


def peak_mb(folder: Path, out: Path) -> int:
    """Peak resident memory of reading and linking; what asks for 12 GB of addresses is stopped.

    Of the process that links: each reading process has a limit of its own.
    """
    out.mkdir()
    script = out.with_name("measured.py")
    script.write_text(_MEASURED, encoding="utf-8")
    limited = 'ulimit -v 12582912; exec "$0" "$@"'
    done = subprocess.run(
        ["bash", "-c", limited, sys.executable, str(script), str(folder), str(out), HERE],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return int(done.stdout.split()[-1])


def test_two_hundred_thousand_rows_with_one_placeholder_and_one_telephone(tmp_path: Path) -> None:
    rows = filled(people(200_000, 21), 身份证号码="1" * 18, 联系电话="16099999999")
    out = tmp_path / "out"
    assert peak_mb(lay(tmp_path / "报送", 巨大名单=rows), out) < 2_000
    said = findings(out)
    kinds = of_file(said, "巨大名单")
    assert {"number_of_many", "sheet_without_numbers", "phone_of_many"} <= kinds
    assert len([f for f in said if f["kind"] != "twice_in_one_list"]) < 10
    links = pl.read_csv(out / "links.csv", schema_overrides={"sheet": pl.String})
    assert links.height == rows.height + REGISTER.height


def test_what_is_filled_down_beside_rows_that_are_known_does_not_multiply(tmp_path: Path) -> None:
    """One household number on knowns and unknowns; one person's number on rows of many employers, households, places."""
    at = pl.int_range(pl.len())
    known = pl.when(at % 2 == 0)
    one_house = filled(people(12_000, 31), 户号="350825999999").with_columns(
        known.then("身份证号码").otherwise(pl.lit("")).alias("身份证号码")
    )
    one_number = filled(people(12_000, 32), 身份证号码=REGISTER["身份证号码"][7]).with_columns(
        known.then("姓名").otherwise(pl.lit("")).alias("姓名"), at.cast(pl.String).alias("户号"),
        pl.format("连城县第{}鞋业有限公司", at).alias("工作单位"),
    )  # fmt: skip
    out = tmp_path / "out"
    assert peak_mb(lay(tmp_path / "报送", 同户名单=one_house, 同号名单=one_number), out) < 800
    assert {"household_too_large"} <= of_file(findings(out), "同户名单")
    assert {"same_id_two_people"} <= of_file(findings(out), "同号名单")
