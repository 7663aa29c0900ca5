"""One column of cells: typed, with the sender's text of every cell whose value is not that very text.

Most columns of a long list say few different things (months, flags, places). A type looks at one cell at a time, so
such a column is typed once per distinct text of the sheet, and the answers are dealt out.
"""

from __future__ import annotations

import polars as pl

from chunfeng.engines.sheets.values import Context, Typed, Typer

RAW = "__raw"
_SHARE = 4
"""A column with at most one distinct text in so many rows has few."""
_SAMPLE = 1000
"""Cells looked at before all are counted: a column of names or numbers is known by then."""
_REMEMBERED = 5000
"""Texts of a column whose answers are kept for the next batch."""
_PROBLEM = "!"


class ColumnReader:
    """A type at work on one column of a sheet, batch by batch."""

    def __init__(self, typer: Typer, context: Context) -> None:
        self._typer, self._context = typer, context
        self._place: dict[str, int] = {}
        self._answers = pl.DataFrame()

    def read(self, cells: pl.Series) -> Typed:
        """What the type makes of the cells (null where blank), aligned with them, and their raw text as column RAW."""
        coded = _few(cells)
        if coded is None:
            return self._typed(cells)
        codes, texts = coded
        rows = self._places(texts).gather(codes)
        return _dealt_out(self._answers, rows)

    def _places(self, texts: pl.Series) -> pl.Series:
        """Where the answers to distinct texts stand; those not met before are typed now."""
        new = [text for text in texts if text not in self._place]
        if len(self._place) + len(new) > _REMEMBERED:
            self._place, self._answers, new = {}, pl.DataFrame(), texts.to_list()
        if new or not self._place:
            self._place |= {text: len(self._place) + n for n, text in enumerate(new)}
            learnt = _table(self._typed(pl.Series(new, dtype=pl.String)))
            self._answers = pl.concat([self._answers, learnt], how="diagonal")
        return pl.Series([self._place[text] for text in texts], dtype=pl.UInt32)

    def _typed(self, cells: pl.Series) -> Typed:
        typed = self._typer(cells, self._context)
        main = typed.columns[""]
        text = main if main.dtype == pl.String else main.cast(pl.String, strict=False)
        typed.columns[RAW] = cells.set((text == cells).fill_null(False), None)
        return typed


def _few(cells: pl.Series) -> tuple[pl.Series, pl.Series] | None:
    """(place of every cell in the distinct texts, null where blank; those texts), None when there are many."""
    sample = cells.gather_every(max(1, len(cells) // _SAMPLE))
    if sample.n_unique() > len(sample) // 2:
        return None
    coded = cells.to_arrow().dictionary_encode()
    if len(coded.dictionary) * _SHARE > len(cells):
        return None
    return pl.Series(coded.indices), pl.Series(coded.dictionary)


def _table(typed: Typed) -> pl.DataFrame:
    """Columns and problems side by side."""
    problems = {_PROBLEM + code: mask for code, mask in typed.problems}
    return pl.DataFrame(typed.columns | problems)


def _dealt_out(table: pl.DataFrame, rows: pl.Series) -> Typed:
    columns, problems = {}, []
    for answers in table:
        series = answers.gather(rows)
        if answers.name.startswith(_PROBLEM):
            problems.append((answers.name.removeprefix(_PROBLEM), series.fill_null(False)))
        else:
            columns[answers.name] = series
    return Typed(columns, problems)
