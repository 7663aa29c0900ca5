"""Dates in every form people type."""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import asdict

import polars as pl
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from chunfeng.engines.identity import dates

DAY = dt.date(2023, 1, 5)
DAYS = st.dates(dt.date(1900, 1, 1), dt.date(2100, 12, 31))
ODD_TEXT = (
    st.text(
        alphabet="0123456789.-/年月日号 :T二〇零一三十廿正腊初至今前后约起止Jan农历'\u3000５，。", max_size=20
    )
    | st.text(max_size=16)
    | st.from_regex(r"[0-9]{1,8}(\.[0-9]{1,3})?", fullmatch=True)
)

CHINESE = "〇一二三四五六七八九"
ENGLISH = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


def in_words(number: int) -> str:
    """1…31 as Chinese numerals."""
    tens, units = divmod(number, 10)
    return ("" if tens == 0 else "十" if tens == 1 else CHINESE[tens] + "十") + (
        CHINESE[units] if units else ""
    )


def serial(day: dt.date) -> int:
    return (day - dt.date(1899, 12, 30 if day >= dt.date(1900, 3, 1) else 31)).days


FORMS = {
    "iso": lambda d: d.isoformat(),
    "slashes": lambda d: f"{d.year}/{d.month}/{d.day}",
    "points": lambda d: f"{d.year}.{d.month}.{d.day}",
    "padded points": lambda d: f"{d.year}.{d.month:02}.{d.day:02}",
    "Chinese signs": lambda d: f"{d.year}年{d.month}月{d.day}日",
    "Chinese signs, spaced": lambda d: f"{d.year} 年 {d.month} 月 {d.day} 日",
    "without 日": lambda d: f"{d.year}年{d.month:02}月{d.day:02}",
    "号": lambda d: f"{d.year}年{d.month}月{d.day}号",
    "eight digits": lambda d: f"{d:%Y%m%d}",
    "eight digits as a number": lambda d: f"{d:%Y%m%d}.0",
    "full width": lambda d: d.isoformat().translate(str.maketrans("0123456789-", "０１２３４５６７８９－")),
    "with time": lambda d: f"{d} 10:22:33",
    "with zero time": lambda d: f"{d.year}/{d.month}/{d.day} 0:00:00",
    "ISO with T": lambda d: f"{d}T10:22:33+08:00",
    "ISO with Z": lambda d: f"{d}T10:22:33.000Z",
    "weekday": lambda d: f"{d.year}年{d.month}月{d.day}日 星期四",
    "numerals": lambda d: (
        "".join(CHINESE[int(c)] for c in str(d.year)) + f"年{in_words(d.month)}月{in_words(d.day)}日"
    ),
    "English": lambda d: f"{ENGLISH[d.month - 1]} {d.day}, {d.year}",
    "day-English-year": lambda d: f"{d.day}-{ENGLISH[d.month - 1]}-{d.year}",
    "commas": lambda d: f"{d.year}，{d.month}，{d.day}",
    "full stops": lambda d: f"{d.year}。{d.month}。{d.day}",
    "mixed": lambda d: f"{d.year}-{d.month}.{d.day}",
    "doubled": lambda d: f"{d.year}..{d.month}.{d.day}",
}


@pytest.mark.parametrize("form", FORMS)
@settings(deadline=None)
@given(day=DAYS)
def test_every_form_of_every_day_is_that_day(form: str, day: dt.date) -> None:
    reading = dates.read(FORMS[form](day))
    assert (reading.kind, reading.date) == ("ok", day)
    assert (reading.year, reading.month, reading.day) == (day.year, day.month, day.day)


@pytest.mark.parametrize("form", ["{}", "{}.0", "{}.125"])
@settings(deadline=None)
@given(day=DAYS)
@example(day=dt.date(1905, 5, 21))
@example(day=dt.date(1900, 2, 28))
def test_every_serial_is_its_day_except_those_that_look_like_a_year(form: str, day: dt.date) -> None:
    number = serial(day)
    reading = dates.read(form.format(number))
    if 1900 <= number <= 2100 and form != "{}.125":
        assert (reading.kind, reading.year) == ("partial", number)
    else:
        assert (reading.kind, reading.date) == ("ok", day)


