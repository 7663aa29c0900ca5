"""`./chunfeng restore FILE`: bring a backup back, checked before, during and after; nothing is half restored."""

from __future__ import annotations

import dataclasses
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from chunfeng.site import archive, backup, clients, environment, held, postgres
from chunfeng.site.environment import OWNER_ROLE, Secrets, SetupError

_EMPTY = "DROP SCHEMA IF EXISTS public CASCADE; CREATE SCHEMA public;"


def restore(source: Path, secrets_file: Path | None, sure: bool) -> int:
    """Check the backup, replace the database and the sealed files, bring them to this version, check again."""
    folder = environment.data_folder()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for left in folder.glob("restore.*"):  # of a restore that was killed
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix="restore.", dir=folder) as scratch:
        unpacked = Path(scratch)
        manifest = archive.unpack(source, unpacked)
        used = environment.secrets_path().exists()
        here, secrets = _secrets(secrets_file, manifest)
        if environment.embedded():
            postgres.start(here)  # and it stays, for `serve` to follow
        owner = environment.conninfo(OWNER_ROLE, here)
        if not _may_replace(owner, sure):
            return 1
        with _in_place(here, secrets, used), _opened(unpacked, manifest) as dump:
            clients.load(dump, owner, _EMPTY)
        _compare(secrets, manifest)
        _move_files(unpacked / "files", folder / "files")
    _bring_up(manifest)
    print(f"已恢复 / restored: {source}（{manifest.made}，行 rows {sum(manifest.tables.values()):,}）")
    with psycopg.connect(clients.reading(secrets)) as connection:
        return backup.tell_lost(held.lost(connection))


def _secrets(path: Path | None, manifest: archive.Manifest) -> tuple[Secrets, Secrets]:
    """The secrets that are there, made where there are none, and those the backup needs: those given, otherwise the same.

    Passwords of the database belong to this machine's server and stay as they are.
    """
    given = None if path is None else environment.load_secrets(path)
    try:
        here = environment.load_secrets()
    except SetupError:
        if given is None:
            raise SetupError(
                "恢复需要当时的密钥：--secrets FILE。 / The secrets of that time are needed: --secrets FILE."
            ) from None
        here = None
    given = given or here
    assert given is not None
    prints = archive.fingerprints(given)
    if any(prints.get(number) != wanted for number, wanted in manifest.keys.items()):
        raise SetupError(
            "密钥与备份不符，没有恢复任何数据：请用 --secrets 给出备份当时的密钥。"
            " / These secrets are not the backup's: give those of that time by --secrets."
        )
    here = here or environment.make_secrets()
    return here, dataclasses.replace(given, passwords=here.passwords)


@contextmanager
def _in_place(here: Secrets, secrets: Secrets, used: bool) -> Iterator[None]:
    """The backup's secrets instead of those that are there. Those were `used`: they are kept beside, for what was sealed with
    them, this server's data until the last moment and its older backups, opens with nothing else; when the restore fails
    they come back."""
    if secrets == here or not used:
        environment.write_secrets(secrets)
        yield
        return
    aside = environment.secrets_path().with_suffix(f".before-{datetime.now(UTC):%Y%m%dT%H%M%S}.json")
    environment.write_secrets(here, aside)
    environment.write_secrets(secrets)
    try:
        yield
    except BaseException:
        environment.write_secrets(here)
        aside.unlink()
        raise
    print(f"原来的密钥另存于 / the secrets that were there are kept in {aside}")


def _may_replace(owner: str, sure: bool) -> bool:
    with psycopg.connect(owner) as connection:
        used, others = connection.execute(
            "SELECT (SELECT count(*) FROM pg_class WHERE relkind = 'r' AND relnamespace = to_regnamespace('public')),"
            " (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            "  AND usesysid IS NOT NULL)"
        ).fetchone() or (0, 0)
    if others:
        raise SetupError(
            "还有进程连着数据库：请先停下 demo、serve 和 work。 / The database is in use: stop demo, serve and work first."
        )
    if not used or sure:
        return True
    if not sys.stdin.isatty():
        print(
            "数据库里已有数据，没有恢复。确要覆盖请加 --yes。 / There are data already: add --yes to overwrite them.",
            file=sys.stderr,
        )
        return False
    answer = input("数据库里已有数据，全部覆盖？ / There are data already: overwrite all of them? [y/N] ")
    return answer.strip().lower() in ("y", "yes", "是")


@contextmanager
def _opened(unpacked: Path, manifest: archive.Manifest) -> Iterator[Iterator[bytes]]:
    """The dump piece by piece; sealed it lies among the platform's files for as long as it is read."""
    from chunfeng.site.upgrade import setup

    os.environ["CHUNFENG_AS_OWNER"] = "1"
    setup()
    from chunfeng.apps.vault import files

    sealed = unpacked / manifest.dump
    place = files.path_of(sealed.name)
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    sealed.replace(place)
    try:
        yield files.chunks(sealed.name)
    finally:
        files.delete(sealed.name)


def _compare(secrets: Secrets, manifest: archive.Manifest) -> None:
    """SetupError unless every table has the rows it had."""
    with psycopg.connect(clients.reading(secrets)) as connection:
        now = backup.count_rows(connection)
    wrong = {n for n in now.keys() | manifest.tables.keys() if now.get(n) != manifest.tables.get(n)}
    if wrong:
        raise SetupError(f"恢复后行数不符 / rows differ after the restore: {', '.join(sorted(wrong))}")


def _old(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.old")


def _move_files(source: Path, target: Path) -> None:
    """Put the sealed files in place; what was there before and is not in the backup goes."""
    source.mkdir(exist_ok=True, mode=0o700)
    old = _old(target)
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        target.replace(old)
    source.replace(target)
    shutil.rmtree(old, ignore_errors=True)


def _bring_up(manifest: archive.Manifest) -> None:
    """Upgrade to this version, and let the audit's seals be checked."""
    from chunfeng.site.platform_cli import run_command

    run_command("setup")
    print(run_command("manage", "audit_verify", CHUNFENG_AS_OWNER="0").stdout.strip())
