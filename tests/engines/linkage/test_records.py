"""A record of 128 bytes says of a pair what the whole row says; kernel, columns and `agreement` agree."""

import random
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from chunfeng.engines.identity import names
from chunfeng.engines.linkage import records
from chunfeng.engines.linkage.agreement import birth_level, name_level

NAMES = [
    "陈志明", "陈智明", "陈子民", "陈志强", "陈明", "陳志明", "欧阳小红", "欧阳晓红", "欧阳红", "林伟", "林玮", "张王君", "张珺",
    "黄建国", "王建国", "阿明", "张*", "买买提·吐尔逊", "司马相如之", "李", None,
]  # fmt: skip
BIRTHS = [
    19800512,
    19800500,
    19800000,
    19800612,
    19801205,
    19810512,
    19800605,
    19700512,
    19900101,
    19800413,
    None,
]
REGIONS = [
    "350825100201",
    "350825100202",
    "350825100",
    "350825101",
    "350825",
    "350824100201",
    "350824",
    "35",
    None,
]


def rows(count: int, seed: int) -> pl.DataFrame:
    """Claims of few different values, so that they often meet."""
    draw = random.Random(seed)
    read = names.read_column(pl.Series([draw.choice(NAMES) for _ in range(count)], dtype=pl.String))
    return read.select(
        "name", pl.col("kind").alias("name_kind"), "key", pl.col("accent_key").alias("accent"), "surname", "given",
        "variant",
        pl.Series("birth", [draw.choice(BIRTHS) for _ in range(count)], dtype=pl.Int32),
        pl.Series("born_about", [draw.choice([1978, 1980, 1982, 1990, None]) for _ in range(count)], dtype=pl.Int16),
        pl.Series("sex", [draw.choice(["1", "2", "9", None]) for _ in range(count)], dtype=pl.String),
        pl.Series("phone", [draw.choice(["16000000001", "16000000002", None]) for _ in range(count)], dtype=pl.String),
        pl.Series("phone_2", [draw.choice(["16000000001", "16000000003", None]) for _ in range(count)], dtype=pl.String),
        pl.Series("region", [draw.choice(REGIONS) for _ in range(count)], dtype=pl.String),
        pl.Series("employer", [draw.choice(["168NYQ6A1", "永盛鞋业", None]) for _ in range(count)], dtype=pl.String),
    )  # fmt: skip


@pytest.fixture(scope="module")
def pairs() -> tuple[pl.DataFrame, pl.DataFrame]:
    return rows(6_000, 1), rows(6_000, 2)


def levels(a: pl.DataFrame, b: pl.DataFrame, kernel: bool) -> pl.DataFrame:
    at = np.arange(a.height)
    found = records.levels(records.pack(a), records.pack(b), at, at, kernel=kernel)
    return pl.DataFrame(found, schema=list(records.PARTS), orient="row")


def test_a_record_has_at_most_128_bytes_and_reads_back(tmp_path: Path) -> None:
    assert records.RECORD.itemsize <= 128
    packed = records.pack(rows(50, 3), pl.Series(range(50)))
    kept = records.create(tmp_path / "register", 1_000_000)
    kept[500_000:500_050] = packed
    kept.flush()
    again = records.opened(tmp_path / "register")
    assert (again[500_000:500_050] == packed).all() and again[0]["length"] == 0
    # what nobody was written into takes no place on the disk
    assert (tmp_path / "register").stat().st_blocks * 512 < 1_000_000
    (tmp_path / "broken").write_bytes(b"x" * 100)
    with pytest.raises(ValueError, match="128"):
        records.opened(tmp_path / "broken")


def test_kernel_and_columns_say_the_same(pairs: tuple[pl.DataFrame, pl.DataFrame]) -> None:
    assert levels(*pairs, kernel=True).equals(levels(*pairs, kernel=False))


def region_level(a: str | None, b: str | None) -> int:
    """0 same village, 1 same town, 2 same county, 3 elsewhere; nothing where a code is too short to tell the first."""
    if a is None or b is None or min(len(a), len(b)) < 6:
        return records.NOTHING
    deep = min(len(a), len(b))
    if a[:6] != b[:6]:
        return 3
    if deep == 6 or (deep == 9 and a[:9] == b[:9]):
        return records.NOTHING
    return 2 if a[:9] != b[:9] else 0 if a == b else 1


def test_levels_are_those_of_agreement(pairs: tuple[pl.DataFrame, pl.DataFrame]) -> None:
    a, b = pairs
    both = pl.concat([a, b.rename({c: f"p_{c}" for c in b.columns})], how="horizontal")
    found = levels(a, b, kernel=True)
    said = both.select(
        name_level("p_").fill_null(records.NOTHING).alias("name"),
        birth_level(pl.col("birth"), pl.col("p_birth")).fill_null(records.NOTHING).alias("birth"),
        pl.Series(
            "region", [region_level(a, b) for a, b in both.select("region", "p_region").rows()], dtype=pl.Int8
        ),
    )
    assert found["birth"].equals(said["birth"], null_equal=True) and found["region"].equals(said["region"])
    held = found["name"] != records.LEFT
    assert (found["name"].filter(held) == said["name"].filter(held)).all()
    # only what a record cannot hold is left to the definition
    odd = pl.any_horizontal(
        [(pl.col(f"{p}name_kind") != "ok") | (pl.col(f"{p}name").str.len_chars() > 4) for p in ("", "p_")]
    )
    assert both.filter(~held).select(odd.all()).item()
    assert {0, 1, 2, 3, 4, 6, 7} == set(found["name"].filter(held)) - {records.NOTHING}


def test_syllables_have_codes_of_their_own() -> None:
    syllables = rows(4_000, 5)["key"].drop_nulls().str.split(" ").explode().unique()
    packed = records.pack(rows(4_000, 5))
    assert len(set(packed["sounds"].ravel()) - {0}) <= syllables.len()
