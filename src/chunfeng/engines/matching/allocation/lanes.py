"""Which firm could lend to which: the work, the time, the way. One line per lender's and borrower's row that fit."""

from __future__ import annotations

from datetime import date

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
MOST = 200
"""Lanes kept per row: those of least trouble for the lender, and for the borrower. More only makes the flow slow."""
_FAR = date(9999, 12, 31)
_ASIDE, _BETWEEN = r"[（(][^）)]*[）)]", r"[、，,/；;|\s]+"
"""In a cell that names several trades: what stands in brackets, and what stands between two."""


def lanes(
    supply: pl.DataFrame, demand: pl.DataFrame, as_of: date, days: int, month: int, kilometres: float
) -> pl.DataFrame:
    """Columns of LANES, by s and d. A firm never lends to itself, nor one that will not."""
    has, wants = _side(supply, "s"), _side(demand, "d")
    has = has.filter(pl.col("willing_s").fill_null(True))
    near = _near(has["county_s"], wants["county_d"], kilometres)
    around = has.join(near, on="county_s")
    both, trade = ["county_d", "work"], ["county_d", "industry"]
    asked_for = {c: wants.rename({f"{c}_d": c}) for c in ("work", "industry")}
    of = {c: around.rename({f"{c}_s": c}) for c in ("work", "industry")}
    anybody = pl.col("work_s").is_null() | pl.col("work_s").str.contains(GENERAL)
    unnamed = asked_for["industry"].filter(pl.col("work_d").is_null())
    levels = [
        of["work"].join(asked_for["work"], on=both).with_columns(pl.col("work").alias("work_s")),
        around.join(wants.filter(pl.col("work_d").str.contains(GENERAL)), on="county_d"),
        of["industry"].filter(anybody).join(asked_for["industry"], on=trade),
        of["industry"].join(unnamed, on=trade),
    ]
    ranked = [
        p.with_columns(pl.lit(level).alias("level")) for p, level in zip(levels, (0, 1, 2, 2), strict=True)
    ]
    pairs = pl.concat(ranked, how="diagonal").filter(pl.col("employer_s") != pl.col("employer_d"))
    best = pairs.sort("s", "d", "level").unique(["s", "d"], keep="first", maintain_order=True)
    begin = pl.max_horizontal(
        pl.col("from_s").fill_null(as_of), pl.col("from_d").fill_null(as_of), pl.lit(as_of)
    )
    end = pl.min_horizontal(pl.col("to_s").fill_null(_FAR), pl.col("to_d").fill_null(_FAR))
    town = (pl.col("region_s").str.len_chars() >= 9) & (
        pl.col("region_s").str.slice(0, 9) == pl.col("region_d").str.slice(0, 9)
    )
    km = pl.when(town.fill_null(False)).then(float(SAME_TOWN)).otherwise("km")
    timed = best.with_columns(begin.alias("from"), end.alias("end"), km.alias("km")).with_columns(
        ((pl.col("end") - pl.col("from")).dt.total_days() + 1).alias("days")
    )
    fitting = timed.filter(pl.col("days") >= days)
    asked, short, open_ = pl.col("willing_s").is_null(), pl.col("days") < month, pl.col("end") == _FAR
    trouble = pl.col("km").round().cast(pl.Int64) + sum(
        pl.when(when).then(worth).otherwise(0)
        for when, worth in (
            (pl.col("level") > 0, OTHER_WORK),
            (asked, NOT_ASKED),
            (short, SHORT),
            (open_, NO_END),
        )
    )
    note = pl.concat_str(
        pl.when(asked).then(pl.lit("先征得借出企业同意")),
        pl.when(pl.col("work_s").is_null()).then(pl.lit("借出人员工种未填，先核对能否胜任"))
        .when(pl.col("level") == 1).then(pl.lit("通用工种，上岗前培训"))
        .when(pl.col("level") == 2).then(pl.lit("同行业，先核对工种")),
        pl.when(pl.col("region_s").is_null() | pl.col("region_d").is_null()).then(pl.lit("地点不明，路程为估计")),
        pl.when(short).then(pl.lit(f"不满{month}天")), pl.when(open_).then(pl.lit("止期未填，先约定")),
        separator="；", ignore_nulls=True,
    )  # fmt: skip
    lines = fitting.select(
        "s", "d", "from", pl.when(~open_).then("end").alias("to"), trouble.alias("trouble"), note.alias("note")
    ).select([pl.col(c).cast(t) for c, t in LANES.items()])  # fmt: skip
    nth = [
        pl.int_range(pl.len()).over(one, order_by=["trouble", other]) < MOST
        for one, other in (("s", "d"), ("d", "s"))
    ]
    return lines.filter(nth[0] | nth[1]).sort("s", "d")


def _side(rows: pl.DataFrame, side: str) -> pl.DataFrame:
    plain = pl.col("occupation").str.replace_all(_ASIDE, "").str.replace_all(_BETWEEN, "|")
    trades = plain.str.split("|").list.filter(pl.element() != "").list.unique(maintain_order=True)
    named = (
        rows.with_row_index(side)
        .with_columns(
            pl.col(side).cast(pl.Int64),
            trades.alias("work"),
            pl.col("region").str.slice(0, 6).fill_null("").alias("county"),
        )
        .explode("work")
    )
    return named.select(pl.col(side), pl.all().exclude(side).name.suffix(f"_{side}"))


def _near(lending: pl.Series, borrowing: pl.Series, kilometres: float) -> pl.DataFrame:
    """(county_s, county_d, km) of counties no farther apart by road than allowed; "" is a place not known, near to all.

    Between seats of counties; within a county supposed, since its towns have no coordinates here.
    """
    seats = coordinates.frame()
    ends = [
        side.unique().sort().alias(name).to_frame().join(
            seats.select(pl.col("code").alias(name), pl.col("longitude", "latitude").radians().name.suffix(f"_{n}")),
            on=name, how="left", maintain_order="left",
        )
        for n, (name, side) in enumerate((("county_s", lending), ("county_d", borrowing)))
    ]  # fmt: skip
    dx, dy = (pl.col(f"{c}_1") - pl.col(f"{c}_0") for c in ("longitude", "latitude"))
    half = (dy / 2).sin().pow(2) + pl.col("latitude_0").cos() * pl.col("latitude_1").cos() * (
        dx / 2
    ).sin().pow(2)
    apart = 2 * coordinates.EARTH_RADIUS_KM * half.clip(0, 1).sqrt().arcsin() * ROAD
    known = (pl.col("county_s") != "") & (pl.col("county_d") != "")
    km = (
        pl.when(known & (pl.col("county_s") == pl.col("county_d"))).then(float(SAME_COUNTY))
        .otherwise(apart.fill_null(float(UNKNOWN)))
    )  # fmt: skip
    pairs = ends[0].join(ends[1], how="cross").select("county_s", "county_d", km.alias("km"))
    return pairs.filter(pl.col("km") <= kilometres)
