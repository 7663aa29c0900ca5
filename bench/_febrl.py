"""FEBRL 3 and 4 by our own way of linking, for English fields: one model for both.

The same steps as `engines.linkage`: blocks that are equi-joins, each bounded; levels of agreement; m learned from rows whose
number is the same, with the number hidden; u from counts, of the very value where it is equal; bits added up; rows that
no candidate fits well enough stay alone. What is of the language, the comparison of letters, is here and in no engine.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from itertools import combinations
from typing import Any

import duckdb
import numpy as np
import polars as pl

from chunfeng.engines.linkage.candidates import MOST

NUMBER = "soc_sec_id"
WORDS = ("given_name", "surname", "address_1", "address_2", "suburb")
CODES = ("street_number", "postcode", "date_of_birth", NUMBER)
FIELDS = (*WORDS, *CODES, "state")
LEVELS = 4
"""Of words: equal, Jaro-Winkler at least 0.92, at least 0.8, other. Of codes: equal, one slip, two, other. State: the ends."""
_BLOCKS = ((NUMBER,), *combinations((*WORDS, *CODES), 2))
"""Every two fields but the state, and the number alone."""
_DRAWN = 400_000
"""Pairs drawn by chance, from which the share of strangers' values that come near each other is counted."""


def records(left: Any, right: Any) -> pl.DataFrame:
    """at, side (0 or 1), id and the fields as text, names exchanged by mistake not mended."""
    parts = [
        pl.from_pandas(table.reset_index()).select(
            pl.lit(side, dtype=pl.Int8).alias("side"), pl.col("rec_id").alias("id"),
            *[pl.col(f).cast(pl.String).str.strip_chars() for f in FIELDS],
        )
        for side, table in enumerate((left, right)) if table is not None
    ]  # fmt: skip
    return pl.concat(parts).with_row_index("at")


def pairs_of(rows: pl.DataFrame) -> pl.DataFrame:
    """(a, b), a before b, that share a key of at most MOST rows; of two lists only pairs across them."""
    found = []
    # given name and surname stand in each other's place now and then
    turned = rows.rename({"given_name": "surname", "surname": "given_name"})
    for block in _BLOCKS:
        for other in (rows, turned) if "given_name" in block or "surname" in block else (rows,):
            key = pl.concat_str(block, separator="|")
            one, two = (
                t.select("at", "side", key.alias("key")).drop_nulls().filter(pl.len().over("key") <= MOST)
                for t in (rows, other)
            )
            found.append(
                one.join(two, on="key").select(a="at", b="at_right", side="side", other="side_right")
            )
    # numbers one slip apart are equal with one character left out of each
    short = pl.concat(
        [
            rows.select("at", "side", (pl.col(NUMBER).str.slice(0, i) + "_" + pl.col(NUMBER).str.slice(i + 1)).alias("key"))
            for i in range(int(rows[NUMBER].str.len_chars().max() or 0))  # type: ignore[call-overload]
        ]
    ).drop_nulls().unique().filter(pl.len().over("key") <= MOST)  # fmt: skip
    found.append(short.join(short, on="key").select(a="at", b="at_right", side="side", other="side_right"))
    both = pl.concat(found).filter(pl.col("a") < pl.col("b")).unique(["a", "b"])
    linked = rows["side"].n_unique() > 1
    return (
        both.filter(pl.col("side") != pl.col("other") if linked else pl.lit(True))
        .select("a", "b")
        .sort("a", "b")
    )


