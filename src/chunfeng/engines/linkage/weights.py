"""Weights of evidence: log2 of how much likelier a pattern is for the same person than for another.

m (how the same person's rows differ) is learned from rows whose id is verified, per kind of list where it has enough of
them; u (how strangers agree) comes exactly from counts. A household's common phone and village speak for its members
alike; the margin over the runner-up tells them apart.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from chunfeng.engines.linkage.agreement import BIRTH, NAME
from chunfeng.engines.linkage.runs import counted, first_of_runs, starts

PARTS = ("name", "birth", "age", "sex", "phone", "region", "household", "employer", "number")
_M: dict[str, dict[int, float]] = {
    "name": {NAME.EXACT: 0.90, NAME.VARIANT: 0.01, NAME.SOUND: 0.02, NAME.ACCENT: 0.004, NAME.ONE_OFF: 0.012, NAME.NICKNAME: 0.03,
             NAME.SURNAME: 0.01, NAME.OTHER: 0.002},
    "birth": {BIRTH.EXACT: 0.90, BIRTH.PARTLY: 0.03, BIRTH.LUNAR: 0.03, BIRTH.ONE_PART: 0.025, BIRTH.NEAR: 0.01,
              BIRTH.OTHER: 0.006},
    "age": {0: 0.93, 1: 0.045, 2: 0.025},
    "sex": {0: 0.995, 1: 0.005},
    "phone": {0: 0.60, 1: 0.40},
    "region": {0: 0.86, 1: 0.06, 2: 0.05, 3: 0.03},
    "household": {0: 0.8, 1: 0.2},
    "employer": {0: 0.7, 1: 0.3},
}  # fmt: skip
"""Starting shares of each level among pairs of the same person; learned ones take their place."""
NUMBER_BITS = {"verified": 11.0, "known15": 16.0, "slip": 15.0, "prefix": 2.0, "against": -8.0}
"""A verified number under another name is a relative's one time in 400; known digits of a damaged one are rarely chance."""
ENOUGH = 200


@dataclass(frozen=True, slots=True)
class Model:
    """m per part and level, by kind of list where learned ('' for all)."""

    m: dict[str, dict[str, dict[int, float]]]

    def share(self, kind: str, part: str, level: int) -> float:
        """m of that level, of the kind if it was learned, else of all kinds, else the start."""
        for source in (self.m.get(kind, {}), self.m.get("", {}), _M):
            if part in source:
                return source[part].get(level, 0.0005)
        return 0.0005


@dataclass(frozen=True, slots=True)
class Counts:
    """How many persons there are, and of each code (key_code, surname_code, region_code) how many share it, as `n_<code>`."""

    persons: int
    shared: tuple[pl.DataFrame, ...]


COUNTED = {"key_code": 1, "surname_code": 1, "region_code": 30}
"""Code → persons who share one that none of the counted bears."""


def counts(known: pl.DataFrame) -> Counts:
    """Counts of the persons in rows of `profiles.known_rows`."""
    shared = []
    for code in COUNTED:
        told = known.select("person", code).drop_nulls().sort("person", code)
        once = first_of_runs(told, "person", code)
        shared.append(counted(once[code], f"n_{code}"))
    return Counts(known["person"].n_unique(), tuple(shared))


