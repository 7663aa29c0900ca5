"""The web server: static files gathered once per version, then granian with Django in processes of their own."""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path

from chunfeng.site import children, environment, stamp

_PACKAGE = Path(__file__).parents[1]
_OLD = 24 * 3600
LIMITS = "-c lock_timeout=30s -c statement_timeout=100s"
"""What PostgreSQL is told by every connection of the web server: a page that waits so long, for a county that is being loaded or
for anything else, gives its thread back to other readers. nginx gives up after 120 seconds (docs/operations.md)."""
_STATIC = ("ui/static/**/*", "apps/*/static/**/*")


def serve(host: str, port: int, processes: int, threads: int) -> None:
    """Serve until SIGTERM or SIGINT; requests under way are finished first."""
    children.follow_supervisor()
    environment.load_secrets()  # says at once what is missing
    os.environ["PGOPTIONS"] = f"{LIMITS} {os.environ.get('PGOPTIONS', '')}".strip()
    gather_static()
    clear_incoming(environment.incoming_folder())
    from granian import Granian
    from granian.constants import Interfaces

    Granian(
        "chunfeng.site.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=processes,
        blocking_threads=threads,
        respawn_failed_workers=True,
        workers_kill_timeout=10,
        log_enabled=False,
    ).serve()


def clear_incoming(folder: Path, older_than: float = _OLD) -> int:
    """Make the folder of uploads under way, for this user alone, and remove what a killed process left; how many files.

    What is younger than so many seconds may belong to another server's request under way.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    before, removed = time.time() - older_than, 0
    for path in folder.iterdir():
        try:
            if path.lstat().st_mtime < before and not path.is_dir():
                path.unlink()
                removed += 1
        except FileNotFoundError:
            pass  # its request ended just now
    return removed


def gather_static() -> bool:
    """Copy, hash and compress the static files unless they stand as they are; returns whether there was work."""
    folder = environment.data_folder() / "static"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder.parent / "static.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        mark = folder / "version"
        version = stamp.of_files(_PACKAGE, _STATIC, environment.ROOT / "requirements/base.txt")
        if mark.exists() and mark.read_text(encoding="ascii") == version:
            return False
        from chunfeng.site.upgrade import setup

        setup()
        from django.core.management import call_command

        call_command("collectstatic", interactive=False, clear=True, verbosity=0)
        mark.write_text(version, encoding="ascii")
    return True
