"""The compiled pass and the definition say the same of every text. All numbers are invented."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from bench import _dirty_ids
from chunfeng.engines.identity import citizen_ids, id_columns, id_kernel, id_numbers, id_slips

SOURCE = Path(__file__).parents[3] / "src"
DIGITS = "0123456789"
MARKS = "Xx×ХхOolI*.-－—+eEB'‘` \u00a0\u3000\u200b\ufeff\t０９Ｘ（）/，身份证无"


def compiled(texts: list[str | None], threads: int = 1) -> pl.DataFrame:
    values = pl.Series(texts, dtype=pl.String)
    return id_columns.read_column(values, citizen_ids.SCHEMA, tuple(citizen_ids.SCHEMA), threads)


def defined(texts: list[str | None]) -> pl.DataFrame:
    return citizen_ids.read_texts(pl.Series(texts, dtype=pl.String))


@st.composite
def written(draw: st.DrawFn) -> str:
    """A number spoiled in a known way or two, then some characters put in, left out or exchanged."""
    rng = draw(st.randoms(use_true_random=False))
    known = (*_dirty_ids.WRITTEN, *_dirty_ids.DAMAGED, *_dirty_ids.RARE)
    text = draw(st.sampled_from(known))(rng, _dirty_ids.number(rng))
    for spoil in draw(st.lists(st.sampled_from(_dirty_ids.WRITTEN), max_size=1)):
        text = spoil(rng, text)
    for _ in range(draw(st.integers(0, 3))):
        place = draw(st.integers(0, len(text)))
        new = draw(st.sampled_from(DIGITS + MARKS) | st.characters())
        text = text[:place] + new + text[place + draw(st.integers(0, 2)) :]
    return text


@settings(max_examples=150, deadline=None)
@given(
    st.lists(written() | st.text(DIGITS + MARKS, max_size=24) | st.text(max_size=24) | st.none(), max_size=60)
)
def test_any_column_reads_as_its_texts_do(texts: list[str | None]) -> None:
    assert_frame_equal(compiled(texts), defined(texts))


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.text(DIGITS, min_size=12, max_size=21) | st.text("0123.", min_size=14, max_size=22), max_size=60
    )
)
def test_columns_of_digits_read_as_their_texts_do(texts: list[str | None]) -> None:
    assert_frame_equal(compiled(texts), defined(texts))


@pytest.mark.slow
def test_no_difference_in_300_000_dirty_values() -> None:
    texts = _dirty_ids.dirty(300_000, seed=20230115, spoiled=0.6)
    assert_frame_equal(compiled(texts, threads=2), defined(texts))


def test_threads_and_columns_change_nothing() -> None:
    values = pl.Series(_dirty_ids.dirty(140_000, seed=5), dtype=pl.String)
    whole = citizen_ids.read_column(values, threads=1)
    assert_frame_equal(whole, citizen_ids.read_column(values, threads=3))
    some = ("id17", "kind", "digits")
    assert_frame_equal(whole.select(some), citizen_ids.read_column(values, some))
    assert whole.schema == citizen_ids.SCHEMA


@pytest.mark.parametrize("rows", [2_000, 140_000])
def test_keys_say_the_same_as_columns(rows: int) -> None:
    values = pl.Series(_dirty_ids.dirty(rows, seed=4, spoiled=0.5), dtype=pl.String)
    frame = citizen_ids.read_texts(values)
    kinds, numbers = citizen_ids.read_keys(values)
    names = [citizen_ids.KINDS[code] if code != 255 else None for code in kinds]
    assert names == frame["kind"].to_list()
    assert (
        numbers.tolist()
        == frame.select(pl.coalesce("id17", "known15", "digits17").fill_null(0)).to_series().to_list()
    )


def test_slices_and_chunks_of_a_column_are_read_as_they_are() -> None:
    """Arrow columns may begin inside their buffers, lie in several, or share large ones."""
    texts = _dirty_ids.dirty(3_000, seed=6)
    values = pl.Series(texts, dtype=pl.String)
    for part in (
        values.slice(1_001, 77),
        pl.concat([values.slice(10, 40), values.slice(2_000, 40)], rechunk=False),
        values.filter(values.is_not_null()).gather_every(7),
        pl.concat([pl.Series(["a" * 5_000_000]), values])[1:60],
        values.head(0),
        pl.Series([None, None], dtype=pl.String),
        pl.Series(["无", ""]),
    ):
        read = id_columns.read_column(part, citizen_ids.SCHEMA, tuple(citizen_ids.SCHEMA), 1)
        assert_frame_equal(read, defined(part.to_list()))


def test_a_short_column_and_a_long_one_read_alike() -> None:
    """Short columns go without compiled code."""
    texts = _dirty_ids.dirty(25_000, seed=8)
    short = citizen_ids.read_column(pl.Series(texts[:500], dtype=pl.String))
    assert_frame_equal(short, citizen_ids.read_column(pl.Series(texts, dtype=pl.String)).head(500))


@settings(deadline=None)  # the first call may compile
@given(st.text(DIGITS, min_size=17, max_size=17), st.sampled_from("0123456789X"))
def test_what_could_explain_damage_is_computed_as_defined(first: str, last: str) -> None:
    born = "19" + first[8:10] + f"{int(first[10:12]) % 14:02d}{int(first[12:14]) % 33:02d}"
    characters = f"35{first[2:6]}{born}{first[14:17]}{last}"
    coded = np.frombuffer(characters.encode(), np.uint8).copy()
    assert id_slips.SLIPS[id_kernel.explain(coded)] == id_slips.explain(characters)
    assert coded.tobytes().decode() == characters, "the characters tried are put back"


@pytest.mark.parametrize(
    "text",
    [
        "‘000000000000000001",  # 17 zeros are digits too
        "3506**********552X5",  # X within a masked number
        "3526271988111236X043",  # X where no certificate has it
        "OIl627198811123",  # three letters and twelve digits: an old card of a foreigner?
        "999999999999999999.0",  # rounds to nineteen digits
        "352627-1988-1112-36-20",  # four hyphens, but not together
    ],
)
def test_odd_texts_read_alike(text: str) -> None:
    assert_frame_equal(compiled([text]), defined([text]))


def test_every_kind_reaches_the_column() -> None:
    kinds = compiled(_dirty_ids.dirty(20_000, seed=9, spoiled=0.9))["kind"].drop_nulls().unique()
    assert set(kinds) == set(citizen_ids.KINDS)


def test_tables_agree_with_the_arithmetic() -> None:
    look = id_kernel.TABLES
    for id17 in (35262719881112362, 11010519491231002, 44052418800101001):
        head, middle, tail = id17 // 10**11, id17 // 10**5 % 10**6, id17 % 10**5
        total = (int(look.head[head]) & 15) + (int(look.middle[middle]) & 15) + int(look.tail[tail])
        assert total % 11 == id_numbers.check_sum(f"{id17:017d}")
        assert (int(look.middle[middle]) >> 4) + 24 == id_numbers.days_in(middle // 100, middle % 100)


_WITHOUT_NUMBA = """
import sys
sys.modules["numba"] = None
import polars as pl
from chunfeng.engines.identity import citizen_ids
values = pl.read_parquet(sys.argv[1])["text"]
citizen_ids.read_column(values).write_parquet(sys.argv[2])
assert "chunfeng.engines.identity.id_kernel" not in sys.modules
"""


def test_without_numba_everything_reads_the_same(tmp_path: Path) -> None:
    values = pl.Series("text", _dirty_ids.dirty(21_000, seed=10), dtype=pl.String)
    values.to_frame().write_parquet(tmp_path / "in.parquet")
    script = [sys.executable, "-c", _WITHOUT_NUMBA, tmp_path / "in.parquet", tmp_path / "out.parquet"]
    subprocess.run(script, check=True, env={**os.environ, "PYTHONPATH": str(SOURCE)})
    assert_frame_equal(pl.read_parquet(tmp_path / "out.parquet"), citizen_ids.read_column(values))


_WITHOUT_CACHE = """
import numba.core.caching as caching
for locator in caching.CacheImpl._locator_classes:
    locator.from_function = classmethod(lambda cls, function, path: None)
from chunfeng.engines.identity import id_kernel
assert id_kernel.is_birth(19881112) and not id_kernel.is_birth(19880230)
"""


def test_a_read_only_installation_compiles_without_keeping(tmp_path: Path) -> None:
    """Neither the folder of the code nor that of the user can be written to."""
    package = tmp_path / "src" / "chunfeng"
    pyc = shutil.ignore_patterns("__pycache__")
    shutil.copytree(SOURCE / "chunfeng/engines/identity", package / "engines/identity", ignore=pyc)
    env = {**os.environ, "PYTHONPATH": str(tmp_path / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
    subprocess.run([sys.executable, "-c", _WITHOUT_CACHE], check=True, env=env)
    assert not list(package.rglob("*.nbc"))
