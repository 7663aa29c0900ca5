"""What citizen numbers say, how they are written, how they are damaged. All numbers are invented."""

import random
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench import _dirty_ids
from chunfeng.engines.identity import citizen_ids, id_numbers, id_slips

GOOD = "352627198811123620"
WITH_X = "35082519700101108X"


@st.composite
def numbers(draw: st.DrawFn) -> str:
    """Verified numbers of every issuer and birth date, none of which looks cut by a spreadsheet."""
    three = draw(st.sampled_from([n for n in range(100, 1000) if id_numbers.is_issuer(n)]))
    born = draw(st.dates(date(1850, 1, 1), date(2099, 12, 31)))
    rest, order = draw(st.integers(0, 999)), draw(st.integers(0, 999))
    id18 = id_numbers.id18_of(int(f"{three}{rest:03d}{born.year:04d}{born:%m%d}{order:03d}"))
    return id18 if not id18.endswith("000") else id_numbers.id18_of(int(id18[:17]) + 1)


def kind(text: str) -> str | None:
    reading = citizen_ids.read(text)
    return reading.kind if reading else None


# --- the arithmetic ---


def test_check_characters_of_the_standard() -> None:
    """GB 11643-1999, the two numbers of its own example."""
    assert citizen_ids.check_char(11010519491231002) == "X"
    assert citizen_ids.check_char(44052418800101001) == "4"


@given(numbers())
def test_a_verified_number_says_birth_sex_and_county(id18: str) -> None:
    reading = citizen_ids.read(id18)
    assert reading is not None
    assert (reading.kind, reading.id18, reading.id17) == ("ok18", id18, int(id18[:17]))
    assert reading.birth_date == date(int(id18[6:10]), int(id18[10:12]), int(id18[12:14]))
    assert reading.birth_date == citizen_ids.birth_date(int(id18[:17]))
    assert reading.sex == ("1" if id18[16] in "13579" else "2")
    assert reading.region == id18[:6]
    assert citizen_ids.id18_of(int(id18[:17])) == id18


@given(numbers(), st.integers(0, 17), st.sampled_from("0123456789X"))
def test_no_single_wrong_character_passes(id18: str, place: int, new: str) -> None:
    damaged = id18[:place] + new + id18[place + 1 :]
    reading = citizen_ids.read(damaged)
    assert reading is not None
    assert (reading.kind == "ok18") == (damaged == id18)


@given(numbers(), st.integers(0, 16))
def test_no_exchange_of_neighbours_passes(id18: str, place: int) -> None:
    damaged = id18[:place] + id18[place + 1] + id18[place] + id18[place + 2 :]
    reading = citizen_ids.read(damaged)
    assert reading is not None
    assert (reading.kind == "ok18") == (damaged == id18)


@given(st.dates(date(1913, 1, 1), date(1999, 12, 31)), st.integers(0, 999))
def test_an_old_number_is_upgraded(born: date, order: int) -> None:
    old = f"352627{born:%y%m%d}{order:03d}"
    reading = citizen_ids.read(old)
    assert reading is not None
    if old[6:8] in ("19", "20") and id_numbers.is_birth(int(old[6:14])):
        assert reading.kind == "short", "it begins a number of 18 just as well"
        return
    assert (reading.kind, reading.birth_date, reading.region) == ("ok15", born, "352627")
    assert reading.id18 == id_numbers.id18_of(citizen_ids.upgrade15(int(old)))


def test_an_abolished_county_is_no_fault() -> None:
    """龙海市 became a district in 2021, 龙岩地区 a city in 1996: their codes stay within numbers."""
    for county in ("350681", "352627"):
        assert kind(id_numbers.id18_of(int(f"{county}19881112362"))) == "ok18"


def test_permits_follow_the_same_standard() -> None:
    """港澳台居民居住证 begin with 81, 82, 83; cards of permanent residents (2023) with 9 and the province."""
    for issuer in ("810000", "820000", "830000", "935344"):
        assert kind(id_numbers.id18_of(int(f"{issuer}19881112362"))) == "ok18"
    assert kind(id_numbers.id18_of(int("10000019881112362"))) == "not_id"


