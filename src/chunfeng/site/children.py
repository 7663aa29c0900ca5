"""Processes that belong to a supervisor: they end when it does, and what a kill left over can be found again."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import time
from pathlib import Path

MARK = "CHUNFENG_SUPERVISED"
"""In a child's environment: the data folder it works for. Grandchildren inherit it."""
_PARENT = "CHUNFENG_SUPERVISOR"
_SET_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG, see prctl(2)


def environment_for(folder: Path) -> dict[str, str]:
    """What a child of this process finds in its environment."""
    return dict(os.environ) | {MARK: str(folder), _PARENT: str(os.getpid()), "PYTHONUNBUFFERED": "1"}


def follow_supervisor() -> None:
    """Let this process be asked to end when its supervisor is gone, however it went."""
    if _PARENT in os.environ:
        _die_with_parent(signal.SIGTERM)
        if os.getppid() != int(os.environ[_PARENT]):  # it went before we asked
            os.kill(os.getpid(), signal.SIGTERM)


def follow_parent() -> None:
    """Let this process, a child's child, be killed when its parent is gone: it could not serve alone."""
    if _PARENT in os.environ:
        _die_with_parent(signal.SIGKILL)


def _die_with_parent(number: int) -> None:
    ctypes.CDLL(None, use_errno=True).prctl(_SET_DEATH_SIGNAL, number, 0, 0, 0)


def leftovers(folder: Path) -> list[int]:
    """Processes that a supervisor of this data folder began, still alive, except this one."""
    wanted = f"{MARK}={folder}".encode()
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            if wanted in (place / "environ").read_bytes().split(b"\0"):
                found.append(int(place.name))
        except OSError:  # ended meanwhile, or another user's
            continue
    return [pid for pid in found if pid != os.getpid()]


def end_leftovers(folder: Path, patience: float = 10.0) -> int:
    """End what a killed supervisor left behind, gently first, and return how many processes that were."""
    first = leftovers(folder)
    for number, seconds in ((signal.SIGTERM, patience), (signal.SIGKILL, 5.0)):
        for pid in leftovers(folder):
            _send(pid, number)
        until = time.monotonic() + seconds
        while leftovers(folder) and time.monotonic() < until:
            time.sleep(0.1)
    return len(first)


def _send(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def end_group(group: int, number: int) -> bool:
    """Send a signal to a process group; False when nothing is left of it."""
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True
