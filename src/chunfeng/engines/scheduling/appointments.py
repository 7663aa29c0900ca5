"""Counsellors' appointments: who is seen by whom and when, the most urgent first, nearest and soonest where there is a choice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from chunfeng.engines.scheduling.flows import assign

PEOPLE: dict[str, pl.DataType | type[pl.DataType]] = {
    "person": pl.String, "town": pl.String, "tier": pl.Int64, "from": pl.Date, "to": pl.Date,
}  # fmt: skip
"""`town`: region code of 9 digits; `tier`: 0 is the most urgent; `from`, `to`: days on which the person can come, null: any."""
SESSIONS: dict[str, pl.DataType | type[pl.DataType]] = {
    "session": pl.String, "counsellor": pl.String, "town": pl.String, "day": pl.Date, "places": pl.Int64,
}  # fmt: skip
"""A half day of one counsellor at one place: `town` 9 digits, or the county's 6 for its hall, where everyone may come."""
_OWN_TOWN = 400
_DAYS = 365


@dataclass(frozen=True, slots=True)
class Appointments:
    """`booked`: person, session, counsellor, day, turn (1, 2, … within the session); `waiting`: person, reason."""

    booked: pl.DataFrame
    waiting: pl.DataFrame


def book(people: pl.DataFrame, sessions: pl.DataFrame, as_of: date) -> Appointments:
    """Appointments from `as_of` on: as many of the first tier as can be, then of the next; own town before the county's
    hall, sooner before later. One appointment a person; turns go by tier, then person."""
    open_ = sessions.filter((pl.col("day") >= as_of) & (pl.col("places") > 0))
    county = open_.filter(pl.col("town").str.len_chars() == 6).drop("town")
    own = people.join(open_, on="town")
    hall = people.with_columns(pl.col("town").str.slice(0, 6).alias("at")).join(
        county.join(open_.select("session", pl.col("town").alias("at")), on="session"), on="at"
    )
    near = pl.concat(
        [
            own.select("person", "session", "day", "tier", "from", "to", pl.lit(_OWN_TOWN).alias("near")),
            hall.select("person", "session", "day", "tier", "from", "to", pl.lit(0).alias("near")),
        ]
    )
    could = near.filter(
        (pl.col("from").is_null() | (pl.col("day") >= pl.col("from")))
        & (pl.col("to").is_null() | (pl.col("day") <= pl.col("to")))
    )
    soon = (pl.lit(_DAYS) - (pl.col("day") - pl.lit(as_of)).dt.total_days()).clip(0, _DAYS)
    wishes = could.select(
        pl.col("person").alias("asker"), pl.col("session").alias("place"), "tier",
        # a day sooner is worth more to the more urgent
        (pl.col("near") + soon * (pl.col("tier").max() - pl.col("tier") + 1)).cast(pl.Int64).alias("fit"),
    )  # fmt: skip
    found = assign(wishes, open_.select(pl.col("session").alias("place"), pl.col("places").alias("room")))
    pairs = found.pairs.rename({"asker": "person", "place": "session"})
    booked = (
        pairs.join(people.select("person", "tier"), on="person").join(open_.select("session", "counsellor", "day"), on="session")
        .sort("day", "session", "tier", "person")
        .with_columns((pl.int_range(pl.len()).over("session") + 1).cast(pl.UInt32).alias("turn"))
    )  # fmt: skip
    rest = people.join(booked.select("person"), on="person", how="anti", maintain_order="left")
    any_here = near.select("person").unique().with_columns(pl.lit(True).alias("here"))
    any_day = could.select("person").unique().with_columns(pl.lit(True).alias("can"))
    judged = rest.join(any_here, on="person", how="left", maintain_order="left").join(
        any_day, on="person", how="left", maintain_order="left"
    )
    reason = (
        pl.when(pl.col("here").is_null()).then(pl.lit("所在乡镇和县里都没有排指导员，请增加场次"))
        .when(pl.col("can").is_null()).then(pl.lit("有场次，但都不在本人能来的日子，请另约时间或增加场次"))
        .otherwise(pl.lit("场次名额已满，按紧急程度排在后面，请增加场次"))
    )  # fmt: skip
    return Appointments(
        booked.select("person", "session", "counsellor", "day", "turn"),
        judged.select("person", reason.alias("reason")),
    )
