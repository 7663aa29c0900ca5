"""Keeps the platform's services running: starts them, starts again what dies, and stops all in the right order."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from chunfeng.site import children, environment, postgres
from chunfeng.site.environment import Secrets

Say = Callable[[str], None]
_LOG_LIMIT = 20_000_000
_STEADY = 60.0
"""Seconds after which a service counts as having started well."""


class Service(Protocol):
    name: str

    def start(self) -> None:
        """Start it; whatever goes wrong is raised."""

    def alive(self) -> bool:
        """Whether it runs."""

    def stop(self) -> None:
        """Stop it; nothing happens when it does not run."""


class Embedded:
    """The embedded PostgreSQL as a service. It is a daemon: it outlives a killed supervisor and is taken over."""

    name = "PostgreSQL"

    def __init__(self, secrets: Secrets) -> None:
        self.secrets = secrets

    def start(self) -> None:
        postgres.start(self.secrets)

    def alive(self) -> bool:
        return postgres.running()

    def stop(self) -> None:
        postgres.stop()


class Command:
    """A command of the platform as a service: a process group of its own, its output in a log of its own."""

    def __init__(self, name: str, arguments: Sequence[str], log: Path, patience: float = 15.0) -> None:
        self.name, self.arguments, self.log, self.patience = name, list(arguments), log, patience
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._clear()
        self.log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if self.log.exists() and self.log.stat().st_size > _LOG_LIMIT:
            self.log.replace(self.log.with_suffix(".old"))
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "chunfeng", *self.arguments],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,  # Ctrl-C reaches the supervisor alone, which stops the others in order
                env=children.environment_for(environment.data_folder()),
            )

    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def stop(self) -> None:
        if self.process is not None and self.alive():
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(self.patience)
        self._clear()

    def _clear(self) -> None:
        """End what is left of the group: a killed process leaves its own children behind."""
        if self.process is None:
            return
        while children.end_group(self.process.pid, signal.SIGKILL):
            self.process.poll()
            time.sleep(0.05)
        self.process.wait()
        self.process = None

    def last_words(self, lines: int = 15) -> str:
        """The end of its log."""
        try:
            with self.log.open("rb") as text:
                text.seek(max(0, self.log.stat().st_size - 20_000))
                return "\n".join(text.read().decode(errors="replace").splitlines()[-lines:])
        except OSError:
            return ""


@dataclass
class _State:
    deaths: int = 0
    started: float = 0.0
    again: float = 0.0


class Supervisor:
    """Watches services in a thread of its own. They are started in the order given and stopped in the reverse."""

    def __init__(self, say: Say) -> None:
        self.say = say
        self.services: list[Service] = []
        self._states: dict[str, _State] = {}
        self._ending = threading.Event()
        self._busy = threading.Lock()
        self._thread = threading.Thread(target=self._watch, name="supervisor", daemon=True)

    def add(self, service: Service, *, started: bool = False) -> None:
        """Start a service, unless it was `started` ahead, and watch it from now on."""
        with self._busy:
            self.services.append(
                service
            )  # first: what is interrupted while it starts is stopped like the others
            self._states[service.name] = _State(started=time.monotonic())
            if not started:
                service.start()
        if not self._thread.is_alive():
            self._thread.start()

    def stop(self) -> None:
        """Stop everything, the last started first."""
        self._ending.set()
        with self._busy:
            for service in reversed(self.services):
                service.stop()
            self.services.clear()

    def _watch(self) -> None:
        while not self._ending.wait(0.5):
            with self._busy:
                if self._ending.is_set():
                    return
                for service in self.services:
                    self._tend(service, self._states[service.name])

    def _tend(self, service: Service, state: _State) -> None:
        now = time.monotonic()
        if service.alive():
            if now - state.started > _STEADY:
                state.deaths = 0
            return
        if state.again == 0.0:
            pause = 0.0 if state.deaths == 0 else min(30.0, 2.0 ** (state.deaths - 1))
            state.again, state.deaths = now + pause, state.deaths + 1
            self.say(f"{service.name} 停了，{pause:.0f} 秒后重启 / it died, starting it again")
        if now < state.again:
            return
        state.again, state.started = 0.0, time.monotonic()
        try:
            service.start()
        except Exception as error:  # whatever kept it from starting may be gone next time
            self.say(f"{service.name} 未能启动 / could not be started: {error}")
