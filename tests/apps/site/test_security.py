"""What a browser is told with every answer, on this machine and behind TLS, and what Django says of a deployment."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from django.urls import reverse

ROOT = Path(__file__).parents[3]

_ASK = """
import json, os
from chunfeng.site.upgrade import setup
setup()
from django.conf import settings
from django.test import Client
client = Client(SERVER_NAME="cf.example.gov.cn", enforce_csrf_checks=True)
told = {}
for name, secure in (("plain", False), ("tls", True)):
    answer = client.get("/signin/", secure=secure)
    told[name] = {"status": answer.status_code, "headers": {k.lower(): v for k, v in answer.headers.items()},
                  "cookies": {k: {a: m[a] for a in ("secure", "httponly", "samesite", "max-age")}
                              for k, m in answer.cookies.items()}}
told["forged"] = client.post("/signin/", {"username": "a", "password": "b"}, secure=True).status_code
told["foreign host"] = Client(SERVER_NAME="evil.example").get("/signin/", secure=True).status_code
told["session"] = [settings.SESSION_COOKIE_SECURE, settings.SESSION_COOKIE_HTTPONLY, settings.SESSION_COOKIE_SAMESITE]
print(json.dumps(told))
"""


def _python(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    ours = ("CHUNFENG_LOCAL", "DJANGO_ALLOW_ASYNC_UNSAFE")
    env = {k: v for k, v in os.environ.items() if k not in ours} | {"PYTHONPATH": str(ROOT / "src")} | environ
    return subprocess.run([sys.executable, *arguments], env=env, cwd=ROOT, text=True, capture_output=True)


@pytest.fixture(scope="module")
def deployed(platform):
    """Answers of the platform as it runs behind TLS."""
    done = _python("-c", _ASK, CHUNFENG_HOSTS="cf.example.gov.cn", CHUNFENG_PROXY="1")
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def test_without_tls_one_is_led_to_tls(deployed):
    assert deployed["plain"]["status"] == 301
    assert deployed["plain"]["headers"]["location"] == "https://cf.example.gov.cn/signin/"


def test_every_answer_carries_its_walls(deployed):
    headers = deployed["tls"]["headers"]
    assert deployed["tls"]["status"] == 200
    assert headers["strict-transport-security"].startswith("max-age=31536000")
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
    assert policy["default-src"] == policy["frame-ancestors"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert "unsafe" not in headers["content-security-policy"]


def test_cookies_travel_by_tls_alone_and_scripts_cannot_read_the_session(deployed):
    assert deployed["session"] == [True, True, "Lax"]
    token = deployed["tls"]["cookies"]["csrftoken"]
    assert token["secure"] is True and token["samesite"] == "Lax"


def test_a_forged_form_and_a_foreign_host_are_refused(deployed):
    assert deployed["forged"] == 403
    assert deployed["foreign host"] == 400


def test_django_finds_nothing_to_say_against_the_deployment(platform):
    done = _python(
        "-m", "chunfeng", "manage", "check", "--deploy", "--fail-level", "WARNING", CHUNFENG_HOSTS="a.cn"
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_static_files_are_kept_by_browsers_and_sent_compressed(server):
    page = urllib.request.urlopen(f"{server}/signin/").read().decode()
    style = next(part.split('"')[0] for part in page.split('href="')[1:] if ".css" in part.split('"')[0])
    asked = urllib.request.Request(server + style, headers={"Accept-Encoding": "gzip"})
    with urllib.request.urlopen(asked) as answer:
        body, headers = answer.read(), answer.headers
    assert headers["Content-Encoding"] == "gzip" and b"{" in gzip.decompress(body)
    assert "immutable" in headers["Cache-Control"]


def test_pages_about_persons_are_kept_by_nobody(client_as):
    assert "no-store" in client_as("county_clerk").get("/").headers.get("Cache-Control", "")


@pytest.mark.parametrize(
    ("page", "query"),
    [
        ("registry-findings", "kind"),
        ("registry-unlinked", "place"),
        ("intake-versions", "kind"),
        ("organisations", "q"),
        ("registry", "q"),
    ],
)
def test_what_the_database_cannot_hold_is_refused_at_the_door(client_as, page, query):
    client = client_as("county_approver")
    assert client.get(reverse(page), {query: "林\0"}).status_code == 400
    assert client.get(reverse(page), {query: "林"}).status_code == 200
    assert client.post(reverse("registry"), {"q": "\0", "filters": "a=b"}).status_code == 400


def test_a_number_longer_than_any_is_no_fault_of_ours(client_as):
    client, long = client_as("county_clerk"), "9" * 5_000
    deed = "12345678-1234-1234-1234-123456789012"
    for address, given in (
        (reverse("registry-correction-undo", args=[1]), {"reason": "写错了一位", "person": long}),
        (reverse("registry-inquiries"), {"answer": "已经核实", "inquiry": long}),
        (reverse("registry-undo", args=[deed]), {"reason": "写错了一位", "back": long}),
    ):
        assert client.post(address, given).status_code in (302, 404), address
