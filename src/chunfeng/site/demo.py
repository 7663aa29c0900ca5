"""`./chunfeng demo`: the whole platform on this machine, with a county's files handed in and users of every role."""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import os
import shutil
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chunfeng.site import children, demo_people, demo_senders, environment, postgres, stamp
from chunfeng.site.environment import Secrets, SetupError
from chunfeng.site.supervisor import Command, Embedded, Supervisor

_WEB, _WORKER = "网页服务 web", "后台任务 worker"
_PATIENCE = 60.0
_LOCK, _STAMP = "demo.lock", "demo.stamp"


def say(*lines: str) -> None:
    with contextlib.suppress(OSError):  # the terminal may be gone; what was begun is stopped all the same
        print(*lines, sep="\n", file=sys.stderr, flush=True)


def demo(options: argparse.Namespace) -> int:
    """Start everything, hand in the county unless that was done, and stay until Ctrl-C or SIGTERM."""
    os.environ["CHUNFENG_LOCAL"] = "1"
    if options.codes:
        return _codes(options.port)
    folder = environment.data_folder()
    os.environ["CHUNFENG_DATA"] = str(folder)
    if options.fresh and not _may_remove(folder, options.yes):
        return 1
    interrupt = _Interrupt()
    before = {
        number: signal.signal(number, interrupt) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    }
    supervisor = Supervisor(say)
    try:
        with _alone(folder):
            if left := children.end_leftovers(folder):
                say(f"已结束上次未停干净的 {left} 个进程 / ended what the last time left running")
            _wait_for_port(options.port)
            if options.fresh:
                _remove(folder)
            try:
                _run(options, folder, supervisor)
                while True:
                    time.sleep(3600)
            finally:
                interrupt.heard = True
                say("正在停止… / stopping …")
                supervisor.stop()
                say("已停止，数据都在 / stopped, all data are kept: " + str(folder))
    except KeyboardInterrupt:
        return 0
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return 0


def _codes(port: int) -> int:
    people = demo_people.load()
    if people is None:
        say("还没有演示数据：./chunfeng demo / There is no demonstration yet.")
        return 2
    print(*demo_people.lines(people, _address(port)), sep="\n")
    return 0


def _address(port: int) -> str:
    return f"http://127.0.0.1:{port}/"


class _Interrupt:
    """Handles the signals that ask to end: the first is raised, more of them must not cut the stopping short."""

    heard = False

    def __call__(self, *_: object) -> None:
        if not self.heard:
            self.heard = True
            raise KeyboardInterrupt


def _run(options: argparse.Namespace, folder: Path, supervisor: Supervisor) -> None:
    people = demo_people.load()
    story = None
    if people is None or not people.complete:
        story = demo_senders.load(options.county)
        os.environ["CHUNFENG_TODAY"] = story.day
    else:
        os.environ["CHUNFENG_TODAY"] = people.today
    secrets = environment.make_secrets()
    web = Command(_WEB, ("serve", "--port", str(options.port), "--workers", "2"), folder / "logs/web.log")
    try:
        _bring_up(secrets, folder, web, supervisor)
    except BaseException:
        web.stop()  # it may have been started ahead of what failed
        raise
    address = _address(options.port)
    _wait_for(address, web)
    supervisor.add(Command(_WORKER, ("work", "--patience", "3"), folder / "logs/worker.log", patience=6.0))

    if story is not None:
        from chunfeng.site import demo_county
        from chunfeng.site.upgrade import setup

        setup()
        people = demo_people.make(demo_county.county_of(options), story)
        demo_county.hand_in(options, people, story, say)
        people = demo_people.finish(people)
    assert people is not None
    say(*demo_people.lines(people, address))


def _bring_up(secrets: Secrets, folder: Path, web: Command, supervisor: Supervisor) -> None:
    """The database, upgraded if need be, and the web server.

    Where the last start found the database to be of this version, it is taken to be so still and the web server begins to
    load meanwhile; should that be wrong, it is begun again after the upgrade.
    """
    code, mark = stamp.of_code(), folder / _STAMP
    if mark.exists() and mark.read_text(encoding="ascii") == code:
        web.start()
    if environment.embedded():
        supervisor.add(Embedded(secrets))
    if stamp.of_database(secrets) != code:
        web.stop()
        say("正在准备数据库… / preparing the database …")
        from chunfeng.site.platform_cli import run_command

        run_command("setup")
    supervisor.add(web, started=web.alive())
    mark.write_text(code, encoding="ascii")


def _wait_for_port(port: int) -> None:
    """SetupError when something else listens there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError as error:
            raise SetupError(
                f"端口 {port} 要 root 才能用，请换一个：./chunfeng demo --port 8000。"
                f" / Port {port} is for root: choose another with --port."
            ) from error
        except OSError as error:
            raise SetupError(
                f"端口 {port} 已被占用，请换一个：./chunfeng demo --port {port + 1}。"
                f" / Port {port} is taken: choose another with --port."
            ) from error


def _wait_for(address: str, web: Command) -> None:
    """Until the first page is served; SetupError with the end of the log when that takes too long."""
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"{address}signin/", timeout=5):
                return
        except urllib.error.HTTPError as error:
            if error.code < 500:
                return
        except OSError:
            pass
        time.sleep(0.05)
    raise SetupError(f"网页服务没有起来，日志末尾 / the web server did not come up:\n{web.last_words()}")


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One demonstration per data folder."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / _LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise SetupError(
                f"{folder} 的演示已在运行。 / The demonstration in {folder} is running already."
            ) from error
        yield


def _may_remove(folder: Path, sure: bool) -> bool:
    if not folder.exists() or not any(path.name != _LOCK for path in folder.iterdir()):
        return True
    if not (folder / "secrets.json").exists():
        say(f"{folder} 不像演示数据，没有删除。 / {folder} does not look like ours: left as it is.")
        return False
    if sure:
        return True
    if not sys.stdin.isatty():
        say("要删除演示数据，请加 --yes。 / To remove the data, add --yes.")
        return False
    answer = input(f"删除 {folder} 的全部数据，从头开始？ / Remove all data there? [y/N] ")
    return answer.strip().lower() in ("y", "yes", "是")


def _remove(folder: Path) -> None:
    if environment.embedded():
        postgres.stop()
    for path in folder.iterdir():
        if path.name == _LOCK:  # we hold it
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
