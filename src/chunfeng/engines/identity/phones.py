"""Telephone numbers as typed: mobile and landline, several in a cell, whose they are.

Mobile numbers have 11 digits and begin with 13…19 (工业和信息化部 电信网编号计划, 2017). Landline numbers
are written `0597-8912345`; without an area code in the text or from the caller the local number stands alone.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from decimal import Decimal, InvalidOperation

import polars as pl

from chunfeng.engines.identity.text import blank, clean, is_placeholder, patch, read_each

KINDS = (
    "mobile",  # one mobile number
    "landline",  # one landline number
    "several",  # more than one number
    "service",  # 12333, 400…: an office, no person
    "short",  # too few digits for a mobile number
    "long",  # too many
    "masked",  # 138****1234
    "placeholder",
    "not_phone",
)
SCHEMA = {
    "kind": pl.String,
    "phone": pl.String,
    "phone_2": pl.String,
    "landline": pl.String,
    "owner": pl.String,
    "owner_2": pl.String,
    "note": pl.String,
}

_MOBILE = r"(?<!\d)(?:(?:\+|00)?86[ -]{0,2}|0)?(1[3-9](?:[ .·-]?\d){9})(?!\d)"
_LANDLINE = (
    r"(?<!\d)(?:(?:\+|00)?86[ -]{0,2})?"
    r"(?:\(?(010|02\d|0[3-9]\d\d)\)?[ -]{0,3}([2-8]\d{2,3}[ -]?\d{4})|([2-8]\d{6,7}|[2-8]\d{2,3}-\d{4}))"
    r"(?: ?(?:转|分机|ext\.?|-) ?(\d{1,5}))?(?!\d)"
)
_NUMBER = re.compile(f"{_MOBILE}|{_LANDLINE}", re.IGNORECASE | re.ASCII)
_SERVICE = re.compile(
    r"(?<!\d)(?:1(?:1[02479]|2[02]|[02]\d{3})|9[56]\d{3,4}|[48]00[ -]?\d{3}[ -]?\d{4})(?!\d)", re.ASCII
)
_MASKED = re.compile(r"1[3-9]\d[\d ]{0,5}[*xX×#]{2,8}\d{0,6}", re.ASCII)
_SPREADSHEET = re.compile(r"\d+(?:\.\d+)?(?:[eE]\+?\d{1,2})?", re.ASCII)
_BRACKET = re.compile(r"^\s*[(\[【<{]([^)\]】>}]*)[)\]】>}]?")
_SEPARATOR = re.compile(r"[、/,;|\n\\]|\s{1,}或\s{0,}|或者?|和|&| ")
_LABEL = re.compile(
    "联系电话|联系方式|联系人|手机号码?|电话号码?|手机|电话|号码|座机|固话|宅电|家庭电话|办公室?电话"
    "|(?:同)?微信(?:同号|号)?|同号|短号|(?:wechat|weixin|tel|phone|mobile|mob|wx|qq)(?![a-z])"
    r"|[:：.。·*#+\-_=~\"'“”()\[\]【】<>{},、/;|\\]|\s",
    re.IGNORECASE,
)
_SELF = frozenset("本人 自己 我 我的 本人的 个人 自用".split())
_STATE = re.compile(
    "停机|空号|欠费|打不通|停用|关机|无人接|没人接|不接|拒接|错号|错误|有误|晚上|白天|上午|下午|中午|下班|早上"
    "|可打|常用|备用|新号|旧号|原号|已换|换号|移动|联通|电信|广电|无法|暂停|未接|转|工作日|每天|加|群"
)
_HAN = re.compile(r"[\u3400-\u9fff]|[A-Za-z]{2}")


@dataclass(frozen=True, slots=True)
class Phone:
    """One cell. `owner` is whose number `phone` (or else `landline`) is, as written; None: nothing is said,
    or 本人.

    `note` is text that names no owner (停机, 晚上打) and numbers beyond the third.
    """

    kind: str | None
    phone: str | None = None
    phone_2: str | None = None
    landline: str | None = None
    owner: str | None = None
    owner_2: str | None = None
    note: str | None = None


def _unspreadsheet(text: str) -> str:
    """`15400000001.0`, `1.5400000001E10` → the digits. Kept as written where digits were cut away."""
    if not _SPREADSHEET.fullmatch(text) or text.isdigit():
        return text
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    digits = len(number.as_tuple().digits)
    whole = number == number.to_integral_value() and number < Decimal(10) ** 14
    # 1.54E+10 shows three digits of eleven; one missing digit may be a true final zero
    if not whole or ("e" in text.lower() and digits < 10):
        return text
    return f"{number:f}".split(".")[0]


def _owner(text: str) -> tuple[str | None, str | None]:
    """(owner, note) of the words beside a number."""
    words = _LABEL.sub("", text).removesuffix("的")
    if not _HAN.search(words) or words in _SELF:
        return None, None
    if _STATE.search(words) or len(words) > 8:
        return None, words
    return words, None


def _words_of_numbers(text: str, spans: list[tuple[int, int]]) -> list[str]:
    """The words that belong to each number: a label before it, a bracket or a word after it."""
    words = [""] * len(spans)
    words[0] = text[: spans[0][0]]
    for index, (_, end) in enumerate(spans):
        following = spans[index + 1][0] if index + 1 < len(spans) else len(text)
        between = text[end:following]
        bracket = _BRACKET.match(between)
        if bracket:
            words[index] += " " + bracket[1]
            between = between[bracket.end() :]
        if index + 1 == len(spans):
            words[index] += " " + between
            continue
        before, _, after = _split_once(between)
        words[index] += " " + before
        words[index + 1] += after
    return words


def _split_once(between: str) -> tuple[str, str, str]:
    match = _SEPARATOR.search(between)
    if match is None:
        return "", "", between
    return between[: match.start()], match[0], between[match.end() :]


def _landline(match: re.Match[str], area: str | None) -> str:
    local = re.sub(r"[^0-9]", "", match[3] or match[4])
    code = match[2] or area
    number = f"{code}-{local}" if code else local
    return f"{number}-{match[5]}" if match[5] else number


def _without_number(text: str) -> str:
    """Kind of a text in which no number was found."""
    if _MASKED.search(text.replace(" ", "")):
        return "masked"
    digits = max(
        (re.sub(r"[^0-9]", "", run) for run in re.findall(r"[0-9][0-9 .-]*", text)), key=len, default=""
    )
    if _SERVICE.search(text):
        return "service"
    if not digits or len(digits) * 2 < len(_LABEL.sub("", text)):
        return "not_phone"
    if set(digits) == {"0"} or (len(set(digits)) == 1 and len(digits) > 6):
        return "placeholder"
    if digits in {"12345678901", "12345678910", "123456789", "12345678"}:
        return "placeholder"
    if len(digits) == 11:
        return "not_phone"
    return "short" if len(digits) < 11 else "long"


def read(text: str, area: str | None = None) -> Phone:
    """Numbers of one cell.

    `area`: area code (`0597`) of the place that sent the file, put before a landline written without one.
    Never raises; a blank text has kind None.
    """
    cleaned = clean(text.strip().replace("\n", "、"))
    if not cleaned:
        return Phone(None)
    if is_placeholder(cleaned):
        return Phone("placeholder")
    cleaned = re.sub(r"[‐‑‒–—―−]", "-", _unspreadsheet(cleaned))
    matches = list(_NUMBER.finditer(cleaned))
    if not matches:
        return Phone(_without_number(cleaned))
    words = [_owner(part) for part in _words_of_numbers(cleaned, [match.span() for match in matches])]
    notes = [note for _, note in words if note]
    mobiles: dict[str, str | None] = {}
    landlines: dict[str, str | None] = {}
    for match, (owner, _) in zip(matches, words, strict=True):
        if match[1]:
            mobiles.setdefault(re.sub(r"[^0-9]", "", match[1]), owner)
        else:
            landlines.setdefault(_landline(match, area), owner)
    notes += [*list(mobiles)[2:], *list(landlines)[1:]]
    owners = [*mobiles.values(), *([] if mobiles else landlines.values())]
    count = len(mobiles) + len(landlines)
    return Phone(
        kind="several" if count > 1 else "mobile" if mobiles else "landline",
        phone=next(iter(mobiles), None),
        phone_2=next(iter(list(mobiles)[1:]), None),
        landline=next(iter(landlines), None),
        owner=owners[0],
        owner_2=owners[1] if len(mobiles) > 1 else None,
        note=";".join(notes) or None,
    )


def read_column(values: pl.Series, area: str | None = None) -> pl.DataFrame:
    """`read` of every value: columns of SCHEMA (String). Blank → nulls."""
    text = values.rename("text")
    digits = pl.col("text").str.replace_all("[ -]", "").str.tail(11)
    plain = pl.col("text").str.contains(r"^(?:\+?86)?1[3-9][0-9][ -]?[0-9]{4}[ -]?[0-9]{4}$")
    clear = text.to_frame().select(pl.when(plain).then(digits).alias("phone"))
    frame = clear.select(
        pl.when(pl.col("phone").is_not_null()).then(pl.lit("mobile")).alias("kind"),
        "phone",
        *(pl.lit(None, dtype=pl.String).alias(name) for name in list(SCHEMA)[2:]),
    )
    todo = frame["phone"].is_null() & ~blank(text)
    return patch(
        frame, text, todo, lambda rest: read_each(rest, lambda value: asdict(read(value, area)), SCHEMA)
    )
