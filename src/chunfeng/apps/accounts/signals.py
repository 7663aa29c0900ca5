"""Signing in and out, and every attempt that failed, go into the audit."""

from __future__ import annotations

from typing import Any

from axes.signals import user_locked_out
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.http import HttpRequest

from chunfeng.apps.accounts import hats
from chunfeng.apps.accounts.models import User
from chunfeng.apps.audit.record import record
from chunfeng.apps.places.numbers import NOWHERE
from chunfeng.apps.places.scope import Scope, use

_UID = "accounts.signals"


def connect() -> None:
    """Listen."""
    user_logged_in.connect(_signed_in, dispatch_uid=_UID)
    user_logged_out.connect(_signed_out, dispatch_uid=_UID)
    user_login_failed.connect(_failed, dispatch_uid=_UID)
    user_locked_out.connect(_locked, dispatch_uid=_UID)


def _signed_in(request: HttpRequest, user: User, **kwargs: Any) -> None:
    _note(request, "signin", user)


def _signed_out(request: HttpRequest, user: User | None, **kwargs: Any) -> None:
    if user is not None and user.is_authenticated:
        why = getattr(request, "signed_out_for", "")
        _note(request, "signout", user, {"why": why} if why else {})


def _failed(credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any) -> None:
    """The name typed is kept only where such a user exists: people type passwords into the wrong field."""
    if request is not None:
        _nobody(request, "signin_failed", credentials.get("username"))


def _locked(request: HttpRequest, username: str | None = None, **kwargs: Any) -> None:
    _nobody(request, "locked", username)


def _note(request: HttpRequest, action: str, user: User, details: dict[str, Any] | None = None) -> None:
    worn = hats.worn(user, request.session.get(hats.SESSION_KEY) if hasattr(request, "session") else None)
    with use(hats.scope_of(user, worn.hat, request, "登录")):
        record(action, kind="user", key=user.pk, details=details)


def _nobody(request: HttpRequest, action: str, username: str | None) -> None:
    known = User.objects.filter(username=username or "").values_list("pk", flat=True).first()
    address = request.META.get("REMOTE_ADDR", "")
    scope = Scope(
        NOWHERE, "anonymous", "登录", request_id=getattr(request, "request_id", ""), address=address
    )
    with use(scope):
        record(action, kind="user", key=known or "", details={} if known else {"unknown": True})
