"""The linkage stage on the sample county: its goals, its files, its memory."""

import csv
import shutil
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from chunfeng.pipeline import registry, run, tokens
from tests.pipeline.county import ELSEWHERE, HERE, REGISTER, go, lay, people

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "examples/liancheng"
TRUTH = ROOT / "tests/data/liancheng/truth"
AS_OF = date(2023, 1, 15)
HARD = ("missing", "num", "sci", "typo", "drop", "transpose", "family", "swapped")


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("county")
    key = folder / "mobile.key"
    key.write_text("CFXD-2023-liudong\n")
    run.run(run.Options(SAMPLE, AS_OF, folder / "out", keys={"移动": key}), lambda done, total, name: None)
    return folder / "out"


@pytest.fixture(scope="module")
def judged(out: Path) -> pl.DataFrame:
    """Every row of the truth with the person it was linked to; the insurance file once per person."""
    links = pl.read_csv(out / "links.csv", schema_overrides={"row": pl.UInt32}).with_columns(
        pl.col("sheet").fill_null("")
    )
    truth = pl.read_parquet(TRUTH / "links.parquet").with_columns(pl.col("row").cast(pl.UInt32))
    rows = truth.filter(~pl.col("file").str.starts_with("hostile/")).join(
        links, on=["file", "sheet", "row"], how="left"
    )
    insured = pl.col("file").str.starts_with("05")
    once = rows.filter(insured).unique(["pid", "id_kind", "person"], keep="first", maintain_order=True)
    alone = pl.concat_str(["file", "sheet", pl.col("row").cast(pl.String)], separator="#")
    return pl.concat([rows.filter(~insured), once]).with_columns(
        pl.coalesce("person", alone).alias("cluster")
    )


