"""Findings about a whole sheet or list: of another county, without numbers, its columns slipped, under the wrong key.

One cause that spoils a thousand rows is one finding, with the rows that show it first.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from chunfeng.engines.linkage import households
from chunfeng.engines.linkage.finding_cases import ROW, Cases, Rule, World, belongs, cite, misfits, place_name
from chunfeng.reference import regions

FEWEST_NUMBERS = 10
"""Persons with a place or a number from which a sheet is said to be of another county."""
FEWEST_ROWS = 20
"""Rows from which a sheet as a whole is looked at."""
FROM_ELSEWHERE = (
    "migrant_residents",
    "population_flow",
    "insurance_contributions",
    "fair_signups",
    "help_requests",
)
"""Lists in which people of other counties are to be expected."""
WITHOUT_NUMBERS = (
    "population_flow", "keyed_list", "fair_signups", "help_requests", "business_entities", "staff_corrections",
)  # fmt: skip
"""Lists that bear no citizen numbers of persons, or tokens in their place."""
_DEFECTS = {
    "placeholder": "占位", "cut15": "只剩前15位", "scientific": "科学计数", "bad_check": "校验不符",
    "bad_date": "日期不可能", "short": "位数少", "long": "位数多", "not_id": "不是证号",
}  # fmt: skip


def token_list_without_overlap(world: World) -> Cases:
    """A list of keyed tokens none of which is anybody's here. Words: file, count. Not compared is another finding."""
    overlap = world.token_overlap or {}
    return _of_token_lists(world, [file for file, share in overlap.items() if share == 0])


def token_list_not_compared(world: World) -> Cases:
    """A list of keyed tokens for which no key was given. Words: file, count."""
    return _of_token_lists(world, None if world.token_overlap is None else [])


def _of_token_lists(world: World, files: Sequence[str] | None) -> Cases:
    held = world.rows.filter(pl.col("token").is_not_null() | (pl.col("kind") == "keyed_list"))
    if files is not None:
        held = held.filter(pl.col("file").is_in(files))
    told = held.group_by("file").agg(pl.len().alias("count")).with_columns(pl.col("file").alias("case"))
    return Cases(cite(held, pl.col("file"), None), told)


_SHEET = pl.concat_str("file", "sheet", separator="#")


def sheet_without_numbers(world: World) -> Cases:
    """A sheet of persons hardly any of whom has a number that says anything. Words: file, sheet, count, without, said."""
    rows = world.rows.filter(~pl.col("kind").is_in(WITHOUT_NUMBERS) & pl.col("token").is_null())
    usable = pl.col("id17").is_not_null() | (
        pl.col("known15").is_not_null() & (pl.len().over("file", "sheet", "id_text") < FEWEST_NUMBERS)
    )
    rows = rows.with_columns(usable.alias("usable"), _SHEET.alias("case"))
    bare = rows.group_by("case").agg(
        pl.col("file", "sheet").first(), pl.len().alias("count"), (~pl.col("usable")).sum().alias("without")
    )
    bare = bare.filter((pl.col("count") >= FEWEST_ROWS) & (pl.col("without") >= pl.col("count") * 0.9))
    lacking = rows.join(bare, on="case", how="semi").filter(~pl.col("usable"))
    defect = pl.col("id_kind").replace_strict(_DEFECTS, default="空缺", return_dtype=pl.String)
    said = (
        lacking.group_by("case", defect.alias("defect")).len().sort("case", "len", "defect", descending=[False, True, False])
        .group_by("case", maintain_order=True)
        .agg(pl.format("{}{}行", "defect", "len").str.join("、").alias("said"))
    )  # fmt: skip
    return Cases(cite(lacking, person=None), bare.join(said, on="case"))


def number_of_many(world: World) -> Cases:
    """One unverifiable number on many names of a sheet: filled down, a placeholder. Words: number, file, count, people."""
    # what a spreadsheet rounded (3.5E+17) is alike for a whole county
    written = (pl.col("id_text").str.count_matches("[0-9]") >= 6) & (pl.col("id_kind") != "scientific")
    rows = world.rows.filter(written)
    group = ["file", "sheet", "id_text"]
    many = rows.group_by(group).agg(pl.len().alias("count"), pl.col("name").n_unique().alias("people"))
    many = many.filter(pl.col("people") >= FEWEST_NUMBERS).with_columns(
        pl.concat_str(group, separator="#").alias("case")
    )
    cited = rows.join(many.select(*group, "case"), on=group)
    told = many.select("case", "file", "sheet", "count", "people", pl.col("id_text").alias("number"))
    return Cases(cite(cited, person=None), told)


def name_of_many(world: World) -> Cases:
    """One name on most of a sheet's different persons. Words: file, sheet, names, count, people."""
    rows = world.rows.filter(pl.col("name").is_not_null() & (pl.col("name_kind") == "ok"))
    # a person's months are one person, and the very same row entered again says nothing more
    apart = ["file", "sheet", "name", "id17", "id_text", "birth", "phone", "region"]
    once = rows.unique(apart, keep="first", maintain_order=True)
    named = once.group_by("file", "sheet", "name").agg(pl.len().alias("people"))
    named = named.with_columns(pl.col("people").sum().over("file", "sheet").alias("count"))
    most = named.filter((pl.col("people") >= FEWEST_ROWS) & (pl.col("people") * 2 > pl.col("count")))
    cited = once.join(most, on=["file", "sheet", "name"], how="semi").with_columns(_SHEET.alias("case"))
    told = most.select(
        _SHEET.alias("case"), "file", "sheet", pl.col("name").alias("names"), "count", "people"
    )
    return Cases(cite(cited, person=None), told)


