"""From one month to the next: persons keep their numbers, a human's word is taken back without a trace, a re-run is the same."""

import csv
import shutil
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tests.pipeline.county import HERE, REGISTER, lay, link, people, register

JANUARY, FEBRUARY = date(2023, 1, 15), date(2023, 2, 15)
PUBLISHED = (
    "links.csv",
    "review.csv",
    "persons.parquet",
    "person_values.parquet",
    "households.csv",
    "findings.csv",
)
STRANGERS = people(260, 41).with_columns(pl.lit("").alias("身份证号码"))
LISTS = {
    "人社-登记失业人员名单": REGISTER.head(500),
    "村居-走访摸排表": pl.concat(
        [REGISTER.slice(200, 300).with_columns(pl.lit("").alias("身份证号码")), STRANGERS]
    ),
    "民政-低保名单": REGISTER.tail(300),
}


def next_month(table: pl.DataFrame, seed: int) -> pl.DataFrame:
    """Another order; 5 % of the rows with another telephone or village, 3 % gone, 3 % new. `old` stays for comparison."""
    rng = np.random.default_rng(seed)
    table = table.with_columns(pl.Series("draw", rng.random(table.height))).filter(pl.col("draw") < 0.97)
    changed = pl.col("draw") < 0.05
    moved = pl.when(changed & (pl.col("draw") < 0.025)).then(pl.lit(f"{HERE}100209")).otherwise("村居代码")
    phone = pl.when(changed & (pl.col("draw") >= 0.025)).then(
        pl.format(
            "161{}", (pl.col("draw") * 10**9).cast(pl.Int64).cast(pl.String).str.zfill(8).str.slice(0, 8)
        )
    )
    table = table.with_columns(
        moved.alias("村居代码"), pl.coalesce(phone, "联系电话").alias("联系电话")
    ).drop("draw")
    new = people(max(1, table.height * 3 // 100), seed)
    if table["身份证号码"][-1] == "":
        new = new.with_columns(pl.lit("").alias("身份证号码"))
    whole = pl.concat([table, new])
    return whole[rng.permutation(whole.height)]


def numbers(folder: Path, out: Path) -> pl.DataFrame:
    """Every row of the lists with what it says of a person and the number it was given."""
    links = pl.read_csv(out / "links.csv", infer_schema=False)
    said = [
        pl.read_csv(path, infer_schema=False)
        .with_columns(pl.all().fill_null(""))
        .with_row_index("row", offset=2)
        .select(
            pl.lit(path.name).alias("file"), pl.col("row").cast(pl.String),
            "姓名", pl.col("^(公民身份号码|身份证号码)$").name.map(lambda _: "证号"), "出生日期", "村居代码",
            pl.col("^联系电话$"),
        )
        for path in sorted(folder.glob("*.csv"))
    ]  # fmt: skip
    return pl.concat(said, how="diagonal").join(links, on=["file", "row"])


@pytest.fixture(scope="module")
def months(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two months, one state folder; January twice."""
    home = tmp_path_factory.mktemp("months")
    january = lay(home / "一月", **LISTS)
    link(january, home / "out1", as_of=JANUARY, state=home / "state")
    link(january, home / "again", as_of=JANUARY, state=home / "state")
    later = {name: next_month(table, seed) for seed, (name, table) in enumerate(LISTS.items(), start=51)}
    later["公安-户籍人口"] = register(REGISTER.filter(pl.int_range(pl.len()) % 40 != 7))
    link(lay(home / "二月", **later), home / "out2", as_of=FEBRUARY, state=home / "state")
    return home


def test_a_second_run_of_the_same_month_publishes_the_same_bytes(months: Path) -> None:
    for name in PUBLISHED:
        assert (months / "out1" / name).read_bytes() == (months / "again" / name).read_bytes(), name


def test_persons_whose_rows_did_not_change_keep_their_numbers(months: Path) -> None:
    row = ["file", "姓名", "证号", "出生日期", "村居代码", "联系电话"]
    before, after = numbers(months / "一月", months / "out1"), numbers(months / "二月", months / "out2")
    # what stands once in each month is the same row; a person is unchanged if all that January said of it still stands
    both = before.unique(row, keep="none").join(
        after.unique(row, keep="none"), on=row, nulls_equal=True, suffix="_now"
    )
    kept = both.group_by("person").agg(
        pl.len().alias("still"), (pl.col("person_now") == pl.col("person")).all().alias("same")
    )
    unchanged = kept.join(before.group_by("person").len(), on="person").filter(
        pl.col("still") == pl.col("len")
    )
    assert unchanged.height > 800
    assert unchanged["same"].mean() >= 0.995  # type: ignore[operator]
    by_rows = unchanged.join(before.filter(pl.col("证号") == ""), on="person", how="semi").join(
        before.filter(pl.col("证号") != ""), on="person", how="anti"
    )
    # those without any number are found again by their rows alone
    assert by_rows.height > 150 and by_rows["same"].mean() >= 0.995  # type: ignore[operator]
    new = after.join(before, on=row, how="anti", nulls_equal=True).filter(
        pl.col("姓名").is_in(before["姓名"].implode()).not_()
    )
    assert not set(new["person"].drop_nulls()) & set(before["person"])


def test_no_number_is_given_to_two_persons_over_the_months(months: Path) -> None:
    given = pl.read_parquet(months / "state/numbers.parquet")
    assert given["number"].is_unique().all() and given["id17"].drop_nulls().is_unique().all()
    known = pl.read_parquet(months / "state/assignments.parquet")
    open_rows = known.filter(pl.col("valid_to").is_null())
    assert open_rows.select("fingerprint", "copy").is_unique().all()
    assert set(known["valid_from"]) == {JANUARY, FEBRUARY} and FEBRUARY in set(known["valid_to"].drop_nulls())


def test_a_split_parts_two_and_taking_it_back_restores_all_exactly(months: Path) -> None:
    folder, state = months / "二月", months / "state"
    link(folder, months / "before", as_of=FEBRUARY, state=state)
    review = numbers(folder, months / "before").filter(
        (pl.col("lane") == "weight") & pl.col("file").str.starts_with("村居")
    )
    linked = review.join(
        numbers(folder, months / "before").filter(pl.col("file").str.starts_with("公安")),
        on="person",
        how="semi",
    ).row(0, named=True)
    marks = fingerprints_of(state, linked["person"])
    decisions = state / "decisions.csv"
    with decisions.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(
            [["action", "fingerprint", "person", "by", "on", "reason"],
             *(["split", mark, linked["person"], "张某", "2023-02-16", "两人误合"] for mark in marks)]
        )  # fmt: skip
    link(folder, months / "split", as_of=FEBRUARY, state=state)
    apart = numbers(folder, months / "split")
    here = apart.filter((pl.col("file") == linked["file"]) & (pl.col("row") == linked["row"]))
    assert here["lane"].to_list() == ["human"] and here["person"][0] != linked["person"]
    decisions.unlink()
    link(folder, months / "after", as_of=FEBRUARY, state=state)
    for name in PUBLISHED:
        assert (months / "before" / name).read_bytes() == (months / "after" / name).read_bytes(), name


def fingerprints_of(state: Path, number: str) -> list[str]:
    """Fingerprints of the rows linked to that person by weight."""
    known = pl.read_parquet(state / "assignments.parquet")
    own = known.filter(
        (pl.col("number") == number) & pl.col("valid_to").is_null() & (pl.col("lane") == "weight")
    )
    return own["fingerprint"].unique().sort().to_list()


def test_one_list_sent_again_alone_is_read_and_the_whole_is_as_if_all_were(months: Path) -> None:
    """What is kept of the other lists gives the same persons, numbers and findings as reading everything anew."""
    corrected = next_month(LISTS["村居-走访摸排表"], 61)
    shutil.copytree(months / "二月", months / "更正")
    corrected.write_csv(months / "更正/村居-走访摸排表.csv", include_bom=True)
    bare = shutil.ignore_patterns("readings")
    shutil.copytree(months / "state", months / "bare", ignore=bare)
    shutil.copytree(months / "state", months / "kept")
    read = link(months / "更正", months / "part", as_of=FEBRUARY, state=months / "kept")
    link(months / "更正", months / "anew", as_of=FEBRUARY, state=months / "bare")
    assert (read.read, read.skipped) == (1, 3)
    for name in PUBLISHED:
        assert (months / "part" / name).read_bytes() == (months / "anew" / name).read_bytes(), name
    for name in ("numbers.parquet", "assignments.parquet"):
        one, other = (pl.read_parquet(months / state / name) for state in ("kept", "bare"))
        assert one.equals(other), name
