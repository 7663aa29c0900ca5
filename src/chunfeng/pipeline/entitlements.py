"""What each person and employer has a right to: the policies asked of everyone, with amount, deadline and what excludes what."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl

from chunfeng.engines.rules.records import Book, Version
from chunfeng.engines.rules.runs import decide
from chunfeng.engines.rules.sentences import Phrases
from chunfeng.engines.rules.tree import And, Named
from chunfeng.pipeline.amounts import amounts
from chunfeng.pipeline.asked import asked_table
from chunfeng.pipeline.book import in_force_on
from chunfeng.pipeline.reasons import with_reasons

STATE = ("case_register", "recognition")
"""Sources of facts that are no list of a department: the county's own record of recognitions and payments."""
COLUMNS = ("subject_kind", "subject", "policy", "answer", "amount", "reason", "missing", "deadline")


def entitlements(
    book: Book, persons: pl.DataFrame, employers: pl.DataFrame, lines: pl.DataFrame, as_of: date
) -> pl.DataFrame:
    """Columns of entitlements.csv: yes, no where only the time to claim is over, and unknown where something speaks for it.

    Nothing speaks for a policy of which only the general conditions hold, or which the record of cases alone could open.
    """
    parts = [
        _of(book, "person", persons, persons, lines, as_of),
        _of(book, "employer", employers, persons, lines, as_of),
    ]
    return pl.concat(parts).sort("subject_kind", "subject", "policy", descending=[True, False, False])


def assumed(book: Book, answers: pl.DataFrame, wide: pl.DataFrame, entity: str, as_of: date) -> pl.DataFrame:
    """The answers without those unknown that would be no if the record of cases, where it says nothing, held nothing.

    So a person of whom nothing else speaks for a policy is not listed under it only because the county handed in no register.
    """
    facts = [f for f in book.catalogue.of(entity).values() if f.sources and f.sources[0] in STATE]
    blank: dict[str, Any] = {"yes_no": False, "integer": 0}
    filled = [
        (pl.col(f.fact) if f.fact in wide.columns else pl.lit(None)).fill_null(blank[f.type]).alias(f.fact)
        for f in facts
        if f.type in blank
    ]
    unknown = answers.filter(pl.col("answer") == "unknown")
    if unknown.is_empty() or not filled:
        return answers
    rules = sorted(set(unknown["rule"].unique()))
    still = decide(book, wide.with_columns(filled), entity, as_of, rules=rules).select(entity, "rule")
    kept = unknown.join(still, on=[entity, "rule"], how="semi", maintain_order="left")
    return pl.concat([answers.filter(pl.col("answer") != "unknown"), kept])


