"""Runs: a county's files through the main job, and what came of it into the rooms.

A room that receives results registers a loader; loaders run in the order of the rooms, in one transaction. Every taking-up of
a run counts one attempt and works in a folder of its own, DATA/runs/COUNTY/RUN-ATTEMPT; only the last attempt may load, once.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from chunfeng.apps.audit.record import record
from chunfeng.apps.intake.models import Run
from chunfeng.apps.places.numbers import place_number, reach, region_code
from chunfeng.apps.places.scope import Scope, use

Loader = Callable[[str, Path, Run], dict[str, int]]
"""county (six digits), OUT, the run → counts by name, such as `person.inserted`."""

ROOMS = ("registry", "recognition", "policies", "matching", "travel")
"""Loaders go in this order, then the rest as they were registered: whoever sums up comes last."""

_loaders: dict[str, Loader] = {}


class Overtaken(RuntimeError):
    """Another worker has taken the run up meanwhile, or it is loaded already: nothing of this attempt may be kept."""


def register(name: str, loader: Loader) -> None:
    """Let a room load its part of every run; to be called in `AppConfig.ready`."""
    _loaders[name] = loader


def loaders() -> list[tuple[str, Loader]]:
    """What is registered, in order."""
    first = [n for n in ROOMS if n in _loaders]
    return [(n, _loaders[n]) for n in (*first, *(n for n in _loaders if n not in first))]


def scope_for(county: str, run: Run | None = None) -> Scope:
    """The scope a county's run works in: the county, nothing else; on behalf of nobody."""
    return Scope(reach(county), "job", f"run {run.pk}" if run is not None else "run")


def county_of(run: Run) -> str:
    """The six digits of a run's county."""
    return region_code(run.place)


def folder_of(county: str) -> Path:
    """Where a county's runs are kept."""
    return Path(settings.DATA) / "runs" / county


def last_out(county: str) -> Path | None:
    """OUT of the county's last run that was loaded; None before the first. In a scope that reaches the county."""
    run = Run.objects.filter(place=place_number(county), state=Run.State.DONE).order_by("-pk").first()
    return None if run is None else out_of(run)


def out_of(run: Run) -> Path | None:
    """OUT of a run, if it is still kept."""
    out = folder_of(county_of(run)) / f"{run.pk}-{run.attempts}" / "out"
    return out if out.is_dir() else None


def load(run: Run, out: Path, counts: dict[str, Any] | None = None) -> dict[str, Any]:
    """Bring OUT into all rooms and mark the run done, in one transaction. Overtaken if it is not this attempt's to load."""
    county = county_of(run)
    with use(scope_for(county, run)):
        now = Run.objects.select_for_update().get(pk=run.pk)
        if now.attempts != run.attempts or now.state in (Run.State.DONE, Run.State.FAILED):
            raise Overtaken(f"run {run.pk}: attempt {run.attempts} is not the last one, or it is over")
        loaded = {name: loader(county, out, run) for name, loader in loaders()}
        run.state, run.stage, run.ended_at, run.error = Run.State.DONE, "", timezone.now(), ""
        run.counts = {"run": counts or {}, "loaded": loaded}
        run.save()
        record("load", kind="run", key=run.pk, details={"loaded": loaded})
    return loaded


def bring_in(county: str, out: Path, as_of: date) -> Run:
    """Load an OUT that was made elsewhere, as a run of its own; a copy of it is kept like the OUT of any run."""
    with use(scope_for(county)):
        run = Run.objects.create(
            place=place_number(county),
            as_of=as_of,
            state=Run.State.LOADING,
            attempts=1,
            started_at=timezone.now(),
            inputs={"out": out.name},
        )
    kept = folder_of(county) / f"{run.pk}-{run.attempts}" / "out"
    kept.parent.mkdir(parents=True, mode=0o700)
    shutil.copytree(out, kept)
    load(run, kept)
    return run
