"""The main job in a process of its own: it may take all memory or crash without taking the worker along, and the worker goes on
telling that it lives. The process ends when the worker does.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_noop

if TYPE_CHECKING:
    from chunfeng.pipeline.run import Options

Progress = Callable[[str, int, int], None]
"""Step in words, done, of how many."""

READING = gettext_noop("读取名单")
"""The first step; it is told to its end, and not at all where nothing had to be read."""
_TELL_EVERY = 0.5


class Refused(RuntimeError):
    """The main job cannot be done with these files or this state; the message says what to do, Chinese first."""


class Stopped(RuntimeError):
    """It was asked to stop before it was done."""


class Died(ChildProcessError):
    """The process ended without a word: killed, or out of memory."""


def run(options: Options, progress: Progress, stop: Callable[[], bool]) -> dict[str, Any]:
    """Do the main job and return what run.json says. Refused, Died, or RuntimeError with the trace of an unforeseen error.

    `stop` is asked every second: Stopped once it says yes. An error in `progress` ends the job, too.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(options, theirs), name="main job")
    process.start()
    theirs.close()
    try:
        while True:
            while not ours.poll(1.0):
                if stop():
                    process.kill()  # all it does is done again: nobody waits for it
                    raise Stopped
            try:
                what, *said = ours.recv()
            except EOFError:
                process.join()
                raise Died(f"exit code {process.exitcode}") from None
            if what == "progress":
                progress(*said)
            elif what == "done":
                return said[0]
            else:
                raise (Refused if what == "refused" else RuntimeError)(said[0])
    finally:
        ours.close()
        process.join(5)
        if process.is_alive():
            process.kill()
            process.join()


def _work(options: Options, link: Connection) -> None:
    # the engines take seconds to import: here alone they are needed
    from chunfeng.engines.linkage.decisions import DecisionError
    from chunfeng.engines.sheets.kinds import KindError
    from chunfeng.pipeline import run as main_job
    from chunfeng.pipeline.accepted import AcceptedError
    from chunfeng.pipeline.mappings import MappingError
    from chunfeng.pipeline.stages import StageError

    refusals = (main_job.RunError, AcceptedError, StageError, KindError, MappingError, DecisionError)
    os.umask(0o077)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    teller = _Teller(link)
    with suppress(BrokenPipeError):  # nobody listens any more: the attempt is given up
        try:
            outcome = main_job.run(options, teller.reading, teller.stage)
        except BrokenPipeError:
            raise
        except refusals as error:
            link.send(("refused", str(error)))
        except Exception:
            link.send(("failed", traceback.format_exc(limit=-8)))
        else:
            link.send(("done", outcome.account))
    link.close()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


class _Teller:
    """Tells how far the job is, not more often than anybody looks."""

    def __init__(self, link: Connection) -> None:
        self._link, self._last = link, 0.0

    def reading(self, done: int, total: int, name: str) -> None:
        self._tell(READING, done, total)

    def stage(self, done: int, total: int, name: str) -> None:
        self._last = 0.0
        self._tell(name, done, total)

    def _tell(self, step: str, done: int, total: int) -> None:
        now = time.monotonic()
        if now - self._last >= _TELL_EVERY or done == total:
            self._last = now
            self._link.send(("progress", step, done, total))
