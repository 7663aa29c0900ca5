"""What is known of each person from the claims assigned so far: sets of names, phones, places, employers.

A person is its rows. Blocks and counts look at the rows themselves; only of persons that a claim may be, values are
gathered person by person.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from chunfeng.engines.linkage.runs import first_of_runs

NAME_CODES = ("name_code", "key_code", "accent_code", "surname_code")
_CODES = ("phone_code", "phone_2_code", "household_code", "employer_code", "kind_bit")
TOWN_LEAST = 10**8
"""Region codes from here on name a town or a village; a county alone is no place of a person's."""


def known_rows(claims: pl.DataFrame, assigned: pl.DataFrame) -> pl.DataFrame:
    """`assigned` claims with what tells their persons: claim, person, NAME_CODES of full names, codes of the rest, kind_bit.

    `claims` as `codes.coded` gives them.
    """
    is_full = (pl.col("name_kind") == "ok") & pl.col("name_code").is_not_null()
    told = claims.select(
        *[pl.when(is_full).then(c).alias(c) for c in NAME_CODES],
        pl.when(pl.col("region_code") >= TOWN_LEAST).then("region_code").alias("region_code"),
        *_CODES,
    )
    return assigned.select("claim", "person").hstack(told[assigned["claim"]])


@dataclass(frozen=True, slots=True)
class Profiles:
    """Tables in order of `person` (Int64), each value once: `name_code` with the first `claim` that bears it, `phone_code`,
    `region_code`, `employer_code`. Names are looked up in `said`, the claims."""

    names: pl.DataFrame
    phones: pl.DataFrame
    regions: pl.DataFrame
    employers: pl.DataFrame
    said: pl.DataFrame


def profiles(known: pl.DataFrame, persons: pl.Series, said: pl.DataFrame) -> Profiles:
    """Profiles of `persons` from `known` rows; `said`: all claims."""
    own = known.filter(pl.col("person").is_in(persons.unique().implode()))
    other_phone = own.select("person", pl.col("phone_2_code").alias("phone_code"))
    return Profiles(
        first_of_runs(_sorted(own, "person", "name_code", "claim"), "person", "name_code"),
        _distinct(pl.concat([own.select("person", "phone_code"), other_phone]), "phone_code"),
        _distinct(own, "region_code"),
        _distinct(own, "employer_code"),
        said,
    )


def _distinct(own: pl.DataFrame, code: str) -> pl.DataFrame:
    return first_of_runs(_sorted(own, "person", code), "person", code)


def _sorted(own: pl.DataFrame, *columns: str) -> pl.DataFrame:
    """Sorting beats hashing here, and always gives the same order."""
    return own.select(columns).drop_nulls().sort(columns)
