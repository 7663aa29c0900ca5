"""Tables written as Parquet while they are still being made: each batch beside the work on the next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

_REPEATED = 4
"""A column whose texts stand in so many rows each, on average of the first batch, is written as numbers of texts."""


def write(batches: Iterable[pl.DataFrame], path: Path, schema: Mapping[str, Any] | None = None) -> bool:
    """Write batches of one schema as one table; whether there is a file: without any row only `schema` makes one.

    No file is left when a batch or the writing fails.
    """
    open_file: pq.ParquetWriter | None = None
    last: Future[None] | None = None
    try:
        with ThreadPoolExecutor(1) as beside:
            for batch in batches:
                if batch.height == 0:
                    continue
                open_file = open_file or writer(batch, path)
                if last is not None:
                    last.result()
                last = beside.submit(_add, open_file, batch)
                del batch  # one is made while one is written, and no third is kept
            if last is not None:
                last.result()
        if open_file is None and schema is not None:
            open_file = writer(pl.DataFrame(schema=schema), path)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    finally:
        if open_file is not None:
            open_file.close()
    return open_file is not None


def _add(open_file: pq.ParquetWriter, batch: pl.DataFrame) -> None:
    open_file.write_table(arrow(batch))


def arrow(batch: pl.DataFrame) -> pa.Table:
    """The batch as Arrow, in types every reader knows."""
    return batch.to_arrow(compat_level=pl.CompatLevel.oldest())


def writer(batch: pl.DataFrame, path: Path) -> pq.ParquetWriter:
    """A file for batches like this one.

    Readers take tables whole, so least and greatest values are not kept: they cost a sixth of the time.
    """
    repeated = [c.name for c in batch if c.n_unique() * _REPEATED <= batch.height]
    return pq.ParquetWriter(
        path,
        arrow(batch.clear()).schema,
        compression="zstd",
        use_dictionary=repeated or False,
        write_statistics=False,
    )
