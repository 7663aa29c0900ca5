"""Rows that say again what an earlier row of the sheet said."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from chunfeng.engines.sheets.grid import ROW, column_name
from chunfeng.engines.sheets.mapping import Plan


class Seen:
    """Rows already met on a sheet, by a hash over all cells but the running number.

    The hashes stand in sorted runs, each at least twice as long as the next, so that a batch costs in proportion to
    itself however many rows came before.
    """

    def __init__(self, plan: Plan) -> None:
        serial = plan.index_of("serial")
        self._skip = {ROW, "_section", "_household_row", "_filled"} | (
            {column_name(serial)} if serial is not None else set()
        )
        self._runs: list[npt.NDArray[np.uint64]] = []

    def repeats(self, data: pl.DataFrame) -> pl.Series:
        """Mask of the rows that repeat an earlier one."""
        cells = [c for c in data.columns if c not in self._skip]
        hashes = data.select(cells).hash_rows(seed=2023)
        run = np.unique(hashes.to_numpy())
        mask = ~hashes.is_first_distinct()
        met = [
            earlier[np.searchsorted(earlier, run).clip(max=len(earlier) - 1)] == run for earlier in self._runs
        ]
        if met and (known := run[np.logical_or.reduce(met)]).size:
            mask = mask | hashes.is_in(pl.Series(known).implode())
        while self._runs and len(self._runs[-1]) < 2 * len(run):
            run = np.sort(np.concatenate([self._runs.pop(), run]), kind="stable")
        self._runs.append(run)
        return mask
