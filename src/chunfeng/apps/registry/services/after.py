"""What a decision sets off: a run of its county, asked for once for all that is decided before it begins."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from chunfeng.apps.intake import runs
from chunfeng.apps.intake.models import Run
from chunfeng.apps.places.numbers import place_number, reach
from chunfeng.apps.places.scope import current, use


@contextmanager
def county_scope(county: str) -> Iterator[None]:
    """The same user, seeing what belongs to the county as a whole: its runs. A village decides, the county runs."""
    scope = current()
    if scope.reach.covers(reach(county)):
        yield
    else:
        with use(replace(scope, reach=reach(county))):
            yield


def ask_for_run(county: str) -> int | None:
    """The number of the run that will read what was just decided; None where the county's files are not on the platform."""
    with county_scope(county):
        mine = Run.objects.filter(place=place_number(county))
        waiting = mine.select_for_update().filter(state=Run.State.WAITING, attempts=0)
        if found := waiting.order_by("pk").first():
            return int(found.pk)
        # one under way is of the newest lists: what comes after it must not go back to an earlier day
        last = mine.filter(state__in=runs.OPEN).order_by("-pk").first() or runs.last_run(county)
        if last is None or "out" in last.inputs:
            return None
        folder = last.inputs.get("folder")
        return int(runs.ask(county, last.as_of, folder=Path(folder) if folder else None).pk)


def read_by(county: str, run: int | None) -> bool:
    """Whether a run that read it is loaded."""
    if run is None:
        return False
    with county_scope(county):
        return Run.objects.filter(pk=run, state=Run.State.DONE).exists()
