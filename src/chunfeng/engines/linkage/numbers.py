"""Person numbers that stay: the same person keeps the number through re-runs, monthly lists, splits and undone merges.

A number belongs to a verified id for ever. A person without one is found again by the fingerprints of its rows. Dated
assignments are only closed, never deleted, so that any day can be looked at again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import duckdb
import polars as pl

PREFIX = "P"
_DIGITS = 9
FINGERPRINTED = (
    "kind", "name", "id17", "id_text", "birth", "born_about", "sex", "phone", "region", "employer", "token",
)  # fmt: skip
NUMBERS = {"number": pl.String, "id17": pl.Int64, "minted_on": pl.Date}
ASSIGNMENTS = {
    "fingerprint": pl.String, "copy": pl.UInt32, "number": pl.String, "lane": pl.String, "valid_from": pl.Date, "valid_to": pl.Date,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Known:
    """What earlier runs left: `numbers` given out (NUMBERS) and `assignments` of rows to them (ASSIGNMENTS)."""

    numbers: pl.DataFrame
    assignments: pl.DataFrame


def nothing_known() -> Known:
    """The state before the first run."""
    return Known(pl.DataFrame(schema=NUMBERS), pl.DataFrame(schema=ASSIGNMENTS))


def fingerprints(claims: pl.DataFrame) -> pl.DataFrame:
    """claim, fingerprint, copy: what a row says of a person, wherever it stands; equal rows are told apart by `copy`."""
    text = pl.concat_str([pl.col(c).cast(pl.String).fill_null("") for c in FINGERPRINTED], separator="\x1f")
    # a hash that no library's next version may change: numbers must last for years
    hashed = _sha256(claims.sort("claim").select("claim", text.alias("text")))
    return hashed.select(
        "claim", "fingerprint", pl.int_range(pl.len()).over("fingerprint").cast(pl.UInt32).alias("copy")
    )


def last_years(claims: pl.DataFrame) -> pl.DataFrame:
    """claim, fingerprint, copy as they were a year ago for rows that give an age and no birth date.

    Nobody corrects the ages of a list at New Year: the same row then points to the year after.
    """
    # they have no fingerprint in common with rows that tell more or less, so copies are counted among themselves
    aged = claims.filter(pl.col("birth").is_null() & pl.col("born_about").is_not_null())
    return fingerprints(aged.with_columns(pl.col("born_about") - 1))


def _sha256(rows: pl.DataFrame) -> pl.DataFrame:
    """claim, fingerprint (first 20 hexadecimal digits of SHA-256 of `text`), in the order of the rows."""
    with duckdb.connect() as connection:
        connection.register("rows", rows.to_arrow())
        return connection.sql(
            "select claim, left(sha256(text), 20) as fingerprint from rows order by claim"
        ).pl()


def with_ids(known: Known, given: pl.DataFrame) -> Known:
    """What is known, and the ids (number, id17) that staff saw of persons known by rows alone."""
    told = known.numbers.join(given.rename({"id17": "told"}), on="number", how="left")
    return Known(
        told.select("number", pl.coalesce("id17", "told").alias("id17"), "minted_on"), known.assignments
    )


def number(
    claims: pl.DataFrame, assigned: pl.DataFrame, known: Known, on: date, given: pl.DataFrame | None = None
) -> tuple[pl.DataFrame, Known]:
    """`assigned` (claim, person, lane, bits) with a column `number`, and what is known now.

    A person with an id takes the number of that id; one without takes the number most of its rows had, if no other
    person of this run has a better right to it; the rest get new numbers in the order of their first row.
    `given`: number, id17 as staff saw it: rows with that id are that person while they say so, and no longer.
    """
    said = given if given is not None else pl.DataFrame(schema={"number": pl.String, "id17": pl.Int64})
    marks = fingerprints(claims)
    rows = assigned.join(marks, on="claim")
    by_id = (
        rows.filter(pl.col("person") > 0)
        .select("person")
        .unique()
        .join(
            with_ids(known, said).numbers.filter(pl.col("id17").is_not_null()),
            left_on="person",
            right_on="id17",
        )
        .select("person", "number")
    )
    open_rows = known.assignments.filter(pl.col("valid_to").is_null())
    without_id = known.numbers.filter(pl.col("id17").is_null()).select("number")
    unnumbered = rows.join(by_id, on="person", how="anti").select("claim", "person")
    known_rows = open_rows.join(without_id, on="number", how="semi").select("fingerprint", "copy", "number")
    found_now, found_aged = (
        unnumbered.join(of, on="claim").join(known_rows, on=["fingerprint", "copy"])
        for of in (marks, last_years(claims))
    )
    before = pl.concat([found_now, found_aged.join(found_now, on="claim", how="anti")])
    votes = before.group_by("person", "number").len().sort("len", "person", descending=[True, False])
    kept = votes.unique("number", keep="first", maintain_order=True).unique(
        "person", keep="first", maintain_order=True
    )
    found = pl.concat([by_id, kept.select("person", "number")])
    first_row = (
        rows.join(found, on="person", how="anti")
        .group_by("person")
        .agg(pl.col("claim").min())
        .sort("claim", "person")
    )
    last = known.numbers.select(pl.col("number").str.slice(1).cast(pl.Int64).max()).item() or 0
    fresh = first_row.select("person").with_columns(
        (pl.lit(PREFIX) + (pl.int_range(pl.len()) + last + 1).cast(pl.String).str.zfill(_DIGITS)).alias(
            "number"
        )
    )
    numbered = assigned.join(pl.concat([found, fresh]), on="person", how="left").sort("claim")
    # what staff say is said anew at every run, or taken back
    learned = found.join(said, left_on="person", right_on="id17", how="anti")
    return numbered, _remember(numbered.join(marks, on="claim"), learned, fresh, known, on)


def _remember(rows: pl.DataFrame, found: pl.DataFrame, fresh: pl.DataFrame, known: Known, on: date) -> Known:
    given = fresh.select(
        "number", pl.when(pl.col("person") > 0).then("person").alias("id17"), pl.lit(on).alias("minted_on")
    )
    # a person known by rows alone whose id has now been seen: the number is that id's from now on
    learned = found.filter(pl.col("person") > 0).select("number", pl.col("person").alias("learned"))
    numbers = (
        pl.concat([known.numbers, given])
        .join(learned, on="number", how="left")
        .select("number", pl.coalesce("id17", "learned").alias("id17"), "minted_on")
        .sort("number")
    )
    now = rows.select("fingerprint", "copy", "number", "lane")
    open_rows = known.assignments.filter(pl.col("valid_to").is_null())
    same = open_rows.join(
        now.select("fingerprint", "copy", "number"), on=["fingerprint", "copy", "number"], how="semi"
    )
    ended = open_rows.join(same, on=["fingerprint", "copy"], how="anti").with_columns(
        pl.lit(on).alias("valid_to")
    )
    begun = now.join(same, on=["fingerprint", "copy"], how="anti").with_columns(
        pl.lit(on).alias("valid_from"), pl.lit(None, dtype=pl.Date).alias("valid_to")
    )
    closed = known.assignments.filter(pl.col("valid_to").is_not_null())
    history = pl.concat([part.select(list(ASSIGNMENTS)) for part in (closed, ended, same, begun)])
    return Known(numbers, history.sort("fingerprint", "copy", "valid_from", "number"))
