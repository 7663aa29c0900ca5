"""When people want to leave, as they write it: 初六, 元宵后, 2月1号左右, 初七或初八 → the days that suit.

`read(text, as_of)` is the definition, `read_column` says the same of a column. Readings, all tested:

- 初八 is the eighth of the first lunar month; its 正月初一 is the one nearest to `as_of`. 腊月 and later months have 29
  or 30 days, which the calendar of festivals does not tell: their days are windows of two.
- A day without a year lies in the year that puts it nearest to `as_of`.
- 后, 以后, 过后: from the next day, 起: from that day, for a week; 前, 以前: the week before. 左右, 前后: two days about.
- 初, 上旬: days 1-10; 中, 中旬: 11-20; 底, 末, 下旬: 21 to the end.
- 十六 alone, 过了十五: days of 正月, in the numerals of the lunar calendar.
- 二月初, 二月二十 may be of either calendar: unclear. 2月初 and 一月底 are solar, 正月底 lunar; 公历, 农历 in front decide.
- 过完年, 年后, 尽快 name no day: unclear. 随时, 都可以: any day.
- Two days joined by 或, 到, 至, 、 or a dash are the window they span; two that nothing joins are unclear.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import polars as pl

from chunfeng.engines.identity import numerals
from chunfeng.engines.identity.text import clean, is_placeholder, read_each
from chunfeng.reference import calendars

KINDS = ("days", "any", "unclear", "none")
SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "window": pl.String, "earliest": pl.Date, "latest": pl.Date,
}  # fmt: skip
"""`window`: one of KINDS, `none` where nothing is written."""
WEEK = 7
ABOUT = 2
LONGEST = 40
"""Characters; a longer text is prose, and only its first characters are read."""

_TENS = "[一二]?十[一二三四五六七八九]?|三十|廿[一二三四五六七八九]?|卅"
_NUMBER = f"[0-9]{{1,2}}|{_TENS}|[一二三四五六七八九]"
_SOLAR = r"(?:公历|阳历|新历|国历|西历)"
_LUNAR = r"(?:农历|阴历|旧历|古历|老历)"
_PART = "上旬|中旬|下旬|月初|月中|月底|月末|初|中|底|末"
_TOKEN = re.compile(
    rf"(?P<full>(?:20)?[0-9]{{2}}年[0-9]{{1,2}}月[0-9]{{1,2}}(?:日|号)?|20[0-9]{{2}}[-/.][0-9]{{1,2}}[-/.][0-9]{{1,2}}(?:日|号)?)"
    r"|(?<![0-9])(?P<eight>20[0-9]{6})(?![0-9])"
    rf"|(?P<lunar>(?:20[0-9]{{2}}年)?{_LUNAR}(?:(?P<lm>{_NUMBER}|正|腊|冬)月)?(?:初)?(?P<ld>{_NUMBER})(?:日|号)?)"
    rf"|(?P<first>(?:正月|新正|新年|大年|春节|年)?初(?P<fd>{_NUMBER})(?P<fe>[一二三四五六七八九十])?(?:日|号)?)"
    rf"|(?P<zheng>正月(?:(?P<zd>{_NUMBER})(?:日|号)?|(?P<zp>{_PART}|里|内|间)))"
    rf"|(?P<named>元宵节?|除夕|大年三十|年三十|大年夜)"
    rf"|(?P<lm2>腊|冬|{_NUMBER})月初(?P<ld2>{_NUMBER})(?:日|号)?"
    rf"|(?P<twelfth>腊月(?:(?P<td>{_NUMBER})(?:日|号)?|(?P<tp>{_PART})))"
    rf"|(?P<part>(?P<sol>{_SOLAR})?(?P<pm>{_NUMBER})月份?(?P<pp>{_PART}))"
    rf"|(?P<solar>{_SOLAR}?(?P<sm>{_NUMBER})月(?P<sd>{_NUMBER})(?:日|号)?)"
    r"|(?<![0-9.:])(?P<short>(?P<hm>1[0-2]|0?[1-9])[./-](?P<hd>3[01]|[12][0-9]|0?[1-9]))(?![0-9:月])"
    r"|(?P<alone>(?<![0-9月])(?P<ad>3[01]|[12]?[0-9])(?:日|号))"
    r"|(?P<serial>^4[0-9]{4}(?:\.[0-9]+)?$)"
    rf"|(?P<bare>(?:^|(?<=过了)|(?<=过完))(?:{_TENS})(?=以后|之后|过后|往后|后|以前|之前|前|左右|$))"
    r"|(?P<near>今天|明天|后天|大后天)"
)
_AFTER = re.compile(r"^(?:\(?(?:这天|那天|当天)?)(?:以后|之后|过后|往后|过了|后)")
_SINCE = re.compile("^(?:开始|起|以来)")
_BEFORE = re.compile("^(?:以前|之前|前(?!后))")
_ABOUT = re.compile("^(?:左右|前后|上下|附近|许)")
_AFTER_LEAD = re.compile("(?:过了|过完|等)$")
_ABOUT_LEAD = re.compile("(?:大约|大概|约|差不多)$")
_JOIN = re.compile(
    r"^(?:早上|上午|中午|下午|晚上|凌晨)?(?:或者|或|到|至|-|~|—|–|/|,|、|和|与|及|;|\s)+(?:是|者)?$"
)
_MORE_DAYS = re.compile(rf"^(?:-|~|—|–|到|至|或|、|,|/)(?:初)?(?P<d>{_NUMBER})(?:日|号)?")
_ANY = re.compile("随时|都可以|都可|均可|都行|任意|任何时|不限|哪天都|听安排|服从安排|看安排|时间自由|不定时")
_NOISE = re.compile(
    r"(?:(?:星期|周|礼拜)[一二三四五六日天])|[0-9]{1,2}(?::|：|点)[0-9]{0,2}(?::[0-9]{2})?(?:分)?"
)
_DAYS_OF_PART = {"上": (1, 10), "初": (1, 10), "中": (11, 20), "下": (21, 31), "底": (21, 31), "末": (21, 31)}


@dataclass(frozen=True, slots=True)
class Window:
    """The days that suit, ends included; both None unless `kind` is `days`."""

    kind: str
    earliest: date | None = None
    latest: date | None = None


def read(text: str, as_of: date) -> Window:
    """What a text says; never raises. `as_of` gives the year that is not written."""
    said = clean(text).replace(" ", "") if not re.fullmatch(r"[0-9]+\.0", text.strip()) else text.strip()[:-2]
    said = _NOISE.sub(lambda m: "" if len(said) > len(m[0]) else m[0], said)[:LONGEST]
    if not said or is_placeholder(said):
        return Window("none")
    spans = list(_spans(said, as_of))
    if not spans:
        return Window("any" if _ANY.search(said) else "unclear")
    joined = all(_JOIN.match(gap) for _, _, gap in spans[1:])  # 初八2月1日 may be either
    if any(first is None for first, _, _ in spans) or not joined:
        return Window("unclear")
    starts = [first for first, _, _ in spans if first is not None]
    ends = [last for _, last, _ in spans if last is not None]
    earliest, latest = min(starts), max(ends)
    return Window("days", earliest, latest) if (latest - earliest).days <= 62 else Window("unclear")


def read_column(values: pl.Series, as_of: date) -> pl.DataFrame:
    """`read` of every text, each distinct one once: columns of SCHEMA; `none` for null."""

    def one(text: str) -> dict[str, object]:
        window = read(text, as_of)
        return {"window": window.kind, "earliest": window.earliest, "latest": window.latest}

    return read_each(values, one, SCHEMA).with_columns(pl.col("window").fill_null("none"))


def _spans(said: str, as_of: date) -> Iterator[tuple[date | None, date | None, str]]:
    """(first, last, text before it) of every day named; first None: named, but not to be told."""
    at = 0
    while match := _TOKEN.search(said, at):
        before, behind = said[at : match.start()], said[match.end() :]
        first, last = _days(match, as_of)
        end = match.end()
        if first is not None and last == first and (more := _MORE_DAYS.match(behind)):
            # 1月28-30日, 初七、八: the same month; not 初七或2月1日
            follows = behind[more.end() :]
            number = _number(more["d"])
            if number is not None and not re.match("[月./-]", follows):
                later = first + timedelta(days=number - _day_in(match, first))
                if first < later <= first + timedelta(days=31):
                    last, end = later, end + more.end()
                    behind = said[end:]
        if first is not None and last is not None:
            first, last, taken = _turned(first, last, before, behind)
            end += taken
        yield first, last, before
        at = max(end, match.end())


def _turned(first: date, last: date, before: str, behind: str) -> tuple[date, date, int]:
    """The span after a word such as 以后 or 左右 behind it, and how many characters that took."""
    week, about = timedelta(days=WEEK), timedelta(days=ABOUT)
    if (m := _ABOUT.match(behind)) or _ABOUT_LEAD.search(before):
        return first - about, last + about, m.end() if m else 0
    if (m := _AFTER.match(behind)) or _AFTER_LEAD.search(before):
        return last + timedelta(days=1), last + week, m.end() if m else 0
    if m := _SINCE.match(behind):
        return first, first + week - timedelta(days=1), m.end()
    if m := _BEFORE.match(behind):
        return first - week, first - timedelta(days=1), m.end()
    return first, last, 0


def _day_in(match: re.Match[str], day: date) -> int:
    """The number of the day as written: of the lunar month where it is one."""
    for group in ("fd", "zd", "ld", "ld2"):
        if match[group]:
            return _number(match[group]) or day.day
    return day.day


def _days(match: re.Match[str], as_of: date) -> tuple[date | None, date | None]:
    """First and last day of what a token names; (None, None) where it cannot be told."""
    if match["full"] or match["eight"]:
        return _full(match["full"] or match["eight"])
    if match["lunar"]:
        year = re.match("20[0-9]{2}", match["lunar"])
        return _lunar(match["lm"] or "正", match["ld"], as_of, int(year[0]) if year else None)
    if match["first"]:
        first, last = _lunar("正", match["fd"], as_of)
        other = _lunar("正", match["fe"], as_of)[1] if match["fe"] else last
        return (first, other) if first and other and other >= first else (first, last)
    if match["zheng"]:
        return _lunar("正", match["zd"], as_of) if match["zd"] else _lunar_part(match["zp"], as_of)
    if match["named"]:
        day = _festival(as_of)
        shift = 14 if match["named"].startswith("元宵") else -1
        return _same(day + timedelta(days=shift) if day else None)
    if match["lm2"]:
        return _lunar(match["lm2"], match["ld2"], as_of)
    if match["twelfth"]:
        return _lunar("腊", match["td"], as_of) if match["td"] else (None, None)
    if match["part"]:
        return _part(match, as_of)
    if match["solar"]:
        if not re.search(f"[0-9日号]|{_SOLAR}", match["solar"]):
            return None, None  # 二月二十 may be of either calendar
        return _same(_near(_number(match["sm"]), _number(match["sd"]), as_of))
    if match["short"]:
        return _same(_near(int(match["hm"]), int(match["hd"]), as_of))
    if match["bare"]:
        return _lunar("正", match["bare"], as_of)
    if match["alone"]:
        return _same(_next_day(int(match["ad"]), as_of))
    if match["serial"]:
        return _same(date(1899, 12, 30) + timedelta(days=int(float(match["serial"]))))
    return _same(as_of + timedelta(days={"今天": 0, "明天": 1, "后天": 2, "大后天": 3}[match["near"]]))


def _same(day: date | None) -> tuple[date | None, date | None]:
    return day, day


def _full(text: str) -> tuple[date | None, date | None]:
    numbers = [text[:4], text[4:6], text[6:]] if text.isdigit() else re.findall("[0-9]+", text)
    year, month, day = (int(n) for n in numbers[:3])
    return _same(_exists(year if year > 99 else 2000 + year, month, day))


def _exists(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _near(month: int | None, day: int | None, as_of: date) -> date | None:
    """That day of the year which puts it nearest to `as_of`."""
    if month is None or day is None:
        return None
    found = [_exists(as_of.year + shift, month, day) for shift in (-1, 0, 1)]
    return min(filter(None, found), key=lambda d: abs((d - as_of).days), default=None)


def _next_day(day: int, as_of: date) -> date | None:
    months = [(as_of.year, as_of.month), (as_of.year + as_of.month // 12, as_of.month % 12 + 1)]
    found = [_exists(y, m, day) for y, m in months]
    return next((d for d in found if d is not None and d >= as_of), None)


def _part(match: re.Match[str], as_of: date) -> tuple[date | None, date | None]:
    """2月初, 一月底: a third of a solar month. 二月初, in Chinese numerals and without 公历, may be of either calendar."""
    month = _number(match["pm"])
    either = not match["pm"].isdigit() and not match["sol"] and "旬" not in match["pp"]
    if month is None or not 1 <= month <= 12 or (either and month > 1):
        return None, None
    low, high = _DAYS_OF_PART[match["pp"].removeprefix("月")[0]]
    first = _near(month, low, as_of)
    if first is None:
        return None, None
    days = (date(first.year + first.month // 12, first.month % 12 + 1, 1) - first.replace(day=1)).days
    return first, first.replace(day=min(high, days))


def _lunar_part(part: str, as_of: date) -> tuple[date | None, date | None]:
    """正月初, 正月底, 正月里. The month has at least 29 days."""
    start = _festival(as_of)
    if start is None:
        return None, None
    low, high = _DAYS_OF_PART.get(part.removeprefix("月")[0], (1, 29))
    return start + timedelta(days=low - 1), start + timedelta(days=min(high, 29) - 1)


def _lunar(month: str, day: str, as_of: date, year: int | None = None) -> tuple[date | None, date | None]:
    """A day of a lunar month as (first, last) solar day it may be."""
    start = calendars.spring_festival(year) if year else _festival(as_of)
    number = _number(day)
    months = {"正": 1, "冬": 11, "腊": 12}.get(month) or _number(month)
    if start is None or number is None or months is None or not 1 <= number <= 30:
        return None, None
    if months == 1:
        return _same(start + timedelta(days=number - 1))
    if months == 12:
        return start - timedelta(days=31 - number), start - timedelta(days=30 - number)
    if months > 3:
        return None, None
    whole = timedelta(days=29 * (months - 1) + number - 1)
    return start + whole, start + whole + timedelta(days=months - 1)


@lru_cache(maxsize=64)
def _festival(as_of: date) -> date | None:
    """正月初一 nearest to the day."""
    found = [calendars.spring_festival(as_of.year + shift) for shift in (-1, 0, 1)]
    return min(filter(None, found), key=lambda d: abs((d - as_of).days), default=None)


def _number(text: str) -> int | None:
    """8, 十六, 廿, 廿二, 三十."""
    if text.isdigit():
        return int(text)
    text = text.replace("廿", "二十").replace("卅", "三十")
    units = "一二三四五六七八九"
    if len(text) == 1 and text in units:
        return units.index(text) + 1
    found = numerals.read_number(text)
    return int(found[0]) if found is not None and found[0] == found[1] and found[0] < 100 else None
