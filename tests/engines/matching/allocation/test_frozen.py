"""The lottery can be drawn again by anyone; the hash knows every value and no order."""

import hashlib

import polars as pl

from chunfeng.engines.matching.allocation.frozen import digest, lottery


def test_the_lottery_is_the_order_of_plain_sha256() -> None:
    people = [f"P{n:09d}" for n in range(200)]
    drawn = lottery(pl.Series("person", people), "2023年1月15日公布")
    by_hand = sorted(people, key=lambda p: hashlib.sha256(f"2023年1月15日公布:{p}".encode()).hexdigest())
    assert drawn["person"].to_list() == by_hand
    assert drawn["lottery"].to_list() == list(range(1, 201))
    fewer = lottery(pl.Series("person", people[::2]), "2023年1月15日公布")
    assert fewer["person"].to_list() == [p for p in by_hand if p in set(people[::2])]
    assert lottery(pl.Series("person", people), "别的种子")["person"].to_list() != by_hand


def test_the_hash_knows_values_not_order() -> None:
    table = pl.DataFrame({"a": ["x", "y", None], "b": [1, 2, 3], "c": [["p", "q"], [], ["r"]]})
    first = digest({"one": table}, seed="s")
    assert first == digest({"one": table.reverse().select("c", "b", "a")}, seed="s")
    assert first != digest({"one": table.with_columns(b=pl.col("b") + 1)}, seed="s")
    assert first != digest({"one": table}, seed="t") != digest({"two": table}, seed="t")
