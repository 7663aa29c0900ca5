"""Small invented tables of travel demand, as `demand.demands` gives them."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl

from chunfeng.engines.travel.demand import MORE, TABLE

AS_OF = date(2023, 1, 15)
HERE = "350825"
SIXTH, EIGHTH, TENTH = date(2023, 1, 27), date(2023, 1, 29), date(2023, 1, 31)


def ride(
    to: str = "350500", first: date = SIXTH, last: date | None = None, party: int = 1, **said: Any
) -> dict[str, Any]:
    """One row: a ride to a place within a window."""
    return {
        "destination": to, "earliest": first, "latest": last or first, "party": party, "window": "days", "duplicate": False,
        "home": HERE, **said,
    }  # fmt: skip


def demand(*rides: dict[str, Any]) -> pl.DataFrame:
    """The table of these rows; each traveller is a person of his own unless he is said to be another."""
    rows = [
        {
            **dict.fromkeys({**TABLE, **MORE}), "file": "报名.csv", "sheet": "", "row": n + 2, "person": f"P{n:04d}",
            "name": f"甲{n}", "late": False, "differs": False, "named": 0, "found": 0, **row,
        }
        for n, row in enumerate(rides)
    ]  # fmt: skip
    return pl.DataFrame(rows, schema={**TABLE, **MORE}, orient="row")
