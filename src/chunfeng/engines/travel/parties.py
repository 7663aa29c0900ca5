"""From demand to parties that can be planned for, and for everyone else the plain reason why not.

A party stays together, goes from its county to the city (four digits) of its destination, and takes as many seats as it has
persons who are not seated with an earlier party.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from chunfeng.reference import regions

PARTIES: dict[str, pl.DataType | type[pl.DataType]] = {
    "line": pl.UInt32, "origin": pl.String, "zone": pl.String, "destination": pl.String, "earliest": pl.Date,
    "latest": pl.Date, "seats": pl.Int64, "stop": pl.String,
}  # fmt: skip
"""`line`: place of the row in the demand; `zone`: the city as six digits; `stop`: deepest region code of the home."""
UNPLANNED: dict[str, pl.DataType | type[pl.DataType]] = {"line": pl.UInt32, "reason": pl.String}
_ONE_CITY = ("11", "12", "31", "50", "71", "81", "82")
"""Provinces that are one city, or have no city below."""
REASONS = {
    "again": "重复报名，已按先前一条安排",
    "along": "已随他人一同登记，座位已计",
    "party": "同行人数无法辨认，请电话核实",
    "own": "不愿集中乘车，自行出行",
    "bought": "已购票，不再安排",
    "nowhere": "目的地不明，请电话核实",
    "province": "目的地只写到省，请问明城市",
    "here": "目的地就在本县，不需要返岗专车",
    "clash": "出发时间与到岗时间相矛盾，请电话核实",
    "when": "出发时间不明，请电话核实",
    "late": "希望出发的日子已过，请重新约定",
}
"""Why a row is not planned for, in the order in which reasons are looked for."""


def zone_of(destination: pl.Expr) -> pl.Expr:
    """The city of a six-digit code, as six digits: 350583 → 350500, 310117 → 310000."""
    province = destination.str.slice(0, 2)
    return (
        pl.when(province.is_in(_ONE_CITY))
        .then(province + "0000")
        .otherwise(destination.str.slice(0, 4) + "00")
    )


def parties(
    demand: pl.DataFrame, first_day: date, last_day: date, county: str | None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(PARTIES, UNPLANNED) of a table of demand (`demand.TABLE` and `MORE`), both by line.

    `first_day`, `last_day`: the days trips may leave; who would go any day goes on any of them.
    """
    said = demand.with_row_index("line").with_columns(seats(demand))
    home = pl.coalesce(pl.col("home").str.slice(0, 6), pl.lit(county))
    province = pl.col("destination").str.ends_with("0000") & ~pl.col("destination").str.slice(0, 2).is_in(
        _ONE_CITY
    )
    days = pl.col("window").is_in(["days"]) | pl.col("latest").is_not_null()
    when = {
        "again": pl.col("duplicate"),
        "party": pl.col("party").is_null(),
        "along": pl.col("seats") <= 0,
        "own": pl.col("charter") == pl.lit(False),
        "bought": pl.col("ticket"),
        "nowhere": pl.col("destination").is_null(),
        "province": province,
        "here": pl.col("destination") == home,
        "clash": pl.col("late"),
        "when": ~days & (pl.col("window") != "any"),
        "late": pl.col("latest") < first_day,
    }
    reason = pl.coalesce(
        pl.when(test.fill_null(False)).then(pl.lit(REASONS[why])) for why, test in when.items()
    )
    judged = said.with_columns(reason.alias("reason"), home.alias("origin"))
    unplanned = judged.filter(pl.col("reason").is_not_null())
    planned = judged.filter(pl.col("reason").is_null()).select(
        "line", "origin", zone_of(pl.col("destination")).alias("zone"), "destination",
        pl.max_horizontal(pl.col("earliest").fill_null(first_day), pl.lit(first_day)).alias("earliest"),
        pl.min_horizontal(pl.col("latest").fill_null(last_day), pl.lit(last_day)).alias("latest"),
        "seats", pl.coalesce("home", "origin").alias("stop"),
    )  # fmt: skip
    beyond = planned.filter(pl.col("earliest") > pl.col("latest"))
    planned = planned.filter(pl.col("earliest") <= pl.col("latest"))
    told = beyond.select("line", pl.lit("希望出发的日子在本次活动之后，另行安排").alias("reason"))
    return (
        planned.select([pl.col(c).cast(t) for c, t in PARTIES.items()]).sort("line"),
        pl.concat([unplanned.select("line", "reason"), told]).sort("line"),
    )


