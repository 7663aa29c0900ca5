"""HMAC-SM3: the standard's vectors, and equal bytes whichever way a token is made."""

import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chunfeng.engines.disclosure import hmac_sm3, sm3_kernel
from tests.engines.disclosure.sm3_by_the_standard import hmac_sm3 as by_the_standard
from tests.engines.disclosure.sm3_by_the_standard import sm3

SOURCE = Path(__file__).parents[3] / "src"
KEY = b"a key that is only for tests"
ABC = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
ABCD_16 = "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"


@pytest.fixture(autouse=True, scope="module")
def compiled_at_once() -> Iterator[None]:
    """Short columns go through the compiled pass too; `plain_token` never does."""
    with pytest.MonkeyPatch.context() as patch:
        by_kernel(b"", KEY)  # compiled before anything is timed
        patch.setattr(hmac_sm3, "_COMPILED_PAYS", 1)
        yield


def series(values: list[str | None]) -> pl.Series:
    return pl.Series("v", values, dtype=pl.String)


def by_kernel(message: bytes, key: bytes) -> str:
    """One message of any bytes through the compiled pass."""
    out = np.zeros(64, np.uint8)
    data = np.frombuffer(message + b"\xff", np.uint8)
    keyed = sm3_kernel.keyed_states(hmac_sm3.key_block(key))
    sm3_kernel.write_tokens(data, np.array([0, len(message)], np.int64), keyed, out, 0, 1)
    return out.tobytes().decode()


@pytest.mark.parametrize(("message", "digest"), [(b"abc", ABC), (b"abcd" * 16, ABCD_16)])
def test_the_reference_gives_the_examples_of_the_standard(message: bytes, digest: str) -> None:
    """GB/T 32905-2016, annex A."""
    assert sm3(message).hex() == digest


@given(st.binary(min_size=1, max_size=150), st.binary(max_size=300))
def test_definition_and_compiled_pass_follow_the_standard(key: bytes, message: bytes) -> None:
    expected = by_the_standard(key, message).hex()
    assert hmac_sm3.digest(key, message).hex() == expected
    assert by_kernel(message, key) == expected


def test_every_length_around_the_padding_is_right_beside_any_other_length() -> None:
    rng = random.Random(1)
    texts = ["x" * length for length in range(200)] + ["长" * 1000, ""]
    rng.shuffle(texts)
    assert hmac_sm3.token(series(texts), KEY).to_list() == [
        by_the_standard(KEY, t.encode()).hex() for t in texts
    ]


@given(st.lists(st.none() | st.text(max_size=90), max_size=50), st.binary(min_size=1, max_size=80))
def test_a_column_is_its_values_one_by_one(values: list[str | None], key: bytes) -> None:
    column = hmac_sm3.token(series(values), key)
    assert column.dtype == pl.String and column.name == "v"
    assert column.to_list() == hmac_sm3.plain_token(series(values), key).to_list()
    assert column.to_list() == [None if v is None else hmac_sm3.digest(key, v.encode()).hex() for v in values]


@pytest.mark.parametrize("threads", [1, 2, 5, None])
def test_parts_and_threads_make_no_difference(threads: int | None) -> None:
    rng = random.Random(2)
    values = series(
        [None if rng.random() < 0.1 else f"id17|{rng.randrange(10**17):017d}" for _ in range(70_001)]
    )
    made = hmac_sm3.token(values, KEY, threads)
    assert made.equals(hmac_sm3.plain_token(values, KEY))


def test_slices_and_chunks_of_a_column_make_no_difference() -> None:
    whole = series([None if i % 7 == 0 else f"姓名|{i}" for i in range(100)])
    chunked = pl.concat([whole[:31], whole[31:64], whole[64:]], rechunk=False)
    expected = hmac_sm3.plain_token(whole, KEY)
    assert hmac_sm3.token(chunked, KEY).equals(expected)
    assert hmac_sm3.token(whole[3:97], KEY).equals(expected[3:97])
    assert hmac_sm3.token(whole.filter(whole.is_not_null()), KEY).equals(expected.drop_nulls())


def test_an_empty_column_and_one_of_nulls_stay_so() -> None:
    assert hmac_sm3.token(series([]), KEY).to_list() == []
    assert hmac_sm3.token(series([None, None]), KEY).to_list() == [None, None]


def test_another_key_gives_other_tokens() -> None:
    values = series([str(i) for i in range(40)])
    one, other = (set(hmac_sm3.token(values, key)) for key in (KEY, KEY + b"."))
    assert len(one) == len(other) == 40 and not one & other


@pytest.mark.parametrize("make", [hmac_sm3.token, hmac_sm3.plain_token])
def test_an_empty_key_is_refused(make) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match="empty key"):
        make(series(["x"]), b"")


WITHOUT_NUMBA = """
import sys
sys.modules["numba"] = None
import polars as pl
from chunfeng.engines.disclosure import hmac_sm3
print(hmac_sm3.token(pl.Series([f"id17|{i}" for i in range(25_000)]), b"0123456789abcdef").hash(7).sum())
print("chunfeng.engines.disclosure.sm3_kernel" in sys.modules)
"""


def test_without_numba_the_tokens_are_the_same() -> None:
    run = subprocess.run(
        [sys.executable, "-c", WITHOUT_NUMBA], capture_output=True, encoding="utf-8", cwd=SOURCE, check=True
    )
    values = pl.Series([f"id17|{i}" for i in range(25_000)])
    assert run.stdout.split() == [str(hmac_sm3.token(values, b"0123456789abcdef").hash(7).sum()), "False"]
