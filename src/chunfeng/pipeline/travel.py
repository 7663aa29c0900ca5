"""Stage: rides asked for become travel.csv, chartered trips with seats, one plan per trip, and a list of who has no seat."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from chunfeng.engines.travel import aboard, manifest, notices, vehicles
from chunfeng.engines.travel import demand as demands_of
from chunfeng.engines.travel import plan as planning
from chunfeng.pipeline.outputs import whole, write_csv, write_workbook

ROW = ["file", "sheet", "row"]
PLACES: dict[str, pl.DataType | type[pl.DataType]] = {
    "code": pl.String,
    "longitude": pl.Float64,
    "latitude": pl.Float64,
}
"""STATE/places.csv: towns (9 digits) and villages (12), degrees. Without it all are taken up at one point of the county."""
_UNSAFE = re.compile(r"[^\w\-]+")
HEADINGS = {
    **manifest.HEADINGS, "trip": "班次", "day": "日期", "from": "始发", "to": "到达", "vehicle": "车型", "capacity": "座位数",
    "least": "最低载客", "load": "乘客", "free": "余座", "km": "公里（估算）", "hours": "小时（估算）",
    "cost": "费用（元）", "leaves": "发车",
    "file": "文件", "sheet": "工作表", "row": "行", "person": "人员编号", "reason": "原因",
    "ticket": "购票补贴（元）", "trips": "可补的班次",
}  # fmt: skip
WIDTHS = {**manifest.WIDTHS, "trip": 24, "reason": 50, "trips": 46, "file": 26, "vehicle": 16}


class PlacesError(ValueError):
    """STATE/places.csv cannot be used; the message says what to do, Chinese first."""


class ConfirmedError(ValueError):
    """STATE/confirmed_trips.csv cannot be used; the message says what to do, Chinese first."""


@dataclass(frozen=True, slots=True)
class Travel:
    """What the stage found. `findings`: kind, person, rows, message, to be joined to findings.csv."""

    demand: pl.DataFrame
    plan: planning.Plan
    findings: pl.DataFrame
    counts: dict[str, Any]


def publish(
    out: Path,
    extracts: Sequence[pl.DataFrame],
    links: pl.DataFrame,
    persons: pl.DataFrame,
    households: pl.DataFrame,
    as_of: date,
    region: str | None,
    *,
    state: Path | None = None,
    terms: planning.Terms | None = None,
) -> Travel:
    """Write travel.csv, trips.csv, travel_unplanned.csv, travel_plan.xlsx and manifests/; return what they hold.

    `links`: file, sheet, row, person (lasting number). `persons`, `households`: as the stage of persons publishes them, by
    that number. `region`: the run's county. STATE/places.csv, STATE/vehicles.yaml and
    STATE/confirmed_trips.csv are used where they are. Raises PlacesError, TariffError, ConfirmedError for one that cannot be.
    """
    terms = terms or planning.Terms()
    if state is not None and (state / "vehicles.yaml").is_file():
        own = vehicles.read_tariff((state / "vehicles.yaml").read_text(encoding="utf-8-sig"))
        terms = replace(terms, tariff=own)
    places = _places(state)
    demand = demands_of.demands(extracts, links, persons, households, as_of, region)
    write_csv(demand.select(*demands_of.TABLE), out / "travel.csv")
    kept = _kept(state, demand)
    found = planning.make(demand, as_of, region, terms, places=places, kept=kept)
    if state is not None:
        _remember(state / "trips.parquet", found.trips.select("trip", "run", "day"))
    write_csv(_seats(found), out / "trips.csv")
    _manifests(out / "manifests", found, demand, persons, terms.tariff)
    unplanned = _unplanned(found, demand)
    write_csv(unplanned, out / "travel_unplanned.csv")
    write_workbook(
        [("班次", _trips(found, terms.tariff)), ("未排座人员", unplanned), ("说明", _account(found, demand, terms, places))],
        HEADINGS, WIDTHS, out / "travel_plan.xlsx",
    )  # fmt: skip
    counts = {
        "travel_demand": demand.height, "travel_repeated": int(demand["duplicate"].sum()),
        "travel_trips": found.trips.height, "travel_seats": found.seats.height, "travel_unplanned": found.unplanned.height,
        "travel_cost": round(found.cost), "travel_cost_first_come": round(found.desk), "travel_bound": round(found.bound),
    }  # fmt: skip
    told = pl.concat([notices.of_demand(demand), notices.of_changes(kept, found.seats, demand)])
    return Travel(demand, found, told, counts)


def published(out: Path) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """(links, persons, households) as an earlier stage of the run left them in OUT."""
    links = pl.read_csv(out / "links.csv", infer_schema=False).select(
        "file", pl.col("sheet").fill_null(""), pl.col("row").cast(pl.UInt32), "person"
    )
    return (
        links.drop_nulls("person"),
        pl.read_parquet(out / "persons.parquet"),
        pl.read_csv(out / "households.csv", infer_schema=False),
    )


def _remember(path: Path, trips: pl.DataFrame) -> None:
    """Trips by name, those of earlier runs too: a confirmation may name a trip that has since been merged."""
    known = [trips, *([pl.read_parquet(path)] if path.is_file() else [])]
    with whole(path) as part:
        pl.concat(known).unique("trip", keep="first", maintain_order=True).write_parquet(part)


def _kept(state: Path | None, demand: pl.DataFrame) -> pl.DataFrame:
    """(line, run, day, trip) of travellers in STATE/confirmed_trips.csv (person, trip as in trips.csv of the last run).

    Who is no longer in the demand has cancelled. Raises ConfirmedError for a file without these columns.
    """
    schema = {"line": pl.UInt32, "run": pl.String, "day": pl.Date, "trip": pl.String}
    path = state / "confirmed_trips.csv" if state is not None else None
    if path is None or not path.is_file() or not (path.parent / "trips.parquet").is_file():
        return pl.DataFrame(schema=schema)
    try:
        said = (
            pl.read_csv(path, infer_schema=False)
            .select("person", "trip")
            .unique("person", keep="last", maintain_order=True)
        )
    except (pl.exceptions.PolarsError, UnicodeDecodeError) as error:
        raise ConfirmedError(
            f"{path.name} 要有 person、trip 两列。 / needs the columns person, trip: {error}"
        ) from None
    ran = said.join(pl.read_parquet(path.parent / "trips.parquet"), on="trip")
    lines = demand.with_row_index("line").filter(~pl.col("duplicate")).select("line", "person").drop_nulls()
    return lines.join(ran, on="person", maintain_order="left").select(
        [pl.col(c).cast(t) for c, t in schema.items()]
    )


def _places(state: Path | None) -> pl.DataFrame | None:
    path = state / "places.csv" if state is not None else None
    if path is None or not path.is_file():
        return None
    try:
        table = pl.read_csv(path, infer_schema=False).select([pl.col(c).cast(t) for c, t in PLACES.items()])
    except (pl.exceptions.PolarsError, UnicodeDecodeError) as error:
        raise PlacesError(
            f"{path.name} 要有 code、longitude、latitude 三列，经纬度为度数。 / needs code, longitude, latitude: {error}"
        ) from None
    wrong = table.filter(
        ~pl.col("longitude").is_between(73, 136).fill_null(False)
        | ~pl.col("latitude").is_between(3, 54).fill_null(False)
    )
    if wrong.height or table["code"].is_duplicated().any():
        raise PlacesError(
            f"{path.name} 有 {wrong.height} 行经纬度不在中国境内，或代码重复。 / coordinates outside China, or a code twice."
        )
    return table


def _seats(found: planning.Plan) -> pl.DataFrame:
    """trips.csv: one line per seat, person blank for companions who were not named or linked."""
    origins = found.seats.join(
        found.trips.select("trip", "origin"), on="trip", how="left", maintain_order="left"
    )
    pairs = origins.select("stop", "origin").unique()
    names = pairs.with_columns(
        pl.Series(
            "pickup", [aboard.stop_name(stop, origin) for stop, origin in pairs.iter_rows()], dtype=pl.String
        )
    )
    named = origins.join(names, on=["stop", "origin"], how="left", nulls_equal=True, maintain_order="left")
    days = named.join(found.trips.select("trip", "day"), on="trip", how="left", maintain_order="left")
    moment = pl.concat_str(pl.col("day").cast(pl.String), "time", separator=" ")
    return days.select("person", "trip", "pickup", moment.alias("time"), "seat").sort("trip", "seat")


def _trips(found: planning.Plan, tariff: vehicles.Tariff) -> pl.DataFrame:
    names = {v.id: v.name for v in tariff.vehicles}
    codes = found.trips.select(
        pl.concat_list("origin", pl.col("zones").str.split(";")).explode().unique()
    ).to_series()
    place = {c: aboard.place_name(c) for c in codes}
    to = pl.col("zones").str.split(";").list.eval(pl.element().replace(place)).list.join("、")
    return found.trips.select(
        "trip", pl.col("day").cast(pl.String), pl.col("origin").replace(place).alias("from"), to.alias("to"),
        pl.col("vehicle").replace(names), "capacity", "least", "load", (pl.col("capacity") - pl.col("load")).alias("free"),
        "leaves", "km", "hours", "cost",
    )  # fmt: skip


def _unplanned(found: planning.Plan, demand: pl.DataFrame) -> pl.DataFrame:
    rows = demand.with_row_index("line").select("line", *ROW, "person", "name", "phone")
    return rows.join(found.unplanned, on="line", maintain_order="left").drop("line")


def _account(
    found: planning.Plan, demand: pl.DataFrame, terms: planning.Terms, places: pl.DataFrame | None
) -> pl.DataFrame:
    """How the plan was made and what it is worth, for the reader of the workbook."""
    saved = f"，为其 {found.cost / found.desk:.0%}" if found.desk > 0 else ""
    rows = [
        ("登记", f"{demand.height} 行，其中重复 {int(demand['duplicate'].sum())} 行"),
        ("安排", f"{found.trips.height} 个班次，{found.seats.height} 个座位；{found.unplanned.height} 行未排座，原因逐人列明"),
        ("费用", f"{found.cost:,.0f} 元（车辆、接驳和购票补贴）；先到先排、单一车型的通常做法需 {found.desk:,.0f} 元{saved}"),
        ("最优程度", f"任何方案不低于 {found.bound:,.0f} 元"),
        ("价目", "县里提供" if terms.tariff.own else "随软件的估算价目；请把承运报价写入状态目录的 vehicles.yaml 后重算"),
        ("距离", f"县市驻地直线距离乘以 {terms.tariff.road_factor}（公路）或 {terms.tariff.rail_factor}（铁路），为估算"),
        ("上车点", "按县里提供的乡镇、村坐标排接送次序" if places is not None else
         "没有乡镇坐标，全部在县城集合点上车；把坐标写入状态目录的 places.csv 后可排乡镇接送"),
        *(("无可行方案，可放宽", told) for told in found.advice),
    ]  # fmt: skip
    return pl.DataFrame(rows, schema={"item": pl.String, "content": pl.String}, orient="row")


def _manifests(
    folder: Path, found: planning.Plan, demand: pl.DataFrame, persons: pl.DataFrame, tariff: vehicles.Tariff
) -> None:
    """One workbook per trip; those of an earlier run go."""
    if folder.is_dir():
        shutil.rmtree(folder)
    for (trip,), seats in found.seats.group_by("trip", maintain_order=True):
        row = found.trips.row(by_predicate=pl.col("trip") == trip, named=True)
        name = _UNSAFE.sub("_", str(trip))
        write_workbook(
            manifest.sheets(row, seats, demand, persons, tariff),
            manifest.HEADINGS,
            manifest.WIDTHS,
            folder / f"{name}.xlsx",
        )
    if folder.is_dir():
        folder.chmod(0o700)
