"""Types of cells: text in, typed columns out, every value that was not taken named by an issue code.

A type is one function over a whole column. Common shapes are handled by the columnar engine or a compiled kernel;
only distinct odd values meet Python.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from chunfeng.engines.identity import (
    addresses,
    amounts,
    citizen_ids,
    credit_codes,
    dates,
    names,
    org_names,
    phones,
)
from chunfeng.reference import codes

INVISIBLE = "[\u200b-\u200f\u2028-\u202e\u2060\ufeff\u00ad\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]"
PLACEHOLDERS = (
    "无",
    "/",
    "-",
    "－",
    "—",
    "——",
    "--",
    "\\",
    "不详",
    "未知",
    "暂无",
    "空",
    "N/A",
    "n/a",
    "NULL",
    "null",
    "待补",
    "待定",
)
YES = (
    "是",
    "√",
    "✓",
    "☑",
    "有",
    "1",
    "Y",
    "y",
    "YES",
    "Yes",
    "yes",
    "TRUE",
    "true",
    "已",
    "对",
    "愿意",
    "同意",
    "参加",
    "内",
    "已交",
    "已提交",
    "齐全",
    "享受",
    "已参保",
    "参保",
    "缴",
    "正常缴费",
    "已就业",
    "●",
    "✔",
    "V",
    "v",
    "是的",
    "区内",
    "规划区内",
    "已享受",
    "1.0",
)
NO = (
    "否",
    "×",
    "✗",
    "☐",
    "没有",
    "0",
    "N",
    "n",
    "NO",
    "No",
    "no",
    "FALSE",
    "false",
    "未",
    "不",
    "不愿意",
    "不同意",
    "不参加",
    "外",
    "未交",
    "待补",
    "未提交",
    "缺",
    "无",
    "不享受",
    "未参保",
    "未缴",
    "未就业",
    "□",
    "不是",
    "区外",
    "规划区外",
    "X",
    "x",
    "未享受",
    "0.0",
    "暂不",
    "断缴",
    "停缴",
)


@dataclass(frozen=True, slots=True)
class Context:
    """What a column needs to know of its sheet: the date system and the region the file speaks of."""

    epoch_1904: bool = False
    default_year: int | None = None
    within: str | None = None


@dataclass(slots=True)
class Typed:
    """The columns a type yields. Key '' is the main one, others are suffixes (`_key`, `_region` …).

    `problems` are (issue code, mask); a mask is a Boolean Series over the rows.
    """

    columns: dict[str, pl.Series]
    problems: list[tuple[str, pl.Series]] = field(default_factory=list)
    quiet: bool = False
    """The main column is the same text in another form: no raw copy is needed when only its form changed."""

    def problem(self, code: str, mask: pl.Series) -> None:
        """Note `code` where the mask holds; nulls count as no."""
        filled = mask.fill_null(False)
        if filled.any():
            self.problems.append((code, filled))


Typer = Callable[[pl.Series, Context], Typed]


def by_distinct(
    values: pl.Series, function: Callable[[str], Any], dtype: pl.DataType | type[pl.DataType]
) -> pl.Series:
    """Apply a Python function once per distinct non-null text."""
    distinct = values.drop_nulls().unique()
    mapped = pl.Series("mapped", [function(v) for v in distinct], dtype=dtype, strict=False)
    table = pl.DataFrame({"text": distinct, "mapped": mapped})
    return values.to_frame("text").join(table, on="text", how="left", maintain_order="left")["mapped"]


def clean_text(values: pl.Series) -> pl.Series:
    """Outer blanks and invisible characters off; blank becomes null."""
    frame = values.to_frame("v")
    cleaned = pl.col("v").str.replace_all(INVISIBLE, "").str.strip_chars(" \t\r\n\u3000\u00a0")
    return frame.select(pl.when(cleaned != "").then(cleaned))["v"]


def _is_placeholder(values: pl.Series) -> pl.Series:
    return values.str.strip_chars().is_in(PLACEHOLDERS)


def _text(values: pl.Series, _: Context) -> Typed:
    return Typed({"": clean_text(values)})


def _name(values: pl.Series, _: Context) -> Typed:
    frame = names.read_column(values)
    kind = frame["kind"].cast(pl.String)
    typed = Typed({"": frame["name"], "_kind": kind})
    typed.problem("NAME_NICKNAME", kind.is_in(["nickname", "titled"]))
    typed.problem("NAME_NOT_NAME", kind == "not_name")
    typed.problem("NAME_PLACEHOLDER", kind == "placeholder")
    typed.problem("NAME_MASKED", kind == "masked")
    return typed


def _org_name(values: pl.Series, _: Context) -> Typed:
    return Typed({"": clean_text(values), "_key": org_names.read_column(values)["key"]})


_ID_PROBLEMS = {
    "placeholder": "ID_PLACEHOLDER",
    "cut15": "ID_15_DIGITS_KEPT",
    "scientific": "ID_SCIENTIFIC",
    "bad_check": "ID_BAD_CHECK",
    "bad_date": "ID_BAD_DATE",
    "short": "ID_SHORT",
    "long": "ID_LONG",
    "ok15": "ID_15_OLD",
    "two_ids": "ID_TWO",
    "masked": "ID_MASKED",
    "foreign": "ID_FOREIGN",
    "not_id": "ID_NOT_ID",
}


_ID_COLUMNS = ("kind", "id18", "id17", "known15", "digits17")


def _citizen_id(values: pl.Series, _: Context) -> Typed:
    frame = citizen_ids.read_column(values, _ID_COLUMNS)
    kind = frame["kind"].cast(pl.String)
    typed = Typed(
        {
            "": frame["id18"],
            "_kind": kind,
            "_key": frame["id17"],
            "_known15": frame["known15"],
            "_digits17": frame["digits17"],
        }
    )
    for name, code in _ID_PROBLEMS.items():
        typed.problem(code, kind == name)
    return typed


def _certificate(values: pl.Series, _: Context) -> Typed:
    """A disability certificate's number: the citizen number, kind, grade and reissue mark, 20 characters or more."""
    frame = citizen_ids.read_column(values, (*_ID_COLUMNS, "cert_kind", "cert_grade", "reissue"))
    kind = frame["kind"].cast(pl.String)
    whole = frame.select(
        pl.when(kind == "certificate")
        .then(
            pl.concat_str(
                [
                    "id18",
                    pl.col("cert_kind").cast(pl.String),
                    pl.col("cert_grade").cast(pl.String),
                    pl.col("reissue").fill_null(""),
                ]
            )
        )
        .alias("v")
    )["v"]
    typed = Typed(
        {
            "": whole,
            "_kind": kind,
            "_id18": frame["id18"],
            "_key": frame["id17"],
            "_known15": frame["known15"],
            "_digits17": frame["digits17"],
            "_disability_kind": frame["cert_kind"].cast(pl.String),
            "_disability_grade": frame["cert_grade"].cast(pl.String),
        }
    )
    for name, code in _ID_PROBLEMS.items():
        typed.problem(code, kind == name)
    typed.problem("CERTIFICATE_IS_ID", kind == "ok18")
    return typed


