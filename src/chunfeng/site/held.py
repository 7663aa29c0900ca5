"""The sealed files as they are at one moment, held for as long as a backup needs them."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg

from chunfeng.site import environment
from chunfeng.site.environment import SetupError

AREA = "backup"
"""Of the sealed files: where the database lies for as long as it is packed."""


def named(connection: psycopg.Connection) -> set[str]:
    """Every sealed file that the database names."""
    from chunfeng.apps.vault import naming

    return {name for (name,) in connection.execute(naming.statement())}


def lost(connection: psycopg.Connection) -> set[str]:
    """What the database names and the disk has not."""
    from chunfeng.apps.vault import files

    return {name for name in named(connection) if not files.path_of(name).is_file()}


@contextmanager
def holding() -> Iterator[None]:
    """From here on no file that is deleted is lost; one backup at a time, and what a killed one left goes first."""
    from chunfeng.apps.vault import holding as place

    with (environment.data_folder() / "backup.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SetupError("另一份备份正在进行。 / Another backup is under way.") from None
        try:
            _clear()
            place.folder().mkdir(mode=0o700)
            yield
        finally:
            _clear()


def take() -> None:
    """Hold every file there is now."""
    from chunfeng.apps.vault import files, holding

    for path in files.lying_anywhere():
        if path.parts[-3] != AREA:
            holding.hold(path)


def _clear() -> None:
    from chunfeng.apps.vault import files, holding

    over = holding.folder().with_suffix(".over")
    shutil.rmtree(over, ignore_errors=True)
    with suppress(FileNotFoundError):
        holding.folder().rename(over)  # at once: from here on nobody holds anything
    shutil.rmtree(over, ignore_errors=True)
    for path in files.lying(AREA):
        path.unlink(missing_ok=True)
