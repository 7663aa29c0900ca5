"""The stage of posts on the sample county: every unlawful post found, no lawful one refused, the ledger checked."""

import csv
import shutil
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from chunfeng.engines.screening import ledger, notices
from chunfeng.pipeline import posts, registry, run

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "examples/liancheng"
TRUTH = ROOT / "tests/data/liancheng/truth"
AS_OF = date(2023, 1, 15)
NEEDED = ("01", "05", "08", "09", "12", "14", "17", "19", "21")
"""Files that speak of posts, employers and the holders of public-welfare posts."""
ROW = ["file", "sheet", "row"]


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, posts.Posts]:
    folder = tmp_path_factory.mktemp("posts")
    (folder / "in").mkdir()
    for path in SAMPLE.iterdir():
        if path.name[:2] in NEEDED:
            shutil.copy(path, folder / "in")
    out = folder / "out"
    outcome = run.run(run.Options(folder / "in", AS_OF, out, region="350825"), lambda done, total, name: None)
    linked = outcome.registry
    return out, posts.publish(
        out, registry.read_extracts(out), linked.claims, linked.numbered, AS_OF, "350825"
    )


def truth(name: str) -> pl.DataFrame:
    return pl.read_csv(TRUTH / name, schema_overrides={"row": pl.UInt32}).fill_null("")


@pytest.fixture(scope="module")
def judged(county: tuple[Path, posts.Posts]) -> pl.DataFrame:
    got = county[1].answers.with_columns(pl.col("rules", "warnings", "phrase").fill_null(""))
    return truth("posts.csv").join(got, on=ROW, how="full", suffix="_got", coalesce=True)


def test_every_post_is_answered_once(judged: pl.DataFrame) -> None:
    assert judged.height == truth("posts.csv").height
    assert judged["lawful_got"].null_count() == judged["lawful"].null_count() == 0


def test_unlawful_posts_are_found_and_lawful_ones_are_left_alone(judged: pl.DataFrame) -> None:
    unlawful, refused = pl.col("lawful") == "no", pl.col("lawful_got") == "no"
    both = judged.filter(unlawful & refused).height
    assert both / judged.filter(unlawful).height >= 0.98
    assert both / judged.filter(refused).height >= 0.98
    lawful = judged.filter(pl.col("lawful") == "yes")
    assert lawful.filter(pl.col("lawful_got") == "yes").height / lawful.height >= 0.99


def test_the_codes_and_warnings_are_right(judged: pl.DataFrame) -> None:
    unlawful = judged.filter(pl.col("lawful") == "no")
    assert unlawful.filter(pl.col("rules") == pl.col("rules_broken")).height / unlawful.height >= 0.98
    assert judged.filter(pl.col("warnings") == pl.col("warnings_got")).height / judged.height >= 0.99


def test_what_a_human_must_judge_is_given_to_one(judged: pl.DataFrame) -> None:
    asked = judged.filter(pl.col("lawful") == "review")
    assert asked.height >= 10
    assert set(asked["lawful_got"]) == {"review"}
    assert set(asked["rules"]) == {""}
    assert asked.filter((pl.col("phrase_got") == "") | pl.col("law").is_null()).height == 0


def test_the_ledger_is_checked(county: tuple[Path, posts.Posts]) -> None:
    got = truth("public_posts.csv").join(county[1].ledger, on=ROW, how="full", suffix="_got", coalesce=True)
    assert got.height == truth("public_posts.csv").height
    wrong = got.filter(pl.col("finding") != pl.col("finding_got"))
    assert wrong.select(*ROW, "finding", "finding_got").rows() == []


