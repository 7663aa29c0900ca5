"""An invented county register and a hard list of rows without a number to link with it: where weights are put to the test.

Of the invented people in `_registry_people` most stand in the register. The list's rows sound alike, are lunar, lack
their birth date, bear a relative's telephone, or belong to nobody in the register. The same seed gives the same case.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import polars as pl

from bench._registry_people import MEN, SURNAMES, WOMEN, Ints, people_of, phone_numbers
from chunfeng.engines.identity import han, id_numbers, names
from chunfeng.engines.linkage.claims import SCHEMA

REGISTER, LIST = "register.csv", "list.csv"
"""File names of the claims: the register with verified numbers, the department's list."""

_LOOK_ALIKE = (
    "末未 土士 天夫 日曰 凤风 宇字 洁浩 晴睛 淑椒 萍苹 娜哪 钟种 铭铬 渊洲 清青 春香 明朋 芳劳 英美 丽雨 梅海 莲连 娟绢 兰三"
    " 金全 荣菜 建健 志忠 伟玮 德得 林材 强张 军车 平乎 福富 辉挥 成戍 水永 东乐 光先 俊浚 松柏 民氏 龙尤 义文 良食 新亲 杰木"
)


@dataclass(frozen=True, slots=True)
class Errors:
    """Shares of the list's rows that err, each by itself."""

    sounds_alike: float = 0.08
    looks_alike: float = 0.02
    lunar: float = 0.12
    birth_slip: float = 0.03
    birth_missing: float = 0.20
    phone_missing: float = 0.40
    phone_stale: float = 0.35
    moved: float = 0.25
    sex_wrong: float = 0.005
    nobody: float = 0.15
    damaged: float = 0.0
    """Rows that bear a damaged number: half the first 15 digits, half one wrong digit; the others bear none."""


@dataclass(frozen=True, slots=True)
class Case:
    """`claims`: SCHEMA and `claim`. `truth`: claim, person (Int64, null: nobody in the register) of rows to be linked."""

    claims: pl.DataFrame
    truth: pl.DataFrame


def make(rows: int, persons: int, seed: int, errors: Errors = Errors(), verified: int | None = None) -> Case:
    """A register of `persons`, a list of `rows` without a number, and `verified` (as many) that bear theirs.

    Nobody is listed twice. Raises ValueError if the list is longer than the register.
    """
    labels = rows if verified is None else verified
    outside = round(rows * errors.nobody)
    if rows - outside + labels > persons:
        raise ValueError("a list of more persons than the register holds")
    rng = np.random.default_rng(seed)
    people = people_of(persons + outside, rng)
    order = rng.permutation(people.height)
    strangers, registered = order[:outside], np.sort(order[outside:])
    listed = order[outside : outside + rows - outside]
    known = order[rows : rows + labels]
    hard = rng.permutation(np.concatenate([strangers, listed]))
    written = _errors(people, np.concatenate([hard, known]), errors, rng, random.Random(seed))
    register = _register(people[registered])
    claims = pl.concat([register, _list(written, rows, errors, rng)]).with_row_index("claim")
    truth = pl.DataFrame(
        {"claim": np.arange(register.height, register.height + rows, dtype=np.uint32), "person": people["id17"].gather(hard)}
    ).with_columns(pl.when(~pl.Series(np.isin(hard, strangers))).then("person").alias("person"))  # fmt: skip
    return Case(claims, truth)


# --- what a clerk makes of them --------------------------------------------------------------------------------------


