"""What follows a county's run in this room: a look at all other counties, which the run itself must not see."""

from __future__ import annotations

from pathlib import Path

from chunfeng.apps.intake.models import Run
from chunfeng.apps.places.again import queue

TASK = "chunfeng.apps.registry.tasks.find_same"


def ask(county: str, out: Path, run: Run) -> dict[str, int]:
    """Ask the worker to look for the county's persons elsewhere, once this is committed."""
    queue(TASK, {"lock": "registry.same"}, county=county)
    return {}