def _credit_code(values: pl.Series, _: Context) -> Typed:
    frame = credit_codes.read_column(values)
    kind = frame["kind"].cast(pl.String)
    typed = Typed({"": frame["code"], "_kind": kind, "_org": frame["org_code"]})
    typed.problem("CODE_BAD_CHECK", kind == "bad_check")
    typed.problem("CODE_ORG9", kind == "org_code9")
    typed.problem("CODE_NOT_CODE", kind == "not_code")
    return typed


def _token(values: pl.Series, _: Context) -> Typed:
    """A keyed token has 64 hexadecimal digits; shorter hashes tell persons apart within their list, no more."""
    lower = clean_text(values).str.to_lowercase()
    good = lower.str.contains(r"^[0-9a-f]{64}$")
    weak = lower.str.contains(r"^([0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{128})$")
    frame = pl.DataFrame({"v": lower, "g": good, "w": weak})
    kind = pl.when("g").then(pl.lit("keyed")).when("w").then(pl.lit("hash"))
    typed = Typed(
        {
            "": frame.select(pl.when(pl.col("g") | pl.col("w")).then("v").alias("v"))["v"],
            "_kind": frame.select(kind.alias("k"))["k"],
        }
    )
    typed.problem("TOKEN_BAD", ~(good | weak))
    typed.problem("TOKEN_WEAK", weak)
    return typed