@settings(deadline=None)
@given(st.dates(dt.date(1904, 1, 2), dt.date(2100, 12, 31)))
def test_a_serial_of_the_1904_system_lies_1462_days_lower(day: dt.date) -> None:
    number = (day - dt.date(1904, 1, 1)).days
    assume(not {number, number + 1462} & set(range(1900, 2101)))
    assert dates.read(str(number), epoch_1904=True).date == day
    assert dates.read(str(number + 1462)).date == day


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("44941", dt.date(2023, 1, 15)),
        ("1", dt.date(1900, 1, 1)),
        ("59", dt.date(1900, 2, 28)),
        ("61", dt.date(1900, 3, 1)),
        ("86.5.3", dt.date(1986, 5, 3)),
        ("86-5-3", dt.date(1986, 5, 3)),
        ("86/5/3", dt.date(1986, 5, 3)),
        ("'86年5月3日", dt.date(1986, 5, 3)),
        ("03.6.1", dt.date(2003, 6, 1)),
        ("1-Jan-23", dt.date(2023, 1, 1)),
        ("5 January 2023", DAY),
        ("13/1/2023", dt.date(2023, 1, 13)),
        ("1/13/2023", dt.date(2023, 1, 13)),
        ("5/5/2023", dt.date(2023, 5, 5)),
        ("230115", dt.date(2023, 1, 15)),
        ("2023930", dt.date(2023, 9, 30)),
        ("二零二三年元月五日", DAY),
        ("2023年1月5日止", DAY),
        ("自2023.1.5起", DAY),
        ("2023 1 5", DAY),
    ],
)
def test_it_is_this_day(written: str, day: dt.date) -> None:
    reading = dates.read(written)
    assert (reading.kind, reading.date) == ("ok", day)


@pytest.mark.parametrize(
    ("written", "year", "month", "day"),
    [
        ("1970", 1970, None, None),
        ("1970.0", 1970, None, None),
        ("1970年", 1970, None, None),
        ("二○二三年", 2023, None, None),
        ("1970.05", 1970, 5, None),
        ("1970-05", 1970, 5, None),
        ("1970年5月", 1970, 5, None),
        ("'86年5月", 1986, 5, None),
        ("一九七〇年十二月", 1970, 12, None),
        ("202301", 2023, 1, None),
        ("200112", 2001, 12, None),
        ("73.1", 1973, 1, None),
        ("Jan-23", 2023, 1, None),
        ("5月3日", None, 5, 3),
        ("5月3号", None, 5, 3),
        ("1.9", None, 1, 9),
        ("1/12", None, 1, 12),
        ("1-Jan", None, 1, 1),
        ("2月29日", None, 2, 29),
        ("5月", None, 5, None),
        ("15号", None, None, 15),
    ],
)
def test_a_partial_date_keeps_what_is_stated(
    written: str, year: int | None, month: int | None, day: int | None
) -> None:
    assert dates.read(written) == dates.DateReading("partial", None, year, month, day)


def test_a_default_year_completes_a_day_and_says_so() -> None:
    expected = dates.DateReading("ok", dt.date(2023, 5, 3), 2023, 5, 3, note="year_assumed")
    assert dates.read("5月3日", default_year=2023) == expected
    assert dates.read("5月", default_year=2023) == dates.DateReading("partial", month=5)
    assert dates.read("2月29日", default_year=2023).kind == "impossible"


