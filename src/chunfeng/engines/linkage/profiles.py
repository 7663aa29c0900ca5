"""What is known of each person from the claims assigned so far: sets of names, phones, places, households, employers."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import polars as pl

from chunfeng.engines.linkage.runs import starts

NAME_COLUMNS = ("name", "key", "accent", "surname", "given", "variant")
_CODES = ("key_code", "accent_code", "surname_code")


@dataclass(frozen=True, slots=True)
class Profiles:
    """Tables by `person` (Int64) with `seen`, the bits of the kinds of list that say so.

    `people`: birth (yyyymmdd), sex, known15; `names`: NAME_COLUMNS and their codes; `regions`: region and its code; the
    others codes alone.
    """

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

    def without(self, kind_bit: int) -> Profiles:
        """What the other kinds of list say."""
        return self._each((pl.col("seen") & pl.lit(~kind_bit & 2**64 - 1, dtype=pl.UInt64)) != 0)

    def of(self, persons: pl.Series) -> Profiles:
        """Of these persons alone."""
        return self._each(pl.col("person").is_in(persons.unique().implode()))

    def _each(self, those: pl.Expr) -> Profiles:
        return Profiles(*(getattr(self, f.name).filter(those) for f in fields(self)))


def profiles(claims: pl.DataFrame, assigned: pl.DataFrame) -> Profiles:
    """Profiles of all persons that have a claim assigned (columns claim, person). `claims` as `codes.coded` gives them."""
    needed = (
        "name_kind",
        "name_code",
        "phone_code",
        "phone_2_code",
        "region_code",
        "household",
        "employer_code",
        "kind_bit",
    )
    own = claims.select(needed)[assigned["claim"]].with_columns(assigned["claim"], assigned["person"])
    full = own.filter(pl.col("name_code").is_not_null() & (pl.col("name_kind") == "ok"))
    names = _grouped(full, "name_code")
    deep = _grouped(own.filter(pl.col("region_code") >= 10**8), "region_code")
    other_phone = own.select("claim", "person", pl.col("phone_2_code").alias("phone_code"), "kind_bit")
    phones = pl.concat([own.select("claim", "person", "phone_code", "kind_bit"), other_phone])
    homes = own.select("claim", "person", "kind_bit", "household").drop_nulls()
    return Profiles(
        pl.concat([_numbered(own), _unnumbered(claims, own)]).sort("person"),
        _looked_up(names, claims, *NAME_COLUMNS, *_CODES).drop("name_code"),
        _grouped(phones, "phone_code").drop("claim"),
        _looked_up(deep, claims, "region"),
        homes.group_by("person", "household").agg(pl.col("kind_bit").bitwise_or().alias("seen")),
        _grouped(own, "employer_code").drop("claim"),
    )


def _grouped(own: pl.DataFrame, code: str | None = None) -> pl.DataFrame:
    """One row per person and code (null left out): the first claim, and the bits of all. Sorting beats hashing here."""
    keys = ["person"] if code is None else ["person", code]
    rows = own.select(*keys, "claim", "kind_bit").drop_nulls().sort(*keys, "claim")
    if rows.height == 0:
        return rows.rename({"kind_bit": "seen"})
    at = np.flatnonzero(rows.select(starts(*keys)).to_series().to_numpy())
    seen = np.bitwise_or.reduceat(rows["kind_bit"].to_numpy(), at)
    return rows[at].select(*keys, "claim", pl.Series("seen", seen))


def _looked_up(grouped: pl.DataFrame, claims: pl.DataFrame, *columns: str) -> pl.DataFrame:
    """Of each group what its first claim says in `columns`."""
    return grouped.drop("claim").hstack(claims.select(columns)[grouped["claim"]])


def _numbered(own: pl.DataFrame) -> pl.DataFrame:
    """Persons with a number: it tells birth date and sex."""
    persons = _grouped(own.filter(pl.col("person") > 0))
    of_id = pl.when(pl.col("person") % 2 == 1).then(pl.lit("1")).otherwise(pl.lit("2"))
    return persons.select(
        "person",
        (pl.col("person") // 1000 % 100_000_000).cast(pl.Int32).alias("birth"),
        of_id.alias("sex"),
        (pl.col("person") // 100).alias("known15"),
        "seen",
    )


def _unnumbered(claims: pl.DataFrame, own: pl.DataFrame) -> pl.DataFrame:
    """Persons known by rows alone: what most of their rows say."""
    alone = own.filter(pl.col("person") < 0).select("person", "claim", "kind_bit")
    rows = alone.hstack(claims.select("birth", "sex")[alone["claim"]])
    return rows.group_by("person").agg(
        pl.col("birth").filter(pl.col("birth") % 100 > 0).mode().sort().first().alias("birth"),
        pl.col("sex").filter(pl.col("sex").is_in(["1", "2"])).mode().sort().first().alias("sex"),
        pl.lit(None, dtype=pl.Int64).alias("known15"),
        pl.col("kind_bit").bitwise_or().alias("seen"),
    )


def extended(known: Profiles, claims: pl.DataFrame, found: pl.DataFrame) -> Profiles:
    """`known` with what newly assigned claims add: far cheaper than profiles of everybody anew."""
    if found.height == 0:
        return known
    new = profiles(claims, found)
    return Profiles(
        _added(known.people, new.people).sort("person"),
        _added(known.names, new.names, "name"),
        _added(known.phones, new.phones, "phone_code"),
        _added(known.regions, new.regions, "region_code"),
        _added(known.households, new.households, "household"),
        _added(known.employers, new.employers, "employer_code"),
    )


def _added(known: pl.DataFrame, new: pl.DataFrame, *on: str) -> pl.DataFrame:
    """A value known before keeps the kinds that said it before."""
    before = known.filter(pl.col("person").is_in(new["person"].unique().implode()))
    return pl.concat([known, new.join(before, on=["person", *on], how="anti").select(known.columns)])
