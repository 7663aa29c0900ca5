"""How sure is sure: per kind of list, the bits from which a link is safe, tried on rows whose person is known.

Verified rows are linked with their numbers hidden, against what the other lists say. A threshold must lie above every
score at which a stranger was ahead; rows whose person stands in no other list play the strangers' part.
"""

from __future__ import annotations

import polars as pl

LEAST, MOST = 3.0, 9.0
"""However clean a list tried out, below LEAST nothing is linked; however dirty, MOST is enough."""
TRIED = 600
ENOUGH = 100
_STEP = 0.5
_HIDDEN = ("id17", "known15", "id_text", "id_kind")


def hidden(claims: pl.DataFrame) -> pl.DataFrame:
    """Claims with all traces of their numbers taken off."""
    return claims.with_columns([pl.lit(None, dtype=claims.schema[c]).alias(c) for c in _HIDDEN])


def threshold(ranked: pl.DataFrame, truth: pl.DataFrame, margin: float, otherwise: float) -> float:
    """The lowest safe bits for one kind. `ranked`: claim, person, bits, next_bits of each claim's best; `truth`: claim, own."""
    ahead = ranked.filter(pl.col("bits") - pl.col("next_bits").fill_null(-99.0) >= margin)
    tried = ahead.join(truth, on="claim")
    if tried.height < ENOUGH:
        return otherwise
    wrong = tried.filter(pl.col("person") != pl.col("own"))["bits"].max()
    above = LEAST if wrong is None else float(wrong) + _STEP  # type: ignore[arg-type]
    return min(max(above, LEAST), MOST)
