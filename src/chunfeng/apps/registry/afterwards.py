"""What follows a county's run in this room: a look at all other counties, which the run itself must not see."""

from __future__ import annotations

from pathlib import Path

from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.manager import JobManager
from procrastinate.tasks import configure_task

from chunfeng.apps.intake.models import Run

TASK = "chunfeng.apps.registry.tasks.find_same"


def ask(county: str, out: Path, run: Run) -> dict[str, int]:
    """Ask the worker to look for the county's persons elsewhere, once this is committed."""
    manager = JobManager(DjangoConnector())
    configure_task(name=TASK, job_manager=manager, lock="registry.same").defer(county=county)
    return {}
