"""Stage 3, facts: what linked rows say of everyone, three-valued, into OUT/facts.parquet; the wide tables go to the rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from chunfeng.engines.facts.declared import Conflict, Declarations, read_declarations
from chunfeng.engines.facts.derive import Linkage, derive
from chunfeng.engines.linkage.employers import table as employer_table
from chunfeng.engines.sheets.kinds import load_kinds
from chunfeng.pipeline.outputs import whole
from chunfeng.pipeline.persons import inner_persons
from chunfeng.pipeline.registry import Registry
from chunfeng.reference.rules import FACTS

_NO_LISTS = {"case_register": "认定和补贴台账", "recognition": "规则判定"}
"""Sources of facts that are no kind of list."""
_CITED = ("file", "sheet", "row")


@dataclass(frozen=True, slots=True)
class FactsStage:
    """`persons`, `households`, `employers`: wide tables for the rules; `provenance`: as written to facts.parquet;
    `findings`: kind, person, rows, message, to be added to findings.csv; `staff`: person, employer, first, last, months of
    who is insured by whom now; `counts` for run.json."""

    persons: pl.DataFrame
    households: pl.DataFrame
    employers: pl.DataFrame
    provenance: pl.DataFrame
    findings: pl.DataFrame
    staff: pl.DataFrame
    counts: dict[str, int]


def run(
    out: Path, extracts: Sequence[pl.DataFrame], registry: Registry, as_of: date, region: str | None
) -> FactsStage:
    """Derive all facts from what linkage published in `out`, and write facts.parquet there.

    Reads persons.parquet, person_values.parquet, households.csv and employers.csv of the same run.
    """
    declared = read_declarations(FACTS)
    linked = linkage(out, extracts, registry)
    names = {name: kind.name for name, kind in load_kinds().items()} | _NO_LISTS
    facts = derive(extracts, linked, declared, as_of, region, names)
    with whole(out / "facts.parquet") as part:
        facts.provenance.write_parquet(part)
    found = findings(facts.contradictions, linked.persons, declared)
    counts = {
        "facts": facts.provenance.filter(pl.col("person").is_not_null()).height,
        "facts_unknown": facts.provenance.filter(
            pl.col("person").is_not_null() & (pl.col("truth") == "unknown")
        ).height,
        "fact_findings": found.height,
    }
    return FactsStage(
        facts.persons, facts.households, facts.employers, facts.provenance, found, facts.staff, counts
    )


def linkage(out: Path, extracts: Sequence[pl.DataFrame], registry: Registry) -> Linkage:
    """What linkage left, by lasting number."""
    place = registry.claims.select("claim", *_CITED)
    links = place.join(registry.numbered.select("claim", "number"), on="claim").select(
        *_CITED, person="number"
    )
    pending = pl.DataFrame(schema=links.schema)
    if registry.links.review.height:
        _, names = inner_persons(registry.numbered)
        taken = registry.numbered.select("claim")
        waiting = registry.links.review.select("claim", "person").join(taken, on="claim", how="anti")
        pending = waiting.join(names, on="person").join(place, on="claim").select(*_CITED, person="number")
    homes = _read(out / "households.csv").with_columns(
        pl.col("current").replace_strict({"1": True, "0": False}, default=None, return_dtype=pl.Boolean)
    )
    firms = _read(out / "employers.csv").with_columns(pl.col("row").cast(pl.UInt32))
    firms = firms.with_columns(pl.col("sheet").fill_null(""), pl.col("score").cast(pl.Float64, strict=False))
    called = employer_table(extracts, firms)
    return Linkage(
        links, pending, pl.read_parquet(out / "persons.parquet"), pl.read_parquet(out / "person_values.parquet"), homes, firms,
        called.select("employer", "name"),
    )  # fmt: skip


def _read(path: Path) -> pl.DataFrame:
    """A CSV of our own as text, without the apostrophes that keep a spreadsheet from running a cell."""
    text = pl.read_csv(path, infer_schema=False)
    return text.with_columns(pl.col(pl.String).str.replace(r"^'(\s*[=+\-@＝＋－＠])", "$1"))


def findings(contradictions: pl.DataFrame, persons: pl.DataFrame, declared: Declarations) -> pl.DataFrame:
    """kind, person, rows, message of the contradictions that have a message of their own, in the order of the catalogue."""
    told = [c for c in declared.conflicts if c.message]
    called = contradictions.join(persons.select("person", "name"), on="person", how="left")
    parts = [_of_kind(called.filter(pl.col("conflict") == c.conflict), c, _labels(declared)) for c in told]
    none = pl.DataFrame(
        schema={"kind": pl.String, "person": pl.String, "rows": pl.String, "message": pl.String}
    )
    return pl.concat([none, *parts])


def _labels(declared: Declarations) -> Mapping[str, str]:
    return {code: label for fact in declared.facts.values() for code, label in fact.labels.items()}


def _of_kind(cases: pl.DataFrame, conflict: Conflict, labels: Mapping[str, str]) -> pl.DataFrame:
    words = {"name": pl.col("name").fill_null("（无姓名）")}
    for word in ("value", "against"):
        words[word] = pl.col(word).replace(dict(labels)).fill_null("未知")
    used = [word for word in words if "{" + word + "}" in conflict.message]
    message = conflict.message
    for word in words:
        message = message.replace("{" + word + "}", "{}")
    return cases.select(
        pl.lit(conflict.conflict).alias("kind"), "person", "rows",
        pl.format(message + conflict.do.replace("{", "").replace("}", ""), *[words[w] for w in used]).alias("message"),
    )  # fmt: skip
