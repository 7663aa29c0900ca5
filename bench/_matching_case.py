"""An invented labour market for the bench of matching: counties of Fujian, occupations of the 2022 tree, one seed, one case."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

from chunfeng.engines.matching.market import tables
from chunfeng.reference import codes, regions

SEED, DAY = 20230115, date(2023, 2, 10)
PAPERS = ("电工证", "焊工证", "叉车证", "健康证", "驾驶证B2", "驾驶证C1", "会计证", "护理员证")
OFFERS = ("dorm", "dayshift", "nightshift", "couple", "childcare", "meals")


def counties() -> list[str]:
    return [r.code for r in regions.fujian() if len(r.code) == 6]


WISHED, OFFERED = 1.3, 0.8
"""Exponents of Zipf's law for occupations: what people wish for crowds on fewer than what employers offer."""


def _occupations(rng: np.random.Generator, size: int, exponent: float) -> np.ndarray:
    """Leaves of the tree, by the popularity of their minor group."""
    leaves = [c.code for c in codes.table("occupation") if c.code.count("-") == 3 and c.code[0] in "2346"]
    minor = sorted({leaf[:7] for leaf in leaves})
    order = np.random.default_rng(SEED).permutation(len(minor))
    weight = 1 / (1 + np.arange(len(minor))) ** exponent
    of_minor = dict(zip(np.array(minor)[order], weight / weight.sum(), strict=True))
    share = np.array([of_minor[leaf[:7]] for leaf in leaves])
    return rng.choice(np.array(leaves), size, p=share / share.sum())


def _lists(rng: np.random.Generator, size: int, words: tuple[str, ...], share: float) -> pl.Series:
    """Lists in which each word stands with that share."""
    columns = [pl.Series(np.where(rng.random(size) < share, word, "")) for word in words]
    frame = pl.DataFrame({str(i): c for i, c in enumerate(columns)})
    lists = frame.select(pl.concat_list(pl.all()).list.eval(pl.element().filter(pl.element() != "")))
    return lists.to_series()


def _some_null(
    values: np.ndarray, rng: np.random.Generator, share: float, dtype: type[pl.DataType]
) -> pl.Series:
    return pl.Series(values).cast(dtype).set(pl.Series(rng.random(len(values)) < share), None)


def people(size: int, seed: int = SEED) -> pl.DataFrame:
    """Seekers: two in five take work in their county alone, two in five in their city, the others anywhere in some cities."""
    rng = np.random.default_rng(seed)
    home = rng.choice(np.array(counties()), size, p=_shares())
    city = pl.Series(home).str.slice(0, 4)
    cities = np.array(sorted({c[:4] for c in counties()}))
    kind = rng.random(size)
    where = pl.DataFrame({"home": home, "city": city + "00", "other": rng.choice(cities, size), "kind": kind})
    accepts = where.select(
        pl.when(pl.col("kind") < 0.4).then(pl.concat_list("home"))
        .when(pl.col("kind") < 0.8).then(pl.concat_list("city"))
        .when(pl.col("kind") < 0.95).then(pl.concat_list("home", pl.col("other") + "00"))
        .otherwise(pl.concat_list(pl.lit("")))
    ).to_series()  # fmt: skip
    one, two = (_occupations(rng, size, WISHED) for _ in range(2))
    pair = pl.DataFrame({"one": one, "two": np.where(rng.random(size) < 0.3, two, one)})
    born = pl.Series(rng.integers(-365 * 8, 365 * 36, size).astype(np.int32)).cast(pl.Date)
    frame = pl.DataFrame(
        {
            "person": pl.Series(np.arange(size)).cast(pl.String).str.zfill(8), "county": home,
            "village": pl.Series(home) + pl.Series(rng.integers(100, 112, size)).cast(pl.String),
            "occupation": pair.select(pl.concat_list(pl.all()).list.unique(maintain_order=True)).to_series(),
            "accepts": accepts, "pay_floor": _some_null(rng.integers(18, 70, size) * 100, rng, 0.2, pl.Int32),
            "education": _some_null(rng.choice(7, size, p=[0.02, 0.1, 0.4, 0.26, 0.12, 0.09, 0.01]), rng, 0.1, pl.Int32),
            "certificates": _lists(rng, size, PAPERS, 0.12), "birth_date": born, "retires_on": born.dt.offset_by("60y"),
            "barriers": _lists(rng, size, ("dorm", "dayshift", "child", "couple"), 0.08),
            "tier": rng.integers(1, 5, size).astype(np.int32), "lottery": rng.integers(0, 2**32, size),
        }
    )  # fmt: skip
    return tables.people_table(frame)


def jobs(size: int, seed: int = SEED, places: float = 4.6) -> pl.DataFrame:
    """Vacancies, all lawful and open; `places`: how many on average."""
    rng = np.random.default_rng(seed + 1)
    county = rng.choice(np.array(counties()), size, p=_shares())
    low = rng.integers(18, 60, size) * 100
    high = _some_null(low + rng.integers(0, 30, size) * 100, rng, 0.15, pl.Int32)
    asks = rng.choice(7, size, p=[0.35, 0.05, 0.28, 0.17, 0.1, 0.045, 0.005])
    frame = pl.DataFrame(
        {
            "vacancy": "v.xlsx:岗位:" + pl.Series(np.arange(size)).cast(pl.String).str.zfill(8), "county": county,
            "place": pl.Series(county) + pl.Series(rng.integers(100, 112, size)).cast(pl.String),
            "occupation": _occupations(rng, size, OFFERED), "places": (1 + rng.poisson(places - 1, size)).astype(np.int32),
            "pay_low": low.astype(np.int32), "pay_high": high, "education": pl.Series(asks).cast(pl.Int32),
            "certificates": _lists(rng, size, PAPERS, 0.03), "offers": _lists(rng, size, OFFERS, 0.3),
            "work_type": rng.choice(["full", "part", "temporary"], size, p=[0.8, 0.1, 0.1]),
            "starts_on": pl.Series([DAY] * size), "lawful": pl.Series(["yes"] * size),
            "priority": rng.choice(4, size, p=[0.7, 0.15, 0.1, 0.05]).astype(np.int32),
        }
    )  # fmt: skip
    return tables.jobs_table(frame)


def _shares() -> np.ndarray:
    weight = np.random.default_rng(SEED).lognormal(0, 0.7, len(counties()))
    return weight / weight.sum()
