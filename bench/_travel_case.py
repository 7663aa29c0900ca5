"""Invented demand of a province for the bench of chartering, and CVRPLIB instances for the bench of routes."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from chunfeng.engines.travel import charter, network
from chunfeng.engines.travel.vehicles import Tariff
from chunfeng.reference import regions

FIRST = date(2023, 1, 25)
ORIGINS, CITIES, DAYS = 60, 12, 14
TO = "350200 350500 350100 440300 441900 440100 330100 330200 330300 330782 310000 320500".split()
"""Where Fujian's rural workers go: Xiamen, Quanzhou, Fuzhou, Shenzhen, Dongguan, Guangzhou, Hangzhou, Ningbo, Wenzhou, Yiwu,
Shanghai, Suzhou."""


def demand(people: int, seed: int, focus: float, fixed: float) -> pl.DataFrame:
    """One row per party: origin, zone, earliest, latest, seats. Days cluster after the festival.

    `focus`: how much each county keeps to few cities (Dirichlet); 0.5 a few, 10 all alike. `fixed`: share of parties that
    can leave on one day only, the others wait one to four days as well.
    """
    rng = np.random.default_rng(seed)
    counties = [r.code for r in regions.fujian() if r.level == "county" and not r.no_data_entry]
    origins = rng.choice(counties, ORIGINS, replace=False)
    size = rng.choice([1, 2, 3, 4], people, p=[0.72, 0.2, 0.05, 0.03])
    parties = int(np.searchsorted(np.cumsum(size), people)) + 1
    from_ = rng.choice(ORIGINS, parties, p=_shares(rng, ORIGINS, 0.7))
    # people follow their neighbours: each county has a few cities of its own
    ways = rng.dirichlet(np.full(CITIES, focus), ORIGINS).cumsum(axis=1)
    to = np.minimum((rng.random((parties, 1)) > ways[from_]).sum(axis=1), CITIES - 1)
    first = np.clip(np.rint(rng.normal(5.5, 2.6, parties)), 0, DAYS - 1).astype(int)
    wait = rng.choice([0, 1, 2, 3, 4], parties, p=[fixed, *[(1 - fixed) / 4] * 4])
    last = np.minimum(first + wait, DAYS - 1)
    return pl.DataFrame({
        "origin": origins[from_], "zone": np.array(TO)[to], "seats": size[:parties].astype(np.int64),
        "earliest": [FIRST + timedelta(days=int(d)) for d in first], "latest": [FIRST + timedelta(days=int(d)) for d in last],
    }).with_columns(pl.col("zone").str.replace("330782", "330700"))  # fmt: skip


def _shares(rng: np.random.Generator, count: int, slope: float) -> np.ndarray:
    weight = (1 + np.arange(count)) ** -slope * rng.uniform(0.7, 1.3, count)
    return weight / weight.sum()


def problem(parties: pl.DataFrame, tariff: Tariff) -> tuple[charter.Problem, pl.DataFrame]:
    """(the problem with coaches to single cities, the price of the desk's coach on every way)."""
    ways = network.ways(parties, tariff)
    groups, _ = network.groups(parties, ways)
    offers, access = network.offers(ways, tariff, joint=False)
    coaches = offers.filter(pl.col("line").str.ends_with(":coach"))
    own = access.filter(pl.col("line").str.ends_with(":coach"))
    return charter.Problem(groups, coaches, own), network.coach_prices(ways, tariff)


def instance(path: Path) -> tuple[np.ndarray, np.ndarray, int]:
    """(distances rounded to whole numbers as CVRPLIB asks, demands, capacity) of a .vrp file with EUC_2D; depot first."""
    text = path.read_text(encoding="utf-8")
    capacity = int(re.search(r"CAPACITY\s*:\s*(\d+)", text)[1])  # type: ignore[index]
    block = re.search(r"NODE_COORD_SECTION\s+(.*?)DEMAND_SECTION\s+(.*?)DEPOT_SECTION", text, re.S)
    assert block is not None and "EUC_2D" in text, path
    coordinates = np.array([line.split()[1:3] for line in block[1].strip().splitlines()], dtype=float)
    demands = np.array([line.split()[1] for line in block[2].strip().splitlines()], dtype=np.int64)
    apart = coordinates[:, None, :] - coordinates[None, :, :]
    return np.rint(np.sqrt((apart**2).sum(axis=2))), demands, capacity


def best_known(path: Path) -> int:
    """The cost stated in a .sol file."""
    return round(float(re.search(r"Cost\s+([\d.]+)", path.read_text(encoding="utf-8"))[1]))  # type: ignore[index]
