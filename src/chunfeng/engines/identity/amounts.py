"""Amounts as typed: pay and its range, and plain numbers with a counting word.

`low` and `high` are equal for one number. What is open says so: `at_least` (5000以上, 5000+奖金,
底薪2000+提成) has no `high`, `at_most` no `low`. `base` is the part stated as 底薪, 保底 or 基本工资.
`unit` is given only when stated: 元 alone is no unit of time. Two numbers that are no range
(试用期3000，转正4000) are not averaged or chosen from: all null.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

import polars as pl

from chunfeng.engines.identity.numerals import NUMBER, read_number
from chunfeng.engines.identity.text import blank, clean, patch, read_each

UNITS = ("month", "day", "hour", "piece", "year", "once")
OPEN = ("none", "at_least", "at_most", "about", "negotiable")
LONGEST = 200
"""Characters; a longer text is prose, and is not searched."""
SCHEMA = {
    "low": pl.Decimal(18, 2),
    "high": pl.Decimal(18, 2),
    "unit": pl.String,
    "open": pl.String,
    "base": pl.Decimal(18, 2),
}

_STATED = {
    "hour": r"(?:/|每|元一?个?)(?:小时|时|钟头|h\b)|时薪|小时工|钟点工",
    "day": r"(?:/|每|元一?)(?:天|日|工日|工)(?!薪)|日薪|日结|日工资|天薪",
    "piece": r"计件|按件|(?:/|每|元)(?:件|双|个(?!月|小时)|条|套|斤|吨|平|单|只|台)",
    "year": r"(?:/|每|元一?|万一?)年|年薪|年收入",
    "once": r"一次性|/次|每次",
    "month": r"(?:/|每|元一?)(?:个?月|人月)|月薪|月工资|月收入|月入|月均|月综合|包月|/mon(?:th)?\b",
}
_SPOKEN = {"hour": "一(?:个)?小时", "day": "一[天日]", "year": "一年", "month": "一个?月"}
_UNITS = tuple(
    {unit: re.compile(pattern, re.IGNORECASE) for unit, pattern in tier.items()}
    for tier in (_STATED, _SPOKEN)
)
_AT_LEAST = re.compile(
    r"以上|起步?|至少|最少|最低|不低于|不少于|不得低于|高于|大于|超过?(?<!不超过)(?<!不超)|\+|多(?!劳)|[≥>]|往上"
    "|保证|打底"
)
_AT_MOST = re.compile(
    "以内|以下|之内|不超过?|不高于|最高|最多|至多|封顶|低于(?<!不低于)(?<!不得低于)|小于|[≤<]"
)
_ABOUT = re.compile(r"左右|大约|大概|约|上下|差不多|将近|接近|近(?=[0-9])|来(?=[块元])|[≈]")
_NEGOTIABLE = re.compile(r"面议|面谈|待遇从优|协商|商议|详谈|另议|从优")
_BASE = re.compile(
    "(?:底薪|保底工资|保底|基本工资|基础工资|无责底薪|基薪)(?:为|是|:)?"
    rf"(?P<base>{NUMBER})(?:元|块)?(?:/月|每月)?"
)
_TOTAL = re.compile("综合(?:工资|薪资|收入)?|合计|总(?:收入|工资)|月综合")
_CURRENCY = re.compile(r"人民币|RMB|CNY|[¥$]", re.IGNORECASE)
_DASH = re.compile(r"[‐‑‒–—―−~～〜至到]+|-{2,}|——")
_THOUSANDS = re.compile(r"(?<=[0-9]),(?=[0-9]{3}(?![0-9]))")
_RANGE = re.compile(rf"(?P<low>{NUMBER})(?:元|块)?(?:/[月天时])?-(?P<high>{NUMBER})")
_ONE = re.compile(NUMBER)
# A number in front of these counts something else than pay, where pay stands in the same text
_COUNTS = re.compile(r"个?(?:小时|天|日|人|名|岁|周岁|年|组|号|班|倒|险|金|休|餐|点|分|公里|里|楼|月|个)")
_EXTRAS = re.compile(r"(?:奖|奖金|补贴|补助|津贴|费|房补|餐补|车补|押金|社保|提成|红包)[^0-9]{0,2}$")
_PAID_BEFORE = re.compile(r"(?:[薪资]|工钱|收入)[:为是]?$")
_PAID_AFTER = re.compile("元|块|圆|/|每")
_FRACTION = re.compile("/[0-9]")
_LONG = re.compile(r"[0-9]{9}")
_PLAIN = re.compile(
    rf"(?P<sign>-?)(?P<number>{NUMBER}|[零〇一二两三四五六七八九])(?:元|块钱?|圆)?(?:整|正)?"
    "(?:个?(?:人|名|月|年|岁|周岁|天|日|小时|次|户|口|台|件|亩|组|份|家|条|孩|班|场|分)"
    "|个|位|%|‰|平方米|公里|元|周)?"
)
_SCIENTIFIC = re.compile(r"-?[0-9]+(?:\.[0-9]+)?[eE][+-]?(?:[0-9]|1[0-4])")
_NO_AMOUNT = re.compile(r"[0-9.]{16}")


@dataclass(frozen=True, slots=True)
class Amount:
    """One cell: bounds in yuan (or whatever the number counts). All None where nothing was certain."""

    low: Decimal | None = None
    high: Decimal | None = None
    unit: str | None = None
    open: str | None = None
    base: Decimal | None = None


def _normalise(text: str) -> str:
    text = re.sub(r"\s", "", _CURRENCY.sub("", clean(text)))
    return _DASH.sub("-", _THOUSANDS.sub("", text))


def _plain(text: str) -> Decimal | None:
    """`3人`, `12个月`, `1.50亩`, `30%`: one number and its counting word."""
    if _SCIENTIFIC.fullmatch(text):
        return Decimal(text)
    match = _PLAIN.fullmatch(text)
    if match is None:
        return None
    number = read_number(match["number"])
    if number is None or number[0] != number[1]:
        return None
    return -number[0] if match["sign"] else number[0]


def _unit(text: str) -> str | None:
    """The unit of time or work, where exactly one is stated; 一天180 counts only where no 元/月 stands."""
    for tier in _UNITS:
        stated = [unit for unit, pattern in tier.items() if pattern.search(text)]
        if stated:
            return stated[0] if len(stated) == 1 else None
    return None


def _joined(low: str, high: str) -> tuple[Decimal, Decimal] | None:
    """`4-6千` means 4000 to 6000, `4千-6` too; `5-1万` is left open."""
    first, second = read_number(low), read_number(high)
    if first is None or second is None:
        return None
    bottom, top = first[0], second[1]
    bottom_scale, top_scale = _scale(low), _scale(high)
    if bottom_scale == 1 and top_scale > 1 and bottom < 100:
        bottom *= top_scale
    elif top_scale == 1 and bottom_scale > 1 and top < 100:
        top *= bottom_scale
    return (bottom, top) if bottom <= top else None


def _scale(number: str) -> int:
    return {"k": 1000, "千": 1000, "w": 10000, "万": 10000}.get(number[-1].lower(), 1)


def _bounds(text: str) -> tuple[Decimal, Decimal] | None:
    """The one range or number of a text with words; None where there are several or none.

    Small numbers and numbers of hours, days, persons step back behind a sum; bonuses are never the pay.
    """
    sums: set[tuple[Decimal, Decimal]] = set()
    counts: set[tuple[Decimal, Decimal]] = set()
    at = 0
    while match := _ONE.search(text, at):
        match = _RANGE.match(text, match.start()) or match
        at = match.end()
        before, after = text[: match.start()], text[at:]
        if after[:1] == "-" or before[-1:] == "-" or _FRACTION.match(after):
            return None
        bounds = _joined(match["low"], match["high"]) if match.re is _RANGE else read_number(match[0])
        if bounds is None:
            return None
        if _EXTRAS.search(before) or _LONG.match(match[0]):
            continue
        paid = bool(_PAID_BEFORE.search(before) or _PAID_AFTER.match(after))
        small = bounds[1] < 100 or _COUNTS.match(after)
        (counts if small and not paid else sums).add(bounds)
    chosen = sums or counts
    return chosen.pop() if len(chosen) == 1 else None


def _open(text: str, bounds: tuple[Decimal, Decimal]) -> str:
    if _AT_MOST.search(text):
        return "at_most"
    if bounds[0] == bounds[1] and _AT_LEAST.search(text):
        return "at_least"
    return "about" if _ABOUT.search(text) else "none"


def read(text: str) -> Amount:
    """The amount a text states. Never raises; a blank or unreadable text has only None."""
    text = _normalise(text)
    if not text or len(text) > LONGEST or _NO_AMOUNT.search(text):
        return Amount()
    plain = _plain(text)
    if plain is not None:
        return Amount(plain, plain, None, "none")
    unit = _unit(text)
    base_match = _BASE.search(text)
    base = None
    if base_match is not None:
        number = read_number(base_match["base"])
        base = number[0] if number is not None else None
        text = text[: base_match.start()] + "," + text[base_match.end() :]
        total = _TOTAL.search(text)
        if total is not None:
            text, unit = text[total.end() :], _unit(text[total.end() :])
    bounds = _bounds(text)
    if base is not None and (bounds is None or bounds[1] < base):
        return Amount(base, None, unit, "at_least", base)
    if bounds is None:
        return Amount(unit=unit, open="negotiable" if _NEGOTIABLE.search(text) else None)
    open_ = _open(text, bounds)
    low = None if open_ == "at_most" else bounds[0]
    high = None if open_ == "at_least" else bounds[1]
    if open_ == "at_most" and bounds[0] != bounds[1]:
        low = bounds[0]
    return Amount(low, high, unit, open_, base)


def _row(text: str) -> dict[str, Any]:
    """`read` as a row; a number a column of fen cannot hold exactly is null there."""
    row = asdict(read(text))
    for name in ("low", "high", "base"):
        value = row[name]
        if value is not None and (abs(value) >= 10**15 or value != value.quantize(Decimal("0.01"))):
            row[name] = None
    return row


def read_column(values: pl.Series) -> pl.DataFrame:
    """`read` of every value: low, high, base (Decimal(18, 2)), unit, open (String). Blank → nulls."""
    text = values.rename("text")
    plain = pl.when(pl.col("text").str.contains(r"^[0-9]{1,12}(?:\.[0-9]{1,2})?元?$")).then(
        pl.col("text").str.strip_chars_end("元")
    )
    number = text.to_frame().select(plain.cast(pl.Decimal(18, 2)).alias("low"))
    frame = number.select(
        "low",
        pl.col("low").alias("high"),
        pl.lit(None, dtype=pl.String).alias("unit"),
        pl.when(pl.col("low").is_not_null()).then(pl.lit("none")).alias("open"),
        pl.lit(None, dtype=pl.Decimal(18, 2)).alias("base"),
    )
    todo = frame["low"].is_null() & ~blank(text)
    return patch(frame, text, todo, lambda rest: read_each(rest, _row, SCHEMA))
