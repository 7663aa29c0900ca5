"""One column of cells: typed, with the sender's text of every cell whose value is not that very text.

Most columns of a long list say few different things (months, flags, places). A type looks at one cell at a time, so
such a column is typed once per distinct text and the answers are dealt out.
"""

from __future__ import annotations

import polars as pl

from chunfeng.engines.sheets.values import Context, Typed, Typer

RAW = "__raw"
_SHARE = 4
"""A column with at most one distinct text in so many rows has few."""
_SAMPLE = 1000
"""Cells looked at before all are counted: a column of names or numbers is known by then."""


def type_cells(typer: Typer, cells: pl.Series, context: Context) -> Typed:
    """What `typer` makes of the cells (null where blank), aligned with them, and their raw text as column RAW."""
    coded = _few(cells)
    if coded is None:
        return _with_raw(typer(cells, context), cells)
    codes, texts = coded
    of_text = _with_raw(typer(texts, context), texts)
    return Typed(
        {suffix: answers.gather(codes) for suffix, answers in of_text.columns.items()},
        [(code, mask.gather(codes).fill_null(False)) for code, mask in of_text.problems],
    )


def _few(cells: pl.Series) -> tuple[pl.Series, pl.Series] | None:
    """(place of every cell in the distinct texts, null where blank; those texts), None when there are many."""
    sample = cells.gather_every(max(1, len(cells) // _SAMPLE))
    if sample.n_unique() > len(sample) // 2:
        return None
    coded = cells.to_arrow().dictionary_encode()
    if len(coded.dictionary) * _SHARE > len(cells):
        return None
    return pl.Series(coded.indices), pl.Series(coded.dictionary)


def _with_raw(typed: Typed, cells: pl.Series) -> Typed:
    main = typed.columns[""]
    text = main if main.dtype == pl.String else main.cast(pl.String, strict=False)
    same = (text == cells).fill_null(False)
    typed.columns[RAW] = cells.set(same, None)
    return typed
