"""Rows of hotline exports → tickets: the request's own words, the subject line, and what the clerk marked."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from chunfeng.engines.matching.tickets import sorting
from chunfeng.engines.matching.tickets.lists import lists

KIND = "help_requests"
SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "file": pl.String, "sheet": pl.String, "row": pl.UInt32, **sorting.SCHEMA, "text": pl.String,
}  # fmt: skip


def tickets(extracts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Every row of a hotline's extract, rejected ones too: columns of SCHEMA, in the order of the extracts.

    Urgent is what the words say or the clerk marked; a mark of 一般 does not take back what the words say.
    """
    found = [_of_extract(e) for e in extracts if e.height and e["kind"][0] == KIND]
    return pl.concat([pl.DataFrame(schema=SCHEMA), *found])


def _of_extract(extract: pl.DataFrame) -> pl.DataFrame:
    has = set(extract.columns)

    def cell(name: str) -> pl.Expr:
        return (pl.col(name) if name in has else pl.lit(None)).cast(pl.String).alias(name)

    rows = extract.select(
        "file", pl.col("sheet").fill_null(""), pl.col("row").cast(pl.UInt32),
        *map(cell, ("subject_line", "topic", "request", "remark", "urgency")),
    )  # fmt: skip
    words = pl.concat_str("subject_line", "topic", "request", "remark", separator="。", ignore_nulls=True)
    rows = rows.select("file", "sheet", "row", words.alias("text"), "urgency")
    found = sorting.sort_requests(rows["text"])
    marked = _marked(rows["urgency"])
    both = pl.concat([rows.drop("urgency"), found], how="horizontal").with_columns(
        (pl.col("urgent") | marked).alias("urgent"),
        pl.coalesce("danger", pl.when(marked).then(rows["urgency"])).alias("danger"),
    )
    return both.select([pl.col(name).cast(dtype) for name, dtype in SCHEMA.items()])


def _marked(urgency: pl.Series) -> pl.Series:
    """Whether the clerk marked the request as urgent."""
    words = lists()
    text = urgency.str.strip_chars()
    return (text.str.contains(words.marks) & ~text.str.contains(words.marks_no)).fill_null(False)
