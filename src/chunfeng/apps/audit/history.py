"""Field history: a trigger on every watched table writes what changed in each row, and refuses what nobody signed.

A room names its tables in its AppConfig.ready: `history.watch(Person)`. `attach` puts the triggers up after every
migration, as the owner. They are statement-level with transition tables, so that a load of a million rows costs one
more statement, not a million; what is only added leaves no trace here, its event tells of it.
"""

from __future__ import annotations

from django.db import connection, models
from psycopg import sql

from chunfeng.apps.vault.fields import BlindIndexField, SealedTextField

_watched: dict[type[models.Model], frozenset[str]] = {}


def watch(model: type[models.Model], *, ignore: tuple[str, ...] = ()) -> None:
    """Keep the history of a table. `ignore`: fields whose changes say nothing, such as the time of the last change."""
    _watched[model] = frozenset(ignore)


def watched() -> tuple[type[models.Model], ...]:
    """The tables whose history is kept."""
    return tuple(_watched)


def attach() -> None:
    """Put up the triggers of every watched table. To be run as the owner; may be run again at any time."""
    with connection.cursor() as cursor:
        for model in _watched:
            for statement in _statements(model):
                cursor.execute(statement)


def _columns(model: type[models.Model]) -> tuple[list[str], list[str]]:
    """Plain columns, and pairs "name=column" of what is sealed: told by its blind index where it has one, because
    sealing anew changes the bytes and not the value."""
    plain, sealed = [], []
    fields = model._meta.concrete_fields
    indexes = {field.of: field.column for field in fields if isinstance(field, BlindIndexField)}
    for field in fields:
        if field.primary_key or field.name in _watched[model] or isinstance(field, BlindIndexField):
            continue
        if field.generated:  # follows from the others
            continue
        if isinstance(field, models.BinaryField):
            told_by = (
                indexes.get(field.name, field.column) if isinstance(field, SealedTextField) else field.column
            )
            sealed.append(f"{field.column}={told_by}")
        else:
            plain.append(field.column)
    return plain, sealed


def _statements(model: type[models.Model]) -> list[sql.Composed]:
    table = sql.Identifier(model._meta.db_table)
    plain, sealed = _columns(model)
    place = "place" if any(field.column == "place" for field in model._meta.concrete_fields) else ""
    told = [model._meta.pk.column, place, ",".join(plain), ",".join(sealed)]
    arguments = sql.SQL(", ").join(map(sql.Literal, told))
    tables = {"UPDATE": "OLD TABLE AS before NEW TABLE AS after", "DELETE": "OLD TABLE AS before"}
    statements = []
    for action, transition in tables.items():
        name = sql.Identifier(f"history_{action.lower()}")
        statements.append(sql.SQL("DROP TRIGGER IF EXISTS {} ON {}").format(name, table))
        statements.append(
            sql.SQL(
                "CREATE TRIGGER {} AFTER "
                + action
                + " ON {} REFERENCING "
                + transition
                + " FOR EACH STATEMENT EXECUTE FUNCTION audit_history({})"
            ).format(name, table, arguments)
        )
    return statements
