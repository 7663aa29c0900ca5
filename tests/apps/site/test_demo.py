"""`./chunfeng demo` with real kills: whatever is killed comes back, nothing is lost, and Ctrl-C leaves nothing running."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from chunfeng.site import children, environment, postgres
from chunfeng.site.supervisor import Supervisor
from tests.pipeline import county

ROOT = Path(__file__).parents[3]
pytestmark = pytest.mark.slow


_SENDERS = """
today: 2023-01-20
senders:
  - {user: gongan, name: 公安局, department: 公安, received: 2023-01-16, files: ["公安-*"]}
  - {user: lianfeng, town: 莲峰镇, received: 2023-01-18, as_of: 2023-01-14, files: ["户籍*"]}
"""


class Demo:
    """A demonstration with a small county, in a folder of its own."""

    def __init__(self, folder: Path, port: int) -> None:
        self.data, self.county, self.port = folder / "演示 数据", folder / "连城县", port
        county.lay(self.county, 户籍=county.register().head(500))
        (folder / "连城县.yaml").write_text(_SENDERS, encoding="utf-8")
        self.log = folder / "log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, *arguments: str) -> None:
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "chunfeng", "demo", "--port", str(self.port), "--county", str(self.county), *arguments],
                env=os.environ | {"PYTHONPATH": str(ROOT / "src"), "CHUNFENG_DATA": str(self.data)},
                cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def until(self, condition: Callable[[], object], seconds: float = 120) -> None:
        end = time.monotonic() + seconds
        while not condition():
            assert self.process is not None
            assert self.process.poll() is None, self.said()[-3000:]
            assert time.monotonic() < end, self.said()[-3000:]
            time.sleep(0.1)

    def ready(self) -> None:
        self.until(lambda: "Ctrl-C" in self.said(), 240)

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/signin/", timeout=5) as page:
                return page.status == 200
        except OSError:
            return False

    def child(self, command: str) -> int:
        """The process of a command that the supervisor began."""
        for pid in children.leftovers(self.data):
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            if command.encode() in words and os.getpgid(pid) == pid:
                return pid
        return 0

    def server(self) -> int:
        return int((self.data / "postgres/postmaster.pid").read_text().split("\n", 1)[0])

    def persons(self) -> int:
        return self.ask("SELECT count(*) FROM registry_person")

    def ask(self, query: str) -> int:
        before, os.environ["CHUNFENG_DATA"] = os.environ["CHUNFENG_DATA"], str(self.data)
        try:
            address = postgres.superuser(environment.load_secrets())
        except environment.SetupError:
            return -1
        finally:
            os.environ["CHUNFENG_DATA"] = before
        try:
            with psycopg.connect(address, dbname=environment.DATABASE) as connection:
                return int(connection.execute(query).fetchone()[0])  # type: ignore[arg-type,index]
        except (psycopg.OperationalError, psycopg.errors.UndefinedTable):
            return -1

    def stop(self, number: int = signal.SIGINT) -> None:
        assert self.process is not None
        self.process.send_signal(number)
        self.process.wait(60)


@pytest.fixture
def demo(platform):
    folder = Path(tempfile.mkdtemp(prefix="cf-d-"))  # a path the server's own user can walk through
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    demo = Demo(folder, port)
    yield demo
    if demo.process is not None and demo.process.poll() is None:
        demo.stop()
    children.end_leftovers(demo.data, 1.0)
    before, os.environ["CHUNFENG_DATA"] = os.environ["CHUNFENG_DATA"], str(demo.data)
    try:
        postgres.stop()
    finally:
        os.environ["CHUNFENG_DATA"] = before
    shutil.rmtree(folder)


def test_whatever_is_killed_comes_back_and_nothing_is_lost(demo):
    demo.start()
    demo.until(lambda: demo.ask("SELECT count(*) FROM intake_delivery") > 0, 240)
    os.kill(demo.process.pid, signal.SIGKILL)  # half-way through the hand-in
    demo.process.wait()
    demo.start()
    demo.until(lambda: demo.ask("SELECT count(*) FROM intake_run WHERE state = 'running'") > 0, 240)
    worker = demo.child("work")
    os.kill(worker, signal.SIGKILL)  # in the middle of the run
    demo.until(lambda: demo.child("work") not in (0, worker))
    server = demo.server()
    os.kill(server, signal.SIGKILL)
    demo.until(lambda: demo.ask("SELECT 1") == 1 and demo.server() != server)
    demo.ready()
    assert demo.persons() == county.REGISTER.height
    assert demo.ask("SELECT count(*) FROM intake_run WHERE state = 'done'") == 1  # loaded once, not twice
    assert demo.ask("SELECT count(*) FROM intake_delivery") == 2
    assert (
        demo.ask(
            "SELECT count(*) FROM intake_delivery WHERE received - as_of IN (1, 4) AND sender IS NOT NULL"
        )
        == 2
    )
    assert (
        demo.ask(
            "SELECT count(*) FROM intake_delivery WHERE place = 350825100000 AND organisation_id IS NULL"
        )
        == 1
    )

    web = demo.child("serve")
    os.kill(web, signal.SIGKILL)
    demo.until(lambda: demo.child("serve") not in (0, web) and demo.answers())

    demo.stop()
    assert children.leftovers(demo.data) == []
    assert not (demo.data / "postgres/postmaster.pid").exists()

    demo.start()  # again: nothing to prepare, nothing to load
    demo.ready()
    assert "database" not in demo.said() and demo.answers()
    os.kill(demo.process.pid, signal.SIGKILL)  # the supervisor itself
    demo.process.wait()
    demo.start()
    demo.ready()
    assert demo.answers() and demo.persons() == county.REGISTER.height
    second = Demo(demo.data.parent / "other", demo.port)
    second.data = demo.data
    second.start()
    assert second.process.wait(60) == 2 and "running already" in second.said()
    other = Demo(demo.data.parent / "third", demo.port)
    other.start()  # another folder, the same port
    assert other.process.wait(60) == 2 and f"--port {demo.port + 1}" in other.said()
    assert not (other.data / "postgres").exists()
    demo.stop(signal.SIGTERM)
    assert children.leftovers(demo.data) == []


def test_what_is_interrupted_while_it_starts_is_stopped_too():
    class Slow:
        name, runs = "slow", False

        def start(self):
            self.runs = True
            raise KeyboardInterrupt

        def alive(self):
            return self.runs

        def stop(self):
            self.runs = False

    slow, supervisor = Slow(), Supervisor(print)
    with pytest.raises(KeyboardInterrupt):
        supervisor.add(slow)
    supervisor.stop()
    assert not slow.runs


def test_a_terminal_that_was_closed_keeps_nothing_from_being_stopped():
    script = "import sys; from chunfeng.site.demo import say; say('stopping'); print('and stopped')"
    there, gone = os.pipe()
    os.close(there)
    done = subprocess.run(
        [sys.executable, "-c", script], stderr=gone, stdout=subprocess.PIPE, text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
    )  # fmt: skip
    os.close(gone)
    assert done.stdout == "and stopped\n"


def test_a_server_that_was_made_half_way_is_made_again(tmp_path, monkeypatch):
    folder = Path(tempfile.mkdtemp(prefix="cf-半 "))
    monkeypatch.setenv("CHUNFENG_DATA", str(folder))
    (folder / "postgres.new").mkdir()
    (folder / "postgres.new/PG_VERSION").write_text("18")  # the power went while it was made
    secrets = environment.make_secrets()
    try:
        with postgres.awake(secrets):
            (folder / "postgres/pg_hba.conf").write_text(
                "local all all trust\n"
            )  # and before it asked for passwords
        with postgres.awake(secrets):
            assert "trust" not in (folder / "postgres/pg_hba.conf").read_text()
            with pytest.raises(psycopg.OperationalError):
                psycopg.connect(postgres.superuser(secrets), password="wrong")
        assert not postgres.running()
        # the machine was restarted, and the server's old number is another program's now
        other = subprocess.Popen(["sleep", "60"], user=postgres._system_user())
        (folder / "postgres/postmaster.pid").write_text(f"{other.pid}\n{folder}/postgres\n")
        try:
            with postgres.awake(secrets):
                assert postgres.running() and postgres._pid() != other.pid
        finally:
            other.kill()
            other.wait()
    finally:
        postgres.stop()
        shutil.rmtree(folder)


def test_only_what_is_ours_is_removed(tmp_path):
    (tmp_path / "d").mkdir()
    (tmp_path / "d/letter.txt").write_text("mine")
    done = subprocess.run(
        [sys.executable, "-m", "chunfeng", "demo", "--fresh", "--yes"],
        env=os.environ | {"PYTHONPATH": str(ROOT / "src"), "CHUNFENG_DATA": str(tmp_path / "d")},
        cwd=ROOT, text=True, capture_output=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == 1 and "left as it is" in done.stderr
    assert (tmp_path / "d/letter.txt").read_text() == "mine"
