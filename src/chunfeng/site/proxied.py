"""Whose request it is when nginx stands in front: the address nginx names, instead of nginx's own."""

from __future__ import annotations

import contextlib
import ipaddress
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse


class ProxiedAddressMiddleware:
    """REMOTE_ADDR from `X-Real-IP`, with CHUNFENG_PROXY=1 only: without a proxy anybody could write that header."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        if not settings.BEHIND_PROXY:
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        told = request.META.get("HTTP_X_REAL_IP", "").strip()
        if "%" not in told:  # a zone may be of any length, and names an interface of another machine
            with contextlib.suppress(ValueError):
                request.META["REMOTE_ADDR"] = str(ipaddress.ip_address(told))
        return self.get_response(request)
