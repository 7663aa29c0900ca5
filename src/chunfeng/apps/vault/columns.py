"""Whole columns sealed and indexed at once, for loaders: the same bytes as the fields make, without a model per row."""

from __future__ import annotations

import zlib

import polars as pl

from chunfeng.apps.vault.fields import INDEX_BYTES
from chunfeng.apps.vault.keys import ring
from chunfeng.apps.vault.sealing import seal_bytes
from chunfeng.engines.disclosure.hmac_sm3 import token


def blind_indexes(kind: str, values: pl.Series) -> pl.Series:
    """`fields.blind_index` of every value, as hexadecimal text; null and empty give null."""
    messages = values.to_frame("v").select(
        pl.when(pl.col("v").str.len_bytes() > 0).then(pl.lit(f"{kind}\0") + pl.col("v"))
    )
    return token(messages.to_series(), ring().index).str.slice(0, 2 * INDEX_BYTES).rename(values.name)


def sealed(values: pl.Series, bound_to: str, *, compressed: bool = False) -> pl.Series:
    """Every text sealed for a column (table.column), as hexadecimal text; null and empty give null.

    `compressed`: texts of JSON, as `SealedJSONField` keeps them.
    """
    keys = ring()

    def one(text: str | None) -> str | None:
        if not text:
            return None
        content = zlib.compress(text.encode(), 6) if compressed else text.encode()
        return seal_bytes(content, bound_to, keys).hex()

    return pl.Series(values.name, [one(text) for text in values], dtype=pl.String)