def pairs(sizes: pl.Series) -> int:
    wide = sizes.cast(pl.Int64)
    return int((wide * (wide - 1) // 2).sum())


def test_rows_of_one_person_stand_together_and_of_two_apart(judged: pl.DataFrame) -> None:
    together = pairs(judged.group_by("pid", "cluster").len()["len"])
    assert together / pairs(judged.group_by("cluster").len()["len"]) >= 0.999
    assert together / pairs(judged.group_by("pid").len()["len"]) >= 0.97


def test_rows_without_a_readable_number_find_their_own_person(judged: pl.DataFrame) -> None:
    def most(by: str, of: str, name: str) -> pl.DataFrame:
        counts = judged.group_by(by, of).len().sort(by, "len", of, descending=[False, True, False])
        return counts.unique(by, keep="first", maintain_order=True).select(by, pl.col(of).alias(name))

    hard = judged.filter(pl.col("id_kind").is_in(HARD))
    hard = hard.join(most("pid", "cluster", "own"), on="pid").join(
        most("cluster", "pid", "owner"), on="cluster"
    )
    assert hard.height > 3000
    assert (hard["cluster"] == hard["own"]).mean() >= 0.93  # type: ignore[operator]
    assert (hard["owner"] != hard["pid"]).mean() <= 0.003  # type: ignore[operator]


def test_the_operators_tokens_are_resolved_with_the_key_and_never_wrongly(judged: pl.DataFrame) -> None:
    tokens = judged.filter(pl.col("id_kind") == "hash")
    own = (
        judged.filter(pl.col("id_kind") == "ok")
        .group_by("pid")
        .agg(pl.col("person").mode().sort().first().alias("own"))
    )
    linked = tokens.filter(pl.col("lane") == "token").join(own, on="pid", how="left")
    assert linked.height > 0.95 * tokens.height
    assert linked.filter(pl.col("own").is_not_null() & (pl.col("own") != pl.col("person"))).height == 0


def test_every_person_row_is_in_links_once_and_review_is_short_and_in_words(
    out: Path, judged: pl.DataFrame
) -> None:
    links = pl.read_csv(out / "links.csv")
    assert links.select("file", "sheet", "row").is_unique().all()
    assert judged["lane"].null_count() == 0
    with (out / "review.csv").open(encoding="utf-8-sig", newline="") as file:
        review = list(csv.DictReader(file))
    rows = {(r["file"], r["sheet"], r["row"]) for r in review}
    assert 0 < len(rows) <= 0.015 * links.height
    assert all(r["why"] and r["fingerprint"] for r in review)


def test_a_wrong_key_links_no_token_and_says_so(out: Path, tmp_path: Path) -> None:
    shutil.copytree(out / "extracts", tmp_path / "extracts")
    table = registry.run(tmp_path, None, AS_OF, {"移动": b"not the key of the list"})
    assert "token" not in table.counts["lanes"]
    assert "token" in (tmp_path / "findings.csv").read_text(encoding="utf-8-sig")


def test_numbers_and_links_are_the_same_again(out: Path, tmp_path: Path) -> None:
    shutil.copytree(out / "extracts", tmp_path / "extracts")
    state = tmp_path / "state"
    state.mkdir()
    first = registry.run(tmp_path, state, AS_OF, {})
    before = [(tmp_path / n).read_bytes() for n in ("links.csv", "review.csv")]
    second = registry.run(tmp_path, state, AS_OF, {})
    assert [(tmp_path / n).read_bytes() for n in ("links.csv", "review.csv")] == before
    assert first.counts == second.counts


def test_a_list_that_came_as_tokens_finds_its_persons(tmp_path: Path) -> None:
    folder, key = tmp_path / "报送", tmp_path / "joint.key"
    folder.mkdir()
    key.write_text("an invented key of this test alone\n")
    for name in ("14公安-户籍人口.csv", "21人社-就业创业实名制及求职登记.xlsx"):
        shutil.copy(SAMPLE / name, folder)
    plain = SAMPLE / "12公益性岗位-在岗台账.xlsx"
    shutil.copy(plain, folder)
    tokens.make_tokens(plain, tokens.read_key(key), folder / "某局令牌.csv", region="350825")
    run.run(run.Options(folder, AS_OF, tmp_path / "out", keys={"某局": key}), lambda done, total, name: None)
    links = pl.read_csv(tmp_path / "out/links.csv")
    in_clear = links.filter(pl.col("file") == plain.name)["person"].to_list()
    keyed = links.filter(pl.col("file") == "某局令牌.csv")
    found = [(a, b) for a, b in zip(keyed["person"], in_clear, strict=True) if a is not None]
    assert set(keyed["lane"]) == {"token", "none"} and len(found) > 0.9 * keyed.height
    assert [(a, b) for a, b in found if b is not None and a != b] == []


def test_two_token_lists_share_their_persons_without_any_key(tmp_path: Path) -> None:
    """Nobody here knows them: with or without the key they are one person each, of the same number in the next run."""
    key, state = tmp_path / "joint.key", tmp_path / "state"
    key.write_text("an invented key of this test alone\n")
    folder = lay(tmp_path / "报送")
    strangers = people(60, 71, ELSEWHERE)
    for name, table in (("甲局", strangers.head(40)), ("乙局", strangers.tail(50))):
        plain = tmp_path / f"{name}名单.csv"
        if name == "乙局":  # a relative's number: the names of two rows are each other's
            table = table.with_columns(pl.Series("姓名", [*table["姓名"][1::-1], *table["姓名"][2:]]))
        pl.concat([table, REGISTER.head(5)]).write_csv(plain, include_bom=True)
        tokens.make_tokens(plain, tokens.read_key(key), folder / f"{name}令牌.csv", region=HERE)
    outcomes: list[list[str | None]] = []
    for keys in ({}, {"joint": key}, {}):
        go(folder, tmp_path / "out", state=state, **keys)
        links = pl.read_csv(tmp_path / "out/links.csv").sort("file", "row")
        first, second = (links.filter(pl.col("file") == f"{name}令牌.csv") for name in ("甲局", "乙局"))
        shared = list(zip(first["person"][12:40], second["person"][2:30], strict=True))
        assert all(a is not None and a == b for a, b in shared)
        assert len({a for a, _ in shared}) == 28
        # one number under two names, and what stands in one list alone, is nobody
        assert first["person"][:12].null_count() == 12 and second["person"][30:50].null_count() == 20
        known = links.filter(pl.col("file") == "公安-户籍人口.csv")["person"][:5].to_list()
        if keys:
            assert first["person"][40:].to_list() == known and first["lane"][40:].to_list() == ["token"] * 5
        else:
            assert first["person"][40:].to_list() == second["person"][50:].to_list()
        assert set(first["lane"][12:40]) == {"token_only"}
        outcomes.append([a for a, _ in shared])
    assert outcomes[0] == outcomes[1] == outcomes[2]


def test_a_person_has_one_row_with_the_source_of_every_field(out: Path) -> None:
    persons = pl.read_parquet(out / "persons.parquet")
    links = pl.read_csv(out / "links.csv")
    assert persons["person"].is_unique().all()
    assert set(persons["person"]) == set(links["person"].drop_nulls())
    for field in ("name", "sex", "birth", "hukou_address", "phone"):
        assert (persons[field].is_null() == persons[f"{field}_source"].is_null()).all()
    assert persons["name"].null_count() < 0.01 * persons.height


def test_the_verified_id_of_a_person_is_the_true_one(out: Path, judged: pl.DataFrame) -> None:
    true = pl.read_parquet(TRUTH / "persons.parquet").select("pid", pl.col("id18").alias("true_id"))
    said = pl.read_parquet(out / "persons.parquet").select("person", "id18").drop_nulls()
    own = judged.filter(pl.col("id_kind") == "ok").select("pid", "person").drop_nulls().unique()
    wrong = own.join(said, on="person").join(true, on="pid").filter(pl.col("id18") != pl.col("true_id"))
    assert wrong.height <= 0.001 * said.height


def test_findings_name_what_departments_want_to_know_with_the_rows(out: Path) -> None:
    with (out / "findings.csv").open(encoding="utf-8-sig", newline="") as file:
        found = list(csv.DictReader(file))
    kinds = {f["kind"] for f in found}
    assert {"same_id_two_people", "dead_but_listed", "two_public_posts", "pension_but_unemployed"} <= kinds
    assert all(f["rows"].count("#") >= 2 and f["message"] for f in found)


def test_what_was_published_before_a_decision_comes_back_after_it_is_taken_back(
    out: Path, tmp_path: Path
) -> None:
    shutil.copytree(out / "extracts", tmp_path / "extracts")
    state = tmp_path / "state"
    state.mkdir()
    names = ("links.csv", "persons.parquet", "households.csv", "findings.csv")
    registry.run(tmp_path, state, AS_OF, {})
    before = [(tmp_path / n).read_bytes() for n in names]
    with (tmp_path / "review.csv").open(encoding="utf-8-sig", newline="") as file:
        doubtful = next(row for row in csv.DictReader(file) if row["person"])
    line = f"confirm,{doubtful['fingerprint']},{doubtful['person']},张某,2023-01-16,已电话核实\n"
    (state / "decisions.csv").write_text("action,fingerprint,person,by,on,reason\n" + line, encoding="utf-8")
    registry.run(tmp_path, state, AS_OF, {})
    links = pl.read_csv(tmp_path / "links.csv")
    assert links.filter(pl.col("lane") == "human")["person"].unique().to_list() == [doubtful["person"]]
    (state / "decisions.csv").unlink()
    registry.run(tmp_path, state, AS_OF, {})
    assert [(tmp_path / n).read_bytes() for n in names] == before
