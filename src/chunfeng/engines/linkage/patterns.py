"""The pattern of a pair: per part of evidence the level of agreement between a claim and all that is known of a person."""

from __future__ import annotations

import numpy as np
import polars as pl

from chunfeng.engines.linkage.agreement import birth_level, name_level
from chunfeng.engines.linkage.codes import VILLAGE
from chunfeng.engines.linkage.profiles import NAME_COLUMNS, Profiles

_KEYS = ("claim", "person")
_NONE = 127
TOWN, COUNTY = 1000, 1_000_000
TOWN_LEAST, COUNTY_LEAST = 10**8, 10**5
_PLAIN = (
    "claim", "kind", "birth", "born_about", "sex", "phone_code", "phone_2_code", "employer_code", "key_code",
    "surname_code", "region_code", "id_kind", "id17", "known15", "id_text",
)  # fmt: skip


def patterns(
    pairs: pl.DataFrame, claims: pl.DataFrame, profiles: Profiles, mates: pl.DataFrame, slips: pl.DataFrame
) -> pl.DataFrame:
    """One row per pair (claim, person): columns `<part>_level` (Int8, null where there is nothing to compare) and `number`.

    `mates`: pairs whose person lives with those listed beside the claim; `slips`: pairs whose numbers are a keystroke apart.
    """
    people = profiles.people.select(
        "person",
        pl.col("birth").alias("p_birth"),
        pl.col("sex").alias("p_sex"),
        pl.col("known15").alias("p_known15"),
    )
    joined = (
        pairs.join(claims.select(_PLAIN), on="claim")
        .join(people, on="person")
        .sort(_KEYS)
        .with_row_index("pair")
    )
    at = joined.select("pair", *_KEYS)
    joined = joined.with_columns(
        _at(joined, "name_level", _names(at, claims, profiles)),
        _regions(joined, profiles),
        _employers(joined, profiles),
        _marked(joined, "phone_equal", _phones(joined, profiles)),
        _marked(joined, "is_home", at.join(mates, on=_KEYS, how="semi")),
        _marked(joined, "is_slip", at.join(slips, on=_KEYS, how="semi")),
    )
    has_phone = pl.col("person").is_in(profiles.phones["person"].unique().implode())
    has_mates = pl.col("claim").is_in(mates["claim"].unique().implode())
    both_sexes = pl.col("sex").is_in(["1", "2"]) & pl.col("p_sex").is_not_null()
    return joined.select(
        *_KEYS, "kind", "key_code", "surname_code", "region_code", "name_level", "region_level", "employer_level",
        birth_level(pl.col("birth"), pl.col("p_birth")).alias("birth_level"),
        _age_level().alias("age_level"),
        pl.when(both_sexes).then((pl.col("sex") != pl.col("p_sex")).cast(pl.Int8)).alias("sex_level"),
        _yes_or_no("phone_equal", pl.col("phone_code").is_not_null() & has_phone).alias("phone_level"),
        _yes_or_no("is_home", has_mates).alias("household_level"),
        _number().alias("number"),
    )  # fmt: skip


def _at(pairs: pl.DataFrame, name: str, levels: pl.DataFrame) -> pl.Series:
    """The best of `levels` (pair, level) per pair; null for pairs that have none."""
    best = np.full(pairs.height, _NONE, dtype=np.int8)
    known = levels.drop_nulls()
    np.minimum.at(best, known["pair"].to_numpy(), known["level"].to_numpy())
    return pl.select(
        pl.when(pl.lit(pl.Series(best)) != _NONE).then(pl.lit(pl.Series(best))).alias(name)
    ).to_series()


def _marked(pairs: pl.DataFrame, name: str, those: pl.DataFrame) -> pl.Series:
    marks = np.zeros(pairs.height, dtype=np.bool_)
    marks[those["pair"].to_numpy()] = True
    return pl.Series(name, marks)


def _yes_or_no(yes: str, comparable: pl.Expr) -> pl.Expr:
    """0 where `yes` holds, 1 where it does not though both sides say something."""
    return pl.when(pl.col(yes)).then(0).when(comparable).then(1).cast(pl.Int8)


