"""The web server: static files gathered once per version, then granian with Django in processes of their own."""

from __future__ import annotations

import fcntl
from pathlib import Path

from chunfeng.site import children, environment, stamp

_PACKAGE = Path(__file__).parents[1]
_STATIC = ("ui/static/**/*", "apps/*/static/**/*")


def serve(host: str, port: int, processes: int, threads: int) -> None:
    """Serve until SIGTERM or SIGINT; requests under way are finished first."""
    children.follow_supervisor()
    environment.load_secrets()  # says at once what is missing
    gather_static()
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
