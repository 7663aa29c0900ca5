"""What the worker does for files handed in: read them, and remove what belongs to nothing."""

from __future__ import annotations

import time

from asgiref.sync import sync_to_async
from django.db import close_old_connections
from procrastinate import JobContext
from procrastinate.contrib.django import app

from chunfeng.apps.intake import results
from chunfeng.apps.intake.asking import AREA, READ_TASK
from chunfeng.apps.intake.models import Extract, Run, SentFile
from chunfeng.apps.places.again import again
from chunfeng.apps.places.scope import use, whole_province
from chunfeng.apps.vault import files

_OLD = 24 * 3600


@app.task(name=READ_TASK, retry=again, pass_context=True)
def read_file(context: JobContext, number: int, county: str, reading: int) -> None:
    """One file that was handed in."""
    close_old_connections()
    try:
        from chunfeng.apps.intake import readings  # engines that only a worker needs

        readings.read(number, county, reading, context.job.attempts)
    finally:
        close_old_connections()


@app.periodic(cron="17 4 * * *")
@app.task(queueing_lock="intake.sweep_files", pass_context=False)
async def sweep_files(timestamp: int) -> None:
    """Every night: sealed files that no row names are removed; broken transactions leave such."""
    await sync_to_async(_sweep, thread_sensitive=False)()


def _sweep() -> None:
    close_old_connections()
    remove_orphans()


def remove_orphans(older_than: float = _OLD) -> int:
    """Remove sealed files of this room that nothing names and that are older than so many seconds; how many."""
    before = time.time() - older_than
    with use(whole_province("job", "读取名单")):
        named = set(_names(SentFile, "stored", "picture")) | set(_names(Extract, "table", "cells"))
        for kept in Run.objects.values_list("kept", flat=True):
            named.update(kept.values())
    lying = (path for area in (AREA, results.AREA) for path in files.lying(area))
    orphans = [p for p in lying if p.name not in named and p.stat().st_mtime < before]
    for path in orphans:
        path.unlink(missing_ok=True)
    return len(orphans)


def _names(model, *fields):  # type: ignore[no-untyped-def]
    return (
        name for row in model.objects.values_list(*fields).iterator(chunk_size=5_000) for name in row if name
    )
