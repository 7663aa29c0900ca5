"""All persons, households or employers at once: a full pass over a table of facts.

Answers are long tables: key, (household,) area, rule, version, answer `yes`, `unknown` or `no`, as_of. They are sparse: what is
not in them is a plain no.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path

import duckdb
import polars as pl

from chunfeng.engines.rules.compile import Query, compile_rules
from chunfeng.engines.rules.records import Book
from chunfeng.engines.rules.sentences import Phrases

ANSWERS = pl.Enum(["yes", "unknown", "no"])
Facts = pl.DataFrame | pl.LazyFrame | Path
"""A wide facts table as `Catalogue.schema` describes it, in memory or as Parquet."""


class FactsError(ValueError):
    """A facts table that does not fit the catalogue; the message names the columns."""


def decide(
    book: Book,
    facts: Facts,
    entity: str,
    as_of: date,
    *,
    rules: Iterable[str] | None = None,
    members: Facts | None = None,
    near: int = 0,
    threads: int = 0,
    memory: str = "",
) -> pl.DataFrame:
    """Every rule asked of every row. Rows: answers yes and unknown; with `near`, also no with at most so many conditions failing.

    Columns: the entity's key, `household` (persons), `area`, `rule`, `version` (null: none in force, or the area is unknown),
    `answer`, `as_of`; with `near` also `failed` and `open`: the version's conditions that are no, and unknown, in Chinese.
    `members`: for households, the persons' facts. `threads`, `memory` (as `2GB`) bound the database engine.
    Raises FactsError for a table that does not fit.
    """
    columns = check_facts(book, facts, entity)
    others = check_facts(book, members, "person") if members is not None else ()
    query = compile_rules(
        book,
        entity,
        as_of,
        rules=rules,
        columns=columns,
        member_columns=others if entity == "household" else None,
        near=near,
    )
    if query.asks_members and members is None:
        raise FactsError("户的规则要有人员事实 members / rules of households need the facts of persons")
    tables = {"facts": facts} if members is None else {"facts": facts, "members": members}
    return _long(book, query, execute(query, tables, threads, memory))


def execute(query: Query, tables: Mapping[str, Facts], threads: int = 0, memory: str = "") -> pl.DataFrame:
    """The query's own wide table. The database engine may read the given Parquet files and nothing else."""
    with duckdb.connect() as connection:
        if threads:
            connection.execute(f"SET threads = {int(threads)}")
        if memory:
            connection.execute("SET memory_limit = ?", [memory])
        connection.execute(
            "SET allowed_paths = ?", [[str(t) for t in tables.values() if isinstance(t, Path)]]
        )
        connection.execute("SET enable_external_access = false")
        for name, table in tables.items():
            if isinstance(table, Path):
                connection.read_parquet(str(table)).create_view(name)
            else:
                connection.register(name, table.lazy().collect().to_arrow())
        connection.execute("SET lock_configuration = true")
        return connection.execute(query.text()).pl()


def check_facts(book: Book, facts: Facts, entity: str) -> tuple[str, ...]:
    """The table's columns. Raises FactsError when one has another type than its fact, a code the catalogue does not know (it would
    silently be a no), or when a key column is missing. That every key stands in one row is the caller's to see to."""
    table = pl.scan_parquet(facts) if isinstance(facts, Path) else facts.lazy()
    schema = table.collect_schema()
    wanted = book.catalogue.schema(entity)
    keys = [entity, "area"] + (["household"] if entity == "person" else [])
    wrong = [f"{name}：缺少 / missing" for name in keys if name not in schema]
    for name, kind in schema.items():
        if name in wanted and kind != wanted[name] and not (wanted[name] == pl.Int64 and kind.is_integer()):
            wrong.append(f"{name}：应为 {wanted[name]}，实为 {kind} / wrong type")
    codes = {f.fact: f.values for f in book.catalogue.of(entity).values() if schema.get(f.fact) == pl.String}
    if codes and not wrong:
        met = table.select(pl.col(name).unique().implode() for name in codes).collect().row(0)
        for (name, values), found in zip(codes.items(), met, strict=True):
            strange = sorted(set(found) - set(values) - {None})
            if strange:
                wrong.append(f"{name}：目录中没有的值 {'、'.join(strange[:5])} / unknown codes")
    if wrong:
        raise FactsError("事实表不合目录 / the facts table does not fit: " + "；".join(wrong))
    return tuple(schema)


def _long(book: Book, query: Query, wide: pl.DataFrame) -> pl.DataFrame:
    """One row per key and rule that has something to tell."""
    keys = [c for c in dict.fromkeys((query.entity, "household", "area")) if c in wide.columns]
    scope = wide.select(pl.col("area").unique()).with_columns(
        code=pl.col("area").map_elements(query.places.code_of, return_dtype=pl.String)
    )
    parts: list[pl.DataFrame] = []
    for rule in query.rules:
        told = pl.col(rule).is_null() | pl.col(rule)
        cells = [pl.col(rule).alias("holds")]
        if query.near:
            told |= pl.col(f"_no_{rule}").bitwise_count_ones() <= query.near
            cells += [pl.col(f"_{word}_{rule}").alias(word) for word in ("no", "unknown")]
        part = wide.filter(told).select(*keys, pl.lit(rule).alias("rule"), *cells)
        part = part.join(
            _versions(query, rule, scope), on="area", how="left", nulls_equal=True, maintain_order="left"
        )
        if query.near:
            part = _with_conditions(book, query, rule, part)
        parts.append(part)
    answer = pl.when(pl.col("holds").is_null()).then(pl.lit("unknown")).when("holds").then(pl.lit("yes"))
    return (
        pl.concat(parts)
        .with_columns(answer=answer.otherwise(pl.lit("no")).cast(ANSWERS), as_of=pl.lit(query.as_of))
        .select(*keys, "rule", "version", "answer", "as_of", *(["failed", "open"] if query.near else []))
    )


def _versions(query: Query, rule: str, scope: pl.DataFrame) -> pl.DataFrame:
    """area → version in force there."""
    versions = query.places.versions[rule]
    if rule not in query.places.forces:
        name = versions[0].version if versions else None
        return scope.select("area", version=pl.lit(name, pl.String))
    which = dict(zip(query.places.codes, query.places.forces[rule], strict=True))
    names = {code: versions[i - 1].version for code, i in which.items() if i}
    return scope.select(
        "area", version=pl.col("code").replace_strict(names, default=None, return_dtype=pl.String)
    )


def _with_conditions(book: Book, query: Query, rule: str, part: pl.DataFrame) -> pl.DataFrame:
    """`failed` and `open` in place of the masks. Only distinct masks are spelled out."""
    told = {
        v.version: [Phrases(book, query.as_of, v.area).say(c) for c in book.conditions(v, query.as_of)]
        for v in query.places.versions[rule]
    }
    nowhere = ["所在区划"]  # without an area no version is known to be in force
    for word, name in (("no", "failed"), ("unknown", "open")):
        distinct = part.select("version", word).unique()
        spelled = [
            (nowhere if word == "unknown" else [])
            if mask is None
            else [text for i, text in enumerate(told.get(version, ())) if mask >> i & 1]
            for version, mask in distinct.iter_rows()
        ]
        lists = distinct.with_columns(pl.Series(name, spelled, dtype=pl.List(pl.String)))
        part = part.join(lists, on=["version", word], how="left", nulls_equal=True, maintain_order="left")
    return part
