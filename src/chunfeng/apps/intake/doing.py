"""One run from the queue to its end, whatever happens in between: taken up, prepared, done, loaded, tidied."""

from __future__ import annotations

import errno
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.db import InterfaceError, OperationalError
from django.utils import timezone

from chunfeng.apps.intake import results, running, runs, state
from chunfeng.apps.intake.models import Run
from chunfeng.apps.places.scope import use
from chunfeng.apps.vault import files, scratch
from chunfeng.pipeline.run import Options

log = logging.getLogger(__name__)

MOST_ATTEMPTS = 5
"""Times a run is taken up before it is given up: what kills its worker again and again must not stop a county for ever."""
_FAULT = "程序出错，已记入日志（{}）。 / An error of the program, see the log."
_FULL = "服务器的磁盘满了。请管理员腾出空间，然后再要求一次运行。 / The server's disk is full: make room, then ask again."


def do(number: int, county: str, stop: Callable[[], bool] = lambda: False) -> Run | None:
    """Do a run that was asked for, and return it; None when it is over or somebody else's.

    What cannot be done is marked failed, with the reason. Errors of the database are raised, Stopped when `stop` said so, and
    Died when a process of the run was killed: the job is to be done again.
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
    except (running.Stopped, running.Died) as error:
        log.warning("run %s is to be done again: %r", run.pk, error)
        _note(run, state=Run.State.WAITING, stage="", done=0, total=0)
        raise
    except running.Refused as error:
        _fail(run, str(error))
    except Exception as error:
        log.exception("run %s failed", run.pk)
        full = isinstance(error, OSError) and error.errno == errno.ENOSPC
        _fail(run, _FULL if full else _FAULT.format(type(error).__name__))
    return run


def execute(run: Run, stop: Callable[[], bool]) -> dict[str, Any]:
    """Prepare, do and load a run that was taken up; returns what the rooms counted. Files lie open only meanwhile."""
    county = runs.county_of(run)
    with scratch.private(f"run-{run.pk}-{run.attempts}") as folder, scratch.room(folder):
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
            if step == running.READING and done == total:
                _keep_readings(run, folder / "state")

        try:
            account = running.run(options, progress, stop)
        except running.Stopped:
            _keep_readings(run, folder / "state")
            raise
        _all_read(run, account)
        _note(run, state=Run.State.LOADING, stage="", done=0, total=0)
        return runs.load(run, options.out, _figures(account), folder / "state", before)


def _take_up(number: int, county: str) -> Run | None:
    with use(runs.scope_for(county)):
        run = Run.objects.select_for_update().filter(pk=number).first()
        if run is None or run.state not in runs.OPEN:
            return None
        run.attempts += 1
        run.state, run.started_at = Run.State.RUNNING, run.started_at or timezone.now()
        run.stage, run.done, run.total = "", 0, 0
        if run.attempts > MOST_ATTEMPTS:
            run.state, run.ended_at = Run.State.FAILED, timezone.now()
            run.error = (
                f"已试{MOST_ATTEMPTS}次，每次都中断，多半是内存或磁盘不足。 / Cut off {MOST_ATTEMPTS} times."
            )
        run.save()
        return run if run.state == Run.State.RUNNING else None


def _prepare(run: Run, county: str, folder: Path) -> dict[str, str]:
    """Fill the attempt's folder, and return what `state.write` says."""
    for made in ("in", "state"):
        (folder / made).mkdir(mode=0o700)
    with use(runs.scope_for(county)):
        before = state.write(county, folder / "state")
        last = runs.last_run(county)
        given = runs.give_inputs(county, run, folder / "in")
        _mine(run).update(inputs=given)
        run.inputs = given
    results.give_back(run if results.is_kept(run, results.STORE) else last, folder / "state")
    return before


def _all_read(run: Run, account: dict[str, Any]) -> None:
    """Died where an accepted list could not be read this time: it was read when it was handed in, so its reader was killed.
    What it tells must not leave the registry for that."""
    accepted = run.inputs.get(runs.LISTS, {})
    lost = [
        item["name"]
        for item in account["inputs"]
        if item["name"] in accepted and any(s.get("refused") == "FILE_CRASHED" for s in item["sources"])
    ]
    if lost:
        raise running.Died(f"{len(lost)} accepted lists were not read")


def _keep_readings(run: Run, left: Path) -> None:
    """Another attempt need not read anew what this one has read; where that cannot be kept it must."""
    try:
        name = results.keep_readings(left)
    except OSError as error:
        log.warning("run %s: what was read is not kept: %s", run.pk, error)
        return
    before = run.kept.get(results.STORE)
    try:
        _note(run, kept={results.STORE: name})
    except BaseException:
        files.delete(name)
        raise
    if before:
        files.delete(before)


def _note(run: Run, **fields: Any) -> None:
    """Write into the run's row in a transaction of its own. Overtaken if somebody else has it."""
    with use(runs.scope_for(runs.county_of(run))):
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


def _figures(account: dict[str, Any]) -> dict[str, Any]:
    """What run.json says without its list of files, which stands in OUT."""
    return {name: value for name, value in account.items() if name != "inputs"}
