"""Companions as persons: by number, in the traveller's household, by relation there, else the only one so called at home."""

from __future__ import annotations

import polars as pl

from chunfeng.engines.identity import names

COUPLE = ("10", "11", "12")
HEAD = ("01", "02")
_SON, _DAUGHTER = ("20", "21", "22", "23", "24", "25", "26"), ("30", "31", "32", "33", "34", "35", "36")


def linked(
    tokens: pl.DataFrame, travellers: pl.DataFrame, persons: pl.DataFrame, households: pl.DataFrame
) -> pl.DataFrame:
    """`tokens` (see `party.TOKENS`) with `person`, null where nobody or more than one can be meant; never the traveller.

    `travellers`: line, person, home. `persons`: person, name, other_names, id18, hukou_region, stay_region. `households`:
    household, person, role, merged; the merged view counts.
    """
    asked = tokens.join(travellers.rename({"person": "traveller"}), on="line", how="left")
    asked = asked.with_columns(names.read_column(asked["name"], ("key",))["key"]).with_row_index("token")
    known = _called(persons.join(_near(asked, persons, households), on="person", how="semi"))
    relatives = _relatives(asked, households)
    ids = persons.select("person", "id18").drop_nulls()
    by_name, by_key = known.select("person", name="called"), known.select("person", "key")
    at_home = asked.join(relatives, on="line")
    found = [
        _only(asked.filter(pl.col("id18").is_not_null()).join(ids, on="id18")),
        _only(at_home.join(by_name, on=["person", "name"], how="semi")),
        _only(at_home.join(by_key, on=["person", "key"], how="semi")),
        _only(_by_relation(asked.filter(pl.col("name").is_null()), relatives)),
        _only(_at_home(asked, known, "name", "called", 12)),
        _only(_at_home(asked, known, "key", "key", 12)),
        _only(_at_home(asked, known, "name", "called", 9)),
    ]
    best = pl.concat(found).unique("token", keep="first", maintain_order=True)
    joined = asked.join(best, on="token", how="left", maintain_order="left")
    return joined.select(*tokens.columns, "person")


def _only(pairs: pl.DataFrame) -> pl.DataFrame:
    """(token, person) of tokens for which exactly one other person was found."""
    others = (
        pairs.filter(pl.col("person") != pl.col("traveller").fill_null("")).select("token", "person").unique()
    )
    single = others.group_by("token").agg(pl.len().alias("n"), pl.col("person").first())
    return single.filter(pl.col("n") == 1).select("token", "person").sort("token")


def _near(asked: pl.DataFrame, persons: pl.DataFrame, households: pl.DataFrame) -> pl.DataFrame:
    """Persons of the travellers' households and towns: the only ones whose names are looked at."""
    towns = asked.select(pl.col("home").str.slice(0, 9).alias("town")).filter(
        pl.col("town").str.len_chars() == 9
    )
    there = pl.concat(
        persons.select("person", pl.col(c).str.slice(0, 9).alias("town"))
        for c in ("hukou_region", "stay_region")
    )
    homes = households.join(asked.select(pl.col("traveller").alias("person")), on="person", how="semi")
    members = households.join(homes.select("merged"), on="merged", how="semi")
    return pl.concat(
        [there.join(towns, on="town", how="semi").select("person"), members.select("person")]
    ).unique()


def _called(persons: pl.DataFrame) -> pl.DataFrame:
    """(person, called, key, hukou_region, stay_region): one line per name a person bears."""
    every = persons.select(
        "person", "hukou_region", "stay_region",
        pl.concat_str("name", "other_names", separator=";", ignore_nulls=True).str.split(";").alias("called"),
    ).explode("called").filter(pl.col("called") != "").unique()  # fmt: skip
    return every.with_columns(names.read_column(every["called"], ("key",))["key"])


def _relatives(asked: pl.DataFrame, households: pl.DataFrame) -> pl.DataFrame:
    """(line, person, role, own): everybody in a traveller's household, with the roles of both."""
    at = asked.select("line", "traveller").unique()
    own = at.join(
        households.select(
            "merged", pl.col("person").alias("traveller"), pl.col("role").cast(pl.String).alias("own")
        ),
        on="traveller",
    )
    others = households.select("merged", "person", pl.col("role").cast(pl.String))
    return own.join(others, on="merged").filter(pl.col("person") != pl.col("traveller")).select(
        "line", "person", "role", "own"
    ).unique()  # fmt: skip


def _by_relation(asked: pl.DataFrame, relatives: pl.DataFrame) -> pl.DataFrame:
    """老婆, 儿子 by the roles both have to the head; only where the traveller is head or the head's spouse."""
    kin, role, own = pl.col("kin"), pl.col("role").str.zfill(2), pl.col("own").str.zfill(2)
    couple = own.is_in([*HEAD, *COUPLE])
    spouse = kin.is_in(COUPLE) & (
        (own.is_in(HEAD) & role.is_in(COUPLE)) | (own.is_in(COUPLE) & role.is_in(HEAD))
    )
    son = kin.is_in(_SON) & role.is_in(_SON) & couple
    daughter = kin.is_in(_DAUGHTER) & role.is_in(_DAUGHTER) & couple
    parent = own.is_in(HEAD) & kin.is_in(["51", "52"]) & (role == kin)
    return asked.join(relatives, on="line").filter(spouse | son | daughter | parent)


def _at_home(asked: pl.DataFrame, known: pl.DataFrame, mine: str, theirs: str, digits: int) -> pl.DataFrame:
    """Persons of that name in the traveller's village (12 digits) or town (9)."""
    here = pl.col("home").str.slice(0, digits).alias("here")
    there = pl.concat(
        known.select("person", pl.col(theirs).alias(mine), pl.col(c).str.slice(0, digits).alias("here"))
        for c in ("hukou_region", "stay_region")
    ).drop_nulls().filter(pl.col("here").str.len_chars() == digits).unique()  # fmt: skip
    return asked.drop_nulls(mine).with_columns(here).join(there, on=[mine, "here"])
