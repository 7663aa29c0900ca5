"""Names of employers as typed. All employers are invented."""

from __future__ import annotations

import time
from dataclasses import asdict

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chunfeng.engines.identity import org_names

CORES = st.builds(
    "".join,
    st.tuples(
        st.sampled_from("金隆宏瑞联嘉"),
        st.sampled_from("宇康腾兴达"),
        st.sampled_from(["鞋业", "食品", "竹木制品", "物流"]),
    ),
)
FRONTS = (
    "",
    "福建省",
    "龙岩市连城县",
    "福建省龙岩市连城县",
    "连城县",
    "连城",
    "龙岩连城",
    "福州",
    "石狮市",
    "广东省东莞市",
)
FORMS = ("有限公司", "有限责任公司", "股份有限公司", "公司", "集团有限公司", "")
DRESSES = ("{}", " {} ", "{}\u200b", "“{}”", "{}（个体工商户）", "{}（福建）")
ODD_TEXT = st.text(
    alphabet="连城龙岩县市福建省金宇鞋业有限责任股份公司分厂店第一二12车间（）() 无-合作社", max_size=16
) | st.text(max_size=12)


@pytest.mark.parametrize(
    "written",
    [
        "龙岩连城金宇鞋业有限公司",
        "连城县金宇鞋业有限责任公司",
        "福建省连城县金宇鞋业公司",
        "连城县 金宇 鞋业 有限公司 ",
        "连城縣金宇鞋業有限公司",
        "连城县金宇鞋业（福建）有限公司",
        "龙岩（连城）金宇鞋业有限公司",
        "金宇鞋业",
    ],
)
def test_one_employer_in_any_dress_has_one_key(written: str) -> None:
    assert org_names.read(written).key == "金宇鞋业"


@pytest.mark.parametrize(
    ("written", "key", "region_words", "form"),
    [
        ("连城县腾泰农业专业合作社", "腾泰农业合作社", "连城县", "cooperative"),
        ("连城县嘉发餐饮店（个体工商户）", "嘉发餐饮店", "连城县", "sole_trader"),
        ("连城县冠康新材料股份有限公司", "冠康新材料", "连城县", "joint_stock"),
        ("ABC电子(厦门)有限公司", "ABC电子", "厦门", "company"),
        ("连城县福安食品有限公司", "福安食品", "连城县", "company"),
        ("厦地村民委员会", "厦地村委会", None, None),
    ],
)
def test_the_parts_of_a_name_stand_apart(
    written: str, key: str, region_words: str | None, form: str | None
) -> None:
    reading = org_names.read(written)
    assert (reading.key, reading.region_words, reading.form) == (key, region_words, form)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("厦门航空有限公司", "厦门市航空有限公司"),
        ("福安食品有限公司", "福安市食品有限公司"),
        ("嘉兴竹木制品有限公司", "连城县嘉兴竹木制品公司"),
        ("连城县医院", "福建省连城县医院"),
        ("连城县人力资源和社会保障局", "龙岩市连城县人力资源和社会保障局"),
    ],
)
def test_where_the_region_tells_employers_apart_it_stays_in_short_form(one: str, other: str) -> None:
    assert org_names.read(one).key == org_names.read(other).key
    assert org_names.read(one).key not in {"航空", "食品", "医院", "人力资源和社会保障局"}


@pytest.mark.parametrize(
    ("written", "branch"),
    [
        ("金宇鞋业有限公司第二车间", "2车间"),
        ("金宇鞋业有限公司2车间", "2车间"),
        ("金宇鞋业有限公司（二车间）", "2车间"),
        ("金宇鞋业有限公司第十二车间", "12车间"),
        ("金宇鞋业有限公司厦门分公司", "厦门分公司"),
    ],
)
def test_a_branch_is_kept_and_makes_another_employer(written: str, branch: str) -> None:
    reading = org_names.read(written)
    assert (reading.core, reading.branch, reading.key) == ("金宇鞋业", branch, "金宇鞋业" + branch)


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("无", "placeholder"),
        ("/", "placeholder"),
        ("务农", "no_employer"),
        ("灵活就业", "no_employer"),
        ("无单位", "no_employer"),
        ("12345", "not_name"),
        ("连城县", "not_name"),
        ("有限公司", "not_name"),
        ("", None),
        ("\u3000", None),
    ],
)
def test_what_names_no_employer_has_no_key(written: str, kind: str | None) -> None:
    reading = org_names.read(written)
    assert (reading.kind, reading.key) == (kind, None)


@settings(deadline=None)
@given(CORES, st.sampled_from(FRONTS), st.sampled_from(FORMS), st.sampled_from(DRESSES))
def test_region_and_form_and_dress_never_change_the_key(core: str, front: str, form: str, dress: str) -> None:
    assert org_names.read(dress.format(front + core + form)).key == core


@settings(deadline=None)
@given(CORES, CORES)
def test_two_employers_have_two_keys(one: str, other: str) -> None:
    same = org_names.read(f"连城县{one}有限公司").key == org_names.read(f"{other}有限责任公司").key
    assert same == (one == other)


@settings(deadline=None)
@given(ODD_TEXT)
def test_any_text_is_read_and_only_an_employer_has_a_key(text: str) -> None:
    reading = org_names.read(text)
    assert reading.kind is None or reading.kind in org_names.KINDS
    assert bool(reading.key) == (reading.kind == "ok")
    assert reading.form is None or reading.form in org_names.FORMS
    assert org_names.read(f" {text}\u200b") == reading


@settings(deadline=None)
@given(st.lists(st.none() | ODD_TEXT, max_size=12))
def test_a_column_says_what_its_cells_say(texts: list[str | None]) -> None:
    frame = org_names.read_column(pl.Series("any name", texts, dtype=pl.String))
    assert frame.schema == pl.Schema(org_names.SCHEMA)
    assert frame.to_dicts() == [asdict(org_names.read(text or "")) for text in texts]


@pytest.mark.parametrize(
    "unit", ["竹木", "一", "1", "1-", "（", "王", "2023-01-15 ", "儿子15490205276，", "有限", "-"]
)
def test_a_cell_of_many_thousand_letters_is_read_at_once(unit: str) -> None:
    before = time.perf_counter()
    org_names.read((unit * 32_000)[:32_000] + "X")
    assert time.perf_counter() - before < 5
