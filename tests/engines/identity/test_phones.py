"""Telephone numbers as typed. All numbers are invented, of ranges never given out (154, 160, 161 …)."""

from __future__ import annotations

import time
from dataclasses import asdict

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chunfeng.engines.identity import phones

RANGES = ("154", "160", "161", "163", "164", "168", "169", "194")


@st.composite
def mobiles(draw: st.DrawFn) -> str:
    return draw(st.sampled_from(RANGES)) + f"{draw(st.integers(0, 10**8 - 1)):08d}"


ODD_TEXT = st.text(alphabet="1345690 -+/、,;()（）转无儿子本人座机*xX.eE\u3000０９\n", max_size=30) | st.text(
    max_size=20
)


@pytest.mark.parametrize(
    "written",
    [
        "15490205276",
        " 154 9020 5276 ",
        "154-9020-5276",
        "+8615490205276",
        "+86 154 9020 5276",
        "0086-15490205276",
        "86 15490205276",
        "015490205276",
        "１５４９０２０５２７６",
        "154\u200b90205276",
        "15490205276.0",
        "1.5490205276E10",
        "1.5490205276e+10",
        "电话：15490205276",
        "15490205276（本人）",
        "微信同号 15490205276",
        "154—9020—5276",
    ],
)
def test_a_mobile_number_in_any_dress_is_its_eleven_digits(written: str) -> None:
    assert phones.read(written) == phones.Phone("mobile", "15490205276")


@pytest.mark.parametrize(
    ("written", "owner"),
    [
        ("15490205276(家属)", "家属"),
        ("15490205276（儿子）", "儿子"),
        ("儿子15490205276", "儿子"),
        ("儿子：15490205276", "儿子"),
        ("15490205276 儿子", "儿子"),
        ("15490205276【女儿的】", "女儿"),
        ("15490205276（李浩）", "李浩"),
        ("（户主）15490205276", "户主"),
    ],
)
def test_the_words_beside_a_number_say_whose_it_is(written: str, owner: str) -> None:
    assert phones.read(written) == phones.Phone("mobile", "15490205276", owner=owner)


@pytest.mark.parametrize("separator", ["/", "、", ",", "，", ";", "；", " ", "\n", "\r\n", "或", "\\", "|"])
def test_two_numbers_in_a_cell_are_both_kept_in_order(separator: str) -> None:
    reading = phones.read(f"19474918595{separator}16158596979")
    assert (reading.kind, reading.phone, reading.phone_2) == ("several", "19474918595", "16158596979")
    assert reading.owner is None


def test_each_of_two_numbers_has_its_own_owner() -> None:
    reading = phones.read("19474918595（本人）/16158596979（儿子）")
    assert (reading.owner, reading.owner_2) == (None, "儿子")
    reading = phones.read("儿子19474918595，女儿16158596979")
    assert (reading.owner, reading.owner_2) == ("儿子", "女儿")


def test_a_number_written_twice_is_one_number() -> None:
    assert phones.read("19474918595/19474918595") == phones.Phone("mobile", "19474918595")


def test_a_third_number_goes_to_the_note() -> None:
    reading = phones.read("19474918595/16158596979/16012345678")
    assert reading.note == "16012345678"


def test_text_that_names_no_owner_goes_to_the_note() -> None:
    assert phones.read("15490205276停机") == phones.Phone("mobile", "15490205276", note="停机")


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("0597-8912345", "0597-8912345"),
        ("（0597）8912345", "0597-8912345"),
        ("05978912345", "0597-8912345"),
        ("0597 8912345", "0597-8912345"),
        ("+86-0597-8912345", "0597-8912345"),
        ("059188881234", "0591-88881234"),
        ("010-62345678", "010-62345678"),
        ("8912345", "8912345"),
        ("0597-8912345转8001", "0597-8912345-8001"),
        ("0597-8912345-8001", "0597-8912345-8001"),
    ],
)
def test_a_landline_is_written_with_area_code_and_extension(written: str, number: str) -> None:
    reading = phones.read(written)
    assert (reading.kind, reading.phone, reading.landline) == ("landline", None, number)