def _phone(values: pl.Series, _: Context) -> Typed:
    frame = phones.read_column(values)
    kind = frame["kind"].cast(pl.String)
    typed = Typed(
        {
            "": frame["phone"],
            "_2": frame["phone_2"],
            "_landline": frame["landline"],
            "_owner": frame["owner"],
        }
    )
    typed.problem("PHONE_BAD", kind.is_in(["short", "long", "not_phone"]))
    typed.problem("PHONE_SEVERAL", kind == "several")
    typed.problem("PHONE_OF_OTHER", frame["owner"].is_not_null())
    return typed


def _dates(values: pl.Series, context: Context) -> tuple[pl.DataFrame, pl.Series]:
    frame = dates.read_column(values, epoch_1904=context.epoch_1904, default_year=context.default_year)
    return frame, frame["kind"].cast(pl.String)


def _date_problems(typed: Typed, kind: pl.Series, *, partial: bool) -> None:
    typed.problem("DATE_IMPOSSIBLE", kind.is_in(["impossible", "out_of_range"]))
    typed.problem("DATE_NOT_DATE", kind.is_in(["not_date", "two_dates", "ambiguous"]))
    typed.problem("DATE_LUNAR", kind == "lunar")
    if partial:
        typed.problem("DATE_PARTIAL", kind == "partial")


def _date(values: pl.Series, context: Context) -> Typed:
    frame, kind = _dates(values, context)
    typed = Typed({"": frame["date"], "_kind": kind})
    _date_problems(typed, kind, partial=True)
    return typed


def _datetime(values: pl.Series, context: Context) -> Typed:
    """The day is what rules ask for; the time of day stays in the raw text."""
    return _date(values, context)


def _partial_date(values: pl.Series, context: Context) -> Typed:
    frame, kind = _dates(values, context)
    typed = Typed({"": frame["date"], "_year": frame["year"], "_month": frame["month"], "_day": frame["day"]})
    _date_problems(typed, kind, partial=False)
    return typed


def _month(values: pl.Series, context: Context) -> Typed:
    """A month as its first day."""
    frame, kind = _dates(values, context)
    first = frame.select(
        pl.when(pl.col("year").is_not_null() & pl.col("month").is_not_null()).then(
            pl.date(pl.col("year"), pl.col("month"), 1)
        )
    ).to_series()
    typed = Typed({"": first})
    _date_problems(typed, kind, partial=False)
    typed.problem("DATE_PARTIAL", first.is_null() & kind.is_in(["partial"]))
    return typed


def _integer(values: pl.Series, _: Context) -> Typed:
    def parse(text: str) -> int | None:
        reading = amounts.read(text)
        if reading.low is None or reading.low != reading.high or reading.low != int(reading.low):
            return None
        return int(reading.low)

    cleaned = clean_text(values)
    plain = cleaned.str.contains(r"^\d{1,9}$")
    fast = pl.DataFrame({"v": cleaned, "p": plain}).select(pl.when("p").then("v"))["v"].cast(pl.Int64)
    rest = pl.DataFrame({"v": cleaned, "p": plain}).select(pl.when(~pl.col("p")).then("v"))["v"]
    slow = by_distinct(rest, parse, pl.Int64) if rest.null_count() < len(rest) else rest.cast(pl.Int64)
    result = fast.fill_null(slow)
    typed = Typed({"": result})
    typed.problem("VALUE_NOT_NUMBER", result.is_null() & cleaned.is_not_null() & ~_is_placeholder(cleaned))
    return typed


def _decimal_of(scale: int) -> Typer:
    dtype = pl.Decimal(18, scale)

    def typer(values: pl.Series, _: Context) -> Typed:
        cleaned = clean_text(values)
        result = by_distinct(cleaned, _exact_amount, dtype)
        typed = Typed({"": result})
        typed.problem(
            "VALUE_NOT_NUMBER", result.is_null() & cleaned.is_not_null() & ~_is_placeholder(cleaned)
        )
        return typed

    return typer


def _amount(values: pl.Series, _: Context) -> Typed:
    frame = amounts.read_column(values)
    cleaned = clean_text(values)
    columns = {"": cleaned}
    for suffix in ("low", "high", "unit", "open", "base"):
        if suffix in frame.columns:
            columns[f"_{suffix}"] = frame[suffix]
    typed = Typed(columns)
    unclear = frame["low"].is_null() & frame["high"].is_null() & cleaned.is_not_null()
    negotiable = frame["open"].cast(pl.String) == "negotiable" if "open" in frame.columns else unclear & False
    typed.problem("AMOUNT_NOT_NUMBER", unclear & ~negotiable.fill_null(False) & ~_is_placeholder(cleaned))
    return typed


