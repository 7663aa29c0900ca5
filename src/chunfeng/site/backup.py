"""`./chunfeng backup FILE`: the database and the sealed files in one file, taken while people go on working."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from psycopg import sql

from chunfeng import __version__
from chunfeng.site import archive, clients, environment, held, postgres, stamp
from chunfeng.site.environment import Secrets, SetupError


def backup(target: Path, secrets_copy: Path | None) -> int:
    """Write a backup, and with `secrets_copy` a copy of the secrets, which belongs in another place.

    1 where files that the database names are not on the disk any more: the backup holds all that is left.
    """
    for path in filter(None, (target, secrets_copy)):
        if not path.absolute().parent.is_dir():
            raise SetupError(f"没有文件夹 {path.absolute().parent}。 / There is no such folder.")
    before = environment.load_secrets()
    with postgres.awake(before):
        manifest, gone, secrets = _write(target, before)
    rows = sum(manifest.tables.values())
    print(f"已备份 / backed up: {target}（{target.stat().st_size / 1e6:,.1f} MB）")
    print(f"  表 tables {len(manifest.tables)}，行 rows {rows:,}，文件 files {len(manifest.parts) - 1:,}")
    if secrets_copy is not None:
        environment.write_secrets(secrets, secrets_copy)
        print(f"  密钥 secrets {secrets_copy}：与备份分开保管 / keep them apart from the backup")
    else:
        print(
            "  密钥不在备份里，没有密钥无法恢复 / the secrets are not in it, and without them it is of no use"
        )
    return tell_lost(gone)


def _write(target: Path, before: Secrets) -> tuple[archive.Manifest, set[str], Secrets]:
    """The manifest, the files that are lost, and all keys that were in use meanwhile."""
    from chunfeng.site.upgrade import setup

    setup()
    from chunfeng.apps.vault import files, holding

    source = clients.reading(before)
    with held.holding():
        with psycopg.connect(source) as connection:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            connection.read_only = True
            snapshot = _one(connection, "SELECT pg_export_snapshot()")
            # Files are sealed before the database names them and deleted after it names them no more: what this moment names
            # lies there still, or was held by whoever deleted it since.
            held.take()
            gone = held.named(connection) - holding.held().keys()
            tables = count_rows(connection)
            dump = files.put(
                held.AREA,
                clients.output(
                    "pg_dump",
                    source,
                    "--format=custom",
                    "--no-owner",
                    "--no-privileges",
                    f"--snapshot={snapshot}",
                ),
            )
            server = _one(connection, "SHOW server_version")
        place = files.path_of(dump.name)
        secrets = _both(before, environment.load_secrets())  # a key may have come while the database was read
        manifest = archive.write(
            target,
            (place, *sorted(holding.held().values())),
            {
                "version": __version__,
                "made": datetime.now(UTC).isoformat(timespec="seconds"),
                "server": server,
                "stamp": stamp.of_database(secrets) or "",
                "keys": archive.fingerprints(secrets),
                "dump": archive.part_name(place),
                "tables": tables,
            },
        )
    return manifest, gone, secrets


def _both(before: Secrets, now: Secrets) -> Secrets:
    """The secrets of now with the keys of a moment ago, which files read by then may need."""
    return replace(now, fields=before.fields | now.fields)


def tell_lost(gone: set[str]) -> int:
    """Say which files are lost, and return the exit code that this deserves."""
    if gone:
        print(
            f"数据库提到的 {len(gone)} 个文件不在盘上 / files named in the database are not on the disk: "
            + " ".join(sorted(gone)[:20]),
            file=sys.stderr,
        )
    return 1 if gone else 0


def count_rows(connection: psycopg.Connection) -> dict[str, int]:
    """Rows of every table, exactly."""
    names = [
        name
        for (name,) in connection.execute(
            "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"
            " AND NOT relispartition ORDER BY relname"
        ).fetchall()
    ]
    return {
        name: int(_one(connection, sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(name))))
        for name in names
    }


def _one(connection: psycopg.Connection, statement: str | sql.Composed) -> str:
    row = connection.execute(statement).fetchone()  # type: ignore[arg-type]
    assert row is not None
    return str(row[0])
