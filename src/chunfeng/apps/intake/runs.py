"""Runs: a county's files through the main job, and what came of it into the rooms.

A room that receives results registers a loader; loaders run in the order of the rooms, in one transaction. Every taking-up of
a run counts one attempt and works in a private folder of its own (`vault.scratch`), gone when it ends; only the last attempt
may load, once. What is still read of the last loaded run's OUT is kept sealed (`results`).
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from chunfeng.apps.audit.record import record
from chunfeng.apps.intake import results, state
from chunfeng.apps.intake.models import Run
from chunfeng.apps.places import again
from chunfeng.apps.places.numbers import place_number, reach, region_code
from chunfeng.apps.places.scope import Scope, current, use
from chunfeng.reference import regions

Loader = Callable[[str, Path, Run], dict[str, int]]
"""county (six digits), OUT, the run → counts by name, such as `person.inserted`."""

Giver = Callable[[str, Path], dict[str, Any]]
"""county, the empty-or-filling input folder → what it put there, for `Run.inputs`."""

ROOMS = ("registry", "recognition", "policies", "matching", "travel")
"""Loaders go in this order, then the rest as they were registered: whoever sums up comes last."""

LISTS = "lists"
"""Of `Run.inputs`: the accepted lists by name."""
TASK = "chunfeng.apps.intake.tasks.do_run"
QUEUE = "runs"
"""Runs take minutes; they have a queue of their own, so that no list and no seal waits behind them."""
OPEN = (Run.State.WAITING, Run.State.RUNNING, Run.State.LOADING)

_loaders: dict[str, Loader] = {}
_givers: dict[str, Giver] = {}


class Overtaken(RuntimeError):
    """Another worker has taken the run up meanwhile, or it is loaded already: nothing of this attempt may be kept."""


def register(name: str, loader: Loader) -> None:
    """Let a room load its part of every run; to be called in `AppConfig.ready`."""
    _loaders[name] = loader


def register_inputs(name: str, giver: Giver) -> None:
    """Let a room put files into the folder that a run reads: lists accepted, corrections by staff."""
    _givers[name] = giver


register_state = state.register


def loaders() -> list[tuple[str, Loader]]:
    """What is registered, in order."""
    first = [n for n in ROOMS if n in _loaders]
    return [(n, _loaders[n]) for n in (*first, *(n for n in _loaders if n not in first))]


# --- which -----------------------------------------------------------------------------------------------------------


def scope_for(county: str) -> Scope:
    """The scope a county's run works in: the county, nothing else; on behalf of nobody."""
    return Scope(reach(county), "job", "比对")


def county_of(run: Run) -> str:
    """The six digits of a run's county."""
    return region_code(run.place)


def last_run(county: str) -> Run | None:
    """The county's last loaded run; None before the first. In a scope that reaches the county."""
    return Run.objects.filter(place=place_number(county), state=Run.State.DONE).order_by("-ended_at").first()


# --- asking ----------------------------------------------------------------------------------------------------------


def ask(
    county: str, as_of: date, *, folder: Path | None = None, keys: Mapping[str, bytes] | None = None
) -> Run:
    """Ask for a run of a county, in the current scope and transaction: it is queued if and when that is committed.

    A run of that date that waits already is given back instead of another: it will read what is accepted when it begins.
    `folder`: files to read besides what the rooms give; `keys`: of lists that came as tokens, by name, kept from now on.
    ValueError for what is no county of Fujian.
    """
    scope = current()
    region = regions.get(county)
    if region is None or region.level != "county":
        raise ValueError(f"{county!r} is no county")
    for name, key in (keys or {}).items():
        state.put(county, f"{state.KEYS}{name}", key)
    with transaction.atomic():
        if folder is None:
            # FOR UPDATE: a worker that is about to begin it waits until what is to be read is committed
            waiting = Run.objects.select_for_update().filter(
                place=place_number(county), as_of=as_of, state=Run.State.WAITING, attempts=0
            )
            if found := waiting.first():
                return found
        run = Run.objects.create(
            place=place_number(county),
            as_of=as_of,
            asked_by=scope.actor,
            inputs={} if folder is None else {"folder": str(folder.resolve())},
        )
        queue(run)
        record("ask", kind="run", key=run.pk, details={"as_of": as_of.isoformat()})
    return run


def queue(run: Run) -> int:
    """Put a run into the queue, in the current transaction, and return the job's number; one county runs once at a time."""
    county = county_of(run)
    how = {"queue": QUEUE, "lock": f"run {county}"}
    return again.queue(TASK, how, number=run.pk, county=county)


# --- doing -----------------------------------------------------------------------------------------------------------


def give_inputs(county: str, run: Run, target: Path) -> dict[str, Any]:
    """Fill the folder that a run reads, and return what was put there by whom."""
    given: dict[str, Any] = {}
    if folder := run.inputs.get("folder"):
        shutil.copytree(folder, target, dirs_exist_ok=True, symlinks=True)
        given["folder"] = folder
    for name, giver in _givers.items():
        given[name] = giver(county, target)
    return given


def load(
    run: Run,
    out: Path,
    counts: dict[str, Any] | None = None,
    left: Path | None = None,
    before: dict[str, str] | None = None,
) -> dict[str, Any]:
    """Bring OUT into all rooms and mark the run done, in one transaction; in no scope but its own.

    `left`: STATE after the run; `before`: what `state.write` said before it. Overtaken if it is not this attempt's to load.
    """
    county = county_of(run)
    with use(scope_for(county)):
        now = Run.objects.select_for_update().get(pk=run.pk)
        if now.attempts != run.attempts or now.state not in OPEN:
            raise Overtaken(f"run {run.pk}: attempt {run.attempts} is not the last one, or it is over")
        loaded = {name: loader(county, out, run) for name, loader in loaders()}
        if left is not None:
            loaded["intake"] = state.collect(county, left, before or {})
        results.keep(run, out, left)
        run.state, run.stage, run.ended_at, run.error = Run.State.DONE, "", timezone.now(), ""
        run.counts = {"run": counts or {}, "loaded": loaded}
        run.save()
        record("load", kind="run", key=run.pk, details={"loaded": loaded})
    return loaded


def bring_in(county: str, out: Path, as_of: date, left: Path | None = None) -> Run:
    """Load an OUT that was made elsewhere, as a run of its own.

    `left`: the folder STATE that belongs to it, so that the county's next runs give the same persons the same numbers.
    """
    with use(scope_for(county)):
        run = Run.objects.create(
            place=place_number(county),
            as_of=as_of,
            state=Run.State.LOADING,
            attempts=1,
            started_at=timezone.now(),
            inputs={"out": out.name},
        )
    load(run, out, left=left)
    return run
