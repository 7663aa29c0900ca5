"""The sealed tables of an extract, opened: records as typed, rows as sent."""

from __future__ import annotations

import io

import polars as pl

from chunfeng.apps.intake.models import Extract
from chunfeng.apps.vault import files


def typed(extract: Extract) -> pl.DataFrame:
    """The typed records; without any, a frame with no rows and the column `row`."""
    return _opened(extract.table)


def cells(extract: Extract) -> pl.DataFrame:
    """All rows as sent: `row`, `c0`…; cells put right since are not in it."""
    return _opened(extract.cells)


def _opened(name: str) -> pl.DataFrame:
    if not name:
        return pl.DataFrame({"row": []}, schema={"row": pl.UInt32})
    return pl.read_parquet(io.BytesIO(files.read(name)))
