"""Households: which persons which list puts under one roof or into one book, each list kept apart, and one merged view.

A household is read off a household number, else off rows that follow each other under one head, else off a block of
rows. Nothing chains: whole groups attach to the household in which most of their members stand by a better source.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "role": pl.String, "source": pl.String, "file": pl.String, "sheet": pl.String, "row": pl.UInt32,
    "current": pl.Boolean, "merged": pl.String,
}  # fmt: skip
"""Columns after household and person. `role`: relation to the head, GB/T 4761 as in the extracts, null where not stated;
`current` false where only an earlier month knows the household; `merged`: the household it is part of in the merged
view, itself where none is above it."""
SOURCES = {
    "household_register": "register",
    "poverty_exit": "poverty",
    "minimum_living_allowance": "allowance",
    "zero_employment_households": "declaration",
    "village_survey": "survey",
}
"""Kind of list → source. Any other kind that groups its rows is a `list`."""
RANK = ("register", "poverty", "allowance", "declaration", "survey", "list")
"""A household attaches to one of an earlier source, never to one of its own."""
LARGEST = 30
"""With more persons a group is a dormitory, a school or a cell filled down too far, but no household."""
_HEADS = ("01", "02")
_RUNNING = 6
"""A number of fewer digits is a running number, which starts again in every village."""


def households(
    claims: pl.DataFrame, assigned: pl.DataFrame, extracts: Sequence[pl.DataFrame] = ()
) -> pl.DataFrame:
    """One row per linked row that puts a person into a household: household, person, then SCHEMA; sorted.

    `claims` as from `all_claims`; `assigned`: claim, person. `extracts` (of the same claims) add the head that each row
    names; without them only numbers and blocks of rows are seen. The key is source:number, or source:village:head for
    groups without one. An earlier month counts only for households that no current list knows. Groups of more than
    LARGEST persons are left out: `too_large` names them.
    """
    groups = _groups(claims, assigned, extracts)
    members = groups.filter((pl.col("persons") <= LARGEST) & pl.col("person").is_not_null())
    merged = members.join(_merged(members), on="household", how="left")
    return merged.select("household", "person", *SCHEMA).sort("household", "file", "sheet", "row", "person")


def too_large(
    claims: pl.DataFrame, assigned: pl.DataFrame, extracts: Sequence[pl.DataFrame] = ()
) -> pl.DataFrame:
    """Groups that are no household for their size: household, source, persons, and file, sheet, row of the first row."""
    large = _groups(claims, assigned, extracts).filter(pl.col("persons") > LARGEST)
    first = large.sort("file", "sheet", "row").unique("household", keep="first", maintain_order=True)
    return first.select("household", "source", "persons", "file", "sheet", "row").sort("household")


def _groups(claims: pl.DataFrame, assigned: pl.DataFrame, extracts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Every row that stands in a group: household, person (null if unlinked), role, place, persons (number of them)."""
    number = pl.col("household").str.extract("\x1f#(.*)$")
    # 无, / and numbers that a spreadsheet rounded (3.5E+11) are the same on strangers' rows
    numbered = number.str.contains("[0-9]") & ~number.str.contains("[0-9][eE][+]?[0-9]")
    rows = (
        claims.join(_heads(extracts), on=["file", "sheet", "row"], how="left", validate="m:1")
        .join(assigned.select("claim", "person"), on="claim", how="left")
        .select(
            "claim", "file", "sheet", "row", "person", "name", "region", "head_name", "head_id",
            pl.col("relation").alias("role"),
            pl.col("current").fill_null(True),
            pl.col("kind").replace_strict(SOURCES, default="list", return_dtype=pl.String).alias("source"),
            pl.when(numbered).then(number).alias("number"),
            pl.col("household").str.extract("\x1f([0-9]+)$").alias("block"),
        )
        .sort("file", "sheet", "row", "claim")
    )  # fmt: skip
    named = pl.concat([_by_number(rows), _by_head(rows)])
    known = named.filter("current").select("household").unique()
    fresh = pl.concat(
        [named.filter("current"), named.filter(~pl.col("current")).join(known, on="household", how="anti")]
    )
    # unlinked rows are persons, too, when it comes to size
    who = pl.coalesce(pl.col("person").cast(pl.String), pl.concat_str([pl.lit("?"), "name"]))
    return fresh.with_columns(who.n_unique().over("household").alias("persons"))


