"""Rows that say again what an earlier row of the sheet said."""

from __future__ import annotations

import numpy as np
import polars as pl

from chunfeng.engines.sheets.grid import ROW, column_name
from chunfeng.engines.sheets.mapping import Plan


class Seen:
    """Rows already met on a sheet, by a hash over all cells but the running number."""

    def __init__(self, plan: Plan) -> None:
        serial = plan.index_of("serial")
        self._skip = {ROW, "_section", "_household_row", "_filled"} | (
            {column_name(serial)} if serial is not None else set()
        )
        self._hashes = np.empty(0, dtype=np.uint64)

    def repeats(self, data: pl.DataFrame) -> pl.Series:
        """Mask of the rows that repeat an earlier one."""
        cells = [c for c in data.columns if c not in self._skip]
        hashes = data.select(cells).hash_rows(seed=2023)
        mask = ~hashes.is_first_distinct()
        if len(self._hashes):
            mask = mask | pl.Series(np.isin(hashes.to_numpy(), self._hashes))
        self._hashes = np.unique(np.concatenate([self._hashes, hashes.to_numpy()]))
        return mask
