"""The declarations of households without work, each judged by the facts of its members."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from chunfeng.engines.rules.records import Book
from chunfeng.engines.rules.runs import decide
from chunfeng.pipeline.book import in_force_on
from chunfeng.pipeline.reasons import with_reasons

if TYPE_CHECKING:
    from chunfeng.pipeline.facts import FactsStage

KIND = "zero_employment_households"
COLUMNS = ("file", "sheet", "row", "household", "answer", "reason")


def applications(
    out: Path, extracts: Sequence[pl.DataFrame], book: Book, facts: FactsStage, as_of: date
) -> pl.DataFrame:
    """Columns of zero_households.csv: one row per declaration, named by its first row.

    A declaration is the rows of one table that give one household number, or one head. Its household is the one most of its
    linked members live in; where none could be linked the answer is unknown.
    """
    declared = [e for e in extracts if e.height and e["kind"][0] == KIND]
    if not declared:
        return pl.DataFrame(schema=dict.fromkeys(COLUMNS, pl.String))
    where = ["file", "sheet", "row"]
    rows = pl.concat([_rows(e) for e in declared])
    links = pl.read_csv(out / "links.csv", infer_schema=False).select(
        "file", pl.col("sheet").fill_null(""), pl.col("row").cast(pl.UInt32), "person"
    )
    homes = facts.persons.select("person", "household")
    linked = rows.join(links, on=where, how="left", maintain_order="left")
    linked = linked.join(homes, on="person", how="left", maintain_order="left")
    group = ["file", "sheet", "declared"]
    lived = (
        linked.drop_nulls("household")
        .group_by(*group, "household")
        .agg(pl.col("person").n_unique().alias("members"))
    )
    chosen = lived.sort("members", "household", descending=[True, False]).unique(
        group, keep="first", maintain_order=True
    )
    told = (
        rows.group_by(group, maintain_order=True)
        .agg(pl.col("row").min(), pl.col("name").drop_nulls().alias("names"))
        .join(chosen, on=group, how="left", maintain_order="left")
    )
    judged = _judged(book, facts, told["household"].drop_nulls().unique(), as_of)
    joined = told.join(judged, on="household", how="left", maintain_order="left")
    lost = (
        "申报表上的人员"
        + pl.col("names").list.head(5).list.join("、")
        + "没有对上任何一户，请核对姓名、证号和户口"
    )
    return joined.sort("file", "sheet", "row").select(
        "file",
        "sheet",
        "row",
        "household",
        pl.col("answer").cast(pl.String).fill_null("unknown"),
        pl.coalesce("reason", lost).alias("reason"),
    )


def _rows(extract: pl.DataFrame) -> pl.DataFrame:
    """file, sheet, row, name and what names the declaration in its table."""
    named = [pl.col(c) for c in ("household_number", "household_head_name") if c in extract.columns]
    name = pl.col("name") if "name" in extract.columns else pl.lit(None, pl.String)
    return extract.select(
        "file", pl.col("sheet").fill_null(""), pl.col("row").cast(pl.UInt32), name.alias("name"),
        pl.coalesce(*named, pl.lit("")).cast(pl.String).alias("declared"),
    )  # fmt: skip


def _judged(book: Book, facts: FactsStage, homes: pl.Series, as_of: date) -> pl.DataFrame:
    """household → answer and reason of the household rule; a plain no is told with all conditions it lacks."""
    rules = in_force_on(book, "household", "household", as_of)
    table = facts.households.filter(pl.col("household").is_in(homes.implode()))
    most = 8  # every no is told, however many conditions it lacks
    answers = decide(book, table, "household", as_of, rules=rules, members=facts.persons, near=most)
    lines = facts.provenance.filter(pl.col("entity") == "person")
    told = with_reasons(book, answers, table, facts.persons, lines, as_of)
    working = _working(book, facts.persons, homes, as_of)
    missing = (
        pl.when(pl.col("missing").is_null() | (pl.col("answer") == "no"))
        .then(pl.lit(""))
        .otherwise("；缺：" + pl.col("missing"))
    )
    who = (
        pl.when(pl.col("working").is_null() | (pl.col("answer") != "no"))
        .then(pl.lit(""))
        .otherwise("；在业：" + pl.col("working"))
    )
    return (
        told.join(working, on="household", how="left")
        .sort("rule")
        .unique("household", keep="first", maintain_order=True)
        .select("household", "answer", (pl.col("reason") + who + missing).alias("reason"))
    )


def _working(book: Book, persons: pl.DataFrame, homes: pl.Series, as_of: date) -> pl.DataFrame:
    """household → the members who count and work, by their numbers."""
    theirs = persons.filter(pl.col("household").is_in(homes.implode()))
    found = decide(book, theirs, "person", as_of, rules=["household_worker", "in_work"])
    yes = (
        found.filter(pl.col("answer") == "yes").group_by("household", "person").agg(pl.col("rule").n_unique())
    )
    both = yes.filter(pl.col("rule") == 2)
    return both.group_by("household").agg(pl.col("person").sort().str.join("、").alias("working"))
