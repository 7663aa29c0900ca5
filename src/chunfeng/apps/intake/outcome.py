"""What a run left in OUT, as frames: the way back from the CSV that people read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from chunfeng.pipeline.outputs import FORMULA, PLAIN_NUMBER
from chunfeng.pipeline.registry import read_extracts

ROW = ("file", "sheet", "row")
"""What names a row of a list."""


def table(out: Path, name: str) -> pl.DataFrame:
    """A CSV of OUT as text; empty cells are null except where the file says that a text is empty. `row` is a number.

    The apostrophe that keeps a spreadsheet from running a cell is taken off again.
    """
    frame = pl.read_csv(out / f"{name}.csv", infer_schema=False)
    text = pl.col(pl.String)
    bare = text.str.strip_prefix("'")
    risky = text.str.starts_with("'") & bare.str.contains(FORMULA) & ~bare.str.contains(PLAIN_NUMBER)
    frame = frame.with_columns(pl.when(risky).then(bare).otherwise(text).name.keep())
    return frame.with_columns(pl.col(c).cast(pl.Int64) for c in ("row",) if c in frame.columns)


def lists(out: Path) -> pl.DataFrame:
    """(file, sheet, kind, department, one): what each sheet was read as; `one`: it is one list, so its rows need no telling."""
    parts = [e.select("file", "sheet", "kind", "department").unique() for e in _extracts(out, ())]
    schema = dict.fromkeys(("file", "sheet", "kind", "department"), pl.String)
    found = pl.concat([pl.DataFrame(schema=schema), *parts]).unique()
    return found.with_columns((pl.len() == 1).over("file", "sheet").alias("one"))


def with_list(out: Path, rows: pl.DataFrame) -> pl.DataFrame:
    """Rows (file, sheet, row …) with the kind and department of the list they stand in, in their order."""
    known = lists(out)
    sheets = known.filter("one").drop("one")
    found = rows.join(sheets, on=["file", "sheet"], how="left", maintain_order="left")
    several = known.filter(~pl.col("one"))
    if several.height:
        wanted = several.select("file", "sheet").unique()
        parts = [
            e.select(*ROW, "kind", "department").join(wanted, on=["file", "sheet"], how="semi")
            for e in _extracts(out, ("row",))
        ]
        by_row = pl.concat(parts).with_columns(pl.col("row").cast(pl.Int64)).unique(ROW, keep="first")
        found = found.join(by_row, on=ROW, how="left", suffix="_own", maintain_order="left").with_columns(
            pl.coalesce("kind", "kind_own").alias("kind"), pl.coalesce("department", "department_own").alias("department")
        ).drop("kind_own", "department_own")  # fmt: skip
    return found


def cells(out: Path, rows: pl.DataFrame) -> pl.DataFrame:
    """(file, sheet, row, place, content) of some rows (file, sheet, row); `content`: their cells as JSON, empty ones left out."""
    wanted = rows.select(*ROW).unique()
    found = [
        pl.DataFrame(
            schema=dict.fromkeys(ROW, pl.String) | {"row": pl.Int64, "place": pl.String, "content": pl.String}
        )
    ]
    for extract in read_extracts(out) if wanted.height else ():
        mine = extract.with_columns(pl.col("row").cast(pl.Int64)).join(wanted, on=ROW, how="semi")
        if mine.height:
            found.append(mine.select(*ROW, "place", content_of(mine).alias("content")))
    return pl.concat(found)


def content_of(
    frame: pl.DataFrame, leave: Sequence[str] = (*ROW, "kind", "department", "state", "current")
) -> pl.Series:
    """Each row's values by column, as JSON in the order of the columns; nulls left out."""

    def member(name: str) -> pl.Expr:
        value = pl.struct(pl.col(name).cast(pl.String).alias("v")).struct.json_encode()  # {"v":"…"}
        pair = pl.concat_str(pl.lit(f'"{name}":'), value.str.slice(5).str.head(-1))
        return pl.when(pl.col(name).is_not_null()).then(pair)

    members = pl.concat_list([member(name) for name in frame.columns if name not in leave])
    text = pl.concat_str(pl.lit("{"), members.list.drop_nulls().list.join(","), pl.lit("}"))
    return frame.select(text).to_series()


def _extracts(out: Path, columns: Sequence[str]) -> list[pl.DataFrame]:
    paths = sorted((out / "extracts").glob("*.parquet"))
    return [pl.read_parquet(p, columns=["file", "sheet", "kind", "department", *columns]) for p in paths]
