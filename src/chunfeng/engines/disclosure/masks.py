"""Masks: what of a number or a name may stand on a screen that anyone walking past can read.

The parts left are those that a clerk and a caller can compare aloud without giving the whole away: GB/T 35273-2020, 7.2
(display limits) in the form public registers use. Every function keeps height, order and name; null stays null.
"""

from __future__ import annotations

import polars as pl

from chunfeng.engines.identity.surnames import surnames

STAR = "*"


def mask_ids(ids: pl.Series) -> pl.Series:
    """First four and last four characters of id numbers of 15 or 18; of anything shorter only the last two.

    >>> mask_ids(pl.Series(["35082519900101123X"])).item()
    '3508**********123X'
    """
    return _masked(ids, 15, 4, 4)


def mask_phones(phones: pl.Series) -> pl.Series:
    """First three and last four characters of numbers of eleven or more; of shorter ones only the last two.

    >>> mask_phones(pl.Series(["16012345678"])).item()
    '160****5678'
    """
    return _masked(phones, 11, 3, 4)


def mask_names(names: pl.Series) -> pl.Series:
    """The surname, then a star per character; a name that is one character long is a star.

    >>> mask_names(pl.Series(["张三", "欧阳春风"])).to_list()
    ['张*', '欧阳**']
    """
    text = pl.col("text")
    length = text.str.len_chars()
    compound = (length > 2) & text.str.slice(0, 2).is_in(sorted(surnames().compound))
    shown = pl.when(compound).then(2).when(length > 1).then(1).otherwise(0)
    masked = pl.concat_str(text.str.slice(0, shown), pl.lit(STAR).repeat_by(length - shown).list.join(""))
    return _of(names, masked)


def _masked(values: pl.Series, whole: int, first: int, last: int) -> pl.Series:
    text = pl.col("text")
    length = text.str.len_chars().cast(pl.Int64)
    head = pl.when(length >= whole).then(first).otherwise(0)
    tail = pl.when(length >= whole).then(last).when(length > 4).then(2).otherwise(0)
    stars = pl.lit(STAR).repeat_by(length - head - tail).list.join("")
    return _of(values, pl.concat_str(text.str.slice(0, head), stars, text.str.slice(length - tail, tail)))


def _of(values: pl.Series, masked: pl.Expr) -> pl.Series:
    return values.cast(pl.String).rename("text").to_frame().select(masked).to_series().rename(values.name)
