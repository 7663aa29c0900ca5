"""Stage by id: a verified number with a name that fits is a person. An id alone is not: relatives' ids occur.

Of every verified number the name that most of its claims bear is the person's; claims with another name are doubtful
and go to the weights. Two different verified numbers are never one person.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from chunfeng.engines.linkage.agreement import BIRTH, NAME, birth_level, name_level

LANES = {"ok18": "id", "ok15": "id15", "certificate": "certificate"}
_TRUST = {"household_register": 3, "village_survey": 1}
"""How many votes a claim of that kind has on what a number's owner is called; others have two."""


@dataclass(frozen=True, slots=True)
class ById:
    """`assigned`: claim, person (17 digits), lane. `doubtful`: claim, person whose number it bears under another name."""

    assigned: pl.DataFrame
    doubtful: pl.DataFrame


def by_id(claims: pl.DataFrame) -> ById:
    """Assign every claim that bears a verified number and a fitting name (or none)."""
    verified = claims.filter(pl.col("id17").is_not_null()).rename({"id17": "person"})
    # a row whose own birth date speaks against its number has no vote on whose number it is
    owners = owner_names(verified.filter(~_contradicted().fill_null(False)))
    both = verified.select("claim", "person", "id_kind", "name_kind", "birth", "sex", *_NAME).join(
        owners, on="person", how="left"
    )
    levels = both.with_columns(name_level("owner_").alias("level"))
    # a nickname says nothing against the number; another full name does
    fits = pl.col("level").is_null() | (pl.col("level") <= NAME.ACCENT) | (pl.col("name_kind") != "ok")
    contradicted = _contradicted().fill_null(False)
    lane = pl.col("id_kind").replace_strict(LANES, default="id", return_dtype=pl.String)
    assigned = levels.filter(fits & ~contradicted).select("claim", "person", lane.alias("lane"))
    return ById(assigned, levels.join(assigned, on="claim", how="anti").select("claim", "person"))


def _contradicted() -> pl.Expr:
    """The row's own sex and birth date both speak against the number: it is somebody else's."""
    sex = pl.col("sex").cast(pl.Int64, strict=False)
    of_number = pl.when(pl.col("person") % 2 == 1).then(1).otherwise(2)
    birth = birth_level(pl.col("birth"), (pl.col("person") // 1000 % 100_000_000).cast(pl.Int32))
    far = birth >= BIRTH.NEAR
    return far & ((sex != of_number) | (birth == BIRTH.OTHER))


_NAME = ("name", "key", "accent", "surname", "given", "variant")


def owner_names(verified: pl.DataFrame) -> pl.DataFrame:
    """Per person the name most of its claims bear (columns owner_…), full names before others; ties by the name itself."""
    weight = pl.col("kind").replace_strict(_TRUST, default=2, return_dtype=pl.Int32)
    full = verified.filter(pl.col("name").is_not_null() & (pl.col("name_kind") == "ok"))
    # a monthly list counts each name once, or its months would outvote everybody
    once = full.unique(["person", "file", "name"])
    votes = once.group_by("person", *_NAME).agg(weight.sum().alias("votes"))
    best = votes.sort("person", "votes", "name", descending=[False, True, False]).unique(
        "person", keep="first", maintain_order=True
    )
    return best.select("person", *[pl.col(n).alias(f"owner_{n}") for n in _NAME])
