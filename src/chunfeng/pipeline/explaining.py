"""Why one person, household or employer got its answers, told from a run's output folder alone."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from chunfeng.engines.rules.explain import Provenance, explain, tree_lines
from chunfeng.engines.rules.records import Book, Case
from chunfeng.engines.rules.walk import WORDS, Walker
from chunfeng.engines.sheets.kinds import load_kinds
from chunfeng.pipeline import book as books
from chunfeng.pipeline.outputs import whole

WIDE = "facts_wide"
"""Folder of the tables the rules were asked of, one per entity."""
RULES = "rules_used"
"""Folder of the county's own rule files that were in force."""
RECORD = "decided.json"
"""The day, and the mark of the book."""
FACTS = "facts.parquet"
"""Where each fact comes from."""
_TABLES = {"person": "persons", "household": "households", "employer": "employers"}


class ExplainError(Exception):
    """Nothing can be explained; the message says why, Chinese first."""


def keep(out: Path, tables: Mapping[str, pl.DataFrame], book: Book, own: Sequence[Path], as_of: date) -> None:
    """Leave in OUT what an explanation needs: the wide tables by entity, a county's own rule files, the day and the book's mark."""
    for entity, table in tables.items():
        with whole(out / WIDE / f"{_TABLES[entity]}.parquet") as part:
            table.write_parquet(part)
    for old in books.yaml_files(out / RULES):
        old.unlink()
    for path in own:
        with whole(out / RULES / path.name) as part:
            part.write_bytes(path.read_bytes())
    with whole(out / RECORD) as part:
        record = {"as_of": as_of.isoformat(), "book": book.fingerprint}
        part.write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")


def read_tables(out: Path) -> tuple[dict[str, pl.DataFrame], date, str]:
    """The wide tables by entity, the day they hold for, and the fingerprint of the book they were decided by."""
    record = out / RECORD
    if not record.is_file():
        raise ExplainError(f"{out} 里没有认定结果，先运行 ./chunfeng run。 / no decisions in it: run first.")
    told = json.loads(record.read_text(encoding="utf-8"))
    tables = {e: pl.read_parquet(out / WIDE / f"{name}.parquet") for e, name in _TABLES.items()}
    return tables, date.fromisoformat(told["as_of"]), told["book"]


def told(out: Path, subject: str, rules: Sequence[str] = ()) -> Iterator[str]:
    """Lines in Chinese. `subject`: number, citizen id or household of a run, or an employer's key. With `rules` the whole tree of
    each; without, one sentence per recognition category, and per target and policy that is met."""
    tables, as_of, mark = read_tables(out)
    book = books.load(out / RULES)
    unknown = [rule for rule in rules if rule not in book.rules]
    if unknown:
        known = "、".join(r.rule for r in book.of())
        raise ExplainError(f"没有规则 {unknown[0]}。已有：{known} / no such rule")
    entity, key = _found(out, tables, subject)
    case, people = _case(tables, entity, key, book)
    sources = _sources(out, [*people, key])
    yield f"{key}　基准日 {as_of.isoformat()}"
    if book.fingerprint != mark:
        yield "注意：规则库在那次运行之后已有改动，以下按现在的规则解释。 / the rules changed since that run"
    walker = Walker(book, as_of)
    own = sorted(book.of(entity=entity), key=lambda r: r.rule)
    chosen = list(rules) or [r.rule for r in own if r.kind in ("recognition", "household")]
    for rule in chosen:
        if book.rules[rule].entity != entity:
            yield f"{rule} 问的不是这类对象。 / another kind of subject"
            continue
        found = explain(book, rule, case, as_of, sources, walker)
        yield f"{rule} {found.short()}"
        if rules:
            if found.version is not None and found.version.reading:
                yield f"口径：{found.version.reading}"
            yield from tree_lines(book, found, sources)
            if found.next_check is not None:
                yield f"下次复核日：{found.next_check.isoformat()}（此前如无新情况，结论不变）"
    if not rules:
        for each in own:
            if each.kind in ("target", "policy") and walker.answer(each.rule, case) is True:
                yield f"{each.rule} 符合“{each.name}”"


@dataclass(frozen=True)
class Why:
    """One rule's answer for one subject: the short sentence, the tree as indented lines, the day, and the rule's wording."""

    rule: str
    name: str
    answer: str
    short: str
    reading: str
    document: str
    lines: tuple[str, ...]
    next_check: date | None
    as_of: date
    rules_changed: bool


