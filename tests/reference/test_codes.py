"""Code tables: complete by the standard, and what clerks write finds its code."""

import tomllib
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chunfeng.reference import codes
from chunfeng.reference.data_files import HERE

CLERKS = {
    "sex",
    "ethnicity",
    "education",
    "marital",
    "kinship",
    "hukou",
    "disability_kind",
    "disability_grade",
}


def test_every_table_names_its_source_and_date() -> None:
    sources = tomllib.loads((HERE / "codes/SOURCES.toml").read_text(encoding="utf-8"))
    assert set(sources) == set(codes.tables())
    assert all(one["source"] and one["dated"] and one["kept"] for one in sources.values())


@pytest.mark.parametrize(
    ("table", "entries"),
    [
        ("sex", 2),
        ("ethnicity", 58),
        ("education", 40),
        ("marital", 7),
        ("kinship", 84),
        ("hukou", 3),
        ("disability_kind", 7),
        ("disability_grade", 4),
        ("industry", 117),
        ("occupation", 2143),
    ],
)
def test_a_table_is_complete(table: str, entries: int) -> None:
    assert len(codes.table(table)) == entries
    assert len({entry.code for entry in codes.table(table)}) == entries
    assert table not in CLERKS or len({len(entry.code) for entry in codes.table(table)}) == 1


@pytest.mark.parametrize("table", ["industry", "occupation"])
def test_no_orphans_in_the_trees(table: str) -> None:
    known = {entry.code for entry in codes.table(table)}
    assert [e for e in codes.table(table) if e.parent is not None and e.parent not in known] == []


def test_industries_are_20_sections_and_97_divisions() -> None:
    sections = [entry.code for entry in codes.table("industry") if entry.parent is None]
    divisions = [entry.code for entry in codes.table("industry") if entry.parent is not None]
    assert sections == list("ABCDEFGHIJKLMNOPQRST")
    assert divisions == [f"{number:02d}" for number in range(1, 98)]


def test_occupations_by_level_are_those_of_the_source() -> None:
    levels = Counter(entry.code.count("-") + 1 for entry in codes.table("occupation"))
    assert levels == {1: 8, 2: 72, 3: 432, 4: 1631}
    marks = Counter(mark for entry in codes.table("occupation") for mark in entry.marks)
    assert marks == {"L": 134, "S": 95}
    assert {e.code[0] for e in codes.table("occupation") if e.parent is None} == set("12345678")


@pytest.mark.parametrize(
    ("table", "text", "code"),
    [
        ("industry", "制造业", "C"),
        ("industry", "17", "17"),
        ("industry", "批发零售业", "F"),
        ("industry", "房地产业", "70"),
        ("occupation", "焊工", "6-18-02-04"),
        ("occupation", "6-18-02-04", "6-18-02-04"),
        ("occupation", "国家权力机关负责人", "1-02-01-00"),
    ],
)
def test_industries_and_occupations_by_name(table: str, text: str, code: str) -> None:
    assert codes.lookup(table, text) == code


@pytest.mark.parametrize("table", sorted(CLERKS))
def test_every_code_name_and_alias_finds_its_own_entry(table: str) -> None:
    wrong = [
        (word, entry.code, codes.lookup(table, word))
        for entry in codes.table(table)
        for word in (entry.code, entry.name, *entry.aliases)
        if codes.lookup(table, word) != entry.code
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("table", "text", "code"),
    [
        ("sex", "１", "1"),
        ("sex", " 男\u3000", "1"),
        ("sex", "2-女", "2"),
        ("sex", "1.0", "1"),
        ("ethnicity", "汉", "01"),
        ("ethnicity", "1", "01"),
        ("ethnicity", "01汉族", "01"),
        ("ethnicity", "畬族", "22"),
        ("ethnicity", "穿青人", "97"),
        ("education", "初中", "70"),
        ("education", "小学", "80"),
        ("education", "高中", "60"),
        ("education", "中专", "41"),
        ("education", "大专", "30"),
        ("education", "大专毕业", "31"),
        ("education", "本科", "20"),
        ("education", "初中文化程度", "70"),
        ("education", "文盲或半文盲", "90"),
        ("education", "研究生", "10"),
        ("marital", "离异", "40"),
        ("kinship", "户主", "02"),
        ("kinship", "之子", "20"),
        ("kinship", "之儿媳", "38"),
        ("kinship", "户主的母亲", "52"),
        ("kinship", "户主之孙女", "42"),
        ("hukou", "农业", "20"),
        ("hukou", "农村居民", "20"),
        ("hukou", "非农业家庭户口", "10"),
        ("hukou", "城镇居民", "10"),
        ("hukou", "居民", "30"),
        ("hukou", "外地农业户口", "20"),
        ("disability_kind", "肢残", "4"),
        ("disability_kind", "肢体四级", "4"),
        ("disability_grade", "肢体四级", "4"),
        ("disability_grade", "听力残疾Ⅱ级", "2"),
        ("disability_grade", "Ⅰ级", "1"),
        ("disability_grade", "壹级", "1"),
        ("disability_grade", "３ 级", "3"),
    ],
)
def test_what_clerks_write(table: str, text: str, code: str) -> None:
    assert codes.lookup(table, text) == code


@pytest.mark.parametrize(
    ("table", "text"),
    [
        ("sex", ""),
        ("sex", "不详"),
        ("sex", "0"),
        ("sex", "1女"),
        ("education", "中学"),
        ("education", "高中/中专"),
        ("kinship", "1"),
        ("kinship", "4-6"),
        ("kinship", "媳妇"),
        ("kinship", "之"),
        ("kinship", "子女"),
        ("hukou", "集体户"),
        ("hukou", "家庭户"),
        ("marital", "90"),
        ("disability_grade", "五级"),
    ],
)
def test_doubtful_words_stay_unknown(table: str, text: str) -> None:
    assert codes.lookup(table, text) is None


def test_names_go_back_and_forth() -> None:
    assert codes.name_of("education", "41") == "中等专科毕业"
    assert codes.name_of("education", "99") is None


def test_an_unknown_table_is_an_error() -> None:
    with pytest.raises(KeyError, match="no code table"):
        codes.lookup("shoes", "42")


@given(st.sampled_from(sorted(CLERKS)), st.text(max_size=12))
def test_any_text_gives_a_code_of_the_table_or_nothing(table: str, text: str) -> None:
    code = codes.lookup(table, text)
    assert code is None or codes.name_of(table, code) is not None
    assert codes.lookup(table, f"\u3000{text} ") == code
