"""Names of persons as typed. All persons are invented."""

from __future__ import annotations

import time
from dataclasses import asdict

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chunfeng.engines.identity import han, names, surnames
from chunfeng.engines.identity.name_words import (
    EMPTY_NAMES,
    KIN_AFTER_ONE,
    KIN_ALWAYS,
    LABELS,
    NO_NAMES,
    TITLES,
)

COMMON = "".join(sorted(surnames.surnames().common))
GIVEN = "伟芳秀英娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂文辉玲华红建国志斌宇浩婷雪琴峰飞海波莲香燕萍"
# Letters of which titles, nicknames, split characters and other traps are made
TRAPS = "阿小老师傅婶嫂伯仔妹弟某*×?王君水方土金容火华户主先生女士欧阳上官单曾陳國䶮〇· （）1.、"
LETTERS = st.sampled_from(COMMON + GIVEN + TRAPS)
ODD_TEXT = (
    st.text(LETTERS, max_size=6)
    | st.text(max_size=10)
    | st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), min_size=1, max_size=4)
    | st.sampled_from(sorted(TITLES | NO_NAMES | EMPTY_NAMES | set(LABELS)))
    | st.builds(
        str.__add__,
        st.text(LETTERS, min_size=1, max_size=3),
        st.sampled_from(sorted(TITLES | KIN_ALWAYS | KIN_AFTER_ONE)),
    )
    | st.builds(str.__add__, st.sampled_from(LABELS), st.text(LETTERS, max_size=3))
)


@st.composite
def plain_names(draw: st.DrawFn) -> str:
    return draw(st.sampled_from(COMMON)) + draw(st.sampled_from(GIVEN)) + draw(st.sampled_from(GIVEN))


@pytest.mark.parametrize(
    "written",
    [
        "王建国",
        " 王建国 ",
        "王 建 国",
        "王\u3000建\u3000国",
        "王建国\u200b",
        "王建國",
        "王建国❤️",
        "王建国😊",
        "1.王建国",
        "１、王建国",
        "(3)王建国",
        "'王建国",
    ],
)
def test_a_name_in_any_dress_is_the_bare_name(written: str) -> None:
    assert names.read(written) == names.Name("ok", "王建国", "王", "建国", "wang jian guo", "wan jian guo")


@pytest.mark.parametrize(
    ("written", "name", "note"),
    [
        ("王建国（户主）", "王建国", "户主"),
        ("王建国(子)", "王建国", "子"),
        ("王建国 户主", "王建国", "户主"),
        ("王建国-户主", "王建国", "户主"),
        ("户主王建国", "王建国", "户主"),
        ("户主：王 建国", "王建国", "户主"),
        ("王建国同志", "王建国", "同志"),
        ("李芳女士", "李芳", "女士"),
        ("李芳老师", "李芳", "老师"),
        ("王建国（曾用名：王小狗）", "王建国", "曾用名:王小狗"),
        ("王建国1", "王建国", "1"),
        ("阿明（王建明）", "王建明", "阿明"),
        ("欧阳静女士", "欧阳静", "女士"),
    ],
)
def test_words_around_a_name_are_taken_off_and_kept(written: str, name: str, note: str) -> None:
    reading = names.read(written)
    assert (reading.kind, reading.name, reading.note) == ("ok", name, note)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("陳珍秋", "陈珍秋"),
        ("林傑強", "林杰强"),
        ("黃蓮蘭", "黄莲兰"),
        ("鄭艷珍", "郑艳珍"),
        ("李涵\ue863", "李涵䶮"),
        ("杨龙龑", "杨龙䶮"),
        ("⻢建⻰", "马建龙"),
        ("王昇", "王昇"),
        ("李喆", "李喆"),
        ("林堃", "林堃"),
        ("孙乾", "孙乾"),
    ],
)
def test_letters_take_the_form_of_the_citizens_card(written: str, name: str) -> None:
    assert names.read(written).name == name


@pytest.mark.parametrize(
    ("written", "kind", "surname"),
    [
        ("阿明", "nickname", None),
        ("小李", "nickname", "李"),
        ("老王", "nickname", "王"),
        ("小明", "nickname", None),
        ("阿婆", "nickname", None),
        ("细妹", "nickname", None),
        ("峰仔", "nickname", None),
        ("忠光", "nickname", None),
        ("婷婷", "nickname", None),
        ("网格员小林", "nickname", "林"),
        ("王", "nickname", "王"),
        ("李婶", "titled", "李"),
        ("永嫂", "titled", None),
        ("陈伯", "titled", "陈"),
        ("林姐", "titled", "林"),
        ("春梅姐", "titled", None),
        ("王师傅", "titled", "王"),
        ("张书记", "titled", "张"),
        ("李先生", "titled", "李"),
        ("欧阳经理", "titled", "欧阳"),
        ("吕老大", "titled", "吕"),
        ("支书", "titled", None),
    ],
)
def test_what_one_is_called_is_no_name(written: str, kind: str, surname: str | None) -> None:
    reading = names.read(written)
    assert (reading.kind, reading.surname) == (kind, surname)
    assert reading.name


