"""An invented province of five million persons and a book of twelve categories, for the bench of rules. One seed, one case."""

from __future__ import annotations

import sys
import tempfile
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl

from chunfeng.engines.rules.book import load_book
from chunfeng.engines.rules.catalogue import load_catalogue
from chunfeng.engines.rules.records import Book

AS_OF, SEED = date(2023, 1, 15), 20230115
SHARES = {
    "in_province": 0.95, "able": 0.97, "wish": 0.75, "registered": 0.06, "employed": 0.62, "seeking": 0.08, "transfer": 0.2,
    "disability": 0.05, "allowance": 0.04, "insured_ever": 0.5, "planning_area": 0.03, "family_certificate": 0.06,
    "poverty_exit": 0.04, "real_name": 0.3, "student": 0.08, "graduate": 0.05,
}  # fmt: skip
"""Facts of yes and no: the share of yes among the known."""
MISSING = {
    "wish": 0.3,
    "able": 0.1,
    "hukou": 0.02,
    "sex": 0.001,
    "birth_date": 0.002,
    "employed": 0.05,
    "transfer": 0.3,
}
"""The share that is unknown; of all others one in a hundred."""
DATES = {"since": ("registered", 1500), "graduated_on": ("graduate", 1500), "birth_date": ("", 29_000)}
RULES = ("A1", "A2", "A3", "A4", "A5", "A6", "A7", "B1", "B2", "B3", "C1", "D1")
PARAMETERS = {
    "older_male": [("35", 50), ("3502", 48)], "older_female": [("35", 40)], "rural_male": [("35", 40)],
    "rural_female": [("35", 30)], "male_retires": [("35", 60)], "female_retires": [("35", 55)], "long_months": [("35", 12)],
    "land_line": [("35", 300)],
}  # fmt: skip
DEFINITIONS = {
    "working_age": "age(birth_date) >= 16 AND ((sex = 'male' AND age(birth_date) < :male_retires) OR "
    "(sex = 'female' AND age(birth_date) < :female_retires))",
    "jobless": "registered AND (NOT employed)",
    "gate_a": "in_province AND working_age AND able AND wish AND jobless",
    "gate_b": "in_province AND working_age AND able AND transfer AND seeking AND (NOT employed) AND hukou = 'rural'",
    "out_of_work": "(NOT working_age) OR student OR (NOT employed)",
}
CONDITIONS = {
    "A1": "gate_a AND hukou = 'urban' AND ((sex = 'male' AND age(birth_date) >= :older_male) OR "
    "(sex = 'female' AND age(birth_date) >= :older_female))",
    "A2": "gate_a AND hukou = 'urban' AND disability",
    "A3": "gate_a AND hukou = 'urban' AND allowance",
    "A4": "gate_a AND hukou = 'urban' AND months(since) >= :long_months",
    "A5": "gate_a AND hukou = 'rural' AND insured_ever AND months(since) >= :long_months",
    "A6": "gate_a AND planning_area AND land_left < :land_line",
    "A7": "gate_a AND hukou = 'urban' AND all_members(out_of_work)",
    "B1": "gate_b AND family_certificate AND ((sex = 'male' AND age(birth_date) >= :rural_male) OR "
    "(sex = 'female' AND age(birth_date) >= :rural_female))",
    "B2": "gate_b AND disability",
    "B3": "gate_b AND allowance",
    "C1": "in_province AND working_age AND able AND poverty_exit AND real_name AND (NOT student)",
    "D1": "gate_a AND graduate AND months(graduated_on) BETWEEN 6 AND 24",
}  # fmt: skip


