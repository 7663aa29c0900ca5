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
    people = pl.concat([_numbered(own), _unnumbered(own)]).sort("person")
    full = own.filter(pl.col("name").is_not_null() & (pl.col("name_kind") == "ok"))
    names = full.select("person", *NAME_COLUMNS).unique(["person", "name"])
    phones = (
        pl.concat([own.select("person", "phone"), own.select("person", pl.col("phone_2").alias("phone"))])
        .drop_nulls()
        .unique()
    )
    return Profiles(
        people,
        names,
        phones,
        own.filter(pl.col("region").str.len_chars() >= 9).select("person", "region").unique(),
        own.select("person", "household").drop_nulls().unique(),
        own.select("person", "employer").drop_nulls().unique(),
    )


def _numbered(own: pl.DataFrame) -> pl.DataFrame:
    """Persons with a number: it tells birth date and sex."""
    persons = own.filter(pl.col("person") > 0).select("person").unique()
    of_id = pl.when(pl.col("person") % 2 == 1).then(pl.lit("1")).otherwise(pl.lit("2"))
    return persons.select(
        "person",
        (pl.col("person") // 1000 % 100_000_000).cast(pl.Int32).alias("birth"),
        of_id.alias("sex"),
        (pl.col("person") // 100).alias("known15"),
    )


def _unnumbered(own: pl.DataFrame) -> pl.DataFrame:
    """Persons known by rows alone: what most of their rows say."""
    rows = own.filter(pl.col("person") < 0)
    return rows.group_by("person").agg(
        pl.col("birth").filter(pl.col("birth") % 100 > 0).mode().sort().first().alias("birth"),
        pl.col("sex").filter(pl.col("sex").is_in(["1", "2"])).mode().sort().first().alias("sex"),
        pl.lit(None, dtype=pl.Int64).alias("known15"),
    )


def extended(known: Profiles, claims: pl.DataFrame, found: pl.DataFrame) -> Profiles:
    """`known` with what newly assigned claims add: far cheaper than profiles of everybody anew."""
    if found.height == 0:
        return known
    new = profiles(claims, found)
    return Profiles(
        pl.concat([known.people, new.people.join(known.people, on="person", how="anti")]).sort("person"),
        _added(known.names, new.names, ["person", "name"]),
        _added(known.phones, new.phones, ["person", "phone"]),
        _added(known.regions, new.regions, ["person", "region"]),
        _added(known.households, new.households, ["person", "household"]),
        _added(known.employers, new.employers, ["person", "employer"]),
    )


def _added(known: pl.DataFrame, new: pl.DataFrame, on: list[str]) -> pl.DataFrame:
    return pl.concat([known, new.join(known, on=on, how="anti")])