def names_of_other_numbers(world: World) -> Cases:
    """A sheet whose names do not belong to its numbers: rows or columns have slipped. Words: file, sheet, count, others."""
    sheets = misfits(world.rows).with_columns(_SHEET.alias("case"))
    rows = world.rows.filter(pl.col("id17").is_not_null() & (pl.col("name_kind") == "ok")).join(
        sheets.select("file", "sheet", "case"), on=["file", "sheet"]
    )
    return Cases(cite(rows.filter(~belongs()), person=None), sheets)


def household_too_large(world: World) -> Cases:
    """A group of rows that no household is as large as. Words: file, sheet, row, count."""
    linked = world.rows.filter(pl.col("person").is_not_null()).select("claim", "person")
    groups = households.too_large(world.rows.drop("person"), linked, world.extracts)
    told = groups.select(
        pl.col("household").alias("case"), "file", "sheet", pl.col("row").alias("first"), pl.col("persons").alias("count")
    )  # fmt: skip
    return Cases(cite(groups, pl.col("household"), None), told)


def sheet_of_another_county(world: World) -> Cases:
    """A sheet most of whose addresses, or numbers, are of one other county. Words: file, sheet, count, others, county."""
    rows = world.rows.filter(~pl.col("kind").is_in(FROM_ELSEWHERE))
    home = _home_counties(rows, world.extracts)
    area = (pl.col("id17") // 10**11).cast(pl.String)
    codes = rows.select(area.alias("area")).drop_nulls().unique()
    today = codes.with_columns(
        pl.col("area").map_elements(regions.current_code, return_dtype=pl.String).alias("of_number")
    )
    said = (
        rows.with_columns(area.alias("area"))
        .join(today, on="area", how="left")
        .unique(["file", "sheet", "person", "id17", "name"])
    )
    named = {"of_place": pl.col("region").str.slice(0, 6), "of_number": pl.col("of_number")}
    found: list[pl.DataFrame] = []
    for by, county in named.items():
        of = said.select(*ROW, county.alias("county")).filter(pl.col("county").str.len_chars() == 6)
        counted = of.with_columns(
            pl.len().over("file", "sheet").alias("count"),
            pl.len().over("file", "sheet", "county").alias("others"),
        )
        most = (pl.col("others") * 2 > pl.col("count")) & (pl.col("count") >= FEWEST_NUMBERS)
        found.append(
            counted.filter(most & ~pl.col("county").is_in(home)).with_columns(pl.lit(by).alias("by"))
        )
    other = pl.concat(found).with_columns(pl.concat_str("file", "sheet", separator="#").alias("case"))
    other = other.filter(pl.col("by") == pl.col("by").max().over("case"))  # the place, where both say so
    told = other.group_by("case").agg(pl.col("file", "sheet", "count", "others", "county").first())
    county_name = pl.col("county").map_elements(place_name, return_dtype=pl.String)
    return Cases(cite(other, person=None), told.with_columns(county_name))


def _home_counties(rows: pl.DataFrame, extracts: Sequence[pl.DataFrame]) -> list[str]:
    """The county most files are sent for, and those that are the main one of files of two kinds: a city's run has many.

    Where no file says whose it is, the county most rows lie in: a long list that was sent by mistake must not outvote
    the files around it.
    """
    sent = pl.concat(
        [
            pl.DataFrame(schema={"file": pl.String, "county": pl.String}),
            *(
                e.select("file", pl.col("place").cast(pl.String).str.slice(0, 6).alias("county"))
                for e in extracts
            ),
        ]
    )
    counted = (
        rows.select("file", "kind", pl.col("region").str.slice(0, 6).alias("county"))
        .filter(pl.col("county").str.len_chars() == 6)
        .group_by("file", "kind", "county")
        .len()
    )
    ranked = counted.sort("file", "len", "county", descending=[False, True, False])
    main = ranked.unique("file", keep="first", maintain_order=True)
    often = main.group_by("county").agg(pl.col("kind").n_unique().alias("kinds")).filter(pl.col("kinds") > 1)
    said = sent.filter(pl.col("county").str.len_chars() == 6).unique().group_by("county").len()
    lie_in = counted.group_by("county").agg(pl.col("len").sum())
    most = (said if said.height else lie_in).sort("len", "county", descending=[True, False])
    return sorted({*often["county"], *most["county"].head(1)})


RULES: dict[str, Rule] = {
    rule.__name__: rule
    for rule in (
        token_list_without_overlap, token_list_not_compared, sheet_without_numbers, number_of_many, name_of_many,
        names_of_other_numbers, household_too_large, sheet_of_another_county,
    )
}  # fmt: skip
