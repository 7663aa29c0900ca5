"""Every request runs in the scope of the hat worn, in one transaction, and only where its view allows it."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import resolve, reverse
from django.utils import timezone

from chunfeng.apps.accounts import hats
from chunfeng.apps.gate import access
from chunfeng.apps.places.scope import NoScope, OutOfReach, use

log = logging.getLogger(__name__)

_SEEN, _SECOND = "seen", "second_factor"
_UNFINISHED = {"signout", "password", "second-factor", "second-factor-setup", "set_language", "health"}
"""Pages one may see before the second factor or the new password that is asked for."""


class ScopeMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            match = resolve(request.path_info)
        except Http404:
            return self.get_response(request)
        declared = access.of(match.func)
        if declared is None:
            log.error("view %s declares no access", match.view_name)
            raise PermissionDenied
        request.access = declared
        if not declared.allows(request.method):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        if not request.user.is_authenticated:
            return (
                self.get_response(request) if declared.public else redirect_to_login(request.get_full_path())
            )
        if self._idle(request):
            logout(request)
            return redirect_to_login(request.get_full_path())
        request.worn = hats.worn(request.user, request.session.get(hats.SESSION_KEY))
        if (step := self._unfinished(request)) and match.url_name not in _UNFINISHED and not declared.public:
            return redirect(step)
        scope = hats.scope_of(request.user, request.worn.hat, request, declared.purpose)
        if declared.capability is not None and declared.capability not in scope.capabilities:
            raise PermissionDenied
        with use(scope):
            response = self.get_response(request)
            if response.status_code >= 500 or getattr(request, "failed", False):
                transaction.set_rollback(True)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        """What failed leaves nothing behind."""
        request.failed = True
        if isinstance(exception, OutOfReach | NoScope):
            log.warning("refused: %s", exception, extra={"request_id": getattr(request, "request_id", "")})
            raise PermissionDenied from exception

    def _idle(self, request: HttpRequest) -> bool:
        now = int(timezone.now().timestamp())
        seen = request.session.get(_SEEN)
        if seen is None or now - seen > 60:  # not a write per request
            request.session[_SEEN] = now
        return seen is not None and now - seen > settings.SESSION_IDLE_SECONDS

    def _unfinished(self, request: HttpRequest) -> str | None:
        if request.user.must_change_password:
            return reverse("password")
        hat = request.worn.hat
        if hat is not None and hat.role.second_factor and not request.session.get(_SECOND):
            return reverse("second-factor" if request.user.totp_secret else "second-factor-setup")
        return None
