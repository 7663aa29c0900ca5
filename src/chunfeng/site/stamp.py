"""Whether the database fits this code: a digest of everything an upgrade depends on, kept in the database itself.

It stands as the comment on the table of migrations, so it travels with a backup, and a start that finds it equal to
the code's own can leave the upgrade out.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import psycopg

from chunfeng.site import environment
from chunfeng.site.environment import Secrets

_PACKAGE = Path(__file__).parents[1]
_PARTS = (
    "apps/**/*.py",
    "apps/**/*.yaml",
    "apps/**/*.sql",
    "reference/regions/*",
    "site/upgrade.py",
    "site/environment.py",
)


def of_files(root: Path, patterns: tuple[str, ...], *more: Path) -> str:
    """The digest of the names and contents of files, whatever order a file system lists them in."""
    digest = hashlib.sha256()
    found = {path for pattern in patterns for path in root.glob(pattern) if path.is_file()}
    for path in (*sorted(found), *more):
        content = path.read_bytes()
        name = path.relative_to(root).as_posix() if path in found else path.name
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def of_code() -> str:
    """The digest of this code: rooms, migrations, regions, and the versions of what it stands on."""
    return of_files(_PACKAGE, _PARTS, environment.ROOT / "requirements/base.txt")


def of_database(secrets: Secrets) -> str | None:
    """The digest an upgrade left in the database; None when there was none or the server does not answer."""
    try:
        with psycopg.connect(environment.conninfo(environment.WEB_ROLE, secrets)) as connection:
            row = connection.execute(
                "SELECT obj_description(to_regclass('public.django_migrations'), 'pg_class')"
            ).fetchone()
    except psycopg.OperationalError:
        return None
    return row[0] if row else None
