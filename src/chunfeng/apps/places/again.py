"""Jobs of the worker that are done again: what a database that is away or a full disk did not let happen, nobody did wrong.

The queue itself gives back what a killed worker left (`intake.tasks.take_up_again`). Should a job be lost or given up all the
same, whoever waits for it would wait for ever: rooms look for such by `without_job` and queue them anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import InterfaceError, OperationalError
from procrastinate import RetryStrategy
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import JobAborted
from procrastinate.manager import JobManager
from procrastinate.tasks import configure_task

PASSING = (OperationalError, InterfaceError, OSError)
"""Errors of the world around a job: they pass, or an operator makes them pass."""

again = RetryStrategy(max_attempts=60, wait=5, linear_wait=5, retry_exceptions={*PASSING, JobAborted})
"""Soon at first, every five minutes in the end, for some hours together."""


def queue(task: str, how: Mapping[str, Any] | None = None, /, **arguments: Any) -> int:
    """Put a job into the queue, in the current transaction, and return its number. `how`: queue, lock, schedule_in."""
    # not through the app: within a worker its connector is another connection than this transaction's
    return configure_task(name=task, job_manager=JobManager(DjangoConnector()), **(how or {})).defer(
        **arguments
    )


def queue_without_job(task: str, numbers: Iterable[int]) -> int:
    """Queue a task anew for those that no job of it is for, and return how many."""
    forgotten = without_job(task, numbers)
    for number in forgotten:
        queue(task, number=number)
    return len(forgotten)


def without_job(task: str, numbers: Iterable[int]) -> set[int]:
    """Those for which no job of the task waits or is being done; a job names its own by `number`."""
    wanted = set(numbers)
    jobs = ProcrastinateJob.objects.filter(
        task_name=task, args__number__in=list(wanted), status__in=("todo", "doing")
    )
    return wanted - set(jobs.values_list("args__number", flat=True))
