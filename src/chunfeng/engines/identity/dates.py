"""Dates as typed, in every form people use, and what is certain about them.

`date` is given only where year, month and day are stated and exist; what is stated of a partial date stands
in `year`, `month`, `day`. Decisions, all tested:

- Two-digit years: 30…99 → 1930…1999, 00…29 → 2000…2029 (nobody served by the campaign was born before 1930
  and wrote the year with two digits; contracts and certificates do not reach 2030).
- `3-4-2023` and `3/4/23` may be April or March: `ambiguous`, only the year is kept (and only if it has four
  digits).
- `1.9` and `1/9` are 9 January (month first, as GB/T 7408 orders), `1970.05` is May 1970. A spreadsheet
  number cannot be told from `1970.1` typed for October: the text is taken as it stands.
- Six digits are a month (`202301`) where that is possible, else yymmdd. Eight digits are a day. A number
  with fewer digits, or with a fraction, is a spreadsheet's serial (ECMA-376 part 1, 18.17.4.1), 1900 or
  1904 system; in the 1900 system serial 60 is 29 February 1900, a day that never was.
- Four digits from 1900 to 2100 are a year, no serial (which would be a day of 1905).
- 前 后 左右 约 上旬 … make a date uncertain: kind partial, no `date`, the word in `note`. 起 止 生 … leave
  it certain.
- Lunar dates are not converted: kind lunar, the stated year, the text in `note`.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import asdict, dataclass, replace

import polars as pl

from chunfeng.engines.identity.date_forms import (
    KINDS,
    Stated,
    chinese_numerals_to_digits,
    find_all,
    is_lunar,
    is_template,
    lunar_year,
    match_number,
    split_time,
    strip_words,
)
from chunfeng.engines.identity.text import blank, clean, is_placeholder, patch, read_each

__all__ = ["KINDS", "SCHEMA", "DateReading", "read", "read_column"]

LONGEST = 60
"""Characters; a longer text is prose, and is not searched."""
FIRST_YEAR, LAST_YEAR = 1900, 2200
SCHEMA = {
    "kind": pl.String,
    "date": pl.Date,
    "year": pl.Int16,
    "month": pl.Int8,
    "day": pl.Int8,
    "time": pl.String,
    "note": pl.String,
}

_OPEN_ENDED = frozenset(
    "长期 永久 至今 今 现在 目前 长期有效 永久有效 无固定期限 无期限 不限 持续 在岗 在职 仍在岗 到现在 "
    "到目前 无限期 终身".split()
)


@dataclass(frozen=True, slots=True)
class DateReading:
    """One cell. `date` only for kind ok; year, month, day as far as stated; `time` as HH:MM or HH:MM:SS."""

    kind: str | None
    date: dt.date | None = None
    year: int | None = None
    month: int | None = None
    day: int | None = None
    time: str | None = None
    note: str | None = None


def _judge(stated: Stated, default_year: int | None) -> DateReading:
    """Does the stated day exist, is it complete?"""
    year, month, day = stated.year, stated.month, stated.day
    if stated.kind != "ok":
        return DateReading(stated.kind, year=year)
    if year is not None and not FIRST_YEAR <= year <= LAST_YEAR:
        return DateReading(
            "out_of_range", note="open_ended" if (year, month, day) == (9999, 12, 31) else None
        )
    if (month is not None and not 1 <= month <= 12) or (day is not None and not 1 <= day <= 31):
        return DateReading("impossible")
    note = None
    if year is None and month is not None and day is not None and default_year is not None:
        year, note = default_year, "year_assumed"
    if month is not None and day is not None:
        try:
            # 29 February may be right in some year: a leap year stands in for the unknown one
            date = dt.date(2000 if year is None else year, month, day)
        except ValueError:
            return DateReading("impossible")
        if year is not None:
            return DateReading("ok", date, year, month, day, note=note)
    return DateReading("partial", None, year, month, day)


def _serial(number: float, epoch_1904: bool) -> DateReading:
    """A spreadsheet's serial day number with its fraction of a day."""
    seconds = round(number * 86400)
    days, second = divmod(seconds, 86400)
    if number < 0 or days > 120_000:
        return DateReading("out_of_range")
    if epoch_1904:
        date = dt.date(1904, 1, 1) + dt.timedelta(days=days)
    elif days in (0, 60):
        return DateReading("impossible")
    else:
        date = dt.date(1899, 12, 31 if days < 60 else 30) + dt.timedelta(days=days)
    if date.year > LAST_YEAR:
        return DateReading("out_of_range")
    time = str(dt.timedelta(seconds=second)).zfill(8) if second else None
    return DateReading("ok", date, date.year, date.month, date.day, time, "serial")


