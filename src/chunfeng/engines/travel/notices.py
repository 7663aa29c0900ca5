"""Findings out of the demand: what to ask people by telephone before a seat can be planned."""

from __future__ import annotations

import polars as pl

FINDINGS: dict[str, pl.DataType | type[pl.DataType]] = {
    "kind": pl.String, "person": pl.String, "rows": pl.String, "message": pl.String,
}  # fmt: skip
"""As findings.csv; `rows` at most CITED as file#sheet#row, joined by `;`."""
CITED = 20


def of_demand(demand: pl.DataFrame) -> pl.DataFrame:
    """One finding per list and question, and one per traveller whose two sign-ups differ. `demand`: TABLE with MORE."""
    asked = [
        _asked(demand, "travel_day_unclear", pl.col("window").is_in(["unclear", "none"]) & pl.col("latest").is_null(), "wish",
               "人没有写清哪天出发", "请电话问明日期，否则无法排班"),
        _asked(demand, "travel_destination_unclear", pl.col("destination").is_null(), "to",
               "人的目的地无法辨认", "请问明到哪个市县"),
        _asked(demand, "travel_companions_unknown", pl.col("found") < pl.col("named"), "name",
               "人的同行人有的查无此人或同名多人", "请补同行人身份证号，上车要核对"),
        _asked(demand, "travel_days_contradict", pl.col("late"), "wish",
               "人希望的出发日晚于要求的到岗日", "请与本人和企业核对"),
        _asked(demand, "travel_party_unread", pl.col("party").is_null(), "name",
               "人的同行人数无法辨认", "请核对"),
    ]  # fmt: skip
    return pl.concat([*asked, _differing(demand)])


def _place() -> pl.Expr:
    return pl.concat_str("file", "sheet", pl.col("row").cast(pl.String), separator="#")


def _asked(demand: pl.DataFrame, kind: str, when: pl.Expr, said: str, what: str, todo: str) -> pl.DataFrame:
    rows = demand.filter(when.fill_null(False) & ~pl.col("duplicate"))
    lists = rows.group_by("file", "sheet", maintain_order=True).agg(
        pl.len().alias("n"), _place().head(CITED).str.join(";").alias("rows"),
        pl.col(said).drop_nulls().unique(maintain_order=True).head(6).str.join("、").alias("texts"),
    )  # fmt: skip
    told = pl.concat_str(
        "file", pl.lit("："), pl.col("n").cast(pl.String), pl.lit(what),
        pl.when(pl.col("texts") != "").then(pl.concat_str(pl.lit("（"), "texts", pl.lit("）"))).otherwise(pl.lit("")),
        pl.lit(f"。{todo}。"),
    )  # fmt: skip
    return lists.select(
        pl.lit(kind).alias("kind"),
        pl.lit(None, dtype=pl.String).alias("person"),
        "rows",
        told.alias("message"),
    ).select([pl.col(c).cast(t) for c, t in FINDINGS.items()])


def _differing(demand: pl.DataFrame) -> pl.DataFrame:
    rows = demand.filter(pl.col("differs"))
    told = pl.format(
        "{}先后两次报名的目的地或日期不同，现按先报的一条安排。请电话确认以哪条为准。",
        pl.col("name").fill_null("（无姓名）"),
    )
    return rows.select(
        pl.lit("travel_signups_differ").alias("kind"), "person", _place().alias("rows"), told.alias("message")
    ).select([pl.col(c).cast(t) for c, t in FINDINGS.items()])


def of_changes(kept: pl.DataFrame, seats: pl.DataFrame, demand: pl.DataFrame) -> pl.DataFrame:
    """One finding per confirmed traveller whose coach or time is another now. `kept`: line, trip; `seats`: aboard.SEATS."""
    now = seats.filter(pl.col("at") == 0).select("line", pl.col("trip").alias("new"), "time", "seat")
    rows = kept.select("line", "trip").join(now, on="line").filter(pl.col("trip") != pl.col("new"))
    named = rows.join(demand.with_row_index("line"), on="line", maintain_order="left")
    told = pl.format(
        "{}已确认的班次{}因他人退订并车，改为{}（{}，{}座），日期不变。请通知本人。",
        pl.col("name").fill_null("（无姓名）"), "trip", "new", "time", "seat",
    )  # fmt: skip
    return named.select(
        pl.lit("travel_trip_changed").alias("kind"), "person", _place().alias("rows"), told.alias("message")
    ).select([pl.col(c).cast(t) for c, t in FINDINGS.items()])
