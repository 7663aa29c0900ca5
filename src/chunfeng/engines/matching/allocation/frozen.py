"""What makes a run repeatable and checkable by anyone: the hash of what went in, and lottery numbers out of a published seed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import duckdb
import polars as pl


def digest(tables: Mapping[str, pl.DataFrame], **settings: str | int) -> str:
    """SHA-256, 64 hexadecimal digits, of tables and settings; the order of rows, of tables and of settings does not count."""
    whole = hashlib.sha256()
    for name in sorted(tables):
        table = tables[name].select(sorted(tables[name].columns))
        flat = table.with_columns(pl.col(pl.List(pl.String)).list.sort().list.join("\x1f"))
        whole.update(f"{name}\n".encode())
        whole.update(flat.sort(flat.columns, nulls_last=True).write_csv(None).encode())
    for key in sorted(settings):
        whole.update(f"{key}={settings[key]}\n".encode())
    return whole.hexdigest()


def lottery(persons: pl.Series, seed: str) -> pl.DataFrame:
    """(person, lottery): 1 is first. Anyone can draw again: order by sha256 of `seed:person`, as sha256sum gives it.

    Who joins or leaves does not change the order of the others. `persons`: without repeats.
    """
    asked = persons.cast(pl.String).alias("person").to_frame()
    with duckdb.connect() as base:
        base.register("asked", asked.to_arrow())
        drawn = base.execute(
            "SELECT person, row_number() OVER (ORDER BY sha256($seed || ':' || person), person) AS lottery FROM asked",
            {"seed": seed},
        ).pl()
    return drawn.select(pl.col("person").cast(pl.String), pl.col("lottery").cast(pl.Int64)).sort("lottery")