def _number(text: str, epoch_1904: bool, default_year: int | None) -> DateReading | None:
    """A text of digits only (with one point or a sign at most)."""
    if re.fullmatch(r"-[0-9]{1,9}(?:\.[0-9]+)?", text):
        return DateReading("out_of_range")
    text = re.sub(r"(?<=[0-9]{4})\.0+$", "", text)
    stated = match_number(text)
    if stated is not None:
        return _judge(stated, default_year)
    if re.fullmatch(r"[0-9]{1,7}(?:\.[0-9]{1,12})?", text):
        return _serial(float(text), epoch_1904)
    return None


def _words(text: str, default_year: int | None) -> DateReading:
    """A text with more than digits."""
    text, time = split_time(text)
    text, note, certain = strip_words(text)
    stated, several = find_all(text)
    if several:
        return DateReading("two_dates")
    if stated is None:
        return DateReading("not_date")
    reading = replace(_judge(stated, default_year), time=time)
    if note:
        reading = replace(reading, note=note)
    if not certain and reading.kind == "ok":
        reading = replace(reading, kind="partial", date=None)
    return reading


def read(text: str, *, epoch_1904: bool = False, default_year: int | None = None) -> DateReading:
    """The date a text states.

    `epoch_1904`: serial numbers count from 1904-01-01 (a workbook's property). `default_year`: the year of
    a date written without one; None leaves it partial. Never raises; a blank text has kind None.
    """
    cleaned = clean(text)
    if not cleaned:
        return DateReading(None)
    if len(cleaned) > LONGEST:
        return DateReading("not_date")
    if is_template(cleaned) or is_placeholder(cleaned):
        return DateReading("placeholder")
    if cleaned in _OPEN_ENDED:
        return DateReading("open_ended")
    plain = chinese_numerals_to_digits(cleaned)
    if is_lunar(cleaned):
        return DateReading("lunar", year=lunar_year(plain), note=cleaned)
    number = _number(plain, epoch_1904, default_year)
    return number if number is not None else _words(plain, default_year)


def read_column(
    values: pl.Series, *, epoch_1904: bool = False, default_year: int | None = None
) -> pl.DataFrame:
    """`read` of every value: columns of SCHEMA. Blank → nulls."""
    text = values.rename("text")
    parts = pl.col("text").str.extract_groups(
        r"^([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?(?: ([0-9]{2}:[0-9]{2}(?::[0-9]{2})?))?$"
    )
    number = [parts.struct.field(str(place)).cast(pl.Int16) for place in (1, 2, 3)]
    cut = text.to_frame().select(
        year=number[0],
        month=number[1].cast(pl.Int8),
        day=number[2].cast(pl.Int8),
        time=parts.struct.field("4"),
        # an ending 日 belongs to 年 and 月 only; other mixtures are left to the definition
        even=pl.col("text").str.contains(
            r"^[0-9]{4}(?:年[0-9]+月[0-9]+日?|-[0-9]+-[0-9]+|/[0-9]+/[0-9]+|\.[0-9]+\.[0-9]+)(?: |$)"
        ),
    )
    padded = pl.format("{}-{}-{}", "year", "month", "day")
    dated = cut.with_columns(
        date=pl.when(pl.col("even") & pl.col("year").is_between(FIRST_YEAR, LAST_YEAR)).then(
            padded.str.to_date("%Y-%m-%d", strict=False)
        )
    )
    known = pl.col("date").is_not_null()
    frame = dated.select(
        pl.when(known).then(pl.lit("ok")).alias("kind"),
        "date",
        *(pl.when(known).then(pl.col(name)).alias(name) for name in ("year", "month", "day", "time")),
        pl.lit(None, dtype=pl.String).alias("note"),
    )
    todo = frame["date"].is_null() & ~blank(text)

    def read_rest(rest: pl.Series) -> pl.DataFrame:
        return read_each(
            rest,
            lambda value: asdict(read(value, epoch_1904=epoch_1904, default_year=default_year)),
            SCHEMA,
        )

    return patch(frame, text, todo, read_rest)
