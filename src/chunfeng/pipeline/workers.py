"""Work done in processes of their own, so that a file that crashes or hangs the reader takes nothing else along.

A pool of long-lived workers, started fresh (never forked: the columnar engine has threads). Each is watched: when it
dies, runs out of time or takes more memory than allowed, it is ended, its task is reported as crashed, and another
worker takes its place.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

_LOOK_EVERY = 0.25
_STARTING_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Crash:
    """Why a task has no result: exit code, timeout, memory, or the trace of an error."""

    reason: str


def _serve(link: Connection, function: Callable[[Any], Any], threads: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.umask(0o077)  # what is read here is for its owner only
    parent = os.getppid()
    link.send("ready")
    while True:
        while not link.poll(1.0):
            if os.getppid() != parent:
                return
        try:
            task = link.recv()
        except (EOFError, OSError):
            return
        if task is None:
            return
        try:
            link.send(("done", function(task)))
        except Exception:  # one file's trouble must not end the worker, nor the run
            link.send(("done", Crash(traceback.format_exc(limit=-6))))


@dataclass(slots=True)
class _Worker:
    process: BaseProcess
    link: Connection
    index: int | None = None
    since: float = 0.0
    ready: bool = False
    gone: bool = False
    """Its end of the link is closed: nothing more will come."""


class Pool:
    """`count` workers that apply one importable function to tasks. Use as a context manager."""

    def __init__(
        self,
        function: Callable[[Any], Any],
        *,
        count: int,
        threads: int = 1,
        seconds: float = 600.0,
        memory: int = 4 << 30,
    ) -> None:
        self._function = function
        self._threads = threads
        self._seconds = seconds
        self._memory = memory
        self._context = multiprocessing.get_context("spawn")
        self._workers: list[_Worker] = []
        self._count = max(1, count)

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._workers:
            if worker.index is None and worker.ready:
                with suppress(OSError):  # it may have ended meanwhile
                    worker.link.send(None)
        deadline = time.monotonic() + 2.0
        for worker in self._workers:
            worker.process.join(max(0.0, deadline - time.monotonic()))
            if worker.process.is_alive():
                worker.process.kill()
                worker.process.join()
            worker.link.close()

    def _start(self) -> _Worker:
        here, there = self._context.Pipe()
        # the child reads it when it first imports the columnar engine
        before = os.environ.get("POLARS_MAX_THREADS")
        os.environ["POLARS_MAX_THREADS"] = str(self._threads)
        os.environ.setdefault("NUMBA_NUM_THREADS", str(self._threads))
        try:
            process = self._context.Process(
                target=_serve, args=(there, self._function, self._threads), daemon=True
            )
            process.start()
        finally:
            if before is None:
                del os.environ["POLARS_MAX_THREADS"]
            else:
                os.environ["POLARS_MAX_THREADS"] = before
        there.close()
        worker = _Worker(process, here, since=time.monotonic())
        self._workers.append(worker)
        return worker

    def _end(self, worker: _Worker) -> None:
        worker.process.kill()
        worker.process.join()
        worker.link.close()
        self._workers.remove(worker)

    def run(self, tasks: Sequence[Any]) -> Iterator[tuple[int, Any]]:
        """(position of the task, result or Crash) in the order they end."""
        waiting = list(range(len(tasks)))[::-1]
        open_tasks = len(tasks)
        for _ in range(min(self._count, len(tasks)) - len(self._workers)):
            self._start()
        while open_tasks:
            for worker in list(self._workers):
                if worker.ready and worker.index is None and waiting:
                    index = waiting.pop()
                    worker.index, worker.since = index, time.monotonic()
                    worker.link.send(tasks[index])
            for link in wait([w.link for w in self._workers], timeout=_LOOK_EVERY):
                worker = next(w for w in self._workers if w.link is link)
                try:
                    message = worker.link.recv()
                except (EOFError, OSError):
                    worker.gone = True
                    worker.process.join(5.0)
                    continue
                if message == "ready":
                    worker.ready = True
                    continue
                index, worker.index = worker.index, None
                open_tasks -= 1
                assert index is not None
                yield index, message[1]
            for worker, crash in self._crashed():
                index = worker.index
                self._end(worker)
                if index is None and not worker.ready:
                    raise RuntimeError(f"a reading process did not start: {crash.reason}")
                if index is not None:
                    open_tasks -= 1
                    yield index, crash
                if waiting:
                    self._start()

    def _crashed(self) -> list[tuple[_Worker, Crash]]:
        found: list[tuple[_Worker, Crash]] = []
        now = time.monotonic()
        for worker in self._workers:
            if worker.gone or (not worker.process.is_alive() and not worker.link.poll()):
                found.append((worker, Crash(f"exit {worker.process.exitcode}")))
            elif worker.index is not None and now - worker.since > self._seconds:
                found.append((worker, Crash(f"{self._seconds:.0f} s")))
            elif worker.index is not None and _resident(worker.process.pid) > self._memory:
                found.append((worker, Crash(f"{self._memory >> 20} MB")))
            elif not worker.ready and now - worker.since > _STARTING_SECONDS:
                found.append((worker, Crash("start")))
        return found


def _resident(pid: int | None) -> int:
    """Resident memory of a process in bytes; 0 where the system does not tell."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0
