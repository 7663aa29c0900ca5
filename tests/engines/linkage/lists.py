"""Small invented lists as intake writes them, and who is who in them, for tests of what is made of linked rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import count
from typing import Any

import polars as pl

from chunfeng.engines.identity.id_numbers import id18_of
from chunfeng.engines.linkage.claims import all_claims

AS_OF = date(2023, 1, 15)
DEPARTMENTS = {
    "household_register": "公安", "migrant_residents": "公安", "village_survey": "村居", "poverty_exit": "乡村振兴",
    "insurance_contributions": "社保", "minimum_living_allowance": "民政", "disability_certificates": "残联",
}  # fmt: skip
WANG, LI, CHEN = 35082519880307311, 35082519900512422, 35082519751130633
"""Three invented persons by the first 17 digits of their numbers: man, woman, man."""
TYPES: dict[str, Any] = {
    "household_number": pl.String, "household_row": pl.UInt32, "household_head_name": pl.String,
    "household_head_id_key": pl.Int64, "relation_to_head": pl.String, "birth_date_year": pl.Int32,
    "birth_date_month": pl.Int32, "birth_date_day": pl.Int32, "id_number_key": pl.Int64,
}  # fmt: skip


def sheet(
    kind: str,
    rows: Sequence[Mapping[str, Any]],
    *,
    file: str | None = None,
    name: str = "",
    period: date | None = None,
    current: bool = True,
) -> pl.DataFrame:
    """One extract. A row's `id` (17 digits) becomes a verified number; `who` is kept for `assigned`."""
    numbers: Iterator[int] = count(2)
    filled = [
        {
            "file": file or f"{kind}.csv", "sheet": name, "kind": kind, "department": DEPARTMENTS.get(kind, "其他"),
            "period": period, "current": current, "state": "ok", "place": None, "name": None,
            "id_number_key": row.get("id"),
            "id_number": id18_of(row["id"]) if "id" in row else None,
            "id_number_kind": "ok18" if "id" in row else None,
            "row": next(numbers),
            **{k: v for k, v in row.items() if k != "id"},
        }
        for row in rows
    ]  # fmt: skip
    columns = dict.fromkeys(key for row in filled for key in row)
    if "birth_date_year" in columns:
        columns |= dict.fromkeys(("birth_date_month", "birth_date_day"))
    fixed: dict[str, Any] = {
        "row": pl.UInt32, "period": pl.Date, "current": pl.Boolean, "who": pl.Int64, **TYPES
    }  # fmt: skip
    of = {
        key: fixed.get(key, pl.Date if any(isinstance(r.get(key), date) for r in filled) else pl.String)
        for key in columns
    }
    return pl.DataFrame(filled, schema=of)


def linked(*sheets: pl.DataFrame, lane: str = "id") -> tuple[list[pl.DataFrame], pl.DataFrame, pl.DataFrame]:
    """(extracts, claims, assigned) of the sheets, each row linked to its `who`, else to its number, else to nobody."""
    claims = all_claims(sheets, AS_OF)
    who = pl.concat(
        [
            s.select(
                "file", "sheet", "row",
                pl.coalesce(pl.col("who") if "who" in s.columns else pl.lit(None, dtype=pl.Int64), "id_number_key").alias("person"),
                (pl.col("lane") if "lane" in s.columns else pl.lit(None, dtype=pl.String)).fill_null(lane).alias("lane"),
            )
            for s in sheets
        ]
    )  # fmt: skip
    assigned = (
        claims.join(who, on=["file", "sheet", "row"])
        .filter(pl.col("person").is_not_null())
        .select("claim", "person", "lane")
    )
    return list(sheets), claims, assigned
