"""The raw rows of every sheet, kept beside what was read from them, for people who look at both."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pyarrow.parquet as pq

from chunfeng.engines.sheets.reading import SheetReading
from chunfeng.pipeline import parquet


class CellsKept:
    """Writes one Parquet file per sheet into a folder, batch by batch: `row`, `c0`… as the sender wrote them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._writers: dict[tuple[str, str], pq.ParquetWriter] = {}
        self.names: dict[tuple[str, str], str] = {}
        """File name by file and sheet."""

    def __call__(self, reading: SheetReading, rows: pl.DataFrame) -> None:
        """Keep one more batch of a sheet. All batches of a sheet have the same columns."""
        at = (reading.file, reading.sheet)
        if at not in self._writers:
            self.names[at] = f"cells-{len(self.names):04d}.parquet"
            self._writers[at] = parquet.writer(rows, self._folder / self.names[at])
        self._writers[at].write_table(parquet.arrow(rows))

    def close(self) -> None:
        """End all files; to be called once."""
        for writer in self._writers.values():
            writer.close()