@pytest.mark.parametrize("written", ["2023年1月5日前", "约2023.1.5", "2023-01-05左右", "2023.1.5以后"])
def test_a_word_of_doubt_takes_the_date_but_leaves_the_numbers(written: str) -> None:
    reading = dates.read(written)
    assert (reading.kind, reading.date, reading.year, reading.month, reading.day) == (
        "partial",
        None,
        2023,
        1,
        5,
    )
    assert reading.note


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("2023-02-30", "impossible"),
        ("1900-02-29", "impossible"),
        ("2023-13-01", "impossible"),
        ("2023.0.5", "impossible"),
        ("20230229", "impossible"),
        ("2月30日", "impossible"),
        ("202313", "impossible"),
        ("60", "impossible"),
        ("-5", "out_of_range"),
        ("2958466", "out_of_range"),
        ("99991231", "out_of_range"),
        ("1899-12-31", "out_of_range"),
        ("2022.1-2022.5", "two_dates"),
        ("2022-01-01至2022-12-31", "two_dates"),
        ("2020.1至今", "two_dates"),
        ("2022年1-5月", "two_dates"),
        ("2023-01-15、2023-02-03", "two_dates"),
        ("长期", "open_ended"),
        ("至今", "open_ended"),
        ("永久", "open_ended"),
        ("无", "placeholder"),
        ("0000-00-00", "placeholder"),
        ("日期：  年  月  日", "placeholder"),
        ("3/4/23", "ambiguous"),
        ("00000000", "placeholder"),
        ("00:00:00", "not_date"),
        ("汉族", "not_date"),
        ("元宵后", "not_date"),
        ("毕业未就业", "not_date"),
        ("12345678901", "not_date"),
    ],
)
def test_what_is_no_certain_date_is_named(written: str, kind: str) -> None:
    reading = dates.read(written)
    assert (reading.kind, reading.date, reading.month, reading.day) == (kind, None, None, None)


def test_day_and_month_in_unknown_order_leave_the_year() -> None:
    assert dates.read("5/1/2023") == dates.DateReading("ambiguous", year=2023)
    assert dates.read("2023115") == dates.DateReading("ambiguous", year=2023)


@pytest.mark.parametrize(
    ("written", "year"),
    [
        ("正月十六", None),
        ("腊月廿三", None),
        ("初八", None),
        ("农历1973年八月初三", 1973),
        ("2023年正月初一", 2023),
    ],
)
def test_a_lunar_date_is_not_converted(written: str, year: int | None) -> None:
    assert dates.read(written) == dates.DateReading("lunar", year=year, note=written)


@pytest.mark.parametrize(
    ("written", "time"),
    [
        ("2023-01-05 10:22:33", "10:22:33"),
        ("2023-01-05T10:22:33+08:00", "10:22:33"),
        ("2023年1月5日下午3:20", "15:20"),
        ("2023年1月5日 8时5分", "08:05"),
        ("44931.5", "12:00:00"),
    ],
)
def test_the_time_of_day_is_kept_apart(written: str, time: str) -> None:
    reading = dates.read(written)
    assert (reading.date, reading.time) == (DAY, time)


@settings(deadline=None)
@given(ODD_TEXT, st.booleans(), st.none() | st.integers(1900, 2100))
def test_any_text_is_read_and_a_date_is_complete_or_absent(
    text: str, epoch_1904: bool, default_year: int | None
) -> None:
    reading = dates.read(text, epoch_1904=epoch_1904, default_year=default_year)
    assert reading.kind is None or reading.kind in dates.KINDS
    assert (reading.date is not None) == (reading.kind == "ok")
    if reading.date is not None:
        assert (reading.date.year, reading.date.month, reading.date.day) == (
            reading.year,
            reading.month,
            reading.day,
        )
        assert dates.read(reading.date.isoformat()).date == reading.date


@settings(deadline=None)
@given(
    st.lists(
        st.none() | ODD_TEXT | st.builds(lambda d, f: FORMS[f](d), DAYS, st.sampled_from(list(FORMS))),
        max_size=12,
    ),
    st.booleans(),
)
def test_a_column_says_what_its_cells_say(texts: list[str | None], epoch_1904: bool) -> None:
    frame = dates.read_column(
        pl.Series("any name", texts, dtype=pl.String), epoch_1904=epoch_1904, default_year=2023
    )
    assert frame.schema == pl.Schema(dates.SCHEMA)
    expected = [asdict(dates.read(text or "", epoch_1904=epoch_1904, default_year=2023)) for text in texts]
    assert frame.to_dicts() == expected


@pytest.mark.parametrize(
    "unit", ["竹木", "一", "1", "1-", "（", "王", "2023-01-15 ", "儿子15490205276，", "有限", "-"]
)
def test_a_cell_of_many_thousand_letters_is_read_at_once(unit: str) -> None:
    before = time.perf_counter()
    dates.read((unit * 32_000)[:32_000] + "X")
    assert time.perf_counter() - before < 5
