"""PostgreSQL's own programs (pg_dump, pg_restore, psql), given a connection without showing its password to anybody."""

from __future__ import annotations

import os
import subprocess
import tempfile
import threading
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import IO, Any

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from chunfeng.site import environment, postgres, programs
from chunfeng.site.environment import DATABASE, OWNER_ROLE, Secrets, SetupError

_PIECE = 1 << 20


def reading(secrets: Secrets) -> str:
    """A connection that sees every row: the embedded server's superuser, or the role of `DATABASE_BACKUP_URL`."""
    if environment.embedded():
        database = os.environ.get("CHUNFENG_DATABASE", DATABASE)
        return make_conninfo(postgres.superuser(secrets), dbname=database)
    return environment.from_url(os.environ.get("DATABASE_BACKUP_URL")) or environment.conninfo(
        OWNER_ROLE, secrets
    )


def command(name: str, conninfo: str, *arguments: str) -> tuple[list[str], dict[str, str]]:
    """The command line and the environment of a program for this connection."""
    parts: dict[str, Any] = conninfo_to_dict(conninfo)
    password = parts.pop("password", None)
    environ = dict(os.environ) | ({"PGPASSWORD": str(password)} if password else {})
    return [
        programs.for_server(name, conninfo),
        *arguments,
        "--no-password",
        "--dbname",
        make_conninfo(**parts),
    ], environ


def output(name: str, conninfo: str, *arguments: str) -> Iterator[bytes]:
    """What a program writes, piece by piece. SetupError with what it says when it fails."""
    line, environ = command(name, conninfo, *arguments)
    with subprocess.Popen(line, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stderr is not None
        try:
            while piece := process.stdout.read(_PIECE):
                yield piece
        except BaseException:
            process.kill()
            raise
        said = process.stderr.read().decode(errors="replace")
        if process.wait():
            raise failed(name, said)


def load(dump: Iterable[bytes], conninfo: str, before: str) -> None:
    """Replay a dump (custom format) over a connection in one transaction, after the statements `before`.

    SetupError when anything fails; then, as when the dump breaks off, everything is as it was. It goes through memory piece by
    piece and lies nowhere in the clear.
    """
    line, environ = command("psql", conninfo, "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--file=-")
    server = programs.version_of(conninfo)
    reader = [programs.reader(), "--no-owner", "--no-privileges", "--file=-"]
    with (
        tempfile.TemporaryFile() as restore_said,
        tempfile.TemporaryFile() as psql_said,
        subprocess.Popen(
            reader, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=restore_said
        ) as restore,
        subprocess.Popen(
            line, env=environ, stdin=subprocess.PIPE, stdout=psql_said, stderr=subprocess.STDOUT
        ) as psql,
    ):
        assert restore.stdin and restore.stdout and psql.stdin
        feeder = _Feeder(dump, restore)
        feeder.start()
        with suppress(BrokenPipeError):  # what psql says about it comes below
            psql.stdin.write(f"BEGIN;\n{before}\n".encode())
            for piece in programs.fitted(restore.stdout, server):
                psql.stdin.write(piece)
        restore.stdout.close()
        feeder.join()
        complete = restore.wait() == 0 and feeder.error is None
        with suppress(BrokenPipeError):
            if complete:  # without it the server rolls everything back
                psql.stdin.write(b"\nCOMMIT;\n")
            psql.stdin.close()
        if psql.wait():
            raise failed("psql", _said(psql_said))
        if feeder.error is not None:
            raise SetupError(f"备份打不开 / the backup does not open: {feeder.error}") from feeder.error
        if not complete:
            raise failed("pg_restore", _said(restore_said))


class _Feeder(threading.Thread):
    """Writes pieces into a program while its answer is read."""

    def __init__(self, pieces: Iterable[bytes], process: subprocess.Popen[bytes]) -> None:
        super().__init__(daemon=True)
        self._pieces, self._process = pieces, process
        self.error: Exception | None = None

    def run(self) -> None:
        assert self._process.stdin is not None
        try:
            for piece in self._pieces:
                self._process.stdin.write(piece)
        except BrokenPipeError:
            pass  # it ended, and says why itself
        except Exception as error:
            self.error = error
            self._process.kill()  # what it wrote so far must not pass for the whole
        with suppress(BrokenPipeError):
            self._process.stdin.close()


def _said(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode(errors="replace")


def failed(name: str, said: str) -> SetupError:
    """What to tell when a program failed."""
    if "row-level security" in said:
        return SetupError(
            "备份所用的角色受行级安全限制，看不全数据，没有备份。请另建 BYPASSRLS 角色，用 DATABASE_BACKUP_URL 给出"
            "（docs/operations.md）。 / The role is bound by row-level security and would miss rows: give one with"
            " BYPASSRLS by DATABASE_BACKUP_URL."
        )
    return SetupError(f"{name} 未成功 / failed:\n{said.strip()[-2000:]}")
