"""The platform's processes while they are measured: started, found, their CPU seconds; and somebody signed in to them."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from bench._platform_case import ROOT


@contextmanager
def running(data: Path, *command: str) -> Iterator[int]:
    """A command of the platform; its process number, once it answers where it is the web server."""
    log = data / f"{command[0]}.log"
    with log.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "chunfeng", *command],
            env=os.environ | {"PYTHONPATH": str(ROOT / "src")}, cwd=ROOT, stdout=out, stderr=out,
        )  # fmt: skip
    try:
        if "--port" in command:
            _answers(process, int(command[command.index("--port") + 1]), log)
        yield process.pid
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:  # it is in the middle of something long
            process.kill()
            process.wait()


def _answers(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    for _ in range(300):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/signin/", timeout=5).close()
            return
        except OSError:
            if process.poll() is not None:
                raise SystemExit(log.read_text()[-3000:]) from None
            time.sleep(0.2)
    raise SystemExit("the web server did not come up")


def postgres() -> int:
    """The process number of the embedded server."""
    from chunfeng.site import environment

    return int((environment.postgres_folder() / "postmaster.pid").read_text().split("\n", 1)[0])


def processes(pid: int) -> Iterator[Any]:
    """A process and all below it that live."""
    import psutil

    top = psutil.Process(pid)
    for process in (top, *top.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):
            process.cpu_times()
            yield process


def cpu(pid: int) -> float:
    """CPU seconds of a process and all below it, living and gone."""
    import psutil

    total = 0.0
    for process in processes(pid):
        with suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            total += times.user + times.system + times.children_user + times.children_system
    return total


def signed_in(username: str) -> Any:
    """A client in which a user has signed in."""
    from django.test import Client

    from chunfeng.apps.accounts.models import User

    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(User.objects.get(username=username), "django.contrib.auth.backends.ModelBackend")
    return client


def session(username: str) -> str:
    """The session of a user who has signed in."""
    return str(signed_in(username).cookies["sessionid"].value)
