"""Claims to persons: by id, then by weight, then what is left among itself. Rows attach to persons, never rows to rows."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from chunfeng.engines.linkage.candidates import PAIR
from chunfeng.engines.linkage.codes import coded
from chunfeng.engines.linkage.exact import ById, by_id
from chunfeng.engines.linkage.profiles import known_rows
from chunfeng.engines.linkage.scoring import SAME, one_each, ranked, scored
from chunfeng.engines.linkage.yardstick import HIGH, MARGIN, Yardstick, learned, still_holds

LOW = -2.0
"""Bits from which a pair is worth a person's look."""
ROUNDS = 2
COMMON = 100
"""Birth dates under one name from which on a name and a date are no longer one person: chance alone makes such pairs."""


@dataclass(frozen=True, slots=True)
class Links:
    """`assigned`: claim, person, lane, bits. `review`: scored pairs for a human. `yardstick`: what bits were measured by."""

    assigned: pl.DataFrame
    review: pl.DataFrame
    doubtful: pl.DataFrame
    yardstick: Yardstick


def link(
    claims: pl.DataFrame,
    tokens: pl.DataFrame | None = None,
    forbidden: pl.DataFrame | None = None,
    kept: Yardstick | None = None,
) -> Links:
    """Link all claims.

    `tokens`: pairs (claim, person) whose keyed tokens are equal, made by who holds the key; `forbidden`: pairs that a
    human ruled out for ever; `kept`: the yardstick of an earlier run by the same program, used while it holds.
    """
    never = forbidden if forbidden is not None else pl.DataFrame(schema=PAIR)
    claims = coded(claims)
    exact = _without(by_id(claims), never)
    assigned = exact.assigned.with_columns(pl.lit(None, dtype=pl.Float64).alias("bits"))
    if tokens is not None:
        by_token = tokens.select(
            "claim", "person", pl.lit("token").alias("lane"), pl.lit(None, dtype=pl.Float64).alias("bits")
        )
        assigned = pl.concat([assigned, by_token.join(assigned, on="claim", how="anti")])
    known = known_rows(claims, assigned)
    by_number = known.head(exact.assigned.height)
    yardstick = kept if kept and still_holds(kept, claims, by_number) else learned(claims, by_number)
    open_claims = claims.join(assigned, on="claim", how="anti").filter(
        pl.col("name").is_not_null() | pl.col("id_text").is_not_null()
    )
    review = pl.DataFrame()
    for _ in range(ROUNDS):
        left = open_claims.join(assigned, on="claim", how="anti")
        asked = one_each(left)
        pairs = scored(asked, known, claims, exact.doubtful, yardstick.counts, yardstick.model)
        best_first = ranked(pairs.join(never, on=["claim", "person"], how="anti"))
        found, review = _decide(best_first, yardstick.thresholds)
        spread = _spread(found, left, asked)
        assigned = pl.concat([assigned, spread])
        known = pl.concat([known, known_rows(claims, spread)])
    minted = _mint(open_claims.join(assigned, on="claim", how="anti"), review)
    assigned = pl.concat([assigned, minted]).sort("claim")
    return Links(assigned, review, exact.doubtful, yardstick)


def _without(exact: ById, never: pl.DataFrame) -> ById:
    """What a human ruled out is not assigned by id either; the claim goes on to the weights."""
    out = exact.assigned.join(never, on=["claim", "person"], how="semi").select("claim", "person")
    kept = exact.assigned.join(out, on="claim", how="anti")
    return ById(kept, pl.concat([exact.doubtful, out]).join(never, on=["claim", "person"], how="anti"))


def _spread(found: pl.DataFrame, claims: pl.DataFrame, asked: pl.DataFrame) -> pl.DataFrame:
    """The decision on one holds for all that say the very same."""
    decided = asked.select("claim", *SAME).join(found, on="claim").drop("claim")
    joined = claims.select("claim", *SAME).join(decided, on=list(SAME), nulls_equal=True)
    return joined.select("claim", "person", "lane", "bits")


def _decide(best_first: pl.DataFrame, high: dict[str, float]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The best person of each claim if it is good enough and far enough ahead; doubtful best pairs for review."""
    best = best_first.filter(pl.col("rank") == 0)
    enough = pl.col("kind").replace_strict(high, default=HIGH, return_dtype=pl.Float64)
    ahead = (pl.col("bits") - pl.col("next_bits").fill_null(-99.0)) >= MARGIN
    good = (pl.col("bits") >= enough) & ahead
    lane = (
        pl.when(pl.col("number").is_in(["known15", "slip"]))
        .then(pl.lit("damaged"))
        .otherwise(pl.lit("weight"))
    )
    found = best.filter(good).select("claim", "person", lane.alias("lane"), "bits")
    unsure = best_first.join(
        best.filter(~good & (pl.col("bits") >= LOW)).select("claim"), on="claim", how="semi"
    )
    return found, unsure


def _mint(claims: pl.DataFrame, review: pl.DataFrame) -> pl.DataFrame:
    """Persons without a number: claims of one full name that also share birth date, village, telephone or employer.

    A claim that may be somebody known waits for a human instead, and so do all that say the very same: one was asked
    for all of them.
    """
    doubtful = (
        claims.join(review.select("claim"), on="claim", how="semi") if review.height else claims.clear()
    )
    waiting = claims.select("claim", *SAME).join(
        doubtful.select(SAME).unique(), on=list(SAME), how="semi", nulls_equal=True
    )
    # a verified number under another name is somebody's: no person is made of it
    known = pl.col("id17").is_not_null()
    free = claims.join(waiting, on="claim", how="anti").filter(
        ~known & (pl.col("name_kind") == "ok") & pl.col("name").is_not_null()
    )
    born = pl.concat_str([pl.lit("b"), pl.col("birth").cast(pl.String)])
    whole = pl.col("birth") % 100 > 0
    is_common = pl.col("birth").n_unique().over("name") > COMMON
    place = pl.when(pl.col("region").str.len_chars() == 12).then(pl.col("region"))
    reason = (
        pl.when(whole & ~is_common).then(born)
        .when(whole).then(born + pl.coalesce(place, "phone", "employer"))
        .when(pl.col("region").str.len_chars() == 12).then(pl.lit("r") + pl.col("region"))
        .when(pl.col("phone").is_not_null()).then(pl.lit("p") + pl.col("phone"))
        .when(pl.col("employer").is_not_null()).then(pl.lit("e") + pl.col("employer"))
    )  # fmt: skip
    keyed = free.with_columns(reason.alias("reason")).filter(pl.col("reason").is_not_null())
    minted = keyed.with_columns(
        (-pl.col("claim").cast(pl.Int64).min().over("name", "reason") - 1).alias("person")
    )
    return minted.select(
        "claim", "person", pl.lit("weight").alias("lane"), pl.lit(None, dtype=pl.Float64).alias("bits")
    )
