"""The second wall: row-level security in PostgreSQL, made from the scoped models after every migration.

The web role owns nothing and may not bypass it. What a transaction may reach is told by `scope.use` in settings:
a range of places for each realm, and the organisation; without them nothing is visible and nothing can be written.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import connection
from psycopg import sql

from chunfeng.apps.places.scope import PERSONS, PLACES
from chunfeng.apps.places.scoped import ScopedModel, scoped_models

_OWNER = "(SELECT COALESCE(current_setting('app.organisation', true), ''))"
_NO_ORGANISATION = "(SELECT COALESCE(current_setting('app.organisation', true), '') = '')"
_NO_EMPLOYER = "(SELECT COALESCE(current_setting('app.employer', true), '') = '')"
_EMPLOYER = "(SELECT NULLIF(current_setting('app.employer', true), ''))"


def low(realm: str = PLACES) -> str:
    """SQL for the first place number of the scope in a realm; null without a scope. Asked once a statement, not once a row."""
    return _end(realm, "low")


def high(realm: str = PLACES) -> str:
    """SQL for the place number after the last."""
    return _end(realm, "high")


def _end(realm: str, which: str) -> str:
    name = f"app.{realm}_{which}" if realm else f"app.{which}"
    return f"(SELECT NULLIF(current_setting('{name}', true), '')::bigint)"


_own_rules: list[Callable[[], list[str]]] = []


def also(statements: Callable[[], list[str]]) -> None:
    """Let a room wall in a table by rules of its own (`rules`); to be called in its AppConfig.ready."""
    _own_rules.append(statements)


def build(web_role: str, append_only: tuple[str, ...] = ()) -> None:
    """Give the web role its rights and put up the policies. To be run as the owner; may be run again at any time.

    `append_only`: tables the web role may read and add to, never change, nor number its rows.
    """
    with connection.cursor() as cursor:
        role = sql.Identifier(web_role)
        for statement in (
            "GRANT USAGE ON SCHEMA public TO {}",
            "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {}",
            "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {}",
            "GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO {}",
        ):
            cursor.execute(sql.SQL(statement).format(role))
        for table in (*append_only, "django_migrations"):
            cursor.execute(sql.SQL("REVOKE UPDATE, DELETE ON {} FROM {}").format(sql.Identifier(table), role))
        for table in append_only:
            _let_add(cursor, table, role)
        cursor.execute(sql.SQL("REVOKE INSERT ON django_migrations FROM {}").format(role))
        for model in scoped_models():
            for statement in policies(model):
                cursor.execute(statement)
        for made in _own_rules:
            for statement in made():
                cursor.execute(statement)


def _let_add(cursor: Any, table: str, role: sql.Identifier) -> None:
    """Let rows be added, but not under a number one chooses: their order is the sequence's."""
    cursor.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
        " AND NOT attisdropped AND attidentity = ''",
        [table],
    )
    columns = sql.SQL(", ").join(sql.Identifier(name) for (name,) in cursor.fetchall())
    cursor.execute(sql.SQL("REVOKE INSERT ON {} FROM {}").format(sql.Identifier(table), role))
    cursor.execute(sql.SQL("GRANT INSERT ({}) ON {} TO {}").format(columns, sql.Identifier(table), role))


def policies(model: type[ScopedModel]) -> list[str]:
    """The statements that wall in one table."""

    def inside(name: str, realm: str = model.realm) -> str:
        column = connection.ops.quote_name(model._meta.get_field(name).column)
        # Of a range whose ends it does not know the planner expects 0.5 % of the rows, and then reads and sorts what it takes
        # for few instead of stopping at the first fifty; two conditions it does not see as a range are taken for 11 %.
        return f"({column} >= {low(realm)} AND ({column} < {high(realm)}) IS TRUE)"

    read = " OR ".join(inside(name) for name in model.read_places) or "true"
    write = inside(model.write_place)
    if model.owner_field:
        column = connection.ops.quote_name(model._meta.get_field(model.owner_field).column)
        owned = f"({_OWNER} = '' OR {column}::text = {_OWNER})"
        read, write = f"({read}) AND {owned}", f"{write} AND {owned}"
    if model.employer_fields:
        columns = [connection.ops.quote_name(model._meta.get_field(n).column) for n in model.employer_fields]
        others = f"({read}) AND {_NO_EMPLOYER}"
        if model.realm == PERSONS:  # a worker's own record lies where those of employers lie
            others += "".join(f" AND ({_NO_ORGANISATION} OR {column} = '')" for column in columns)
        own = " OR ".join(f"{column} = {_EMPLOYER}" for column in columns)
        read = f"({others}) OR ({inside(model.write_place, PLACES)} AND ({own}))"
        write = f"{write} AND {_NO_ORGANISATION}"
    return rules(model._meta.db_table, read=read, add=write, change=write, remove=write)


def rules(table: str, *, read: str, add: str, change: str, remove: str) -> list[str]:
    """The statements that wall in a table by conditions on its rows."""
    table = connection.ops.quote_name(table)
    wanted = (
        ("reads", "SELECT", f"USING ({read})"),
        ("adds", "INSERT", f"WITH CHECK ({add})"),
        ("changes", "UPDATE", f"USING ({change}) WITH CHECK ({change})"),
        ("removes", "DELETE", f"USING ({remove})"),
    )
    statements = [
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
    ]
    for name, action, rule in wanted:
        statements.append(f"DROP POLICY IF EXISTS scope_{name} ON {table}")
        statements.append(f"CREATE POLICY scope_{name} ON {table} FOR {action} {rule}")
    return statements
