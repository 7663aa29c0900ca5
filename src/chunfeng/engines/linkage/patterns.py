"""The pattern of a pair: per part of evidence the level of agreement between a claim and all that is known of a person."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl
from numpy.typing import NDArray

from chunfeng.engines.linkage.agreement import NAME, birth_level, name_level
from chunfeng.engines.linkage.codes import VILLAGE
from chunfeng.engines.linkage.profiles import TOWN_LEAST, Profiles

_KEYS = ("claim", "person")
_NONE = 127
_NAME = ("name", "key", "accent", "surname", "given", "variant")
TOWN, COUNTY = 1000, 1_000_000
COUNTY_LEAST = 10**5
_PLAIN = (
    "claim", "kind", "birth", "born_about", "sex", "phone_code", "phone_2_code", "employer_code", "key_code",
    "surname_code", "region_code", "id_kind", "id17", "known15", "id_text",
)  # fmt: skip
Places = NDArray[np.intp]
Levels = NDArray[np.int8]


def patterns(
    pairs: pl.DataFrame, claims: pl.DataFrame, profiles: Profiles, mates: pl.DataFrame, slips: pl.DataFrame
) -> pl.DataFrame:
    """One row per pair (claim, person): columns `<part>_level` (Int8, null where there is nothing to compare) and `number`.

    `mates`: pairs whose person lives with those listed beside the claim; `slips`: pairs whose numbers are a keystroke apart.
    """
    asked = claims.select(_PLAIN).with_row_index("at")
    of_number = pl.when(pl.col("person") % 2 == 1).then(pl.lit("1")).otherwise(pl.lit("2"))
    joined = (
        pairs.select(_KEYS)
        .join(asked, on="claim", maintain_order="left")
        .with_row_index("pair")
        .with_columns(
            # a number tells birth date and sex
            (pl.col("person") // 1000 % 100_000_000).cast(pl.Int32).alias("p_birth"),
            of_number.alias("p_sex"),
            (pl.col("person") // 100).alias("p_known15"),
        )
    )
    at = joined.select("pair", *_KEYS)
    met = _Met(joined["person"])
    has_phone, phone_equal = _phones(joined, profiles, met)
    joined = joined.with_columns(
        _names(joined["at"], claims, profiles, met),
        _regions(joined["region_code"], profiles, met),
        _employers(joined["employer_code"], profiles, met),
        phone_equal,
        has_phone,
        _marked(joined, "is_home", at.join(mates, on=_KEYS, how="semi")),
        _marked(joined, "is_slip", at.join(slips, on=_KEYS, how="semi")),
    )
    has_mates = pl.col("claim").is_in(mates["claim"].unique().implode())
    says_sex = pl.col("sex").is_in(["1", "2"])
    return joined.select(
        *_KEYS, "kind", "key_code", "surname_code", "region_code", "name_level", "region_level", "employer_level",
        birth_level(pl.col("birth"), pl.col("p_birth")).alias("birth_level"),
        _age_level().alias("age_level"),
        pl.when(says_sex).then((pl.col("sex") != pl.col("p_sex")).cast(pl.Int8)).alias("sex_level"),
        _yes_or_no("phone_equal", pl.col("phone_code").is_not_null() & pl.col("has_phone")).alias("phone_level"),
        _yes_or_no("is_home", has_mates).alias("household_level"),
        _number().alias("number"),
    )  # fmt: skip


class _Met:
    """What tables of a profile say of each pair's person, one value after the other.

    Nearly everybody has one name and one place; one person may have a thousand in a list that was filled down, and so
    pairs are never multiplied by values.
    """

    def __init__(self, person: pl.Series) -> None:
        self._persons, self._at = np.unique(person.to_numpy(), return_inverse=True)

    def values(self, table: pl.DataFrame) -> Iterator[tuple[Places, Places]]:
        """(pairs, rows): of every person the first row in `table`, then the second, and so on."""
        persons = table["person"].to_numpy()
        first = np.searchsorted(persons, self._persons)
        count = (np.searchsorted(persons, self._persons, side="right") - first)[self._at]
        row, pair = first[self._at], np.arange(len(self._at))
        for nth in range(int(count.max(initial=0))):
            pair = pair[count[pair] > nth]
            yield pair, row[pair] + nth


def _marked(pairs: pl.DataFrame, name: str, those: pl.DataFrame) -> pl.Series:
    marks = np.zeros(pairs.height, dtype=np.bool_)
    marks[those["pair"].to_numpy()] = True
    return pl.Series(name, marks)


def _level(name: str, best: Levels) -> pl.Series:
    """Levels with _NONE as null."""
    levels = pl.Series(name, best)
    return pl.select(pl.when(levels != _NONE).then(levels).alias(name)).to_series()


def _yes_or_no(yes: str, comparable: pl.Expr) -> pl.Expr:
    """0 where `yes` holds, 1 where it does not though both sides say something."""
    return pl.when(pl.col(yes)).then(0).when(comparable).then(1).cast(pl.Int8)


def _names(at: pl.Series, claims: pl.DataFrame, profiles: Profiles, met: _Met) -> pl.Series:
    """The best agreement with the names the person is known by; `at`: the claim's row in `claims`."""
    best = np.full(at.len(), _NONE, np.int8)
    rows, said = at.to_numpy(), profiles.said
    of_known = profiles.names["claim"].to_numpy()
    name, key = _codes("name_code", claims, said), _codes("key_code", claims, said)
    is_plain = (claims["variant"].is_null() & (claims["name_kind"] == "ok").fill_null(False)).to_numpy()
    has_variant = said["variant"].is_not_null().to_numpy()
    for pair, row in met.values(profiles.names):
        a, b = rows[pair], of_known[row]
        is_same = name[0][a] == name[1][b]
        sounds_same = ~is_same & (key[0][a] == key[1][b]) & is_plain[a] & ~has_variant[b]
        best[pair[is_same]] = NAME.EXACT
        best[pair[sounds_same]] = np.minimum(best[pair[sounds_same]], NAME.SOUND)
        # most names are equal or sound equal: only the others are compared as written
        rest = ~(is_same | sounds_same)
        other = said.select(pl.col(n).alias(f"p_{n}") for n in _NAME)[b[rest]]
        level = (
            claims.select("name_kind", *_NAME)[a[rest]]
            .hstack(other)
            .select(name_level("p_").fill_null(_NONE))
        )
        best[pair[rest]] = np.minimum(best[pair[rest]], level.to_series().to_numpy())
    return _level("name_level", best)