def test_files_as_the_design_lists_them(county: tuple[Path, posts.Posts]) -> None:
    out, stage = county
    tables = {}
    for name in ("posts", "public_posts"):
        raw = (out / f"{name}.csv").read_bytes()
        assert raw.startswith(b"\xef\xbb\xbf")
        tables[name] = list(csv.DictReader(raw.decode("utf-8-sig").splitlines()))
        assert (out / f"{name}.csv").stat().st_mode & 0o077 == 0
    assert list(tables["posts"][0]) == [
        "file",
        "sheet",
        "row",
        "lawful",
        "rules",
        "warnings",
        "law",
        "phrase",
    ]
    assert list(tables["public_posts"][0]) == ["file", "sheet", "row", "person", "finding"]
    assert stage.counts["posts"] == len(tables["posts"]) and stage.counts["public_posts"] == len(
        tables["public_posts"]
    )
    assert all(row["person"].startswith("P") for row in tables["public_posts"] if row["finding"] != ledger.OK)


def test_findings_have_the_shape_of_findings_csv_and_cite_their_rows(
    county: tuple[Path, posts.Posts],
) -> None:
    out, stage = county
    with (out / "findings.csv").open(encoding="utf-8-sig") as file:
        assert csv.DictReader(file).fieldnames == stage.findings.columns
    assert set(stage.findings["kind"]) <= set(notices.kinds())
    refused = stage.answers.filter(pl.col("lawful") == "no")
    cited = stage.findings.filter(pl.col("kind") == "unlawful_vacancies")["rows"].str.split(";").explode()
    assert cited.n_unique() == len(cited) == refused.height
    assert stage.findings.filter(~pl.col("message").str.ends_with("。")).height == 0
    long = stage.findings.filter(pl.col("kind") == "public_post_too_long")
    assert long.height == stage.ledger.filter(pl.col("finding") == ledger.TOO_LONG).height > 0
    assert long["person"].null_count() == 0


def test_a_county_without_posts_has_empty_files(tmp_path: Path) -> None:
    people = {"person": pl.String, "sex": pl.String, "birth": pl.Date}
    pl.DataFrame(schema=people).write_parquet(tmp_path / "persons.parquet")
    claims = pl.DataFrame(
        schema={"claim": pl.UInt32, "file": pl.String, "sheet": pl.String, "row": pl.UInt32}
    )
    numbered = pl.DataFrame(schema={"claim": pl.UInt32, "number": pl.String})
    stage = posts.publish(tmp_path, [], claims, numbered, AS_OF, None)
    assert stage.findings.height == 0 and stage.counts["posts"] == stage.counts["public_posts"] == 0
    assert (tmp_path / "posts.csv").read_text(
        "utf-8-sig"
    ).strip() == "file,sheet,row,lawful,rules,warnings,law,phrase"


def test_only_entries_in_force_bar_an_employer() -> None:
    """Listed, taken off, run out, listed later, listed long ago without an end."""
    days: list[tuple[date, date | None, date | None]] = [
        (date(2022, 5, 1), None, None), (date(2021, 5, 1), date(2022, 12, 1), None),
        (date(2020, 5, 1), None, date(2022, 12, 31)), (date(2023, 2, 1), None, None), (date(2019, 5, 1), None, None),
    ]  # fmt: skip
    common = {"file": ["名单.xlsx"] * 5, "sheet": [""] * 5, "row": range(2, 7)}
    listed = pl.DataFrame(
        {**common, "kind": ["wage_arrears_blacklist"] * 5, "state": ["ok"] * 5, "current": [True] * 5,
         **dict(zip(("listed_on", "removed_on", "listed_until"), map(list, zip(*days, strict=True)), strict=True))},
        schema_overrides={"row": pl.UInt32, "removed_on": pl.Date, "listed_until": pl.Date},
    )  # fmt: skip
    firms = pl.DataFrame(
        {**common, "employer": list("ABCDE"), "lane": ["code"] * 5, "score": [1.0] * 5},
        schema_overrides={"row": pl.UInt32},
    )
    entries, register = posts.lists_of_employers([listed], firms, AS_OF)
    assert dict(entries.select("employer", "run_out").iter_rows()) == {"A": False, "E": True}
    assert register.height == 0