@pytest.mark.parametrize("written", ["陈妹", "林来弟", "黄细妹", "林美姐", "张小镇", "华弟", "王老五妹"])
def test_a_real_name_with_a_homely_letter_stays_a_name(written: str) -> None:
    assert names.read(written).kind == "ok"


@pytest.mark.parametrize(
    ("written", "name", "surname", "key"),
    [
        ("张*", "张*", "张", "zhang *"),
        ("张某", "张*", "张", "zhang *"),
        ("张某某", "张**", "张", "zhang * *"),
        ("李××", "李**", "李", "li * *"),
        ("李ＸＸ", "李**", "李", "li * *"),
        ("李X明", "李*明", "李", "li * ming"),
        ("*建国", "*建国", None, "* jian guo"),
        ("徐艺?", "徐艺*", "徐", "xu yi *"),
        ("徐艺\ue5e5", "徐艺*", "徐", "xu yi *"),
        ("欧阳**", "欧阳**", "欧阳", "ou yang * *"),
    ],
)
def test_a_hidden_or_lost_letter_is_a_star(written: str, name: str, surname: str | None, key: str) -> None:
    reading = names.read(written)
    assert (reading.kind, reading.name, reading.surname, reading.key) == ("masked", name, surname, key)


@pytest.mark.parametrize(
    "written", ["无", "不详", "待补", "/", "某某", "XXX", "**", "？", "——", "N/A", "未取名"]
)
def test_a_placeholder_is_named(written: str) -> None:
    reading = names.read(written)
    assert (reading.kind, reading.name) == ("placeholder", None)


@pytest.mark.parametrize(
    "written",
    [
        "352627199210106723",
        "连城县某某竹木制品有限公司",
        "合计",
        "妻子",
        "户主",
        "外出务工",
        "王芳、李明",
        "王芳 李明",
        "王建国和李明华",
        "在龙岩打零工",
        "12",
    ],
)
def test_what_is_no_name_is_said(written: str) -> None:
    reading = names.read(written)
    assert (reading.kind, reading.name) == ("not_name", None)


@pytest.mark.parametrize(
    ("written", "surname", "key"),
    [
        ("单琪彤", "单", "shan qi tong"),
        ("曾强辉", "曾", "zeng qiang hui"),
        ("仇英", "仇", "qiu ying"),
        ("解小东", "解", "xie xiao dong"),
        ("区志明", "区", "ou zhi ming"),
        ("查文", "查", "zha wen"),
        ("欧阳静丽", "欧阳", "ou yang jing li"),
        ("欧阳", "欧", "ou yang"),
        ("尉迟明", "尉迟", "yu chi ming"),
        ("吕曾", "吕", "lv zeng"),
    ],
)
def test_a_surname_is_read_as_a_surname(written: str, surname: str, key: str) -> None:
    reading = names.read(written)
    assert (reading.kind, reading.surname, reading.key) == ("ok", surname, key)


@pytest.mark.parametrize("dot", "·•・‧∙.．。")
def test_the_dot_of_a_long_name_is_one_dot(dot: str) -> None:
    reading = names.read(f"阿依古丽{dot}买买提")
    assert (reading.kind, reading.name) == ("ok", "阿依古丽·买买提")
    assert reading.key == "a yi gu li mai mai ti"


def test_a_latin_name_is_a_name_without_key() -> None:
    assert names.read("NGUYEN VAN A") == names.Name("ok", "NGUYEN VAN A")


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("孙婷金容", "孙婷镕"),
        ("李发王君", "李发珺"),
        ("何敏斌贝", "何敏赟"),
        ("冯辉羽中", "冯辉翀"),
        ("罗福方方土", "罗福堃"),
        ("王方方土", "王堃"),
        ("张华水水水", "张华淼"),
    ],
)
def test_a_rare_letter_written_as_its_parts_is_put_together(written: str, name: str) -> None:
    reading = names.read(written)
    assert (reading.kind, reading.name, reading.note) == ("ok", name, written)


@pytest.mark.parametrize(
    ("written", "variant"), [("张王君", "张珺"), ("上官华火", "上官烨"), ("陈林金容", "陈林镕")]
)
def test_where_the_parts_may_be_a_name_both_are_kept(written: str, variant: str) -> None:
    reading = names.read(written)
    assert (reading.name, reading.variant) == (written, variant)


@pytest.mark.parametrize(
    ("one", "other", "same", "southern"),
    [
        ("李喆", "李哲", True, True),
        ("陳婷", "陈亭", True, True),
        ("方英", "黄音", False, True),
        ("冯红", "洪风", False, True),
        ("林芳", "宁芳", False, True),
        ("王强", "王祥", False, False),
        ("李四", "李思明", False, False),
        ("李*", "李*", False, False),
        ("", "", False, False),
    ],
)
def test_names_that_sound_alike(one: str, other: str, same: bool, southern: bool) -> None:
    assert names.same_sound(one, other) is same
    assert names.same_sound(one, other, southern=True) is southern