def _heads(extracts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """file, sheet, row with the head that the row names: head_name, head_id (verified 17 digits)."""
    columns = {
        "head_name": ("household_head_name", pl.String),
        "head_id": ("household_head_id_key", pl.Int64),
    }
    parts = [
        e.select(
            "file", "sheet", pl.col("row").cast(pl.UInt32),
            *[
                (pl.col(c).cast(t) if c in e.columns else pl.lit(None, dtype=t)).alias(name)
                for name, (c, t) in columns.items()
            ],
        )
        for e in extracts
        if "household_head_name" in e.columns
    ]  # fmt: skip
    none = {
        "file": pl.String,
        "sheet": pl.String,
        "row": pl.UInt32,
        "head_name": pl.String,
        "head_id": pl.Int64,
    }
    return pl.concat([pl.DataFrame(schema=none), *parts])


_GROUPED = ("household", "person", "name", "role", "source", "file", "sheet", "row", "current")


def _by_number(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows with a household number. A registered number is the same household wherever it stands."""
    running = pl.col("number").str.len_chars() < _RUNNING
    key = pl.when(running).then(pl.concat_str(["source", _place(), "number"], separator=":")).otherwise(
        pl.concat_str(["source", "number"], separator=":")
    )  # fmt: skip
    return rows.filter(pl.col("number").is_not_null()).with_columns(key.alias("household")).select(_GROUPED)


def _place() -> pl.Expr:
    """The village of a row; its file and sheet where the village is not known."""
    sheet = pl.concat_str(["file", "sheet"], separator="#")
    return pl.when(pl.col("region").str.len_chars() == 12).then("region").otherwise(sheet)


def _by_head(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows without a number, grouped by the head they name (as long as it stays the same), else by their block."""
    sheet = ["file", "sheet"]
    free = rows.filter(
        pl.col("number").is_null()
        & (
            pl.col("head_name").is_not_null()
            | pl.col("head_id").is_not_null()
            | pl.col("block").is_not_null()
        )
    )
    named = pl.coalesce("head_name", pl.col("head_id").cast(pl.String), "block")
    runs = free.with_columns(named.rle_id().over(sheet).alias("run")).with_columns(
        pl.col("head_id").forward_fill().over(*sheet, "run").alias("seen_id"),
        _is_head().alias("is_head"),
        pl.coalesce(pl.col("person").cast(pl.String), "name").alias("who"),
    )
    # under one name there may follow the household of another head of the same name
    other_id = (pl.col("head_id") != pl.col("seen_id").shift(1).over(*sheet, "run")).fill_null(False)
    last_head = pl.when("is_head").then("who").shift(1).forward_fill().over(*sheet, "run")
    other_head = (pl.col("is_head") & (pl.col("who") != last_head)).fill_null(False)
    parts = runs.with_columns(
        (other_id | other_head).cast(pl.UInt32).cum_sum().over(*sheet, "run").alias("part")
    )
    group = [*sheet, "run", "part"]
    head = pl.col("person").filter(pl.col("is_head")).drop_nulls().first().cast(pl.String)
    known = parts.group_by(group, maintain_order=True).agg(
        pl.col("source", "current", "row").first(),
        _place().first().alias("place"),
        pl.coalesce(
            pl.col("head_name").drop_nulls().first(),
            pl.col("name").filter(pl.col("is_head")).drop_nulls().first(),
            pl.col("name").drop_nulls().first(),
        ).fill_null("?").alias("called"),
        pl.coalesce(head, pl.col("head_id").drop_nulls().first().cast(pl.String)).alias("head"),
    )  # fmt: skip
    return parts.join(_keys(known), on=group).select(_GROUPED)


def _is_head() -> pl.Expr:
    """The row is the head's own: so its relation says, and no other head's name stands beside it."""
    return pl.col("role").is_in(_HEADS).fill_null(False) & (pl.col("name") == pl.col("head_name")).fill_null(
        True
    )


def _keys(groups: pl.DataFrame) -> pl.DataFrame:
    """`groups` with `household`: source:village:head; heads of one name in one village are numbered :2, :3 …"""
    base = groups.with_columns(
        pl.concat_str(["source", "place", "called"], separator=":").alias("base"),
        pl.coalesce(
            "head", pl.concat_str(["file", "sheet", pl.col("row").cast(pl.String)], separator="#")
        ).alias("head"),
    )
    ordered = base.sort(pl.col("current"), "file", "sheet", "row", descending=[True, False, False, False])
    heads = ordered.select("base", "head").unique(maintain_order=True)
    counted = heads.with_columns((pl.int_range(pl.len()).over("base") + 1).alias("n"))
    suffix = pl.when(pl.col("n") > 1).then(pl.lit(":") + pl.col("n").cast(pl.String)).otherwise(pl.lit(""))
    return base.join(counted, on=["base", "head"]).with_columns((pl.col("base") + suffix).alias("household")).select(
        "file", "sheet", "run", "part", "household"
    )  # fmt: skip


def _merged(members: pl.DataFrame) -> pl.DataFrame:
    """household, merged: the household of an earlier source that holds more than half of the group's persons."""
    people = members.select("source", "household", "person").unique()
    founding = people.select("person", pl.col("household").alias("merged")).clear()
    done = people.select("household", pl.col("household").alias("merged")).clear()
    for source in RANK:
        own = people.filter(pl.col("source") == source)
        sizes = own.group_by("household").agg(pl.len().alias("size"))
        shared = own.join(founding, on="person").group_by("household", "merged").agg(pl.len().alias("shared"))
        best = (
            shared.join(sizes, on="household")
            .filter(pl.col("shared") * 2 > pl.col("size"))
            .sort("shared", "merged", descending=[True, False])
            .unique("household", keep="first", maintain_order=True)
        )
        attached = best.select("household", "merged")
        alone = own.join(attached, on="household", how="anti")
        done = pl.concat(
            [done, attached, alone.select("household", pl.col("household").alias("merged")).unique()]
        )
        founding = pl.concat([founding, alone.select("person", pl.col("household").alias("merged"))])
    return done
