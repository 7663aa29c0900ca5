"""The sample county's visits and calls as extracts, and the halves its truth is judged by.

The word lists were written looking at one half of the texts at most; which half a text belongs to hangs on its hash.
"""

import hashlib
from datetime import date
from functools import cache
from pathlib import Path

import polars as pl

from tests.engines.sheets.understood import read_all

ROOT = Path(__file__).parents[3]
SAMPLE, TRUTH = ROOT / "examples/liancheng", ROOT / "tests/data/liancheng/truth"
COUNTY = "350825"


@cache
def extracts(prefix: str) -> tuple[pl.DataFrame, ...]:
    """Every extract of the files whose path begins so."""
    paths = sorted(p.relative_to(SAMPLE).as_posix() for p in SAMPLE.rglob("*") if p.is_file())
    wanted = [path for path in paths if path.startswith(prefix)]
    return tuple(
        frame for path in wanted for _, frame in read_all(SAMPLE, path, date(2023, 1, 15), COUNTY)[0]
    )


def truth(name: str) -> pl.DataFrame:
    """A table of expected results, every column text but the row."""
    table = pl.read_csv(TRUTH / name, infer_schema_length=0)
    return table.with_columns(pl.col("row").cast(pl.UInt32))


def held_out(text: str) -> bool:
    """Whether a text belongs to the half that nobody looked at."""
    return hashlib.sha256(text.encode()).digest()[-1] % 2 == 1