def test_every_common_letter_has_a_reading() -> None:
    readable = han.syllables()
    assert len(readable) > 40_000
    missing = []
    for code in range(0x4E00, 0xA000):
        try:
            chr(code).encode("gb2312")
        except UnicodeEncodeError:
            continue
        if chr(code) not in readable:
            missing.append(chr(code))
    assert missing == []


def test_simplifying_keeps_the_letters_of_the_national_set() -> None:
    changed = []
    for code in range(0x4E00, 0xA000):
        try:
            chr(code).encode("gb2312")
        except UnicodeEncodeError:
            continue
        if han.simplify(chr(code)) != chr(code):
            changed.append(chr(code))
    assert changed == []


def test_every_surname_reading_fits_its_letters() -> None:
    table = surnames.surnames()
    assert {name for name, reading in table.readings.items() if len(reading.split(" ")) != len(name)} == set()
    assert table.common <= table.single
    known = set(han.syllables().values())
    assert {part for reading in table.readings.values() for part in reading.split(" ")} <= known


@settings(deadline=None)
@given(st.text())
def test_simplifying_twice_is_simplifying_once_and_keeps_the_length(text: str) -> None:
    once = han.simplify(text)
    assert len(once) == len(text)
    assert han.simplify(once) == once


@settings(deadline=None)
@given(st.sampled_from(sorted(set(han.syllables().values()))))
def test_a_southern_ear_hears_the_same_twice(syllable: str) -> None:
    assert han.accent(han.accent(syllable)) == han.accent(syllable)


@settings(deadline=None)
@given(plain_names(), st.sampled_from(["{}（户主）", "户主{}", "{}同志", "2.{}", " {} ", "姓名：{}"]))
def test_words_around_a_plain_name_change_nothing(name: str, dress: str) -> None:
    assert names.read(dress.format(name)).name == names.read(name).name


@settings(deadline=None)
@given(ODD_TEXT)
def test_any_text_is_read_and_a_name_reads_as_itself(text: str) -> None:
    reading = names.read(text)
    assert reading.kind is None or reading.kind in names.KINDS
    assert (reading.name is None) == (reading.kind in (None, "placeholder", "not_name"))
    if reading.name is not None:
        again = names.read(reading.name)
        assert (again.kind, again.name, again.key) == (reading.kind, reading.name, reading.key)
    if reading.key is not None and reading.name is not None:
        assert len(reading.key.split(" ")) == len(reading.name.replace("·", ""))
        assert reading.accent_key is not None
        assert len(reading.accent_key.split(" ")) == len(reading.key.split(" "))
    if reading.surname is not None and reading.given is not None:
        assert reading.surname + reading.given == reading.name


@settings(deadline=None)
@given(st.lists(st.none() | plain_names() | ODD_TEXT, max_size=12))
def test_a_column_says_what_its_cells_say(texts: list[str | None]) -> None:
    frame = names.read_column(pl.Series("any name", texts, dtype=pl.String))
    assert frame.schema == pl.Schema(names.SCHEMA)
    assert frame.to_dicts() == [asdict(names.read(text or "")) for text in texts]


@pytest.mark.parametrize(
    "unit", ["竹木", "一", "1", "1-", "（", "王", "2023-01-15 ", "儿子15490205276，", "有限", "-"]
)
def test_a_cell_of_many_thousand_letters_is_read_at_once(unit: str) -> None:
    before = time.perf_counter()
    names.read((unit * 32_000)[:32_000] + "X")
    assert time.perf_counter() - before < 5


@pytest.mark.parametrize("pays", [0, 10**9])
def test_a_long_column_and_a_short_one_are_read_alike(monkeypatch: pytest.MonkeyPatch, pays: int) -> None:
    odd = [
        "王某某（户主）",
        "张*",
        "阿明",
        "李婶",
        "欧阳玲红",
        "陈  某",
        "陳國強",
        "1.王强",
        "无",
        None,
        "",
        "迪丽·热巴",
        "莲峰鞋业",
    ]
    plain = [
        s + g
        for s in "陈林黄张李王吴刘蔡杨单曾仇解区查"
        for g in ("强", "美丽", "国庆", "玉兰", "婶", "某", "〇")
    ]
    monkeypatch.setattr(names, "_SET_BASED_PAYS", pays)
    column = names.read_column(pl.Series([*odd, *plain], dtype=pl.String))
    few = names.read_column(pl.Series([*odd, *plain], dtype=pl.String), ("name", "accent_key"))
    assert few.equals(column.select("name", "accent_key"))
    for text, row in zip([*odd, *plain], column.iter_rows(named=True), strict=True):
        said = names.read(text) if text else None
        assert row == ({f: getattr(said, f) for f in row} if said and said.kind else dict.fromkeys(row)), text
