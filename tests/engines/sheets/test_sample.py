"""The sample county: every row that the truth knows is a record, no other row is, and the cells mean what is true."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from tests.engines.sheets.understood import read_all

ROOT = Path(__file__).parents[3]
SAMPLE = ROOT / "examples/liancheng"
TRUTH = ROOT / "tests/data/liancheng/truth"
KINDS = {
    "01": {"unemployment_register"}, "02": {"minimum_living_allowance"}, "03": {"disability_certificates"},
    "04": {"poverty_exit"}, "05": {"insurance_contributions"}, "06": {"population_flow"}, "07": {"village_survey"},
    "08": {"vacancies", "labour_shortage"}, "09": {"key_employers", "wage_arrears_blacklist"}, "10": {"travel_demand"},
    "11": {"fair_signups"}, "12": {"public_welfare_posts"}, "13": {"help_requests"}, "14": {"household_register"},
    "15": {"family_planning_households"}, "16": {"land_expropriation"}, "17": {"pension_benefits"}, "18": {"prisoners"},
    "19": {"business_entities"}, "20": {"zero_employment_households"}, "21": {"real_name_register"},
    "22": {"migrant_residents"}, "23": {"graduates"},
}  # fmt: skip


@pytest.fixture(scope="module")
def county() -> pl.DataFrame:
    """All records of the county in the columns that every kind of extract has, and the identity columns."""
    frames = []
    for path in sorted(SAMPLE.rglob("*")):
        if path.is_file():
            found, _ = read_all(SAMPLE, path.relative_to(SAMPLE).as_posix(), date(2023, 1, 15), "350825")
            for reading, frame in found:
                assert sum(reading.counts.values()) == (frame.height if frame.height else 0) + sum(
                    n for k, n in reading.counts.items() if k != "data"
                )
                frames.append(
                    frame.select(
                        pl.col(
                            "^(file|sheet|row|kind|state|current|name|id_number|id_number_kind|id_number_key|person_token)$"
                        )
                    )
                )
    return pl.concat(frames, how="diagonal")


@pytest.fixture(scope="module")
def links() -> pl.DataFrame:
    """Which row is which person; the broken files have tests of their own."""
    rows = pl.read_parquet(TRUTH / "links.parquet").with_columns(
        pl.col("row").cast(pl.UInt32), pl.col("sheet").fill_null("")
    )
    return rows.filter(~pl.col("file").str.starts_with("hostile/"))


def test_every_file_is_the_kind_of_list_it_is(county: pl.DataFrame) -> None:
    found = county.group_by(pl.col("file").str.slice(0, 2).alias("n")).agg(pl.col("kind").unique())
    assert {n: set(kinds) for n, kinds in found.iter_rows()} == KINDS


@pytest.mark.parametrize("path", sorted((SAMPLE / "07村居-走访摸排表").iterdir()), ids=lambda path: path.stem)
def test_visits_are_known_by_their_columns_alone(tmp_path: Path, path: Path) -> None:
    (tmp_path / "1.xlsx").write_bytes(path.read_bytes())
    found, _ = read_all(tmp_path, "1.xlsx", date(2023, 1, 15), "350825")
    assert {kind for _reading, frame in found if frame.height for kind in frame["kind"].unique()} == {
        "village_survey"
    }


def test_every_row_of_a_person_is_a_record(county: pl.DataFrame, links: pl.DataFrame) -> None:
    missing = links.join(county, on=["file", "sheet", "row"], how="anti")
    assert missing.height == 0, missing.head(5)


def test_every_record_of_a_list_of_persons_is_a_row_of_a_person(
    county: pl.DataFrame, links: pl.DataFrame
) -> None:
    persons = county.join(links.select("file", "sheet").unique(), on=["file", "sheet"], how="semi")
    extra = persons.join(links, on=["file", "sheet", "row"], how="anti")
    assert extra.height == 0, extra.head(5)


def test_a_number_that_was_verified_is_the_true_number(county: pl.DataFrame, links: pl.DataFrame) -> None:
    persons = pl.read_parquet(TRUTH / "persons.parquet").select("pid", "id18")
    read = (
        county.filter(pl.col("id_number").is_not_null())
        .join(links, on=["file", "sheet", "row"])
        .join(persons, on="pid")
    )
    wrong = read.filter(pl.col("id_number") != pl.col("id18"))
    assert read.height > 95_000
    # a relative's number in one's own row is a valid number: only linkage can tell
    assert set(wrong["id_kind"]) == {"family"} and wrong.height == 232


def test_damage_is_recognised_and_never_verified(county: pl.DataFrame, links: pl.DataFrame) -> None:
    joined = county.join(links, on=["file", "sheet", "row"])
    by_damage = {
        damage: dict(part["id_number_kind"].value_counts().iter_rows())
        for (damage,), part in joined.partition_by("id_kind", as_dict=True).items()
    }
    assert set(by_damage["sci"]) == {"scientific"}
    assert set(by_damage["num"]) == {"cut15"}
    assert set(by_damage["drop"]) == {"short"}
    assert set(by_damage["typo"]) | set(by_damage["transpose"]) <= {"bad_check", "bad_date", None}
    assert set(by_damage["old15"]) <= {"ok15", None}
    assert set(by_damage["place"]) == {"placeholder"}
    for harmless in ("full", "quote", "space", "swapped"):
        assert by_damage[harmless].keys() <= {"ok18", "cut15"}, harmless


def test_the_sheet_of_the_month_before_is_not_the_present(county: pl.DataFrame) -> None:
    old = county.filter(~pl.col("current"))
    assert set(old["sheet"].unique()) == {"2022年11月"} and old.height == 589


def test_swapped_cells_are_put_right(county: pl.DataFrame) -> None:
    repaired = county.filter(pl.col("state") == "repaired")
    assert repaired.height == 16 and repaired["name"].str.contains("[\u4e00-\u9fff]").all()
