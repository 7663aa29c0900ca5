"""Claims to persons: by id, then by weight, then what is left among itself. Rows attach to persons, never rows to rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from chunfeng.engines.linkage.calibrate import ENOUGH, TRIED, hidden, threshold
from chunfeng.engines.linkage.candidates import HOME, MOST, candidates, slip_pairs, within
from chunfeng.engines.linkage.codes import coded
from chunfeng.engines.linkage.exact import ById, by_id
from chunfeng.engines.linkage.patterns import patterns
from chunfeng.engines.linkage.profiles import Profiles, extended, profiles
from chunfeng.engines.linkage.weights import Model, learn, score

HIGH = 4.0
"""Bits of odds from which a claim is linked: 1 in 17 wrong at this very edge, far fewer above."""
LOW = -2.0
"""Bits from which a pair is worth a person's look."""
MARGIN = 3.0
"""Bits the best person must be ahead of the next."""
ROUNDS = 2
COMMON = 100
"""Birth dates under one name from which on a name and a date are no longer one person: chance alone makes such pairs."""
LEARNED = 10_000
"""Most verified rows of a kind that m is learned from."""


@dataclass(frozen=True, slots=True)
class Links:
    """`assigned`: claim, person, lane, bits. `review`: scored pairs for a human. `persons`: profiles of all persons.

    `thresholds`: bits from which a claim of a kind was linked, where its rows allowed to try it.
    """

    assigned: pl.DataFrame
    review: pl.DataFrame
    doubtful: pl.DataFrame
    persons: Profiles
    model: Model
    thresholds: dict[str, float]


def link(
    claims: pl.DataFrame, tokens: pl.DataFrame | None = None, forbidden: pl.DataFrame | None = None
) -> Links:
    """Link all claims.

    `tokens`: pairs (claim, person) whose keyed tokens are equal, made by who holds the key; `forbidden`: pairs that a
    human ruled out for ever.
    """
    never = forbidden if forbidden is not None else pl.DataFrame(schema=_PAIR)
    claims = coded(claims)
    exact = _without(by_id(claims), never)
    assigned = exact.assigned.with_columns(pl.lit(None, dtype=pl.Float64).alias("bits"))
    if tokens is not None:
        by_token = tokens.select(
            "claim", "person", pl.lit("token").alias("lane"), pl.lit(None, dtype=pl.Float64).alias("bits")
        )
        assigned = pl.concat([assigned, by_token.join(assigned, on="claim", how="anti")])
    persons = profiles(claims, assigned)
    by_number = persons if tokens is None else profiles(claims, exact.assigned)
    model = _learn(claims, exact.assigned, by_number)
    high = _calibrate(claims, exact.assigned, by_number, model)
    open_claims = claims.join(assigned, on="claim", how="anti").filter(
        pl.col("name").is_not_null() | pl.col("id_text").is_not_null()
    )
    review = pl.DataFrame()
    for _ in range(ROUNDS):
        left = open_claims.join(assigned, on="claim", how="anti")
        one_each = _one_each(left)
        scored = _score(one_each, claims, assigned, persons, exact.doubtful, model).join(
            never, on=["claim", "person"], how="anti"
        )
        found, review = _decide(_rank(scored), high)
        spread = _spread(found, left, one_each)
        assigned = pl.concat([assigned, spread])
        persons = extended(persons, claims, spread)
    minted = _mint(open_claims.join(assigned, on="claim", how="anti"), review)
    assigned = pl.concat([assigned, minted])
    persons = extended(persons, claims, minted)
    return Links(assigned.sort("claim"), review, exact.doubtful, persons, model, high)


_PAIR = {"claim": pl.UInt32, "person": pl.Int64}


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
    "household",
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


def _mates(
    claims: pl.DataFrame, assigned: pl.DataFrame, persons: Profiles, wanted: pl.DataFrame
) -> pl.DataFrame:
    """(claim, person): persons of the households of those listed in the claim's own household group."""
    asked = within(wanted.select("claim", "household").drop_nulls(), "household", MOST)
    if asked.height == 0:
        return pl.DataFrame(schema=_PAIR)
    groups = claims.select("claim", "household").filter(
        pl.col("household").is_in(asked["household"].unique().implode())
    )
    placed = groups.join(assigned.select("claim", "person"), on="claim")
    beside = asked.join(
        within(placed.select("household", "person").unique(), "household", HOME), on="household"
    )
    homes = (
        beside.select("claim", "person")
        .join(persons.households.select("person", "household"), on="person")
        .select("claim", "household")
        .unique()
    )
    # a household group of another list that holds the same people; one list's village is not a household
    in_homes = persons.households.select("person", "household").filter(
        pl.col("household").is_in(homes["household"].unique().implode())
    )
    small = in_homes.filter(pl.len().over("household") <= 15)
    return homes.join(small, on="household").select("claim", "person").unique()


