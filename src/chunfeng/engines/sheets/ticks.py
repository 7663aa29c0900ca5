"""One question over several columns, each an answer to tick: 目前状态（打√） over 在外务工 | 本地就业 | 待业在家.

Read column by column it is a row of ticks that say nothing; read together it is one cell with the answer ticked.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import polars as pl

from chunfeng.engines.sheets.grid import ROW, column_name
from chunfeng.engines.sheets.header import Header
from chunfeng.engines.sheets.kinds import Kind
from chunfeng.engines.sheets.words import normalise_header

TICKS = ("√", "✓", "✔", "☑", "☒", "■", "●", "V", "v", "✅", "1", "是", "Y", "y", "有", "对", "打√", "勾")
CROSSES = ("×", "✗", "☐", "□", "○", "0", "否", "N", "n", "无", "/", "-", "—", "X", "x")
FREE = ("text", "checkboxes")
"""Types of the fields such a question may be."""
_SHARE = 0.8
_ASKS = re.compile(r"(请)?(在.{0,6})?[打划画]?[√✓勾]选?$|(可)?多选$|单选$|请?选择$")


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked (nothing where answers stand alone: 务工 | 务农 | 待业), and the columns with their answers."""

    text: str
    columns: tuple[int, ...]
    answers: tuple[str, ...]


def questions(header: Header | None, rows: pl.DataFrame) -> list[Question]:
    """The questions of a sheet; `rows`: raw rows (`row`, `c0`…) below the header, or a sample of them."""
    if header is None:
        return []
    width = sum(c != ROW for c in rows.columns)
    names = [header.name(i) for i in range(width)]
    parts = [name.rpartition("/") for name in names]
    found = []
    for asked, group in groupby(range(width), key=lambda i: parts[i][0]):
        columns = tuple(group)
        if asked and len(columns) > 1 and all(parts[i][2] for i in columns) and _ticked(rows, columns):
            found.append(Question(asked, columns, tuple(parts[i][2] for i in columns)))
    said = {i for question in found for i in question.columns}
    alone = [bool(names[i]) and i not in said and _ticked(rows, (i,)) for i in range(width)]
    for ticked, group in groupby(range(width), key=alone.__getitem__):
        columns = tuple(group)
        if ticked and len(columns) > 2 and _one_a_row(rows, columns):
            found.append(Question("", columns, tuple(names[i] for i in columns)))
    return found


def _one_a_row(rows: pl.DataFrame, columns: Sequence[int]) -> bool:
    """Whether nearly every row ticks at most one of the columns: answers to one question, though nothing asks it."""
    ticks = [pl.col(column_name(i)).str.strip_chars().is_in(TICKS).fill_null(False) for i in columns]
    count = rows.select(pl.sum_horizontal([t.cast(pl.Int32) for t in ticks]).alias("n"))["n"]
    one, some = int((count == 1).sum()), int((count > 0).sum())
    return one >= _SHARE * some >= _SHARE * _SHARE * len(count)


def _ticked(rows: pl.DataFrame, columns: Sequence[int]) -> bool:
    """Whether the cells of the columns are ticks, nearly all of them."""
    cells = pl.concat([rows[column_name(i)].alias("v") for i in columns]).drop_nulls().str.strip_chars()
    return len(cells) > 0 and cells.is_in(TICKS + CROSSES).sum() >= _SHARE * len(cells)


def readings(question: Question) -> tuple[str, ...]:
    """What is asked, as words over columns are compared."""
    words = [normalise_header(part) for part in question.text.split("/")]
    return tuple(dict.fromkeys(w for word in reversed(words) if (w := _ASKS.sub("", word))))


def answered(
    fields: Sequence[str | None], kind: Kind | None, found: Sequence[Question]
) -> dict[int, Question]:
    """By the one column that stands for it: the questions that are a field of free text. `fields`: by column."""
    told: dict[int, Question] = {}
    for question in found:
        named = [(i, name) for i in question.columns if (name := fields[i])]
        if kind and len(named) == 1 and kind.field(named[0][1]).type in FREE:
            told[named[0][0]] = question
    return told


def read_together(rows: pl.DataFrame, told: dict[int, Question]) -> pl.DataFrame:
    """The rows with the answers ticked, joined by ;, in the column that stands for their question.

    A cell that holds more than a tick is told with its answer: 在外务工：晋江.
    """
    return rows.with_columns(_answers(question).alias(column_name(index)) for index, question in told.items())


def _answers(question: Question) -> pl.Expr:
    pieces = []
    for index, answer in zip(question.columns, question.answers, strict=True):
        said = pl.col(column_name(index)).str.strip_chars()
        pieces.append(
            pl.when(said.is_in(TICKS))
            .then(pl.lit(answer))
            .when(said.is_not_null() & ~said.is_in(CROSSES) & (said != ""))
            .then(pl.lit(answer + "：") + said)
        )
    text = pl.concat_str(pieces, separator=";", ignore_nulls=True)
    return pl.when(text != "").then(text)