def spoken_for(book: Book, answers: pl.DataFrame, lines: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """The answers without those unknown for which nothing speaks: no condition of the rule's own holds (gates are what everybody
    must be), and no list says of the subject something that leaves one of them open.

    `lines`: provenance of the subjects' facts.
    """
    key = answers.columns[0]
    versions = [v for rule in sorted(set(answers["rule"].unique())) for v in book.rules[rule].versions]
    own = [(v.version, phrase) for v in versions for phrase in special(book, v, as_of)]
    of_own = pl.DataFrame(own, schema={"version": pl.String, "condition": pl.String}, orient="row")
    asked = asked_table(book, versions, as_of)
    unknown = answers.filter(pl.col("answer") == "unknown").select(key, "rule", "version", "open")
    held = unknown.join(of_own, on="version").filter(~pl.col("condition").is_in("open"))
    told = lines.filter(pl.col("truth") == "unknown").select(pl.col("person").alias(key), "fact").drop_nulls()
    left_open = (
        unknown.explode("open")
        .join(of_own.rename({"condition": "open"}), on=["version", "open"], how="semi")
        .join(asked.rename({"condition": "open"}), on=["version", "open"])
        .join(told, on=[key, "fact"], how="semi")
    )
    kept = pl.concat([held.select(key, "rule"), left_open.select(key, "rule")]).unique()
    spoken = answers.join(kept, on=[key, "rule"], how="semi", maintain_order="left")
    return pl.concat(
        [answers.filter(pl.col("answer") != "unknown"), spoken.filter(pl.col("answer") == "unknown")]
    )


def special(book: Book, version: Version, as_of: date) -> list[str]:
    """Phrases of the version's conditions outside the gates."""
    phrases = Phrases(book, as_of, version.area)
    top = version.when.parts if isinstance(version.when, And) else (version.when,)
    gates = {node for node in top if isinstance(node, Named) and book.rules[node.name].gate}
    return [phrases.say(node) for node in top if node not in gates]


def _of(
    book: Book, entity: str, wide: pl.DataFrame, persons: pl.DataFrame, lines: pl.DataFrame, as_of: date
) -> pl.DataFrame:
    rules = in_force_on(book, "policy", entity, as_of)
    found = decide(book, wide, entity, as_of, rules=rules, near=1).filter(pl.col("answer") != "no")
    of_entity, of_persons = (lines.filter(pl.col("entity") == e) for e in (entity, "person"))
    kept = assumed(book, spoken_for(book, found, of_entity, as_of), wide, entity, as_of)
    told = with_reasons(book, kept, wide, persons, of_persons, as_of)
    versions = {v.version: v for rule in rules for v in book.rules[rule].versions}
    told = told.join(_terms(versions, as_of), on="version", how="left", maintain_order="left")
    told = told.join(_beside(book, told, entity), on=[entity, "rule"], how="left", maintain_order="left")
    told = told.join(
        amounts(book, told, wide, versions, as_of), on=[entity, "rule"], how="left", maintain_order="left"
    )
    closed = pl.col("closed").fill_null(False)
    beside = (
        pl.when(pl.col("beside").is_null())
        .then(pl.lit(""))
        .otherwise("；不得与" + pl.col("beside") + "同时享受，择一申请")
    )
    names = {rule: book.rules[rule].name for rule in rules}
    head = pl.col("rule").replace_strict(names) + "（" + pl.col("document") + "）："
    answer = (
        pl.when(closed & (pl.col("answer") == "yes"))
        .then(pl.lit("no"))
        .otherwise(pl.col("answer").cast(pl.String))
    )
    over = pl.when(closed).then("；申领期" + pl.col("window") + "，不在期内").otherwise(pl.lit(""))
    asked = told.with_columns(
        pl.lit(entity).alias("subject_kind"),
        pl.col(entity).alias("subject"),
        pl.col("rule").alias("policy"),
        answer.alias("answer"),
        (head + pl.col("reason") + over + beside).alias("reason"),
    )
    return asked.filter(~(closed & (told["answer"] == "unknown"))).select(COLUMNS)


def _terms(versions: Mapping[str, Version], as_of: date) -> pl.DataFrame:
    """version → last day to claim, the window in words, and whether the day lies outside it."""
    rows = []
    for name, version in versions.items():
        window = version.extra.get("window") or {}
        begin, end = window.get("from"), window.get("to")
        last = end or (version.valid_to if version.valid_to < date(9000, 1, 1) else None)
        closed = bool((begin and as_of < begin) or (end and as_of > end))
        rows.append((name, last, f"{begin or ''}至{end or ''}", closed))
    schema = {"version": pl.String, "deadline": pl.Date, "window": pl.String, "closed": pl.Boolean}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _beside(book: Book, told: pl.DataFrame, entity: str) -> pl.DataFrame:
    """(subject, rule) → policies the same subject also gets that exclude this one."""
    pairs = {
        (rule, other)
        for rule in set(told["rule"].unique())
        for version in book.rules[rule].versions
        for other in version.extra.get("exclusive_with") or ()
    }
    both = sorted(pairs | {(b, a) for a, b in pairs})
    excluded = pl.DataFrame(both, schema={"rule": pl.String, "other": pl.String}, orient="row")
    yes = told.filter(pl.col("answer") == "yes").select(entity, "rule")
    met = yes.join(excluded, on="rule").join(yes.rename({"rule": "other"}), on=[entity, "other"])
    names = {rule.rule: rule.name for rule in book.of("policy")}
    named = pl.col("other").replace_strict(names, default=pl.col("other"))
    return (
        met.with_columns(named.alias("named"))
        .group_by(entity, "rule")
        .agg(pl.col("named").unique().sort().str.join("、").alias("beside"))
    )
