"""A small invented town for the tests of linkage: persons with rows in several lists, written as extracts are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import polars as pl

from chunfeng.engines.identity import citizen_ids
from chunfeng.engines.linkage.claims import all_claims

AS_OF = date(2023, 1, 15)
VILLAGE = "350825100201"


def id18(born: str, order: int, area: str = "350825") -> str:
    """A valid number of an invented person."""
    seventeen = int(f"{area}{born}{order:03d}")
    return citizen_ids.id18_of(seventeen)


def extract(
    kind: str, rows: Sequence[dict[str, Any]], file: str | None = None, current: bool = True
) -> pl.DataFrame:
    """Rows (name, id, and what else) as the reader would have typed them."""
    out = []
    for number, row in enumerate(rows, start=2):
        reading = citizen_ids.read(row["id"]) if row.get("id") else None
        birth = row.get("birth")
        out.append(
            {
                "file": file or f"{kind}.csv", "sheet": "", "row": number, "kind": kind, "department": "人社", "state": "ok",
                "current": current, "place": "350825", "household_row": row.get("household"), "name": row.get("name"),
                "id_number": reading.id18 if reading else None, "id_number_kind": reading.kind if reading else None,
                "id_number_key": reading.id17 if reading else None, "id_number_known15": reading.known15 if reading else None,
                "id_number__raw": row.get("id"), "sex": row.get("sex"), "age": row.get("age"),
                "birth_date_year": birth // 10000 if birth else None, "birth_date_month": birth // 100 % 100 if birth else None,
                "birth_date_day": birth % 100 if birth else None, "phone": row.get("phone"), "village_code": row.get("village"),
                "credit_code_org": row.get("employer"), "person_token": row.get("token"),
            }
        )  # fmt: skip
    schema = {
        "row": pl.UInt32, "household_row": pl.UInt32, "id_number_key": pl.Int64, "id_number_known15": pl.Int64, "age": pl.Int64,
        "birth_date_year": pl.Int16, "birth_date_month": pl.Int8, "birth_date_day": pl.Int8,
    }  # fmt: skip
    frame = pl.DataFrame(out, infer_schema_length=None)
    return frame.with_columns(
        [pl.col(c).cast(schema.get(c, pl.Boolean if c == "current" else pl.String)) for c in frame.columns]
    )


def townspeople(count: int = 400) -> list[dict[str, Any]]:
    """Invented persons of two villages, names as common as names are."""
    surnames, given = (
        "陈林黄张李王吴刘",
        ("志明", "国强", "玉兰", "秀英", "建华", "海燕", "小红", "文辉", "丽珍", "金水"),
    )
    people = []
    for n in range(count):
        born = f"{1950 + n % 50}{1 + n % 12:02d}{1 + n % 28:02d}"
        people.append(
            {
                "name": surnames[n % 8] + given[(n // 8) % 10], "id": id18(born, n), "birth": int(born),
                "sex": "1" if n % 2 else "2", "phone": f"160{n:08d}", "village": f"3508251002{1 + n % 9:02d}",
            }
        )  # fmt: skip
    return people


def claims(*extracts: pl.DataFrame) -> pl.DataFrame:
    """The claims of some extracts."""
    return all_claims(extracts, AS_OF)


def person_of(table: pl.DataFrame, assigned: pl.DataFrame, file: str, row: int) -> int | None:
    """The person a row was linked to, None if to nobody."""
    found = table.join(assigned, on="claim").filter((pl.col("file") == file) & (pl.col("row") == row))
    return found["person"][0] if found.height else None
