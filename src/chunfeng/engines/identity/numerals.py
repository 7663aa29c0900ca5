"""Numbers as written in words and signs: 3.5千, 一万二, 三千五, 两三千, 1万2."""

from __future__ import annotations

import re
from decimal import Decimal

_DIGIT = {"零": 0, "〇": 0, "两": 2} | {char: at for at, char in enumerate("一二三四五六七八九", 1)}
_SCALE = {"十": 10, "百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000}
_SUFFIX = {"k": 1000, "千": 1000, "w": 10_000, "万": 10_000, "百": 100, "亿": 100_000_000}

_ARABIC = (
    r"[0-9]+(?:\.[0-9]+)?(?:[kK千wW万百亿](?:[0-9]+(?:[千百])?(?![0-9.])|[一二三四五六七八九][千百]?)?)?"
)
_CHINESE = (
    r"[一二两三四五六七八九十]?[零〇一二两三四五六七八九十百千万亿]*[十百千万亿](?:零?[一二三四五六七八九])?"
)
_CHINESE_MONEY = r"[一二两三四五六七八九](?=元|块|k|K)"
NUMBER = f"(?:{_ARABIC}|{_CHINESE}|{_CHINESE_MONEY})"
"""Pattern of one number; a lone 三 is one only before 元 or 块 (五险一金 holds none)."""


def read_number(text: str) -> tuple[Decimal, Decimal] | None:
    """(low, high) of one number; they differ for 两三千. None: no number. Exact."""
    match = re.fullmatch(
        r"([0-9]+(?:\.[0-9]+)?)(?:([kK千wW万百亿])([0-9一二三四五六七八九]+)?([千百])?)?", text
    )
    if match:
        return _arabic(match)
    span = re.fullmatch(r"([一二两三四五六七八九])([一二三四五六七八九])([十百千万])", text)
    if span:
        low, high, scale = _DIGIT[span[1]], _DIGIT[span[2]], _SCALE[span[3]]
        # 三五千 skips one; 三八千 is no way to say a range
        return (Decimal(low * scale), Decimal(high * scale)) if 1 <= high - low <= 2 else None
    value = _chinese(text)
    return (Decimal(value), Decimal(value)) if value is not None else None


def _arabic(match: re.Match[str]) -> tuple[Decimal, Decimal] | None:
    number = Decimal(match[1])
    if match[2] is None:
        return number, number
    scale = _SUFFIX[match[2].lower()]
    number *= scale
    if match[3]:
        rest = "".join(str(_DIGIT.get(char, char)) for char in match[3])
        if "." in match[1]:
            return None
        if match[4]:
            number += int(rest) * _SUFFIX[match[4]]
        elif len(rest) == 1:
            # 1万2 is 12000: one digit counts the next scale down
            number += int(rest) * scale // 10
        elif len(str(scale)) - 1 == len(rest):
            number += int(rest)
        else:
            return None
    return number, number


def _chinese(text: str) -> int | None:
    """一万二千三百 → 12300; a last digit alone counts the next scale down (三千五 → 3500), not after 零."""
    total = section = digit = 0
    scale_before = 0
    filled = False
    for place, char in enumerate(text):
        if char in _DIGIT:
            if filled:
                return None
            digit, filled = _DIGIT[char], char not in "零〇"
            last = place == len(text) - 1
            if last and filled and scale_before > 10 and text[place - 1] not in "零〇":
                return total + section + digit * scale_before // 10
            if char in "零〇":
                scale_before = 0
        elif char in _SCALE:
            scale = _SCALE[char]
            if scale >= 10_000:
                if not section and not filled:
                    return None
                total, section = (total + section + digit) * scale, 0
            else:
                if not filled and scale != 10:
                    return None
                section += (digit if filled else 1) * scale
            digit, filled, scale_before = 0, False, scale
        else:
            return None
    return total + section + digit