# --- writing that loses nothing ---

SAME = {
    "full width": "３５２６２７１９８８１１１２３６２０",
    "blanks": " 352627 19881112 3620\u00a0\u3000\t",
    "unseen": "\u200b352627198811123620\ufeff\u202c",
    "apostrophe": "'352627198811123620",
    "quotes": "“352627198811123620”",
    "backtick": "`352627198811123620",
    "hyphens": "352627-19881112-3620",
    "dashes": "352627—19881112－3620",
    "label": "身份证号码：352627198811123620",
    "latin label": "ID No. 352627198811123620",
    "note": "352627198811123620（已核对）",
    "name before": "陈某某352627198811123620",
    "phone behind": "352627198811123620,16400000000",
    "numbering": "3、352627198811123620",
    "letter O": "35262719881112362O",
    "letters l, I, o": "35262719881ll2362o",
    "decimals": "352627198811123620.0",
    "full stop": "352627198811123620。",
    "twice": "352627198811123620/352627198811123620",
    "old and new": "352627198811123620（352627881112362）",
}


@pytest.mark.parametrize("text", SAME.values(), ids=SAME.keys())
def test_writing_is_put_right(text: str) -> None:
    reading = citizen_ids.read(text)
    assert reading is not None
    assert (reading.kind, reading.id18) == ("ok18", GOOD)


@pytest.mark.parametrize("sign", "xX×ХхΧχＸｘⅩ✕")
def test_every_sign_for_x_is_x(sign: str) -> None:
    reading = citizen_ids.read(WITH_X[:17] + sign)
    assert reading is not None
    assert (reading.kind, reading.id18) == ("ok18", WITH_X)


@given(numbers())
def test_reading_again_changes_nothing(id18: str) -> None:
    wide = id18.translate(str.maketrans("0123456789X", "０１２３４５６７８９Ｘ"))
    once = citizen_ids.read(f"\u3000身份证：{wide} ")
    assert once is not None
    assert once == citizen_ids.read(id18) == citizen_ids.read(once.id18)


# --- certificates ---


def test_a_disability_certificate_gives_number_kind_and_grade() -> None:
    reading = citizen_ids.read(f"{WITH_X}43")
    assert reading is not None
    assert (reading.kind, reading.id18, reading.cert_kind, reading.cert_grade, reading.reissue) == (
        "certificate", WITH_X, 4, 3, None
    )  # fmt: skip


@pytest.mark.parametrize("mark", ["B1", "b1", "（B1）", " B1"])
def test_a_reissued_certificate_keeps_its_mark(mark: str) -> None:
    reading = citizen_ids.read(f"{GOOD}71{mark}")
    assert reading is not None
    assert (reading.kind, reading.cert_kind, reading.cert_grade, reading.reissue) == (
        "certificate",
        7,
        1,
        "B1",
    )


@pytest.mark.parametrize("tail", ["83", "45", "00", "4"])
def test_no_such_kind_or_grade_is_no_certificate(tail: str) -> None:
    assert kind(GOOD + tail) == "long"


def test_an_old_certificate_is_an_old_number_with_kind_and_grade() -> None:
    reading = citizen_ids.read("35262788111236243")
    assert reading is not None
    assert (reading.kind, reading.id18, reading.cert_kind, reading.cert_grade) == ("ok15", GOOD, 4, 3)


@given(numbers(), st.integers(0, 17))
def test_no_number_that_lost_a_digit_is_taken_for_an_old_certificate(id18: str, place: int) -> None:
    assert kind(id18[:place] + id18[place + 1 :]) != "ok15"


def test_a_certificate_with_a_wrong_digit_is_not_joined() -> None:
    reading = citizen_ids.read("35262719881112361043")
    assert reading is not None
    assert (reading.kind, reading.id17, reading.digits17, reading.cert_kind) == (
        "bad_check", None, 35262719881112361, 4
    )  # fmt: skip


