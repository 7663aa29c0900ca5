"""A claim: one row of one extract, reduced to what tells persons apart. Claims are never edited.

`claims_of` takes an extract of any kind (missing columns are unknown) and yields the columns of SCHEMA. Only ages depend on
the date of the run; `numbered` puts them in.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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


def claims_of(extract: pl.DataFrame) -> pl.DataFrame:
    """The claims of one extract, ages as written; empty for kinds that hold no persons or sheets without names, ids and tokens."""
    has = set(extract.columns)
    if (
        extract.height == 0
        or extract["kind"][0] in NOT_PERSONS
        or not has & {"name", "id_number", "person_token", "token_id17"}
    ):
        return pl.DataFrame(schema=SCHEMA)
    taken = extract.filter(pl.col("state") != "rejected")
    written = _first(has, "name__raw", "name")
    people = names.read_column(taken.with_columns(written.alias("_n"))["_n"])
    ids = _ids(has)
    frame = taken.with_row_index("_i").select(
        "file", "sheet", "row", "kind", "department", "current",
        people["name"], people["kind"].alias("name_kind"), people["key"], people["accent_key"].alias("accent"),
        people["surname"], people["given"], people["variant"],
        _first(has, "sex").alias("sex"), *ids,
        _birth(has).alias("birth"),
        (_first(has, "age", dtype=pl.Int64) if "age" in has else pl.lit(None)).cast(pl.Int16, strict=False).alias("age"),
        _first(has, "phone").alias("phone"), _first(has, "phone_2").alias("phone_2"),
        _regions(taken).alias("region"),
        _household(has).alias("household"),
        _first(has, "relation_to_head").alias("relation"),
        _first(has, "credit_code_org", "credit_code", "employer_name_key", "previous_employer_key").alias("employer"),
        _first(has, "person_token", *_TOKENS).alias("token"),
    )  # fmt: skip
    told = frame.with_columns(pl.lit(None).alias("born_about"))
    return told.select([pl.col(name).cast(dtype, strict=False) for name, dtype in SCHEMA.items()])


def _first(has: set[str], *columns: str, dtype: pl.DataType | type[pl.DataType] = pl.String) -> pl.Expr:
    there = [pl.col(c).cast(dtype, strict=False) for c in columns if c in has]
    return pl.coalesce(there) if there else pl.lit(None, dtype=dtype)


def _ids(has: set[str]) -> list[pl.Expr]:
    """The id columns, from the certificate number where the id itself is missing or damaged."""
    kind = _first(has, "id_number_kind")
    own = _first(has, "id_number_key", dtype=pl.Int64)
    certificate = _first(has, "certificate_number_key", dtype=pl.Int64)
    by_certificate = own.is_null() & certificate.is_not_null()
    text = _first(has, "id_number__raw", "id_number", "certificate_number__raw")
    return [
        pl.when(by_certificate).then(pl.lit("certificate"))
        .otherwise(pl.coalesce(kind, _first(has, "certificate_number_kind"))).alias("id_kind"),
        pl.coalesce(own, certificate).alias("id17"),
        pl.coalesce(
            _first(has, "id_number_known15", dtype=pl.Int64), _first(has, "certificate_number_known15", dtype=pl.Int64)
        ).alias("known15"),
        pl.when(pl.coalesce(own, certificate).is_null()).then(text).alias("id_text"),
    ]  # fmt: skip


def _birth(has: set[str]) -> pl.Expr:
    if "birth_date_year" not in has:
        return pl.lit(None, dtype=pl.Int32)
    part = [pl.col(f"birth_date_{p}").cast(pl.Int32).fill_null(0) for p in ("year", "month", "day")]
    return pl.when(pl.col("birth_date_year").is_not_null()).then(part[0] * 10000 + part[1] * 100 + part[2])


def _plausible_age(as_of: date) -> pl.Expr:
    """An age, or none where somebody wrote a year of birth into the column (turned into an age) or nonsense."""
    age = pl.col("age")
    return (
        pl.when(age.is_between(0, 120))
        .then(age)
        .when(age.is_between(1900, as_of.year))
        .then(as_of.year - age)
    )


def _household(has: set[str]) -> pl.Expr:
    number = _first(has, "household_number")
    first_row = _first(has, "household_row", dtype=pl.UInt32).cast(pl.String)
    where = pl.concat_str(["file", pl.lit("\x1f"), "sheet", pl.lit("\x1f")])
    return (
        pl.when(number.is_not_null())
        .then(pl.col("file") + "\x1f#" + number)
        .when(first_row.is_not_null())
        .then(where + first_row)
    )


def _regions(extract: pl.DataFrame) -> pl.Series:
    """The deepest region a row names: village code, addresses, else town and village within the sheet's place."""
    has = set(extract.columns)
    known = [c for c in ("village_code", "hukou_address_region", "home_address_region") if c in has]
    written = pl.concat_str([_first(has, "town").fill_null(""), _first(has, "village").fill_null("")])
    spoken = (
        extract.with_columns(_first(has, "place").alias("place"), written.alias("written"))
        .select("place", "written")
        .with_columns(pl.when(pl.col("written") != "").then("written").alias("written"))
    )
    by_words = spoken.unique().with_columns(
        pl.struct("place", "written")
        .map_elements(lambda s: _resolve(s["written"], s["place"]), return_dtype=pl.String)
        .alias("spoken")
    )
    joined = spoken.join(
        by_words, on=["place", "written"], how="left", nulls_equal=True, maintain_order="left"
    )
    frame = joined.select("spoken").with_columns([extract[c] for c in known])
    columns = [pl.col(c) for c in [*known, "spoken"]]
    longest = pl.max_horizontal([c.str.len_chars() for c in columns])
    return frame.select(
        pl.coalesce([pl.when(c.str.len_chars() == longest).then(c) for c in columns]).alias("region")
    )["region"]


def _resolve(written: str | None, place: str | None) -> str | None:
    if written is None:
        return place
    code = addresses.read(written, within=place).code
    return code if code is not None and (place is None or len(code) >= len(place)) else place


def numbered(parts: Iterable[pl.DataFrame], as_of: date) -> pl.DataFrame:
    """The claims of all extracts in the order of file, sheet and row, numbered by `claim` (UInt32), with years of birth."""
    whole = pl.concat([pl.DataFrame(schema=SCHEMA), *parts]).sort("file", "sheet", "row")
    year = pl.lit(as_of.year) - pl.col("age").cast(pl.Int32)
    aged = whole.with_columns(_plausible_age(as_of).cast(pl.Int16).alias("age"))
    return aged.with_columns(year.cast(pl.Int16).alias("born_about")).with_row_index("claim")


def all_claims(extracts: Sequence[pl.DataFrame], as_of: date) -> pl.DataFrame:
    """`numbered` claims of all extracts."""
    return numbered(map(claims_of, extracts), as_of)
