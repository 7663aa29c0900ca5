"""Which of PostgreSQL's own programs to take for a server, and what its SQL must look like there.

Those that come with the embedded server are as new as any, but were built without TLS; the machine's own speak TLS, but may be
older than the server. A dump made by a newer program must still go into an older server.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import IO

import psycopg
from psycopg.conninfo import conninfo_to_dict

from chunfeng.site import environment, postgres
from chunfeng.site.environment import SetupError

_PIECE, _TAIL = 1 << 20, 1 << 10
_ENCRYPTED = ("require", "verify-ca", "verify-full")
"""Values of sslmode that a program without TLS refuses."""
_RESTRICT = b"\\restrict "


def for_server(name: str, conninfo: str) -> str:
    """Where the program lies that can work with the server of this connection. SetupError when none can."""
    if environment.embedded():
        return _ours(name)
    return program(name, version_of(conninfo), conninfo_to_dict(conninfo).get("sslmode") in _ENCRYPTED)


def program(name: str, server: int, encrypted: bool) -> str:
    """The machine's program if it is no older than the server (major version), else the one that comes with the embedded
    server. SetupError when neither will do."""
    ours, machine = _ours(name), shutil.which(name)
    if machine and major(machine) >= server:
        return machine
    if encrypted or major(ours) < server:
        raise SetupError(
            f"连接这台数据库服务器要用本机的 {name}（{server} 或更新的版本，带 TLS）：apt-get install postgresql-client。"
            f" / To work with this server, install {name}, version {server} or newer, with TLS."
        )
    return ours


def _ours(name: str) -> str:
    return str(Path(postgres.binaries()) / name)


def reader() -> str:
    """pg_restore for making SQL of any dump: the newest there is, for it need not reach a server."""
    ours, machine = _ours("pg_restore"), shutil.which("pg_restore")
    return machine if machine and major(machine) > major(ours) else ours


@cache
def major(path: str) -> int:
    """The major version of a program of PostgreSQL; 0 when it does not say."""
    said = subprocess.run((path, "--version"), capture_output=True, text=True).stdout
    found = re.search(r"\(PostgreSQL\) (\d+)", said)
    return int(found[1]) if found else 0


def version_of(conninfo: str) -> int:
    """The major version of the server."""
    with psycopg.connect(conninfo) as connection:
        return connection.info.server_version // 10_000


def fitted(sql: IO[bytes], server: int) -> Iterator[bytes]:
    """What pg_restore writes, without what an older server (major version) or psql does not know: one setting at its head,
    and the two marks between which psql takes no commands."""
    end = b""
    for line in sql:
        if line.startswith(_RESTRICT):
            end = b"\\un" + line.removeprefix(b"\\")
        elif server >= 17 or not line.startswith(b"SET transaction_timeout "):
            yield line
        if line.startswith((b"CREATE ", b"COPY ")):
            break
    kept = b""
    while piece := sql.read(_PIECE):
        kept += piece
        if len(kept) > _TAIL:
            yield kept[:-_TAIL]
            kept = kept[-_TAIL:]
    yield kept.replace(end, b"") if end else kept
