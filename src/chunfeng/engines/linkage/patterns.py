"""The pattern of a pair: per part of evidence the level of agreement between a claim and all that is known of a person."""

from __future__ import annotations

import polars as pl

from chunfeng.engines.linkage.agreement import birth_level, name_level, region_level
from chunfeng.engines.linkage.profiles import NAME_COLUMNS, Profiles

_KEYS = ("claim", "person")
_WANTED = (
    "claim", "kind", "name_kind", *NAME_COLUMNS, "birth", "born_about", "sex", "phone", "phone_2", "region", "employer",
    "id_kind", "id17", "known15", "id_text",
)  # fmt: skip


def patterns(
    pairs: pl.DataFrame, claims: pl.DataFrame, profiles: Profiles, mates: pl.DataFrame, slips: pl.DataFrame
) -> pl.DataFrame:
    """One row per pair (claim, person): columns `<part>_level` (Int8, null where there is nothing to compare) and `number`.

    `mates`: pairs whose person lives with those listed beside the claim; `slips`: pairs whose numbers are a keystroke apart.
    """
    people = profiles.people.rename({"birth": "p_birth", "sex": "p_sex", "known15": "p_known15"})
    frame = pairs.join(claims.select(_WANTED), on="claim").join(people, on="person")
    joined = frame
    for part in (
        _names(frame, profiles),
        _phones(frame, profiles),
        _regions(frame, profiles),
        _employers(frame, profiles),
        mates.unique().with_columns(pl.lit(True).alias("is_home")),
        slips.unique().with_columns(pl.lit(True).alias("is_slip")),
    ):
        joined = joined.join(part, on=_KEYS, how="left")
    joined = joined.join(_flag(profiles.phones, "person", "has_phone"), on="person", how="left")
    joined = joined.join(_flag(mates, "claim", "has_mates"), on="claim", how="left")
    both_sexes = pl.col("sex").is_in(["1", "2"]) & pl.col("p_sex").is_not_null()
    return joined.select(
        *_KEYS, "kind", "key", "surname", "region", "name_level", "region_level", "employer_level",
        birth_level(pl.col("birth"), pl.col("p_birth")).alias("birth_level"),
        _age_level().alias("age_level"),
        pl.when(both_sexes).then((pl.col("sex") != pl.col("p_sex")).cast(pl.Int8)).alias("sex_level"),
        _yes_or_no("phone_equal", pl.col("phone").is_not_null() & pl.col("has_phone")).alias("phone_level"),
        _yes_or_no("is_home", pl.col("has_mates")).alias("household_level"),
        _number().alias("number"),
    ).sort(_KEYS)  # fmt: skip


def _flag(table: pl.DataFrame, column: str, name: str) -> pl.DataFrame:
    return table.select(column).unique().with_columns(pl.lit(True).alias(name))


def _yes_or_no(yes: str, comparable: pl.Expr) -> pl.Expr:
    """0 where `yes` holds, 1 where it does not though both sides say something."""
    return pl.when(pl.col(yes)).then(0).when(comparable).then(1).cast(pl.Int8)


def _names(frame: pl.DataFrame, profiles: Profiles) -> pl.DataFrame:
    """The best agreement with any name the person is known by."""
    known = profiles.names.rename({n: f"p_{n}" for n in NAME_COLUMNS})
    named = frame.select(*_KEYS, "name_kind", *NAME_COLUMNS).join(known, on="person")
    levels = named.with_columns(name_level("p_").alias("name_level"))
    return levels.group_by(_KEYS).agg(pl.col("name_level").min())


def _phones(frame: pl.DataFrame, profiles: Profiles) -> pl.DataFrame:
    both = [frame.select(*_KEYS, pl.col(c).alias("phone")) for c in ("phone", "phone_2")]
    equal = pl.concat(both).drop_nulls().join(profiles.phones, on=["person", "phone"])
    return equal.select(_KEYS).unique().with_columns(pl.lit(True).alias("phone_equal"))


def _regions(frame: pl.DataFrame, profiles: Profiles) -> pl.DataFrame:
    known = profiles.regions.rename({"region": "p_region"})
    both = frame.select(*_KEYS, "region").drop_nulls().join(known, on="person")
    levels = both.with_columns(region_level(pl.col("region"), pl.col("p_region")).alias("region_level"))
    return levels.group_by(_KEYS).agg(pl.col("region_level").min())


def _employers(frame: pl.DataFrame, profiles: Profiles) -> pl.DataFrame:
    known = profiles.employers.rename({"employer": "p_employer"})
    both = frame.select(*_KEYS, "employer").drop_nulls().join(known, on="person")
    same = (pl.col("employer") == pl.col("p_employer")).any()
    return both.group_by(_KEYS).agg(same.not_().cast(pl.Int8).alias("employer_level"))


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
