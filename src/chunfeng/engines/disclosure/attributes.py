"""Which attributes may travel beside tokens: what says something of a person without saying who it is.

A field is judged by its name and its type (the types of the kinds of extract); what its cells hold is looked at as
well, since a column of states may hold a telephone number all the same.
"""

from __future__ import annotations

import polars as pl

FEW = 5
"""A combination of attributes that fewer rows than this share may single a person out."""

_CODED = frozenset(
    "yes_no paid month integer decimal money amount date datetime checkboxes retirement_category region".split()
)
_ENUMERATED = ("_kind", "_state")
_PROSE = 20
"""Characters; a longer text is no state, and nobody knows what it tells."""
_NUMBERED = r"\d[\d\s-]{5,}\d"
"""Seven digits in a row: a telephone or document number, whatever the column is called."""

_OF_PERSON = {
    "name": "姓名",
    "contact": "联系人姓名",
    "citizen_id": "证件号码",
    "certificate": "证件号码",
    "phone": "电话号码",
    "address": "住址",
    "token": "另一套令牌",
    "partial_date": "出生日期一类",
    "region_code": "可细到村的区划代码",
    "org_name": "单位名称",
    "credit_code": "单位代码",
}


def refusal(field: str, type_name: str) -> str | None:
    """Why a field may not travel beside tokens (Chinese, a few words), None when it may."""
    if type_name in _OF_PERSON:
        return _OF_PERSON[type_name]
    if type_name in _CODED or type_name.startswith("code:") or field.endswith(_ENUMERATED):
        return None
    return "自由文字，可能写有任何内容"


def telling(values: pl.Series) -> int:
    """How many texts of a column that passed `refusal` tell more than they should: a long number, or prose."""
    odd = values.str.contains(_NUMBERED) | (values.str.len_chars() > _PROSE)
    return int(odd.sum())


def few_alike(rows: pl.Series) -> int:
    """How many rows share their combination with fewer than FEW rows, themselves included.

    `rows`: one value per row that stands for its combination of attributes.
    """
    counts = rows.value_counts(name="alike")["alike"]
    return int(counts.filter(counts < FEW).sum())