def score(levels: pl.DataFrame, counts: Counts, model: Model) -> pl.DataFrame:
    """Bits per part (columns bits_…) and their sum less the prior (`bits`): log2 odds that claim and person are one.

    `levels`: patterns in the order of claims. Place, telephone and co-listing all point to the household; together they
    count no more than knowing it.
    """
    n = max(counts.persons, 2)
    # how common a name or place is depends on the claim alone
    first = levels.select(first=starts("claim"))["first"]
    of_claims = levels.select(*COUNTED).filter(first)
    for code, table in zip(COUNTED, counts.shared, strict=True):
        of_claims = of_claims.join(table, on=code, how="left", maintain_order="left")
    u_key, u_surname, u_village = (pl.col(f"n_{code}").fill_null(few) / n for code, few in COUNTED.items())
    shares_of_claims = of_claims.select(
        u_key.alias("u_key"), u_surname.alias("u_surname"), u_village.clip(1 / n, 1.0).alias("u_village")
    )
    frame = levels.hstack(shares_of_claims[first.cum_sum() - 1])
    u: dict[str, dict[int, pl.Expr | float]] = {
        "name": {NAME.EXACT: pl.col("u_key"), NAME.VARIANT: pl.col("u_key"), NAME.SOUND: pl.col("u_key"),
                 NAME.ACCENT: pl.col("u_key") * 2, NAME.ONE_OFF: pl.col("u_surname") * 0.05, NAME.NICKNAME: pl.lit(0.02),
                 NAME.SURNAME: pl.max_horizontal(pl.col("u_surname"), pl.lit(0.3)), NAME.OTHER: pl.lit(1.0)},
        "birth": {BIRTH.EXACT: 4.6e-5, BIRTH.PARTLY: 1.4e-3, BIRTH.LUNAR: 1.8e-3, BIRTH.ONE_PART: 5e-3, BIRTH.NEAR: 0.05,
                  BIRTH.OTHER: 0.95},
        "age": {0: 0.043, 1: 0.057, 2: 0.9},
        "sex": {0: 0.5, 1: 0.5},
        "phone": {0: 3 / n, 1: 1.0},
        "region": {0: pl.col("u_village"), 1: pl.max_horizontal(pl.col("u_village") * 10, pl.lit(0.02)), 2: 0.7, 3: 0.2},
        "household": {0: 4 / n, 1: 1.0},
        "employer": {0: 0.003, 1: 0.97},
    }  # fmt: skip
    kinds = frame["kind"].unique().sort()
    of_kind = frame["kind"].cast(pl.Enum(kinds)).to_physical()
    parts = []
    for part, by_level in u.items():
        shares = np.array([[model.share(k, part, int(level)) for level in by_level] for k in kinds]).reshape(
            -1
        )
        at = frame.select((of_kind.cast(pl.Int32) * len(by_level) + pl.col(f"{part}_level")).alias("at"))[
            "at"
        ]
        learned = pl.Series("m", shares, dtype=pl.Float64)
        if all(isinstance(share, float) for share in by_level.values()):
            chances = pl.Series("u", [*by_level.values()] * len(kinds), dtype=pl.Float64)
            bits = pl.select(_bits(pl.lit(learned), pl.lit(chances)))[:, 0].gather(at)
        else:
            chance = pl.lit(None, dtype=pl.Float64)
            for level, share in by_level.items():
                of_chance = share if isinstance(share, pl.Expr) else pl.lit(float(share))
                chance = pl.when(pl.col(f"{part}_level") == int(level)).then(of_chance).otherwise(chance)
            bits = frame.select(_bits(pl.lit(learned.gather(at)), chance))[:, 0]
        parts.append(bits.fill_null(0.0).alias(f"bits_{part}"))
    frame = frame.with_columns(parts)
    number = pl.col("number").replace_strict(NUMBER_BITS, default=0.0, return_dtype=pl.Float64)
    home = pl.sum_horizontal("bits_region", "bits_phone", "bits_household").clip(
        None, pl.lit(n / 4.0).log(2.0)
    )
    rest = pl.sum_horizontal("bits_name", "bits_birth", "bits_age", "bits_sex", "bits_employer")
    return frame.with_columns(number.alias("bits_number")).with_columns(
        (home + rest + pl.col("bits_number") - pl.lit(float(n)).log(2.0)).alias("bits")
    )


def _bits(m: pl.Expr, u: pl.Expr) -> pl.Expr:
    return (m / u).log(2.0).clip(-12.0, 22.0)


def learn(levels: pl.DataFrame) -> Model:
    """m from patterns of pairs known to be one person; a kind with fewer than ENOUGH of a part leans on all kinds."""
    m: dict[str, dict[str, dict[int, float]]] = {}
    for kind, part_of in [
        ("", levels),
        *((str(k[0]), p) for k, p in levels.partition_by("kind", as_dict=True).items()),
    ]:
        for part in PARTS[:-1]:
            counts = part_of[f"{part}_level"].drop_nulls().value_counts()
            total = int(counts["count"].sum())
            if total < ENOUGH or part in ("household", "employer"):
                continue
            m.setdefault(kind, {})[part] = _shares(dict(counts.iter_rows()), total, part)
    return Model(m)


def _shares(counts: dict[int, int], total: int, part: str) -> dict[int, float]:
    """The share of each level, leaning on the start as if 5 rows had said it.

    A verified number under quite another name is nobody's label, so how often one person's names differ that far is not
    seen among labels: those levels keep at least their starting share, the others share the rest.
    """
    start = _M[part]
    shares = {
        int(level): (counts.get(int(level), 0) + 5 * share) / (total + 5) for level, share in start.items()
    }
    if part != "name":
        return shares
    unseen = {level: max(shares[level], start[level]) for level in map(int, _UNSEEN)}
    rest = sum(shares[level] for level in shares if level not in unseen)
    return {level: unseen.get(level, shares[level] / rest * (1 - sum(unseen.values()))) for level in shares}


_UNSEEN = (NAME.ONE_OFF, NAME.SURNAME, NAME.OTHER)
