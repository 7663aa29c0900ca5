"""Every request runs in the scope of the hat worn, in one transaction, and only where its view allows it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.urls import ResolverMatch, resolve, reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from psycopg.errors import UniqueViolation

from chunfeng.apps.accounts import hats, totp
from chunfeng.apps.audit.denials import denied
from chunfeng.apps.gate import access
from chunfeng.apps.places.scope import NoScope, OutOfReach, use
from chunfeng.ui.views import conflict, method_not_allowed

log = logging.getLogger(__name__)

SECOND = "second_factor"
_SEEN = "seen"
_UNFINISHED = {
    "signout",
    "hats",
    "hat-switch",
    "password",
    "second-factor",
    "second-factor-setup",
    "set_language",
    "health",
}
"""Pages one may see before the second factor or the new password that is asked for."""
_ANY_HAT = _UNFINISHED | {"campaign-switch", "hat-take-back"}
"""Pages that do the same whichever hat is worn."""
POLLED = {"intake-progress", "intake-runs-progress"}
"""What an open page asks for by itself, again and again: nobody need be there, so it keeps no session alive."""


def given(request: HttpRequest) -> bool:
    """Whether the second factor was given in this session, and is still the user's."""
    return bool(request.session.get(SECOND) == totp.mark(request.user))


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
            if declared.public:
                return self.get_response(request)
            return redirect_to_login(request.get_full_path()) if _reads(request) else _ended(request, "gone")
        if self._idle(request, match):
            return self._end(request)
        request.worn = hats.worn(request.user, request.session.get(hats.SESSION_KEY))
        if (step := self._unfinished(request)) and match.url_name not in _UNFINISHED and not declared.public:
            return redirect(step)
        response = self._within(request, match, declared)
        if response.status_code == 405 and _reads(request):
            return method_not_allowed(request)  # an address bar holds what a form was sent to
        return response

    def _within(self, request: HttpRequest, match: ResolverMatch, declared: access.Access) -> HttpResponse:
        scope = hats.scope_of(request.user, request.worn.hat, request, declared.purpose)
        if declared.capability is not None and declared.capability not in scope.capabilities:
            denied(scope, match.view_name, "capability", {"capability": str(declared.capability)})
            raise PermissionDenied
        if (made_under := self._made_under_another(request, match, declared)) is not None:
            denied(scope, match.view_name, "other hat")
            with use(scope):
                return _other_hat(request, made_under)
        with use(scope):
            response = self.get_response(request)
            if response.status_code >= 500 or getattr(request, "failed", False):
                transaction.set_rollback(True)
        if not declared.public and (why := _refusal(request, response, match)):
            what = {name: str(value)[:40] for name, value in match.kwargs.items()}
            denied(scope, match.view_name, why, {"what": what})
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """What failed leaves nothing behind; what somebody else saved at the same moment is no fault of anybody's."""
        request.failed = True
        if isinstance(exception, IntegrityError) and isinstance(exception.__cause__, UniqueViolation):
            log.warning(
                "saved twice: %s", exception, extra={"request_id": getattr(request, "request_id", "")}
            )
            return conflict(request)
        if isinstance(exception, OutOfReach | NoScope):
            request.refused = "reach"
            log.warning("refused: %s", exception, extra={"request_id": getattr(request, "request_id", "")})
            raise PermissionDenied from exception
        return None

    def _idle(self, request: HttpRequest, match: ResolverMatch) -> bool:
        now = int(timezone.now().timestamp())
        seen = request.session.get(_SEEN)
        by_itself = request.htmx and match.url_name in POLLED
        if seen is None or (now - seen > 60 and not by_itself):  # not a write per request
            request.session[_SEEN] = now
        return seen is not None and now - seen > settings.SESSION_IDLE_SECONDS

    def _end(self, request: HttpRequest) -> HttpResponse:
        """Sign out for idleness and say so."""
        request.signed_out_for = "idle"
        logout(request)
        return _ended(request)

    def _made_under_another(
        self, request: HttpRequest, match: ResolverMatch, declared: access.Access
    ) -> str | None:
        """The hat a form was made under, where another is worn by now (changed in another window, or ended): what it asks
        for would be done for the wrong office."""
        if request.method != "POST" or declared.public or match.url_name in _ANY_HAT:
            return None
        told = request.POST.get("worn")
        return None if told is None or told == str(getattr(request.worn.hat, "pk", "")) else str(told)

    def _unfinished(self, request: HttpRequest) -> str | None:
        if request.user.must_change_password:
            return reverse("password")
        hat = request.worn.hat
        if hat is not None and hat.role.second_factor and not given(request):
            return reverse("second-factor" if request.user.totp_secret else "second-factor-setup")
        return None


def _reads(request: HttpRequest) -> bool:
    return request.method in ("GET", "HEAD")


def _ended(request: HttpRequest, why: str = "") -> HttpResponse:
    """To the page that says that one was signed out. From there on goes what was read; what was sent goes back to its form."""
    back = request.get_full_path() if _reads(request) else _came_from(request)
    told = {name: text for name, text in (("next", back), ("why", why)) if text}
    return redirect(f"{reverse('session-ended')}?{urlencode(told)}" if told else "session-ended")


def _came_from(request: HttpRequest) -> str:
    """The page of ours that a form stood on; empty where the browser does not tell."""
    page = request.headers.get("Referer", "")
    safe = url_has_allowed_host_and_scheme(page, {request.get_host()}, require_https=request.is_secure())
    return urlsplit(page)._replace(scheme="", netloc="", fragment="").geturl() if safe else ""


def _other_hat(request: HttpRequest, made_under: str) -> HttpResponse:
    """Say that nothing was done, and offer the way back to the hat the form was made under."""
    before = next((hat for hat in request.worn.hats if str(hat.pk) == made_under), None)
    context = {"before": before, "back": _came_from(request)}
    return render(request, "accounts/other_hat.html", context, status=409)


def _refusal(request: HttpRequest, response: HttpResponse, match: ResolverMatch) -> str:
    """Why an answer is a refusal; empty when it is none."""
    if response.status_code == 403:
        return getattr(request, "refused", "forbidden")
    if response.status_code == 404 and match.kwargs:
        return "not found"
    return getattr(request, "refused_rule", "")