def test_an_area_code_known_to_the_caller_completes_a_local_number() -> None:
    assert phones.read("8912345", area="0597").landline == "0597-8912345"
    assert phones.read("010-62345678", area="0597").landline == "010-62345678"


def test_mobile_and_landline_in_one_cell_stand_apart() -> None:
    reading = phones.read("15490205276、0597-8912345")
    assert (reading.kind, reading.phone, reading.landline) == ("several", "15490205276", "0597-8912345")


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("12333", "service"),
        ("12345", "service"),
        ("110", "service"),
        ("400-123-4567", "service"),
        ("1549020527", "short"),
        ("154", "short"),
        ("1.54E+10", "short"),
        ("154902052761", "long"),
        ("352627198603147774", "long"),
        ("10490205276", "not_phone"),
        ("加微信详聊 wx-abc0000", "not_phone"),
        ("汉族", "not_phone"),
        ("154****5276", "masked"),
        ("154 **** 5276", "masked"),
        ("无", "placeholder"),
        ("/", "placeholder"),
        ("不详", "placeholder"),
        ("0", "placeholder"),
        ("00000000000", "placeholder"),
        ("11111111111", "placeholder"),
        ("12345678901", "placeholder"),
    ],
)
def test_what_is_no_number_of_a_person_is_named(written: str, kind: str) -> None:
    assert phones.read(written) == phones.Phone(kind)


@pytest.mark.parametrize("written", ["", "  ", "\u3000", "\u200b"])
def test_a_blank_cell_has_no_kind(written: str) -> None:
    assert phones.read(written) == phones.Phone(None)


@settings(deadline=None)
@given(mobiles(), st.sampled_from(["{}", "+86{}", "0086{}", "{}.0", "电话{}", " {} ", "{}（本人）"]))
def test_every_mobile_number_is_found_in_its_dress(number: str, dress: str) -> None:
    assert phones.read(dress.format(number)).phone == number


@settings(deadline=None)
@given(mobiles(), mobiles(), st.sampled_from("/、,; \n"))
def test_two_different_numbers_are_found(first: str, second: str, separator: str) -> None:
    reading = phones.read(first + separator + second)
    expected = (first, None) if first == second else (first, second)
    assert (reading.phone, reading.phone_2) == expected


@settings(deadline=None)
@given(ODD_TEXT)
def test_any_text_is_read_and_what_it_yields_reads_as_itself(text: str) -> None:
    reading = phones.read(text)
    assert reading.kind is None or reading.kind in phones.KINDS
    if reading.phone is not None:
        assert len(reading.phone) == 11 and reading.phone.isascii() and reading.phone.isdigit()
        assert phones.read(reading.phone) == phones.Phone("mobile", reading.phone)
    if reading.landline is not None:
        assert phones.read(reading.landline).landline == reading.landline


@settings(deadline=None)
@given(st.lists(st.none() | mobiles() | ODD_TEXT, max_size=12))
def test_a_column_says_what_its_cells_say(texts: list[str | None]) -> None:
    frame = phones.read_column(pl.Series("any name", texts, dtype=pl.String))
    assert frame.schema == pl.Schema(phones.SCHEMA)
    assert frame.to_dicts() == [asdict(phones.read(text or "")) for text in texts]


@pytest.mark.parametrize(
    "unit", ["竹木", "一", "1", "1-", "（", "王", "2023-01-15 ", "儿子15490205276，", "有限", "-"]
)
def test_a_cell_of_many_thousand_letters_is_read_at_once(unit: str) -> None:
    before = time.perf_counter()
    phones.read((unit * 32_000)[:32_000] + "X")
    assert time.perf_counter() - before < 5
