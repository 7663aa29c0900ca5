"""What this room asks of the worker, within the transaction that wants it."""

from __future__ import annotations

from django.db import connection

from chunfeng.apps.audit.record import record
from chunfeng.apps.intake import runs
from chunfeng.apps.intake.models import Delivery, Extract, Run, SentFile
from chunfeng.apps.places.again import queue
from chunfeng.apps.places.numbers import place_number

AREA = "intake"
"""Of sealed files."""
READ_TASK = "chunfeng.apps.intake.reading_tasks.read_file"
_LATER = {"seconds": 2}
"""Cells are put right one after the other; the file is read again once they rest."""


def ask_for_reading(file: SentFile, *, later: bool = False) -> None:
    """Have a file read, anew if it was read before: what an earlier reading finds after this is not kept."""
    file.reading += 1
    file.state = SentFile.State.WAITING
    file.step, file.done, file.total = "", 0, 0
    file.save(update_fields=["reading", "state", "step", "done", "total"])
    Delivery.objects.filter(pk=file.delivery_id).update(state=Delivery.State.READING)
    queue_reading(file, later=later)


def queue_reading(file: SentFile, *, later: bool = False) -> int:
    """Put the reading of a file that was asked for into the queue, in the current transaction; the job's number."""
    how = {"lock": f"file {file.pk}", "schedule_in": _LATER if later else None}
    return queue(READ_TASK, how, number=file.pk, county=file.county, reading=file.reading)


def ask_for_run(county: str) -> Run:
    """Ask for a run of what is accepted now; the date is the latest one that an accepted list holds for.

    A run that waits already will read all of it when it begins: it is given that date, and no other is asked for.
    """
    days = Extract.objects.filter(county=county, state__in=Extract.ACTIVE)
    last = days.order_by("-delivery__as_of").values_list("delivery__as_of", flat=True).first()
    if last is None:
        last = Delivery.objects.filter(county=county).order_by("-as_of").values_list("as_of", flat=True)[0]
    # FOR UPDATE: see runs.ask
    mine = Run.objects.select_for_update().filter(place=place_number(county), inputs={})
    waiting = mine.filter(state=Run.State.WAITING, attempts=0).order_by("pk").first()
    if waiting is None:
        return runs.ask(county, last)
    if waiting.as_of != last:
        waiting.as_of = last
        waiting.save(update_fields=["as_of"])
        record("ask", kind="run", key=waiting.pk, details={"as_of": last.isoformat()})
    return waiting


def hold_county(county: str) -> None:
    """Until this transaction ends, nobody else changes what is accepted in the county, nor takes stock of it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('intake.accepted'), %s)", [int(county)])
