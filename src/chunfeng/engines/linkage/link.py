"""Claims to persons: by id, then by weight, then what is left among itself. Rows attach to persons, never rows to rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from chunfeng.engines.linkage.calibrate import ENOUGH, TRIED, hidden, threshold
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
from chunfeng.engines.linkage.codes import coded
from chunfeng.engines.linkage.exact import ById, by_id
from chunfeng.engines.linkage.patterns import patterns
from chunfeng.engines.linkage.profiles import known_rows, profiles
from chunfeng.engines.linkage.weights import Counts, Model, counts, learn, score

HIGH = 4.0
"""Bits of odds from which a claim is linked: 1 in 17 wrong at this very edge, far fewer above."""
LOW = -2.0
"""Bits from which a pair is worth a person's look."""
MARGIN = 3.0
"""Bits the best person must be ahead of the next."""
SHOWN = 3
"""Most persons a claim left for review is shown with."""
ROUNDS = 2
COMMON = 100
"""Birth dates under one name from which on a name and a date are no longer one person: chance alone makes such pairs."""
LEARNED = 10_000
"""Most verified rows of a kind that m is learned from."""


@dataclass(frozen=True, slots=True)
class Links:
    """`assigned`: claim, person, lane, bits. `review`: scored pairs for a human.

    `thresholds`: bits from which a claim of a kind was linked, where its rows allowed to try it.
    """

    assigned: pl.DataFrame
    review: pl.DataFrame
    doubtful: pl.DataFrame
    model: Model
    thresholds: dict[str, float]


