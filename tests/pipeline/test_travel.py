"""The stages of travel and fairs on the sample county, on other counties' templates, and over two runs with a state folder."""

import shutil
from datetime import date
from pathlib import Path

import polars as pl
import pytest
import python_calamine

from chunfeng.engines.travel import demand as demands_of
from chunfeng.engines.travel import plan
from chunfeng.engines.travel.vehicles import TariffError
from chunfeng.pipeline import fairs, registry, run, travel
from tests.fixtures.other_counties import build

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "examples/liancheng"
TRUTH = ROOT / "tests/data/liancheng/truth"
AS_OF = date(2023, 1, 15)
NEEDED = ("09", "10", "11", "14", "19")
"""Files that speak of rides, fairs, persons and their households, and employers."""
ROW = ["file", "sheet", "row"]


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("travel")
    (folder / "in").mkdir()
    for path in SAMPLE.iterdir():
        if path.name[:2] in NEEDED:
            shutil.copy(path, folder / "in")
    run.run(
        run.Options(folder / "in", AS_OF, folder / "out", region="350825"), lambda done, total, name: None
    )
    return folder / "out"


def publish(out: Path, state: Path | None = None, **more: object) -> travel.Travel:
    extracts = [e for e in registry.read_extracts(out) if e["kind"][0] == "travel_demand"]
    return travel.publish(out, extracts, *travel.published(out), AS_OF, "350825", state=state, **more)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def done(county: Path) -> travel.Travel:
    return publish(county)


def truth(name: str) -> pl.DataFrame:
    return pl.read_csv(TRUTH / name, infer_schema=False).with_columns(pl.col("row").cast(pl.UInt32))


@pytest.fixture(scope="module")
def judged(county: Path, done: travel.Travel) -> pl.DataFrame:
    got = pl.read_csv(county / "travel.csv", infer_schema=False).with_columns(pl.col("row").cast(pl.UInt32))
    assert got.columns == list(demands_of.TABLE)
    both = truth("travel.csv").join(got, on=ROW, how="full", suffix="_got", coalesce=True)
    assert both.height == truth("travel.csv").height
    return both


def test_rides_are_read_as_the_truth_says(judged: pl.DataFrame) -> None:
    right = judged.select(
        pl.col("dest_code").eq_missing(pl.col("destination")).alias("destination"),
        (
            pl.col("earliest").eq_missing(pl.col("earliest_got"))
            & pl.col("latest").eq_missing(pl.col("latest_got"))
        ).alias("window"),
        pl.col("party").eq_missing(pl.col("party_got")).alias("party"),
    ).select(pl.all().mean())
    assert min(right.row(0)) >= 0.97


def test_repeated_sign_ups_are_found_and_no_others(judged: pl.DataFrame) -> None:
    said, found = pl.col("duplicate") == "1", pl.col("duplicate_got") == "1"
    both = judged.filter(said & found).height
    assert both / judged.filter(said).height >= 0.97
    assert both / judged.filter(found).height >= 0.97


def test_companions_are_the_persons_they_are(county: Path, judged: pl.DataFrame) -> None:
    links, _, _ = travel.published(county)
    known = pl.read_parquet(TRUTH / "links.parquet").select(
        "file", pl.col("sheet").fill_null(""), pl.col("row").cast(pl.UInt32), "pid"
    )
    person = (
        known.join(links, on=ROW).group_by(pl.col("pid").cast(pl.String)).agg(pl.col("person").mode().first())
    )
    named = judged.drop_nulls("companions")
    meant = (
        named.select(*ROW, pl.col("companions").str.split(";").alias("pid"))
        .explode("pid")
        .join(person, on="pid")
    )
    got = (
        named.select(*ROW, pl.col("companions_got").str.split(";").alias("person"))
        .explode("person")
        .drop_nulls()
    )
    both = got.join(meant, on=[*ROW, "person"], how="semi").height
    assert both / meant.height >= 0.9
    assert both / got.height >= 0.99


def test_everyone_has_a_seat_or_a_reason(county: Path, done: travel.Travel) -> None:
    trips = pl.read_csv(county / "trips.csv", infer_schema=False)
    others = pl.read_csv(county / "travel_unplanned.csv", infer_schema=False)
    assert trips.columns == ["person", "trip", "pickup", "time", "seat"]
    assert trips.height == done.plan.seats.height > 0
    assert others["reason"].null_count() == 0
    assert len({*done.plan.seats["line"], *done.plan.unplanned["line"]}) == done.demand.height
    short = done.plan.trips.filter((pl.col("load") < pl.col("least")) | (pl.col("load") > pl.col("capacity")))
    assert short.height == 0
    assert done.plan.bound <= done.plan.cost <= done.plan.desk


def test_each_trip_has_its_own_plan(county: Path, done: travel.Travel) -> None:
    made = sorted((county / "manifests").iterdir())
    assert len(made) == done.plan.trips.height
    for path in made:
        assert path.stat().st_mode & 0o077 == 0
        book = python_calamine.CalamineWorkbook.from_path(path)
        assert book.sheet_names == ["一车一方案", "乘客名单", "交接记录"]
    assert (county / "travel_plan.xlsx").is_file()


def test_findings_say_whom_to_ask(done: travel.Travel) -> None:
    kinds = set(done.findings["kind"])
    assert {"travel_day_unclear", "travel_signups_differ"} <= kinds
    assert done.findings["message"].null_count() == 0


