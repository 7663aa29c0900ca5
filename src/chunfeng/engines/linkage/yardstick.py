"""What bits are measured by: learned from rows whose number is verified, once, and then kept.

A result is a function of claims and yardstick. Learning anew every month would move every score a little, and links of rows
that nobody touched with it; so a yardstick holds until what it was learned from has changed by more than MOVED.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from chunfeng.engines.linkage.calibrate import ENOUGH, TRIED, hidden, threshold
from chunfeng.engines.linkage.candidates import PAIR
from chunfeng.engines.linkage.patterns import patterns
from chunfeng.engines.linkage.profiles import profiles
from chunfeng.engines.linkage.scoring import one_each, ranked, scored
from chunfeng.engines.linkage.weights import Counts, Model, counts, learn

HIGH = 4.0
"""Bits of odds from which a claim is linked: 1 in 17 wrong at this very edge, far fewer above."""
MARGIN = 3.0
"""Bits the best person must be ahead of the next."""
LEARNED = 10_000
"""Most verified rows of a kind that m is learned from."""
MOVED = 0.10
"""Share by which verified rows of a kind, or persons, may become more or fewer before all is learned anew."""


@dataclass(frozen=True, slots=True)
class Yardstick:
    """`thresholds`: bits from which a claim of a kind is linked, where its rows allowed to try it. `verified`: rows per kind
    that it was learned from."""

    model: Model
    counts: Counts
    thresholds: dict[str, float]
    verified: dict[str, int]


def learned(claims: pl.DataFrame, known: pl.DataFrame) -> Yardstick:
    """The yardstick of these coded claims; `known`: rows of `profiles.known_rows` that were linked by number."""
    model, common = _learn(claims, known), counts(known)
    return Yardstick(model, common, _calibrate(claims, known, common, model), _verified(claims, known))


def still_holds(yardstick: Yardstick, claims: pl.DataFrame, known: pl.DataFrame) -> bool:
    """Whether these rows are near enough to those that it was learned from."""
    then, now = yardstick.verified, _verified(claims, known)
    rows = [(then.get(kind, 0), now.get(kind, 0)) for kind in sorted(then | now)]
    persons = (yardstick.counts.persons, known["person"].n_unique())
    return all(
        max(before, after) < ENOUGH or abs(after - before) <= MOVED * before
        for before, after in (*rows, persons)
    )


def _verified(claims: pl.DataFrame, known: pl.DataFrame) -> dict[str, int]:
    counted = claims["kind"].gather(known["claim"]).value_counts().sort("kind")
    return {str(kind): int(rows) for kind, rows in counted.iter_rows()}


def _learn(claims: pl.DataFrame, known: pl.DataFrame) -> Model:
    """m from verified rows, each kind against what the other kinds say of the same person."""
    none = pl.DataFrame(schema=PAIR)
    parts: list[pl.DataFrame] = []
    for _, bit, verified in _by_kind(claims, known):
        taken = _evenly(verified, LEARNED)
        own = one_each(claims[taken["claim"]].hstack(taken.select("person")))
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
        best = ranked(scored(tried, others, claims, none, common, model)).filter(pl.col("rank") == 0)
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
