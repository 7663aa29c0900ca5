"""Stage by id: a verified number with a name that fits is a person. An id alone is not: relatives' ids occur.

Of every verified number the name that most of its claims bear is the person's; claims with another name are doubtful
and go to the weights. Two different verified numbers are never one person.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from chunfeng.engines.linkage.agreement import BIRTH, NAME, birth_level, name_level
from chunfeng.engines.linkage.runs import first_of_runs, starts

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
    verified = claims.filter(pl.col("id17").is_not_null()).select(
        pl.col("id17").alias("person"), "claim", "name_kind", "name_code", "birth", "sex"
    )
    dated = verified.filter(pl.col("birth").is_not_null())
    against = _those(claims, dated.filter(_contradicted())["claim"])[verified["claim"].to_numpy()]
    full = pl.col("name_code").is_not_null() & (pl.col("name_kind") == "ok")
    # a row whose own birth date speaks against its number has no vote on whose number it is
    votes = verified.filter(full & ~pl.Series(against)).select("person", "name_code", "claim")
    sure, owners = _owner_names(votes.sort("person", "name_code", "claim"), claims)
    is_sure = _those(claims, sure["claim"])[verified["claim"].to_numpy()]
    both = verified.filter(~pl.Series(against | is_sure)).join(owners, on="person", how="left")
    # of the others most bear the owner's very name, too: only the rest are compared
    is_same = (pl.col("name_code") == pl.col("owner_code")).fill_null(False)
    others = both.filter(~is_same)
    compared = others.select("claim", "name_kind").hstack(
        [*claims.select(_NAME)[others["claim"]], *_owners(claims, others["owner"])]
    )
    level = compared.select(name_level("owner_").alias("level"))["level"]
    # a nickname says nothing against the number; another full name does
    fits = level.is_null() | (level <= NAME.ACCENT) | (others["name_kind"] != "ok").fill_null(False)
    pair = ["claim", "person"]
    fitting = pl.concat([t.select(pair) for t in (sure, both.filter(is_same), others.filter(fits))]).sort(
        "claim"
    )
    lane = pl.col("id_kind").replace_strict(LANES, default="id", return_dtype=pl.String)
    lanes = claims.select("id_kind")[fitting["claim"]].select(lane.alias("lane"))
    is_assigned = _those(claims, fitting["claim"])[verified["claim"].to_numpy()]
    return ById(fitting.hstack(lanes), verified.filter(~pl.Series(is_assigned)).select(pair))


def _those(claims: pl.DataFrame, which: pl.Series) -> NDArray[np.bool_]:
    """Per claim whether it is one of `which`."""
    marks = np.zeros(claims.height, np.bool_)
    marks[which.to_numpy()] = True
    return marks


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


def _owner_names(votes: pl.DataFrame, claims: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows (claim, person) of persons with one name throughout; and per person a claim (`owner`) with the name most of its
    claims bear, and its code (`owner_code`), ties by the name.

    `votes`: person, name_code, claim of rows with a full name, in that order.
    """
    marked = votes.with_columns(starts("person").alias("first"), starts("person", "name_code").alias("named"))
    run = marked["first"].cum_sum().to_numpy() - 1
    # most numbers bear one name throughout; the claims of the others vote
    is_disputed = pl.Series((np.bincount(run, marked["named"].to_numpy()) > 1)[run], dtype=pl.Boolean)
    disputed = votes.filter(is_disputed)
    told = disputed.hstack(claims.select("file", "kind", "name")[disputed["claim"]])
    weight = pl.col("kind").replace_strict(_TRUST, default=2, return_dtype=pl.Int32)
    # a monthly list counts each name once, or its months would outvote everybody
    once = told.unique(["person", "file", "name_code"], keep="any")
    counted = once.group_by("person", "name_code").agg(weight.sum().alias("votes"))
    standing = first_of_runs(told, "person", "name_code").join(counted, on=["person", "name_code"])
    best = standing.sort("person", "votes", "name", descending=[False, True, False]).unique(
        "person", keep="first", maintain_order=True
    )
    alone = marked.filter(~is_disputed)
    chosen = pl.concat([t.select(votes.columns) for t in (alone.filter("first"), best)])
    owners = chosen.select("person", pl.col("claim").alias("owner"), pl.col("name_code").alias("owner_code"))
    return alone.select("claim", "person"), owners
