"""When people want to leave: every way of writing it that we know, and nothing read into what says no day."""

from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chunfeng.engines.travel import windows

AS_OF = date(2023, 1, 15)
"""A week before 正月初一, which was 22 January 2023."""


def days(text: str, as_of: date = AS_OF) -> str:
    window = windows.read(text, as_of)
    if window.earliest is None or window.latest is None:
        return window.kind
    return f"{window.earliest:%m-%d}/{window.latest:%m-%d}"


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("初七", "01-28/01-28"), ("正月廿二", "02-12/02-12"), ("大年初五", "01-26/01-26"), ("正月20", "02-10/02-10"),
        ("十八", "02-08/02-08"), ("农历一月十九", "02-09/02-09"), ("除夕", "01-21/01-21"), ("初 9", "01-30/01-30"),
        ("腊月廿六", "01-17/01-18"), ("农历二月初二", "02-21/02-22"), ("２０２３年正月初七", "01-28/01-28"),
        ("1月30日", "01-30/01-30"), ("1.30", "01-30/01-30"), ("2/3", "02-03/02-03"), ("2023-02-03 09:00:00", "02-03/02-03"),
        ("2023年2月3号上午", "02-03/02-03"), ("44960", "02-03/02-03"), ("20230203", "02-03/02-03"), ("18号", "01-18/01-18"),
        ("元宵节过后", "02-06/02-12"), ("过了十五", "02-06/02-12"), ("初九之后", "01-31/02-06"), ("2月3号起", "02-03/02-09"),
        ("2月3日前", "01-27/02-02"), ("2月3日左右", "02-01/02-05"), ("大概初九", "01-28/02-01"), ("初七或初九", "01-28/01-30"),
        ("正月初六到初九", "01-27/01-30"), ("1月28日-30日", "01-28/01-30"), ("初八九", "01-29/01-30"), ("2月初", "02-01/02-10"),
        ("2月中旬", "02-11/02-20"), ("二月下旬", "02-21/02-28"), ("公历二月初", "02-01/02-10"), ("正月底", "02-11/02-19"),
        ("后天", "01-17/01-17"), ("12月28日", "12-28/12-28"),
    ],
)  # fmt: skip
def test_days(text: str, meant: str) -> None:
    assert days(text) == meant


@pytest.mark.parametrize(
    "text",
    [
        "过完年",
        "年后尽快",
        "二月初",
        "二月底",
        "二月十八",
        "看情况",
        "2月30日",
        "初八2月10日",
        "五月",
        "没想好",
    ],
)
def test_what_names_no_day_is_unclear(text: str) -> None:
    assert days(text) == "unclear"


@pytest.mark.parametrize(
    ("text", "kind"),
    [("随时", "any"), ("哪天都行", "any"), ("服从安排", "any"), ("", "none"), ("/", "none"), ("无", "none")],
)
def test_any_day_and_no_answer_are_different(text: str, kind: str) -> None:
    assert days(text) == kind


def test_the_year_is_the_nearest_one() -> None:
    assert windows.read("1月3日", date(2022, 12, 20)).earliest == date(2023, 1, 3)
    assert windows.read("初六", date(2022, 12, 20)).earliest == date(2023, 1, 27)
    assert windows.read("初六", date(2024, 1, 20)).earliest == date(2024, 2, 15)


def test_a_day_of_the_past_stays_in_the_past() -> None:
    assert windows.read("1月3日", AS_OF).latest == date(2023, 1, 3)


def test_outside_the_calendar_of_festivals_a_lunar_day_is_unclear() -> None:
    assert windows.read("初六", date(2060, 1, 1)).kind == "unclear"


@given(
    st.text(alphabet="初正腊月日号一二三八十廿0123456789./-年元宵后前左右或到至随时 农历", max_size=14)
    | st.text(max_size=30)
)
def test_anything_is_read(text: str) -> None:
    window = windows.read(text, AS_OF)
    assert window.kind in windows.KINDS
    assert (window.kind == "days") == (window.earliest is not None and window.latest is not None)
    if window.earliest and window.latest:
        assert timedelta(0) <= window.latest - window.earliest <= timedelta(days=62)


@given(st.dates(date(2023, 1, 1), date(2023, 3, 31)))
def test_a_date_is_read_back(day: date) -> None:
    for text in (
        f"{day:%Y-%m-%d}",
        f"{day.year}年{day.month}月{day.day}日",
        f"{day.month}月{day.day}号",
        f"{day.month}.{day.day}",
    ):
        assert windows.read(text, AS_OF) == windows.Window("days", day, day)


def test_a_column_says_the_same() -> None:
    texts = ["初七", None, "随时", "初七", "过完年"]
    column = windows.read_column(pl.Series(texts), AS_OF)
    assert column["window"].to_list() == ["days", "none", "any", "days", "unclear"]
    assert column["earliest"].to_list() == [date(2023, 1, 28), None, None, date(2023, 1, 28), None]