def _yes_or_no(text: str) -> bool | None:
    if text in YES or text.startswith(("是", "已", "有", "愿意", "同意")):
        return True
    if text in NO or text.startswith(("否", "未", "不", "没")):
        return False
    return None


def _yes_no(values: pl.Series, _: Context) -> Typed:
    cleaned = clean_text(values)
    result = by_distinct(cleaned, _yes_or_no, pl.Boolean)
    typed = Typed({"": result})
    typed.problem("VALUE_NOT_YES_NO", result.is_null() & cleaned.is_not_null() & ~_is_placeholder(cleaned))
    return typed


def _paid(values: pl.Series, _: Context) -> Typed:
    """Whether something was paid: yes or no in words, or an amount, of which nought is no. `_amount` keeps the amount."""
    cleaned = clean_text(values)
    amount = by_distinct(cleaned, _exact_amount, pl.Decimal(18, 2))
    said = by_distinct(cleaned, _yes_or_no, pl.Boolean)
    frame = pl.DataFrame({"said": said, "amount": amount})
    result = frame.select(pl.coalesce("said", pl.col("amount") > 0).alias("v"))["v"]
    known = frame.select(pl.when(pl.col("said").is_null()).then("amount").alias("v"))["v"]
    typed = Typed({"": result, "_amount": known})
    typed.problem("VALUE_NOT_YES_NO", result.is_null() & cleaned.is_not_null() & ~_is_placeholder(cleaned))
    return typed


def _exact_amount(text: str) -> Any:
    reading = amounts.read(text)
    return reading.low if reading.low is not None and reading.low == reading.high else None


_TICKED = "☑■√✓✔☒●"


def _checkboxes(values: pl.Series, _: Context) -> Typed:
    def parse(text: str) -> str | None:
        chosen: list[str] = []
        mark, word = "", ""
        for char in text + "□":
            if char in _TICKED or char in "□☐○":
                if mark and mark in _TICKED and word.strip():
                    chosen.append(word.strip(" ,，、;；\u3000"))
                mark, word = char, ""
            else:
                word += char
        return ";".join(chosen) or None

    cleaned = clean_text(values)
    return Typed({"": by_distinct(cleaned, parse, pl.String)})


def _retirement(values: pl.Series, _: Context) -> Typed:
    cleaned = clean_text(values)
    age = cleaned.str.extract(r"(50|55|60)").cast(pl.Int8)
    typed = Typed({"": age})
    typed.problem("VALUE_UNKNOWN_CODE", age.is_null() & cleaned.is_not_null() & ~_is_placeholder(cleaned))
    return typed


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


def _code(table: str) -> Typer:
    def typer(values: pl.Series, _: Context) -> Typed:
        cleaned = clean_text(values)
        result = by_distinct(cleaned, lambda text: codes.lookup(table, text), pl.String)
        typed = Typed({"": result})
        typed.problem(
            "VALUE_UNKNOWN_CODE", result.is_null() & cleaned.is_not_null() & ~_is_placeholder(cleaned)
        )
        return typed

    return typer


CODE_TABLES = (
    "sex",
    "ethnicity",
    "education",
    "marital",
    "kinship",
    "hukou",
    "disability_kind",
    "disability_grade",
)

TYPES: dict[str, Typer] = {
    "text": _text,
    "contact": _text,
    "name": _name,
    "org_name": _org_name,
    "citizen_id": _citizen_id,
    "certificate": _certificate,
    "credit_code": _credit_code,
    "token": _token,
    "phone": _phone,
    "date": _date,
    "datetime": _datetime,
    "partial_date": _partial_date,
    "month": _month,
    "integer": _integer,
    "decimal": _decimal_of(4),
    "money": _decimal_of(2),
    "amount": _amount,
    "yes_no": _yes_no,
    "paid": _paid,
    "checkboxes": _checkboxes,
    "retirement_category": _retirement,
    "address": _address,
    "region": _region,
    "region_code": _region_code,
    **{f"code:{table}": _code(table) for table in CODE_TABLES},
}
"""Every type a field may have, by the name kind files use."""
