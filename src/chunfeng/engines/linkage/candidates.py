"""Which persons a claim could be of: equi-joins on a dozen keys, each bounded, so that no common name explodes.

A key shared by more persons than `MOST` is left out of its block: it says nothing, and a placeholder shared by a million
rows must not become a million squared.
"""

from __future__ import annotations

from functools import lru_cache

import polars as pl

from chunfeng.engines.identity import citizen_ids
from chunfeng.engines.linkage.codes import VILLAGE, mixed
from chunfeng.engines.linkage.runs import first_of_runs

MOST = 60
HOME = 30
"""Most members of a household; a larger group is a village under one number."""
PAIRS = 20_000
"""Most pairs of one key: a telephone written on a thousand rows is nobody's, however few persons are known by it."""


def candidates(
    claims: pl.DataFrame,
    known: pl.DataFrame,
    doubtful: pl.DataFrame,
    mates: pl.DataFrame,
    slips: pl.DataFrame,
) -> pl.DataFrame:
    """Distinct pairs (claim, person), sorted.

    `known`: rows of `profiles.known_rows`; `doubtful`: claims with the person whose number they bear; `mates`: pairs
    co-listed; `slips`: of `slip_pairs`.
    """
    # of some numbers every row is doubtful: they are nobody yet
    doubtful = doubtful.join(known.select("person"), on="person", how="semi")
    near = _near(claims, known)
    names, born = _born(near), _born(known.select("person", "surname_code"))
    places = near.join(_told(known, near, "region_code"), on="person").with_columns(_town())
    firms = near.join(_told(known, near, "employer_code"), on="person")
    phones = pl.concat([known.select("person", "phone_code"), _other_phone(known, "person")])
    at_town = claims.with_columns(_town())
    deep = claims.filter(pl.col("region_code") >= VILLAGE)
    numbers = known.select("person", (pl.col("person") // 100).alias("known15"))
    pairs = [
        doubtful.select("claim", "person"),
        _same_household(doubtful, known),
        mates,
        slips,
        _join(claims, numbers, "known15"),
        _join(claims, names, "key_code", "birth"),
        _join(claims, names, "accent_code", "birth"),
        _join(claims, born, "surname_code", "birth"),
        _join(deep, places, "key_code", "region_code"),
        _join(deep, places, "accent_code", "region_code"),
        _join(at_town, places, "key_code", "town"),
        _join(
            pl.concat([claims.select("claim", "phone_code"), _other_phone(claims, "claim")]),
            phones,
            "phone_code",
        ),
        _join(claims, firms, "key_code", "employer_code"),
        _join(claims, firms, "accent_code", "employer_code"),
        _join(claims, near, "key_code", most=12),
    ]
    found = [p.select(pl.col("claim").cast(pl.UInt32), pl.col("person").cast(pl.Int64)) for p in pairs]
    return first_of_runs(pl.concat(found).sort("claim", "person"), "claim", "person")


PAIR = {"claim": pl.UInt32, "person": pl.Int64}


def _born(names: pl.DataFrame) -> pl.DataFrame:
    """With the person's `birth`: the number tells it."""
    return names.with_columns((pl.col("person") // 1000 % 100_000_000).cast(pl.Int32).alias("birth"))


def _other_phone(table: pl.DataFrame, of: str) -> pl.DataFrame:
    return table.select(of, pl.col("phone_2_code").alias("phone_code"))


def _told(known: pl.DataFrame, of: pl.DataFrame, code: str) -> pl.DataFrame:
    """(person, code), each once, of the persons in `of`."""
    told = known.select("person", code).drop_nulls()
    return told.join(of.select("person"), on="person", how="semi").unique()


def _town() -> pl.Expr:
    code = pl.col("region_code")
    return pl.when(code >= VILLAGE).then(code // 1000).when(code >= 10**8).then(code).alias("town")


def _near(claims: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Names of persons that sound like one of the claims'."""
    alike = [pl.col(c).is_in(claims[c].drop_nulls().unique().implode()) for c in ("key_code", "accent_code")]
    return known.select("person", "key_code", "accent_code").filter(alike[0] | alike[1]).unique()


def _join(claims: pl.DataFrame, persons: pl.DataFrame, *on: str, most: int = MOST) -> pl.DataFrame:
    """Pairs with equal keys, keys of too many persons left out."""
    key = mixed([pl.col(c) for c in on]).alias("key")
    wanted = claims.select("claim", key).drop_nulls().unique()
    if wanted.height == 0:
        return pl.DataFrame(schema=PAIR)
    asked = (
        persons.select("person", key).filter(pl.col("key").is_in(wanted["key"].unique().implode())).unique()
    )
    rare = asked.filter(pl.len().over("key") <= most)
    if wanted.height > PAIRS // most:
        asking = wanted.group_by("key").len("claims").filter(pl.col("claims") > PAIRS // most)
        rare = (
            rare.join(asking, on="key", how="left")
            .filter(pl.col("claims").fill_null(0) * pl.len().over("key") <= PAIRS)
            .select("person", "key")
        )
    return wanted.join(rare, on="key").select("claim", "person")


def _same_household(doubtful: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Members of the household of the number's owner: most wrong numbers are a relative's."""
    homes = within(households_of(known, doubtful["person"]), "person", HOME)
    members = within(members_of(known, homes["household_code"]), "household_code", HOME)
    beside = (
        homes.join(members.rename({"person": "member"}), on="household_code")
        .select("person", "member")
        .unique()
    )
    each = within(doubtful.select("claim", "person").unique(), "person", PAIRS // HOME)
    return each.join(beside, on="person").select("claim", pl.col("member").alias("person"))


def households_of(known: pl.DataFrame, persons: pl.Series) -> pl.DataFrame:
    """(person, household_code), each once, of these persons."""
    return _listed(known, pl.col("person").is_in(persons.unique().implode()))


def members_of(known: pl.DataFrame, households: pl.Series) -> pl.DataFrame:
    """(person, household_code), each once, of these households."""
    return _listed(known, pl.col("household_code").is_in(households.unique().implode()))


def _listed(known: pl.DataFrame, those: pl.Expr) -> pl.DataFrame:
    return known.select("person", "household_code").filter(those).drop_nulls().unique()


def within(table: pl.DataFrame, key: str, most: int) -> pl.DataFrame:
    """Rows whose `key` no more than `most` rows share."""
    return table.filter(pl.len().over(key) <= most)


def slip_pairs(claims: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Persons whose number lies one keystroke away from the damaged one."""
    damaged = (
        claims.filter(pl.col("id_kind").is_in(["bad_check", "bad_date", "short", "long"]))
        .select("claim", "id_text")
        .drop_nulls()
    )
    near = [(text, number) for text in damaged["id_text"].unique().sort() for number in _slips(text)]
    table = pl.DataFrame(near, schema={"id_text": pl.String, "person": pl.Int64}, orient="row").unique()
    theirs = table.join(known.select("person"), on="person", how="semi")
    return damaged.join(theirs, on="id_text").select("claim", "person")


@lru_cache(maxsize=100_000)
def _slips(text: str) -> tuple[int, ...]:
    """The first 17 digits of numbers one keystroke away; asked again in every round."""
    return tuple(int(number[:17]) for number in citizen_ids.slips(text))
