"""The written forms of a date: patterns only. What exists and what is complete is judged in `dates`."""

from __future__ import annotations

import re
from dataclasses import dataclass

KINDS = (
    "ok",
    "partial",  # year, month or day missing, or made uncertain by a word
    "impossible",  # 2023-02-30
    "out_of_range",  # before 1900, after 2200
    "ambiguous",  # 3/4/2023
    "lunar",
    "two_dates",
    "open_ended",  # 长期, 至今
    "placeholder",
    "not_date",
)


@dataclass(frozen=True, slots=True)
class Stated:
    """Numbers as written. `kind` is ok, or ambiguous where the order of day and month is not known."""

    year: int | None = None
    month: int | None = None
    day: int | None = None
    kind: str = "ok"


_LUNAR = re.compile(
    r"农历|阴历|旧历|古历|正月|腊月|冬月|闰.{0,2}月|初[一二三四五六七八九十](?![0-9月])|廿|大年|除夕|年三十"
)
_LUNAR_YEAR = re.compile(r"(?<![0-9])((?:19|20)[0-9]{2})(?=年|[./-])")
_DIGIT = {"〇": 0, "零": 0, "○": 0, "Ο": 0, "О": 0} | {
    char: at for at, char in enumerate("一二三四五六七八九", 1)
}
_NUMERAL = re.compile("[〇零○一二三四五六七八九十卅]+")
_MONTHS = {name: at for at, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)}
_MONTH_NAME = (
    "(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    "|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_TIME = re.compile(
    "(?:(?<=[0-9日号])[ T]|(?<=[日号]))(?:(?:星期|周)[一二三四五六日天1-7])? ?"
    "(上午|下午|中午|晚上|凌晨|AM|PM)? ?([0-9]{1,2})(?::|时|点)([0-9]{1,2})?"
    r"(?:(?::|分)([0-9]{1,2})?(?:\.[0-9]+)?秒?)? ?(AM|PM)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?$",
    re.IGNORECASE,
)
_WEEKDAY = re.compile(r"[ (]*(?:星期|周)[一二三四五六日天1-7][)]?$")
_CERTAIN = (
    "开始|截止|截至|终止|为止|出生|办理|登记|起|止|生|迄|入职|到岗|离职|毕业|发证"
    "|有效期至|有效期|日期|时间|期限|周"
)
_UNCERTAIN = (
    "左右|前后|上下|以前|之前|以后|之后|大约|大概|约|可能|上旬|中旬|下旬|上半月|下半月|初|底|末|前|后|份左右|许|多"
    r"|\?"
)
_LEADING = re.compile(rf"^(?:({_UNCERTAIN})|({_CERTAIN}|自|从|于|至|到|[:,.'‘’\"“”(\[ -]))")
_TRAILING = re.compile(rf"(?:({_UNCERTAIN})|({_CERTAIN}|[:,.;'’\"”)\] -]))$")


def is_template(text: str) -> bool:
    """`日期:  年  月  日`, `0000-00-00`: a form nobody filled in."""
    bare = re.sub(r"[ _/.:-]", "", text)
    return bool(
        re.fullmatch("(?:日期|时间|填表日期)?年月日?", bare)
        or re.fullmatch(r"0{4}(?:[-/.年]?0{1,2}(?:[-/.月]?0{1,2}日?)?)?", text)
    )


def is_lunar(text: str) -> bool:
    """A word of the lunar calendar stands in the text (元月 is January and none)."""
    return bool(_LUNAR.search(text))


def lunar_year(text: str) -> int | None:
    """The lunar year stated beside a lunar day."""
    match = _LUNAR_YEAR.search(text)
    return int(match[1]) if match else None


def _numeral(match: re.Match[str]) -> str:
    text = match[0].replace("卅", "三十")
    if "十" not in text:
        return "".join(str(_DIGIT[char]) for char in text)
    tens, _, units = text.partition("十")
    if len(tens) > 1 or len(units) > 1 or "十" in units:
        return match[0]
    return str((_DIGIT[tens] if tens else 1) * 10 + (_DIGIT[units] if units else 0))


def chinese_numerals_to_digits(text: str) -> str:
    """二〇二三年十二月廿 → 2023年12月廿; numerals that are no date's are left."""
    if not re.search("[年月日号]", text) and not re.fullmatch("[〇零○一二三四五六七八九]{4,8}", text):
        return text
    return _NUMERAL.sub(_numeral, re.sub("元(?=月)", "1", text))


def match_number(text: str) -> Stated | None:
    """Digits that are a date by their count: yyyymmdd, yyyymm, yymmdd, yyyy, yyyy.m, m.d. None: a serial."""
    if re.fullmatch(r"[0-9]{8}", text):
        return Stated(int(text[:4]), int(text[4:6]), int(text[6:]))
    if re.fullmatch(r"[0-9]{14}", text):
        return Stated(int(text[:4]), int(text[4:6]), int(text[6:8]))
    if re.fullmatch(r"(?:19|20)[0-9]{4}", text) and (1 <= int(text[4:]) <= 12 or _yymmdd(text) is None):
        return Stated(int(text[:4]), int(text[4:]))
    if re.fullmatch(r"[0-9]{6}", text):
        return _yymmdd(text)
    if re.fullmatch(r"(?:19|20)[0-9]{5}", text):
        return _seven(text)
    if re.fullmatch(r"(?:19|20)[0-9]{2}|2100", text):
        return Stated(int(text))
    if match := re.fullmatch(r"((?:19|20)[0-9]{2})\.([0-9]{1,2})", text):
        return Stated(int(match[1]), int(match[2]))
    if match := re.fullmatch(r"([0-9]{1,2})\.([0-9]{1,2})", text):
        return _pair(match[1], match[2])
    return None


def _yymmdd(text: str) -> Stated | None:
    month, day = int(text[2:4]), int(text[4:])
    return Stated(full_year(text[:2]), month, day) if 1 <= month <= 12 and 1 <= day <= 31 else None


def _seven(text: str) -> Stated:
    """2023115 is 15 January or 5 November: certain only where one of both exists."""
    options = [
        (int(month), int(day))
        for month, day in ((text[4:5], text[5:]), (text[4:6], text[6:]))
        if 1 <= int(month) <= 12 and 1 <= int(day) <= 31
    ]
    if len(options) == 1:
        return Stated(int(text[:4]), *options[0])
    return Stated(int(text[:4]), kind="ambiguous" if options else "impossible")


def full_year(text: str) -> int:
    """Two digits → four, see `dates`; four digits as they are."""
    year = int(text)
    if len(text) > 2:
        return year
    return year + (1900 if year >= 30 else 2000)


def _pair(first: str, second: str) -> Stated | None:
    """Two short numbers: month and day; a first one above 12 is a year (73.1)."""
    if int(second) == 0:
        return None
    if int(first) > 12 and len(first) == 2 and int(second) <= 12:
        return Stated(full_year(first), int(second))
    return Stated(None, int(first), int(second))


def _day_month(first: int, second: int, year: int) -> Stated:
    """`15/1/2023` or `1/15/2023`: certain where one number is above 12 or both are equal."""
    if first == second or (first <= 12 < second):
        return Stated(year, first, second)
    if second <= 12 < first:
        return Stated(year, second, first)
    return Stated(year, kind="ambiguous" if first <= 12 else "impossible")


def _three_short(first: str, sign: str, second: str, third: str) -> Stated:
    """Three short numbers. With points and hyphens the year leads; slashes may be of an English locale."""
    a, b, c = int(first), int(second), int(third)
    readings = []
    if len(first) == 2 and 1 <= b <= 12 and 1 <= c <= 31:
        readings.append(Stated(full_year(first), b, c))
    if sign != "/" and readings:
        return readings[0]
    if len(third) == 2 and 1 <= a <= 12 and 1 <= b <= 31:
        readings.append(Stated(full_year(third), a, b))
    if len(third) == 2 and 1 <= b <= 12 and 1 <= a <= 31 and a != b:
        readings.append(Stated(full_year(third), b, a))
    if len(readings) == 1:
        return readings[0]
    return Stated(kind="ambiguous" if readings else "impossible")


_S = r" ?(?:[-/.,、。\\_]|年) ?"
_FORMS: list[tuple[re.Pattern[str], str]] = [
    (
        re.compile(
            rf"([0-9]{{4}}){_S}([0-9]{{1,2}})(?: ?[-/.,、。\\_] ?| ?月份? ?[-.]?)"
            r"([0-9]{1,2})(?: ?[日号])?"
        ),
        "ymd",
    ),
    (re.compile(r"([0-9]{4}) ([0-9]{1,2}) ([0-9]{1,2})"), "ymd"),
    (re.compile(r"([0-9]{2}) ?年 ?([0-9]{1,2}) ?[月.-] ?([0-9]{1,2})(?: ?[日号])?"), "ymd"),
    (re.compile(r"([0-9]{1,2})([-/.])([0-9]{1,2})\2((?:19|20)[0-9]{2})"), "dmy"),
    (re.compile(r"([0-9]{1,2})([-/.])([0-9]{1,2})\2([0-9]{1,2})[日号]?"), "short"),
    (
        re.compile(
            rf"([0-9]{{1,2}})(?:st|nd|rd|th)?[- /]?(?:of )?{_MONTH_NAME}\.?[,]?[- /]?([0-9]{{4}}|[0-9]{{2}})",
            re.I,
        ),
        "d_name_y",
    ),
    (re.compile(rf"{_MONTH_NAME}\.? ?([0-9]{{1,2}})(?:st|nd|rd|th)?[, ]+([0-9]{{4}})", re.I), "name_d_y"),
    (re.compile(rf"{_MONTH_NAME}[- ./,]?([0-9]{{4}})", re.I), "name_y"),
    (re.compile(rf"{_MONTH_NAME}-([0-9]{{2}})", re.I), "name_y"),
    (re.compile(rf"([0-9]{{1,2}})(?:st|nd|rd|th)?[- ]?{_MONTH_NAME}", re.I), "d_name"),
    (re.compile(rf"{_MONTH_NAME}\.? ([0-9]{{1,2}})(?:st|nd|rd|th)?", re.I), "name_d"),
    (re.compile(rf"([0-9]{{4}}){_S}([0-9]{{1,2}})(?: ?月份?)?"), "ym"),
    (re.compile(r"([0-9]{4}|[0-9]{2}) ?年 ?([0-9]{1,2})(?: ?月份?)?"), "ym"),
    (re.compile(r"([0-9]{1,2}) ?月份? ?([0-9]{1,2})(?: ?[日号])?"), "md"),
    (re.compile(r"([0-9]{1,2})[-/.]([0-9]{1,2})[日号]?"), "pair"),
    (re.compile(r"([0-9]{4}|[0-9]{2}) ?年"), "y"),
    (re.compile(r"([0-9]{1,2}) ?月份?"), "m"),
    (re.compile(r"([0-9]{1,2}) ?[日号]"), "d"),
    (re.compile(r"((?:19|20)[0-9]{2})(0[1-9]|1[0-2])([0-3][0-9])"), "ymd"),
    (re.compile(r"((?:19|20)[0-9]{2})(0[1-9]|1[0-2])"), "ym"),
    (re.compile(r"((?:19|20)[0-9]{2})"), "y"),
]


def _stated(form: str, part: tuple[str, ...]) -> Stated | None:
    match form:
        case "ymd":
            return Stated(full_year(part[0]), int(part[1]), int(part[2]))
        case "dmy":
            return _day_month(int(part[0]), int(part[2]), int(part[3]))
        case "short":
            return _three_short(part[0], part[1], part[2], part[3])
        case "d_name_y":
            return Stated(full_year(part[2]), _MONTHS[part[1][:3].lower()], int(part[0]))
        case "name_d_y":
            return Stated(full_year(part[2]), _MONTHS[part[0][:3].lower()], int(part[1]))
        case "name_y":
            return Stated(full_year(part[1]), _MONTHS[part[0][:3].lower()])
        case "d_name":
            return Stated(None, _MONTHS[part[1][:3].lower()], int(part[0]))
        case "name_d":
            return Stated(None, _MONTHS[part[0][:3].lower()], int(part[1]))
        case "ym":
            return Stated(full_year(part[0]), int(part[1]))
        case "md":
            return Stated(None, int(part[0]), int(part[1]))
        case "pair":
            return _pair(part[0], part[1])
        case "y":
            return Stated(full_year(part[0]))
        case "m":
            return Stated(None, int(part[0]))
        case _:
            return Stated(None, None, int(part[0]))


def _whole(text: str) -> Stated | None:
    for pattern, form in _FORMS:
        if match := pattern.fullmatch(text):
            return _stated(form, match.groups())
    return None


_RANGE = re.compile(r" ?(?:-{1,2}|~|—+|–|至|到|、|,|;|/| )+ ?")


def find_all(text: str) -> tuple[Stated | None, bool]:
    """(the one date the text is, False), or (None, True) where it is two dates or a range."""
    text = re.sub(r"([-/.])\1+", r"\1", text)
    whole = _whole(text)
    if whole is not None:
        return whole, False
    for cut in _RANGE.finditer(text):
        left, right = text[: cut.start()], text[cut.end() :]
        if not left or not right:
            continue
        first = _whole(strip_words(left)[0])
        second = _whole(strip_words(right)[0]) or (
            re.fullmatch(r"[0-9]{1,2}(?:[日号])?|今|现在|目前|长期|永久", right)
        )
        if first is not None and second is not None:
            return None, True
    return None, False


def split_time(text: str) -> tuple[str, str | None]:
    """(the day, the time of day as HH:MM or HH:MM:SS); weekdays go."""
    match = _TIME.search(text)
    if match is None:
        return _WEEKDAY.sub("", text), None
    hour, minute, second = (int(part) if part else None for part in match.group(2, 3, 4))
    half = (match[1] or match[5] or "").upper()
    if hour is None or hour > 24 or (minute or 0) > 59 or (second or 0) > 60:
        return text, None
    if half in {"下午", "晚上", "PM"} and hour < 12:
        hour += 12
    if half == "AM" and hour == 12:
        hour = 0
    time = f"{hour:02d}:{minute or 0:02d}" + ("" if second is None else f":{second:02d}")
    return _WEEKDAY.sub("", text[: match.start()]), time


def strip_words(text: str) -> tuple[str, str | None, bool]:
    """(the date alone, the words taken off, whether they leave it certain)."""
    words: list[str] = []
    certain = True
    while match := (_LEADING.match(text) or _TRAILING.search(text)):
        text = (text[match.end() :] if match.start() == 0 else text[: match.start()]).strip()
        certain = certain and not match[1]
        if word := (match[0].strip(" :,.;'’‘\"“”()[]-")):
            words.append(word)
    return text, ";".join(words) or None, certain
