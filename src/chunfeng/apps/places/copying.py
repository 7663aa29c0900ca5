"""Columns in PostgreSQL's text form of COPY, both ways."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import polars as pl

_SPECIAL = (("\\", "\\\\"), ("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t"))


def text_rows(frame: pl.DataFrame) -> bytes:
    """The rows as COPY … FROM STDIN takes them. Lists of text become arrays; a null byte, which PostgreSQL has not, goes."""
    columns = [_escaped(_array(c) if isinstance(c.dtype, pl.List) else c) for c in frame.get_columns()]
    return (
        pl.DataFrame(columns)
        .write_csv(
            separator="\t", quote_style="never", null_value="\\N", include_header=False, line_terminator="\n"
        )
        .encode()
    )


def copied(
    chunks: Iterable[bytes | memoryview], schema: Mapping[str, pl.DataType | type[pl.DataType]]
) -> pl.DataFrame:
    """What COPY … TO STDOUT gave, for columns of numbers and hexadecimal text."""
    with chunks as copy:  # type: ignore[attr-defined]
        content = b"".join(bytes(chunk) for chunk in copy)
    if not content:
        return pl.DataFrame(schema=dict(schema))
    return pl.read_csv(
        content, has_header=False, separator="\t", quote_char=None, null_values="\\N", schema=dict(schema)
    )


def _array(lists: pl.Series) -> pl.Series:
    """Lists of text as array literals: every element quoted."""
    element = (
        pl.element().str.replace_all("\\", "\\\\", literal=True).str.replace_all('"', '\\"', literal=True)
    )
    quoted = pl.lit('"') + element + pl.lit('"')
    text = pl.concat_str(pl.lit("{"), pl.col("l").list.eval(quoted).list.join(","), pl.lit("}"))
    return lists.to_frame("l").select(text).to_series().rename(lists.name)


def _escaped(column: pl.Series) -> pl.Series:
    if column.dtype != pl.String:
        return column
    if column.str.contains("\x00", literal=True).any():
        column = column.str.replace_all("\x00", "", literal=True)
    if column.str.contains(r"[\\\n\r\t]").any():
        for plain, escaped in _SPECIAL:
            column = column.str.replace_all(plain, escaped, literal=True)
    return column
