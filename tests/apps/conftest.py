"""A real platform for the tests: its own data folder, embedded PostgreSQL, the web role that owns nothing, a browser.

`db` gives one test a transaction that is rolled back; what is loaded once (`sample`) lies beneath it.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
_DATA = Path(tempfile.mkdtemp(prefix="cf-"))
os.environ |= {
    "CHUNFENG_DATA": str(_DATA),
    "CHUNFENG_LOCAL": "1",
    "CHUNFENG_HOSTS": "localhost 127.0.0.1 testserver",
    "CHUNFENG_LOG": "WARNING",
    "DJANGO_SETTINGS_MODULE": "chunfeng.site.settings",
    "DJANGO_ALLOW_ASYNC_UNSAFE": "true",  # Playwright's synchronous interface runs a loop on this thread
}
for _name in (
    "CHUNFENG_SECRETS",
    "CHUNFENG_DATABASE",
    "DATABASE_URL",
    "DATABASE_OWNER_URL",
    "CHUNFENG_AS_OWNER",
):
    os.environ.pop(_name, None)

from chunfeng.site import environment, postgres  # noqa: E402  the environment above comes first

SECRETS = environment.make_secrets()

import django  # noqa: E402

django.setup()

PASSWORD = "Chunfeng-2023!"
PATIENCE = 30_000
"""Milliseconds a browser waits for what should appear: a busy machine is no defect of a page."""


def command(*arguments: str, **kwargs: Any) -> subprocess.CompletedProcess[str]:
    """A command of the platform, in a process of its own, as a user would give it."""
    env = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    return subprocess.run(
        [sys.executable, "-m", "chunfeng", *arguments],
        env=env,
        cwd=ROOT,
        text=True,
        capture_output=True,
        **kwargs,
    )


@pytest.fixture(scope="session", autouse=True)
def platform() -> Iterator[Path]:
    """The data folder of a platform that stands: tables, walls, regions, roles."""
    try:
        postgres.start(SECRETS)
        import psycopg

        with psycopg.connect(postgres.superuser(SECRETS), autocommit=True) as connection:
            for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                connection.execute(f"ALTER SYSTEM SET {setting} = off")
            connection.execute("SELECT pg_reload_conf()")
        done = command("setup")
        assert done.returncode == 0, done.stderr[-3000:]
        from django.core.management import call_command

        call_command("collectstatic", interactive=False, verbosity=0)
        yield _DATA
    finally:
        postgres.stop()
        shutil.rmtree(_DATA, ignore_errors=True)


EXAMPLE, AS_OF = ROOT / "examples/liancheng", date(2023, 1, 15)
EXAMPLE_KEYS = {"CFXD-2023-liudong": b"CFXD-2023-liudong"}
"""The key of the sample's tokenised list, as examples/README.md says."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What rests on the loaded sample comes last: the other tests find an empty registry."""
    items.sort(key=lambda item: "sample" in getattr(item, "fixturenames", ()))


@pytest.fixture(scope="session")
def sample(platform: Path) -> SimpleNamespace:
    """The sample county, loaded once by the real job, and a user for every role. It lies beneath the tests' transactions.

    `county`, `as_of`, `run`, `out` (its folder OUT), `users`: by role code, and `neighbour`: a clerk of the next county.
    """
    from chunfeng.apps.intake import doing, runs
    from chunfeng.apps.intake.models import Run
    from chunfeng.apps.places.scope import use

    county, out = "350825", platform / "sample-out"
    with use(runs.scope_for(county)):
        asked = runs.ask(county, AS_OF, folder=EXAMPLE, keys=EXAMPLE_KEYS)
    with copying(out):
        run = doing.do(asked.pk, county)
    assert run is not None and run.state == Run.State.DONE, run and run.error
    return SimpleNamespace(county=county, as_of=AS_OF, run=run, out=out, users=_staff())


@contextmanager
def copying(target: Path) -> Iterator[None]:
    """Let the next run leave a copy of its OUT, which is gone once it is loaded: a room of the tests' own."""
    from chunfeng.apps.intake import runs

    def copy(county: str, out: Path, run: Any) -> dict[str, int]:
        shutil.copytree(out, target)
        return {}

    runs.register("copy", copy)
    try:
        yield
    finally:
        runs._loaders.pop("copy")


