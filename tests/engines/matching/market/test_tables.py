"""What vacancies and persons say becomes the two tables; what nobody said stays unknown."""

from datetime import date

import polars as pl
import pytest

from chunfeng.engines.matching.market import jobs, people, reading, tables

DAY = date(2023, 1, 15)


def said(expression: pl.Expr, *texts: str) -> list:
    return pl.DataFrame({"t": list(texts)}).select(expression).to_series().to_list()


@pytest.mark.parametrize(
    ("text", "rank"),
    [
        ("初中以上", 2),
        ("高中或大专均可", 3),
        ("学历不限", None),
        ("本科优先", None),
        ("大专及以上,本科优先", 4),
        ("熟练工", None),
        ("中专", 3),
    ],
)
def test_education_asked_is_the_lowest_named(text: str, rank: int | None) -> None:
    assert said(reading.education_asked(pl.col("t")), text) == [rank]


@pytest.mark.parametrize(
    ("text", "offers"),
    [
        ("10小时两班倒,包吃住", ["dorm", "meals", "nightshift"]), ("白班8小时,管一餐", ["dayshift", "meals"]),
        ("不包住", ["no_dorm"]), ("无夜班", ["dayshift"]), ("做六休一", []), ("夫妻房,食宿自理", ["couple", "no_dorm"]),
    ],
)  # fmt: skip
def test_offers_and_their_contraries(text: str, offers: list[str]) -> None:
    assert sorted(said(reading.offers(pl.col("t")), text)[0]) == offers


def test_certificates_asked_and_held_with_what_goes_with_them() -> None:
    asked = said(reading.certificates(pl.col("t")), "持电工证,健康证", "有叉车证优先", "会用电脑")
    assert [sorted(a) for a in asked] == [["健康证", "电工证"], [], []]
    held = reading.implied(pl.Series([["驾驶证B2"], None, []], dtype=pl.List(pl.String)))
    assert held.to_list() == [["驾驶证B2", "驾驶证C1"], None, []]


def test_pay_of_hours_days_and_years_becomes_pay_of_a_month() -> None:
    frame = pl.DataFrame(
        {"n": [20.0, 20.0, 200.0, 60000.0, 4000.0, 3.0], "u": ["hour", None, None, None, None, "piece"]}
    )
    got = frame.select(reading.monthly(pl.col("n"), pl.col("u")).alias("m"))["m"].to_list()
    assert got == [3480, 3480, 4350, 5000, 4000, None]


def vacancies(**cells: list[object]) -> pl.DataFrame:
    rows = len(next(iter(cells.values())))
    base = {
        "file": ["v.xlsx"] * rows,
        "sheet": ["表"] * rows,
        "row": list(range(2, rows + 2)),
        "kind": ["vacancies"] * rows,
        "current": [True] * rows,
        "place": ["350825"] * rows,
    }
    return pl.DataFrame(base | cells, schema_overrides={"row": pl.UInt32})


def screened(rows: int) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "file": ["v.xlsx"] * rows,
            "sheet": ["表"] * rows,
            "row": list(range(2, rows + 2)),
            "lawful": ["yes"] * rows,
        }
    )


def test_a_vacancy_is_read_and_what_the_law_forbids_to_ask_is_not() -> None:
    cells = {
        "post_name": ["缝纫工", "缝纫工"], "headcount": [30, 30], "hired": [0, 30], "pay": ["3700-5700", "20元/小时"],
        "pay_low": [3700, 20], "pay_high": [5700, 20], "pay_open": ["none", "none"], "employment_form": ["全日制", "非全日制"],
        "requirements": ["初中以上，持健康证", "女，18-35岁，本县户口"], "work_conditions": ["包住", "夜班"],
        "valid_until": [date(2023, 3, 1), date(2023, 1, 14)], "work_place_region": ["350825102", None],
    }  # fmt: skip
    got = jobs.jobs([vacancies(**cells)], screened(2), DAY).rows(named=True)
    first, second = got
    assert (first["vacancy"], first["county"], first["place"], first["places"]) == (
        "v.xlsx:表:2",
        "350825",
        "350825102",
        30,
    )
    assert (first["education"], first["certificates"], first["offers"], first["closed"]) == (
        2,
        ["健康证"],
        ["dorm"],
        None,
    )
    assert (second["pay_low"], second["work_type"], second["places"]) == (2080, "part", 0)
    assert second["closed"] == "有效期至2023-01-14"
    without = cells | {
        "requirements": ["初中以上，持健康证", "不限"],
        "sex_required": ["女", "女"],
        "age_required": ["35以下"] * 2,
    }
    again = jobs.jobs([vacancies(**without)], screened(2), DAY)
    assert again.drop("offers").equals(pl.DataFrame(got, schema=again.schema).drop("offers"))


