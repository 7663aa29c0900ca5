"""Stage by id: a verified number with a name that fits is a person. An id alone is not: relatives' ids occur.

Of every verified number the name that most of its claims bear is the person's; claims with another name are doubtful
and go to the weights. Two different verified numbers are never one person.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from chunfeng.engines.linkage.agreement import BIRTH, NAME, birth_level, name_level
from chunfeng.engines.linkage.runs import first_of_runs

LANES = {"ok18": "id", "ok15": "id15", "certificate": "certificate"}
_TRUST = {"household_register": 3, "village_survey": 1}
"""How many votes a claim of that kind has on what a number's owner is called; others have two."""


@dataclass(frozen=True, slots=True)
class ById:
    """`assigned`: claim, person (17 digits), lane. `doubtful`: claim, person whose number it bears under another name."""

    assigned: pl.DataFrame
    doubtful: pl.DataFrame


def by_id(claims: pl.DataFrame) -> ById:
    """Assign every claim that bears a verified number and a fitting name (or none). `claims` as `codes.coded` gives them."""
    told = ("claim", "file", "kind", "id_kind", "name_kind", "name_code", "birth", "sex")
    verified = claims.filter(pl.col("id17").is_not_null()).select(pl.col("id17").alias("person"), *told)
    contradicted = _contradicted().fill_null(False)
    # a row whose own birth date speaks against its number has no vote on whose number it is
    owners = owner_names(verified.filter(~contradicted), claims)
    both = verified.join(owners, on="person", how="left")
    # most rows bear the owner's very name: only the others are compared
    is_same = (pl.col("name_code") == pl.col("owner_code")).fill_null(False)
    others = both.filter(~is_same)
    compared = others.select("claim", "name_kind").hstack(
        [*claims.select(_NAME)[others["claim"]], *_owners(claims, others["owner"])]
    )
    level = compared.select(name_level("owner_").alias("level"))["level"]
    # a nickname says nothing against the number; another full name does
    fits = level.is_null() | (level <= NAME.ACCENT) | (others["name_kind"] != "ok").fill_null(False)
    fitting = pl.concat([both.filter(is_same), others.filter(fits)]).filter(~contradicted)
    lane = pl.col("id_kind").replace_strict(LANES, default="id", return_dtype=pl.String)
    assigned = fitting.sort("claim").select("claim", "person", lane.alias("lane"))
    return ById(assigned, verified.select("claim", "person").join(assigned, on="claim", how="anti"))


def _owners(claims: pl.DataFrame, owner: pl.Series) -> list[pl.Series]:
    """The names in the claims `owner` (null: none), as columns owner_…"""
    return [claims[n].gather(owner).alias(f"owner_{n}") for n in _NAME]


def _contradicted() -> pl.Expr:
    """The row's own sex and birth date both speak against the number: it is somebody else's."""
    sex = pl.col("sex").cast(pl.Int64, strict=False)
    of_number = pl.when(pl.col("person") % 2 == 1).then(1).otherwise(2)
    birth = birth_level(pl.col("birth"), (pl.col("person") // 1000 % 100_000_000).cast(pl.Int32))
    far = birth >= BIRTH.NEAR
    return far & ((sex != of_number) | (birth == BIRTH.OTHER))


_NAME = ("name", "key", "accent", "surname", "given", "variant")


def owner_names(verified: pl.DataFrame, claims: pl.DataFrame) -> pl.DataFrame:
    """Per person a claim (`owner`) with the name most of its claims bear, and its code (`owner_code`); ties by the name.

    `verified`: person, claim, file, kind, name_kind, name_code.
    """
    full = verified.filter(pl.col("name_code").is_not_null() & (pl.col("name_kind") == "ok"))
    rows = full.select("person", "name_code", "claim").sort("person", "name_code", "claim")
    one_each = first_of_runs(rows, "person", "name_code")
    # most numbers bear one name throughout; the claims of the others vote
    several = one_each.filter(pl.col("person") == pl.col("person").shift(1))["person"].unique()
    is_disputed = pl.col("person").is_in(several.implode())
    weight = pl.col("kind").replace_strict(_TRUST, default=2, return_dtype=pl.Int32)
    # a monthly list counts each name once, or its months would outvote everybody
    once = full.filter(is_disputed).unique(["person", "file", "name_code"], keep="any")
    votes = once.group_by("person", "name_code").agg(weight.sum().alias("votes"))
    standing = one_each.filter(is_disputed).join(votes, on=["person", "name_code"])
    standing = standing.with_columns(claims["name"].gather(standing["claim"]).alias("name"))
    best = standing.sort("person", "votes", "name", descending=[False, True, False]).unique(
        "person", keep="first", maintain_order=True
    )
    chosen = pl.concat([one_each.filter(~is_disputed), best.select(one_each.columns)])
    return chosen.select("person", pl.col("claim").alias("owner"), pl.col("name_code").alias("owner_code"))
