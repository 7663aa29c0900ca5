"""Unified social credit codes (统一社会信用代码, GB 32100-2015) as typed: verified, repaired, or not.

18 characters: registering authority, kind of body, region of six digits, organisation code of nine with a
check of its own (GB 11714-1997), check character. The letters I, O, S, V, Z are not used.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import polars as pl

from chunfeng.engines.identity import id_slips, text

KINDS = (
    "ok",
    "repaired",  # O, I, Z, S, which no code holds, read as 0, 1, 2, 5, and the check then fits
    "bad_check",
    "org_code9",  # organisation code, from before 2015
    "placeholder",
    "not_code",
)
CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
"""Powers of 3 modulo 31."""
ORG_CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
ORG_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
"""GB 11714-1997."""

_VALUE = {character: value for value, character in enumerate(CHARACTERS)}
_SHAPE = re.compile(rf"[{CHARACTERS}]{{2}}[0-9]{{6}}[{CHARACTERS}]{{10}}")
_ORG_SHAPE = re.compile(r"([0-9A-Z]{8})-?([0-9X])")
_ALIKE = str.maketrans("OIZS", "0125")
_SIGNS = str.maketrans(dict.fromkeys("xХх×✕✖χΧ", "X") | dict.fromkeys("'\"`‘’“”′＇"))
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−－", "-"))
_LABEL = re.compile(r"^[^0-9A-Z]+|[^0-9A-Z]+$")
_NO_CODE = re.compile(r"(?:无|没|未|待|缺|暂|办理|补办|正在|不详|不清|不知|略)")


@dataclass(frozen=True, slots=True)
class CreditCode:
    """What a text says of a credit code.

    `code` is given for ok and repaired. `org_code` is the organisation code of nine within it, None where
    those nine fail their own check, or the organisation code written instead (org_code9).
    """

    kind: str
    code: str | None = None
    org_code: str | None = None


SCHEMA: dict[str, pl.DataType] = {"kind": pl.Enum(KINDS), "code": pl.String(), "org_code": pl.String()}
"""The columns of `read_column`."""


def check_char(first17: str) -> str:
    """The 18th character for the first 17 (upper case, of CHARACTERS; KeyError for others)."""
    total = sum(weight * _VALUE[c] for weight, c in zip(WEIGHTS, first17, strict=True))
    return CHARACTERS[-total % 31]


def org_check_char(first8: str) -> str:
    """The ninth character of an organisation code for the first eight (upper case), 0…9 or X."""
    total = sum(weight * ORG_CHARACTERS.index(c) for weight, c in zip(ORG_WEIGHTS, first8, strict=True))
    return "0123456789X0"[11 - total % 11]


def is_org_code(code: str) -> bool:
    """Do nine characters satisfy GB 11714-1997?"""
    return _ORG_SHAPE.fullmatch(code) is not None and len(code) == 9 and org_check_char(code[:8]) == code[8]


def read(raw: str | None) -> CreditCode | None:
    """The credit code in a text, or what became of it; None for a blank. GB 32100-2015; never raises."""
    if raw is None:
        return None
    folded = text.clean(raw.translate(_DASHES)).upper().translate(_SIGNS).translate(_DASHES).replace(" ", "")
    if not folded:
        return None
    if text.is_placeholder(folded) or re.fullmatch(r"0+", folded):
        return CreditCode("placeholder")
    bare = _LABEL.sub("", folded)
    if not bare:
        return CreditCode("placeholder" if _NO_CODE.match(folded) else "not_code")
    joined = bare.replace("-", "")
    if len(joined) == 18:
        return _of_18(joined)
    if _ORG_SHAPE.fullmatch(bare) and is_org_code(joined):
        return CreditCode("org_code9", org_code=joined)
    return CreditCode("not_code")


def _of_18(characters: str) -> CreditCode:
    if _SHAPE.fullmatch(characters):
        if check_char(characters[:17]) == characters[17]:
            return _good("ok", characters)
    else:
        repaired = _repair(characters)
        if repaired:
            return _good("repaired", repaired)
    if id_slips.is_valid(characters):
        return CreditCode("not_code")  # the owner's citizen number
    alike = characters.translate(_ALIKE)
    return CreditCode("bad_check" if _SHAPE.fullmatch(alike) else "not_code")


def _good(kind: str, code: str) -> CreditCode:
    org = code[8:17]
    return CreditCode(kind, code=code, org_code=org if is_org_code(org) else None)


def _repair(characters: str) -> str | None:
    """The code meant by letters the standard does not use, if the check then fits; else None."""
    repaired = characters.translate(_ALIKE)
    return repaired if _SHAPE.fullmatch(repaired) and check_char(repaired[:17]) == repaired[17] else None


def read_column(values: pl.Series) -> pl.DataFrame:
    """`read` for every value of a String series: columns of SCHEMA, same height and order, nulls for a blank.

    Employers are few and rows are many: each distinct text is read once.
    """
    distinct = values.drop_nulls().unique()
    readings = [read(value) for value in distinct]
    columns = {name: [getattr(r, name) if r else None for r in readings] for name in SCHEMA}
    table = pl.DataFrame({"text": distinct, **columns}, schema={"text": pl.String(), **SCHEMA})
    return values.to_frame("text").join(table, on="text", how="left", maintain_order="left").drop("text")
