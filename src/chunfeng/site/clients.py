"""PostgreSQL's own programs (pg_dump, pg_restore, psql), given a connection without showing its password to anybody."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from chunfeng.site import environment, postgres
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


def program(name: str) -> str:
    """Where the program lies that comes with the embedded server; it is as new as any server we work with."""
    return str(Path(postgres.binaries()) / name)


def command(name: str, conninfo: str, *arguments: str) -> tuple[list[str], dict[str, str]]:
    """The command line and the environment of a program for this connection."""
    parts: dict[str, Any] = conninfo_to_dict(conninfo)
    password = parts.pop("password", None)
    environ = dict(os.environ) | ({"PGPASSWORD": str(password)} if password else {})
    return [program(name), *arguments, "--no-password", "--dbname", make_conninfo(**parts)], environ


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


def pipe(source: Sequence[str], name: str, conninfo: str, *arguments: str) -> None:
    """Let a program read what the command `source` writes. SetupError when either fails."""
    line, environ = command(name, conninfo, *arguments)
    with subprocess.Popen(source, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as first:
        out: IO[bytes] | None = first.stdout
        assert out is not None and first.stderr is not None
        second = subprocess.run(line, env=environ, stdin=out, capture_output=True)
        out.close()
        said = first.stderr.read().decode(errors="replace")
        if second.returncode:
            raise failed(name, second.stderr.decode(errors="replace"))
        if first.wait():
            raise failed(Path(source[0]).name, said)


def failed(name: str, said: str) -> SetupError:
    """What to tell when a program failed."""
    if "row-level security" in said:
        return SetupError(
            "备份所用的角色受行级安全限制，看不全数据，没有备份。请另建 BYPASSRLS 角色，用 DATABASE_BACKUP_URL 给出"
            "（docs/operations.md）。 / The role is bound by row-level security and would miss rows: give one with"
            " BYPASSRLS by DATABASE_BACKUP_URL."
        )
    return SetupError(f"{name} 未成功 / failed:\n{said.strip()[-2000:]}")
