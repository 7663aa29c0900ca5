"""Turning the keys: everything sealed with an older key is sealed anew with the current one, a batch at a time.

It may be stopped at any moment and run again: what is done is done, what is left is found by its key number. A value
that somebody changes meanwhile is left alone, for it is sealed with the current key already.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from django.apps import apps
from django.db import connection, models
from psycopg import sql

from chunfeng.apps.vault import files
from chunfeng.apps.vault.fields import SealedTextField
from chunfeng.apps.vault.keys import look_again
from chunfeng.apps.vault.sealing import Unreadable, seal_bytes, unseal_bytes

BATCH = 2_000


_by_hand: set[tuple[str, str]] = set()


def also(label: str, field: str) -> None:
    """Name a plain binary column whose room seals it by hand, bound to table.column: `also("intake.StateFile", "content")`."""
    _by_hand.add((label, field))


@dataclass(frozen=True)
class Column:
    """A sealed column, by its table."""

    model: type[models.Model]
    field: models.BinaryField

    @property
    def name(self) -> str:
        return f"{self.model._meta.db_table}.{self.field.column}"


def columns() -> list[Column]:
    """Every sealed column there is."""
    return [
        Column(model, field)
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.concrete_fields
        if isinstance(field, SealedTextField) or (model._meta.label, field.name) in _by_hand
    ]


def counts(column: Column) -> dict[int, int]:
    """Key number → values sealed with it. To be called in a scope that reaches them."""
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL("SELECT get_byte({0}, 1), count(*) FROM {1} WHERE {0} IS NOT NULL GROUP BY 1").format(
                *_names(column)
            )
        )
        return dict(cursor.fetchall())


def _names(column: Column) -> tuple[sql.Identifier, sql.Identifier, sql.Identifier]:
    meta = column.model._meta
    return sql.Identifier(column.field.column), sql.Identifier(meta.db_table), sql.Identifier(meta.pk.column)


def reseal(column: Column) -> Iterator[tuple[int, list[object]]]:
    """Seal a column anew; after every batch how many values were, and the keys of rows that cannot be opened.

    Each batch is the caller's transaction to commit: iterate, and commit in between.
    """
    keys = look_again()
    value, table, key = _names(column)
    key_type = sql.SQL(column.model._meta.pk.rel_db_type(connection))
    fetch = sql.SQL(
        "SELECT {2}, {0} FROM {1} WHERE {0} IS NOT NULL AND get_byte({0}, 1) <> %s AND (%s::{3} IS NULL OR {2} > %s)"
        " ORDER BY {2} LIMIT %s"
    ).format(value, table, key, key_type)
    change = sql.SQL(
        "UPDATE {1} t SET {0} = v.fresh FROM unnest(%s::{3}[], %s::bytea[], %s::bytea[]) v (pk, old, fresh)"
        " WHERE t.{2} = v.pk AND t.{0} = v.old"
    ).format(value, table, key, key_type)
    last: object = None
    while True:
        with connection.cursor() as cursor:
            cursor.execute(fetch, [keys.current, last, last, BATCH])
            rows = [(pk, bytes(old)) for pk, old in cursor]
            if not rows:
                return
            fresh, unreadable = [], []
            for pk, old in rows:
                try:
                    fresh.append(
                        (pk, old, seal_bytes(unseal_bytes(old, column.name, keys), column.name, keys))
                    )
                except Unreadable:
                    unreadable.append(pk)
            if fresh:
                cursor.execute(change, [list(part) for part in zip(*fresh, strict=True)])
        last = rows[-1][0]
        yield len(fresh), unreadable


_UNFINISHED = """
SELECT a.pid FROM pg_stat_activity a JOIN pg_roles r ON r.oid = a.usesysid
WHERE a.datname = current_database() AND a.pid <> pg_backend_pid() AND a.backend_type = 'client backend'
AND (a.xact_start < %s
     OR a.query = '<insufficient privilege>' AND NOT r.rolsuper
        AND has_table_privilege(a.usesysid, 'audit_event', 'INSERT'))
ORDER BY a.pid
"""
"""A session of the tables' owner hides its transaction from the web role: it counts as long as it is there."""


def now() -> datetime:
    """The time by the database server's clock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (at,) = cursor.fetchone()
    return at  # type: ignore[no-any-return]


def unfinished(since: datetime) -> list[int]:
    """Sessions with a transaction from before a moment: they may still write what an older key sealed."""
    with connection.cursor() as cursor:
        cursor.execute(_UNFINISHED, [since])
        return [pid for (pid,) in cursor]


def file_counts() -> dict[int, int]:
    """Key number → whole files sealed with it."""
    found: Counter[int] = Counter()
    for path in files.lying_anywhere():
        with suppress(FileNotFoundError):  # deleted meanwhile
            found[files.key_number(path)] += 1
    return dict(found)


def reseal_files() -> Iterator[tuple[int, list[object]]]:
    """Seal anew the files of older keys, one after the other: (1, []) for each done, (0, [name]) where it is damaged."""
    current = look_again().current
    for path in files.lying_anywhere():
        try:
            if files.key_number(path) == current:
                continue
            files.seal_anew(path.name)
        except (Unreadable, FileNotFoundError):
            if path.exists():  # else it was deleted meanwhile
                yield 0, [path.name]
        else:
            yield 1, []