# --- what spreadsheets do ---


@given(numbers().filter(lambda n: n[14:17] != "000"))
def test_a_number_kept_as_a_number_is_cut_however_it_is_printed(id18: str) -> None:
    """Also when the check happens to fit: three zeros at the end are never taken for a whole number."""
    kept = float(id18[:15] + "000")
    for text in (
        f"{id18[:15]}000", f"{id18[:15]}000.0", repr(kept), repr(kept).upper(), f"{kept:.14e}", f"{kept:.1f}"
    ):  # fmt: skip
        reading = citizen_ids.read(text)
        assert reading is not None
        assert (reading.kind, reading.known15, reading.id17) == ("cut15", int(id18[:15]), None), text
        assert reading.region == id18[:6]
        assert f"{reading.birth_date:%Y%m%d}" == id18[6:14].lstrip("0")


@given(numbers())
def test_a_number_printed_as_the_nearest_binary_is_cut_unless_its_check_fits(
    id18: str,
) -> None:
    printed = str(int(float(id18[:15] + "000")))
    reading = citizen_ids.read(printed)
    assert reading is not None
    if reading.kind == "cut15":
        assert reading.known15 == int(id18[:15])
    else:  # by chance the check fits, or the carry made another day of it
        assert reading.kind in ("ok18", "bad_date")


def test_a_check_that_fits_by_chance_does_not_make_a_cut_number_whole() -> None:
    fits = next(
        text
        for order in range(10)
        for day in range(10, 29)
        if id_slips.is_valid(text := f"352627198811{day}{order}000")
    )
    assert kind(fits) == "cut15"


@pytest.mark.parametrize("text", ["3.52627E+17", "3.52627e+17", "3.52627E17", "3.52627 E+17", "3.5E+017"])
def test_scientific_notation_keeps_what_is_seen(text: str) -> None:
    reading = citizen_ids.read(text)
    assert reading is not None
    assert (reading.kind, reading.known15, reading.digits) == (
        "scientific", None, "35" if text.startswith("3.5E") else "352627"
    )  # fmt: skip


def test_a_cut_certificate_still_has_fifteen_digits() -> None:
    reading = citizen_ids.read("35262719881112300000")
    assert reading is not None
    assert (reading.kind, reading.known15) == ("cut15", 352627198811123)


# --- damage ---

DAMAGED = {
    "352627198811123610": "bad_check",
    "952627198811123620": "bad_check",
    "352627198813123620": "bad_date",
    "352627188802303620": "bad_date",
    "352627198802303620": "bad_date",
    "352627881312362": "bad_date",
    "35262719881112362": "short",
    "3526271988": "short",
    "352627201011123": "short",
    "3526271988111236201": "long",
    "352627198811123620350825700101101": "two_ids",
    "352627198811123620、35082519700101108X": "two_ids",
    "35262719881112362035082519700101108X": "two_ids",
    "本人352627198811123620 配偶35082519700101108x": "two_ids",
    "3526**********3620": "masked",
    "352627XXXXXXXX3620": "masked",
    "352627××××××××3620": "masked",
    "352627----3620": "masked",
    "******************": "masked",
    "35262719881112362*": "masked",
    "E12345678": "foreign",
    "护照：EA1234567": "foreign",
    "H01234567": "foreign",
    "台胞证 01234567": "foreign",
    "军字第1234567号": "foreign",
    "USA110000000000": "foreign",
    "陈某某": "not_id",
    "16400000000": "not_id",
    "19881112": "not_id",
    "SY35082526665701": "not_id",
    "42": "not_id",
    "1.5": "not_id",
    "无": "placeholder",
    "待补": "placeholder",
    "不详": "placeholder",
    "办理中": "placeholder",
    "没有身份证": "placeholder",
    "——": "placeholder",
    "/": "placeholder",
    "0": "placeholder",
    "000000000000000000": "placeholder",
    "111111111111111111": "placeholder",
    "123456": "placeholder",
    "123456789012345678": "placeholder",
    "#N/A": "placeholder",
}


