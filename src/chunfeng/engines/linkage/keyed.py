"""Lists that came as keyed tokens: their rows find the person whose own rows, put under the same key, give the same tokens.

Several tokens per row, each of other parts of it. One that only one person has is evidence; two that name different
persons are none. Village and given name alone are too little: they must agree with another. Rows of two such lists that
are nobody in the plaintext lists are joined to each other by the number's token alone, and for that no key is needed.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

STRENGTH = {
    "token_id17": 3,
    "token_id15_name": 3,
    "token_birth_name": 3,
    "token_phone_surname": 2,
    "token_village_given": 1,
}
"""Column → how much an equal token says: 3 is enough alone, weaker ones must add up to it."""
ENOUGH = 3


def keyed_rows(extracts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """file, sheet, row and the token columns of all lists of tokens."""
    columns = ["file", "sheet", "row", *STRENGTH]
    lists = [
        e.with_columns(
            [pl.lit(None, dtype=pl.String).alias(c) for c in STRENGTH if c not in e.columns]
        ).select(columns)
        for e in extracts
        if e.height and e["kind"][0] == "keyed_list"
    ]
    schema = {"file": pl.String, "sheet": pl.String, "row": pl.UInt32, **dict.fromkeys(STRENGTH, pl.String)}
    return pl.concat([pl.DataFrame(schema=schema), *lists])


def match(rows: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """(file, sheet, row, person) of the keyed rows that name one person.

    `rows`: of `keyed_rows`; `known`: person and the same token columns, one row per row of a person in plaintext lists.
    """
    votes: list[pl.DataFrame] = []
    for column, strength in STRENGTH.items():
        owners = known.select("person", pl.col(column).alias("token")).drop_nulls().unique()
        alone = owners.join(owners.group_by("token").len().filter(pl.col("len") == 1), on="token", how="semi")
        held = rows.select("file", "sheet", "row", pl.col(column).alias("token")).drop_nulls()
        votes.append(
            held.join(alone, on="token").select(
                "file", "sheet", "row", "person", pl.lit(strength).alias("strength")
            )
        )
    summed = pl.concat(votes).group_by("file", "sheet", "row", "person").agg(pl.col("strength").sum())
    others = pl.col("strength").sum().over("file", "sheet", "row") - pl.col("strength")
    sure = summed.filter((pl.col("strength") >= ENOUGH) & (others <= 1))
    return sure.select("file", "sheet", "row", "person").sort("file", "sheet", "row")


def among(rows: pl.DataFrame, taken: pl.DataFrame) -> pl.DataFrame:
    """(file, sheet, row, group) of rows of different lists that bear the token of one number, none of them anybody's yet.

    `rows`: of `keyed_rows`; `taken`: file, sheet, row of those that have a person, or whose number is a known person's.
    A number alone is not a person here either: rows whose tokens of number and name differ stay apart, and where they do,
    rows without such a token join neither side. `group` is the place of the first row in that order.
    """
    where = ["file", "sheet", "row"]
    free = rows.filter(pl.col("token_id17").is_not_null()).join(taken.select(where), on=where, how="anti")
    names = free.group_by("token_id17").agg(pl.col("token_id15_name").drop_nulls().n_unique().alias("names"))
    sure = free.join(names, on="token_id17").filter(
        (pl.col("names") <= 1) | pl.col("token_id15_name").is_not_null()
    )
    person = ["token_id17", pl.when(pl.col("names") > 1).then("token_id15_name").alias("named")]
    grouped = sure.sort(where).with_row_index("at").with_columns(
        pl.col("at").min().over(person).alias("group"), pl.col("file").n_unique().over(person).alias("files")
    )  # fmt: skip
    return grouped.filter(pl.col("files") > 1).select(*where, "group")