def test_confirmed_passengers_keep_their_trip_and_are_told_of_changes(
    county: Path, tmp_path: Path, done: travel.Travel
) -> None:
    first = publish(county, tmp_path)
    trips = pl.read_csv(county / "trips.csv", infer_schema=False).drop_nulls("person")
    (best,) = first.plan.trips.sort("load").tail(1)["trip"]
    some = trips.filter(pl.col("trip") == best).head(3)
    confirmed = some.join(first.demand.select("person"), on="person", how="semi")
    confirmed.select("person", "trip").write_csv(tmp_path / "confirmed_trips.csv")
    again = publish(county, tmp_path, terms=plan.Terms(fleet={"coach45": 0, "coach33": 0, "coach19": 1}))
    seats = again.plan.seats.filter(pl.col("person").is_in(confirmed["person"].implode()))
    day = first.plan.trips.filter(pl.col("trip") == best)["day"].item()
    assert seats.join(again.plan.trips, on="trip")["day"].unique().to_list() == [day]
    assert again.plan.trips.filter(pl.col("kept")).height == 1
    third = publish(county, tmp_path)
    still = third.plan.seats.filter(pl.col("person").is_in(confirmed["person"].implode()))
    assert still.join(third.plan.trips, on="trip")["day"].unique().to_list() == [day]


@pytest.mark.parametrize(
    ("name", "text", "error"),
    [
        ("places.csv", "town,x\n1,2\n", travel.PlacesError),
        ("places.csv", "code,longitude,latitude\n350825101,26,116\n", travel.PlacesError),
        ("vehicles.yaml", "vehicles: 大客车", TariffError),
    ],
)
def test_a_state_file_that_cannot_be_used_stops_with_a_sentence(
    county: Path, tmp_path: Path, name: str, text: str, error: type[Exception]
) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(error, match=r"[一-鿿]"):
        publish(county, tmp_path)


def test_no_demand_at_all(tmp_path: Path) -> None:
    nothing = pl.DataFrame(
        schema={"file": pl.String, "sheet": pl.String, "row": pl.UInt32, "person": pl.String}
    )
    persons = pl.DataFrame(
        schema=dict.fromkeys(
            ("person", "name", "other_names", "id18", "phone", "hukou_region", "stay_region"), pl.String
        )
    )
    homes = pl.DataFrame(schema=dict.fromkeys(("household", "person", "role", "merged"), pl.String))
    found = travel.publish(tmp_path, [], nothing, persons, homes, AS_OF, "350825")
    assert found.plan.feasible and found.counts["travel_trips"] == 0
    assert (tmp_path / "trips.csv").read_text(encoding="utf-8-sig").strip() == "person,trip,pickup,time,seat"


def test_fairs_are_answered_as_the_truth_says(county: Path) -> None:
    found = fairs.publish(county, registry.read_extracts(county), AS_OF)
    both = truth("fairs.csv").join(found.answers, on=ROW, how="full", suffix="_got", coalesce=True)
    assert both.height == truth("fairs.csv").height == found.counts["fair_signups"]
    named = pl.col("reason_got").fill_null("").str.split(";").list.contains(pl.col("reason"))
    right = (pl.col("accept") == pl.col("accept_got")) & pl.when(pl.col("reason").is_null()).then(
        pl.col("reason_got").is_null()
    ).otherwise(named)
    assert both.select(right.fill_null(False).mean()).item() >= 0.98
    refused = found.answers.filter(pl.col("accept") != "yes")
    assert refused["law"].null_count() == 0
    assert {"fair_signups_refused", "listed_employer_at_fair", "fair_misnamed"} <= set(found.findings["kind"])


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three other counties' lists of rides and fairs only, each with its own template."""
    folder = tmp_path_factory.mktemp("elsewhere")
    build(folder / "all")
    for path in sorted((folder / "all").rglob("*")):
        if path.is_file() and any(
            word in path.name for word in ("返岗", "招工大集", "参会回执", "企业报名回执")
        ):
            target = folder / "in" / path.relative_to(folder / "all")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
    run.run(
        run.Options(folder / "in", AS_OF, folder / "out", region="350322"), lambda done, total, name: None
    )
    return folder / "out"


def test_other_counties_rides_are_read_in_their_own_words(elsewhere: Path) -> None:
    extracts = registry.read_extracts(elsewhere)
    links, persons, homes = travel.published(elsewhere)
    rows = demands_of.demands(extracts, links, persons, homes, AS_OF, "350322")
    assert rows.height > 90
    assert rows["file"].n_unique() >= 3
    said = rows.drop_nulls("to")
    assert said.height > 60 and said["destination"].null_count() == 0
    vague = rows.filter(pl.col("window") == "unclear")
    assert vague.height == 0, vague["wish"].unique().to_list()
    assert rows["party"].null_count() == 0
    town = rows.filter(pl.col("file").str.contains("枫亭镇"))
    told = town.select(pl.col("named") + 1 == pl.col("party")).to_series()
    assert told.all(), "this list does not count the traveller"
    online = rows.filter(pl.col("file").str.contains("返岗专车预约"))
    assert online.select((pl.col("named") + 1 == pl.col("party")).all()).item(), "this one does"


def test_other_counties_fairs_are_answered(elsewhere: Path, tmp_path: Path) -> None:
    found = fairs.publish(tmp_path, registry.read_extracts(elsewhere), AS_OF)
    assert found.answers.height >= 55
    assert {"yes", "no"} <= set(found.answers["accept"])
    asked = found.answers.filter(pl.col("accept") == "review")["reason"]
    assert asked.str.ends_with("是否提交不明").all(), "what a list never asked for is a question"
    missing = found.answers.filter(pl.col("accept") == "no")["reason"].str.split(";").explode()
    assert set(missing) <= {"缺营业执照", "缺授权委托书", "缺招聘简章", "重复报名", "招聘简章是否提交不明"}