def seats(demand: pl.DataFrame) -> pl.Series:
    """Seats per row: the party without those who already have a seat with an earlier row; repeats take none."""
    rows = demand.with_row_index("line").filter(~pl.col("duplicate"))
    persons = pl.concat(
        [
            rows.select("line", "person"),
            rows.select("line", pl.col("companions").str.split(";").alias("person")).explode("person"),
        ]
    ).drop_nulls().unique()  # fmt: skip
    first = persons.with_columns((pl.col("line") > pl.col("line").min().over("person")).alias("twice"))
    twice = first.group_by("line").agg(pl.col("twice").sum().cast(pl.Int64))
    every = demand.with_row_index("line").join(twice, on="line", how="left", maintain_order="left")
    size = pl.col("party").cast(pl.Int64) - pl.col("twice").fill_null(0)
    return every.select(pl.when(~pl.col("duplicate")).then(size.clip(0)).otherwise(0).alias("seats"))["seats"]


def members(demand: pl.DataFrame, lines: pl.Series) -> pl.DataFrame:
    """One row per seat of these lines: line, at, person, name; the traveller first, persons unknown last, null.

    Who has a seat with an earlier line has none here.
    """
    rows = (
        demand.with_row_index("line")
        .with_columns(seats(demand))
        .filter(pl.col("line").is_in(lines.implode()))
    )
    named = pl.concat(
        [
            rows.select("line", pl.lit(0, dtype=pl.UInt32).alias("at"), "person", "name"),
            rows.select("line", pl.col("companions").str.split(";").alias("person"), pl.lit(None, dtype=pl.String).alias("name"))
            .explode("person").drop_nulls("person")
            .with_columns((pl.int_range(pl.len()).over("line") + 1).cast(pl.UInt32).alias("at"))
            .select("line", "at", "person", "name"),
        ]
    ).sort("line", "at")  # fmt: skip
    all_rows = demand.with_row_index("line").filter(~pl.col("duplicate"))
    everyone = pl.concat(
        [
            all_rows.select("line", "person"),
            all_rows.select("line", pl.col("companions").str.split(";").alias("person")).explode("person"),
        ]
    ).drop_nulls()  # fmt: skip
    own = everyone.group_by("person").agg(pl.col("line").min().alias("own"))
    named = named.join(own, on="person", how="left").filter(
        pl.col("own").is_null() | (pl.col("own") == pl.col("line"))
    )
    named = named.unique(["line", "person", "name"], keep="first", maintain_order=True).drop("own")
    left = rows.select("line", "seats").join(named.group_by("line").len(), on="line", how="left").select(
        "line", pl.int_ranges(0, (pl.col("seats") - pl.col("len").fill_null(0).cast(pl.Int64)).clip(0)).alias("at")
    ).explode("at").drop_nulls()  # fmt: skip
    nameless = left.select(
        "line", (pl.col("at") + 1000).cast(pl.UInt32).alias("at"),
        pl.lit(None, dtype=pl.String).alias("person"), pl.lit(None, dtype=pl.String).alias("name"),
    )  # fmt: skip
    whole = pl.concat([named.sort("line", "at"), nameless]).sort("line", "at")
    fits = whole.with_columns(pl.int_range(pl.len()).over("line").alias("n")).join(
        rows.select("line", "seats"), on="line"
    )
    return (
        fits.filter(pl.col("n") < pl.col("seats"))
        .select("line", pl.col("n").cast(pl.UInt32).alias("at"), "person", "name")
        .sort("line", "at")
    )


def place_name(code: str) -> str:
    """The short name of a city or county of six digits; of a municipality its own."""
    bare = code[:2] if code.endswith("0000") else code[:4] if code.endswith("00") else code
    region = regions.get(bare)
    return regions.short_name(region) if region is not None else code