def _errors(
    people: pl.DataFrame, which: Ints, errors: Errors, rng: np.random.Generator, pick: random.Random
) -> pl.DataFrame:
    """The list's rows of the persons `which`, in that order: id17, name, sex, birth (yyyymmdd), phone, region."""
    rows = people[which]
    chance = rng.random((rows.height, 8))
    written = [
        _misspelt(n, c, errors, pick)
        for n, c in zip(rows["name"].to_list(), chance[:, 0].tolist(), strict=True)
    ]
    man = rows["man"].to_numpy() ^ (chance[:, 1] < errors.sex_wrong)
    relatives = dict(people.drop_nulls("phone").group_by("home").agg("phone").iter_rows())
    phones: list[str | None] = []
    for own, home, fresh, missing, stale in zip(
        rows["phone"], rows["home"], phone_numbers(rows.height, rng).tolist(), chance[:, 2].tolist(), chance[:, 3].tolist(), strict=True
    ):  # fmt: skip
        if missing < errors.phone_missing:
            phones.append(None)
        elif stale < errors.phone_stale or own is None:
            # one in two gives a relative's instead, as far as one is known
            others = (
                [p for p in relatives.get(home, []) if p != own] if stale < errors.phone_stale / 2 else []
            )
            phones.append(pick.choice(others) if others else str(fresh))
        else:
            phones.append(own)
    return rows.select("id17").with_columns(
        pl.Series("name", written),
        pl.Series("sex", np.where(man, "1", "2")),
        pl.Series("birth", _births(rows["born"], chance[:, 4], chance[:, 5], errors, rng)),
        pl.Series("phone", phones, dtype=pl.String),
        pl.Series(
            "region", _moved(rows["region"], people, chance[:, 6] < errors.moved, chance[:, 7] < 0.7, rng)
        ),
    )


@cache
def _alike() -> dict[str, list[tuple[str, ...]]]:
    """Character → those of the names' characters with the same syllable, and those that sound alike only in the south."""
    pool = sorted(set(MEN + WOMEN + _LOOK_ALIKE.replace(" ", "") + SURNAMES))
    sound = {c: han.syllable(c) for c in pool}
    return {
        c: [
            tuple(o for o in pool if o != c and sound[o] == sound[c]),
            tuple(o for o in pool if sound[o] != sound[c] and han.accent(sound[o]) == han.accent(sound[c])),
        ]
        for c in pool
    }


@cache
def _looks() -> dict[str, str]:
    pairs = _LOOK_ALIKE.split()
    return dict([*map(tuple, pairs), *((b, a) for a, b in pairs)])


def _misspelt(name: str, chance: float, errors: Errors, pick: random.Random) -> str:
    """Another character of the given name where one offers itself; one in five homophones only to a southern ear."""
    places = list(range(1, len(name)))
    pick.shuffle(places)
    if chance < errors.sounds_alike:
        southern = chance < errors.sounds_alike / 5
        for accent in (southern, not southern):
            for at in places:
                if others := _alike()[name[at]][accent]:
                    return name[:at] + pick.choice(others) + name[at + 1 :]
    elif chance < errors.sounds_alike + errors.looks_alike:
        for at in places:
            if name[at] in _looks():
                return name[:at] + _looks()[name[at]] + name[at + 1 :]
    return name


def _births(born: pl.Series, missing: Any, wrong: Any, errors: Errors, rng: np.random.Generator) -> pl.Series:
    """As typed: a lunar date lies 18 to 50 days before; a slip changes the day, the month or the year by a little."""
    days = born.to_numpy().astype("datetime64[D]")
    lunar = wrong < errors.lunar
    days = np.where(lunar, days - rng.integers(18, 51, len(days)), days)
    slip = ~lunar & (wrong < errors.lunar + errors.birth_slip)
    text = pl.Series(days).dt.strftime("%Y%m%d").cast(pl.Int32).to_numpy().copy()
    year, month, day = text // 10000, text // 100 % 100, text % 100
    which = rng.integers(0, 4, len(days))
    other_day = 1 + (day - 1 + rng.integers(1, 28, len(days))) % 28
    other_month = 1 + (month - 1 + rng.integers(1, 12, len(days))) % 12
    year = np.where(slip & (which == 0), year + rng.choice([-1, 1, 10, -10], len(days)), year)
    exchanged = slip & (which == 1) & (day <= 12)
    day, month = np.where(exchanged, month, day), np.where(exchanged, day, month)
    day = np.where(slip & ((which == 2) | ((which == 1) & ~exchanged)), other_day, day)
    month = np.where(slip & (which == 3), other_month, month)
    day = np.minimum(
        day, [id_numbers.days_in(y, m) for y, m in zip(year.tolist(), month.tolist(), strict=True)]
    )
    typed = (year * 10000 + month * 100 + day).astype(np.int32)
    return pl.select(pl.when(~pl.Series(missing < errors.birth_missing)).then(pl.Series(typed))).to_series()


