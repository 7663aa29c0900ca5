"""How far two values agree, in few ordered levels: the pattern of levels is what weights are given to.

All comparisons are of equal-length syllable strings or integers, position by position: no edit distance, so that every
engine agrees (several count bytes, not characters).
"""

from __future__ import annotations

from enum import IntEnum

import polars as pl


class NAME(IntEnum):
    """Agreement of two names, best first."""

    EXACT = 0
    VARIANT = 1
    """another form of the same name (traditional, split character)"""
    SOUND = 2
    """every syllable alike: 强 and 墙"""
    ACCENT = 3
    """alike to a southern ear: zh=z, n=l, f=h, -ng=-n"""
    ONE_OFF = 4
    """same surname and length, one given character different"""
    NICKNAME = 5
    """a nickname or mask that fits: 阿明 for 陈志明, 张* for 张伟"""
    SURNAME = 6
    OTHER = 7


def name_level(prefix: str) -> pl.Expr:
    """NAME level of the name columns and name_kind against the `prefix`… columns; null where a name is missing."""
    name, other = pl.col("name"), pl.col(f"{prefix}name")
    same_length = name.str.len_chars() == other.str.len_chars()
    given, other_given = pl.col("given"), pl.col(f"{prefix}given")
    surname = pl.col("surname") == pl.col(f"{prefix}surname")
    one_off = surname & same_length & _one_position_differs(given, other_given)
    nick = pl.col("name_kind") != "ok"
    called = given.str.replace_all("[*＊某]", "")
    fits = (
        nick
        & (called.str.len_chars() >= 1)
        & other_given.str.contains(called, literal=True)
        & (pl.col("surname").is_null() | surname)
    )
    # 春婶 may be called by her own name; 凤珍 without the surname
    by_own_name = (nick & other_given.str.contains(pl.col("surname"), literal=True)) | (name == other_given)
    fits = fits.fill_null(False) | by_own_name.fill_null(False)
    bare = nick & (called.fill_null("") == "") & surname
    return (
        pl.when(name.is_null() | other.is_null()).then(None)
        .when(name == other).then(NAME.EXACT)
        .when((pl.col("variant") == other) | (pl.col(f"{prefix}variant") == name)).then(NAME.VARIANT)
        .when((pl.col("key") == pl.col(f"{prefix}key")) & ~nick).then(NAME.SOUND)
        .when((pl.col("accent") == pl.col(f"{prefix}accent")) & ~nick).then(NAME.ACCENT)
        .when(one_off & ~nick).then(NAME.ONE_OFF)
        .when(fits).then(NAME.NICKNAME)
        .when(bare | surname).then(NAME.SURNAME)
        .otherwise(NAME.OTHER)
        .cast(pl.Int8)
    )  # fmt: skip


def _one_position_differs(a: pl.Expr, b: pl.Expr) -> pl.Expr:
    """Two texts of equal length up to three characters differ in exactly one place."""
    differs = [(a.str.slice(i, 1) != b.str.slice(i, 1)).fill_null(True).cast(pl.Int8) for i in range(3)]
    same_length = a.str.len_chars() == b.str.len_chars()
    return same_length & (differs[0] + differs[1] + differs[2] == 1) & (a.str.len_chars() >= 1)


class BIRTH(IntEnum):
    """Agreement of a typed birth date with the person's."""

    EXACT = 0
    PARTLY = 1
    """all that was typed agrees: year and month, or the year"""
    LUNAR = 2
    """15 to 55 days before the person's date: a date by the lunar calendar"""
    ONE_PART = 3
    """year, month or day alone is different, or day and month exchanged"""
    NEAR = 4
    """the same year, the next or the last, or one digit of the year wrong"""
    OTHER = 5


def birth_level(typed: pl.Expr, true: pl.Expr) -> pl.Expr:
    """BIRTH level of two Int32 dates yyyymmdd (unknown parts 00 in `typed`); null if one is missing."""
    year, month, day = typed // 10000, typed // 100 % 100, typed % 100
    true_year, true_month, true_day = true // 10000, true // 100 % 100, true % 100
    partly = (day == 0) & (year == true_year) & ((month == 0) | (month == true_month))
    wrong = (
        (year != true_year).cast(pl.Int8)
        + (month != true_month).cast(pl.Int8)
        + (day != true_day).cast(pl.Int8)
    )
    days = (true_year - year) * 365 + (true_month - month) * 30 + (true_day - day)
    digits_off = pl.sum_horizontal(
        [(year // 10**i % 10 != true_year // 10**i % 10).cast(pl.Int8) for i in range(4)]
    )
    near = ((year - true_year).abs() <= 1) | ((digits_off == 1) & ((month == 0) | (month == true_month)))
    exchanged = (year == true_year) & (month == true_day) & (day == true_month)
    return (
        pl.when(typed.is_null() | true.is_null()).then(None)
        .when(typed == true).then(BIRTH.EXACT)
        .when(partly).then(BIRTH.PARTLY)
        .when((day > 0) & days.is_between(15, 55)).then(BIRTH.LUNAR)
        .when((day > 0) & ((wrong == 1) | exchanged)).then(BIRTH.ONE_PART)
        .when(near).then(BIRTH.NEAR)
        .otherwise(BIRTH.OTHER)
        .cast(pl.Int8)
    )  # fmt: skip
