"""One JSON object per line on standard error: what a log collector reads. No personal data is ever logged."""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse

_FIELDS = ("request_id", "method", "path", "status", "milliseconds", "user", "role", "address")
_VALUES = re.compile(r"^(?:DETAIL|CONTEXT|LINE \d+|QUERY):.*$", re.M)
_NUMBERS = re.compile(r"\d{11,}[\dXx]?")
_QUIET = ("/health", "/static/")

log = logging.getLogger("chunfeng.request")


def harmless(text: str) -> str:
    """The text without values that a database quotes in its errors, and without numbers as long as a phone's or an id's.

    >>> harmless("duplicate key\\nDETAIL:  Key (name)=(林小春) already exists.\\nperson 350825199001010011")
    'duplicate key\\n…\\nperson …'
    """
    return _NUMBERS.sub("…", _VALUES.sub("…", text))


class JsonLine(logging.Formatter):
    """time, level, logger, message; error (the traceback) and fields of a request where there are any."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": harmless(record.getMessage()),
        }
        for name in _FIELDS:
            value = getattr(record, name, None)
            if value not in (None, ""):
                line[name] = value
        if record.exc_info:
            line["error"] = harmless(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False, default=str)


class RequestLogMiddleware:
    """One line per request: who asked for which page, how it went, how long it took. What was asked for in words
    (the query, the form) is left out."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        response = self.get_response(request)
        if not request.path.startswith(_QUIET):
            worn = getattr(request, "worn", None)
            log.info(
                "request",
                extra={
                    "request_id": getattr(request, "request_id", ""),
                    "method": request.method,
                    "path": harmless(request.path),
                    "status": response.status_code,
                    "milliseconds": round((time.perf_counter() - started) * 1000, 1),
                    "user": request.user.pk if worn is not None else None,
                    "role": worn.hat.role_id if worn is not None and worn.hat is not None else None,
                    "address": request.META.get("REMOTE_ADDR", ""),
                },
            )
        return response
