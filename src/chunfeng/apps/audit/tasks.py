"""What the worker does for this room: seals, makes export files, removes what has expired."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.utils import timezone
from procrastinate.contrib.django import app

from chunfeng.apps.audit import export_files, seals
from chunfeng.apps.audit.models import ExportRequest
from chunfeng.apps.places.again import PASSING, again, queue_without_job
from chunfeng.apps.places.scope import use, whole_province

log = logging.getLogger(__name__)

MAKE = "chunfeng.apps.audit.tasks.make_export"
_SOON = timedelta(minutes=10)


@app.periodic(cron="* * * * * */30")
@app.task(queueing_lock="audit.seal", lock="audit.seal", pass_context=False)
def seal_events(timestamp: int) -> None:
    """Every half minute."""
    seals.seal()


@app.task(name=MAKE, retry=again)
def make_export(number: int) -> None:
    """Write the file of an approved request, in the scope of whoever asked."""
    try:
        export_files.make(number)
    except PASSING:
        raise
    except Exception:
        log.exception("export %s could not be made", number)
        export_files.give_up(number)


@app.periodic(cron="17 * * * *")
@app.task(queueing_lock="audit.expire", pass_context=False)
def expire_exports(timestamp: int) -> None:
    """Every hour: files past their day are deleted, and what was approved but is nobody's job any more is made after all."""
    with use(whole_province("expiry", "到期清理")):
        export_files.expire()
        queue_forgotten()


def queue_forgotten() -> int:
    """Queue approved exports that no job is for, and return how many."""
    State = ExportRequest.State
    waiting = ExportRequest.objects.filter(state=State.APPROVED, asked_at__lt=timezone.now() - _SOON)
    return queue_without_job(MAKE, waiting.values_list("pk", flat=True))
