"""What is known of each person from the claims assigned so far: sets of names, phones, places, households, employers."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

NAME_COLUMNS = ("name", "key", "accent", "surname", "given", "variant")


@dataclass(frozen=True, slots=True)
class Profiles:
    """Tables by `person` (Int64). `people`: birth (yyyymmdd), sex, known15; the others one row per known value."""

    people: pl.DataFrame
    names: pl.DataFrame
    phones: pl.DataFrame
    regions: pl.DataFrame
    households: pl.DataFrame
    employers: pl.DataFrame

    @property
    def count(self) -> int:
        """Number of persons."""
        return self.people.height


def profiles(claims: pl.DataFrame, assigned: pl.DataFrame) -> Profiles:
    """Profiles of all persons that have a claim assigned (columns claim, person)."""
    own = claims.join(assigned.select("claim", "person"), on="claim")
    numbered = pl.col("person") > 0
    typed = own.group_by("person").agg(
        pl.col("birth").filter(pl.col("birth") % 100 > 0).mode().sort().first().alias("typed_birth"),
        pl.col("sex").filter(pl.col("sex").is_in(["1", "2"])).mode().sort().first().alias("typed_sex"),
    )
    of_id = pl.when(pl.col("person") % 2 == 1).then(pl.lit("1")).otherwise(pl.lit("2"))
    people = typed.select(
        "person",
        pl.when(numbered)
        .then((pl.col("person") // 1000 % 100_000_000).cast(pl.Int32))
        .otherwise("typed_birth")
        .alias("birth"),
        pl.when(numbered).then(of_id).otherwise("typed_sex").alias("sex"),
        pl.when(numbered).then(pl.col("person") // 100).alias("known15"),
    )
    full = own.filter(pl.col("name").is_not_null() & (pl.col("name_kind") == "ok"))
    names = full.select("person", *NAME_COLUMNS).unique(["person", "name"])
    phones = (
        pl.concat([own.select("person", "phone"), own.select("person", pl.col("phone_2").alias("phone"))])
        .drop_nulls()
        .unique()
    )
    return Profiles(
        people.sort("person"),
        names,
        phones,
        own.filter(pl.col("region").str.len_chars() >= 9).select("person", "region").unique(),
        own.select("person", "household").drop_nulls().unique(),
        own.select("person", "employer").drop_nulls().unique(),
    )
