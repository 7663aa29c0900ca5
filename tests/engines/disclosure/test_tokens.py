"""Keyed tokens: the same person gives the same token, nobody gives a token of nothing. All persons are invented."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chunfeng.engines.disclosure import tokens
from chunfeng.engines.identity import id_numbers, names

ROOT = Path(__file__).parents[3]
KEY = b"a key that is only for tests"
ID17 = 35082519900101001
"""Invented: county 350825, born 1990-01-01."""


def parts(**known: Any) -> pl.DataFrame:
    """One row of parts, unknown where not given."""
    return pl.DataFrame({name: [known.get(name)] for name in tokens.PARTS}, schema=tokens.PARTS)


def extract(**columns: Any) -> dict[str, Any]:
    """The parts of one row of an extract."""
    return tokens.parts_of(pl.DataFrame({name: [value] for name, value in columns.items()})).row(
        0, named=True
    )


def made(**columns: Any) -> dict[str, str | None]:
    """The tokens of one row of an extract."""
    frame = tokens.parts_of(pl.DataFrame({name: [value] for name, value in columns.items()}))
    return tokens.tokens_of(frame, KEY).row(0, named=True)


WHOLE = {
    "name": "王建国",
    "id_number_key": ID17,
    "phone": "15400000001",
    "village_code": "350825106204",
}


def test_a_whole_row_gives_all_five_and_they_differ() -> None:
    row = made(**WHOLE)
    assert list(row) == list(tokens.TOKENS)
    assert all(token and len(token) == 64 and token == token.lower() for token in row.values())
    assert len(set(row.values())) == 5


def test_messages_say_their_purpose_first_and_hold_the_parts() -> None:
    messages = tokens.messages_of(tokens.parts_of(pl.DataFrame({k: [v] for k, v in WHOLE.items()})))
    assert messages.row(0) == (
        "id17|35082519900101001",
        "id15_name|350825199001010|wang jian guo",
        "birth_name|19900101|wang jian guo",
        "phone_surname|15400000001|wang",
        "village_given|350825106204|jian guo",
    )


@pytest.mark.parametrize(
    ("missing", "gone"),
    [
        ("id17", {"token_id17"}),
        ("known15", {"token_id15_name"}),
        ("name_key", {"token_id15_name", "token_birth_name"}),
        ("surname_key", {"token_phone_surname"}),
        ("given_key", {"token_village_given"}),
        ("birth", {"token_birth_name"}),
        ("phone", {"token_phone_surname"}),
        ("village", {"token_village_given"}),
    ],
)
@pytest.mark.parametrize("nothing", [None, ""])
def test_a_missing_part_leaves_its_tokens_null_and_no_others(
    missing: str, gone: set[str], nothing: str | None
) -> None:
    known: dict[str, Any] = {
        "id17": ID17, "known15": ID17 // 100, "name_key": "wang jian guo", "surname_key": "wang",
        "given_key": "jian guo", "birth": 19900101, "phone": "15400000001", "village": "350825106204",
    }  # fmt: skip
    number = isinstance(known[missing], int)
    row = tokens.tokens_of(parts(**known | {missing: None if number else nothing}), KEY).row(0, named=True)
    assert {name for name, token in row.items() if token is None} == gone


def test_a_row_that_says_nothing_has_no_token() -> None:
    assert set(made(row=1).values()) == {None}
    assert tokens.tokens_of(parts(), KEY).row(0) == (None,) * 5


def test_no_rows_give_no_tokens_in_the_same_columns() -> None:
    assert tokens.tokens_of(tokens.parts_of(pl.DataFrame({"name": []})), KEY).schema == dict.fromkeys(
        tokens.TOKENS, pl.String()
    )


WORD = st.text("abz", min_size=1, max_size=4)
ROW = st.fixed_dictionaries(
    {
        "id17": st.integers(10**16, 10**16 + 50),
        "known15": st.integers(10**14, 10**14 + 50),
        "name_key": WORD,
        "surname_key": WORD,
        "given_key": WORD,
        "birth": st.integers(19900101, 19900131),
        "phone": st.from_regex(r"154\d{8}", fullmatch=True),
        "village": st.from_regex(r"350825\d{6}", fullmatch=True),
    }
)


@given(ROW, ROW)
def test_messages_are_equal_only_where_purpose_and_parts_are(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    first, second = (tokens.messages_of(parts(**row)).row(0, named=True) for row in (one, other))
    for name, of in tokens.TOKENS.items():
        assert (first[name] == second[name]) == all(one[part] == other[part] for part in of)
    assert not {first[n] for n in first} & {second[m] for m in second if first[m] != second[m]}


# --- what is read alike gives tokens alike ----------------------------------------------------------------------------


@pytest.mark.parametrize("written", ["王建国", " 王 建国", "王建國", "王健国", "汪建国"])
def test_writings_and_homophones_of_a_name_give_one_token(written: str) -> None:
    whole = made(**WHOLE)
    assert made(**WHOLE | {"name": written}) == whole


def test_the_raw_name_is_read_where_the_sheet_changed_it() -> None:
    assert extract(name=None, name__raw="王建国（户主）")["name_key"] == "wang jian guo"


@pytest.mark.parametrize(
    ("name", "whole", "surname", "given"),
    [
        ("欧阳小明", "ou yang xiao ming", "ou yang", "xiao ming"),
        ("单雄信", "shan xiong xin", "shan", "xiong xin"),
        ("陈师傅", None, "chen", None),
        ("阿明", None, None, None),
        ("王*国", None, "wang", None),
        ("李某某", None, "li", None),
        ("无", None, None, None),
        (None, None, None, None),
    ],
)
def test_what_is_uncertain_in_a_name_is_not_used(
    name: str | None, whole: str | None, surname: str | None, given: str | None
) -> None:
    row = tokens.name_parts(pl.Series([name], dtype=pl.String)).row(0)
    assert row == (whole, surname, given)
    assert tokens.keys_of(names.read_column(pl.Series([name], dtype=pl.String))).row(0) == row


def test_a_number_a_spreadsheet_cut_meets_the_whole_one_by_name() -> None:
    cut = made(name="王建国", id_number_key=None, id_number_known15=ID17 // 100)
    whole = made(name="王建国", id_number_key=ID17)
    assert cut["token_id17"] is None
    assert cut["token_id15_name"] == whole["token_id15_name"]
    assert cut["token_birth_name"] == whole["token_birth_name"]


def test_a_certificate_stands_in_for_a_number_that_is_missing() -> None:
    assert made(name="王建国", certificate_number_key=ID17) == made(name="王建国", id_number_key=ID17)
    assert extract(id_number_key=ID17, certificate_number_key=ID17 + 2000)["id17"] == ID17


def typed(year: int | None, month: int | None, day: int | None) -> dict[str, int | None]:
    return {"birth_date_year": year, "birth_date_month": month, "birth_date_day": day}


def test_a_typed_birth_date_speaks_before_the_number_and_only_as_a_whole() -> None:
    assert extract(id_number_key=ID17, **typed(1962, 3, 4))["birth"] == 19620304
    assert extract(id_number_key=ID17, **typed(1962, 3, None))["birth"] == 19900101
    assert extract(**typed(1962, 3, None))["birth"] is None


def test_the_village_is_the_registered_one_and_never_a_town() -> None:
    town, home, registered = "350825106", "350825106205", "350825106204"
    assert extract(hukou_address_region=registered, home_address_region=home)["village"] == registered
    assert extract(hukou_address_region=town, home_address_region=home)["village"] == home
    assert extract(hukou_address_region=town, place=town)["village"] is None
    assert extract(hukou_address_region=None, place=registered)["village"] == registered


def test_town_and_village_in_words_are_the_village_within_the_county() -> None:
    assert extract(town="庙前镇", village="水北村", place="350825")["village"] == "350825106204"
    assert extract(town=None, village="没有这个村", place="350825")["village"] is None


# --- the plain scheme, the key ----------------------------------------------------------------------------------------


@given(st.lists(st.none() | st.integers(11 * 10**15, 92 * 10**15), max_size=30))
def test_the_plain_scheme_is_the_token_of_all_eighteen_characters(numbers: list[int | None]) -> None:
    texts = pl.Series([None if n is None else id_numbers.id18_of(n) for n in numbers], dtype=pl.String)
    plain = tokens.token_id18(pl.Series("n", numbers, dtype=pl.Int64), KEY)
    assert plain.name == "n" and plain.to_list() == tokens.token(texts, KEY).to_list()


def test_the_operators_file_of_the_sample_county_is_made_so() -> None:
    """Tokens that another program made of the same persons."""
    sent = pl.read_csv(ROOT / "examples/liancheng/06移动-人口流动.csv", infer_schema=False)["用户标识"]
    persons = pl.read_parquet(ROOT / "tests/data/liancheng/truth/persons.parquet")["id18"]
    known = tokens.token_id18(persons.str.slice(0, 17).cast(pl.Int64), b"CFXD-2023-liudong")
    assert sent.n_unique() > 1000
    assert sent.is_in(known.to_list()).all()


def test_the_fingerprint_is_of_this_key_and_is_no_token() -> None:
    seen = {tokens.fingerprint(KEY), tokens.fingerprint(KEY + b" "), tokens.fingerprint(b"0" * 16)}
    assert len(seen) == 3 and all(len(f) == 8 and int(f, 16) >= 0 for f in seen)
    assert tokens.fingerprint(KEY) == tokens.fingerprint(bytes(KEY))
    assert not any(str(t).startswith(tokens.fingerprint(KEY)) for t in made(**WHOLE).values())