def _names(pairs: pl.DataFrame, claims: pl.DataFrame, profiles: Profiles) -> pl.DataFrame:
    """The agreement with every name the person is known by."""
    known = profiles.names.select("person", *[pl.col(n).alias(f"p_{n}") for n in NAME_COLUMNS])
    named = pairs.join(claims.select("claim", "name_kind", *NAME_COLUMNS), on="claim").join(
        known, on="person"
    )
    return named.select("pair", name_level("p_").alias("level"))


def _phones(pairs: pl.DataFrame, profiles: Profiles) -> pl.DataFrame:
    both = [
        pairs.select("pair", "person", pl.col(c).alias("phone_code")) for c in ("phone_code", "phone_2_code")
    ]
    return pl.concat(both).drop_nulls().join(profiles.phones, on=["person", "phone_code"], how="semi")


def _regions(pairs: pl.DataFrame, profiles: Profiles) -> pl.Series:
    """0 same village, 1 same town, 2 same county, 3 elsewhere; null where codes are too short to tell the first.

    Equal codes are looked up by depth, since one person may have a thousand places in a list that was filled down.
    """
    known = profiles.regions.select("person", "region_code")
    is_village = pl.col("region_code") >= VILLAGE
    at = {
        "village": known.filter(is_village),
        "of_village": _cut(known.filter(is_village), TOWN),
        "town": _cut(known, TOWN),
        "county": _cut(known, COUNTY),
    }
    own = pairs.select("pair", "person", "region_code").drop_nulls()
    same = {
        name: pl.col("pair").is_in(
            _cut(own, {"village": 1, "of_village": TOWN, "town": TOWN, "county": COUNTY}[name])
            .join(places, on=["person", "region_code"], how="semi")["pair"].implode()
        )
        for name, places in at.items()
    }  # fmt: skip
    has_any = pl.col("person").is_in(known["person"].unique().implode())
    code = pl.col("region_code")
    level = (
        pl.when(~has_any | (code < COUNTY_LEAST)).then(None)
        .when(is_village & same["village"]).then(0)
        .when(is_village & same["of_village"]).then(1)
        .when((code >= TOWN_LEAST) & same["town"]).then(None)
        .when(same["county"]).then(pl.when(code >= TOWN_LEAST).then(2))
        .otherwise(3)
    )  # fmt: skip
    return pairs.select(level.cast(pl.Int8).alias("region_level"))["region_level"]


def _cut(places: pl.DataFrame, unit: int) -> pl.DataFrame:
    """Codes of towns (9 digits) or counties (6): a village has 12 digits, a town 9, a county 6."""
    code = pl.col("region_code")
    full = (
        pl.when(code >= VILLAGE)
        .then(code)
        .when(code >= TOWN_LEAST)
        .then(code * 1000)
        .otherwise(code * 1_000_000)
    )
    return places.with_columns(full // unit).unique() if unit > 1 else places


def _employers(pairs: pl.DataFrame, profiles: Profiles) -> pl.Series:
    own = pairs.select("pair", "person", "employer_code").drop_nulls()
    same = pl.col("pair").is_in(
        own.join(profiles.employers, on=["person", "employer_code"], how="semi")["pair"].implode()
    )
    has_any = pl.col("person").is_in(profiles.employers["person"].unique().implode())
    level = pl.when(same).then(0).when(pl.col("employer_code").is_not_null() & has_any).then(1)
    return pairs.select(level.cast(pl.Int8).alias("employer_level"))["employer_level"]


def _age_level() -> pl.Expr:
    """0 within a year (nominal ages count one more), 1 within three, 2 further; only where no birth date was typed."""
    off = (pl.col("born_about").cast(pl.Int32) - pl.col("p_birth") // 10000).abs()
    level = pl.when(off <= 1).then(0).when(off <= 3).then(1).when(off > 3).then(2)
    return pl.when(pl.col("birth").is_null()).then(level).cast(pl.Int8)


def _number() -> pl.Expr:
    """What the damaged or doubtful number says of the person: a key of NUMBER_BITS, null if nothing."""
    first6 = pl.col("id_text").str.replace_all(r"[^0-9]", "").str.slice(0, 6)
    prefix = (pl.col("person") // 10**11).cast(pl.String)
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
