"""Credit codes as typed. All codes are invented."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from chunfeng.engines.identity import credit_codes

GOOD = "91350825FQ495JWN07"


@st.composite
def codes(draw: st.DrawFn) -> str:
    """Verified codes whose organisation part satisfies its own standard too."""
    alphabet = credit_codes.CHARACTERS
    first = (
        draw(st.sampled_from("1359AY"))
        + draw(st.sampled_from("12359"))
        + draw(st.from_regex(r"\A3508[0-9]{2}\Z"))
    )
    org = draw(st.text(alphabet, min_size=8, max_size=8))
    first17 = first + org + credit_codes.org_check_char(org)
    return first17 + credit_codes.check_char(first17)


def kind(text: str) -> str | None:
    reading = credit_codes.read(text)
    return reading.kind if reading else None


@given(codes())
def test_a_verified_code_gives_its_organisation_code(code: str) -> None:
    assert credit_codes.read(code) == credit_codes.CreditCode("ok", code, code[8:17])


@given(codes(), st.integers(0, 17), st.sampled_from(credit_codes.CHARACTERS))
def test_no_single_wrong_character_passes(code: str, place: int, new: str) -> None:
    damaged = code[:place] + new + code[place + 1 :]
    assert (kind(damaged) == "ok") == (damaged == code)


@given(codes(), st.integers(0, 16))
def test_no_exchange_of_neighbours_passes(code: str, place: int) -> None:
    damaged = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    assert (kind(damaged) == "ok") == (damaged == code)


@given(codes())
def test_letters_no_code_holds_are_put_right_only_when_the_check_fits(code: str) -> None:
    typed = code.replace("0", "O").replace("1", "I").replace("2", "Z").replace("5", "S")
    reading = credit_codes.read(typed)
    assert reading == credit_codes.CreditCode("repaired" if typed != code else "ok", code, code[8:17])
    wrong = typed[:-1] + next(c for c in "34" if c != code[-1])
    assert typed == code or kind(wrong) == "bad_check"


@given(
    codes(), st.sampled_from(["{}", " {} ", "\u3000{}\u200b", "'{}", "统一社会信用代码：{}", "{}（分公司）"])
)
def test_writing_is_put_right(code: str, around: str) -> None:
    wide = code.translate({i: i + 0xFEE0 for i in range(33, 127)})
    for typed in (code, code.lower(), wide, f"{code[:8]} {code[8:17]}-{code[17]}"):
        assert credit_codes.read(around.format(typed)) == credit_codes.CreditCode("ok", code, code[8:17])


@given(st.text(max_size=30) | st.text(credit_codes.ORG_CHARACTERS + "-－ ：无", max_size=20))
def test_any_text_is_read(text: str) -> None:
    reading = credit_codes.read(text)
    assert reading is None or reading.kind in credit_codes.KINDS
    if reading and reading.code:
        assert credit_codes.check_char(reading.code[:17]) == reading.code[17]
        assert credit_codes.read(reading.code) == credit_codes.CreditCode(
            "ok", reading.code, reading.org_code
        )


@given(st.text(credit_codes.ORG_CHARACTERS, min_size=8, max_size=8).filter(lambda first: first != "0" * 8))
def test_nine_characters_are_an_organisation_code_if_their_check_fits(first: str) -> None:
    """GB 11714-1997, with or without its hyphen."""
    last = credit_codes.org_check_char(first)
    for text in (f"{first}-{last}", f"{first}{last}"):
        assert credit_codes.read(text) == credit_codes.CreditCode("org_code9", org_code=first + last)
    other = next(c for c in "0123456789X" if c != last)
    assert kind(f"{first}-{other}") == "not_code"


OTHER = {
    "91350825FQ495JWN08": "bad_check",
    "350825600012345": "not_code",
    "352627198811123620": "not_code",
    "连城某某公司": "not_code",
    "无": "placeholder",
    "办理中": "placeholder",
    "000000000000000000": "placeholder",
    "/": "placeholder",
}


@pytest.mark.parametrize(("text", "expected"), OTHER.items())
def test_what_is_wrong_has_a_name(text: str, expected: str) -> None:
    assert credit_codes.read(text) == credit_codes.CreditCode(expected)


@pytest.mark.parametrize("text", [None, "", " ", "\u3000", "\u200b", "'"])
def test_blank_is_nothing(text: str | None) -> None:
    assert credit_codes.read(text) is None


def test_an_organisation_code_that_fails_its_own_check_is_left_unknown() -> None:
    first17 = GOOD[:16] + next(c for c in "123456789" if c != GOOD[16])
    code = first17 + credit_codes.check_char(first17)
    assert credit_codes.read(code) == credit_codes.CreditCode("ok", code, None)


@given(st.lists(codes() | st.sampled_from([*OTHER, "", " "]) | st.none(), max_size=30))
def test_a_column_reads_as_its_texts_do(texts: list[str | None]) -> None:
    read = credit_codes.read_column(pl.Series(texts, dtype=pl.String))
    rows = [credit_codes.read(text) for text in texts]
    expected = {name: [getattr(row, name) if row else None for row in rows] for name in credit_codes.SCHEMA}
    assert_frame_equal(read, pl.DataFrame(expected, schema=credit_codes.SCHEMA))
