"""Pay, ranges and plain numbers as typed."""

from __future__ import annotations

import time
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chunfeng.engines.identity import amounts
from chunfeng.engines.identity.numerals import read_number

ODD_TEXT = (
    st.text(
        alphabet="0123456789.,-~/千万kKwW百十一二两三五零元月天时薪以上下内起左右底+计件面议综合人%～ ",
        max_size=20,
    )
    | st.text(max_size=16)
    | st.from_regex(r"[0-9]{1,14}(\.[0-9]{1,3})?元?", fullmatch=True)
)


def amount(low: Any = None, high: Any = None, **rest: Any) -> amounts.Amount:
    base = rest.pop("base", None)
    return amounts.Amount(
        None if low is None else Decimal(str(low)),
        None if high is None else Decimal(str(high)),
        rest.get("unit"),
        rest.get("open", "none"),
        None if base is None else Decimal(str(base)),
    )


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("5000", 5000),
        ("5,000", 5000),
        ("1,234,567.89", "1234567.89"),
        ("５０００", 5000),
        ("5000元", 5000),
        ("5000元整", 5000),
        ("￥5000", 5000),
        ("5000块", 5000),
        ("5k", 5000),
        ("5K", 5000),
        ("5千", 5000),
        ("0.5万", 5000),
        ("1.2w", 12000),
        ("五千", 5000),
        ("三千五", 3500),
        ("三千五百", 3500),
        ("两万", 20000),
        ("一万二", 12000),
        ("一万零五百", 10500),
        ("一百零五", 105),
        ("十五", 15),
        ("1万2", 12000),
        ("1万2千", 12000),
        ("3千5", 3500),
        ("5000.00", 5000),
        ("1.5E4", 15000),
        ("3人", 3),
        ("三人", 3),
        ("12个月", 12),
        ("1.50亩", "1.50"),
        ("30%", 30),
        ("20周岁", 20),
        ("-5", -5),
        ("0", 0),
    ],
)
def test_one_number_with_its_counting_word_is_that_number(written: str, number: Any) -> None:
    assert amounts.read(written) == amount(number, number)


@pytest.mark.parametrize(
    ("written", "low", "high"),
    [
        ("4-6千", 4000, 6000),
        ("4千-6千", 4000, 6000),
        ("4千-6", 4000, 6000),
        ("4k-6k", 4000, 6000),
        ("4000~6000", 4000, 6000),
        ("4000—6000", 4000, 6000),
        ("4000－5500元", 4000, 5500),
        ("4000元至6000元", 4000, 6000),
        ("五千到六千", 5000, 6000),
        ("五六千", 5000, 6000),
        ("三五千", 3000, 5000),
        ("8千-1.2万", 8000, 12000),
        ("0.8-1.2万", 8000, 12000),
        ("5000-8000+奖金", 5000, 8000),
        ("5-8人", 5, 8),
        ("五险一金,4000-5000", 4000, 5000),
        ("全勤奖200，3000-4000", 3000, 4000),
        ("5000-6000元，8小时，月休4天", 5000, 6000),
    ],
)
def test_a_range_has_two_bounds(written: str, low: int, high: int) -> None:
    assert amounts.read(written) == amount(low, high)


@pytest.mark.parametrize(
    ("written", "unit", "low", "high"),
    [
        ("5000元/月", "month", 5000, 5000),
        ("4000—6000元/月", "month", 4000, 6000),
        ("月薪5000-8000包吃住", "month", 5000, 8000),
        ("一个月四千五", "month", 4500, 4500),
        ("一天8小时,5000/月", "month", 5000, 5000),
        ("180/天", "day", 180, 180),
        ("180元一天", "day", 180, 180),
        ("日结200", "day", 200, 200),
        ("25元/小时", "hour", 25, 25),
        ("25-30/小时", "hour", 25, 30),
        ("小时工14.5元", "hour", "14.5", "14.5"),
        ("8小时 时薪25", "hour", 25, 25),
        ("0.3元/件", "piece", "0.3", "0.3"),
        ("年薪8-12万", "year", 80000, 120000),
        ("200元/次", "once", 200, 200),
    ],
)
def test_a_unit_is_given_when_stated(written: str, unit: str, low: Any, high: Any) -> None:
    assert amounts.read(written) == amount(low, high, unit=unit)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("5000以上", amount(5000, None, open="at_least")),
        ("5000元起", amount(5000, None, open="at_least")),
        ("3200元/月起", amount(3200, None, unit="month", open="at_least")),
        ("不低于5000", amount(5000, None, open="at_least")),
        ("5000+", amount(5000, None, open="at_least")),
        ("5000多", amount(5000, None, open="at_least")),
        ("想回厦门，５０００以上", amount(5000, None, open="at_least")),
        ("留连城，电商客服,四千起,晕车", amount(4000, None, open="at_least")),
        ("正月十六走,四千起", amount(4000, None, open="at_least")),
        ("5000以内", amount(None, 5000, open="at_most")),
        ("不超过6000", amount(None, 6000, open="at_most")),
        ("5000左右", amount(5000, 5000, open="about")),
        ("约5人", amount(5, 5, open="about")),
        ("面议", amount(open="negotiable")),
        ("工资面谈", amount(open="negotiable")),
        ("计件", amount(unit="piece", open=None)),
        ("底薪2000+提成", amount(2000, None, open="at_least", base=2000)),
        ("底薪2000+提成+房补300", amount(2000, None, open="at_least", base=2000)),
        ("保底3500 多劳多得", amount(3500, None, open="at_least", base=3500)),
        ("底薪1660+计件，综合2700-4200", amount(2700, 4200, base=1660)),
    ],
)
def test_what_is_open_says_so(written: str, expected: amounts.Amount) -> None:
    assert amounts.read(written) == expected


