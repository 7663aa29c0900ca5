"""The tables a compiled query starts from: scopes, counties, and facts with what differs by place beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlglot import exp

from chunfeng.engines.rules import sql
from chunfeng.engines.rules.fold import Edge
from chunfeng.engines.rules.places import Places

AREA_DIGITS = (6, 4, 2)
Cte = tuple[str, exp.Query]


@dataclass
class Tables:
    """Collects common table expressions in order. Columns of our own begin with `_`, which no name of a book does."""

    places: Places
    parameter_types: Mapping[str, str]
    ctes: list[Cte] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.edge_columns: dict[Edge, str] = {edge: f"_edge_{i}" for i, edge in enumerate(self.places.edges)}
        patterns = list(dict.fromkeys(self.places.forces.values()))
        self.force_columns = {name: f"_version_{patterns.index(p)}" for name, p in self.places.forces.items()}
        self.beside = [*self.edge_columns.values(), *(f"_version_{i}" for i in range(len(patterns)))]

    def add(self, name: str, query: exp.Query) -> str:
        """One more, with its name."""
        self.ctes.append((name, query))
        return name

    def scopes(self, tables: Sequence[str]) -> None:
        """The table of places, written out, and for each of `tables` its counties."""
        if not self.places.differ:
            return
        rows = [self._scope(i, code) for i, code in enumerate(self.places.codes)]
        whole: exp.Query = rows[0]
        for row in rows[1:]:
            whole = exp.union(whole, row, distinct=False, copy=False)
        self.add("scopes", whole)
        for table in tables:
            self._counties(table)

    def _scope(self, index: int, code: str) -> exp.Select:
        cells: list[sql.Sql] = [sql.alias(sql.cast(exp.Literal.string(code), "TEXT"), "scope")]
        for edge, values in self.places.edges.items():
            kind = sql.column_type(edge, self.parameter_types)
            value = sql.cast(sql.typed(values[index], kind), sql.TYPES[kind])
            cells.append(sql.alias(value, self.edge_columns[edge]))
        for i, which in enumerate(dict.fromkeys(self.places.forces.values())):
            cells.append(sql.alias(sql.cast(sql.number(which[index]), "INT"), f"_version_{i}"))
        return exp.select(*cells)

    def _counties(self, table: str) -> None:
        """Each area of the table with the row of its most specific scope. An unknown area has none."""
        area = sql.column("area", "counties")
        whens: list[tuple[sql.Sql, sql.Sql]] = []
        for digits in AREA_DIGITS:
            codes = [exp.Literal.string(code) for code in self.places.codes if len(code) == digits]
            head = exp.Substring(this=area.copy(), start=sql.number(1), length=sql.number(digits))
            if codes:
                whens.append((exp.In(this=head, expressions=codes), head.copy()))
        nowhere = exp.Literal.string("")
        scope = sql.case(*whens, otherwise=nowhere) if whens else nowhere
        distinct = exp.select(sql.column("area")).distinct(copy=False).from_(table, copy=False)
        distinct = distinct.where(exp.Not(this=exp.Is(this=sql.column("area"), expression=exp.null())))
        cells = [sql.column(c, "scopes") for c in self.beside]
        select = exp.select(area, *cells).from_(distinct.subquery("counties", copy=False), copy=False)
        on = exp.EQ(this=sql.column("scope", "scopes"), expression=scope)
        self.add(f"{table}_places", select.join("scopes", on=on, join_type="inner", copy=False))

    def facts(
        self, name: str, table: str, key: Sequence[str], wanted: Sequence[str], where: sql.Sql | None = None
    ) -> str:
        """Key columns, the wanted facts, and what differs by place."""
        select = exp.select(*(sql.column(c, table) for c in (*key, *wanted))).from_(table, copy=False)
        if self.places.differ:
            side = f"{table}_places"
            cells = [sql.column(c, side) for c in self.beside]
            on = exp.EQ(this=sql.column("area", table), expression=sql.column("area", side))
            select = select.select(*cells, copy=False).join(side, on=on, join_type="left", copy=False)
        return self.add(name, select if where is None else select.where(where, copy=False))
