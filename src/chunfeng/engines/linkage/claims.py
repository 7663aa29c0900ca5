"""A claim: one row of one extract, reduced to what tells persons apart. Claims are never edited.

`claims_of` takes extracts of any kind (missing columns are unknown) and yields the columns of SCHEMA. Only ages depend on
the date of the run; `numbered` puts them in.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from chunfeng.engines.identity import addresses, names

SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "file": pl.String,
    "sheet": pl.String,
    "row": pl.UInt32,
    "kind": pl.String,
    "department": pl.String,
    "current": pl.Boolean,
    "name": pl.String,
    "name_kind": pl.String,
    "key": pl.String,
    "accent": pl.String,
    "surname": pl.String,
    "given": pl.String,
    "variant": pl.String,
    "sex": pl.String,
    "id_kind": pl.String,
    "id17": pl.Int64,
    "known15": pl.Int64,
    "id_text": pl.String,
    "birth": pl.Int32,
    "age": pl.Int16,
    "born_about": pl.Int16,
    "phone": pl.String,
    "phone_2": pl.String,
    "region": pl.String,
    "household": pl.String,
    "relation": pl.String,
    "employer": pl.String,
    "token": pl.String,
}
"""`id17` only when verified; `id_text` what was written where it was not. `birth` yyyymmdd, unknown parts 00; from the
typed column, never from the id; `born_about` the year an age points to. `region` the deepest certain code; `household` a
key within one file; `employer` the organisation code, else the reduced name; `token` a keyed hash in place of
an id, the strongest a row has."""

_TOKENS = ("token_id17", "token_id15_name", "token_birth_name", "token_phone_surname", "token_village_given")
NOT_PERSONS = ("vacancies", "key_employers", "labour_shortage", "wage_arrears_blacklist", "unknown")
"""Kinds whose rows are no persons."""


_Types = dict[str, pl.DataType | type[pl.DataType]]
_TAKEN: _Types = {
    **dict.fromkeys(
        (
            "file", "sheet", "kind", "department", "name", "name__raw", "sex", "phone", "phone_2", "relation_to_head",
            "id_number", "id_number__raw", "id_number_kind", "certificate_number__raw", "certificate_number_kind",
            "household_number", "place", "town", "village", "village_code", "hukou_address_region", "home_address_region",
            "credit_code_org", "credit_code", "employer_name_key", "previous_employer_key", "person_token", *_TOKENS,
        ), pl.String,
    ),
    **dict.fromkeys(
        ("id_number_key", "id_number_known15", "certificate_number_key", "certificate_number_known15", "age"), pl.Int64,
    ),
    **dict.fromkeys(("birth_date_year", "birth_date_month", "birth_date_day"), pl.Int32),
    "row": pl.UInt32, "household_row": pl.UInt32, "current": pl.Boolean, "extract": pl.UInt32,
}  # fmt: skip
"""Columns of extracts that claims are made of."""


def claims_of(extracts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """The claims of these extracts in their order, ages as written, and `extract`, the place of their extract from 0.

    None of kinds that hold no persons and of sheets without names, ids and tokens.
    """
    parts = [_taken(extract, place) for place, extract in enumerate(extracts) if _has_persons(extract)]
    taken = pl.concat([pl.DataFrame(schema=_TAKEN), *parts], how="diagonal")
    people = names.read_column(taken.select(_first("name__raw", "name"))["name__raw"])
    told = taken.select(
        "extract", "file", "sheet", "row", "kind", "department", "current",
        people["name"], people["kind"].alias("name_kind"), people["key"], people["accent_key"].alias("accent"),
        people["surname"], people["given"], people["variant"], "sex", *_ids(), _birth().alias("birth"), "age",
        pl.lit(None).alias("born_about"), "phone", "phone_2",
        _regions(taken).alias("region"),
        _household().alias("household"),
        pl.col("relation_to_head").alias("relation"),
        _first("credit_code_org", "credit_code", "employer_name_key", "previous_employer_key").alias("employer"),
        _first("person_token", *_TOKENS).alias("token"),
    )  # fmt: skip
    return told.select("extract", *[pl.col(name).cast(dtype, strict=False) for name, dtype in SCHEMA.items()])


def _has_persons(extract: pl.DataFrame) -> bool:
    named = not {"name", "id_number", "person_token", "token_id17"}.isdisjoint(extract.columns)
    return named and extract.height > 0 and extract["kind"][0] not in NOT_PERSONS


def _taken(extract: pl.DataFrame, place: int) -> pl.DataFrame:
    columns = [pl.col(c).cast(t, strict=False) for c, t in _TAKEN.items() if c in extract.columns]
    kept = extract.filter(pl.col("state") != "rejected").select(columns)
    return kept.with_columns(pl.lit(place, dtype=pl.UInt32).alias("extract"))


def _first(*columns: str) -> pl.Expr:
    return pl.coalesce(columns)


def _ids() -> list[pl.Expr]:
    """The id columns, from the certificate number where the id itself is missing or damaged."""
    own, certificate = pl.col("id_number_key"), pl.col("certificate_number_key")
    by_certificate = own.is_null() & certificate.is_not_null()
    text = _first("id_number__raw", "id_number", "certificate_number__raw")
    return [
        pl.when(by_certificate).then(pl.lit("certificate"))
        .otherwise(_first("id_number_kind", "certificate_number_kind")).alias("id_kind"),
        pl.coalesce(own, certificate).alias("id17"),
        _first("id_number_known15", "certificate_number_known15").alias("known15"),
        pl.when(pl.coalesce(own, certificate).is_null()).then(text).alias("id_text"),
    ]  # fmt: skip


def _birth() -> pl.Expr:
    year, month, day = (pl.col(f"birth_date_{p}") for p in ("year", "month", "day"))
    return year * 10000 + month.fill_null(0) * 100 + day.fill_null(0)


def _plausible_age(as_of: date) -> pl.Expr:
    """An age, or none where somebody wrote a year of birth into the column (turned into an age) or nonsense."""
    age = pl.col("age")
    return (
        pl.when(age.is_between(0, 120))
        .then(age)
        .when(age.is_between(1900, as_of.year))
        .then(as_of.year - age)
    )


def _household() -> pl.Expr:
    number = pl.col("household_number")
    first_row = pl.col("household_row").cast(pl.String)
    where = pl.concat_str(["file", pl.lit("\x1f"), "sheet", pl.lit("\x1f")])
    return (
        pl.when(number.is_not_null())
        .then(pl.col("file") + "\x1f#" + number)
        .when(first_row.is_not_null())
        .then(where + first_row)
    )


def _regions(taken: pl.DataFrame) -> pl.Series:
    """The deepest region a row names: village code, addresses, else town and village within the sheet's place."""
    written = pl.concat_str([pl.col("town").fill_null(""), pl.col("village").fill_null("")])
    said = taken.select(
        "place", "village_code", "hukou_address_region", "home_address_region",
        pl.when(written != "").then(written).alias("written"),
    )  # fmt: skip
    by_words = (
        said.select("place", "written").unique()
        .with_columns(
            pl.struct("place", "written")
            .map_elements(lambda s: _resolve(s["written"], s["place"]), return_dtype=pl.String)
            .alias("spoken")
        )
    )  # fmt: skip
    joined = said.join(by_words, on=["place", "written"], how="left", nulls_equal=True, maintain_order="left")
    columns = [pl.col(c) for c in ("village_code", "hukou_address_region", "home_address_region", "spoken")]
    longest = pl.max_horizontal([c.str.len_chars() for c in columns])
    return joined.select(
        pl.coalesce([pl.when(c.str.len_chars() == longest).then(c) for c in columns]).alias("region")
    )["region"]


def _resolve(written: str | None, place: str | None) -> str | None:
    if written is None:
        return place
    code = addresses.read(written, within=place).code
    return code if code is not None and (place is None or len(code) >= len(place)) else place


def numbered(told: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """`claims_of` in the order of file, sheet and row, numbered by `claim` (UInt32), with years of birth for ages."""
    year = pl.lit(as_of.year) - pl.col("age").cast(pl.Int32)
    aged = told.sort("file", "sheet", "row").with_columns(_plausible_age(as_of).cast(pl.Int16).alias("age"))
    return (
        aged.select(list(SCHEMA))
        .with_columns(year.cast(pl.Int16).alias("born_about"))
        .with_row_index("claim")
    )


def all_claims(extracts: Sequence[pl.DataFrame], as_of: date) -> pl.DataFrame:
    """`numbered` claims of all extracts."""
    return numbered(claims_of(extracts), as_of)