@pytest.mark.parametrize(
    "written",
    [
        "",
        " ",
        "无",
        "没想好",
        "试用期3000，转正4000",
        "5-1万",
        "2023-01-15",
        "352627198603147774",
        "1/2",
        "六千到五千",
    ],
)
def test_what_is_not_certain_is_nothing(written: str) -> None:
    reading = amounts.read(written)
    assert (reading.low, reading.high, reading.base) == (None, None, None)


def in_words(number: int) -> str:
    """1…99,999,999 as Chinese numerals, written in full."""
    digits = "零一二三四五六七八九"
    text, zero, started = "", False, False
    if number >= 10_000:
        high, low = divmod(number, 10_000)
        return in_words(high) + "万" + (("零" if low < 1000 else "") + in_words(low) if low else "")
    for scale, sign in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // scale % 10
        if digit:
            text += ("零" if zero and started else "") + digits[digit] + sign
            zero, started = False, True
        else:
            zero = True
    return text


@settings(deadline=None)
@given(st.integers(10, 99_999_999))
def test_every_number_in_full_words_is_that_number(number: int) -> None:
    assert read_number(in_words(number)) == (number, number)


@settings(deadline=None)
@given(st.integers(0, 10**9), st.integers(0, 99))
def test_every_sum_in_yuan_and_fen_is_exact(yuan: int, fen: int) -> None:
    exact = Decimal(yuan) + Decimal(fen) / 100
    for form in (f"{yuan}.{fen:02}", f"{yuan:,}.{fen:02}元", f"¥{yuan}.{fen:02}"):
        assert amounts.read(form) == amounts.Amount(exact, exact, None, "none")


@settings(deadline=None)
@given(st.integers(1, 99), st.integers(0, 99), st.sampled_from(["元/月", "/天", "元/小时", "", "元"]))
def test_every_range_of_thousands_keeps_its_order(low: int, more: int, unit: str) -> None:
    high = low + more
    for form in (f"{low}-{high}千{unit}", f"{low}千-{high}千{unit}", f"{low * 1000}～{high * 1000}{unit}"):
        reading = amounts.read(form)
        assert (reading.low, reading.high) == (low * 1000, high * 1000)


@settings(deadline=None)
@given(ODD_TEXT)
def test_any_text_is_read_and_bounds_are_in_order(text: str) -> None:
    reading = amounts.read(text)
    assert reading.unit is None or reading.unit in amounts.UNITS
    assert reading.open is None or reading.open in amounts.OPEN
    if reading.low is not None and reading.high is not None:
        assert reading.low <= reading.high
    if reading.low is not None and reading.open == "none" and reading.low >= 0:
        assert amounts.read(f"{reading.low:f}").low == reading.low


@settings(deadline=None)
@given(st.lists(st.none() | ODD_TEXT, max_size=12))
def test_a_column_says_what_its_cells_say(texts: list[str | None]) -> None:
    frame = amounts.read_column(pl.Series("any name", texts, dtype=pl.String))
    assert frame.schema == pl.Schema(amounts.SCHEMA)
    for text, row in zip(texts, frame.to_dicts(), strict=True):
        reading = amounts.read(text or "")
        assert (row["unit"], row["open"]) == (reading.unit, reading.open)
        for name in ("low", "high", "base"):
            value = getattr(reading, name)
            fits = value is not None and value == round(value, 2)
            assert row[name] == (value if fits else None)


def test_a_number_finer_than_a_fen_is_no_sum_of_money_in_a_column() -> None:
    assert amounts.read("0.125").low == Decimal("0.125")
    assert amounts.read_column(pl.Series(["0.125"]))["low"].to_list() == [None]


@pytest.mark.parametrize(
    "unit", ["竹木", "一", "1", "1-", "（", "王", "2023-01-15 ", "儿子15490205276，", "有限", "-"]
)
def test_a_cell_of_many_thousand_letters_is_read_at_once(unit: str) -> None:
    before = time.perf_counter()
    amounts.read((unit * 32_000)[:32_000] + "X")
    assert time.perf_counter() - before < 5
