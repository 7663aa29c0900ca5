"""`./chunfeng backup FILE`: the database and the sealed files in one file, taken while people go on working."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import psycopg
from psycopg import sql

from chunfeng import __version__
from chunfeng.site import archive, clients, environment, postgres, stamp
from chunfeng.site.environment import Secrets, SetupError

AREA = "backup"
"""Of the sealed files: where the database lies for as long as it is packed."""


def backup(target: Path, secrets_copy: Path | None) -> int:
    """Write a backup, and with `secrets_copy` a copy of the secrets, which belongs in another place."""
    secrets = environment.load_secrets()
    for path in filter(None, (target, secrets_copy)):
        if not path.absolute().parent.is_dir():
            raise SetupError(f"没有文件夹 {path.absolute().parent}。 / There is no such folder.")
    if environment.embedded():
        postgres.start(secrets)
    manifest = _write(target, secrets)
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
    return 0


def _write(target: Path, secrets: Secrets) -> archive.Manifest:
    from chunfeng.site.upgrade import setup

    setup()
    from chunfeng.apps.vault import files

    source = clients.reading(secrets)
    with psycopg.connect(source) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        snapshot = _one(connection, "SELECT pg_export_snapshot()")
        tables = count_rows(connection)
        dump = files.put(
            AREA,
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
    try:
        kept = sorted(path for path in files.lying_anywhere() if path.parts[-3] != AREA)
        return archive.write(
            target,
            (place, *kept),
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
    finally:
        files.delete(dump.name)


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
