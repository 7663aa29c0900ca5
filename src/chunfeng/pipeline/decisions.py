"""Stage 4, decisions: the rule book asked of everyone; who may be recognised, who is a target, which households are without
work, what each is entitled to, and which registrations should end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from chunfeng.engines.rules.defects import Defect
from chunfeng.engines.rules.records import Book
from chunfeng.engines.rules.runs import decide
from chunfeng.pipeline.applications import applications
from chunfeng.pipeline.asked import asked_facts, conditions
from chunfeng.pipeline.book import in_force, in_force_on
from chunfeng.pipeline.entitlements import assumed, entitlements, special, spoken_for
from chunfeng.pipeline.explaining import keep
from chunfeng.pipeline.outputs import write_csv
from chunfeng.pipeline.reasons import with_reasons

if TYPE_CHECKING:
    from chunfeng.pipeline.facts import FactsStage


@dataclass(frozen=True, slots=True)
class Decided:
    """`counts` for run.json; `findings` (kind, person, rows, message) to be added to findings.csv; `defects` of a county's own
    rules, for which the last accepted ones stood in."""

    counts: dict[str, Any]
    findings: pl.DataFrame
    defects: tuple[Defect, ...] = field(default=())


def publish(
    out: Path,
    facts: FactsStage,
    extracts: Sequence[pl.DataFrame],
    as_of: date,
    state: Path | None = None,
) -> Decided:
    """Write recognition.csv, targets.csv, zero_households.csv and entitlements.csv into `out`, with what explanations need.

    The book is the one in force for the state folder (`pipeline.book`). Reads persons.parquet, households.csv, links.csv and
    employers.csv of the same run.
    """
    book, own, defects = in_force(state)
    persons, all_lines = facts.persons, facts.provenance
    lines = all_lines.filter(pl.col("entity") == "person")
    golden = pl.read_parquet(out / "persons.parquet", columns=["person", "id18"])
    recognised = _recognition(book, persons, lines, golden, as_of)
    employers = _hires(facts, recognised)
    wide = {"person": persons, "household": facts.households, "employer": employers}
    keep(out, wide, book, own, as_of)
    targets = _targets(book, persons, employers, all_lines, as_of)
    homes = applications(out, extracts, book, facts, as_of)
    granted = entitlements(book, persons, employers, all_lines, as_of)
    write_csv(recognised, out / "recognition.csv")
    write_csv(targets, out / "targets.csv")
    write_csv(homes, out / "zero_households.csv")
    write_csv(granted, out / "entitlements.csv")
    ended = _exits(book, persons, lines, as_of)
    counts = {
        "recognition": _by(recognised, "category"),
        "targets": _by(targets, "group"),
        "targets_not_asked": [
            rule
            for entity, table in (("person", persons), ("employer", employers))
            for rule in in_force_on(book, "target", entity, as_of)
            if rule not in _answerable(book, table, entity, as_of)
        ],
        "zero_households": dict(homes["answer"].value_counts(sort=True).iter_rows()),
        "entitlements": _by(granted, "policy"),
        "exit_findings": ended.height,
        "book": book.fingerprint[:16],
        "book_defects": [str(d) for d in defects],
    }
    return Decided(counts, ended, defects)


def _hires(facts: FactsStage, recognised: pl.DataFrame) -> pl.DataFrame:
    """The employers with `hires_hard_to_employ`: insured staff that may be recognised. None counted is unknown, not nought: who
    was recognised before being hired only the record of cases tells."""
    fact = "hires_hard_to_employ"
    yes = recognised.filter(pl.col("answer") == "yes").select("person").unique()
    counted = (
        facts.staff.join(yes, on="person")
        .group_by("employer")
        .agg(pl.col("person").n_unique().cast(pl.Int64).alias("found"))
    )
    known = pl.col(fact) if fact in facts.employers.columns else pl.lit(None, pl.Int64)
    joined = facts.employers.join(counted, on="employer", how="left", maintain_order="left")
    return joined.with_columns(pl.max_horizontal(known, "found").alias(fact)).drop("found")


def _recognition(
    book: Book, persons: pl.DataFrame, lines: pl.DataFrame, golden: pl.DataFrame, as_of: date
) -> pl.DataFrame:
    """Columns of recognition.csv: yes, unknown, and no with exactly one condition short, by person and category."""
    rules = in_force_on(book, "recognition", "person", as_of)
    answers = decide(book, persons, "person", as_of, rules=rules, near=1)
    told = with_reasons(book, answers, persons, persons, lines, as_of)
    joined = told.join(golden, on="person", how="left", maintain_order="left")
    return joined.select(
        "person",
        "id18",
        pl.col("rule").alias("category"),
        pl.col("answer").cast(pl.String),
        "reason",
        "missing",
        (pl.col("version") + " " + pl.col("document")).alias("rule_version"),
    ).sort("person", "category")


def _targets(
    book: Book, persons: pl.DataFrame, employers: pl.DataFrame, lines: pl.DataFrame, as_of: date
) -> pl.DataFrame:
    """Columns of targets.csv; `person` is the employer's key for groups of employers.

    A group about which no list says anything of anybody is left out (run.json names it), and so is an unknown for which nothing
    speaks, or which only the missing record of cases leaves open.
    """
    parts = []
    for entity, wide in (("person", persons), ("employer", employers)):
        rules = _answerable(book, wide, entity, as_of)
        if not rules:
            continue
        found = decide(book, wide, entity, as_of, rules=rules, near=1).filter(pl.col("answer") != "no")
        of_entity = lines.filter(pl.col("entity") == entity)
        kept = assumed(book, spoken_for(book, found, of_entity, as_of), wide, entity, as_of)
        told = with_reasons(book, kept, wide, persons, lines.filter(pl.col("entity") == "person"), as_of)
        names = {rule: book.rules[rule].name for rule in rules}
        missing = (
            pl.when(pl.col("missing").is_null()).then(pl.lit("")).otherwise("；缺：" + pl.col("missing"))
        )
        parts.append(
            told.select(
                pl.col(entity).alias("person"),
                pl.col("rule").alias("group"),
                pl.col("answer").cast(pl.String),
                (pl.col("rule").replace_strict(names) + "：" + pl.col("reason") + missing).alias("reason"),
            )
        )
    none = pl.DataFrame(schema=dict.fromkeys(("person", "group", "answer", "reason"), pl.String))
    return pl.concat([none, *parts]).sort("person", "group")


def _answerable(book: Book, wide: pl.DataFrame, entity: str, as_of: date) -> list[str]:
    """Target rules each of whose own conditions asks a fact that is known of somebody here."""
    known = {c for c in wide.columns if wide[c].null_count() < wide.height}

    def asks(rule: str) -> bool:
        of = {phrase for v in book.rules[rule].on(as_of) for phrase in special(book, v, as_of)}
        nodes = [
            node
            for v in book.rules[rule].on(as_of)
            for phrase, node in conditions(book, v, as_of)
            if phrase in of
        ]
        return all(
            any(fact in known for fact, _ in asked_facts(book, node, as_of, into_rules=True))
            for node in nodes
        )

    return [rule for rule in in_force_on(book, "target", entity, as_of) if asks(rule)]


def _exits(book: Book, persons: pl.DataFrame, lines: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Registrations and recognitions that should be looked at because a reason to end them is seen: kind, person, rows, message."""
    rules = in_force_on(book, "exit", "person", as_of)
    found = decide(book, persons, "person", as_of, rules=rules, near=1).filter(pl.col("answer") == "yes")
    told = with_reasons(book, found, persons, persons, lines, as_of)
    own = _own_facts(book, rules, as_of)
    seen = told.select("person", "rule").join(own, on="rule").join(lines, on=["person", "fact"])
    place = pl.concat_str("file", pl.col("sheet").fill_null(""), pl.col("row").cast(pl.String), separator="#")
    rows = seen.filter(pl.col("file").is_not_null()).with_columns(place.alias("place"))
    cited = rows.group_by("person", "rule").agg(pl.col("place").unique().sort().str.join(";").alias("rows"))
    names = {rule: book.rules[rule].name for rule in rules}
    message = pl.format(
        "在册的登记失业、求职或已认定人员{}，请核实后按程序退出（{}）",
        pl.col("rule").replace_strict(names),
        pl.col("document"),
    )
    return (
        told.join(cited, on=["person", "rule"], how="left")
        .sort("rule", "person")
        .select(
            ("exit_" + pl.col("rule").str.to_lowercase()).alias("kind"),
            "person",
            pl.col("rows").fill_null(""),
            message.alias("message"),
        )
    )


def _own_facts(book: Book, rules: Sequence[str], as_of: date) -> pl.DataFrame:
    """(rule, fact): the facts each of the rules asks of the person itself."""
    pairs = {
        (rule, fact)
        for rule in rules
        for version in book.rules[rule].on(as_of)
        for fact, members in asked_facts(book, version.when, as_of)
        if not members
    }
    return pl.DataFrame(sorted(pairs), schema={"rule": pl.String, "fact": pl.String}, orient="row")


def _by(table: pl.DataFrame, column: str) -> dict[str, dict[str, int]]:
    """column value → answer → how many."""
    found: dict[str, dict[str, int]] = {}
    for value, answer, count in table.group_by(column, "answer").len().sort(column, "answer").iter_rows():
        found.setdefault(value, {})[answer] = count
    return found
