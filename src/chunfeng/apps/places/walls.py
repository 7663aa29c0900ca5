"""The second wall: row-level security in PostgreSQL, made from the scoped models after every migration.

The web role owns nothing and may not bypass it. What a transaction may reach is told by `scope.use` in four settings;
without them nothing is visible and nothing can be written.
"""

from __future__ import annotations

from django.db import connection
from psycopg import sql

from chunfeng.apps.places.scoped import ScopedModel, scoped_models

_LOW = "(SELECT NULLIF(current_setting('app.low', true), '')::bigint)"
_HIGH = "(SELECT NULLIF(current_setting('app.high', true), '')::bigint)"
_OWNER = "(SELECT COALESCE(current_setting('app.organisation', true), ''))"


def build(web_role: str, append_only: tuple[str, ...] = ()) -> None:
    """Give the web role its rights and put up the policies. To be run as the owner; may be run again at any time.

    `append_only`: tables the web role may read and add to, never change.
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
        cursor.execute(sql.SQL("REVOKE INSERT ON django_migrations FROM {}").format(role))
        for model in scoped_models():
            for statement in policies(model):
                cursor.execute(statement)


def policies(model: type[ScopedModel]) -> list[str]:
    """The statements that wall in one table."""
    table = connection.ops.quote_name(model._meta.db_table)

    def inside(name: str) -> str:
        column = connection.ops.quote_name(model._meta.get_field(name).column)
        # Of a range whose ends it does not know the planner expects 0.5 % of the rows, and then reads and sorts what it takes
        # for few instead of stopping at the first fifty; two conditions it does not see as a range are taken for 11 %.
        return f"({column} >= {_LOW} AND ({column} < {_HIGH}) IS TRUE)"

    read = " OR ".join(inside(name) for name in model.read_places) or "true"
    write = inside(model.write_place)
    if model.owner_field:
        column = connection.ops.quote_name(model._meta.get_field(model.owner_field).column)
        owned = f"({_OWNER} = '' OR {column}::text = {_OWNER})"
        read, write = f"({read}) AND {owned}", f"{write} AND {owned}"
    wanted = (
        ("reads", "SELECT", f"USING ({read})"),
        ("adds", "INSERT", f"WITH CHECK ({write})"),
        ("changes", "UPDATE", f"USING ({write}) WITH CHECK ({write})"),
        ("removes", "DELETE", f"USING ({write})"),
    )
    statements = [
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
    ]
    for name, action, rule in wanted:
        statements.append(f"DROP POLICY IF EXISTS scope_{name} ON {table}")
        statements.append(f"CREATE POLICY scope_{name} ON {table} FOR {action} {rule}")
    return statements
