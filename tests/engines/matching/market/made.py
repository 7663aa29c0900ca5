"""Invented people and vacancies, few values each so that everything meets everything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl
from hypothesis import strategies as st

from chunfeng.engines.matching.market import tables

COUNTIES = ("350825", "350802", "350203", "350581", "440305")
OCCUPATIONS = (
    "6-05-01-03",
    "6-05-01-02",
    "6-05-02-01",
    "6-31-05-00",
    "4-10-01-06",
    "4-09-08-01",
    "6-05",
    "4",
)
NEEDS = ("dayshift", "child", "dorm", "couple", "elder", "literacy", "carsick")
OFFERS = ("dorm", "dayshift", "nightshift", "no_dorm", "couple", "childcare", "no_schooling")
PAPERS = ("电工证", "健康证", "叉车证")
DAY = date(2023, 2, 1)
BIRTHS = (date(2007, 2, 1), date(2007, 2, 2), date(1970, 5, 1))
WIDER = ("350200", "350800", "440000", "350000", "")
LAWFUL = ("yes", "yes", "yes", "no", "review", None)


def _maybe(values: Sequence[Any]) -> st.SearchStrategy[Any]:
    return st.none() | st.sampled_from(values)


def _some(values: Sequence[str], most: int = 3) -> st.SearchStrategy[Any]:
    return st.none() | st.lists(st.sampled_from(values), max_size=most)


@st.composite
def _person(draw: st.DrawFn) -> dict[str, Any]:
    papers = draw(_some(PAPERS))
    ends = [draw(_maybe([date(2023, 1, 31), DAY, date(2024, 1, 1)])) for _ in papers or ()]
    return {
        "county": draw(_maybe(COUNTIES)), "village": draw(_maybe(["350825100001", "350825101001", "350203001"])),
        "occupation": draw(_some(OCCUPATIONS)), "accepts": draw(_some([*COUNTIES, *WIDER])),
        "pay_floor": draw(_maybe([1800, 3000, 4000, 5000])), "education": draw(_maybe(range(7))), "certificates": papers,
        "certificates_all": draw(_maybe([True, False])),
        "certificate_until": ends if papers else papers, "birth_date": draw(_maybe(BIRTHS)),
        "retires_on": draw(_maybe([DAY, date(2023, 2, 2), date(2040, 1, 1)])), "barriers": draw(_some(NEEDS)),
        "work_type": draw(_maybe(["full", "part", "temporary"])), "tier": draw(_maybe([1, 2, 3, 4])),
        "lottery": draw(st.integers(0, 2**32 - 1)), "not_seeking": draw(st.sampled_from([None, None, None, "返岗"])),
    }  # fmt: skip


@st.composite
def _job(draw: st.DrawFn) -> dict[str, Any]:
    low = draw(_maybe([2000, 3000, 4500]))
    return {
        "county": draw(_maybe([*COUNTIES, "350200"])), "place": draw(_maybe(["350825100", "350825101002", "350203"])),
        "occupation": draw(_maybe(OCCUPATIONS)), "places": draw(st.sampled_from([None, 0, 1, 5])), "pay_low": low,
        "pay_high": draw(_maybe([low or 2500, 5000])), "education": draw(_maybe(range(7))), "certificates": draw(_some(PAPERS, 2)),
        "offers": draw(_some(OFFERS)), "work_type": draw(_maybe(["full", "part", "temporary"])),
        "starts_on": draw(_maybe([DAY, date(2023, 3, 1)])), "lawful": draw(st.sampled_from(LAWFUL)),
        "priority": draw(_maybe([0, 1, 2, 3])), "closed": draw(st.sampled_from([None, None, None, "已招满"])),
    }  # fmt: skip


def people(rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    full = [{"person": f"P{i:04}"} | dict(row) for i, row in enumerate(rows)]
    return pl.DataFrame([{c: r.get(c) for c in tables.PEOPLE} for r in full], schema=dict(tables.PEOPLE))


def jobs(rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    full = [{"vacancy": f"v.xlsx:表:{i}", "lawful": "yes"} | dict(row) for i, row in enumerate(rows)]
    return pl.DataFrame([{c: r.get(c) for c in tables.JOBS} for r in full], schema=dict(tables.JOBS))


MANY_PEOPLE = st.lists(_person(), min_size=0, max_size=12).map(people)
MANY_JOBS = st.lists(_job(), min_size=0, max_size=25).map(jobs)
