"""Stage: what people wish for and what they ask the hotline, read out of their own words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from chunfeng.engines.matching.tickets.requests import tickets
from chunfeng.engines.matching.wishes.visits import wishes
from chunfeng.pipeline.outputs import whole, write_csv

INTENTIONS = (
    "file", "sheet", "row", "kind", "destination", "job", "wage_min", "wage_unit", "barrier", "when", "training",
)  # fmt: skip
TICKETS = ("file", "row", "topic", "urgent", "partner")


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the stage read: all columns of the engines, with region codes, what decided and what was not understood."""

    intentions: pl.DataFrame
    tickets: pl.DataFrame
    counts: dict[str, int]


def publish(out: Path, extracts: Sequence[pl.DataFrame], region: str | None) -> Wishes:
    """Write intentions.csv and .parquet, tickets.csv and .parquet; return them and their counts.

    `region`: the run's county code, for rows whose extract does not say where they are. The .parquet files hold what the
    .csv files have no column for: region, seeking, differs, unread, cue, text; danger, runner_up.
    """
    asked = wishes(extracts, region).sort("file", "sheet", "row", maintain_order=True)
    calls = tickets(extracts).sort("file", "sheet", "row", maintain_order=True)
    for name, table, columns in (("intentions", asked, INTENTIONS), ("tickets", calls, TICKETS)):
        write_csv(table.select(columns), out / f"{name}.csv")
        with whole(out / f"{name}.parquet") as part:
            table.write_parquet(part)
    counts = {
        "intentions": asked.height,
        "intentions_unclear": asked.filter(pl.col("kind").is_null() & ~pl.col("seeking")).height,
        "intentions_with_rest": asked["unread"].len() - asked["unread"].null_count(),
        "tickets": calls.height,
        "tickets_urgent": int(calls["urgent"].sum()),
        "tickets_unsorted": calls["topic"].null_count(),
    }
    return Wishes(asked, calls, counts)
