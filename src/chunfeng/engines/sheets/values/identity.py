"""Types that say who: names, citizen numbers, certificates, credit codes, tokens, telephones."""

from __future__ import annotations

import polars as pl

from chunfeng.engines.identity import citizen_ids, names, org_names, phones
from chunfeng.engines.sheets.values import credit
from chunfeng.engines.sheets.values.column import Context, Typed, Typer, clean_text


def _name(values: pl.Series, _: Context) -> Typed:
    frame = names.read_column(values, ("kind", "name"))
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
    frame = credit.read_column(values)
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


TYPES: dict[str, Typer] = {
    "name": _name,
    "org_name": _org_name,
    "citizen_id": _citizen_id,
    "certificate": _certificate,
    "credit_code": _credit_code,
    "token": _token,
    "phone": _phone,
}
