"""What claims are joined by, as integers: far cheaper to join, count and keep than texts."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

TEXTS = ("name", "key", "accent", "surname", "phone", "phone_2", "household", "employer")
"""Columns of a claim that get a `<column>_code`."""
VILLAGE = 10**11
"""Region codes from here on have twelve digits and name villages; shorter ones name towns (9) and counties (6)."""
_PRIME = 0x9E3779B97F4A7C15
_KINDS = 64


def coded(claims: pl.DataFrame) -> pl.DataFrame:
    """`claims` with `<text>_code` and `region_code` (UInt64, null where the text is) and `kind_bit` (UInt64).

    Two texts share a code once in 2**64 pairs: a needless candidate, never a link, since evidence compares the texts.
    Raises ValueError unless claims are numbered from 0 in their order, by which they are looked up.
    """
    if not (claims["claim"] == pl.int_range(claims.height, eager=True)).all():
        raise ValueError("claims are not numbered from 0 in their order")
    kinds = claims["kind"].unique().sort().to_list()
    # more kinds than bits share the last one, and so are left out together where one of them is
    bits = {kind: 1 << min(i, _KINDS - 1) for i, kind in enumerate(kinds)}
    return claims.with_columns(
        *[pl.when(pl.col(c).is_not_null()).then(pl.col(c).hash()).alias(f"{c}_code") for c in TEXTS],
        pl.col("region").cast(pl.UInt64, strict=False).alias("region_code"),
        pl.col("kind").replace_strict(bits, default=0, return_dtype=pl.UInt64).alias("kind_bit"),
    )


def mixed(parts: Sequence[pl.Expr]) -> pl.Expr:
    """One UInt64 of several integer columns; null where one of them is."""
    code = parts[0].cast(pl.UInt64)
    for part in parts[1:]:
        # the order of the parts matters: (a, b) and (b, a) differ
        code = (code * pl.lit(_PRIME, dtype=pl.UInt64)) ^ (
            part.cast(pl.UInt64) * pl.lit(_PRIME | 2, dtype=pl.UInt64)
        )
    return code
