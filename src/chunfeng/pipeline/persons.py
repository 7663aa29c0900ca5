"""What is published of the registry: persons with the source of every field, employers, households, and findings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import polars as pl

from chunfeng.engines.linkage import employers as employer_links
from chunfeng.engines.linkage.findings import findings
from chunfeng.engines.linkage.golden import golden
from chunfeng.engines.linkage.households import households
from chunfeng.pipeline.outputs import whole, write_csv


def publish(
    out: Path,
    extracts: Sequence[pl.DataFrame],
    claims: pl.DataFrame,
    numbered: pl.DataFrame,
    review: pl.DataFrame,
    as_of: date,
    *,
    compared: bool = False,
    firms: pl.DataFrame | None = None,
) -> dict[str, int]:
    """Write persons.parquet, person_values.parquet, households.csv, employers.csv, findings.csv; return their heights.

    `numbered`: claim, person, lane, number as the registry has them after all human decisions; `compared`: whether a
    key was given, so that tokens of nobody are a finding; `firms`: employers of rows, made here if not given.
    """
    inner, names = inner_persons(numbered)
    persons, values = golden(extracts, claims, inner)
    homes = households(claims, inner, extracts)
    firms = employer_links.employers(extracts) if firms is None else firms
    found = findings(
        extracts, claims, inner, review.select("claim", "person") if review.height else _NO_PAIRS, as_of,
        token_overlap=token_overlap(claims, inner) if compared else None, employers=firms,
    )  # fmt: skip
    tables = {"persons": _by_number(persons, names), "person_values": _by_number(values, names)}
    for name, table in tables.items():
        with whole(out / f"{name}.parquet") as part:
            table.write_parquet(part)
    write_csv(_by_number(homes, names), out / "households.csv")
    write_csv(
        firms.select("file", "sheet", "row", "employer", "lane", pl.col("score").round(2)),
        out / "employers.csv",
    )
    cited = _by_number(found, names).select("kind", "person", "rows", "message")
    write_csv(cited, out / "findings.csv")
    return {"persons": persons.height, "households": homes["household"].n_unique(), "findings": found.height}


_NO_PAIRS = pl.DataFrame(schema={"claim": pl.UInt32, "person": pl.Int64})


def inner_persons(numbered: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(claim, person, lane) with one whole number per person after human decisions, and (person, number) to go back.

    A verified id stays its own number; a person that only a human made gets a negative one of its own.
    """
    made = numbered.filter(pl.col("lane") != "human").select("number", "person").drop_nulls()
    first = made.sort("number", "person", descending=[False, True]).unique(
        "number", keep="first", maintain_order=True
    )
    alone = numbered.select("number").unique().join(first, on="number", how="anti").sort("number")
    by_hand = alone.with_columns((-pl.int_range(pl.len()).cast(pl.Int64) - 10**12).alias("person"))
    names = pl.concat([first, by_hand.select("number", "person")])
    inner = (
        numbered.select("claim", "lane", "number").join(names, on="number").select("claim", "person", "lane")
    )
    return inner.sort("claim"), names


def _by_number(table: pl.DataFrame, names: pl.DataFrame) -> pl.DataFrame:
    """The table with the lasting number in its column `person`, where it stood."""
    joined = table.join(names, on="person", how="left", maintain_order="left")
    return joined.with_columns(pl.col("number").alias("person")).drop("number")


def token_overlap(claims: pl.DataFrame, assigned: pl.DataFrame) -> dict[str, float]:
    """Per file that came as tokens: the share of its distinct tokens (rows of several tokens each) that are somebody's."""
    keyed = pl.col("kind") == "keyed_list"
    held = claims.filter(pl.col("token").is_not_null() | keyed).select(
        "claim", "file", pl.coalesce("token", pl.col("claim").cast(pl.String)).alias("token")
    )
    linked = assigned.filter(pl.col("lane") == "token").select("claim", pl.lit(True).alias("found"))
    shares = (
        held.join(linked, on="claim", how="left")
        .group_by("file", "token").agg(pl.col("found").any())
        .group_by("file").agg(pl.col("found").mean().alias("share"))
    )  # fmt: skip
    return dict(shares.sort("file").iter_rows())