def _moved(
    region: pl.Series, people: pl.DataFrame, moved: Any, near: Any, rng: np.random.Generator
) -> list[str]:
    """Another village: seven in ten within the county, the others anywhere people live."""
    villages = sorted(people["region"].unique().to_list())
    within: dict[str, list[str]] = {}
    for village in villages:
        within.setdefault(village[:6], []).append(village)
    draw = rng.random(len(region)).tolist()
    made = []
    for code, goes, stays, chance in zip(region, moved.tolist(), near.tolist(), draw, strict=True):
        choice = within[code[:6]] if stays else villages
        made.append(choice[int(chance * len(choice))] if goes else code)
    return made


# --- as claims -------------------------------------------------------------------------------------------------------


def _claims(frame: pl.DataFrame, file: str, kind: str, department: str) -> pl.DataFrame:
    read = names.read_column(frame["name"])
    whole = frame.with_columns(
        pl.lit(file).alias("file"), pl.lit("").alias("sheet"), pl.lit(kind).alias("kind"),
        pl.lit(department).alias("department"), pl.lit(True).alias("current"),
        pl.int_range(2, pl.len() + 2, dtype=pl.UInt32).alias("row"),
        read["name"], read["kind"].alias("name_kind"), read["key"], read["accent_key"].alias("accent"),
        read["surname"], read["given"], read["variant"],
    )  # fmt: skip
    has = set(whole.columns)
    return whole.select(
        (pl.col(name) if name in has else pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in SCHEMA.items()
    )


def _register(people: pl.DataFrame) -> pl.DataFrame:
    frame = people.select(
        "id17", "name", pl.when("man").then(pl.lit("1")).otherwise(pl.lit("2")).alias("sex"), "phone", "region",
        (pl.lit(REGISTER + "\x1f") + pl.col("household")).alias("household"), pl.lit("ok18").alias("id_kind"),
    )  # fmt: skip
    return _claims(frame, REGISTER, "household_register", "公安")


def _list(written: pl.DataFrame, rows: int, errors: Errors, rng: np.random.Generator) -> pl.DataFrame:
    """The first `rows` without their numbers (or with damaged ones), the rest with."""
    place = pl.int_range(pl.len())
    damaged = pl.Series(rng.random(written.height) < errors.damaged)
    cut = damaged & pl.Series(rng.random(written.height) < 0.5)
    at, add = rng.integers(6, 17, written.height).tolist(), rng.integers(1, 10, written.height).tolist()
    slipped = [
        text[:i] + str((int(text[i]) + by) % 10) + text[i + 1 :]
        for text, i, by in zip(map(id_numbers.id18_of, written["id17"].to_list()), at, add, strict=True)
    ]
    hidden = place < rows
    frame = written.with_columns(
        pl.when(~hidden).then("id17").alias("id17"),
        pl.when(hidden & cut).then(pl.col("id17") // 100).alias("known15"),
        pl.when(hidden & cut).then((pl.col("id17") // 100).cast(pl.String) + "000")
        .when(hidden & damaged).then(pl.Series(slipped)).alias("id_text"),
        pl.when(~hidden).then(pl.lit("ok18")).when(cut).then(pl.lit("cut15")).when(damaged).then(pl.lit("bad_check"))
        .alias("id_kind"),
    )  # fmt: skip
    return _claims(frame, LIST, "village_survey", "村居")