def levels_of(pairs: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """pairs with a level per field (Int8, null where either says nothing); names also against each other's place."""
    near = "case when {a} = {b} then 0 when jaro_winkler_similarity({a}, {b}) >= 0.92 then 1 when jaro_winkler_similarity({a}, {b}) >= 0.8 then 2 else 3 end"
    slips = "case when {a} = {b} then 0 when damerau_levenshtein({a}, {b}) = 1 then 1 when damerau_levenshtein({a}, {b}) = 2 then 2 else 3 end"
    parts = [
        f"case when x.{f} is not null and y.{f} is not null then {(near if f in WORDS else slips).format(a='x.' + f, b='y.' + f)} end::tinyint as {f}"
        for f in FIELDS
    ]
    turned = "coalesce(x.given_name = y.surname and x.surname = y.given_name, false) as turned"
    with duckdb.connect() as connection:
        connection.register("pairs", pairs.to_arrow())
        connection.register("records", rows.to_arrow())
        return connection.sql(
            f"select a, b, {', '.join(parts)}, {turned} from pairs join records x on x.at = a join records y on y.at = b order by a, b"
        ).pl()


def shares(levels: pl.DataFrame, field: str) -> np.ndarray:
    """Share of each level among pairs, no level impossible."""
    counts = np.bincount(levels[field].drop_nulls().to_numpy(), minlength=LEVELS)[:LEVELS] + np.array(
        [0.5, 0.1, 0.1, 0.1]
    )
    return np.asarray(counts / counts.sum())


def score(rows: pl.DataFrame) -> pl.DataFrame:
    """a, b, bits: log2 of the odds that both are one, of all pairs in blocks."""
    levels = levels_of(pairs_of(rows), rows)
    rng = np.random.default_rng(1)
    drawn = pl.DataFrame(
        {"a": rng.integers(0, rows.height, _DRAWN), "b": rng.integers(0, rows.height, _DRAWN)}
    )
    strangers = levels_of(
        drawn.filter(pl.col("a") < pl.col("b")).with_columns(pl.all().cast(pl.UInt32)), rows
    )
    # equal numbers are free labels; of the number itself, equal names, birth dates and places are
    same_number = levels.filter(pl.col(NUMBER) == 0)
    same_rest = levels.filter(
        (pl.col("surname") == 0) & (pl.col("date_of_birth") == 0) & (pl.col("given_name") == 0)
    )
    bits = pl.lit(0.0)
    for field in FIELDS:
        m = shares(same_rest if field == NUMBER else same_number, field)
        u = shares(strangers, field)
        common = (
            rows.group_by(field)
            .len()
            .drop_nulls()
            .select(pl.col(field).alias("value"), pl.col("len") / rows.height)
        )
        levels = levels.with_columns(rows[field].gather(levels["a"]).alias("value"))
        levels = (
            levels.join(common, on="value", how="left", maintain_order="left")
            .rename({"len": f"u_{field}"})
            .drop("value")
        )
        of = pl.when(pl.col(field) == 0).then(
            (pl.lit(m[0]) / pl.max_horizontal(f"u_{field}", pl.lit(1 / rows.height))).log(2)
        )
        for level in range(1, LEVELS):
            of = of.when(pl.col(field) == level).then(math.log2(m[level] / u[level]))
        levels = levels.with_columns(of.otherwise(0.0).alias(f"bits_{field}"))
    exchanged = pl.max_horizontal(
        pl.col("bits_given_name") + pl.col("bits_surname"), pl.when("turned").then(12.0).otherwise(-99.0)
    )
    rest = [f"bits_{f}" for f in FIELDS if f not in ("given_name", "surname")]
    possible = rows.height**2 / (4 if rows["side"].n_unique() > 1 else 2)
    expected = same_number.height / shares(same_rest, NUMBER)[0]
    prior = math.log2(expected / possible)
    return levels.select("a", "b", (bits + exchanged + pl.sum_horizontal(rest) + prior).alias("bits"))


def link(left: Any, right: Any) -> list[tuple[str, str, float]]:
    """Pairs (id, id, probability): of two lists each row with its best; of one list all pairs of those put together."""
    rows = records(left, right)
    scored = score(rows)
    if right is not None:
        for side in ("a", "b"):
            scored = scored.filter(pl.col("bits") == pl.col("bits").max().over(side))
    else:
        scored = _closed(scored)
    chance = 1 / (1 + pl.lit(2.0).pow(-pl.col("bits")))
    told = scored.select(
        rows["id"].gather(scored["a"]).alias("a"),
        rows["id"].gather(scored["b"]).alias("b"),
        chance.alias("p"),
    )
    return list(told.iter_rows())


def _closed(scored: pl.DataFrame) -> pl.DataFrame:
    """Pairs with those that both ends of other links imply: the weaker of the two, no weaker than even."""
    sure = scored.filter(pl.col("bits") > 0)
    both = pl.concat([sure, sure.select(pl.col("b").alias("a"), pl.col("a").alias("b"), "bits")])
    over = both.join(both, left_on="b", right_on="a", suffix="_2").filter(pl.col("a") < pl.col("b_2"))
    implied = over.group_by("a", pl.col("b_2").alias("b")).agg(
        pl.min_horizontal("bits", "bits_2").max().alias("bits"), pl.len().alias("ways")
    )
    known = scored.join(implied, on=["a", "b"], how="left", suffix="_implied")
    raised = known.with_columns(
        pl.when(pl.col("bits") <= 0)
        .then(pl.max_horizontal("bits", "bits_implied"))
        .otherwise("bits")
        .alias("bits")
    ).select("a", "b", "bits")
    return pl.concat([raised, implied.join(scored, on=["a", "b"], how="anti").select("a", "b", "bits")])


def main(arguments: Sequence[str]) -> None:
    """Print F1, precision, recall at even odds and the best F1 for FEBRL 3 or 4."""
    from bench._linkage_peers import PEERS, febrl

    PEERS["ours"] = link
    febrl(arguments[0], "ours")


if __name__ == "__main__":
    main(sys.argv[1:])
