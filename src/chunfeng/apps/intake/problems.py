"""What a reading found wrong, kept for the screen: a row per problem, and counts on every extract."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from chunfeng.apps.intake.models import Extract, ExtractIssue, SentFile
from chunfeng.apps.places.bulk import replace

RANKS = {"error": 0, "warning": 1, "info": 2}


def keep_issues(file: SentFile, issues: pl.DataFrame, extracts: Mapping[tuple[str, str], Extract]) -> None:
    """Put the problems of a file's last reading in the place of those before. `issues`: as the reading wrote them."""
    ids = pl.DataFrame(
        [(source, sheet, e.pk, (e.plan or {}).get("header_rows")) for (source, sheet), e in extracts.items()],
        schema={
            "file": pl.String,
            "sheet": pl.String,
            "extract_id": pl.Int64,
            "header_rows": pl.List(pl.Int64),
        },
        orient="row",
    )
    table = issues.join(ids, on=["file", "sheet"], how="left", maintain_order="left").with_columns(
        pl.col("severity").replace_strict(RANKS, return_dtype=pl.Int16).alias("rank")
    )
    # problems of a bundle's member or an empty sheet belong to the file; they carry their name where they have no extract
    column = (
        pl.when(pl.col("extract_id").is_null())
        .then(pl.concat_str("file", "sheet", separator=" "))
        .otherwise("column")
    )
    rows = table.select(
        pl.lit(file.pk, dtype=pl.Int64).alias("file_id"),
        "extract_id",
        pl.lit(file.organisation_id, dtype=pl.Int64).alias("organisation_id"),
        pl.lit(file.place, dtype=pl.Int64).alias("place"),
        pl.int_range(pl.len(), dtype=pl.Int32).alias("position"),
        pl.col("row").cast(pl.Int32),
        column.fill_null("").str.strip_chars().str.slice(0, 120).alias("column"),
        "rank",
        "code",
        pl.col("value").fill_null(""),
    )
    replace(ExtractIssue, rows, {"file_id": file.pk}, ["position"])
    within = table.filter(pl.col("row") > pl.col("header_rows").list.last().fill_null(0))
    counts = {
        (extract, rank): n for extract, rank, n in table.group_by("extract_id", "rank").len().iter_rows()
    }
    wrong = dict(
        within.filter(pl.col("rank") == 0).group_by("extract_id").agg(pl.col("row").n_unique()).rows()
    )
    for extract in extracts.values():
        extract.errors, extract.warnings, extract.infos = (
            counts.get((extract.pk, rank), 0) for rank in (0, 1, 2)
        )
        extract.error_rows = wrong.get(extract.pk, 0)
        extract.save(update_fields=["errors", "warnings", "infos", "error_rows"])