def test_no_vacancies_give_an_empty_table() -> None:
    assert jobs.jobs([], screened(0), DAY).schema == dict(tables.JOBS)
    assert jobs.titles([]).is_empty()


FACTS = {
    "area": "350825", "birth_date": date(1980, 1, 1), "sex": "male", "education": "junior_high",
    "retires_latest": date(2041, 1, 1),
    "alive": True, "in_prison": False, "draws_pension": False, "able_to_work": True, "in_school": False,
    "insured_by_employer": False,
    "seen_working": False, "public_post": False, "registered_unemployed": False, "job_seeking": False,
}  # fmt: skip
WISH = {
    "kind": None, "seeking": False, "job": None, "wage_min": None, "wage_unit": None, "barrier": None, "region": None,
    "cue": "said",
}  # fmt: skip


def table(facts: list[dict[str, object]], wishes: list[dict[str, object]]) -> dict[str, dict[str, object]]:
    frame = pl.DataFrame([{"person": f"P{i}"} | FACTS | f for i, f in enumerate(facts)])
    schema = {
        "person": pl.String,
        "kind": pl.String,
        "seeking": pl.Boolean,
        "job": pl.String,
        "wage_min": pl.String,
        "wage_unit": pl.String,
        "barrier": pl.String,
        "region": pl.String,
        "cue": pl.String,
        "file": pl.String,
        "sheet": pl.String,
        "row": pl.UInt32,
    }
    rows = [{"file": "f", "sheet": "", "row": i} | WISH | w for i, w in enumerate(wishes)]
    said = pl.DataFrame([{c: r.get(c) for c in schema} for r in rows], schema=schema)
    golden = frame.select(
        "person",
        pl.lit("350825100001").alias("stay_region"),
        pl.lit(None, dtype=pl.String).alias("hukou_region"),
    )
    none = pl.DataFrame(schema={"person": pl.String, "category": pl.String, "answer": pl.String})
    skills = pl.DataFrame({"person": ["P0"], "field": ["skill"], "text": ["驾驶B2、缝纫（中级）"]})
    codes = pl.DataFrame({"title": ["缝纫", "服装厂"], "codes": [["6-05-01-03"], ["6-05-01-02"]]})
    got = people.people(frame, golden, none, said, skills, "seed", codes)
    return {row["person"]: row for row in got.iter_rows(named=True)}


def test_who_seeks_and_why_others_do_not() -> None:
    got = table(
        [{"registered_unemployed": True}, {}, {}, {"seen_working": True}, {"registered_unemployed": True},
         {"alive": False}, {"job_seeking": True}],
        [
            {"person": "P1", "kind": "out", "region": "3502;441900"}, {"person": "P2", "kind": "undecided"},
            {"person": "P3", "kind": "local"}, {"person": "P4", "kind": "back"}, {"person": "P5", "kind": "local"},
        ],
    )  # fmt: skip
    assert [got[f"P{i}"]["not_seeking"] is None for i in range(7)] == [
        True,
        True,
        False,
        False,
        False,
        False,
        True,
    ]
    assert got["P1"]["accepts"] == ["350200", "441900"] and got["P0"]["accepts"] is None
    assert got["P4"]["not_seeking"] == "要返回原岗位" and got["P5"]["not_seeking"] == "已故"
    assert got["P0"]["certificates"] == ["驾驶证B2", "驾驶证C1"] and got["P0"]["certificates_all"] is False
    assert got["P0"]["occupation"] == ["6-05-01-03"] and got["P0"]["village"] == "350825100001"


def test_contradictory_wishes_are_noted_and_words_count_before_columns() -> None:
    got = table(
        [{}, {}],
        [
            {"person": "P0", "kind": "none"}, {"person": "P0", "kind": "local", "job": "服装厂",
             "wage_min": "150", "wage_unit": "日", "barrier": "child;dorm"},
            {"person": "P1", "kind": "out", "region": "350200", "cue": "columns"}, {"person": "P1", "kind": "back"},
        ],
    )  # fmt: skip
    assert (
        got["P0"]["not_seeking"] is None and "不找工作" in got["P0"]["note"] and "就近" in got["P0"]["note"]
    )
    assert (got["P0"]["accepts"], got["P0"]["pay_floor"], got["P0"]["barriers"]) == (
        ["350825"],
        3262,
        ["child", "dorm"],
    )
    assert got["P0"]["occupation"] == ["6-05-01-02"]
    assert got["P1"]["not_seeking"] == "要返回原岗位" and got["P1"]["note"] is None
