"""Pages that belong to no room: errors, text size, outlines for maps, the style page."""

from __future__ import annotations

import gzip
import hashlib
import logging
from functools import cache
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.template import loader
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import cache_control
from django.views.decorators.http import condition, require_POST

from chunfeng.reference import maps
from chunfeng.ui import samples
from chunfeng.ui.declared import open_to_all

log = logging.getLogger(__name__)

_LAST_RESORT = (
    '<!doctype html><html lang="zh-Hans"><meta charset="utf-8"><title>出错了</title>'
    "<h1>系统出错了</h1><p>刚才的操作没有办成，请稍后再试。</p>"
)


def _refusal(request: HttpRequest, status: int, template: str, **context: Any) -> HttpResponse:
    """A page for an error. Context processors stay out: they may ask for a scope, and errors arise before there is one."""
    worn = getattr(request, "worn", None)
    known = {
        "request": request,
        "csrf_token": get_token(request),
        "user": getattr(request, "user", None),
        "hat": getattr(worn, "hat", None),
        "hats": getattr(worn, "hats", ()),
    }
    return HttpResponse(loader.get_template(template).render(known | context), status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: what was sent cannot be read."""
    return _refusal(request, 400, "400.html")


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: the hat worn does not allow it. The exception's words, where it has any, are meant for the reader."""
    return _refusal(request, 403, "403.html", reason=str(exception or ""))


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: no such page, or none within the reader's reach; which of the two is not told."""
    return _refusal(request, 404, "404.html")


def method_not_allowed(request: HttpRequest) -> HttpResponse:
    """405: the address of a form's answer, opened by itself."""
    response = _refusal(request, 405, "405.html")
    response["Allow"] = "POST"
    return response


def conflict(request: HttpRequest) -> HttpResponse:
    """409: somebody saved the same at the same moment."""
    return _refusal(request, 409, "409.html")


def server_error(request: HttpRequest) -> HttpResponse:
    """500: a fault of ours. Asks nothing of the database, the session or the reader."""
    try:
        page = loader.get_template("500.html").render({"request_id": getattr(request, "request_id", "")})
    except Exception:
        log.exception("the page for errors cannot be drawn")
        page = _LAST_RESORT
    return HttpResponse(page, status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 of a form that was open too long, or sent from elsewhere."""
    log.warning("csrf: %s", reason)
    return _refusal(request, 403, "403_csrf.html")


@open_to_all("调整字号", writes=True)
@require_POST
def display_mode(request: HttpRequest) -> HttpResponse:
    """Keep the text size for this session and go back to where the reader was."""
    request.session["display"] = "elder" if request.POST.get("display") == "elder" else "normal"
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return HttpResponseRedirect(target if safe else "/")


@cache
def _packed(level: str) -> tuple[bytes, str]:
    text = maps.outlines(level)
    return gzip.compress(text, mtime=0), f'"{hashlib.sha256(text).hexdigest()[:20]}"'


def _etag(request: HttpRequest, level: str) -> str | None:
    return _packed(level)[1] if level in maps.LEVELS else None


@open_to_all("地图底图")
@cache_control(public=True, max_age=86_400)
@condition(etag_func=_etag)
def map_data(request: HttpRequest, level: str) -> HttpResponse:
    """The outlines of a level as GeoJSON."""
    if level not in maps.LEVELS:
        raise Http404
    packed = "gzip" in request.headers.get("Accept-Encoding", "")
    response = HttpResponse(
        _packed(level)[0] if packed else maps.outlines(level), content_type="application/geo+json"
    )
    response["Vary"] = "Accept-Encoding"
    if packed:
        response["Content-Encoding"] = "gzip"
    return response


@open_to_all("样式页")
def style(request: HttpRequest) -> HttpResponse:
    """Every component with invented content."""
    return render(request, "ui/style.html", samples.page(request))


@open_to_all("样式页：进度")
def style_progress(request: HttpRequest, step: int) -> HttpResponse:
    """The next step of the style page's progress bar."""
    return render(request, "ui/style_progress.html", samples.progress(step))


@open_to_all("样式页：表单", writes=True)
@require_POST
def style_reveal(request: HttpRequest) -> HttpResponse:
    """What a revealed value looks like on the style page; the number is invented."""
    return render(request, "ui/style_reveal.html", samples.revealed(request.POST.get("reason", "")))
