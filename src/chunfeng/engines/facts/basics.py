"""Who a person is: sex, birth, hukou, alive, in prison, education. From the golden record and the registers themselves."""

from __future__ import annotations

import polars as pl

from chunfeng.engines.facts.said import World, any_of, say
from chunfeng.engines.linkage.standings import by
from chunfeng.reference import regions

_PROVINCE = "35"
_OTHER_LISTS = 50
"""Order of a hukou read off any other list than the register: behind all sources of the catalogue."""
_EDUCATION = {
    "1": "graduate_school", "2": "university", "3": "college", "4": "secondary_vocational", "5": "technical",
    "6": "senior_high", "7": "junior_high", "8": "primary", "9": "none",
}  # fmt: skip
"""First digit of GB/T 4658; 47 to 49 are technical schools."""


def basics(world: World) -> list[pl.DataFrame]:
    """Statements on sex, birth_date, education, hukou, address_class, hukou_*, moved_out, alive, in_prison."""
    return [*_golden(world), *_hukou_place(world), *_register(world), *_prison(world)]


def _field(world: World, field: str) -> pl.DataFrame:
    """All values of a field of the golden record that may count, best first by `rank`."""
    return world.values.filter((pl.col("field") == field) & pl.col("rank").is_not_null())


def _golden(world: World) -> list[pl.DataFrame]:
    value, rank = pl.col("value"), pl.col("rank").cast(pl.Int16)
    sex = value.replace_strict({"1": "male", "2": "female"}, default=None, return_dtype=pl.String)
    whole = value.str.len_chars() == 10
    education = (
        pl.when(value.str.contains("^4[789]")).then(pl.lit("technical"))
        .otherwise(value.str.slice(0, 1).replace_strict(_EDUCATION, default=None, return_dtype=pl.String))
    )  # fmt: skip
    hukou = value.replace_strict({"10": "urban", "20": "rural"}, default=None, return_dtype=pl.String)
    undivided = pl.when(hukou.is_null()).then(pl.lit("户口登记为居民户口，未区分城乡"))
    region = _field(world, "hukou_region").filter(value.str.len_chars() == 12)
    classes = regions.frame().select(pl.col("code").alias("value"), "urban_rural")
    classed = region.join(classes, on="value", how="left")
    digit = pl.col("urban_rural").str.slice(0, 1)
    address = digit.replace_strict({"1": "urban", "2": "rural"}, default=None, return_dtype=pl.String)
    birth = pl.when(whole).then(value)
    return [
        say(_field(world, "sex"), "sex", sex, order=rank),
        say(_field(world, "birth"), "birth_date", birth, pl.lit(True), order=rank, note=pl.when(~whole).then(pl.lit("只知年月"))),
        say(_field(world, "education"), "education", education, order=rank),
        say(_field(world, "hukou_kind"), "hukou", hukou, pl.lit(True), order=rank, note=undivided),
        say(classed, "address_class", address, order=rank),
    ]  # fmt: skip


def _hukou_place(world: World) -> list[pl.DataFrame]:
    """Where the hukou lies by any other list than the register, which speaks for itself below."""
    other = _field(world, "hukou_region").filter(pl.col("kind") != "household_register")
    order = pl.lit(_OTHER_LISTS) + pl.col("rank").cast(pl.Int16)
    inside = pl.col("value").str.starts_with(_PROVINCE)
    return [
        say(other, "hukou_in_province", inside, order=order),
        say(other, "hukou_here", _here(world, "value"), pl.lit(world.region is not None), order=order),
    ]


def _here(world: World, column: str) -> pl.Expr:
    """The region code lies in the campaign's region; null where it stops above it."""
    own = world.region or ""
    code = pl.col(column)
    return (
        pl.when(code.str.starts_with(own)).then(True)
        .when(pl.lit(own).str.starts_with(code)).then(None)
        .otherwise(False)
    )  # fmt: skip


