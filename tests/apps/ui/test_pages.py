"""Pages of no room: errors that help, the text size, outlines for maps, and what they demand of their readers."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.template.engine import Engine
from django.test import Client, RequestFactory
from django.urls import get_resolver, reverse

from chunfeng.apps.gate import access
from chunfeng.reference import maps
from chunfeng.ui import urls, views

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
def client() -> Client:
    return Client(raise_request_exception=False, headers={"host": "localhost"})


def test_every_page_of_this_package_is_declared_as_the_rooms_read_it() -> None:
    for pattern in urls.urlpatterns:
        declared = access.of(pattern.callback)
        assert declared is not None and declared.purpose, pattern.name
        assert declared.public and declared.capability is None
        assert declared.allows("GET") and declared.allows("POST") == declared.writes


def test_a_page_that_is_not_there_says_what_to_do(client: Client) -> None:
    answer = client.get("/nowhere/")
    assert answer.status_code == 404
    assert "没有找到这一页" in answer.content.decode() and 'href="/"' in answer.content.decode()


def test_a_refusal_gives_its_reason_escaped() -> None:
    request = RequestFactory().get("/")
    request.session = {}
    page = views.forbidden(request, PermissionDenied("只有县级可以 <b>认定</b>")).content.decode()
    assert "只有县级可以 &lt;b&gt;认定&lt;/b&gt;" in page


def test_a_refusal_before_there_is_a_scope_is_a_page_all_the_same(client_as: Any) -> None:
    answer = client_as("county_clerk").get(reverse("roles"), headers={"host": "localhost"})
    page = answer.content.decode()
    assert answer.status_code == 403
    assert "当前身份不能看这一页" in page and "当前身份：" in page and reverse("signout") in page


def test_a_stale_form_is_told_apart_from_a_refusal() -> None:
    client = Client(enforce_csrf_checks=True, headers={"host": "localhost"})
    answer = client.post(reverse("display-mode"), {"display": "elder"})
    assert answer.status_code == 403
    assert "这张表单已经过期" in answer.content.decode()


def test_the_page_for_faults_needs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    request = RequestFactory().get("/")  # no session, no user, no messages
    request.request_id = "a1b2"
    answer = views.server_error(request)
    assert answer.status_code == 500
    assert "a1b2" in answer.content.decode()
    monkeypatch.setattr(Engine, "get_template", lambda *_args: 1 / 0)  # not even templates
    answer = views.server_error(request)
    assert answer.status_code == 500 and "系统出错了" in answer.content.decode()


def test_large_text_lasts_for_the_session(client: Client) -> None:
    page = client.get(reverse("style")).content.decode()
    assert '<html lang="zh-hans" class="">' in page
    answer = client.post(reverse("display-mode"), {"display": "elder", "next": reverse("style")})
    assert answer.status_code == 302 and answer["Location"] == reverse("style")
    assert '<html lang="zh-hans" class="elder">' in client.get(reverse("style")).content.decode()
    client.post(reverse("display-mode"), {"display": "normal"})
    assert 'class="elder"' not in client.get(reverse("style")).content.decode()


@pytest.mark.parametrize(
    "target", ["//evil.example/", "https://evil.example/", "javascript:alert(1)", "", "\\\\evil.example"]
)
def test_nobody_is_sent_elsewhere(client: Client, target: str) -> None:
    assert client.post(reverse("display-mode"), {"display": "elder", "next": target})["Location"] == "/"


def test_language(client: Client) -> None:
    client.post(reverse("set_language"), {"language": "en", "next": "/ui/style/"})
    assert '<html lang="en"' in client.get(reverse("style")).content.decode()


@pytest.mark.parametrize("level", maps.LEVELS)
def test_outlines_are_packed_and_kept_by_the_browser(client: Client, level: str) -> None:
    address = reverse("map-data", args=[level])
    plain = client.get(address)
    assert plain.content == maps.outlines(level)
    packed = client.get(address, headers={"accept-encoding": "gzip, br"})
    assert packed["Content-Encoding"] == "gzip" and gzip.decompress(packed.content) == plain.content
    assert "public" in packed["Cache-Control"]
    assert client.get(address, headers={"if-none-match": packed["ETag"]}).status_code == 304
    assert json.loads(plain.content)["type"] == "FeatureCollection"


def test_there_is_no_outline_of_anything_else(client: Client) -> None:
    assert client.get(reverse("map-data", args=["town"])).status_code == 404
    assert client.get("/ui/map-data/..%2f..%2fregions.json").status_code == 404


def test_a_signed_in_reader_sees_hat_and_way_out(client_as: Any) -> None:
    page = client_as("county_clerk").get(reverse("style"), headers={"host": "localhost"}).content.decode()
    assert reverse("signout") in page
    assert reverse("hat-switch") in page
    assert 'class="top-hat"' in page


def test_handlers_are_those_of_this_package() -> None:
    resolver = get_resolver()
    for code, view in (
        (400, views.bad_request),
        (403, views.forbidden),
        (404, views.not_found),
        (500, views.server_error),
    ):
        assert resolver.resolve_error_handler(code) is view