def _staff() -> dict[str, Any]:
    """Users by role: 连城 and what is in it and above it; `neighbour` in 长汀."""
    from chunfeng.apps.accounts.models import Role
    from chunfeng.apps.places.models import Organisation, Region

    county = Region.objects.get(code="350825")
    village = Region.objects.filter(code__startswith="350825", level="village").first()
    regions = {
        "province": "35",
        "city": "3508",
        "county": "350825",
        "town": village.parent_id,
        "village": village.pk,
    }
    kinds = {"partner": "partner", "agency": "agency", "employer": "employer"}
    users = {}
    for role in Role.objects.all():
        organisation = None
        if kind := kinds.get(role.code):
            organisation, _ = Organisation.objects.get_or_create(
                region=county, name=f"测试{role.name}", defaults={"kind": kind, "department": "民政"}
            )
        users[role.code] = make_user(
            f"sample-{role.code}", role.code, regions.get(role.level, "350825"), organisation, name=role.name
        )
    users["neighbour"] = make_user("sample-neighbour", "county_clerk", "350821", name="邻县经办")
    return users


@pytest.fixture
def db(platform: Path) -> Iterator[None]:
    """A transaction that is rolled back after the test."""
    from django.db import transaction

    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def make_user(
    username: str, role: str = "county_clerk", region: str = "350825", organisation: Any = None, **fields: Any
) -> Any:
    """A user with one hat who can sign in with PASSWORD; the same one when called again."""
    from chunfeng.apps.accounts.models import Membership, User

    user = User.objects.filter(username=username).first()
    if user is None:
        user = User.objects.create_user(
            username, password=PASSWORD, name=fields.pop("name", "测试"), **fields
        )
    Membership.objects.get_or_create(
        user=user,
        role_id=role,
        region_id=region,
        organisation=organisation,
        defaults={"valid_from": date(2022, 1, 1)},
    )
    return user


@pytest.fixture
def user(db: None) -> Callable[..., Any]:
    return make_user


@pytest.fixture
def client_as(db: None) -> Callable[..., Any]:
    """A Django test client signed in as a new user in that role and region; the second factor counts as given."""
    from django.test import Client

    from chunfeng.apps.accounts import totp

    def signed_in(role: str = "county_clerk", region: str = "350825", **kwargs: Any) -> Client:
        client = Client(raise_request_exception=False)
        client.user = make_user(f"{role}-{region}", role, region, **kwargs)
        client.force_login(client.user, backend="django.contrib.auth.backends.ModelBackend")
        session = client.session
        session["second_factor"] = totp.mark(client.user)
        session.save()
        return client

    return signed_in


@pytest.fixture
def scope_of() -> Callable[[str], Any]:
    """A scope for a region's office, which may see persons unless its capabilities are given."""
    from chunfeng.apps.places.numbers import reach
    from chunfeng.apps.places.scope import Scope

    sees = {"capabilities": frozenset({"registry.read"})}
    return lambda region, **kwargs: Scope(reach(region), "test", "test", **(sees | kwargs))


# --- a real server and a real browser ---------------------------------------------------------------------------------


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def server(platform: Path) -> Iterator[str]:
    """The address of the platform's own web server, run as `./chunfeng serve` runs it."""
    port = _free_port()
    env = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    log = (platform / "web.log").open("w")
    process = subprocess.Popen(
        [sys.executable, "-m", "chunfeng", "serve", "--port", str(port)],
        env=env,
        cwd=ROOT,
        stdout=log,
        stderr=log,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(900):
            try:
                urllib.request.urlopen(f"{address}/health", timeout=5)
                break
            except urllib.error.HTTPError:
                break  # it answers: 503 only says that there is no worker
            except OSError:
                assert process.poll() is None, (platform / "web.log").read_text()[-3000:]
                time.sleep(0.2)
        else:
            pytest.fail(f"no answer from {address}: {(platform / 'web.log').read_text()[-3000:]}")
        yield address
    finally:
        process.terminate()
        process.wait(15)
        log.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Debian's Chromium, without a window."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium: ./chunfeng doctor names the line that installs it")
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=PATIENCE)

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium,
            args=(
                "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-sync"
                " --disable-background-networking --disable-component-update"
            ).split(),
        )
        yield browser
        browser.close()


@pytest.fixture
def visit(server: str, browser: Any) -> Iterator[Callable[..., Any]]:
    """visit(width=1280, height=800, js=True) → a new page in a context of its own, with the server as base address."""
    contexts = []

    def new(width: int = 1280, height: int = 800, js: bool = True) -> Any:
        context = browser.new_context(
            base_url=server,
            viewport={"width": width, "height": height},
            java_script_enabled=js,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
        )
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        return context.new_page()

    yield new
    for context in contexts:
        context.close()


def sign_in(page: Any, username: str, password: str = PASSWORD) -> None:
    """Sign in through the form."""
    page.goto("/signin/")
    page.fill("[name=username]", username)
    page.fill("[name=password]", password)
    page.click("main button[type=submit]")
    page.wait_for_url(lambda url: "/signin" not in url)


@pytest.fixture(scope="session")
def helpers() -> SimpleNamespace:
    """Functions of this file, for tests: command, make_user, sign_in, copying."""
    return SimpleNamespace(
        command=command, make_user=make_user, sign_in=sign_in, password=PASSWORD, copying=copying
    )
