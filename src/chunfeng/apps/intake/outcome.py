"""What a run left in OUT, as frames: the way back from the CSV that people read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
    return _as_meant(pl.read_csv(out / f"{name}.csv", infer_schema=False))


def batches(out: Path, name: str, rows: int) -> Iterator[pl.DataFrame]:
    """`table` in parts of so many rows, in order; at least one, which may be empty."""
    source = pl.scan_csv(out / f"{name}.csv", infer_schema=False)
    found = False
    for frame in source.collect_batches(chunk_size=rows, maintain_order=True):
        found = True
        yield _as_meant(frame)
    if not found:
        yield table(out, name)


def _as_meant(frame: pl.DataFrame) -> pl.DataFrame:
    text = pl.col(pl.String)
    bare = text.str.strip_prefix("'")
    risky = text.str.starts_with("'") & bare.str.contains(FORMULA) & ~bare.str.contains(PLAIN_NUMBER)
    frame = frame.with_columns(pl.when(risky).then(bare).otherwise(text).name.keep())
    return frame.with_columns(pl.col(c).cast(pl.Int64) for c in ("row",) if c in frame.columns)


class Lists:
    """What every sheet of OUT was read as: kind and department, by sheet, and by row where a sheet holds several lists."""

    def __init__(self, out: Path) -> None:
        schema = dict.fromkeys(("file", "sheet", "kind", "department"), pl.String)
        parts = [e.select(*schema).unique() for e in _extracts(out, ())]
        known = pl.concat([pl.DataFrame(schema=schema), *parts]).unique()
        one = (pl.len() == 1).over("file", "sheet")
        self._sheets = known.filter(one)
        several = known.filter(~one).select("file", "sheet").unique()
        rows = [pl.DataFrame(schema=schema | {"row": pl.Int64})]
        for extract in _extracts(out, ("row",)) if several.height else ():
            mine = extract.join(several, on=["file", "sheet"], how="semi")
            rows.append(mine.select(*schema, pl.col("row").cast(pl.Int64)))
        self._rows = pl.concat(rows).unique(ROW, keep="first", maintain_order=True)

    def of(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Rows (file, sheet, row …) with the kind and department of the list they stand in, in their order."""
        found = rows.join(self._sheets, on=["file", "sheet"], how="left", maintain_order="left")
        found = found.join(self._rows, on=ROW, how="left", suffix="_own", maintain_order="left")
        both = (pl.coalesce(c, f"{c}_own").alias(c) for c in ("kind", "department"))
        return found.with_columns(both).drop("kind_own", "department_own")


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
