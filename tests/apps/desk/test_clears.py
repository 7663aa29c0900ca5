"""The four clears: asked and answered, or asked for by oneself; what nobody said is not clear."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

ROWS = ("file", "sheet", "row")


@pytest.fixture
def out(tmp_path) -> Path:
    """OUT of a run of eight persons, each with one row somewhere."""
    (tmp_path / "extracts").mkdir()
    (tmp_path / "facts_wide").mkdir()
    persons = [f"P00000000{n}" for n in range(1, 9)]
    pl.DataFrame(
        {
            "person": persons,
            "visited": [True, None, *[False] * 6],
            "intention": ["local", "undecided", *[None] * 6],
            "job_seeking": [None, False, False, True, *[None] * 4],
        },
        schema_overrides={"intention": pl.String},
    ).write_parquet(tmp_path / "facts_wide/persons.parquet")
    visits = pl.DataFrame(
        {
            "file": ["v.xlsx"] * 3, "sheet": ["村"] * 3, "row": [1, 2, 3], "kind": ["village_survey"] * 3,
            "skill": ["电工", None, None], "service_need": ["岗位推荐", None, None], "service_need__raw": [None, "无", None],
            "accepts_charter": [None, None, False],
        },
        schema_overrides={"row": pl.UInt32},
    )  # fmt: skip
    visits.write_parquet(tmp_path / "extracts/village_survey.v.1.parquet")
    rides = pl.DataFrame(
        {
            "file": ["t.csv"] * 2, "sheet": [None] * 2, "row": [2, 3], "kind": ["travel_demand"] * 2,
            "departure_wish": ["初六"] * 2, "accepts_charter": [None, False],
        },
        schema_overrides={"sheet": pl.String, "row": pl.UInt32},
    )  # fmt: skip
    rides.write_parquet(tmp_path / "extracts/travel_demand.t.1.parquet")
    pl.DataFrame(
        {"file": ["v.xlsx"], "sheet": ["村"], "row": [1], "training": ["焊工"], "refuses_training": [None]},
        schema_overrides={"refuses_training": pl.Boolean},
    ).write_parquet(tmp_path / "intentions.parquet")
    pl.DataFrame(
        {"file": ["c.csv"] * 3, "sheet": [""] * 3, "row": [2, 3, 4], "topic": ["培训", "无关", None]},
    ).write_parquet(tmp_path / "tickets.parquet")
    links = [
        ("v.xlsx", "村", 1, persons[0]), ("v.xlsx", "村", 2, persons[1]), ("v.xlsx", "村", 3, persons[2]),
        ("t.csv", "", 2, persons[4]), ("t.csv", "", 3, persons[5]), ("c.csv", "", 2, persons[6]),
        ("c.csv", "", 3, persons[7]), ("c.csv", "", 4, persons[7]),
    ]  # fmt: skip
    pl.DataFrame(links, [*ROWS, "person"], orient="row").write_csv(tmp_path / "links.csv", include_bom=True)
    return tmp_path


def told(out: Path) -> dict[str, tuple[bool, bool, bool, bool, list[str]]]:
    from chunfeng.apps.desk import clears

    found = clears.known(out)
    return {person[-1]: tuple(rest) for person, *rest in found.iter_rows()}


@pytest.mark.usefixtures("platform")
def test_what_is_clear_of_whom(out):
    assert told(out) == {
        "1": (True, True, True, True, ["service", "training"]),
        "2": (False, False, False, True, []),  # asked, and wants nothing
        "3": (False, False, False, True, []),  # does not want the chartered bus
        "4": (False, False, False, True, ["job"]),
        "5": (False, False, False, True, ["ride"]),
        "6": (False, False, False, True, []),
        "7": (False, False, False, True, ["call"]),
    }  # the eighth dialled a wrong number, and once nobody could tell what was wanted


@pytest.mark.usefixtures("platform")
def test_lists_without_these_columns_tell_nothing(out):
    for path in (out / "extracts").iterdir():
        path.unlink()
    pl.DataFrame({"file": ["x.csv"], "sheet": [""], "row": [1], "kind": ["person_list"]}).write_parquet(
        out / "extracts/person_list.x.1.parquet"
    )
    assert set(told(out)) == {"1", "4", "7"}
