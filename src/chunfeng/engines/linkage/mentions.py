"""What rows say of an employer: the codes as verified, the name as written and as `engines.identity.org_names` reduces it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

import polars as pl

from chunfeng.engines.identity import addresses, org_names
from chunfeng.reference import regions

OF_THE_COUNTY = frozenset(
    "business_entities key_employers labour_shortage vacancies fair_signups wage_arrears_blacklist public_welfare_posts "
    "migrant_residents".split()
)
"""Kinds whose employers sit in the sender's county; a bare name in a survey may be of any place in the country."""
NAME_FIELDS = ("employer_name", "previous_employer")
_VILLAGE = re.compile(r"(?:村委会|居委会)$")
_REGION_KIND = re.compile(r"[省市县区]")

ROW = ("file", "sheet", "row")
SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "file": pl.String, "sheet": pl.String, "row": pl.UInt32, "kind": pl.String, "written": pl.String, "code": pl.String,
    "org": pl.String, "key": pl.String, "core": pl.String, "branch": pl.String, "form": pl.String, "full": pl.String,
    "words": pl.String, "region": pl.String, "local": pl.Boolean,
}  # fmt: skip


def mentions(extracts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """One line per row that names an employer: the codes as verified, the name as written and as reduced.

    `full` is the name with its region words and branch, `words` the region words, `region` their code, else the sheet's
    county, `local` whether the list is of the county's own employers.
    """
    taken = pl.concat(
        [pl.DataFrame(schema=_TAKEN), *(_taken(e) for e in extracts if e.height and _names_any(e))]
    )
    read = org_names.read_column(taken["written"])
    whole = pl.concat([taken, read.select(pl.col("kind").alias("read"), *_READ)], how="horizontal")
    named = pl.col("written").is_not_null() & ~pl.col("read").is_in(["no_employer", "placeholder"]).fill_null(
        False
    )
    whole = whole.filter(named | pl.col("code").is_not_null() | pl.col("org").is_not_null())
    # 长沙村委会 is a village's, no city's
    village = pl.col("core").is_in(["村委会", "居委会"]) & pl.col("region_words").is_not_null()
    joined = pl.when(village).then(pl.concat_str("region_words", "core"))
    whole = whole.with_columns(
        joined.otherwise("key").alias("key"), joined.otherwise("core").alias("core"),
        pl.when(~village.fill_null(False)).then("region_words").alias("region_words"),
    )  # fmt: skip
    own_region = _region_codes(whole["region_words"])
    whole = whole.with_columns(pl.when(~_one_of_two_villages(whole)).then("key").alias("key"))
    return whole.with_columns(
        pl.concat_str(pl.col("region_words").str.replace_all(_REGION_KIND.pattern, "").fill_null(""), "core",
                      pl.col("branch").fill_null("")).alias("full"),
        pl.coalesce(own_region, "place").alias("region"),
        pl.col("region_words").alias("words"),
        pl.col("kind").is_in(sorted(OF_THE_COUNTY)).alias("local"),
    ).select([pl.col(c).cast(t) for c, t in SCHEMA.items()]).sort(*ROW)  # fmt: skip


_TAKEN = {
    "file": pl.String, "sheet": pl.String, "row": pl.UInt32, "kind": pl.String, "written": pl.String, "code": pl.String,
    "org": pl.String, "place": pl.String,
}  # fmt: skip


def _names_any(extract: pl.DataFrame) -> bool:
    return not {*NAME_FIELDS, "credit_code"}.isdisjoint(extract.columns)


def _taken(extract: pl.DataFrame) -> pl.DataFrame:
    """What the rows of one extract say of employers, as written."""
    has = set(extract.columns)
    verified = _text(has, "credit_code_kind").is_in(["ok", "repaired"])
    org = _text(has, "credit_code_org")
    said = extract.select(
        *ROW, "kind", pl.coalesce([_text(has, f) for f in NAME_FIELDS]).alias("written"),
        pl.when(verified).then(_text(has, "credit_code")).alias("code"),
        # nine equal characters satisfy the check but are nobody's
        pl.when(org.str.replace_all(r"^(?:0+|1+)$", "") != "").then(org).alias("org"),
        _text(has, "place").str.slice(0, 6).alias("place"), "state",
    )  # fmt: skip
    return said.filter(pl.col("state") != "rejected").select([pl.col(c).cast(t) for c, t in _TAKEN.items()])


_READ = ("key", "core", "branch", "form", "region_words")


def _text(has: set[str], column: str) -> pl.Expr:
    return pl.col(column).cast(pl.String) if column in has else pl.lit(None, dtype=pl.String)


@lru_cache(maxsize=4096)
def _region_code(words: str) -> str | None:
    return addresses.read(words).code


def _region_codes(words: pl.Series) -> pl.Series:
    """Each distinct text is looked at once."""
    known = words.drop_nulls().unique()
    codes = pl.Series([_region_code(text) for text in known], dtype=pl.String)
    return words.replace_strict(known, codes, default=None, return_dtype=pl.String)


def _one_of_two_villages(said: pl.DataFrame) -> pl.Series:
    """大坪村委会 where the county has two of that name: nobody can say which."""
    names = said.select("core", "place").unique().filter(pl.col("core").str.contains(_VILLAGE.pattern))
    several = names.drop_nulls().filter(
        pl.struct("core", "place").map_elements(
            lambda s: _villages(s["core"], s["place"]) > 1, return_dtype=pl.Boolean
        )
    )
    marked = said.select("core", "place").join(
        several.with_columns(several=True), on=["core", "place"], how="left", maintain_order="left"
    )
    return marked["several"].fill_null(False)


def _villages(name: str, county: str) -> int:
    """How many villages of the county bear the name of that committee, by its full name, else by its short one."""
    bare = _VILLAGE.sub("", name)
    for said in (name, name.replace("村村委会", "村委会"), bare, bare.removesuffix("村")):
        found = [r for r in regions.by_name(said, within=county) if r.level == "village"]
        if found:
            return len(found)
    return 0
