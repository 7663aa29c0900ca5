"""A person in 128 bytes: what a pair is compared by, for registers that live in a memory map and not in memory.

A table of profiles knows every name and place of a person; a record holds one name, two telephones and two places, which
is what nearly all persons have. Levels are those of `agreement`; a name it cannot hold (longer than four letters, a
nickname, a mask) has the level LEFT and is compared there. Records mean the same in every version and on every machine.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

LETTERS = 4
RECORD = np.dtype(
    [
        ("person", "<i8"),
        ("letters", "<u4", LETTERS),
        ("sounds", "<u4", LETTERS),
        ("accents", "<u4", LETTERS),
        ("variant", "<u4", LETTERS),
        ("phones", "<i8", 2),
        ("regions", "<i8", 2),
        ("employer", "<u8"),
        ("birth", "<i4"),
        ("born_about", "<i2"),
        ("sex", "u1"),
        ("length", "u1"),
        ("surname", "u1"),
        ("spare", "u1", 7),
    ]
)
"""`letters` code points, `sounds` and `accents` CRC-32 of the syllables, `variant` code points of the other form, 0 after the
last; `length` letters, 0 for a name that the record does not hold, 255 for none; `surname` how many of them. Telephones and
region codes as numbers, the employer as CRC-32 of its code forwards and backwards, 0 for unknown. `birth` yyyymmdd,
`sex` 1, 2 or 0. 128 bytes."""
PARTS = ("name", "birth", "age", "sex", "phone", "region", "employer")
"""What `levels` compares, in its columns."""
NOTHING, LEFT = -1, -2
"""Beside the levels of `agreement`: one side says nothing; the name is left to `agreement.name_level`."""
NO_NAME = 255
Levels = NDArray[np.int8]
Records = NDArray[np.void]


def pack(claims: pl.DataFrame, person: pl.Series | None = None) -> Records:
    """Records of rows with the columns of a claim (`claims.SCHEMA`), in their order. `person`: their persons, else 0."""
    records = np.zeros(claims.height, RECORD)
    if person is not None:
        records["person"] = person.to_numpy()
    _pack_names(records, claims)
    for i, column in enumerate(("phone", "phone_2")):
        records["phones"][:, i] = _numbers(claims[column])
    records["regions"][:, 0] = _numbers(claims["region"])
    records["employer"] = _by_distinct(claims["employer"], _twice, pl.UInt64)
    records["birth"] = claims["birth"].fill_null(0).to_numpy()
    records["born_about"] = claims["born_about"].fill_null(0).to_numpy()
    sex = claims["sex"].cast(pl.UInt8, strict=False).fill_null(0)
    records["sex"] = np.where(sex <= 2, sex, 0)
    return records


def create(path: Path, count: int) -> np.memmap[tuple[int], np.dtype[np.void]]:
    """A new file of `count` empty records to write into; a hole on disk until then."""
    return np.memmap(path, RECORD, mode="w+", shape=(count,))


def opened(path: Path) -> np.memmap[tuple[int], np.dtype[np.void]]:
    """The records of a file, read where they are looked at. Raises ValueError if it is no file of records."""
    if path.stat().st_size % RECORD.itemsize:
        raise ValueError(f"{path.name} holds no whole number of records of {RECORD.itemsize} bytes")
    return np.memmap(path, RECORD, mode="r")


def levels(
    claims: Records,
    persons: Records,
    claim: NDArray[np.int64],
    person: NDArray[np.int64],
    *,
    kernel: bool = True,
) -> Levels:
    """Levels of agreement of claims[claim[i]] with persons[person[i]]: one row per pair, columns PARTS.

    With `kernel` in compiled code where numba is there; the answer is the same without.
    """
    if kernel:
        try:
            from chunfeng.engines.linkage.record_kernel import compare
        except ImportError:
            pass
        else:
            found = np.empty((len(claim), len(PARTS)), np.int8)
            compare(claims, persons, claim, person, found)
            return found
    return _levels(claims[claim], persons[person])


# --- packing ---------------------------------------------------------------------------------------------------------


def _pack_names(records: Records, claims: pl.DataFrame) -> None:
    letters = claims["name"].str.split("")
    sounds, accents = (claims[c].str.split(" ") for c in ("key", "accent"))
    length = letters.list.len()
    held = (
        (claims["name_kind"] == "ok")
        & (length <= LETTERS)
        & (length == sounds.list.len())
        & (length == accents.list.len())
    ).fill_null(False)
    records["length"] = np.where(
        claims["name"].is_null(), NO_NAME, np.where(held, length.fill_null(0), 0)
    ).astype(np.uint8)
    surname = claims["surname"].str.len_chars().fill_null(0)
    records["surname"] = np.where(held, surname, 0).astype(np.uint8)
    variant = claims["variant"].str.split("")
    for field, parts, code in (
        ("letters", letters, _point), ("sounds", sounds, _crc), ("accents", accents, _crc),
        ("variant", pl.select(pl.when(variant.list.len() <= LETTERS).then(variant)).to_series(), _point),
    ):  # fmt: skip
        for i in range(LETTERS):
            codes = _by_distinct(parts.list.get(i, null_on_oob=True), code, pl.UInt32)
            records[field][:, i] = np.where(held, codes, 0)


def _point(letter: str) -> int:
    return ord(letter)


def _crc(text: str) -> int:
    return zlib.crc32(text.encode())


def _twice(text: str) -> int:
    return zlib.crc32(text.encode()) << 32 | zlib.crc32(text[::-1].encode())


def _by_distinct(
    texts: pl.Series, code: Callable[[str], int], dtype: type[pl.DataType]
) -> NDArray[np.unsignedinteger]:
    """The code of each text, 0 for none; each distinct text is looked at once."""
    known = texts.drop_nulls().unique()
    codes = pl.Series([code(text) for text in known], dtype=dtype)
    return texts.replace_strict(known, codes, default=None, return_dtype=dtype).fill_null(0).to_numpy()


def _numbers(texts: pl.Series) -> NDArray[np.int64]:
    return texts.cast(pl.Int64, strict=False).fill_null(0).to_numpy()


# --- comparing: the definition in whole columns ----------------------------------------------------------------------


def _levels(a: Records, b: Records) -> Levels:
    found = np.full((len(a), len(PARTS)), NOTHING, np.int8)
    found[:, 0] = _name(a, b)
    found[:, 1] = _birth(a["birth"], b["birth"])
    off = np.abs(a["born_about"].astype(np.int64) - b["birth"] // 10_000)
    aged = (a["birth"] == 0) & (a["born_about"] > 0) & (b["birth"] > 0)
    found[:, 2] = np.where(aged, np.select([off <= 1, off <= 3], [0, 1], 2), NOTHING)
    both = (a["sex"] > 0) & (b["sex"] > 0)
    found[:, 3] = np.where(both, a["sex"] != b["sex"], NOTHING)
    equal = (a["phones"][:, :, None] == b["phones"][:, None, :]) & (a["phones"][:, :, None] > 0)
    comparable = (a["phones"][:, 0] > 0) & (b["phones"] > 0).any(axis=1)
    found[:, 4] = np.where(equal.any(axis=(1, 2)), 0, np.where(comparable, 1, NOTHING))
    places = np.stack([_region(a["regions"][:, 0], b["regions"][:, i]) for i in range(2)])
    best = np.where(places == NOTHING, 127, places).min(axis=0)
    found[:, 5] = np.where(best == 127, NOTHING, best)
    known = (a["employer"] > 0) & (b["employer"] > 0)
    found[:, 6] = np.where(known, a["employer"] != b["employer"], NOTHING)
    return found


def _name(a: Records, b: Records) -> NDArray[np.int64]:
    """Levels of `agreement.NAME`."""
    same = {f: (a[f] == b[f]).all(axis=1) for f in ("letters", "sounds", "accents")}
    variant = ((a["variant"] == b["letters"]).all(axis=1) & (a["variant"][:, 0] > 0)) | (
        (b["variant"] == a["letters"]).all(axis=1) & (b["variant"][:, 0] > 0)
    )
    at = np.arange(LETTERS)
    of_surname = at < a["surname"][:, None]
    surname = (
        (a["surname"] == b["surname"])
        & (a["surname"] > 0)
        & ((a["letters"] == b["letters"]) | ~of_surname).all(axis=1)
    )
    differ = ((a["letters"] != b["letters"]) & ~of_surname).sum(axis=1)
    one_off = surname & (a["length"] == b["length"]) & (differ == 1)
    level = np.select(
        [same["letters"], variant, same["sounds"], same["accents"], one_off, surname], [0, 1, 2, 3, 4, 6], 7
    )
    left = (a["length"] == 0) | (b["length"] == 0)
    none = (a["length"] == NO_NAME) | (b["length"] == NO_NAME)
    return np.where(none, NOTHING, np.where(left, LEFT, level))


def _birth(typed: NDArray[np.int32], true: NDArray[np.int32]) -> NDArray[np.int64]:
    """Levels of `agreement.BIRTH`."""
    y, m, d = typed // 10_000, typed // 100 % 100, typed % 100
    ty, tm, td = true // 10_000, true // 100 % 100, true % 100
    partly = (d == 0) & (y == ty) & ((m == 0) | (m == tm))
    wrong = (y != ty).astype(np.int64) + (m != tm) + (d != td)
    days = (ty - y) * 365 + (tm - m) * 30 + (td - d)
    digits = sum((y // 10**i % 10 != ty // 10**i % 10).astype(np.int64) for i in range(4))
    near = (np.abs(y - ty) <= 1) | ((digits == 1) & ((m == 0) | (m == tm)))
    exchanged = (y == ty) & (m == td) & (d == tm)
    level = np.select(
        [typed == true, partly, (d > 0) & (days >= 15) & (days <= 55), (d > 0) & ((wrong == 1) | exchanged), near],
        [0, 1, 2, 3, 4], 5,
    )  # fmt: skip
    return np.where((typed == 0) | (true == 0), NOTHING, level)


def _region(a: NDArray[np.int64], b: NDArray[np.int64]) -> NDArray[np.int64]:
    """Levels of `agreement.region_level` of codes of 12, 9 and 6 digits."""
    deep = np.minimum(_depth(a), _depth(b))
    town = _cut(a, 9) == _cut(b, 9)
    county = _cut(a, 6) == _cut(b, 6)
    return np.select(
        [deep < 6, (deep == 12) & (a == b), (deep >= 9) & town & (deep == 12), (deep >= 9) & town, (deep >= 9) & county, ~county],
        [NOTHING, 0, 1, NOTHING, 2, 3], NOTHING,
    )  # fmt: skip


def _depth(code: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.select([code >= 10**11, code >= 10**8, code >= 10**5], [12, 9, 6], 0)


def _cut(code: NDArray[np.int64], digits: int) -> NDArray[np.int64]:
    depth = _depth(code)
    return np.where(depth >= digits, code // 10 ** np.maximum(depth - digits, 0), -1)