@pytest.mark.parametrize(("text", "expected"), DAMAGED.items())
def test_damage_has_a_name_and_no_key(text: str, expected: str) -> None:
    reading = citizen_ids.read(text)
    assert reading is not None
    assert (reading.kind, reading.id18, reading.id17) == (expected, None, None)


@pytest.mark.parametrize("text", [None, "", " ", "\u3000\u00a0", "\u200b", "'", "\n"])
def test_blank_is_nothing(text: str | None) -> None:
    assert citizen_ids.read(text) is None


def test_unverified_digits_stand_apart() -> None:
    reading = citizen_ids.read("352627198811123610")
    assert reading is not None
    assert (reading.digits17, reading.digits) == (35262719881112361, "352627198811123610")


@given(st.text(max_size=40) | st.text("0123456789Xx*.-eE+OolI ，（）B护照", max_size=40))
def test_any_text_is_read(text: str) -> None:
    reading = citizen_ids.read(text)
    assert reading is None or reading.kind in citizen_ids.KINDS
    if reading and reading.id18:
        assert reading.kind in ("ok18", "certificate", "ok15")
        assert id_slips.is_valid(reading.id18)
        assert reading.id18 == id_numbers.id18_of(reading.id17 or 0)


# --- slips of the hand ---


@given(numbers(), st.integers(0, 17), st.sampled_from("0123456789"))
def test_the_true_number_is_among_the_slips_of_a_wrong_digit(id18: str, place: int, new: str) -> None:
    damaged = id18[:place] + new + id18[place + 1 :]
    reading = citizen_ids.read(damaged)
    assert reading is not None
    if reading.kind in ("bad_check", "bad_date"):
        assert id18 in citizen_ids.slips(damaged)
        assert reading.slip in ("one_digit", "either")


@given(numbers(), st.integers(0, 16))
def test_the_true_number_is_among_the_slips_of_an_exchange(id18: str, place: int) -> None:
    damaged = id18[:place] + id18[place + 1] + id18[place] + id18[place + 2 :]
    reading = citizen_ids.read(damaged)
    assert reading is not None
    if reading.kind in ("bad_check", "bad_date"):
        assert id18 in citizen_ids.slips(damaged)
        assert reading.slip in ("swap", "either")


@given(numbers(), st.integers(0, 17))
def test_the_true_number_is_among_the_slips_of_a_lost_or_doubled_character(id18: str, place: int) -> None:
    for damaged in (id18[:place] + id18[place + 1 :], id18[:place] + id18[place] + id18[place:]):
        if kind(damaged) in ("short", "long"):
            assert id18 in citizen_ids.slips(damaged)


@given(numbers())
def test_slips_are_valid_and_each_one_keystroke_away(id18: str) -> None:
    damaged = id18[:16] + str((int(id18[16]) + 1) % 10) + id18[17]
    for candidate in citizen_ids.slips(damaged):
        assert id_slips.is_valid(candidate)
        differing = [i for i in range(18) if candidate[i] != damaged[i]]
        assert len(differing) == 1 or (
            len(differing) == 2
            and differing[1] == differing[0] + 1
            and sorted(candidate[i] for i in differing) == sorted(damaged[i] for i in differing)
        )


@pytest.mark.parametrize("text", [GOOD, "3.52627E+17", "无", "", "3526**********3620", "352627198811123000"])
def test_what_is_no_slip_has_none(text: str) -> None:
    assert citizen_ids.slips(text) == []


def test_the_sample_of_dirt_holds_every_kind() -> None:
    """What the tests of the compiled pass and the measurement are run on."""
    rng = random.Random(7)
    seen = {
        kind(spoil(rng, _dirty_ids.number(rng)))
        for spoil in (*_dirty_ids.WRITTEN, *_dirty_ids.DAMAGED, *_dirty_ids.RARE)
        for _ in range(60)
    }
    assert seen == set(citizen_ids.KINDS)