def why(out: Path, subject: str, rule: str) -> Why:
    """Why a subject, by its number in OUT, got a rule's answer. ExplainError where there is no such rule or subject.

    Only the subject and its household are read.
    """
    book = books.load(out / RULES)
    record = out / RECORD
    if rule not in book.rules or not record.is_file():
        raise ExplainError(f"没有规则 {rule}，或没有认定结果。 / no such rule, or no decisions.")
    kept = json.loads(record.read_text(encoding="utf-8"))
    as_of = date.fromisoformat(kept["as_of"])
    entity = book.rules[rule].entity
    tables = _household(out, entity, subject)
    if not tables[entity].height:
        raise ExplainError(f"没有 {subject}。 / nobody by that number.")
    case, people = _case(tables, entity, subject, book)
    sources = _sources(out, [*people, subject])
    found = explain(book, rule, case, as_of, sources)
    reading = found.version.reading if found.version else ""
    return Why(
        rule, book.rules[rule].name, WORDS[found.answer], found.short(), reading, found.document,
        tuple(tree_lines(book, found, sources)), found.next_check, as_of, book.fingerprint != kept["book"],
    )  # fmt: skip


def _household(out: Path, entity: str, subject: str) -> dict[str, pl.DataFrame]:
    """The wide tables as far as one subject needs them."""
    own = (
        pl.scan_parquet(out / WIDE / f"{_TABLES[entity]}.parquet").filter(pl.col(entity) == subject).collect()
    )
    people = pl.scan_parquet(out / WIDE / f"{_TABLES['person']}.parquet")
    homes = own["household"].drop_nulls() if "household" in own.columns else own[entity].head(0)
    mates = people.filter(pl.col("household").is_in(homes.implode())).collect() if len(homes) else own.head(0)
    if entity == "person":
        return {"person": own if not mates.height else mates}
    return {entity: own, "person": mates}


def _found(out: Path, tables: Mapping[str, pl.DataFrame], subject: str) -> tuple[str, str]:
    """The subject's entity and key."""
    for entity, table in tables.items():
        if table.height and (table[entity] == subject).any():
            return entity, subject
    golden = out / "persons.parquet"
    if golden.is_file():
        people = pl.read_parquet(golden, columns=["person", "id18"]).filter(pl.col("id18") == subject.upper())
        if people.height:
            return "person", str(people["person"][0])
    raise ExplainError(f"{out} 里没有 {subject}。 / nobody by that number in it.")


def _case(tables: Mapping[str, pl.DataFrame], entity: str, key: str, book: Book) -> tuple[Case, list[str]]:
    """The subject as a case with the members of its household, and their keys."""
    row = tables[entity].filter(pl.col(entity) == key).row(0, named=True)
    home = row.get("household")
    mates: list[Case] = []
    if home is not None:
        others = tables["person"].filter(pl.col("household") == home, pl.col("person") != key)
        mates = [_as_case(mate, "person", book, None) for mate in others.iter_rows(named=True)]
    members = tuple(mates) if home is not None else None
    return _as_case(row, entity, book, members), [mate.key for mate in mates]


def _as_case(row: Mapping[str, Any], entity: str, book: Book, members: tuple[Case, ...] | None) -> Case:
    facts = {name: row.get(name) for name in book.catalogue.of(entity)}
    return Case(facts, row["area"], members, entity, key=row[entity])


def _sources(out: Path, keys: Sequence[str]) -> dict[tuple[str, str], Provenance]:
    """(key, fact) → where it comes from: the subject's own line, else the fact's line for everyone no list speaks of."""
    path = out / FACTS
    if not path.is_file():
        return {}
    wanted = pl.col("person").is_in(list(keys)) | pl.col("person").is_null()
    lines = pl.scan_parquet(path).filter(wanted).collect()
    kinds = {name: kind.name for name, kind in load_kinds().items()}
    found: dict[tuple[str, str], Provenance] = {}
    for line in lines.sort("person", nulls_last=False).iter_rows(named=True):
        where = "#".join(str(line[c]) for c in ("file", "sheet", "row") if line[c] not in (None, ""))
        source = kinds.get(line["source"] or "", line["source"] or "")
        origin = Provenance(
            source, where, line["date"], bool(line["presumed"]), bool(line["stale"]), bool(line["conflict"]), line["note"] or "",
        )  # fmt: skip
        for key in keys if line["person"] is None else [line["person"]]:
            found[key, line["fact"]] = origin
    return found
