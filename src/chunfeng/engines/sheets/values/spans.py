"""Two dates in one cell: «2021.3.1-2022.2.28» under 合同期限 or 有效期, of which a field is the first or the last."""

from __future__ import annotations

import re
import unicodedata

import polars as pl

from chunfeng.engines.sheets.values.column import Context, Typed, Typer, by_distinct

PARTS = ("", "start", "end")
_DATE = re.compile(
    r"(?<!\d)(?:(?:19|20)\d{2}([./-])\d{1,2}(?:\1\d{1,2})?(?!\d)"
    r"|(?:19|20)\d{2}\s*年\s*\d{1,2}\s*月(?:\s*\d{1,2}\s*日?)?|(?:19|20)\d{2}[01]\d(?:[0-3]\d)?(?!\d))"
)
_BETWEEN = re.compile(r"\s*(?:起|始)?\s*(?:[-—–－~～〜至到]|--|——)+\s*(?:至|到)?\s*")


def split(text: str) -> tuple[str, str] | None:
    """The two dates of a span as written; None where a text is anything else."""
    folded = unicodedata.normalize("NFKC", text).strip()
    first = _DATE.match(folded.removeprefix("自").removeprefix("从").lstrip())
    if first is None:
        return None
    whole = first.string
    between = _BETWEEN.match(whole, first.end())
    last = _DATE.match(whole, between.end()) if between else None
    if last is None or whole[last.end() :].strip("止 。)") != "":
        return None
    return first.group(0), last.group(0)


def part_of(cells: pl.Series, part: str) -> pl.Series:
    """Of every cell that holds a span its `part` (start, end); other cells as they are."""
    taken = only_part(cells, part)
    return taken.fill_null(cells)


def only_part(cells: pl.Series, part: str) -> pl.Series:
    """Of every cell that holds a span its `part`; null for all others."""
    # a span is longer than a date with its time of day is short: most columns hold none
    if not (cells.str.len_chars() > 12).any():
        return pl.Series(cells.name, [None], dtype=pl.String).new_from_index(0, len(cells))
    at = PARTS.index(part) - 1

    def take(text: str) -> str | None:
        dates = split(text)
        return dates[at] if dates else None

    return by_distinct(cells, take, pl.String).alias(cells.name)


def typer_of(typer: Typer, part: str) -> Typer:
    """A type that first takes its part of a span; for fields that are no part of one the type itself."""
    if not part:
        return typer

    def typed(values: pl.Series, context: Context) -> Typed:
        return typer(part_of(values, part), context)

    return typed
