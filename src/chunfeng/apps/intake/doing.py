"""One run from the queue to its end, whatever happens in between: taken up, prepared, done, loaded, tidied."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.db import InterfaceError, OperationalError
from django.utils import timezone

from chunfeng.apps.intake import running, runs, state
from chunfeng.apps.intake.models import Run
from chunfeng.apps.places.scope import use
from chunfeng.pipeline.run import Options

log = logging.getLogger(__name__)

MOST_ATTEMPTS = 5
"""Times a run is taken up before it is given up: what kills its worker again and again must not stop a county for ever."""


def do(number: int, county: str, stop: Callable[[], bool] = lambda: False) -> Run | None:
    """Do a run that was asked for, and return it; None when it is over or somebody else's.

    What cannot be done is marked failed, with the reason. Errors of the database are raised, and Stopped when `stop` said
    so: the job is to be done again.
    """
    run = _take_up(number, county)
    if run is None:
        return None
    try:
        execute(run, stop)
    except runs.Overtaken as error:
        log.warning("%s", error)
        return None
    except (OperationalError, InterfaceError):
        raise
    except running.Stopped:
        _note(run, state=Run.State.WAITING, stage="", done=0, total=0)
        runs.drop(run)
        raise
    except running.Refused as error:
        _fail(run, str(error))
    except Exception as error:
        log.exception("run %s failed", run.pk)
        _fail(
            run, f"程序出错，已记入日志（{type(error).__name__}）。 / An error of the program, see the log."
        )
    return run


def execute(run: Run, stop: Callable[[], bool]) -> dict[str, Any]:
    """Prepare, do and load a run that was taken up; returns what the rooms counted."""
    county = runs.county_of(run)
    folder = runs.attempt_folder(run)
    before = _prepare(run, county, folder)
    options = Options(
        folder=folder / "in",
        as_of=run.as_of,
        out=folder / "out",
        state=folder / "state",
        keys=state.keys(folder / "state"),
        region=county,
    )

    def progress(step: str, done: int, total: int) -> None:
        _note(run, stage=step, done=done, total=total)

    account = running.run(options, progress, stop)
    if (claims := folder / "state" / state.CLAIMS).is_file():
        claims.replace(runs.folder_of(county) / state.CLAIMS)
    _note(run, state=Run.State.LOADING, stage="", done=0, total=0)
    loaded = runs.load(run, folder / "out", _figures(account), (folder / "state", before))
    runs.tidy(county, run)
    return loaded


def _take_up(number: int, county: str) -> Run | None:
    with use(runs.scope_for(county)):
        run = Run.objects.select_for_update().filter(pk=number).first()
        if run is None or run.state == Run.State.FAILED:
            return None
        if run.state != Run.State.DONE:
            run.attempts += 1
            run.state, run.started_at, run.stage, run.done, run.total = (
                Run.State.RUNNING,
                run.started_at or timezone.now(),
                "",
                0,
                0,
            )
            if run.attempts > MOST_ATTEMPTS:
                run.state, run.ended_at = Run.State.FAILED, timezone.now()
                run.error = (
                    f"已试{MOST_ATTEMPTS}次，每次都中断，多半是内存不足。 / Cut off {MOST_ATTEMPTS} times."
                )
            run.save()
            return run if run.state == Run.State.RUNNING else None
    runs.tidy(county, run)  # it was loaded, and its worker killed before it could say so
    return None


def _prepare(run: Run, county: str, folder: Path) -> dict[str, str]:
    """Fill the attempt's folder, and return what `state.write` says."""
    readings = runs.folder_of(county) / state.READINGS
    for made in (readings, folder / "in", folder / "state"):
        made.mkdir(parents=True, exist_ok=True, mode=0o700)
    (folder / "state" / state.READINGS).symlink_to(readings, target_is_directory=True)
    if (claims := runs.folder_of(county) / state.CLAIMS).is_file():
        (folder / "state" / state.CLAIMS).hardlink_to(
            claims
        )  # a run writes another file in its place, never into it
    with use(runs.scope_for(county, run)):
        before = state.write(county, folder / "state")
        given = runs.give_inputs(county, run, folder / "in")
        _mine(run).update(inputs=given)
        run.inputs = given
    return before


def _note(run: Run, **fields: Any) -> None:
    """Write into the run's row in a transaction of its own. Overtaken if somebody else has it."""
    with use(runs.scope_for(runs.county_of(run), run)):
        if not _mine(run).update(**fields):
            raise runs.Overtaken(f"run {run.pk}: attempt {run.attempts} was overtaken")
    for name, value in fields.items():
        setattr(run, name, value)


def _mine(run: Run):  # type: ignore[no-untyped-def]
    return Run.objects.filter(pk=run.pk, attempts=run.attempts, state__in=runs.OPEN)


def _fail(run: Run, reason: str) -> None:
    try:
        _note(run, state=Run.State.FAILED, error=reason[:2000], ended_at=timezone.now(), stage="")
    except runs.Overtaken as error:
        log.warning("%s", error)
        return
    runs.drop(run)


def _figures(account: dict[str, Any]) -> dict[str, Any]:
    """What run.json says without its list of files, which stands in OUT."""
    return {name: value for name, value in account.items() if name != "inputs"}
