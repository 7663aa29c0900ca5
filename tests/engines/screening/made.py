"""Posts and ledgers made for the tests of screening: one plain lawful post, and what a test changes in it."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl

from chunfeng.engines.screening import ledger
from chunfeng.engines.screening.posts import ELEMENTS, SCHEMA
from chunfeng.engines.screening.screen import screen
from chunfeng.engines.screening.trial import load_book

AS_OF = date(2023, 1, 15)
PLAIN: dict[str, Any] = {
    "file": "用工.xlsx", "sheet": "一", "employer_name": "某县甲乙鞋业有限公司", "employer_name_key": "甲乙鞋业",
    "credit_code": "91350825MA0000000X", "credit_code_kind": "ok", "work_place": "某县某镇工业园区",
    "work_place_region": "350825100", "headcount": "5", "pay": "3500-4500", "employment_form": "全日制",
    "work_conditions": "8小时，包住", "work_content": "设备操作", "post_name": "操作工", "phone": "15400000000",
    "requirements": "初中以上", "posted_on": date(2023, 1, 10), "valid_until": date(2023, 3, 1), "known": True,
    "sure": True, "borrowed": False, "blacklisted": False,
    **dict.fromkeys((f"{c}_listed" for c in (*ELEMENTS, "credit_code")), True),
}  # fmt: skip


def posts(*said: dict[str, Any]) -> pl.DataFrame:
    """A table of posts: each the plain one of an employer of its own, with what is said changed."""
    rows = [{**PLAIN, "row": n + 2, "employer": f"N:{n}@350825", **changes} for n, changes in enumerate(said)]
    return pl.DataFrame([{c: row.get(c) for c in SCHEMA} for row in rows], schema=SCHEMA, orient="row")


def answers(
    *said: dict[str, Any], as_of: date = AS_OF, region: str | None = "350825"
) -> list[dict[str, Any]]:
    """The answers to posts, as dicts with empty strings for nothing."""
    return screen(posts(*said), load_book(), as_of, region).fill_null("").to_dicts()


def answer(as_of: date = AS_OF, region: str | None = "350825", **said: Any) -> dict[str, Any]:
    """The answer to one post."""
    return answers(said, as_of=as_of, region=region)[0]


_POST: dict[str, pl.DataType | type[pl.DataType]] = {
    "file": pl.String, "sheet": pl.String, "row": pl.UInt32, "person": pl.String, "employer": pl.String,
    "public": pl.Boolean, "current": pl.Boolean, "period": pl.Date, "name": pl.String, "id_number": pl.String,
    "post_name": pl.String, "employer_name": pl.String, "employer_name_key": pl.String, "post_state": pl.String,
    "sex": pl.String, "started_on": pl.Date, "contract_until": pl.Date, "left_on": pl.Date, "birth_date": pl.Date,
}  # fmt: skip
_FACT = {"person": pl.String, "since": pl.Date}
_INSURED = {
    "person": pl.String, "employer": pl.String, "insured_as": pl.String, "employer_kind": pl.String,
    "employer_name": pl.String, "insured_state": pl.String, "contribution_month": pl.Date, "insured_from": pl.Date,
    "insured_to": pl.Date,
}  # fmt: skip
HOLDER: dict[str, Any] = {
    "file": "公岗.xlsx", "sheet": "", "person": "P1", "employer": "N:甲村委会@350825", "public": True, "current": True,
    "name": "王小明", "post_name": "保洁员", "employer_name": "甲村委会", "employer_name_key": "甲村委会",
    "post_state": "在岗", "sex": "1", "started_on": date(2021, 6, 1), "contract_until": date(2024, 5, 31),
    "birth_date": date(1980, 5, 5),
}  # fmt: skip


def _table(rows: list[dict[str, Any]], schema: Any) -> pl.DataFrame:
    return pl.DataFrame([{c: row.get(c) for c in schema} for row in rows], schema=schema, orient="row")


def found(
    *rows: dict[str, Any],
    dead: list[tuple[str, date | None]] | None = None,
    pension: list[tuple[str, date | None]] | None = None,
    insured: list[dict[str, Any]] | None = None,
    categories: list[tuple[str, int]] | None = None,
    as_of: date = AS_OF,
) -> list[str]:
    """The ledger's findings for rows that differ from HOLDER by what is said, in the order given."""
    every = [{**HOLDER, "row": n + 2, **row} for n, row in enumerate(rows)]
    facts = [[dict(zip(_FACT, fact, strict=True)) for fact in facts or []] for facts in (dead, pension)]
    holders = ledger.Holders(
        posts=_table(every, _POST),
        dead=_table(facts[0], _FACT),
        pensioners=_table(facts[1], _FACT),
        insured=_table(insured or [], _INSURED),
        people=pl.DataFrame(schema={"person": pl.String, "sex": pl.String, "birth": pl.Date}),
        categories=pl.DataFrame(categories or [], schema={"person": pl.String, "retirement_category": pl.String}, orient="row"),
    )  # fmt: skip
    checked = ledger.check(holders, as_of)
    of = {
        (file, sheet, row): said
        for file, sheet, row, said in checked.select(*ledger.ROW, "finding").iter_rows()
    }
    return [of[r["file"], r["sheet"], r["row"]] for r in every]
