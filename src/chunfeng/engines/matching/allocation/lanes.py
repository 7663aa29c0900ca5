"""Which firm could lend to which: the work, the time, the way. One line per lender's and borrower's row that fit."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

from chunfeng.reference import coordinates

LANES: dict[str, pl.DataType | type[pl.DataType]] = {
    "s": pl.Int64, "d": pl.Int64, "from": pl.Date, "to": pl.Date, "trouble": pl.Int64, "note": pl.String,
}  # fmt: skip
"""`s`, `d`: row numbers of supply and demand; `to` null: open; `trouble`: kilometres and what has to be asked or taught, the
less the better; `note`: what must be settled first."""
GENERAL = "普工|杂工|辅工|小工|操作工|包装|装卸|搬运|分拣|打包|流水线|清洁|保洁|后勤|一线工"
"""Work that needs neither a certificate nor months of practice: anybody may be lent for it."""
ROAD = 1.3
"""Road over straight line, as in travel planning where no road distance is known."""
SAME_TOWN, SAME_COUNTY, UNKNOWN = 3, 15, 30
"""Kilometres supposed where no coordinates tell: within a town, between towns of a county, where a place is not known."""
OTHER_WORK, NOT_ASKED, SHORT, NO_END = 60, 40, 20, 10
"""What it is worth, in kilometres, that the work is only related, the lender not yet willing, the time short, the end open."""
_FAR = date(9999, 12, 31)
_NOISE = r"[\s（(].*$|[、，,/\s]+$"


def lanes(
    supply: pl.DataFrame, demand: pl.DataFrame, as_of: date, days: int, month: int, kilometres: float
) -> pl.DataFrame:
    """Columns of LANES, by s and d. A firm never lends to itself, nor one that will not."""
    has, wants = _side(supply, "s"), _side(demand, "d")
    has = has.filter(pl.col("willing_s").fill_null(True))
    pairs = pl.concat(
        [
            has.join(wants, left_on="work_s", right_on="work_d", coalesce=False).with_columns(pl.lit(0).alias("work")),
            has.join(wants.filter(pl.col("work_d").str.contains(GENERAL)), how="cross").with_columns(pl.lit(1).alias("work")),
            has.filter(pl.col("work_s").is_null() | pl.col("work_s").str.contains(GENERAL))
            .join(wants, left_on="industry_s", right_on="industry_d", coalesce=False).with_columns(pl.lit(2).alias("work")),
            has.join(wants.filter(pl.col("work_d").is_null()), left_on="industry_s", right_on="industry_d", coalesce=False)
            .with_columns(pl.lit(2).alias("work")),
        ],
        how="diagonal",
    ).filter(pl.col("employer_s") != pl.col("employer_d"))  # fmt: skip
    best = pairs.sort("s", "d", "work").unique(["s", "d"], keep="first", maintain_order=True)
    begin = pl.max_horizontal(
        pl.col("from_s").fill_null(as_of), pl.col("from_d").fill_null(as_of), pl.lit(as_of)
    )
    end = pl.min_horizontal(pl.col("to_s").fill_null(_FAR), pl.col("to_d").fill_null(_FAR))
    timed = best.with_columns(
        begin.alias("from"), end.alias("end"), _kilometres(best).alias("km")
    ).with_columns(((pl.col("end") - pl.col("from")).dt.total_days() + 1).alias("days"))
    near = timed.filter(pl.col("days") >= days, pl.col("km") <= kilometres)
    asked, short, open_ = pl.col("willing_s").is_null(), pl.col("days") < month, pl.col("end") == _FAR
    trouble = pl.col("km").round().cast(pl.Int64) + sum(
        pl.when(when).then(worth).otherwise(0)
        for when, worth in (
            (pl.col("work") > 0, OTHER_WORK),
            (asked, NOT_ASKED),
            (short, SHORT),
            (open_, NO_END),
        )
    )
    note = pl.concat_str(
        pl.when(asked).then(pl.lit("先征得借出企业同意")),
        pl.when(pl.col("work_s").is_null()).then(pl.lit("借出人员工种未填，先核对能否胜任"))
        .when(pl.col("work") == 1).then(pl.lit("通用工种，上岗前培训"))
        .when(pl.col("work") == 2).then(pl.lit("同行业，先核对工种")),
        pl.when(pl.col("region_s").is_null() | pl.col("region_d").is_null()).then(pl.lit("地点不明，路程为估计")),
        pl.when(short).then(pl.lit(f"不满{month}天")), pl.when(open_).then(pl.lit("止期未填，先约定")),
        separator="；", ignore_nulls=True,
    )  # fmt: skip
    return (
        near.select(
            "s",
            "d",
            "from",
            pl.when(~open_).then("end").alias("to"),
            trouble.alias("trouble"),
            note.alias("note"),
        )
        .select([pl.col(c).cast(t) for c, t in LANES.items()])
        .sort("s", "d")
    )


def _side(rows: pl.DataFrame, side: str) -> pl.DataFrame:
    work = pl.col("occupation").str.replace_all(_NOISE, "").str.strip_chars()
    named = rows.with_row_index(side).with_columns(
        pl.col(side).cast(pl.Int64),
        pl.when(work != "").then(work).alias("work"),
    )
    return named.select(pl.col(side), pl.all().exclude(side).name.suffix(f"_{side}"))


def _kilometres(pairs: pl.DataFrame) -> pl.Series:
    """By road, between seats of counties; within one county supposed (its towns have no coordinates here)."""
    seats = coordinates.frame()
    ends = []
    for side in ("s", "d"):
        codes = pl.DataFrame(
            {"region": pairs[f"region_{side}"].str.slice(0, 6), "n": range(pairs.height)},
            schema={"region": pl.String, "n": pl.Int64},
        )
        ends.append(codes.join(seats, left_on="region", right_on="code", how="left", maintain_order="left"))
    (lon1, lat1), (lon2, lat2) = (
        (
            np.radians(e["longitude"].to_numpy().astype(float)),
            np.radians(e["latitude"].to_numpy().astype(float)),
        )
        for e in ends
    )
    half = np.sin((lat2 - lat1) / 2) ** 2 + np.cos(lat1) * np.cos(lat2) * np.sin((lon2 - lon1) / 2) ** 2
    apart = pl.Series(
        "km", 2 * coordinates.EARTH_RADIUS_KM * np.arcsin(np.minimum(1.0, np.sqrt(half))) * ROAD
    ).fill_nan(None)
    one, other = (pairs[f"region_{side}"] for side in ("s", "d"))
    frame = pl.DataFrame({"one": one, "other": other, "km": apart})
    town = (pl.col("one").str.len_chars() >= 9) & (
        pl.col("one").str.slice(0, 9) == pl.col("other").str.slice(0, 9)
    )
    county = pl.col("one").str.slice(0, 6) == pl.col("other").str.slice(0, 6)
    return frame.select(
        pl.when(town.fill_null(False)).then(float(SAME_TOWN)).when(county.fill_null(False)).then(float(SAME_COUNTY))
        .otherwise(pl.col("km").fill_null(float(UNKNOWN))).alias("km")
    )["km"]  # fmt: skip
