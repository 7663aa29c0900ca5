"""The parts that tokens are made of, from an extract of any kind: number, syllables, birth date, phone, village.

Both sides of a comparison must come to the same parts, so everything is read by `engines.identity`, and what is not
certain is null: a masked letter, a nickname in place of a name, a birth date without its day.
"""

from __future__ import annotations

import polars as pl

from chunfeng.engines.identity import addresses, names

PARTS: dict[str, pl.DataType] = {
    "id17": pl.Int64(),
    "known15": pl.Int64(),
    "name_key": pl.String(),
    "surname_key": pl.String(),
    "given_key": pl.String(),
    "birth": pl.Int32(),
    "phone": pl.String(),
    "village": pl.String(),
}
"""`id17`: the first 17 digits of a verified citizen number; `known15`: the first 15 of one, also where a spreadsheet
kept no more. The three keys are toneless syllables with blanks between, as `names.read_column` gives them.
`birth` yyyymmdd, whole dates only; `phone` a mobile number of 11 digits; `village` a region code of 12."""

_UNCERTAIN = r"[*?]"
_VILLAGE = r"^\d{12}$"


def parts_of(extract: pl.DataFrame) -> pl.DataFrame:
    """The columns PARTS for every row of a typed extract, same height and order; columns it lacks count as unknown."""
    numbers = _numbers(extract)
    columns = [
        numbers["id17"],
        numbers["known15"],
        *name_parts(_first(extract, "name__raw", "name")).get_columns(),
        _birth(extract, numbers),
        _first(extract, "phone").alias("phone"),
        _village(extract),
    ]
    return pl.DataFrame(columns).cast(PARTS)  # type: ignore[arg-type]


def name_parts(written: pl.Series) -> pl.DataFrame:
    """`name_key`, `surname_key`, `given_key` of names as typed (String)."""
    return keys_of(names.read_column(written))


def keys_of(read: pl.DataFrame) -> pl.DataFrame:
    """The same of names already read: columns kind, key, surname, given of `names.SCHEMA`.

    A whole name only where the text is one: 阿明 and 陈师傅 are none, though the latter's surname is known.
    """
    letters = pl.col("key").str.split(" ")
    length = pl.col("surname").str.len_chars()
    surname = letters.list.head(length).list.join(" ")
    given = letters.list.tail(pl.col("given").str.len_chars()).list.join(" ")
    return (
        read.lazy()
        .select(
            pl.when(pl.col("kind") == "ok").then("key").alias("name_key"),
            pl.when(length > 0).then(surname).alias("surname_key"),
            pl.when(pl.col("given").is_not_null()).then(given).alias("given_key"),
        )
        .with_columns(pl.when(~pl.all().str.contains(_UNCERTAIN)).then(pl.all()))
        .collect()
    )


def _first(extract: pl.DataFrame, *columns: str, dtype: pl.DataType | None = None) -> pl.Series:
    """The first of these columns that says something, row by row; null where none does or there is none."""
    wanted = dtype or pl.String()
    there = [pl.col(c).cast(wanted) for c in columns if c in extract.columns]
    if not there:
        return pl.Series("first", [None], dtype=wanted).new_from_index(0, extract.height)
    return extract.select(pl.coalesce(there).alias("first"))["first"]


def _numbers(extract: pl.DataFrame) -> pl.DataFrame:
    """A disability certificate's number holds the citizen number: it stands in where that is missing or damaged."""
    number = _first(extract, "id_number_key", "certificate_number_key", dtype=pl.Int64())
    known = _first(extract, "id_number_known15", "certificate_number_known15", dtype=pl.Int64())
    return pl.DataFrame({"id17": number, "known15": known}).with_columns(
        known15=pl.coalesce(pl.col("id17") // 100, "known15")
    )


def _birth(extract: pl.DataFrame, numbers: pl.DataFrame) -> pl.Series:
    """As typed, for that speaks beside the number where the number is a relative's; else as the number has it."""
    of_number = (numbers["known15"] // 10 % 100_000_000).alias("of_number")
    names_of = [f"birth_date_{part}" for part in ("year", "month", "day")]
    if not set(names_of) <= set(extract.columns):
        return of_number.alias("birth")
    year, month, day = (pl.col(c).cast(pl.Int64) for c in names_of)
    typed = year * 10_000 + month * 100 + day  # null where any of them is
    return extract.with_columns(of_number).select(pl.coalesce(typed, "of_number").alias("birth"))["birth"]


def _village(extract: pl.DataFrame) -> pl.Series:
    """The village registered, then lived in, then the one that the words for town and village name, then the sheet's."""
    codes = [
        _first(extract, column) for column in ("village_code", "hukou_address_region", "home_address_region")
    ]
    place = _first(extract, "place")
    frame = pl.DataFrame([c.alias(str(i)) for i, c in enumerate([*codes, _spoken(extract, place), place])])
    whole = [pl.when(pl.col(c).str.contains(_VILLAGE)).then(c) for c in frame.columns]
    return frame.select(pl.coalesce(whole).alias("village"))["village"]


def _spoken(extract: pl.DataFrame, place: pl.Series) -> pl.Series:
    """The region named by the columns of town and village, within the sheet's place."""
    words = [_first(extract, column).fill_null("") for column in ("town", "village")]
    frame = pl.DataFrame({"place": place, "words": words[0] + words[1]})
    distinct = frame.unique()
    found = [
        addresses.read(words, within=within).code if words else None for within, words in distinct.iter_rows()
    ]
    table = distinct.with_columns(pl.Series("code", found, dtype=pl.String))
    return frame.join(table, on=["place", "words"], how="left", nulls_equal=True, maintain_order="left")[
        "code"
    ]
