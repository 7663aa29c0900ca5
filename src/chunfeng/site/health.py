"""The address a monitor asks: is the platform up, does the database answer, does the worker keep up?"""

from __future__ import annotations

from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.urls import path

from chunfeng import __version__
from chunfeng.apps.gate.access import public


@public(purpose="健康检查")
def health(request: HttpRequest) -> JsonResponse:
    """200 with status ok, or 503 with what is wrong. Tells nothing about persons."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FILTER (WHERE status = 'todo'), count(*) FILTER (WHERE status = 'doing'),"
            " COALESCE(EXTRACT(epoch FROM now() - min(scheduled_at) FILTER (WHERE status = 'todo')), 0)::int"
            " FROM procrastinate_jobs"
        )
        waiting, doing, behind = cursor.fetchone()
        cursor.execute(
            "SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - interval '1 minute'"
        )
        workers = cursor.fetchone()[0]
    wrong = [] if workers else ["no worker"]
    return JsonResponse(
        {
            "status": "ok" if not wrong else "degraded",
            "wrong": wrong,
            "version": __version__,
            "jobs_waiting": waiting,
            "jobs_running": doing,
            "oldest_waiting_seconds": max(behind, 0),
            "workers": workers,
        },
        status=200 if not wrong else 503,
    )


urlpatterns = [path("health", health, name="health")]
