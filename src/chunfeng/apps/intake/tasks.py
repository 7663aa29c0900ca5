"""What the worker does for this room: runs, and taking up again what a killed worker left."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from asgiref.sync import sync_to_async
from django.db import close_old_connections
from django.utils import timezone
from procrastinate import JobContext
from procrastinate.contrib.django import app
from procrastinate.exceptions import JobAborted

from chunfeng.apps.intake import results, runs
from chunfeng.apps.intake.asking import READ_TASK, queue_reading
from chunfeng.apps.intake.models import Run, SentFile
from chunfeng.apps.intake.running import Stopped
from chunfeng.apps.places.again import again, without_job
from chunfeng.apps.places.scope import use, whole_province
from chunfeng.apps.vault import scratch

SILENT = 20.0
"""Seconds without a sign of life after which a worker's jobs are another's; workers give one every five."""

_KEPT_HOURS = 3 * 24


@contextmanager
def _connection() -> Iterator[None]:
    """This thread's connection, made anew if the database went away since the last job."""
    close_old_connections()
    try:
        yield
    finally:
        close_old_connections()


@app.task(name=runs.TASK, retry=again, pass_context=True)
def do_run(context: JobContext, number: int, county: str) -> None:
    """One run that was asked for; when the worker is to end and its patience with it, the next worker does it anew, as it is
    done anew when a process of it was killed."""
    with _connection():
        try:
            # the main job's engines: seconds of imports that only a worker needs
            from chunfeng.apps.intake import doing

            doing.do(number, county, context.should_abort)
        except Stopped as error:
            raise JobAborted from error


@app.periodic(cron="* * * * * */10")
@app.task(queueing_lock="intake.take_up_again", pass_context=False)
async def take_up_again(timestamp: int) -> None:
    """Every ten seconds: jobs of workers that gave no sign of life are done again; every task of ours may be."""
    for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=SILENT):
        await app.job_manager.retry_job(job)
    await sync_to_async(_queue_forgotten, thread_sensitive=False)()


def _queue_forgotten() -> None:
    with _connection():
        queue_forgotten()


def queue_forgotten() -> int:
    """Queue runs that are not over and files that are not read, where no job is for them any more; returns how many."""
    with use(whole_province("job", "比对")):
        before = timezone.now() - timedelta(seconds=60)
        waiting = {
            run.pk: run
            for run in Run.objects.filter(state__in=runs.OPEN, asked_at__lt=before)
            if "out" not in run.inputs
        }
        unread = SentFile.objects.filter(state__in=SentFile.UNREAD, delivery__at__lt=before).in_bulk()
        forgotten = [
            *(runs.queue(waiting[number]) for number in without_job(runs.TASK, waiting)),
            *(queue_reading(unread[number]) for number in without_job(READ_TASK, unread)),
        ]
    return len(forgotten)


@app.periodic(cron="*/5 * * * *")
@app.task(queueing_lock="intake.clear_scratch", pass_context=False)
async def clear_scratch(timestamp: int) -> None:
    """Every five minutes, besides every start: what a killed process left open is removed."""
    await sync_to_async(scratch.sweep, thread_sensitive=False)()


@app.periodic(cron="*/10 * * * *")
@app.task(queueing_lock="intake.make_up_for_lost", pass_context=False)
async def make_up_for_lost(timestamp: int) -> None:
    """Every ten minutes: counties whose kept results are gone are run again, so that reasons can be shown."""
    await sync_to_async(_ask_where_results_are_gone, thread_sensitive=False)()


def _ask_where_results_are_gone() -> None:
    with _connection():
        ask_where_results_are_gone()


def ask_where_results_are_gone() -> int:
    """Ask for a run of every county whose last run was loaded and of which nothing is kept, and return how many.

    A run of files that the platform does not keep (a folder, an OUT made elsewhere) cannot be done again.
    """
    with use(whole_province("job", "比对")):
        latest = Run.objects.order_by("place", "-pk").distinct("place")
        lost = [
            run
            for run in latest
            if run.state == Run.State.DONE
            and not run.inputs.keys() & {"folder", "out"}
            and not (results.is_kept(run, results.WHY) and results.is_kept(run, results.ROWS))
        ]
    for run in lost:
        county = runs.county_of(run)
        with use(runs.scope_for(county)):
            runs.ask(county, run.as_of)
    return len(lost)


@app.periodic(cron="41 3 * * *")
@app.task(queueing_lock="intake.forget_jobs", pass_context=False)
async def forget_jobs(timestamp: int) -> None:
    """Every night: jobs that ended days ago are removed from the queue."""
    await app.job_manager.delete_old_jobs(
        _KEPT_HOURS, include_failed=True, include_cancelled=True, include_aborted=True
    )
