"""One table of all posts offered: what each row says, which columns its list has, who the employer is.

A blank cell in a column the list has is an element left out; a column the list has not is a question for a human.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from chunfeng.engines.screening.book import TEXTS

ROW = ("file", "sheet", "row")
_TEXT = (
    "employer_name", "employer_name_key", "credit_code", "credit_code_kind", "place", "filled", "work_place",
    "work_place_region", "pay_unit", "phone", "phone_2", "phone_landline", "email", "vacancy_state",
    *(c for c in TEXTS if c not in ("contact", "work_place")),
)  # fmt: skip
_RAW = {"credit_code_raw": "credit_code", "headcount_raw": "headcount", "work_place_raw": "work_place"}
_CONTACT = ("phone__raw", "contact_name__raw", "contact_name")
ELEMENTS = ("work_place", "headcount", "work_content", "employment_form", "work_conditions", "pay")
"""Columns of the elements a post must state."""
SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "file": pl.String, "sheet": pl.String, "row": pl.UInt32,
    **dict.fromkeys(_TEXT, pl.String), **dict.fromkeys(_RAW, pl.String), "contact": pl.String,
    "headcount": pl.String, "age_min": pl.Int64, "age_max": pl.Int64, "posted_on": pl.Date, "valid_until": pl.Date,
    **dict.fromkeys((f"{c}_listed" for c in (*ELEMENTS, "credit_code")), pl.Boolean),
    "employer": pl.String, "known": pl.Boolean, "sure": pl.Boolean, "borrowed": pl.Boolean,
    "blacklisted": pl.Boolean, "listed_on": pl.Date, "closed": pl.String,
}  # fmt: skip
"""`contact` the telephone and contact cells as written; `*_listed` whether the list has that column; `known` a verified code
of the employer stands somewhere, `sure` the employer is certain, `borrowed` the code is another's; `closed` the state in the
market register."""


def posts(extracts: Sequence[pl.DataFrame], employers: pl.DataFrame, marks: pl.DataFrame) -> pl.DataFrame:
    """The rows of all extracts of kind vacancies, columns of SCHEMA, by file, sheet, row.

    `employers`: file, sheet, row, employer, lane, score as linkage gives them. `marks`: employer, listed_on, sure_listed,
    blacklisted, closed (at most one line per employer) as `marks_of` makes them.
    """
    parts = [_of(e) for e in extracts if e.height and e["kind"][0] == "vacancies"]
    if not parts:
        return pl.DataFrame(schema=SCHEMA)
    rows = pl.concat(parts).sort(*ROW)
    who = employers.select(*ROW, "employer", "lane", "score").with_columns(pl.col("row").cast(pl.UInt32))
    rows = rows.join(who, on=ROW, how="left").join(marks, on="employer", how="left")
    verified = pl.col("employer").str.len_chars().is_in([9, 18]) & ~pl.col("employer").str.starts_with("N:")
    certain = pl.col("lane").is_in(["code", "org_code"]) | (pl.col("score") >= CERTAIN)
    rows = rows.with_columns(
        verified.fill_null(False).alias("known"),
        (certain & pl.col("sure_listed")).fill_null(False).alias("sure"),
        ((pl.col("lane") == "none") & pl.col("credit_code").is_not_null()).fill_null(False).alias("borrowed"),
        pl.col("blacklisted").fill_null(False),
    )
    return rows.select([pl.col(c).cast(t) for c, t in SCHEMA.items()])


CERTAIN = 0.95
"""Score of an employer's link from which a list against it counts; below, a human looks."""


def _of(extract: pl.DataFrame) -> pl.DataFrame:
    has = set(extract.columns)

    def column(name: str, dtype: type[pl.DataType] = pl.String) -> pl.Expr:
        return (pl.col(name) if name in has else pl.lit(None)).cast(dtype)

    def listed(name: str) -> pl.Expr:
        return pl.lit(f"{name}__raw" in has or (name == "pay" and "pay_min__raw" in has)).alias(
            f"{name}_listed"
        )

    low, high = column("pay_min"), column("pay_max")
    bounds = (
        pl.when(low.is_not_null() & high.is_not_null()).then(pl.concat_str(low, pl.lit("-"), high))
        .when(low.is_not_null()).then(pl.concat_str(low, pl.lit("以上")))
        .when(high.is_not_null()).then(pl.concat_str(high, pl.lit("以内")))
    )  # fmt: skip
    contact = pl.concat_str([column(c) for c in _CONTACT], separator="；", ignore_nulls=True)
    frame = extract.select(
        "file", pl.col("sheet").fill_null(""), pl.col("row").cast(pl.UInt32),
        *[column(c).alias(c) for c in _TEXT if c != "pay"],
        pl.coalesce(column("pay"), bounds).alias("pay"),
        *[column(f"{c}__raw").alias(name) for name, c in _RAW.items()],
        pl.when(contact != "").then(contact).alias("contact"),
        column("headcount").alias("headcount"),
        *[column(c, pl.Int64).alias(c) for c in ("age_min", "age_max")],
        *[column(c, pl.Date).alias(c) for c in ("posted_on", "valid_until")],
        *[listed(c) for c in (*ELEMENTS, "credit_code")],
    )  # fmt: skip
    return _without_borrowed_fill(frame)


def _without_borrowed_fill(rows: pl.DataFrame) -> pl.DataFrame:
    """A code repeated from above onto another employer's row was a blank cell, and is blank again.

    Names that begin alike (甲乙鞋业有限公司, 甲乙鞋业) are one employer spelt twice.
    """
    filled = pl.col("filled").fill_null("").str.split(";").list.contains("credit_code")
    own = pl.when(~filled & pl.col("credit_code").is_not_null()).then("employer_name_key")
    whose = own.forward_fill().over("file", "sheet", order_by="row")
    began = pl.col("employer_name_key").str.slice(0, 2)
    wrong = filled & (whose.str.slice(0, 2) != began).fill_null(False)
    blanked = [pl.when(~wrong).then(c).alias(c) for c in ("credit_code", "credit_code_kind")]
    return rows.with_columns(blanked)


def marks_of(blacklist: pl.DataFrame, register: pl.DataFrame) -> pl.DataFrame:
    """What lists say of employers: employer, listed_on, sure_listed, blacklisted, closed; one line each.

    `blacklist`: employer, lane, score, listed_on, run_out (its time should be over) of the entries in force. `register`:
    employer, entity_state, of the market register; an employer with one open entry is not closed.
    """
    certain = pl.col("lane").is_in(["code", "org_code"]) | (pl.col("score") >= CERTAIN)
    listed = (
        blacklist.drop_nulls("employer").group_by("employer")
        .agg(pl.col("listed_on").max(), (certain.fill_null(False) & ~pl.col("run_out")).any().alias("sure_listed"))
        .with_columns(pl.lit(True).alias("blacklisted"))
    )  # fmt: skip
    over = pl.col("entity_state").str.contains("注销|吊销|撤销").fill_null(False)
    closed = (
        register.drop_nulls("employer").group_by("employer")
        .agg(over.all().alias("over"), pl.col("entity_state").filter(over).first().alias("closed"))
        .filter("over").select("employer", "closed")
    )  # fmt: skip
    return listed.join(closed, on="employer", how="full", coalesce=True)