def _register(world: World) -> list[pl.DataFrame]:
    rows = world.rows(
        "household_register",
        "hukou_state moved_to moved_to_region village_code hukou_address_region",
        "hukou_changed_on died_on",
    ).with_columns(pl.coalesce("died_on", "hukou_changed_on").alias("when"))
    gone = pl.col("died_on").is_not_null() | any_of("hukou_state", "死亡|亡故|去世|已故")
    dead = gone & by("when", world.as_of)
    moved = any_of("hukou_state", "迁出|迁往|外迁") & by("hukou_changed_on", world.as_of)
    coded = _coded()
    rows = rows.with_columns(
        moved.alias("moved"), coded.alias("coded"),
        pl.when(moved).then("moved_to_region").otherwise(pl.coalesce("village_code", "hukou_address_region")).alias("now"),
    )  # fmt: skip
    nowhere = pl.when("moved").then(pl.lit("已迁出，迁往地不清"))
    sealed = pl.when(pl.col("coded")).then(pl.lit("户籍状态为代码，含义不明"))
    unclear = pl.coalesce(sealed, pl.when(pl.col("now").is_null()).then(nowhere))
    to = pl.when(pl.col("moved")).then(pl.concat_str(pl.lit("已迁往"), pl.col("moved_to").fill_null("外地")))
    # a list of the county's own register: whoever has not moved is of this province and county
    inside = (
        pl.when(pl.col("moved")).then(pl.col("now").str.starts_with(_PROVINCE))
        .otherwise(pl.col("now").str.starts_with(_PROVINCE).fill_null(True))
    )  # fmt: skip
    here = pl.when(pl.col("moved")).then(_here(world, "now")).otherwise(_here(world, "now").fill_null(True))
    here = pl.when(pl.col("now").is_null()).then(pl.when(~pl.col("moved")).then(True)).otherwise(here)
    everyone = pl.lit(True)
    read = ~pl.col("coded")
    inside, here = pl.when(read).then(inside), pl.when(read).then(here)
    living = pl.when(read | dead).then(~dead)
    is_dead = pl.when(dead).then(pl.lit("户籍登记为死亡"))
    return [
        say(rows, "in_household_register", True),
        say(rows, "alive", living, everyone, on="when", note=pl.coalesce(is_dead, sealed)),
        say(
            rows, "hukou_in_province", inside, everyone, on="hukou_changed_on", note=pl.coalesce(unclear, to)
        ),
        say(rows, "hukou_here", here, everyone, on="hukou_changed_on", note=pl.coalesce(unclear, to)),
        say(
            rows,
            "moved_out",
            pl.when(read).then("moved"),
            everyone,
            on="hukou_changed_on",
            note=pl.coalesce(sealed, to),
        ),
    ]


def _coded() -> pl.Expr:
    """The state is a bare code, and not the one most rows of the sheet bear: whatever it says, it is not the usual."""
    state = pl.col("hukou_state")
    code = state.str.contains(r"^[0-9A-Za-z]{1,3}$").fill_null(False)
    usual = state.len().over("file", "sheet", "hukou_state") * 2 > state.count().over("file", "sheet")
    return code & ~usual


def _prison(world: World) -> list[pl.DataFrame]:
    found = world.judged("in_prison").with_columns(kind=pl.lit("prisoners"))
    listed = world.tables.lacks("prisoners", "sentence_to") and world.tables.lacks(
        "prisoners", "prisoner_state"
    )
    if listed:
        # a list of those who serve, without a word on how long
        found = found.with_columns(pl.coalesce("holds", pl.lit(True)).alias("holds"))
    rows = world.rows("prisoners", "prisoner_state", "sentence_to")
    free = (pl.col("sentence_to") < world.as_of) | any_of("prisoner_state", "刑满|释放")
    return [
        say(found, "in_prison", pl.col("holds"), pl.lit(True), note="名单未写刑期" if listed else None),
        say(rows, "released_from_prison", free.fill_null(False)),
    ]
