"""The address a monitor asks: does the database answer, do workers keep up, is there room, is the audit sealed?"""

from __future__ import annotations

import shutil
from typing import Any

from django.db import Error, connection
from django.http import HttpRequest, JsonResponse
from django.urls import path

from chunfeng import __version__
from chunfeng.apps.gate.access import public
from chunfeng.apps.places.scope import use, whole_province
from chunfeng.site import environment

LATE_SECONDS = 300
"""A job that waits longer than this is late; so is an event of the audit that is not sealed by then."""
LEAST_DISK = 2 * 1024**3
"""Bytes that must be free where the data lie."""


@public(purpose="健康检查")
def health(request: HttpRequest) -> JsonResponse:
    """200 with status ok; 503 with status degraded (what is wrong is listed) or down (no database).

    Tells nothing about persons.
    """
    told: dict[str, Any] = {"version": __version__}
    wrong = []
    try:
        told |= _database()
    except Error:  # of the database, or of the connection to it
        return JsonResponse(told | {"status": "down", "wrong": ["database"]}, status=503)
    if not told["workers"]:
        wrong.append("no worker")
    if told["oldest_waiting_seconds"] > LATE_SECONDS:
        wrong.append("jobs late")
    if told["jobs_stalled"]:
        wrong.append("jobs stalled")
    if told["unsealed_seconds"] > LATE_SECONDS:
        wrong.append("audit not sealed")
    told["disk_free_bytes"] = shutil.disk_usage(environment.data_folder()).free
    if told["disk_free_bytes"] < LEAST_DISK:
        wrong.append("disk")
    told |= {"status": "degraded" if wrong else "ok", "wrong": wrong}
    return JsonResponse(told, status=503 if wrong else 200)


_JOBS = """
SELECT (SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - interval '1 minute') AS workers,
       count(*) FILTER (WHERE status = 'todo') AS jobs_waiting,
       count(*) FILTER (WHERE status = 'doing') AS jobs_running,
       count(*) FILTER (WHERE status = 'doing' AND w.id IS NULL) AS jobs_stalled,
       count(*) FILTER (WHERE status = 'failed') AS jobs_failed,
       COALESCE(EXTRACT(epoch FROM now() - min(COALESCE(scheduled_at, e.at)) FILTER (WHERE status = 'todo')), 0)::int
           AS oldest_waiting_seconds
FROM procrastinate_jobs j
LEFT JOIN procrastinate_workers w ON w.id = j.worker_id AND w.last_heartbeat > now() - interval '1 minute'
LEFT JOIN LATERAL (SELECT max(at) AS at FROM procrastinate_events WHERE job_id = j.id) e ON status = 'todo'
WHERE status IN ('todo', 'doing', 'failed')
"""
_AUDIT = """
SELECT (SELECT sealed_at FROM audit_sealedbatch ORDER BY id DESC LIMIT 1) AS last_seal,
       (SELECT digest FROM audit_sealedbatch ORDER BY id DESC LIMIT 1) AS audit_head,
       COALESCE(EXTRACT(epoch FROM now() - min(at)), 0)::int AS unsealed_seconds
FROM audit_event WHERE id > (SELECT COALESCE(max(last), 0) FROM audit_sealedbatch)
"""


def _database() -> dict[str, Any]:
    told: dict[str, Any] = {}
    with use(whole_province("health", "健康检查")), connection.cursor() as cursor:
        for statement in (_JOBS, _AUDIT):
            cursor.execute(statement)
            told |= zip((column.name for column in cursor.description), cursor.fetchone(), strict=True)
    return told | {"oldest_waiting_seconds": max(told["oldest_waiting_seconds"], 0)}


urlpatterns = [path("health", health, name="health")]
