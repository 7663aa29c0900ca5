"""Tables come out as they went in, whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from chunfeng.pipeline import parquet

FRAME = pl.DataFrame(
    {
        "name": ["陈", None, "黄\n林", "=1"] * 10,
        "number": range(40),
        "row": pl.Series(range(40), dtype=pl.UInt32),
        "amount": pl.Series([None, "1.50"] * 20).cast(pl.Decimal(18, 2)),
        "kind": pl.Series(["a", "b"] * 20, dtype=pl.Enum(["a", "b"])).cast(pl.String),
        "day": pl.Series([19000, None] * 20).cast(pl.Date),
        "yes": [True, None] * 20,
    }
)


def test_batches_become_one_table_of_their_schema(tmp_path: Path) -> None:
    path = tmp_path / "table.parquet"
    assert parquet.write([FRAME.head(3), FRAME.clear(), FRAME.slice(3, 20), FRAME.slice(23)], path)
    read = pl.read_parquet(path)
    assert read.schema == FRAME.schema
    assert read.equals(FRAME)


def test_without_rows_only_a_schema_makes_a_file(tmp_path: Path) -> None:
    path = tmp_path / "table.parquet"
    assert not parquet.write([FRAME.clear()], path)
    assert not path.exists()
    assert parquet.write([], path, FRAME.schema)
    assert pl.read_parquet(path).equals(FRAME.clear())


def test_a_batch_that_fails_leaves_no_file(tmp_path: Path) -> None:
    def batches() -> Iterator[pl.DataFrame]:
        yield FRAME
        yield FRAME
        raise ValueError("broken half-way")

    with pytest.raises(ValueError, match="half-way"):
        parquet.write(batches(), tmp_path / "table.parquet")
    assert list(tmp_path.iterdir()) == []


def test_a_table_that_cannot_be_written_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="schema"):
        parquet.write([FRAME, FRAME.drop("yes"), FRAME], tmp_path / "table.parquet")
    assert list(tmp_path.iterdir()) == []
