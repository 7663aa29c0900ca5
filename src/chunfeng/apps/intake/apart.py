"""Files are opened in a process apart: it may crash, hang or take all memory without taking the worker along.

The process is kept warm for the next file: starting one costs more than reading a small list. It ends with the worker.
"""

from __future__ import annotations

import os
import threading
from typing import Any

from chunfeng.apps.intake import pictures
from chunfeng.engines.sheets.limits import DEFAULT
from chunfeng.pipeline import reading
from chunfeng.pipeline.workers import Crash, Pool

_IDLE_SECONDS = 120.0
_LARGE = 50 << 20
"""After a file of so many bytes the process is not kept: it may hold on to what it took."""

_lock = threading.Lock()
_idle: list[Pool] = []
_timer: threading.Timer | None = None


def do(task: reading.Task | pictures.Task) -> Any:
    """What the process apart does with a task; runs there."""
    return pictures.write_anew(task) if isinstance(task, pictures.Task) else reading.read_file(task)


def outcome(task: reading.Task | pictures.Task, size: int) -> Any:
    """What `do` returns for a task over a file of `size` bytes, or a `Crash`."""
    with _lock:
        pool = _idle.pop() if _idle else None
    pool = pool or Pool(
        do, count=1, threads=os.cpu_count() or 1, seconds=DEFAULT.file_seconds, memory=DEFAULT.memory_bytes
    )
    try:
        found = next(result for _, result in pool.run([task]))
    except BaseException:
        pool.__exit__()
        raise
    _keep(pool, not isinstance(found, Crash) and size < _LARGE)
    return found


def _keep(pool: Pool, worth: bool) -> None:
    global _timer
    with _lock:
        kept = worth and not _idle
        if kept:
            _idle.append(pool)
            if _timer is not None:
                _timer.cancel()
            _timer = threading.Timer(_IDLE_SECONDS, end_idle)
            _timer.daemon = True
            _timer.start()
    if not kept:
        pool.__exit__()


def end_idle() -> None:
    """End the process that is kept warm, if there is one."""
    with _lock:
        pools, _idle[:] = list(_idle), []
    for pool in pools:
        pool.__exit__()
