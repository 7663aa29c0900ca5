"""The same rules and points in Polars, DuckDB and faiss, all given our own bits and numbers, so that only the engines differ."""

from __future__ import annotations

import time
from typing import Any

import duckdb
import numpy as np
import polars as pl

from chunfeng.engines.matching.market import encode
from chunfeng.engines.matching.market.market import Market

Tables = tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame, pl.DataFrame]


def columns(market: Market) -> Tables:
    """(people, jobs, taken, near): the arrays of a market as columns. taken: area, place, named; near: home, place, near."""
    P, J, A = market.P, market.J, market.A
    first = P.occ[np.minimum(P.occ_at[:-1], len(P.occ) - 1)]
    second = P.occ[np.minimum(P.occ_at[1:] - 1, len(P.occ) - 1)]
    people = pl.DataFrame(
        {"p": np.arange(len(P.have), dtype=np.int32), "occ1": first, "occ2": second, **{
            c: getattr(P, c) for c in ("have", "unknown", "avoid", "certs", "needs", "area", "home", "town", "floor", "earliest", "latest", "tie")
        }}
    )  # fmt: skip
    jobs = pl.DataFrame(
        {"j": np.arange(len(J.need), dtype=np.int32), **{c: getattr(J, c) for c in J._fields}}
    )
    jobs = jobs.rename({"certs": "papers", "town": "job_town", "tie": "job_tie"})
    homes, places = A.near.shape
    area, place = np.nonzero(A.area)
    taken = pl.DataFrame(
        {"area": area.astype(np.int32), "place": place.astype(np.int32), "named": A.area[area, place] == 2}
    )
    near = pl.DataFrame(
        {"home": np.repeat(np.arange(homes, dtype=np.int32), places), "place": np.tile(np.arange(places, dtype=np.int32), homes),
         "near": A.near.ravel()}
    )  # fmt: skip
    return people, jobs, taken, near


def _level(occ: str) -> str:
    return (
        f"CASE WHEN {occ} = occ THEN 4 WHEN {occ} // 200 = occ // 200 THEN 3 WHEN {occ} // 40000 = occ // 40000 THEN 2 "
        f"WHEN {occ} // 8000000 = occ // 8000000 THEN 1 ELSE 0 END"
    )


def duck(market: Market, given: Tables, rows: int, k: int) -> pl.DataFrame:
    """p, j, score of the best `k` of the first rows, one thread."""
    people, jobs, taken, near = given
    spread = people.head(rows).join(taken, on="area").join(near, on=["home", "place"])
    T = encode.terms(market.book)
    W, level, floor = T.weights.tolist(), T.level.tolist(), T.floor.tolist()
    shares = " ".join(f"WHEN {i} THEN {share}" for i, share in enumerate(level))
    query = f"""
    WITH pairs AS (SELECT *, greatest({_level("occ1")}, {_level("occ2")}) AS level,
        CASE WHEN town > 0 AND town = job_town THEN {T.town} WHEN named THEN greatest({T.named}, near) ELSE near END AS spot
      FROM spread JOIN jobs USING (place)
      WHERE need & ~have = 0 AND avoid & states = 0 AND NOT (high >= 0 AND floor > high) AND start >= earliest AND start < latest),
    scored AS (SELECT p, j, {W[0]} * CASE level {shares} END // 100 + {W[1]} * spot // 100 + {W[2]} * pay // 100
        + {W[3]} * CASE WHEN floor < 0 OR low < 0 THEN {floor[3]} WHEN low >= floor THEN {floor[0]} WHEN high < 0 THEN {floor[3]}
            WHEN (low + high) // 2 >= floor THEN {floor[1]} ELSE {floor[2]} END // 100
        + CASE WHEN needs <> 0 THEN {W[4]} * (100 * bit_count(needs & meets)::INTEGER // bit_count(needs)::INTEGER) // 100 ELSE 0 END
        + CASE WHEN papers <> 0 AND papers & ~certs = 0 THEN {W[5]} ELSE 0 END + {W[6]} * priority // 100
        + CASE WHEN need & unknown = 0 AND NOT (floor >= 0 AND high < 0) THEN {W[7]} ELSE 0 END AS score,
        (xor(tie, job_tie) * 2654435761::UBIGINT) % 4294967296 AS lot FROM pairs)
    SELECT p, j, score FROM scored QUALIFY row_number() OVER (PARTITION BY p ORDER BY score DESC, lot DESC, j) <= {k}
    ORDER BY p, score DESC, lot DESC, j"""
    with duckdb.connect(config={"threads": 1}) as db:
        db.register("spread", spread.to_arrow())
        db.register("jobs", jobs.to_arrow())
        return db.sql(query).pl()