def _score(
    wanted: pl.DataFrame,
    claims: pl.DataFrame,
    assigned: pl.DataFrame,
    persons: Profiles,
    doubtful: pl.DataFrame,
    model: Model,
) -> pl.DataFrame:
    mates = _mates(claims, assigned, persons, wanted)
    slips = slip_pairs(wanted, persons)
    pairs = candidates(
        wanted, persons, doubtful.join(wanted.select("claim"), on="claim", how="semi"), mates, slips
    )
    pairs = pairs.join(persons.people.select("person"), on="person", how="semi")
    return score(patterns(pairs, wanted, persons, mates, slips), persons, model)


def _rank(scored: pl.DataFrame) -> pl.DataFrame:
    """Pairs of each claim, best first, with `rank` from 0 and the bits of the next."""
    is_first = pl.col("claim") != pl.col("claim").shift(1, fill_value=-1)
    at = pl.int_range(pl.len())
    return scored.sort("claim", "bits", "person", descending=[False, True, False]).with_columns(
        pl.when(~is_first.shift(-1, fill_value=True)).then(pl.col("bits").shift(-1)).alias("next_bits"),
        (at - pl.when(is_first).then(at).forward_fill()).alias("rank"),
    )


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
    unsure = ranked.join(
        best.filter(~good & (pl.col("bits") >= LOW)).select("claim"), on="claim", how="semi"
    ).filter(pl.col("rank") < 3)
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


def _learn(claims: pl.DataFrame, assigned: pl.DataFrame, persons: Profiles) -> Model:
    """m from verified rows, each kind against what the other kinds say of the same person."""
    none = pl.DataFrame(schema=_PAIR)
    parts: list[pl.DataFrame] = []
    for _, bit, verified in _by_kind(claims, assigned):
        own = _one_each(claims.join(_evenly(verified, LEARNED), on="claim"))
        others = persons.without(bit)
        pairs = own.select("claim", "person").join(others.people.select("person"), on="person", how="semi")
        if pairs.height:
            parts.append(patterns(pairs, own.drop("person"), others.of(pairs["person"]), none, none))
    return learn(pl.concat(parts)) if parts else Model({})


def _calibrate(
    claims: pl.DataFrame, assigned: pl.DataFrame, persons: Profiles, model: Model
) -> dict[str, float]:
    """Thresholds per kind, from verified rows linked with their numbers hidden."""
    none = pl.DataFrame(schema=_PAIR)
    found: dict[str, float] = {}
    for kind, bit, verified in _by_kind(claims.filter(pl.col("name").is_not_null()), assigned):
        truth = _evenly(verified, TRIED)
        if truth.height < ENOUGH:
            continue
        tried = hidden(claims.join(truth.select("claim"), on="claim", how="semi"))
        beside = claims.filter(pl.col("kind") != kind)
        ranked = _rank(_score(tried, beside, assigned, persons.without(bit), none, model))
        best = ranked.filter(pl.col("rank") == 0)
        found[kind] = threshold(best, truth.rename({"person": "own"}), MARGIN, HIGH)
    return found


def _by_kind(claims: pl.DataFrame, assigned: pl.DataFrame) -> Iterator[tuple[str, int, pl.DataFrame]]:
    """Each kind with its bit and its verified rows (claim, person)."""
    verified = claims.select("claim", "kind", "kind_bit").join(assigned.select("claim", "person"), on="claim")
    for (kind, bit), of_kind in sorted(verified.partition_by("kind", "kind_bit", as_dict=True).items()):
        yield str(kind), int(bit), of_kind.select("claim", "person")


def _evenly(rows: pl.DataFrame, most: int) -> pl.DataFrame:
    """At most that many rows, evenly taken in the order of claims."""
    return rows.sort("claim").gather_every(max(1, -(-rows.height // most)))
