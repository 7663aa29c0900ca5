"""Which persons a claim could be of: equi-joins on a dozen keys, each bounded, so that no common name explodes.

A key shared by more persons than `MOST` is left out of its block: it says nothing, and a placeholder shared by a million
rows must not become a million squared.
"""

from __future__ import annotations

import polars as pl

from chunfeng.engines.identity import citizen_ids
from chunfeng.engines.linkage.profiles import Profiles

MOST = 60


def candidates(
    claims: pl.DataFrame, profiles: Profiles, doubtful: pl.DataFrame, mates: pl.DataFrame, slips: pl.DataFrame
) -> pl.DataFrame:
    """Distinct pairs (claim, person).

    `doubtful`: claims with the person whose number they bear; `mates`: pairs co-listed; `slips`: of `slip_pairs`.
    """
    names = profiles.names.join(profiles.people.select("person", "birth"), on="person")
    by_region = names.join(profiles.regions, on="person")
    town = pl.col("region").str.slice(0, 9)
    right = claims.select(
        "claim",
        "name",
        "key",
        "accent",
        "surname",
        "birth",
        "age",
        "phone",
        "phone_2",
        "region",
        "employer",
        "known15",
    )
    deep = right.filter(pl.col("region").str.len_chars() == 12)
    phones = pl.concat(
        [
            right.select("claim", "key", "phone"),
            right.select("claim", "key", pl.col("phone_2").alias("phone")),
        ]
    ).drop_nulls("phone")
    at_town = by_region.with_columns(town.alias("town"))
    right_town = right.filter(pl.col("region").str.len_chars() >= 9).with_columns(town.alias("town"))
    pairs = [
        doubtful.select("claim", "person"),
        _same_household(doubtful, profiles),
        mates,
        slips,
        _join(right, profiles.people, ["known15"]),
        _join(right, names, ["key", "birth"]),
        _join(right, names, ["accent", "birth"]),
        _join(right, names, ["surname", "birth"]),
        _join(deep, by_region, ["key", "region"]),
        _join(deep, by_region, ["accent", "region"]),
        _join(right_town, at_town, ["key", "town"]),
        _join(phones, profiles.phones, ["phone"]),
        _join(right, names.join(profiles.employers, on="person"), ["key", "employer"]),
        _join(right, names.join(profiles.employers, on="person"), ["accent", "employer"]),
        _join(right, names, ["key"], most=12),
    ]
    return (
        pl.concat([p.select(pl.col("claim").cast(pl.UInt32), pl.col("person").cast(pl.Int64)) for p in pairs])
        .unique()
        .sort("claim", "person")
    )


def _join(claims: pl.DataFrame, persons: pl.DataFrame, on: list[str], most: int = MOST) -> pl.DataFrame:
    """Pairs with equal keys, keys of too many persons left out."""
    distinct = persons.select("person", *on).drop_nulls().unique()
    rare = distinct.join(
        distinct.group_by(on).len().filter(pl.col("len") <= most).select(on), on=on, how="semi"
    )
    return claims.select("claim", *on).drop_nulls().join(rare, on=on).select("claim", "person")


def _same_household(doubtful: pl.DataFrame, profiles: Profiles) -> pl.DataFrame:
    """Members of the household of the number's owner: most wrong numbers are a relative's."""
    homes = doubtful.join(profiles.households, on="person").select("claim", "household").unique()
    return homes.join(profiles.households, on="household").select("claim", "person")


def slip_pairs(claims: pl.DataFrame, profiles: Profiles) -> pl.DataFrame:
    """Persons whose number lies one keystroke away from the damaged one."""
    damaged = (
        claims.filter(pl.col("id_kind").is_in(["bad_check", "bad_date", "short", "long"]))
        .select("claim", "id_text")
        .drop_nulls()
    )
    near = [
        (text, int(number[:17])) for text in damaged["id_text"].unique().sort() for number in citizen_ids.slips(text)
    ]  # fmt: skip
    table = pl.DataFrame(near, schema={"id_text": pl.String, "person": pl.Int64}, orient="row").unique()
    known = table.join(profiles.people.select("person"), on="person", how="semi")
    return damaged.join(known, on="id_text").select("claim", "person")