def polars(market: Market, given: Tables, rows: int, k: int, chunk: int = 50) -> pl.DataFrame:
    """As `duck`, in pieces that fit into memory; Polars takes as many threads as it was started with."""
    people, jobs, taken, near = given
    T = encode.terms(market.book)
    found: list[pl.DataFrame] = []
    for at in range(0, rows, chunk):
        some = people.slice(at, min(chunk, rows - at))
        found.append(_polars(some.join(taken, on="area").join(near, on=["home", "place"]), jobs, T, k))
    return pl.concat(found)


def _polars(spread: pl.DataFrame, jobs: pl.DataFrame, T: Any, k: int) -> pl.DataFrame:
    W, level, floor = T.weights.tolist(), T.level.tolist(), T.floor.tolist()
    c = pl.col
    pairs = (
        spread.lazy().join(jobs.lazy(), on="place")
        .filter(
            ((c("need") & ~c("have")) == 0) & ((c("avoid") & c("states")) == 0) & ~((c("high") >= 0) & (c("floor") > c("high")))
            & (c("start") >= c("earliest")) & (c("start") < c("latest"))
        )
    )  # fmt: skip

    def shared(occ: str) -> pl.Expr:
        same = [c(occ) // n == c("occ") // n for n in (1, 200, 40_000, 8_000_000)]
        return (
            pl.when(same[0])
            .then(4)
            .when(same[1])
            .then(3)
            .when(same[2])
            .then(2)
            .when(same[3])
            .then(1)
            .otherwise(0)
        )

    spot = (
        pl.when((c("town") > 0) & (c("town") == c("job_town"))).then(T.town)
        .when("named").then(pl.max_horizontal(pl.lit(T.named), "near")).otherwise("near")
    )  # fmt: skip
    least = (
        pl.when((c("floor") < 0) | (c("low") < 0)).then(floor[3]).when(c("low") >= c("floor")).then(floor[0])
        .when(c("high") < 0).then(floor[3]).when((c("low") + c("high")) // 2 >= c("floor")).then(floor[1]).otherwise(floor[2])
    )  # fmt: skip
    deepest = pl.max_horizontal(shared("occ1"), shared("occ2")).replace_strict(
        dict(enumerate(level)), return_dtype=pl.Int32
    )
    met, asked = (
        (c("needs") & c("meets")).bitwise_count_ones().cast(pl.Int32),
        c("needs").bitwise_count_ones().cast(pl.Int32),
    )
    score = (
        W[0] * deepest // 100 + W[1] * spot.cast(pl.Int32) // 100 + W[2] * c("pay") // 100 + W[3] * least // 100
        + pl.when(c("needs") != 0).then(W[4] * (100 * met // asked) // 100).otherwise(0)
        + pl.when((c("papers") != 0) & ((c("papers") & ~c("certs")) == 0)).then(W[5]).otherwise(0)
        + W[6] * c("priority") // 100
        + pl.when(((c("need") & c("unknown")) == 0) & ~((c("floor") >= 0) & (c("high") < 0))).then(W[7]).otherwise(0)
    )  # fmt: skip
    lot = (
        (c("tie") ^ c("job_tie")) * pl.lit(2654435761, dtype=pl.UInt64) % pl.lit(4294967296, dtype=pl.UInt64)
    )
    key = score.cast(pl.Int64) * 4294967296 + lot.cast(pl.Int64)
    best = pairs.select("p", "j", score.cast(pl.Int32).alias("score"), key.alias("key"))
    top = best.group_by("p").agg(pl.all().top_k_by("key", k)).explode("j", "score", "key")
    return (
        top.sort("p", "key", descending=[False, True]).select("p", "j", "score").collect(engine="streaming")
    )


def faiss(
    market: Market, rows: int, k: int, kept: int, width: int = 256
) -> tuple[pl.DataFrame, float] | None:
    """p, j, score of the best `kept` by inner product of vectors among the jobs that break no rule, put in our order, and the
    processor seconds of searching and ordering alone, since the rules are our own; None without faiss.

    Vectors stand for occupation, place and pay as a trained pair of towers would, so their order is near our own, not equal.
    """
    try:
        import faiss as library  # type: ignore[import-untyped, import-not-found]
    except ImportError:
        return None
    from chunfeng.engines.matching.market import pairing

    library.omp_set_num_threads(1)
    P, J, A = market.P, market.J, market.A
    rng = np.random.default_rng(1)

    def table(size: int) -> np.ndarray:
        return rng.normal(size=(size, width)).astype(np.float32) / np.sqrt(width)

    W = encode.terms(market.book).weights / 10_000
    levels = [(1, 0.2), (200, 0.3), (40_000, 0.25), (8_000_000, 0.25)]
    jobs_v = np.outer(J.pay / 100 * W[2] + J.priority / 100 * W[6], np.eye(1, width)[0]).astype(np.float32)
    people_v = np.tile(np.eye(1, width)[0], (rows, 1)).astype(np.float32)
    for step, gain in levels:
        groups, at = np.unique(J.occ // step, return_inverse=True)
        vectors = table(len(groups))
        jobs_v += vectors[at] * np.sqrt(gain * W[0])
        for end in (P.occ_at[:-1], P.occ_at[1:] - 1):
            mine = P.occ[end[:rows]] // step
            where = np.minimum(np.searchsorted(groups, mine), len(groups) - 1)
            people_v += vectors[where] * (groups[where] == mine)[:, None] * np.sqrt(gain * W[0]) / 2
    spots = table(A.near.shape[1])
    jobs_v += spots[J.place] * np.sqrt(W[1])
    people_v += ((A.near / 100).astype(np.float32) @ spots)[P.home[:rows]] * np.sqrt(W[1])
    index = library.IndexFlatIP(width)
    index.add(jobs_v)
    slots, groups_ = market.layout.slots, market.layout.groups
    every = np.arange(len(J.need), dtype=np.int32)
    found: list[pl.DataFrame] = []
    seconds = 0.0
    for p in range(rows):
        allowed = pairing.failing(P, J, A, groups_, slots, np.full(len(every), p, np.int32), every) == 0
        bitmap = np.packbits(allowed, bitorder="little")
        chosen = library.SearchParameters(sel=library.IDSelectorBitmap(bitmap))
        started = time.process_time()
        _, ids = index.search(people_v[p : p + 1], min(kept, int(allowed.sum()) or 1), params=chosen)
        some = ids[0][ids[0] >= 0].astype(np.int32)
        points = pairing.parts_of(P, J, A, encode.terms(market.book), np.full(len(some), p, np.int32), some)[
            :, 9
        ]
        order = np.argsort(-points, kind="stable")[:k]
        seconds += time.process_time() - started
        found.append(
            pl.DataFrame({"p": np.full(len(order), p, np.int32), "j": some[order], "score": points[order]})
        )
    return pl.concat(found), seconds
