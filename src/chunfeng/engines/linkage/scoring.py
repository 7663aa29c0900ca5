"""Claims against the persons they may be: pairs, their levels of agreement, their bits, best first."""

from __future__ import annotations

import polars as pl

from chunfeng.engines.linkage.candidates import (
    HOME,
    MOST,
    PAIR,
    candidates,
    households_of,
    members_of,
    slip_pairs,
    within,
)
from chunfeng.engines.linkage.patterns import patterns
from chunfeng.engines.linkage.profiles import profiles
from chunfeng.engines.linkage.weights import Counts, Model, score

SHOWN = 3
"""Most persons a claim left for review is shown with."""
SAME = (
    "kind",
    "name",
    "id_text",
    "id17",
    "birth",
    "age",
    "sex",
    "phone",
    "phone_2",
    "region",
    "household_code",
    "employer",
)


def one_each(claims: pl.DataFrame) -> pl.DataFrame:
    """Claims that say the very same (a person's months in one list) are scored once."""
    return claims.unique(list(SAME), keep="first", maintain_order=True)


def _mates(known: pl.DataFrame, wanted: pl.DataFrame) -> pl.DataFrame:
    """(claim, person): persons of the households of those listed in the claim's own household group."""
    asked = within(wanted.select("claim", "household_code").drop_nulls(), "household_code", MOST)
    if asked.height == 0:
        return pl.DataFrame(schema=PAIR)
    placed = within(members_of(known, asked["household_code"]), "household_code", HOME)
    beside = asked.join(placed, on="household_code").select("claim", "person")
    theirs = (
        beside.join(households_of(known, beside["person"]), on="person")
        .select("claim", "household_code")
        .unique()
    )
    # a household group of another list that holds the same people; one list's village is not a household
    small = within(members_of(known, theirs["household_code"]), "household_code", HOME // 2)
    return theirs.join(small, on="household_code").select("claim", "person").unique()


def scored(
    wanted: pl.DataFrame,
    known: pl.DataFrame,
    claims: pl.DataFrame,
    doubtful: pl.DataFrame,
    common: Counts,
    model: Model,
) -> pl.DataFrame:
    """Bits of every `wanted` claim with every person of the `known` rows it may be.

    `claims`: all of them, coded; `doubtful`: claims with the person whose number they bear.
    """
    mates = _mates(known, wanted)
    slips = slip_pairs(wanted, known)
    of_wanted = doubtful.join(wanted.select("claim"), on="claim", how="semi")
    pairs = candidates(wanted, known, of_wanted, mates, slips)
    levels = patterns(pairs, wanted, profiles(known, pairs["person"], claims), mates, slips)
    return score(levels, common, model)


def ranked(pairs: pl.DataFrame) -> pl.DataFrame:
    """Pairs of each claim, best first, with `rank` from 0 and the bits of the next; only those a human may be shown."""
    narrow = pairs.select("claim", "bits", "person").with_row_index("pair")
    is_first = pl.col("claim") != pl.col("claim").shift(1, fill_value=-1)
    at = pl.int_range(pl.len())
    best_first = (
        narrow.sort("claim", "bits", "person", descending=[False, True, False])
        .select(
            "pair",
            pl.when(~is_first.shift(-1, fill_value=True)).then(pl.col("bits").shift(-1)).alias("next_bits"),
            (at - pl.when(is_first).then(at).forward_fill()).alias("rank"),
        )
        .filter(pl.col("rank") < SHOWN)
    )
    return pairs[best_first["pair"]].hstack(best_first.select("next_bits", "rank"))