def link(
    claims: pl.DataFrame, tokens: pl.DataFrame | None = None, forbidden: pl.DataFrame | None = None
) -> Links:
    """Link all claims.

    `tokens`: pairs (claim, person) whose keyed tokens are equal, made by who holds the key; `forbidden`: pairs that a
    human ruled out for ever.
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
    model = _learn(claims, by_number)
    common = counts(by_number)
    high = _calibrate(claims, by_number, common, model)
    open_claims = claims.join(assigned, on="claim", how="anti").filter(
        pl.col("name").is_not_null() | pl.col("id_text").is_not_null()
    )
    review = pl.DataFrame()
    for _ in range(ROUNDS):
        left = open_claims.join(assigned, on="claim", how="anti")
        one_each = _one_each(left)
        scored = _score(one_each, known, claims, exact.doubtful, common, model).join(
            never, on=["claim", "person"], how="anti"
        )
        found, review = _decide(_rank(scored), high)
        spread = _spread(found, left, one_each)
        assigned = pl.concat([assigned, spread])
        known = pl.concat([known, known_rows(claims, spread)])
    minted = _mint(open_claims.join(assigned, on="claim", how="anti"), review)
    assigned = pl.concat([assigned, minted]).sort("claim")
    return Links(assigned, review, exact.doubtful, model, high)


def _without(exact: ById, never: pl.DataFrame) -> ById:
    """What a human ruled out is not assigned by id either; the claim goes on to the weights."""
    out = exact.assigned.join(never, on=["claim", "person"], how="semi").select("claim", "person")
    kept = exact.assigned.join(out, on="claim", how="anti")
    return ById(kept, pl.concat([exact.doubtful, out]).join(never, on=["claim", "person"], how="anti"))


_SAME = (
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


def _one_each(claims: pl.DataFrame) -> pl.DataFrame:
    """Claims that say the very same (a person's months in one list) are scored once."""
    return claims.unique(list(_SAME), keep="first", maintain_order=True)


def _spread(found: pl.DataFrame, claims: pl.DataFrame, one_each: pl.DataFrame) -> pl.DataFrame:
    """The decision on one holds for all that say the very same."""
    decided = one_each.select("claim", *_SAME).join(found, on="claim").drop("claim")
    joined = claims.select("claim", *_SAME).join(decided, on=list(_SAME), nulls_equal=True)
    return joined.select("claim", "person", "lane", "bits")


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


def _score(
    wanted: pl.DataFrame,
    known: pl.DataFrame,
    claims: pl.DataFrame,
    doubtful: pl.DataFrame,
    common: Counts,
    model: Model,
) -> pl.DataFrame:
    mates = _mates(known, wanted)
    slips = slip_pairs(wanted, known)
    of_wanted = doubtful.join(wanted.select("claim"), on="claim", how="semi")
    pairs = candidates(wanted, known, of_wanted, mates, slips)
    levels = patterns(pairs, wanted, profiles(known, pairs["person"], claims), mates, slips)
    return score(levels, common, model)


def _rank(scored: pl.DataFrame) -> pl.DataFrame:
    """Pairs of each claim, best first, with `rank` from 0 and the bits of the next; only those a human may be shown."""
    narrow = scored.select("claim", "bits", "person").with_row_index("pair")
    is_first = pl.col("claim") != pl.col("claim").shift(1, fill_value=-1)
    at = pl.int_range(pl.len())
    ranked = (
        narrow.sort("claim", "bits", "person", descending=[False, True, False])
        .select(
            "pair",
            pl.when(~is_first.shift(-1, fill_value=True)).then(pl.col("bits").shift(-1)).alias("next_bits"),
            (at - pl.when(is_first).then(at).forward_fill()).alias("rank"),
        )
        .filter(pl.col("rank") < SHOWN)
    )
    return scored[ranked["pair"]].hstack(ranked.select("next_bits", "rank"))


def _decide(ranked: pl.DataFrame, high: dict[str, float]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The best person of each claim if it is good enough and far enough ahead; doubtful best pairs for review."""
    best = ranked.filter(pl.col("rank") == 0)
    enough = pl.col("kind").replace_strict(high, default=HIGH, return_dtype=pl.Float64)
    ahead = (pl.col("bits") - pl.col("next_bits").fill_null(-99.0)) >= MARGIN
    good = (pl.col("bits") >= enough) & ahead
    lane = (
        pl.when(pl.col("number").is_in(["known15", "slip"]))
        .then(pl.lit("damaged"))
        .otherwise(pl.lit("weight"))
    )
    found = best.filter(good).select("claim", "person", lane.alias("lane"), "bits")
    unsure = ranked.join(best.filter(~good & (pl.col("bits") >= LOW)).select("claim"), on="claim", how="semi")
    return found, unsure


def _mint(claims: pl.DataFrame, review: pl.DataFrame) -> pl.DataFrame:
    """Persons without a number: claims of one full name that also share birth date, village, telephone or employer.

    A claim that may be somebody known waits for a human instead.
    """
    waiting = review.select("claim").unique() if review.height else pl.DataFrame(schema={"claim": pl.UInt32})
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


def _learn(claims: pl.DataFrame, known: pl.DataFrame) -> Model:
    """m from verified rows, each kind against what the other kinds say of the same person."""
    none = pl.DataFrame(schema=PAIR)
    parts: list[pl.DataFrame] = []
    for _, bit, verified in _by_kind(claims, known):
        taken = _evenly(verified, LEARNED)
        own = _one_each(claims[taken["claim"]].hstack(taken.select("person")))
        others = known.filter(pl.col("kind_bit") != bit).join(own.select("person"), on="person", how="semi")
        pairs = own.select("claim", "person").join(others, on="person", how="semi")
        if pairs.height:
            parts.append(
                patterns(pairs, own.drop("person"), profiles(others, pairs["person"], claims), none, none)
            )
    return learn(pl.concat(parts)) if parts else Model({})


def _calibrate(claims: pl.DataFrame, known: pl.DataFrame, common: Counts, model: Model) -> dict[str, float]:
    """Thresholds per kind, from verified rows linked with their numbers hidden."""
    none = pl.DataFrame(schema=PAIR)
    found: dict[str, float] = {}
    named = known.filter(claims["name"].is_not_null().gather(known["claim"]))
    for kind, bit, verified in _by_kind(claims, named):
        truth = _evenly(verified, TRIED)
        if truth.height < ENOUGH:
            continue
        tried = hidden(claims[truth["claim"]])
        others = known.filter(pl.col("kind_bit") != bit)
        best = _rank(_score(tried, others, claims, none, common, model)).filter(pl.col("rank") == 0)
        found[kind] = threshold(best, truth.rename({"person": "own"}), MARGIN, HIGH)
    return found


def _by_kind(claims: pl.DataFrame, known: pl.DataFrame) -> Iterator[tuple[str, int, pl.DataFrame]]:
    """Each kind with its bit and its verified rows (claim, person)."""
    of_kinds = known.select("claim", "person", "kind_bit").partition_by("kind_bit", as_dict=True)
    for (bit,), of_bit in sorted(of_kinds.items()):
        # more kinds than bits share one
        kinds = of_bit.with_columns(claims["kind"].gather(of_bit["claim"])).partition_by("kind", as_dict=True)
        for (kind,), of_kind in sorted(kinds.items()):
            yield str(kind), int(bit), of_kind.select("claim", "person")


def _evenly(rows: pl.DataFrame, most: int) -> pl.DataFrame:
    """At most that many rows, evenly taken in the order of claims."""
    return rows.sort("claim").gather_every(max(1, -(-rows.height // most)))
