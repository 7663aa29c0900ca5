"""After every run: the four clears of the county's people, then its figures."""

from __future__ import annotations

from pathlib import Path

from chunfeng.apps.desk import clears, tallies
from chunfeng.apps.intake.models import Run
from chunfeng.apps.places.days import today


def load(county: str, out: Path, run: Run) -> dict[str, int]:
    """To be registered last: it counts what the rooms before it loaded."""
    found = clears.load(county, out)
    return found | {"tally.written": tallies.refresh(county, today(), run.as_of)}
