"""Types that say where: addresses, places by name, region codes."""

from __future__ import annotations

import polars as pl

from chunfeng.engines.identity import addresses
from chunfeng.engines.sheets.values.column import Context, Typed, Typer, by_distinct, clean_text


def _address(values: pl.Series, context: Context) -> Typed:
    frame = addresses.read_column(values, within=context.within)
    return Typed({"": clean_text(values), "_region": frame["code"]})


def _region(values: pl.Series, context: Context) -> Typed:
    """A place named without a house: its text and, where certain, its code."""

    def resolve(text: str) -> str | None:
        if text.isdigit() and len(text) in (6, 9, 12):
            return text
        reading = addresses.read(text, within=None)
        return reading.code

    cleaned = clean_text(values)
    return Typed({"": cleaned, "_region": by_distinct(cleaned, resolve, pl.String)})


def _region_code(values: pl.Series, _: Context) -> Typed:
    cleaned = clean_text(values).str.replace(r"\.0$", "")
    good = cleaned.str.contains(r"^\d{2}(\d{2}){0,2}(\d{3}){0,2}$")
    kept = pl.DataFrame({"v": cleaned, "g": good}).select(pl.when("g").then("v").alias("v"))["v"]
    typed = Typed({"": kept})
    typed.problem("REGION_UNKNOWN", ~good)
    return typed


TYPES: dict[str, Typer] = {
    "address": _address,
    "region": _region,
    "region_code": _region_code,
}
