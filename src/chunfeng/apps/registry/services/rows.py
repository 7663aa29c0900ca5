"""What a row of a list says, and the fingerprint it is known by, from the last run's OUT."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from chunfeng.apps.intake import results, runs
from chunfeng.apps.registry.models import Claim
from chunfeng.apps.registry.services.after import county_scope
from chunfeng.engines.linkage.claims import all_claims
from chunfeng.engines.linkage.numbers import fingerprints

ROW = ("file", "sheet", "row")
_LEFT = {*ROW, "kind", "department", "state", "current", "place"}


class NoFiles(LookupError):
    """The last run's results are not kept any more: a new run must come first."""


def marks(county: str, claims: Sequence[Claim]) -> dict[int, str]:
    """Claim's key → fingerprint of its row, for rows that OUT still holds. NoFiles without OUT."""
    wanted = {(c.file, c.sheet, c.row): c.pk for c in claims}
    found: dict[int, str] = {}
    with _opened(county) as (out, day):
        for extract in _extracts(out, {(c.file, c.sheet) for c in claims}):
            rows = [row for file, sheet, row in wanted if (file, sheet) == _sheet(extract)]
            said = all_claims([extract.filter(pl.col("row").is_in(rows))], day)
            marked = fingerprints(said).join(said.select("claim", *ROW), on="claim")
            for file, sheet, row, mark in marked.select(*ROW, "fingerprint").iter_rows():
                found[wanted[(file, sheet or "", row)]] = mark
    return found


def cells(county: str, claim: Claim) -> dict[str, Any]:
    """A row's cells by field, as read; the text as written under `field__raw` where it was put right. NoFiles without OUT."""
    with _opened(county) as (out, _day):
        for extract in _extracts(out, {(claim.file, claim.sheet)}):
            row = extract.filter(pl.col("row") == claim.row)
            if row.height:
                values = row.row(0, named=True)
                return {name: v for name, v in values.items() if v is not None and name not in _LEFT}
    return {}


@contextmanager
def _opened(county: str) -> Iterator[tuple[Path, date]]:
    with county_scope(county):
        run = runs.last_run(county)
    with results.opened(run, results.ROWS) as out:
        if run is None or out is None:
            raise NoFiles(county)
        yield out, run.as_of


def _extracts(out: Path, sheets: set[tuple[str, str]]) -> Iterator[pl.DataFrame]:
    for path in sorted((out / "extracts").glob("*.parquet")):
        head = pl.scan_parquet(path).select("file", "sheet").head(1).collect()
        if head.height and _sheet(head) in sheets:
            yield pl.read_parquet(path)


def _sheet(extract: pl.DataFrame) -> tuple[str, str]:
    return str(extract["file"][0]), str(extract["sheet"][0] or "")
