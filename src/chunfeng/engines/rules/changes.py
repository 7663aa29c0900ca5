"""What changes: answers between two days or two books, and whose answers must be asked again after facts changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import polars as pl

from chunfeng.engines.rules.records import Book
from chunfeng.engines.rules.runs import ANSWERS, Facts, decide
from chunfeng.engines.rules.sieve import concerned

FEW = 300_000
"""Rows below which one thread answers at less cost."""


def transitions(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """Answers that differ between two results of `decide` over the same entity.

    Columns: key, `area`, `rule`, `was`, `now` (answers; `no` where a result has no row), `was_version`, `now_version`, in the order
    of key and rule. A new version with the same answer is a transition too.
    """
    key = before.columns[0]
    cells = [key, "rule", "area", "version", "answer"]
    joined = before.select(cells).join(
        after.select(cells), on=[key, "rule"], how="full", coalesce=True, suffix="_now"
    )
    no = pl.lit("no").cast(ANSWERS)
    told = joined.select(
        key,
        area=pl.coalesce("area_now", "area"),
        rule="rule",
        was=pl.col("answer").fill_null(no),
        now=pl.col("answer_now").fill_null(no),
        was_version="version",
        now_version="version_now",
    )
    same_answer = pl.col("was") == pl.col("now")
    same_version = pl.col("was_version").eq_missing(pl.col("now_version")) | (pl.col("now") == "no")
    return told.filter(~(same_answer & same_version)).sort(key, "rule")


def entries_and_exits(moved: pl.DataFrame) -> pl.DataFrame:
    """Per county and rule: how many became yes (`entries`), ceased to be (`exits`), became unknown, or ceased to be unknown."""
    now_yes, was_yes = pl.col("now") == "yes", pl.col("was") == "yes"
    now_open, was_open = pl.col("now") == "unknown", pl.col("was") == "unknown"
    return (
        moved.group_by("area", "rule")
        .agg(
            entries=(now_yes & ~was_yes).sum(),
            exits=(was_yes & ~now_yes).sum(),
            became_unknown=(now_open & ~was_open).sum(),
            resolved=(was_open & ~now_open).sum(),
        )
        .sort("area", "rule", nulls_last=True)
    )


def simulate(
    current: Book, proposed: Book, facts: Facts, entity: str, as_of: date, members: Facts | None = None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What another book would change on the same facts and day: `transitions`, and `entries_and_exits` of them."""
    before, after = (decide(book, facts, entity, as_of, members=members) for book in (current, proposed))
    moved = transitions(before, after)
    return moved, entries_and_exits(moved)


def decide_changed(
    book: Book, facts: Facts, as_of: date, changed: Sequence[str] | pl.Series, previous: pl.DataFrame
) -> pl.DataFrame:
    """The full result for persons, asking only those whose facts changed since `previous` (of the same book and day) and, where
    a rule looks at households, all who live with them; same rows as `decide` over everybody.

    `changed`: persons added, removed or with a changed fact, and whoever lives where somebody left: `changed_persons` tells.
    Worth it up to some tenth of the persons; beyond, a full pass costs no more.
    """
    some = pl.Series("person", changed, dtype=pl.String)
    touched = touched_persons(book, facts, as_of, some)
    asked = pl.concat([some, touched["person"]])
    # for few rows a second thread costs more than it does
    fresh = decide(book, touched, "person", as_of, threads=1 if len(touched) < FEW else 0)
    return pl.concat([previous.filter(~pl.col("person").is_in(asked.implode())), fresh])


def touched_persons(book: Book, facts: Facts, as_of: date, persons: pl.Series) -> pl.DataFrame:
    """The facts of the persons, and of all in their households if a rule that looks at households may concern one of them there."""
    table = pl.scan_parquet(facts) if isinstance(facts, Path) else facts.lazy()
    may = concerned(book, as_of, table.collect_schema().names())
    of_them = pl.col("person").is_in(persons.implode())
    if may is None:
        return table.filter(of_them).collect()
    if isinstance(facts, pl.DataFrame):
        mask = facts.select(them=of_them, may=may)
        homes = facts["household"].filter(mask["them"]).drop_nulls()
        concerning = facts["household"].filter(mask["may"])
        wanted = concerning.filter(concerning.is_in(homes.implode())).unique()
        return facts.filter(mask["them"] | facts["household"].is_in(wanted.implode()).fill_null(False))
    either = pl.col("them") | pl.col("may")
    keys = table.select("household", them=of_them, may=may).filter(either).collect()
    homes = keys.filter("them")["household"].drop_nulls()
    wanted = keys.filter(pl.col("may") & pl.col("household").is_in(homes.implode()))["household"].unique()
    return table.filter(of_them | pl.col("household").is_in(wanted.implode()).fill_null(False)).collect()


def changed_persons(before: pl.DataFrame, after: pl.DataFrame) -> pl.Series:
    """Persons whose answers may differ between two facts tables: whose row differs, is new or gone, and who live in a household
    that somebody left or joined."""
    columns = [c for c in after.columns if c in before.columns]
    alike = set(before.columns) == set(after.columns)
    hashed = [f.select("person", "household", row=pl.struct(columns).hash()) for f in (before, after)]
    joined = hashed[0].join(hashed[1], on="person", how="full", coalesce=True, suffix="_now")
    differs = ~pl.col("row").eq_missing(pl.col("row_now"))
    moved = joined.filter(differs if alike else pl.lit(True))
    homes = pl.concat([moved["household"], moved["household_now"]]).drop_nulls().unique()
    mates = after.filter(pl.col("household").is_in(homes.implode()))["person"]
    return pl.concat([moved["person"], mates]).unique()
