"""Reading the data files that lie beside the modules of this package."""

from __future__ import annotations

import csv
import gzip
import io
from pathlib import Path

HERE = Path(__file__).parent


def rows(relative: str) -> list[dict[str, str]]:
    """The rows of a CSV (`.csv`, or `.csv.gz`) below this package, as text by column name.

    UTF-8, RFC 4180, first line the column names. `FileNotFoundError` when there is no such file.
    """
    raw = (HERE / relative).read_bytes()
    if relative.endswith(".gz"):
        raw = gzip.decompress(raw)
    return list(csv.DictReader(io.StringIO(raw.decode("utf-8"), newline="")))
