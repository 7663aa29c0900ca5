"""Bring rides asked for and seats into the room."""

from __future__ import annotations

from pathlib import Path

import polars as pl
from django.conf import settings

from chunfeng.apps.intake import outcome
from chunfeng.apps.intake.models import Run
from chunfeng.apps.places.bulk import replace
from chunfeng.apps.registry.loading import of_people
from chunfeng.apps.travel.models import RideRequest, Seat


def load(county: str, out: Path, run: Run) -> dict[str, int]:
    """Replace the county's rides and seats by those of OUT."""
    linked = outcome.table(out, "links").select(*outcome.ROW, "person")
    rides = outcome.table(out, "travel").join(linked, on=outcome.ROW, how="left", maintain_order="left")
    rides = rides.select(
        "person",
        *outcome.ROW,
        pl.col("destination").fill_null(""),
        pl.col("earliest", "latest").str.to_date("%Y-%m-%d"),
        pl.col("party").cast(pl.Int64),
        (pl.col("duplicate") == "1").alias("duplicate"),
    )
    seats = outcome.table(out, "trips").with_columns(
        pl.col("time").str.to_datetime("%Y-%m-%d %H:%M").dt.replace_time_zone(settings.TIME_ZONE),
        pl.col("seat").cast(pl.Int64),
    )
    found = {
        "ride": replace(RideRequest, of_people(county, out, rides), {"county": county}, outcome.ROW),
        "seat": replace(Seat, of_people(county, out, seats), {"county": county}, ["trip", "seat"]),
    }
    return {f"{table}.{what}": n for table, counts in found.items() for what, n in counts.items()}
