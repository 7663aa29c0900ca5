"""Pay asked for in running text: where it stands, the least that would do, and per what."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from chunfeng.engines.identity import amounts
from chunfeng.engines.identity.numerals import NUMBER

UNITS = {"month": "月", "day": "日", "hour": "时", "year": "年", "piece": "件", "once": "次"}
"""Unit of `amounts` → the letter written out."""
_MOST = 100_000
_WORDS = (
    "期望月薪|期望工资|期望薪资|期望收入|月薪|月工资|工资|薪资|薪水|薪酬|工价|工钱|待遇|收入|日薪|日工资|日工|日结|日均|时薪|年薪|年收入|底薪|保底"
    "|每个月|每月|每天|每日|每小时|每年|一个月|一月|一天|一日|一个小时|一小时|一年|包月|月入|月收入|到手|综合|点工|做一天"
)
_LINK = (
    "(?:要求|要有|至少要|最少要|要|在|为|是|:|能有|能到|能拿|能|有|拿到|拿|给|开|不低于|不少于|不得低于|不下|至少|最少|最低|起码|大概|大约|约|高于"
    "|超过|过|上|达到|达|希望|想要|想|得|保证)"
)
_NUMBERS = f"{NUMBER}(?:元|块)?(?:(?:-|~|至|到|、|/(?=[0-9]))(?:{NUMBER}))?"
_UNIT = "(?:/|每|一个?|每个|1)?(?:个?月|天|日|小时|钟头|工(?!作|资|厂|地|人)|年|件|双|h)"
_TAIL = (
    "(?:以上|起步|起(?!重)|左右|上下|以内|以下|之内|出头|往上|打底|封顶|保底|来块|多块|多|把块|来"
    "|\\+|往上走|就行|就可以|就去|才去|才干|才做|才考虑|的|差不多)"
)
_BEFORE = re.compile(f"(?:(?:{_WORDS})|{_LINK})*$")
_HOLDS = re.compile("[0-9千万百块元]")
_PAY = re.compile(
    f"(?P<sum>{_NUMBERS})(?P<money>元钱|元|块钱|块|圆|大洋)?(?P<unit>{_UNIT}(?:薪)?)?"
    f"(?P<tail>{_TAIL}*)(?P<late>(?:元钱|元|块钱|块)?(?:{_UNIT})?{_TAIL}*)",
    re.IGNORECASE,
)
_NOT_PAY_BEFORE = re.compile(
    r"(?:贷款?|借|欠|缺|差|投资?|本钱|资金|补贴|补助|押金|学费|成本|罚款|花了?|差|房租|债|电话|手机|第|年龄|今年|已|满)[^，]{0,2}$"
)
_NOT_PAY_AFTER = re.compile(
    r"(?:个?(?:人|小孩|孩子|老人|娃|月|岁|周岁|亩|头|只|平|号|楼|公里|里路|斤|点|班|组|户|名|口|公司|厂|儿|女|家|位|棵|株|倒|险|金|分钟|届|级)|本钱|资金|贷款|启动|月份|岁|年(?:级|底|初|前|后|以)|[./-][0-9]|号|月|日|十)"
)
_UNIT_WORDS = re.compile(_WORDS)
_THOUSANDS = re.compile(r"(?<=[0-9]),(?=[0-9]{3}(?![0-9]))")
_BLANK = re.compile(
    r"(?<=[0-9千万百kKwW]) +(?=[-~元块/+以左起千万kKwW至多]|一[个天月年])|(?<=[-~至到]) +(?=[0-9])"
)
_DASH = re.compile(r"[‐‑‒–—―−~～〜]+|--+")
_PER = re.compile(r"(?<=[万千])一(?=个?月|年|天|个?小时)")
_NUMBER_GOES_ON = re.compile(r"[0-9]|\.[0-9]")
_IN_A_NUMBER = re.compile(r"[0-9][.\-]?$")
_YEAR = re.compile(r"20[0-3][0-9]")
_SPOKEN = re.compile(r"[来把多](?=块)")
_ONE = re.compile(r"^(?=[千万])")
_OPEN = re.compile(r"以上|起|\+|左右|往上|打底|上下|出头|以内|多")
_SCALED = re.compile(r"[千万百kKwW]")


class Pay(NamedTuple):
    """The least in yuan, exact, as text; unit 月 日 时 年 件 次."""

    least: str
    unit: str


class Sum(NamedTuple):
    """Where pay stands in a text; `pay` is None for a ceiling (4000以内), which has no least."""

    start: int
    end: int
    pay: Pay | None


def find(text: str) -> tuple[str, list[Sum]]:
    """(the text with blanks and signs inside of numbers made plain, the sums of pay in it)."""
    if not _HOLDS.search(text):
        return text, []
    text = _THOUSANDS.sub("", text)
    text = _PER.sub("/", _DASH.sub("-", _BLANK.sub("", text)))
    found: list[Sum] = []
    at = 0
    while (match := _PAY.search(text, at)) is not None:
        at = match.end()
        before = text[max(0, match.start() - 16) : match.start()]
        words = _BEFORE.search(before)
        lead = words[0] if words is not None else ""
        # the number's own reading hangs on little text only, so equal ones are read once
        one = _read(lead, before[: len(before) - len(lead)][-6:], match[0], text[at : at + 4])
        if one is not None:
            found.append(Sum(match.start() - len(lead), at, one[0]))
    return text, found


@lru_cache(maxsize=50_000)
def _read(lead: str, before: str, said: str, after: str) -> tuple[Pay | None] | None:
    """The pay of a number in a tuple, or None where the number counts something else.

    `lead`: words of pay before it; `before`, `after`: what stands around it.
    """
    match = _PAY.match(said)
    if match is None or _NUMBER_GOES_ON.match(after) or (not lead and _IN_A_NUMBER.search(before)):
        return None
    behind = match["tail"] + match["late"]
    money = bool(
        _UNIT_WORDS.search(lead) or match["money"] or re.search("[元块]", match["sum"] + match["late"])
    )
    unit = match["unit"] or ""
    if _NOT_PAY_BEFORE.search(before + lead):
        return None
    if not money and not unit and not behind and _NOT_PAY_AFTER.match(after):
        return None
    if _YEAR.fullmatch(match["sum"]) and (unit + after).startswith("年"):
        return None
    read = amounts.read(lead + _ONE.sub("一", _SPOKEN.sub("", said.replace("、", "-"))))
    bound = read.low if read.low is not None else read.high
    if bound is None or not 0 < bound <= 20 * _MOST or (bound > _MOST and read.unit != "year" and not money):
        return None
    per = unit[:1] in "/每一1" and unit != ""
    scaled, open_ended = bool(_SCALED.search(match["sum"])), bool(_OPEN.search(behind))
    if unit and not per and not money and not scaled:  # 6月, 两天, 十五日: a date or a span
        return None
    large = bound >= 500 and (scaled or open_ended)
    if not ((money and bound >= 8) or large or (per and bound >= 8) or 1000 <= bound <= _MOST):
        return None
    low = read.low if read.low is not None or read.open == "at_most" else read.high
    if low is None:
        return (None,)
    return (Pay(_plain(low), UNITS[read.unit] if read.unit else _usual(low)),)


def _usual(low: Decimal) -> str:
    """The unit people leave out: thousands are a month's pay, tens a day's hours, a fortune a year's."""
    if low < 60:
        return "时"
    return "日" if low < 1000 else ("月" if low < 40_000 else "年")


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"
