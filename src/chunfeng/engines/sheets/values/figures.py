"""Types that say how much: whole numbers, exact amounts, pay as people write it, whether something was paid."""

from __future__ import annotations

import re
from typing import Any

import polars as pl

from chunfeng.engines.identity import amounts
from chunfeng.engines.sheets.values.choices import yes_or_no
from chunfeng.engines.sheets.values.column import (
    Context,
    Typed,
    Typer,
    by_distinct,
    clean_text,
    is_placeholder,
    not_taken,
)

_DIGITS = {"零": "0", "○": "0"} | {char: str(at) for at, char in enumerate("〇一二三四五六七八九")}
_YEAR_IN_WORDS = re.compile("[一二][〇零○一二三四五六七八九]{3}年?度?")


def _integer(values: pl.Series, _: Context) -> Typed:
    def parse(text: str) -> int | None:
        if _YEAR_IN_WORDS.fullmatch(text):
            return int("".join(_DIGITS[char] for char in text.rstrip("年度")))
        reading = amounts.read(text)
        if reading.low is None or reading.low != reading.high or reading.low != int(reading.low):
            return None
        return int(reading.low)

    cleaned = clean_text(values)
    plain = cleaned.str.contains(r"^\d{1,9}$")
    fast = pl.DataFrame({"v": cleaned, "p": plain}).select(pl.when("p").then("v"))["v"].cast(pl.Int64)
    rest = pl.DataFrame({"v": cleaned, "p": plain}).select(pl.when(~pl.col("p")).then("v"))["v"]
    slow = by_distinct(rest, parse, pl.Int64) if rest.null_count() < len(rest) else rest.cast(pl.Int64)
    result = fast.fill_null(slow)
    typed = Typed({"": result})
    typed.problem("VALUE_NOT_NUMBER", not_taken(result, cleaned))
    return typed


def _decimal_of(scale: int) -> Typer:
    dtype = pl.Decimal(18, scale)

    def typer(values: pl.Series, _: Context) -> Typed:
        cleaned = clean_text(values)
        result = by_distinct(cleaned, _exact_amount, dtype)
        typed = Typed({"": result})
        typed.problem("VALUE_NOT_NUMBER", not_taken(result, cleaned))
        return typed

    return typer


def _amount(values: pl.Series, _: Context) -> Typed:
    frame = amounts.read_column(values)
    cleaned = clean_text(values)
    columns = {"": cleaned}
    for suffix in ("low", "high", "unit", "open", "base"):
        if suffix in frame.columns:
            columns[f"_{suffix}"] = frame[suffix]
    typed = Typed(columns)
    unclear = frame["low"].is_null() & frame["high"].is_null() & cleaned.is_not_null()
    negotiable = frame["open"].cast(pl.String) == "negotiable" if "open" in frame.columns else unclear & False
    typed.problem("AMOUNT_NOT_NUMBER", unclear & ~negotiable.fill_null(False) & ~is_placeholder(cleaned))
    return typed


def _paid(values: pl.Series, _: Context) -> Typed:
    """Whether something was paid: yes or no in words, or an amount, of which nought is no. `_amount` keeps the amount."""
    cleaned = clean_text(values)
    amount = by_distinct(cleaned, _exact_amount, pl.Decimal(18, 2))
    said = by_distinct(cleaned, yes_or_no, pl.Boolean)
    frame = pl.DataFrame({"said": said, "amount": amount})
    result = frame.select(pl.coalesce("said", pl.col("amount") > 0).alias("v"))["v"]
    known = frame.select(pl.when(pl.col("said").is_null()).then("amount").alias("v"))["v"]
    typed = Typed({"": result, "_amount": known})
    typed.problem("VALUE_NOT_YES_NO", not_taken(result, cleaned))
    return typed


def _exact_amount(text: str) -> Any:
    reading = amounts.read(text)
    return reading.low if reading.low is not None and reading.low == reading.high else None


TYPES: dict[str, Typer] = {
    "integer": _integer,
    "decimal": _decimal_of(4),
    "money": _decimal_of(2),
    "amount": _amount,
    "paid": _paid,
}
