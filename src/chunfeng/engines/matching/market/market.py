"""People and vacancies put together: the exact best of each side for the other, and what a change of a few does to all.

from chunfeng.engines.matching.market.market import Market

market = Market.of(people, jobs)          # tables.PEOPLE, tables.JOBS; only seekers and open, lawful jobs take part
market.best(10)                           # person, rank, vacancy, score
market.best_people(10)                    # vacancy, rank, person, score
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from chunfeng.engines.matching.market import encode, pairing, search, tables
from chunfeng.engines.matching.market.book import PARTS, MarketBook, load_book
from chunfeng.engines.matching.market.encode import Bits, Ground
from chunfeng.engines.matching.market.layout import Index, Ints, Jobs, Longs, People, Places

CHUNK = 4096
BEST: tables.Schema = {"person": pl.String, "rank": pl.Int32, "vacancy": pl.String, "score": pl.Int32}
SHORT: tables.Schema = {"person": pl.String, "vacancy": pl.String, "rule": pl.String, "score": pl.Int64}
MOST = 1000
"""Longest list that may be asked for."""


@dataclass(frozen=True, slots=True)
class Market:
    """A snapshot of both sides. `people`, `jobs`: the tables, sorted by key, of those who take part."""

    book: MarketBook
    people: pl.DataFrame
    jobs: pl.DataFrame
    layout: Bits
    where: Ground
    P: People
    J: Jobs
    A: Places

    @classmethod
    def of(cls, people: pl.DataFrame, jobs: pl.DataFrame, book: MarketBook | None = None) -> Market:
        """The market of the seekers among `people` and the open, lawful ones among `jobs`. Raises TableError, RulesError."""
        takers = tables.seekers(tables.people_table(people))
        return cls.whole(takers, tables.open_jobs(tables.jobs_table(jobs)), book)

    @classmethod
    def whole(cls, people: pl.DataFrame, jobs: pl.DataFrame, book: MarketBook | None = None) -> Market:
        """As `of`, of all rows, whoever may not be recommended among them: for questions about any pair."""
        book = load_book() if book is None else book
        people, jobs = tables.people_table(people), tables.jobs_table(jobs)
        asked = sorted(jobs["certificates"].explode(empty_as_null=True).drop_nulls().unique())
        layout = encode.bits(book, asked)
        where = encode.ground(people, jobs)
        return cls(
            book, people, jobs, layout, where,
            encode.people(people, book, layout, where), encode.jobs(jobs, book, layout, where), encode.places(book, where),
        )  # fmt: skip

    def best(self, k: int, threads: int = 1, persons: Sequence[str] | None = None) -> pl.DataFrame:
        """The `k` best vacancies of each person (or of these): columns of BEST, by person and rank; fewer where fewer fit.

        Equal scores are put in an order that differs from person to person and stays from day to day.
        """
        rows = self._rows(self.people["person"], persons)
        best, points, _ = self.search(rows, k, threads)
        return _listed(self.people["person"], self.jobs["vacancy"], rows, best, points, "person", "vacancy")

    def best_people(self, k: int, threads: int = 1, vacancies: Sequence[str] | None = None) -> pl.DataFrame:
        """The `k` best persons of each vacancy: vacancy, rank, person, score, by the weights of the employer's side."""
        rows = self._rows(self.jobs["vacancy"], vacancies)
        best, points, _ = self.search(rows, k, threads, employer=True)
        return _listed(self.jobs["vacancy"], self.people["person"], rows, best, points, "vacancy", "person")

    def search(self, rows: Ints, k: int, threads: int = 1, employer: bool = False) -> tuple[Ints, Ints, int]:
        """(items, points: rows × k, -1 where there are fewer; pairs looked at) for rows of one side."""
        if not 1 <= k <= MOST:
            raise ValueError(f"k 应在 1 到 {MOST} 之间 / k must be from 1 to {MOST}")
        best = np.full((len(rows), k), -1, np.int32)
        points = np.full((len(rows), k), -1, np.int32)
        index = self.index(employer)
        groups = len(index.group_at) - 1
        terms = encode.terms(self.book, employer)
        chunks = [slice(at, at + CHUNK) for at in range(0, len(rows), CHUNK)]

        def run(chunk: slice) -> int:
            seen = np.zeros(1, np.int64)
            room = (
                np.zeros(k, np.int64),
                np.zeros(k, np.int32),
                np.zeros(groups, np.int32),
                np.zeros(1, np.int32),
            )
            search.search(
                self.P, self.J, self.A, terms, index, rows[chunk], k, best[chunk], points[chunk], seen, *room
            )
            return int(seen[0])

        if threads <= 1 or len(chunks) == 1:
            return best, points, sum(map(run, chunks))
        with ThreadPoolExecutor(threads) as pool:
            return best, points, sum(pool.map(run, chunks))

    def index(self, employer: bool = False) -> Index:
        """The items a search looks through: jobs by place, or people by the set of places they accept; then by occupation."""
        weights = encode.terms(self.book, employer).weights
        if employer:
            counts = np.diff(self.P.occ_at)
            owner = np.repeat(np.arange(len(counts), dtype=np.int32), np.maximum(counts, 1))
            occ = np.zeros(len(owner), np.int32)
            occ[np.repeat(counts > 0, np.maximum(counts, 1))] = self.P.occ
            static = (weights[6] * self.P.tier // 100)[owner]
            return _index(self.P.area[owner], len(self.where.sets), owner, occ, static)
        static = (
            weights[2] * self.J.pay // 100
            + weights[6] * self.J.priority // 100
            + weights[5] * (self.J.certs != 0)
        )
        item = np.arange(len(self.J.occ), dtype=np.int32)
        return _index(self.J.place, len(self.where.places), item, self.J.occ, static)

    def scores(self, pairs: pl.DataFrame, employer: bool = False) -> pl.DataFrame:
        """`pairs` (person, vacancy) with points by part, `level` (see LEVELS) and `score`. Raises KeyError for unknown keys."""
        p, j = self.pair_rows(pairs)
        got = pairing.parts_of(self.P, self.J, self.A, encode.terms(self.book, employer), p, j)
        columns = {name: got[:, i] for i, name in enumerate([*PARTS, "level", "score"])}
        return pl.concat([pairs, pl.DataFrame(columns)], how="horizontal")

    def failing(self, pairs: pl.DataFrame) -> Longs:
        """Rules each pair breaks, one bit per rule of the book; flags (state of one side) are not among them."""
        p, j = self.pair_rows(pairs)
        return pairing.failing(self.P, self.J, self.A, self.layout.groups, self.layout.slots, p, j)

    def refusals(self, persons: Sequence[str]) -> pl.DataFrame:
        """person, rule, vacancies: how many of the vacancies each rule shuts them out of, none left out."""
        rows = self._rows(self.people["person"], persons)
        found = pairing.refusals(
            self.P, self.J, self.A, self.layout.groups, self.layout.slots, rows, len(self.book.rules)
        )
        row, rule = np.nonzero(found)
        names = pl.Series([r.rule for r in self.book.rules], dtype=pl.String)
        return pl.DataFrame(
            {
                "person": self.people["person"].gather(rows[row]),
                "rule": names.gather(rule),
                "vacancies": found[row, rule],
            }
        )

    def mutual(self, k: int, threads: int = 1) -> pl.DataFrame:
        """双向合适: pairs that stand in each other's best `k`: person, vacancy, score, the geometric mean of both sides' scores."""
        ours = self.best(k, threads).rename({"score": "mine"}).drop("rank")
        theirs = self.best_people(k, threads).rename({"score": "yours"}).drop("rank")
        both = ours.join(theirs, on=["person", "vacancy"])
        mean = (pl.col("mine").cast(pl.Float64) * pl.col("yours")).sqrt().floor().cast(pl.Int32)
        return both.select("person", "vacancy", mean.alias("score")).sort(
            "score", "person", "vacancy", descending=[True, False, False]
        )

    def one_short(self, most: int = 20, persons: Sequence[str] | None = None, near: int = 2) -> pl.DataFrame:
        """Vacancies one rule away that a person could change: columns of SHORT, best first; at most `most` per person.

        Only rules of the job's side (education, certificates) and the person's own wishes count, only jobs that share at least
        a sub-major group with the wish (`near`, see LEVELS).
        """
        rows = self._rows(self.people["person"], persons)
        wanted = sum(1 << i for i, r in enumerate(self.book.rules) if r.side in ("job", "person"))
        who, what, which, points = pairing.one_short(
            self.P, self.J, self.A, encode.terms(self.book), self.layout.groups, self.layout.slots, rows, wanted, near, most
        )  # fmt: skip
        names = pl.Series([r.rule for r in self.book.rules])
        return pl.DataFrame(
            {
                "person": self.people["person"].gather(who), "vacancy": self.jobs["vacancy"].gather(what),
                "rule": names.gather(which), "score": points,
            }, schema=SHORT,
        )  # fmt: skip

    def pair_rows(self, pairs: pl.DataFrame) -> tuple[Ints, Ints]:
        """Rows of the persons and vacancies of pairs. Raises KeyError for one that takes no part."""
        found = []
        for key, table in (("person", self.people), ("vacancy", self.jobs)):
            found.append(self._rows(table[key], pairs[key]))
        return found[0], found[1]

    @staticmethod
    def _rows(keys: pl.Series, wanted: Sequence[str] | pl.Series | None) -> Ints:
        if wanted is None:
            return np.arange(len(keys), dtype=np.int32)
        asked = (
            wanted.cast(pl.String) if isinstance(wanted, pl.Series) else pl.Series(wanted, dtype=pl.String)
        )
        at = keys.search_sorted(asked) if len(keys) else pl.zeros(len(asked), pl.UInt32, eager=True)
        inside = at.clip(0, max(len(keys) - 1, 0))
        right = (
            (keys.gather(inside) == asked) if len(keys) else pl.Series([False] * len(asked), dtype=pl.Boolean)
        )
        if not right.all():
            missing = asked.filter(~right)
            raise KeyError(f"不在其中：{missing[0]} / not in it")
        return inside.to_numpy().astype(np.int32)


def _index(group: Ints, groups: int, item: Ints, occ: Ints, static: NDArray[np.int64] | Ints) -> Index:
    minor = occ // 200
    order = np.lexsort((item, -static, minor, group))
    group, minor = group[order], minor[order]
    starts = np.ones(len(order), bool)
    starts[1:] = (group[1:] != group[:-1]) | (minor[1:] != minor[:-1])
    at = np.flatnonzero(starts)
    best = np.full(groups, -1, np.int32)
    np.maximum.at(best, group, static[order].astype(np.int32))
    return Index(
        group_at=np.searchsorted(group[at], np.arange(groups + 1)).astype(np.int64),
        bucket_at=np.append(at, len(order)).astype(np.int64), bucket_occ=minor[at].astype(np.int32),
        bucket_best=static[order][at].astype(np.int32), group_best=best,
        item=item[order].astype(np.int32), item_occ=occ[order].astype(np.int32), static=static[order].astype(np.int32),
    )  # fmt: skip


def _listed(
    keys: pl.Series, others: pl.Series, rows: Ints, best: Ints, points: Ints, key: str, other: str
) -> pl.DataFrame:
    taken = best >= 0
    row, rank = np.nonzero(taken)
    return pl.DataFrame(
        {
            key: keys.gather(rows[row]), "rank": (rank + 1).astype(np.int32), other: others.gather(best[taken]),
            "score": points[taken],
        }
    )  # fmt: skip


def changed(previous: pl.DataFrame, before: Market, after: Market, k: int, threads: int = 1) -> pl.DataFrame:
    """The lists of `after` out of those of `before` (`best(k)`), exactly as `after.best(k)` would give them.

    Who is new or altered, or had a vacancy on the list that is gone or altered, is searched anew. For all others the best of the
    vacancies that are new or altered are put among those they had.
    """
    gone, fresh = _moved(before.jobs, after.jobs, "vacancy")
    left, came = _moved(before.people, after.people, "person")
    touched = previous.filter(pl.col("vacancy").is_in(gone.implode()))["person"].unique()
    again = pl.concat([touched, came]).unique()
    again = again.filter(again.is_in(after.people["person"].implode()))
    kept = previous.filter(~pl.col("person").is_in(pl.concat([again, left]).unique().implode()))
    anew = after.best(k, threads, again.sort().to_list())
    others = after.people.filter(~pl.col("person").is_in(again.implode()))
    few = after.jobs.filter(pl.col("vacancy").is_in(fresh.implode()))
    if not few.height:
        merged = kept
    else:
        offered = _near_enough(Market.whole(others, few, after.book).best(k, threads), kept, k)
        moved = offered["person"].unique().implode()
        both = pl.concat([kept.filter(pl.col("person").is_in(moved)).select(*BEST), offered.select(*BEST)])
        order = both.with_columns(_ties(both, after).alias("tie")).sort(
            "person", "score", "tie", "vacancy", descending=[False, True, True, False]
        )
        ranked = order.with_columns(
            pl.int_range(1, pl.len() + 1, dtype=pl.Int32).over("person").alias("rank")
        )
        better = ranked.filter(pl.col("rank") <= k).select(*BEST)
        merged = pl.concat([kept.filter(~pl.col("person").is_in(moved)).select(*BEST), better])
    return pl.concat([merged.select(*BEST), anew.select(*BEST)]).sort("person", "rank")


def _near_enough(offered: pl.DataFrame, kept: pl.DataFrame, k: int) -> pl.DataFrame:
    """Of what is offered, what can enter a list: all where it is not full, else what is no worse than its last."""
    last = kept.group_by("person").agg(pl.col("score").min().alias("last"), pl.len().alias("length"))
    joined = offered.join(last, on="person", how="left")
    full = (pl.col("length") >= k).fill_null(False)
    return joined.filter(~full | (pl.col("score") >= pl.col("last"))).drop("last", "length")


def _ties(pairs: pl.DataFrame, market: Market) -> pl.Series:
    p, j = market.pair_rows(pairs)
    mixed = (market.P.tie[p] ^ market.J.tie[j]) * np.uint64(2654435761) % np.uint64(encode.TIES)
    return pl.Series(mixed)


def _moved(before: pl.DataFrame, after: pl.DataFrame, key: str) -> tuple[pl.Series, pl.Series]:
    """Keys that are gone or altered, and keys that are new or altered."""
    whole = [pl.struct(t.columns).hash().alias("h") for t in (before, after)]
    old, new = before.select(key, whole[0]), after.select(key, whole[1])
    return old.join(new, on=[key, "h"], how="anti")[key], new.join(old, on=[key, "h"], how="anti")[key]
