"""Text as typed → text to read: full-width to half-width, the unseen removed; and a column read value by
value.

Every reader of this room has the same shape: `read(text)` is the definition, `read_column(values)` says the
same of a whole column. The column lets the columnar engine take the common shapes and calls the definition
once per distinct odd text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import polars as pl

# Control and format characters, soft hyphen, variation selectors, fillers: seen by no one, different to
# every comparison
_UNSEEN = re.compile(
    "[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5"
    "\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\U000e0000-\U000e0fff]"
)
_BLANKS = re.compile(r"\s+")

PLACEHOLDERS = frozenset(
    "无 没有 没 暂无 不详 不祥 未知 不明 不清楚 不知道 不知 空 缺 待补 待补充 待定 待核 待核实 待查 未填 "
    "未提供 不便说 不便提供 "
    "保密 拒绝提供 办理中 同上 略 null none nan n/a na #n/a #value! #ref! #name? ? ?? ??? / // \\ - -- --- "
    "— —— _ . 。 、 * ** *** 0 x".split()
)
"""What clerks write into a cell they cannot fill, in lower case and half-width."""


def clean(text: str) -> str:
    """NFKC, unseen characters off, runs of blanks to one space, no outer blanks. Idempotent."""
    text = unicodedata.normalize("NFKC", _UNSEEN.sub("", text))
    # twice: a mark that lost the unseen character before it may now join the letter before that
    text = unicodedata.normalize("NFKC", _UNSEEN.sub("", text))
    return _BLANKS.sub(" ", text).strip()


def is_placeholder(cleaned: str) -> bool:
    """True for the words and signs that stand for an empty cell (`clean` text expected)."""
    return cleaned.strip("()[]【】 ").lower() in PLACEHOLDERS


def blank(values: pl.Series) -> pl.Series:
    """Boolean mask: null, or nothing but blanks."""
    return values.is_null() | (values.str.strip_chars() == "").fill_null(True)


def read_each(
    values: pl.Series,
    read: Callable[[str], Mapping[str, Any]],
    schema: Mapping[str, Any],
) -> pl.DataFrame:
    """`read(text)` of every non-null text, each distinct one read once. Same height and order."""
    distinct = values.drop_nulls().unique()
    rows: Iterable[Mapping[str, Any]] = (read(text) for text in distinct)
    table = pl.DataFrame(
        [{"text": text, **row} for text, row in zip(distinct, rows, strict=True)],
        schema={"text": pl.String, **schema},
        orient="row",
    )
    joined = values.rename("text").to_frame().join(table, on="text", how="left", maintain_order="left")
    return joined.drop("text")


def patch(
    frame: pl.DataFrame, values: pl.Series, todo: pl.Series, read_rest: Callable[[pl.Series], pl.DataFrame]
) -> pl.DataFrame:
    """`frame`, with the rows where `todo` holds replaced by `read_rest` of those values."""
    if not todo.any():
        return frame
    rest = read_rest(values.filter(todo)).select(frame.columns)
    place = (todo.cast(pl.Int64).cum_sum() - 1).clip(0)
    return frame.with_columns(
        pl.when(todo).then(rest[name].gather(place)).otherwise(pl.col(name)).alias(name)
        for name in frame.columns
    )
