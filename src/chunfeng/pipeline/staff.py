"""Who works where now, and how many of an employer's insured staff may be recognised as hard to employ."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl


def hires(employers: pl.DataFrame, recognised: pl.DataFrame, staff: pl.DataFrame) -> pl.DataFrame:
    """The employers with `hires_hard_to_employ`: insured staff that may be recognised. None counted is unknown, not nought: who
    was recognised before being hired only the record of cases tells.

    `recognised`: columns of recognition.csv; `staff`: person, employer now insured there.
    """
    fact = "hires_hard_to_employ"
    if fact not in employers.columns:
        employers = employers.with_columns(pl.lit(None, pl.Int64).alias(fact))
    yes = recognised.filter(pl.col("answer") == "yes").select("person").unique()
    counted = (
        staff.join(yes, on="person")
        .group_by("employer")
        .agg(pl.col("person").n_unique().cast(pl.Int64).alias("found"))
    )
    joined = employers.join(counted, on="employer", how="left", maintain_order="left")
    more = pl.max_horizontal(fact, "found")
    return joined.with_columns(more.alias(fact)).drop("found")


def insured_staff(out: Path, extracts: Sequence[pl.DataFrame], persons: pl.DataFrame) -> pl.DataFrame:
    """(person, employer): who is insured where in the latest month of those insured by an employer now."""
    schema = {"person": pl.String, "employer": pl.String}
    where = ["file", "sheet", "row"]
    lists = [
        e
        for e in extracts
        if e.height and e["kind"][0] == "insurance_contributions" and "contribution_month" in e.columns
    ]
    if not lists:
        return pl.DataFrame(schema=schema)
    at = ("file", pl.col("sheet").fill_null(""), pl.col("row").cast(pl.UInt32))
    rows = pl.concat([e.select(*at, pl.col("contribution_month").cast(pl.String)) for e in lists])
    found = rows
    for name in ("links", "employers"):
        table = pl.read_csv(out / f"{name}.csv", infer_schema=False)
        key = "person" if name == "links" else "employer"
        keyed = table.select(*at, key).drop_nulls()
        found = found.join(keyed.unique(where), on=where)
    now = (
        persons.filter("insured_by_employer").select("person")
        if "insured_by_employer" in persons.columns
        else persons.clear().select("person")
    )
    latest = found.join(now, on="person", how="semi").filter(
        pl.col("contribution_month") == pl.col("contribution_month").max().over("person")
    )
    return latest.select("person", "employer").unique().sort("person", "employer")
