"""Folders for what must lie open while somebody works on it: private, and gone when the work ends, whatever ends it.

A folder is held by a lock that the system takes away with its process, so `sweep` knows what a killed one left. Small things
lie in memory where there is room, so that they never touch a disk; the rest in CHUNFENG_WORK.
"""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.conf import settings

_MEMORY = Path("/dev/shm")
_SMALL = 64 << 20
_FULL = 16 << 20
"""With less room than this, what fails fails for want of it."""
_NEW = "new."
_NEW_SECONDS = 60.0
"""A folder is made under a name of its own and held before it gets its name; what stays so for longer nobody will hold."""


def folder() -> Path:
    """Where work that is not small lies open."""
    return Path(settings.WORK)


@contextmanager
def private(what: str, size: int | None = None) -> Iterator[Path]:
    """An empty folder for this process alone, removed afterwards. `size`: bytes it will hold, where they are known."""
    path, handle = _make(_place(size), what)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)
        os.close(handle)


@contextmanager
def room(path: Path) -> Iterator[None]:
    """Whatever fails within is raised as an OSError (ENOSPC) where the disk a folder lies on is full by then: it failed for
    want of room, whoever noticed first."""
    try:
        yield
    except Exception as error:
        there = os.statvfs(path)
        if there.f_bavail * there.f_frsize < _FULL:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path)) from error
        raise


def sweep() -> int:
    """Remove the folders that no living process holds, and return how many."""
    prefix = _prefix()
    return sum(
        _remove(entry, entry.name.removeprefix(prefix).startswith(_NEW))
        for parent in (folder(), _MEMORY)
        if parent.is_dir()
        for entry in parent.glob(f"{prefix}*")  # nothing else there is ours to remove
    )


def _prefix() -> str:
    return f"chunfeng-{os.getuid()}-"


def _place(size: int | None) -> Path:
    if size is not None and size < _SMALL and os.access(_MEMORY, os.W_OK):
        there = os.statvfs(_MEMORY)
        if there.f_bavail * there.f_frsize > 4 * size + _SMALL:
            return _MEMORY
    folder().mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder()


def _make(parent: Path, what: str) -> tuple[Path, int]:
    made = Path(tempfile.mkdtemp(prefix=f"{_prefix()}{_NEW}", dir=parent))
    handle = os.open(made, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        path = made.with_name(f"{_prefix()}{what}-{made.name.rpartition(_NEW)[2]}")
        made.rename(path)
    except BaseException:
        os.close(handle)
        raise
    return path, handle


def _remove(entry: Path, is_new: bool) -> bool:
    """Whether it was nobody's, and is gone now."""
    with suppress(OSError):  # gone meanwhile, held, or not ours
        handle = os.open(entry, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if is_new and time.time() - os.fstat(handle).st_mtime < _NEW_SECONDS:
                return False
            shutil.rmtree(entry)
            return True
        finally:
            os.close(handle)
    return False