def _codes(code: str, *tables: pl.DataFrame) -> list[NDArray[np.uint64]]:
    """That column of each table; no two tables have one value in common that stands for none."""
    return [t[code].fill_null(none).to_numpy() for none, t in enumerate(tables)]


def _phones(pairs: pl.DataFrame, profiles: Profiles, met: _Met) -> tuple[pl.Series, pl.Series]:
    """Whether the person has a telephone, and whether it is one of the claim's two."""
    one, two = (pairs[c].fill_null(0).to_numpy() for c in ("phone_code", "phone_2_code"))
    known = profiles.phones["phone_code"].to_numpy()
    has, equal = np.zeros((2, pairs.height), np.bool_)
    for pair, row in met.values(profiles.phones):
        has[pair] = True
        equal[pair] |= (one[pair] == known[row]) | (two[pair] == known[row])
    return pl.Series("has_phone", has), pl.Series("phone_equal", equal)


def _regions(region_code: pl.Series, profiles: Profiles, met: _Met) -> pl.Series:
    """0 same village, 1 same town, 2 same county, 3 elsewhere; null where codes are too short to tell the first."""
    own, known = (
        c.cast(pl.Int64).fill_null(0).to_numpy() for c in (region_code, profiles.regions["region_code"])
    )
    own_full, known_full = _full(own), _full(known)
    best = np.full(len(own), _NONE, np.int8)
    for pair, row in met.values(profiles.regions):
        a, b = own_full[pair], known_full[row]
        of_village, same_town = own[pair] >= VILLAGE, a // TOWN == b // TOWN
        places = {
            0: of_village & (a == b),
            1: of_village & same_town & (known[row] >= VILLAGE),
            _TOWN_AT_LEAST: same_town & (own[pair] >= TOWN_LEAST),
            _COUNTY_AT_LEAST: a // COUNTY == b // COUNTY,
        }
        near = np.select(list(places.values()), list(places), _ELSEWHERE)
        best[pair] = np.minimum(best[pair], near)
    said = np.array([0, 1, _NONE, 2, 3], np.int8)[np.minimum(best, _ELSEWHERE)]
    vague = (best == _COUNTY_AT_LEAST) & (own < TOWN_LEAST)
    return _level("region_level", np.where((best == _NONE) | (own < COUNTY_LEAST) | vague, _NONE, said))


_TOWN_AT_LEAST, _COUNTY_AT_LEAST, _ELSEWHERE = 2, 3, 4
"""How near two places are, after the same village (0) and the same town by villages of it (1)."""


def _full(code: NDArray[np.int64]) -> NDArray[np.int64]:
    """Codes of villages (12 digits), towns (9) and counties (6) at 12 digits."""
    return np.select([code >= VILLAGE, code >= TOWN_LEAST], [code, code * TOWN], code * COUNTY)


def _employers(employer_code: pl.Series, profiles: Profiles, met: _Met) -> pl.Series:
    own, known = employer_code.fill_null(0).to_numpy(), profiles.employers["employer_code"].to_numpy()
    best = np.full(len(own), _NONE, np.int8)
    for pair, row in met.values(profiles.employers):
        best[pair] = np.minimum(best[pair], own[pair] != known[row])
    return _level("employer_level", np.where(employer_code.is_null(), _NONE, best).astype(np.int8))


def _age_level() -> pl.Expr:
    """0 within a year (nominal ages count one more), 1 within three, 2 further; only where no birth date was typed."""
    off = (pl.col("born_about").cast(pl.Int32) - pl.col("p_birth") // 10000).abs()
    level = pl.when(off <= 1).then(0).when(off <= 3).then(1).when(off > 3).then(2)
    return pl.when(pl.col("birth").is_null()).then(level).cast(pl.Int8)


def _number() -> pl.Expr:
    """What the damaged or doubtful number says of the person: a key of NUMBER_BITS, null if nothing."""
    first6 = pl.col("id_text").str.replace_all(r"[^0-9]", "").str.slice(0, 6).cast(pl.Int64, strict=False)
    prefix = pl.col("person") // 10**11
    numbered = pl.col("person") > 0
    slipped = pl.col("id_kind").is_in(["bad_check", "bad_date", "short", "long"])
    return (
        pl.when(pl.col("id17") == pl.col("person")).then(pl.lit("verified"))
        .when(pl.col("known15") == pl.col("p_known15")).then(pl.lit("known15"))
        .when(pl.col("is_slip")).then(pl.lit("slip"))
        .when((pl.col("known15").is_not_null() | slipped) & numbered).then(pl.lit("against"))
        .when((pl.col("id_kind") == "scientific") & (first6 == prefix)).then(pl.lit("prefix"))
        .when((pl.col("id_kind") == "scientific") & numbered).then(pl.lit("against"))
    )  # fmt: skip
