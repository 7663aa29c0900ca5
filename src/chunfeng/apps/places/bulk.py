"""Bring a whole table of a county into its scoped table as a difference: what is gone goes, what changed changes, what is new
comes.

Rows travel by COPY into a temporary table (COPY into a table under row-level security is refused) and from there in single
statements, so both walls hold for every row. What leaves this process is made in `outgoing`, a batch ahead of the database.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import polars as pl
from django.db import connection
from psycopg import sql

from chunfeng.apps.places.copying import copied
from chunfeng.apps.places.outgoing import POSITION, Outgoing, indexes_of
from chunfeng.apps.places.scope import current
from chunfeng.apps.places.scoped import ScopedModel

BATCH = 50_000
"""Rows that are prepared and sent at a time."""

_STAGE, _PAIRS = "incoming", "incoming_pairs"
_ABSENT = {"varchar": "'\x01'", "text": "'\x01'", "date": "'-infinity'"}
"""What stands for null where rows are told apart: no value of ours."""


def replace(
    model: type[ScopedModel],
    batches: pl.DataFrame | Iterable[pl.DataFrame],
    within: Mapping[str, Any],
    identity: Sequence[str],
    *,
    gone: Mapping[str, Any] | None = None,
) -> dict[str, int]:
    """Make the rows of `model` that have the values `within` those of `batches`; in the current scope and transaction.

    Frames hold database columns by name; those of `within` with one value may be left out; a value may be a `range`.
    `identity`: columns that tell rows apart; equal ones are paired in the order of their other values, so that nothing is
    lost. `gone`: what to set on rows that are no longer there instead of deleting them; {} leaves them as they are.
    Returns inserted, updated, deleted (or gone), unchanged and, if any text was longer than its column, shortened.
    """
    current()
    frames = _sliced(batches)
    first = next(frames, None)
    if first is None:
        raise ValueError("no frame: give an empty one to say that there is nothing")
    with connection.cursor() as cursor:
        return _Load(model, within, identity, gone, cursor, first.columns).run(first, frames)


def _sliced(batches: pl.DataFrame | Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    for frame in [batches] if isinstance(batches, pl.DataFrame) else batches:
        yield from frame.iter_slices(BATCH) if frame.height > BATCH else (frame,)


class _Load:
    """One call of `replace`."""

    def __init__(
        self,
        model: type[ScopedModel],
        within: Mapping[str, Any],
        identity: Sequence[str],
        gone: Mapping[str, Any] | None,
        cursor: Any,
        given: Sequence[str],
    ) -> None:
        self.model, self.within, self.identity, self.gone, self.cursor = (
            model,
            dict(within),
            identity,
            gone,
            cursor,
        )
        self.table = model._meta.db_table
        self.key = model._meta.pk.column
        fields = {f.column: f for f in model._meta.concrete_fields}
        self.indexes = indexes_of(model)
        fixed = (n for n, v in self.within.items() if n not in given and not isinstance(v, range))
        names = [*given, *fixed]
        names += [self.indexes[n] for n in names if n in self.indexes]
        self.fields = {n: fields[n] for n in names}
        self.stamps = [n for n, f in fields.items() if getattr(f, "auto_now", False)]
        self.by_key = tuple(identity) == (self.key,)
        self.counts: Counter[str] = Counter(inserted=0, updated=0, deleted=0, unchanged=0)
        # lists go by place: rows of one place lie together, and so do their entries in most indexes
        order = [n for n in (model.write_place, *identity) if n in given]
        self.outgoing = Outgoing(model, self.fields, self.within, order)

    def run(self, first: pl.DataFrame, frames: Iterator[pl.DataFrame]) -> dict[str, int]:
        self._stage()
        fresh = not self._one("SELECT EXISTS (SELECT 1 FROM {table} t WHERE {within})")
        kept = self._known_indexes() if self.by_key and self.indexes and not fresh else None
        for text in self._prepared(first, frames, kept):
            with self.cursor.copy(self._sql("COPY {stage} FROM STDIN")) as out:
                out.write(text)
            if fresh:
                self.counts["inserted"] += self._do(
                    "INSERT INTO {table} ({all}) SELECT {values} FROM {stage} s"
                )
                self._do("TRUNCATE {stage}")
        if not fresh:
            self._difference()
        self._do("DROP TABLE {stage}")
        if self.outgoing.shortened:
            self.counts["shortened"] = self.outgoing.shortened
        return dict(self.counts)

    def _prepared(
        self, first: pl.DataFrame, frames: Iterator[pl.DataFrame], kept: pl.DataFrame | None
    ) -> Iterator[bytes]:
        """The next batch is made ready while the database takes the one before."""

        def following() -> bytes | None:
            frame = next(frames, None)
            return None if frame is None else self.outgoing.text(frame, kept)

        with ThreadPoolExecutor(1, thread_name_prefix="bulk") as pool:
            ready: bytes | None = self.outgoing.text(first, kept)
            while ready is not None:
                coming = pool.submit(following)
                yield ready
                ready = coming.result()

    def _known_indexes(self) -> pl.DataFrame:
        """Key and blind indexes of the rows there are."""
        names = list(self.indexes.values())
        shown = sql.SQL(", ").join(
            [
                sql.Identifier(self.key),
                *(sql.SQL("encode({}, 'hex')").format(sql.Identifier(n)) for n in names),
            ]
        )
        rows = self.cursor.copy(
            self._sql("COPY (SELECT {shown} FROM {table} t WHERE {within}) TO STDOUT", shown=shown)
        )
        schema = {self.key: pl.Int64} | {f"{n}_kept": pl.String for n in names}
        return copied(rows, schema)

    # --- the difference ----------------------------------------------------------------------------------------------

    def _stage(self) -> None:
        self._do(
            "CREATE TEMPORARY TABLE {stage} ON COMMIT DROP AS SELECT 0::bigint AS {position}, {given} FROM {table}"
            " WITH NO DATA"
        )

    def _difference(self) -> None:
        # whoever loads may not analyse the table; taking it for nearly empty, the planner would go through all of it per row
        self._do("SET LOCAL enable_nestloop = off")
        self._do("ANALYZE {stage}")
        self._do(
            "CREATE TEMPORARY TABLE {pairs} ON COMMIT DROP AS SELECT s.{position} AS position, t.{key} AS key FROM"
            " (SELECT s.{position}, {own_identity}, {ordinal} AS nth FROM {stage} s) s FULL JOIN"
            " (SELECT t.{key}, {their_identity}, {their_ordinal} AS nth FROM {table} t WHERE {within}) t"
            " ON {same_identity} AND s.nth = t.nth"
        )
        self._do("ANALYZE {pairs}")
        lost = "{table} t USING {pairs} p WHERE t.{key} = p.key AND p.position IS NULL"
        if self.gone is None:
            self.counts["deleted"] = self._do("DELETE FROM " + lost)
        elif self.gone:
            self.counts["deleted"] = self._do(
                "UPDATE {table} t SET {gone}{stamped} FROM {pairs} p"
                " WHERE t.{key} = p.key AND p.position IS NULL AND {not_yet_gone}"
            )
        self.counts["updated"] = self._do(
            "UPDATE {table} t SET {changes}{stamped} FROM {stage} s JOIN {pairs} p ON p.position = s.{position}"
            " WHERE t.{key} = p.key AND ({their_values}) IS DISTINCT FROM ({own_values})"
        )
        self.counts["inserted"] = self._do(
            "INSERT INTO {table} ({all}) SELECT {values} FROM {stage} s JOIN {pairs} p ON p.position = s.{position}"
            " WHERE p.key IS NULL"
        )
        both = self._one("SELECT count(*) FROM {pairs} WHERE key IS NOT NULL AND position IS NOT NULL")
        self.counts["unchanged"] = both - self.counts["updated"]
        self._do("DROP TABLE {pairs}")
        self._do("SET LOCAL enable_nestloop = on")

    def _parts(self) -> dict[str, sql.Composable]:
        names = list(self.fields)
        secret = {n for n in names if n in self.indexes}
        compared = [n for n in names if n not in secret and n != self.key]
        rest = [n for n in compared if n not in self.identity]
        alone = self.by_key
        one = sql.SQL("1")
        return {
            "stage": sql.Identifier("pg_temp", _STAGE),
            "pairs": sql.Identifier("pg_temp", _PAIRS),
            "position": sql.Identifier(POSITION),
            "table": sql.Identifier(self.table),
            "key": sql.Identifier(self.key),
            "within": sql.SQL(" AND ").join(_is_within(n, v) for n, v in self.within.items()),
            "given": _listed("{n}", names),
            "all": _listed("{n}", [*names, *self.stamps]),
            "values": sql.SQL("").join([_listed("s.{n}", names), *(sql.SQL(", now()") for _ in self.stamps)]),
            "own_identity": self._identity("s"),
            "their_identity": self._identity("t"),
            "same_identity": sql.SQL(" AND ").join(
                sql.SQL("s.{0} = t.{0}").format(sql.Identifier(f"identity_{n}")) for n in self.identity
            ),
            "ordinal": one if alone else self._ordinal("s", rest, POSITION),
            "their_ordinal": one if alone else self._ordinal("t", rest, self.key),
            "changes": sql.SQL(", ").join(self._change(n) for n in names if n != self.key),
            "stamped": sql.SQL("").join(
                sql.SQL(", {} = now()").format(sql.Identifier(n)) for n in self.stamps
            ),
            "own_values": _listed("s.{n}", compared),
            "their_values": _listed("t.{n}", compared),
            "gone": _listed("{n} = {v}", self.gone or {}),
            "not_yet_gone": _listed("t.{n} IS NULL", self.gone or {}, " AND "),
        }

    def _identity(self, table: str) -> sql.Composable:
        parts = []
        for name in self.identity:
            column = sql.SQL("{}.{}").format(sql.Identifier(table), sql.Identifier(name))
            if self.fields[name].null:
                kind = self.fields[name].db_type(connection).split("(")[0]
                column = sql.SQL("COALESCE({}, {})").format(column, sql.SQL(_ABSENT.get(kind, "-1")))
            parts.append(sql.SQL("{} AS {}").format(column, sql.Identifier(f"identity_{name}")))
        return sql.SQL(", ").join(parts)

    def _ordinal(self, table: str, rest: Sequence[str], last: str) -> sql.Composable:
        return sql.SQL("row_number() OVER (PARTITION BY {} ORDER BY {})").format(
            _listed(f"{table}.{{n}}", self.identity), _listed(f"{table}.{{n}}", [*rest, last])
        )

    def _change(self, name: str) -> sql.Composable:
        column = sql.Identifier(name)
        if name not in self.indexes or not self.by_key:
            return sql.SQL("{0} = s.{0}").format(column)
        return sql.SQL("{0} = CASE WHEN t.{1} IS NOT DISTINCT FROM s.{1} THEN t.{0} ELSE s.{0} END").format(
            column, sql.Identifier(self.indexes[name])
        )

    def _sql(self, statement: str, **more: sql.Composable) -> sql.Composed:
        return sql.SQL(statement).format(**self._parts(), **more)

    def _do(self, statement: str) -> int:
        self.cursor.execute(self._sql(statement))
        return int(self.cursor.rowcount)

    def _one(self, statement: str) -> Any:
        self.cursor.execute(self._sql(statement))
        return self.cursor.fetchone()[0]


def _listed(form: str, names: Iterable[str] | Mapping[str, Any], between: str = ", ") -> sql.Composable:
    values = names if isinstance(names, Mapping) else {}
    return sql.SQL(between).join(
        sql.SQL(form).format(n=sql.Identifier(n), v=sql.Literal(values.get(n))) for n in names
    )


def _is_within(name: str, value: Any) -> sql.Composable:
    column = sql.Identifier("t", name)
    if isinstance(value, range):
        return sql.SQL("{0} >= {1} AND {0} < {2}").format(
            column, sql.Literal(value.start), sql.Literal(value.stop)
        )
    return sql.SQL("{} = {}").format(column, sql.Literal(value))
