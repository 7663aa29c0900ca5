"""What a monitor asks, and what it is told when something is wrong."""

from __future__ import annotations

import shutil
from collections import namedtuple

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from chunfeng.apps.audit import seals


@pytest.fixture
def queue(db):
    """An empty queue and a sealed audit: other tests leave jobs and events beneath this one."""
    seals.seal()
    with connection.cursor() as cursor:
        for table in ("procrastinate_periodic_defers", "procrastinate_jobs", "procrastinate_workers"):
            cursor.execute(f"DELETE FROM {table}")


@pytest.fixture
def ask(queue):
    def ask():
        answer = Client().get("/health")
        return answer.status_code, answer.json()

    return ask


@pytest.fixture
def worker(queue):
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers DEFAULT VALUES RETURNING id")
        return cursor.fetchone()[0]


def _job(worker=None, status="todo", minutes=0):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, status, worker_id, scheduled_at)"
            " VALUES ('default', 'x', %s, %s, now() - make_interval(mins => %s))",
            [status, worker, minutes],
        )


def _event(minutes):
    from chunfeng.apps.audit.models import Event
    from chunfeng.apps.places.numbers import Reach
    from chunfeng.apps.places.scope import Scope, use

    with use(Scope(Reach(0, 1), "test", "test")):
        Event.objects.create(
            at=timezone.now() - timezone.timedelta(minutes=minutes), role="test", low=0, high=1, action="view"
        )


def test_all_is_well(ask, worker):
    _job(worker, "doing")
    _job(minutes=1)
    status, told = ask()
    assert status == 200 and told["status"] == "ok" and told["wrong"] == []
    assert told["workers"] == told["jobs_running"] == told["jobs_waiting"] == 1
    assert 55 <= told["oldest_waiting_seconds"] <= 120
    assert told["disk_free_bytes"] > 0


def test_without_a_worker(ask):
    assert ask()[1]["wrong"] == ["no worker"]


def test_a_worker_that_fell_silent_is_none(ask, worker):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '2 minutes'")
    _job(worker, "doing")
    status, told = ask()
    assert status == 503 and told["status"] == "degraded"
    assert told["wrong"] == ["no worker", "jobs stalled"] and told["jobs_stalled"] == 1


def test_late_jobs(ask, worker):
    _job(minutes=6)
    assert ask()[1]["wrong"] == ["jobs late"]


def test_jobs_of_later_are_not_late(ask, worker):
    _job(minutes=-60)
    status, told = ask()
    assert status == 200 and told["oldest_waiting_seconds"] == 0


def test_an_audit_that_is_not_sealed(ask, worker):
    _event(minutes=1)
    assert ask()[0] == 200
    _event(minutes=7)
    assert ask()[1]["wrong"] == ["audit not sealed"]


def test_a_full_disk(ask, worker, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(10**12, 10**12 - 10**6, 10**6))
    status, told = ask()
    assert status == 503 and told["wrong"] == ["disk"] and told["disk_free_bytes"] == 10**6


def test_the_database_does_not_answer(ask):
    def gone(execute, *rest):
        from django.db import OperationalError

        raise OperationalError("server closed the connection")

    with connection.execute_wrapper(gone):
        status, told = ask()
    assert status == 503 and told["status"] == "down" and told["wrong"] == ["database"]


def test_nothing_personal_is_told(ask, worker):
    assert set(ask()[1]) == {
        "version", "status", "wrong", "workers", "jobs_waiting", "jobs_running", "jobs_stalled", "jobs_failed",
        "oldest_waiting_seconds", "last_seal", "audit_head", "unsealed_seconds", "disk_free_bytes",
    }  # fmt: skip
