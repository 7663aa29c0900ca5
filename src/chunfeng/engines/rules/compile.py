"""The book as one query: every rule asked of every row at once, the same text for DuckDB, PostgreSQL and Spark.

scopes       one row per area code that matters: parameter values (days already computed) and versions in force
…_places     areas of a table → their scope
own_…        facts with what differs by place, then names in layers, all household functions still open
candidates   rows that are not certainly no everywhere
of_…         the members of their households, likewise, then counted: certainly yes, unknown, all
all_…        names that look at households, with the counts
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from sqlglot import exp

from chunfeng.engines.rules import sql
from chunfeng.engines.rules.catalogue import ENTITIES
from chunfeng.engines.rules.fold import Edge
from chunfeng.engines.rules.places import Places, places
from chunfeng.engines.rules.records import Book
from chunfeng.engines.rules.tables import Tables
from chunfeng.engines.rules.tree import And, Between, Compare, Members, Named, Node, children, names, nodes
from chunfeng.engines.rules.tree import facts as facts_in

MOST_CONDITIONS = 62
"""Conditions of one version that fit the bits of a mask."""


@dataclass(frozen=True, slots=True)
class Query:
    """`select`: key, (household,) area, one three-valued column per rule in `rules`. With `near`, also `_no_RULE` and
    `_unknown_RULE`: bit i is set when condition i of the version in force is no, or unknown (null: no version in force).
    `asks_members`: it reads table `members` too."""

    entity: str
    as_of: date
    rules: tuple[str, ...]
    select: exp.Select
    places: Places
    near: int
    asks_members: bool = False

    def text(self, dialect: str = "duckdb", pretty: bool = False) -> str:
        """The query in a dialect of sqlglot."""
        return self.select.sql(dialect=dialect, pretty=pretty)


def compile_rules(
    book: Book,
    entity: str,
    as_of: date,
    *,
    rules: Iterable[str] | None = None,
    columns: Collection[str] | None = None,
    member_columns: Collection[str] | None = None,
    near: int = 0,
    sparse: bool = True,
) -> Query:
    """The query over table `facts` (for households also `members`: the persons' facts).

    `rules`: all of that entity if not given, definitions may be named too; `columns`: what the table has, facts it lacks are
    unknown; `near`: keep a row also when at most so many conditions of a rule are no, and add the masks. `sparse`: leave out
    rows that are no everywhere. Raises ValueError for an entity or rules that do not fit.
    """
    if entity not in ENTITIES:
        raise ValueError(f"没有主体 {entity} / unknown entity")
    chosen = [r.rule for r in book.of(entity=entity)] if rules is None else list(dict.fromkeys(rules))
    for name in chosen:
        if name not in book.rules or book.rules[name].entity != entity:
            raise ValueError(f"没有 {entity} 的规则 {name} / no such rule of {entity}")
    if not chosen:
        raise ValueError(f"没有 {entity} 的规则 / no rule of {entity}")
    every = set(book.catalogue.facts)
    own = every if columns is None else set(columns)
    other = own if entity == "person" else every if member_columns is None else set(member_columns)
    return _Compiler(book, entity, as_of, tuple(chosen), own, other, near).query(sparse)


class _Compiler:
    def __init__(
        self,
        book: Book,
        entity: str,
        as_of: date,
        chosen: tuple[str, ...],
        columns: set[str],
        member_columns: set[str],
        near: int,
    ) -> None:
        self.book, self.entity, self.as_of, self.chosen, self.near = book, entity, as_of, chosen, near
        self.columns, self.member_columns = columns, member_columns
        self.trees = {name: [v.when for v in rule.on(as_of)] for name, rule in book.rules.items()}
        self.wide: set[str] = set()  # names that look at household members on this day
        for name, trees in self.trees.items():
            inner = [n for tree in trees for n in nodes(tree)]
            if any(isinstance(n, Members) or (isinstance(n, Named) and n.name in self.wide) for n in inner):
                self.wide.add(name)
        self.conditions = {name: self._conditions(name) for name in chosen} if near else {}
        asked = [tree for name in chosen for tree in self.trees[name]]
        asked += [part for versions in self.conditions.values() for parts in versions for part in parts]
        self.used = self._closure(asked, set(chosen))
        trees = asked + [tree for name in self.used for tree in self.trees[name]]
        found = dict.fromkeys(n for tree in trees for n in nodes(tree) if isinstance(n, Members))
        self.functions = {node: i for i, node in enumerate(found)}
        self.own_names = [n for n in self.used if book.rules[n].entity == entity]
        self.own_facts = sorted(self._facts_of(trees) & columns)
        edges = dict.fromkeys(edge for tree in trees for node in nodes(tree) for edge in _edges(node))
        self.places = places(book, [book.rules[n] for n in self.used], edges, as_of)
        self.tables = Tables(self.places, {name: p.type for name, p in book.parameters.items()})

    def query(self, sparse: bool) -> Query:
        key = [self.entity, "area"] if self.entity != "person" else ["person", "household", "area"]
        self.tables.scopes(
            ["facts", "members"] if self.entity == "household" and self.functions else ["facts"]
        )
        last = self.tables.facts("own_0", "facts", key, self.own_facts, self._sieve() if sparse else None)
        last = self._layers("own", last, self.own_names, self._writer(None, self.columns))
        candidates = exp.select(exp.Star()).from_(last, copy=False)
        writer = self._writer(None, self.columns)
        if sparse:
            candidates = candidates.where(self._tells(writer), copy=False)
        last = self.tables.add("candidates", candidates)
        if self.functions:
            last = self._households(last)
            writer = self._writer(self._answers(), self.columns)
            last = self._layers("all", last, [n for n in self.own_names if n in self.wide], writer)
        asks = bool(self.functions) and self.entity == "household"
        final = exp.select(*(sql.column(c) for c in key)).from_(last, copy=False)
        for name in self.chosen:
            final = final.select(sql.column(name), *self._masks(name, writer), copy=False)
        if self.functions and sparse:
            final = final.where(self._tells(writer), copy=False)
        for name, part in self.tables.ctes:
            final = final.with_(name, as_=part, copy=False)
        return Query(self.entity, self.as_of, self.chosen, final, self.places, self.near, asks)

    # --- what is needed ---------------------------------------------------------------------------

    def _closure(self, trees: Iterable[Node], found: set[str]) -> list[str]:
        """Names the trees refer to, and what those refer to, in the order of the book."""
        waiting = [name for tree in trees for name in names(tree)]
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting.extend(n for tree in self.trees[name] for n in names(tree))
        return [name for name in self.book.rules if name in found]

    def _conditions(self, name: str) -> list[list[Node]]:
        """Per version in force its conditions."""
        rule = self.book.rules[name]
        found = [self.book.conditions(version, self.as_of) for version in rule.on(self.as_of)]
        if any(len(parts) > MOST_CONDITIONS for parts in found):
            raise ValueError(f"{name} 的条件超过 {MOST_CONDITIONS} 个 / too many conditions")
        return found

    def _facts_of(self, trees: Iterable[Node]) -> set[str]:
        """Facts asked of the row itself; a person is a member of the own household too."""
        found: set[str] = set()
        for tree in trees:
            if isinstance(tree, Members):
                found |= facts_in(tree.part) if self.entity == "person" else set()
            elif children(tree):
                found |= self._facts_of(children(tree))
            elif not isinstance(tree, Named):
                found |= facts_in(tree)
        return found

    # --- the parts of the query -------------------------------------------------------------------

    def _writer(self, answers: dict[Members, sql.Sql] | None, columns: set[str]) -> sql.Writer:
        """`answers` None: household functions are open, and names that look at households stand in columns of their own."""
        renamed = {} if answers is not None else {n: f"_open_{n}" for n in self.wide}
        return sql.Writer(
            self.book.catalogue, self.places, columns, self.tables.edge_columns, answers, renamed
        )

    def _layers(self, prefix: str, source: str, wanted: list[str], writer: sql.Writer) -> str:
        """Names as columns, each layer on the one before."""
        level: dict[str, int] = {}
        for name in wanted:
            inner = {n for tree in self.trees[name] for n in names(tree) if n in level}
            level[name] = 1 + max((level[n] for n in inner), default=0)
        for depth in range(1, max(level.values(), default=0) + 1):
            here = [n for n in wanted if level[n] == depth]
            cells = [sql.alias(self._named(n, writer), writer.renamed.get(n, n)) for n in here]
            source = self.tables.add(
                f"{prefix}_{depth}", exp.select(exp.Star(), *cells).from_(source, copy=False)
            )
        return source

    def _named(self, name: str, writer: sql.Writer) -> sql.Sql:
        """A rule or definition: its version in force, chosen by place where that matters."""
        trees, rule = self.trees[name], self.book.rules[name]
        missing = sql.unknown() if rule.kind == "definition" else exp.false()
        if not trees:
            return missing
        if name not in self.places.forces:
            return writer.write(trees[0])
        parts = [sql.both(self._in_force(name, i + 1), writer.write(tree)) for i, tree in enumerate(trees)]
        if rule.kind == "definition" and 0 in self.places.forces[name]:
            parts.append(sql.both(self._in_force(name, 0), missing))
        return sql.either(*parts)

    def _in_force(self, name: str, number: int) -> sql.Sql:
        if name not in self.places.forces:
            return exp.true()
        return exp.EQ(this=sql.column(self.tables.force_columns[name]), expression=sql.number(number))

    def _sieve(self) -> sql.Sql | None:
        """What rows must pass before anything is computed of them: the gates that several rules share, or the rules themselves.

        None when near misses are wanted, which fail a gate.
        """
        if self.near:
            return None
        single = {name: trees[0] if len(trees) == 1 else None for name, trees in self.trees.items()}
        wanted = [tree for name in self.chosen for tree in self.trees[name]]
        heads = [tree.parts[0] if isinstance(tree, And) else tree for tree in wanted]
        shared = [head if heads.count(head) > 1 else tree for head, tree in zip(heads, wanted, strict=True)]
        writer = self._writer(None, self.columns)
        parts = [sql.Sieve(writer, single).may_be(node) for node in dict.fromkeys(shared)]
        return sql.either(*parts) if parts else None

    def _tells(self, writer: sql.Writer) -> sql.Sql:
        """Whether a row has anything but a plain no."""
        parts: list[sql.Sql] = []
        for name in self.chosen:
            parts.append(sql.not_false(writer.write(Named(name))))
            for i, conditions in enumerate(self.conditions.get(name, ())):
                failed = [
                    sql.case((sql.is_false(writer.write(c)), sql.number(1)), otherwise=sql.number(0))
                    for c in conditions
                ]
                few = exp.LTE(this=sql.total(failed), expression=sql.number(self.near))
                parts.append(sql.both(self._in_force(name, i + 1), few))
        return sql.either(*parts)

    def _masks(self, name: str, writer: sql.Writer) -> list[sql.Sql]:
        """Bits of the conditions that are no, and of those that are unknown."""
        if not self.near:
            return []
        masks: list[sql.Sql] = []
        for word, test in (("no", sql.is_false), ("unknown", sql.is_unknown)):
            whens: list[tuple[sql.Sql, sql.Sql]] = []
            for i, conditions in enumerate(self.conditions[name]):
                bits = [
                    sql.case((test(writer.write(c)), sql.number(1 << bit)), otherwise=sql.number(0))
                    for bit, c in enumerate(conditions)
                ]
                whens.append((self._in_force(name, i + 1), sql.total(bits)))
            mask = sql.case(*whens) if whens else exp.null()
            masks.append(sql.alias(sql.cast(mask, "BIGINT"), f"_{word}_{name}"))
        return masks

    def _households(self, last: str) -> str:
        """Candidates with the counts of their households' members. Without a household number only oneself is known."""
        person = self.entity == "person"
        table, columns = ("facts", self.columns) if person else ("members", self.member_columns)
        parts = [node.part for node in self.functions]
        inner = self._closure(parts, set())
        trees = parts + [tree for name in inner for tree in self.trees[name]]
        writer = self._writer(None, columns)
        open_rules = [n for n in self.own_names if n in self.wide]
        asking = exp.select(sql.column("household")).from_(last, copy=False)
        if (
            not self.near
        ):  # a near miss shows all its conditions, so then every candidate's household is counted
            telling = self._writer(None, self.columns)
            still_open = (sql.not_false(telling.write(Named(name))) for name in open_rules)
            asking = asking.where(sql.either(*still_open), copy=False)
        wanted = sorted(set().union(*map(facts_in, trees)) & columns)
        asked = exp.In(this=sql.column("household", table), query=asking.subquery(copy=False))
        source = self.tables.facts("of_0", table, ["household", "area"], wanted, asked)
        source = self._layers("of", source, inner, writer)
        counts = exp.select(sql.column("household"), sql.alias(exp.Count(this=exp.Star()), "_size"))
        for node, i in self.functions.items():
            for word, test in (("yes", _itself), ("maybe", sql.is_unknown)):
                one = sql.case((test(writer.write(node.part)), sql.number(1)), otherwise=sql.number(0))
                counts = counts.select(sql.alias(exp.Sum(this=one), f"_{word}_{i}"), copy=False)
        counts = counts.from_(source, copy=False).group_by(sql.column("household"), copy=False)
        self.tables.add("of_members", counts)
        return self._joined(last, writer)

    def _joined(self, last: str, writer: sql.Writer) -> str:
        alone = exp.Is(this=sql.column("household", last), expression=exp.null())
        star = exp.Column(this=exp.Star(), table=exp.to_identifier(last))
        size = sql.column("_size", "of_members")
        known = exp.Not(this=exp.Is(this=sql.column("household", "of_members"), expression=exp.null()))
        cells: list[sql.Sql] = [sql.alias(known, "_known")]
        cells.append(sql.alias(sql.case((alone, sql.number(1)), otherwise=size), "_size"))
        for node, i in self.functions.items():
            for word, test in (("yes", _itself), ("maybe", sql.is_unknown)):
                count: sql.Sql = sql.column(f"_{word}_{i}", "of_members")
                if self.entity == "person":
                    own = sql.case((test(writer.write(node.part)), sql.number(1)), otherwise=sql.number(0))
                    count = sql.case((alone.copy(), own), otherwise=count)
                else:
                    count = exp.Coalesce(this=count, expressions=[sql.number(0)])
                cells.append(sql.alias(count, f"_{word}_{i}"))
        on = exp.EQ(this=sql.column("household", last), expression=sql.column("household", "of_members"))
        select = (
            exp.select(star, *cells)
            .from_(last, copy=False)
            .join("of_members", on=on, join_type="left", copy=False)
        )
        return self.tables.add("counted", select)

    def _answers(self) -> dict[Members, sql.Sql]:
        found: dict[Members, sql.Sql] = {}
        writer = self._writer({}, self.columns)
        for node, i in self.functions.items():
            wanted = writer.edge(Edge(node.to), "integer") if node.how == "count" else sql.number(0)
            yes, maybe = sql.column(f"_yes_{i}"), sql.column(f"_maybe_{i}")
            found[node] = sql.member_answer(
                node, yes, maybe, sql.column("_size"), sql.column("_known"), wanted
            )
        return found


def _itself(part: sql.Sql) -> sql.Sql:
    return part


def _edges(node: Node) -> list[Edge]:
    """What the node compares with."""
    if isinstance(node, Members):
        return [Edge(node.to)] if node.how == "count" else []
    return sql.edges_of(node) if isinstance(node, Compare | Between) else []