@cache
def book() -> Book:
    """The twelve categories, read from YAML as any book."""
    facts = [
        f"{{fact: {n}, name: 事实{n}, english: {n}, entity: person, type: yes_no, absence: open, evidence: 证明}}"
        for n in SHARES
    ]
    facts += [
        f"{{fact: {n}, name: 事实{n}, english: {n}, entity: person, type: date, absence: open, evidence: 证明}}"
        for n in DATES
    ]
    codes = {"sex": "{male: 男, female: 女}", "hukou": "{urban: 城镇, rural: 农村}"}
    facts += [
        f"{{fact: {n}, name: 事实{n}, english: {n}, entity: person, type: code, values: {v}, absence: open, evidence: 证明}}"
        for n, v in codes.items()
    ]
    facts.append(
        "{fact: land_left, name: 剩余耕地, english: land, entity: person, type: integer, absence: open, evidence: 证明}"
    )
    parameters = [
        f"  - {{parameter: {n}, name: 参数{n}, type: integer, values: ["
        + ", ".join(f"{{area: '{a}', from: 2000-01-01, value: {v}, source: 例}}" for a, v in values)
        + "]}"
        for n, values in PARAMETERS.items()
    ]
    definitions = [
        f'  - {{definition: {n}, name: 定义{n}, entity: person, when: "{w}"}}' for n, w in DEFINITIONS.items()
    ]
    rules = [
        f"  - {{rule: {n}, kind: recognition, name: 类别{n}, english: {n}, entity: person, versions: ["
        f'{{version: {n}-1, valid_from: 2000-01-01, area: "35", source: 例, when: "{w}"}}]}}'
        for n, w in CONDITIONS.items()
    ]
    with tempfile.TemporaryDirectory() as folder:
        catalogue_file, book_file = Path(folder) / "facts.yaml", Path(folder) / "book.yaml"
        catalogue_file.write_text("facts:\n" + "\n".join(f"  - {f}" for f in facts), encoding="utf-8")
        text = ["parameters:", *parameters, "definitions:", *definitions, "rules:", *rules]
        book_file.write_text("\n".join(text), encoding="utf-8")
        return load_book([book_file], load_catalogue(catalogue_file), examples=False)


def population(rows: int, seed: int = SEED) -> pl.DataFrame:
    """A facts table: 2.5 persons a household, one in twelve without a household number, counties of Fujian."""
    rng = np.random.default_rng(seed)
    household = rng.integers(0, rows * 2 // 5, rows)
    counties = np.array([f"35{city:02}{county:02}" for city in range(1, 10) for county in range(2, 11)])
    columns: dict[str, pl.Series] = {
        "person": pl.Series(np.arange(rows)).cast(pl.String).str.zfill(7),
        "household": pl.Series(household)
        .cast(pl.String)
        .str.zfill(7)
        .set(pl.Series(rng.random(rows) < 1 / 12), None),
        # households are not split over counties
        "area": pl.Series(counties[household % len(counties)]),
    }

    def known(name: str) -> np.ndarray:
        return rng.random(rows) >= MISSING.get(name, 0.01)

    truths = {name: rng.random(rows) < share for name, share in SHARES.items()}
    for name, truth in truths.items():
        columns[name] = pl.Series(truth).set(pl.Series(~known(name)), None)
    end = (AS_OF - date(1970, 1, 1)).days
    for name, (of, span) in DATES.items():
        there = known(name) & (truths[of] if of else True)
        days = pl.Series((end - rng.integers(0, span, rows)).astype(np.int32)).cast(pl.Date)
        columns[name] = days.set(pl.Series(~there), None)
    for name, values, share in (("sex", ("male", "female"), 0.51), ("hukou", ("urban", "rural"), 0.55)):
        picked = np.where(rng.random(rows) < share, *values)
        columns[name] = pl.Series(picked).set(pl.Series(~known(name)), None)
    columns["land_left"] = pl.Series(rng.integers(0, 1500, rows)).set(pl.Series(~known("land_left")), None)
    return pl.DataFrame(columns)


def main() -> None:
    """Write the population: FILE ROWS."""
    population(int(sys.argv[2])).write_parquet(sys.argv[1])


if __name__ == "__main__":
    main()
