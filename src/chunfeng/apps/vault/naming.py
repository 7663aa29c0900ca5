"""Which columns name sealed files, so that a backup can tell whether it holds every file of its moment.

A room names its own in its AppConfig.ready: `naming.column("intake.SentFile", "stored")`. A column of text names one file or
none; a column of JSON is an object whose values are names.
"""

from __future__ import annotations

from django.apps import apps
from django.db import models
from psycopg import sql

_columns: set[tuple[str, str]] = set()


def column(label: str, *fields: str) -> None:
    """Fields of a model that name sealed files."""
    _columns.update((label, field) for field in fields)


def columns() -> list[models.Field]:
    """Every field that names sealed files."""
    return [apps.get_model(label)._meta.get_field(field) for label, field in sorted(_columns)]


def statement() -> sql.Composed:
    """One query for every name there is, for a connection that sees every row."""
    return sql.SQL(" UNION ").join(_names(field) for field in columns())


def _names(field: models.Field) -> sql.Composed:
    form = (
        "SELECT value FROM {table}, jsonb_each_text({column})"
        if isinstance(field, models.JSONField)
        else "SELECT {column} FROM {table} WHERE {column} <> ''"
    )
    return sql.SQL(form).format(
        table=sql.Identifier(field.model._meta.db_table), column=sql.Identifier(field.column)
    )
