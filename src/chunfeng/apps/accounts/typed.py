"""The name somebody typed at the sign-in, as the counter of failures keeps it, and what is locked after failures."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import Sum
from django.http import HttpRequest
from django.utils import timezone

from chunfeng.apps.accounts.models import User
from chunfeng.apps.vault.fields import blind_index

EVERYWHERE = 50
"""Failures of one name within the time of a lock, from wherever, after which it is locked from everywhere."""


def name(request: HttpRequest | None, credentials: dict[str, Any] | None = None) -> str | None:
    """A user's name as it is; what is nobody's as a keyed digest, for people type passwords into the wrong field."""
    given = credentials if credentials else (request.POST if request is not None else {})
    text = given.get("username")
    if not text:
        return None
    if "\0" not in text and User.objects.filter(username=text).exists():
        return str(text)
    return f"?{blind_index('typed name', text).hex()}"


def locked_by(request: Any, credentials: dict[str, Any] | None = None) -> list[Any]:
    """What failures are counted by: a name from one address, so that nobody locks another's account from elsewhere; the
    name alone once it was tried so often that many addresses are at it."""
    since = timezone.now() - timedelta(hours=settings.AXES_COOLOFF_TIME)
    tried = AccessAttempt.objects.filter(username=name(request, credentials), attempt_time__gt=since)
    failures = tried.aggregate(failures=Sum("failures_since_start"))["failures"] or 0
    return ["username"] if failures >= EVERYWHERE else [["username", "ip_address"]]
