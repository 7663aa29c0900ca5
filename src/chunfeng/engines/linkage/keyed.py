"""Lists that came as keyed tokens: their rows find the person whose own rows, put under the same key, give the same tokens.

Several tokens per row, each of other parts of it. One that only one person has is evidence; two that name different
persons are none. Village and given name alone are too little: they must agree with another.
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
