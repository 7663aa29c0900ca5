"""What the worker does for this room."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from procrastinate.contrib.django import app

from chunfeng.apps.accounts import imports
from chunfeng.apps.accounts.models import UserImport
from chunfeng.apps.places.again import again, queue_without_job

MAKE = "chunfeng.apps.accounts.tasks.make_users"
_SOON = timedelta(minutes=10)


@app.task(name=MAKE, retry=again)
def make_users(number: int) -> None:
    """Make the accounts of an accepted spreadsheet."""
    imports.make(number)


@app.periodic(cron="23 * * * *")
@app.task(queueing_lock="accounts.queue_forgotten", pass_context=False)
def make_forgotten(timestamp: int) -> None:
    """Every hour: what was accepted but is nobody's job any more is made after all."""
    queue_forgotten()


def queue_forgotten() -> int:
    """Queue accepted spreadsheets that no job is for, and return how many."""
    working = UserImport.objects.filter(state=UserImport.State.WORKING, at__lt=timezone.now() - _SOON)
    return queue_without_job(MAKE, working.values_list("pk", flat=True))
