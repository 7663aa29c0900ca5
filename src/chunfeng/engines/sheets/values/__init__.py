"""Types of cells: text in, typed columns out, every value that was not taken named by an issue code.

A type is one function over a whole column. Common shapes are handled by the columnar engine or a compiled kernel;
only distinct odd values meet Python. Each module holds the types that answer one question: who, when, how much,
which of few, where.
"""

from __future__ import annotations

import polars as pl

from chunfeng.engines.sheets.values import choices, days, figures, identity, places
from chunfeng.engines.sheets.values.choices import NO, YES
from chunfeng.engines.sheets.values.column import Context, Typed, Typer, by_distinct, clean_text

__all__ = ["NO", "TYPES", "YES", "Context", "Typed", "Typer", "by_distinct", "clean_text"]


def _text(values: pl.Series, _: Context) -> Typed:
    return Typed({"": clean_text(values)})


TYPES: dict[str, Typer] = {
    "text": _text,
    "contact": _text,
    **identity.TYPES,
    **days.TYPES,
    **figures.TYPES,
    **choices.TYPES,
    **places.TYPES,
}
"""Every type a field may have, by the name kind files use."""
