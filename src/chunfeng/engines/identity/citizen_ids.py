"""Citizen numbers (公民身份号码, GB 11643-1999) as typed: verified, upgraded, or told how they are damaged.

`read` is the definition and reads one text; `read_column` says the same of a whole column at memory speed.
"""

from __future__ import annotations

import polars as pl

from chunfeng.engines.identity import id_slips
from chunfeng.engines.identity.id_numbers import (
    birth_date,
    check_char,
    id18_of,
    region_of,
    sex,
    upgrade15,
)
from chunfeng.engines.identity.id_reading import KINDS, CitizenId, read

__all__ = [
    "KINDS",
    "SCHEMA",
    "CitizenId",
    "birth_date",
    "check_char",
    "id18_of",
    "read",
    "read_column",
    "region_of",
    "sex",
    "slips",
    "upgrade15",
]

SCHEMA: dict[str, pl.DataType] = {
    "kind": pl.Enum(KINDS),
    "id18": pl.String(),
    "id17": pl.Int64(),
    "known15": pl.Int64(),
    "digits17": pl.Int64(),
    "digits": pl.String(),
    "cert_kind": pl.Int8(),
    "cert_grade": pl.Int8(),
    "reissue": pl.String(),
    "slip": pl.Enum(id_slips.SLIPS),
}
"""The columns of `read_column`; each means what the field of `CitizenId` of that name means."""


def slips(raw: str) -> list[str]:
    """Valid numbers of 18 characters one keystroke away from a damaged one, to compare with persons known.

    Empty for numbers that are verified, and for those whose damage is no slip (cut, masked, …).
    Never a correction: nearly all of these belong to nobody.
    """
    reading = read(raw)
    if (
        reading is None
        or reading.digits is None
        or reading.kind not in ("bad_check", "bad_date", "short", "long")
    ):
        return []
    characters = reading.digits if reading.cert_kind is None else reading.digits[:18]
    return id_slips.candidates(characters)


def read_column(values: pl.Series) -> pl.DataFrame:
    """`read` for every value of a series: columns of SCHEMA, same height and order, nulls for a blank."""
    distinct = values.drop_nulls().unique()
    readings = [read(value) for value in distinct]
    columns = {name: [getattr(r, name) if r else None for r in readings] for name in SCHEMA}
    table = pl.DataFrame({"text": distinct, **columns}, schema={"text": pl.String(), **SCHEMA})
    return values.to_frame("text").join(table, on="text", how="left", maintain_order="left").drop("text")
