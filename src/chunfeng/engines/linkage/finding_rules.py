"""How each kind of finding is found: which rows it cites, and what its sentence says.

Every rule is a few joins over the whole, never a pair of all rows: a number on a million rows is one case.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from chunfeng.engines.linkage import employers
from chunfeng.engines.linkage.finding_cases import ROW, Cases, Rule, World, cite, listed, misfits, place_name
from chunfeng.engines.linkage.standings import rows_of

PHONE_OF_MANY = 5
"""Persons that may share a telephone: a household. One more, and it is a shop's or a village official's."""
ONCE_A_PERSON: dict[str, str] = {
    "household_register": "", "minimum_living_allowance": "", "disability_certificates": "", "poverty_exit": "",
    "village_survey": "", "travel_demand": "", "real_name_register": "", "graduates": "", "migrant_residents": "",
    "family_planning_households": "", "zero_employment_households": "", "person_list": "",
    "pension_benefits": "pension_kind", "land_expropriation": "project", "prisoners": "sentence_from",
    "unemployment_register": "unemployment_approved_at unemployment_applied_on",
    "public_welfare_posts": "employer_name started_on",
}  # fmt: skip
"""Lists that name a person once, but for a second row that differs in these columns: another spell, another post."""


def beside(world: World, holds: str, others: Sequence[str], unless: Sequence[str] = ()) -> Cases:
    """Persons of whom one list says `holds` and another any of `others`, none says `unless`. Words: holds, beside."""
    one = world.stand.filter(pl.col("standing") == holds)
    two = world.stand.filter(pl.col("standing").is_in(others))
    out = world.stand.filter(pl.col("standing").is_in(unless))
    one = one.join(two, on="person", how="semi").join(out, on="person", how="anti")
    two = two.join(one, on="person", how="semi")
    case = pl.col("person").cast(pl.String)
    told = one.group_by("person").agg(listed("says").alias("holds")).join(
        two.group_by("person").agg(listed("says").alias("beside")), on="person"
    )  # fmt: skip
    cited = pl.concat([cite(one, case, order=0), cite(two, case, order=1)])
    return Cases(cited, told.select(case.alias("case"), "holds", "beside"))


def same_id_two_people(world: World) -> Cases:
    """A verified number under another full name than its owner's. Words: names."""
    bears = world.rows.filter(
        pl.col("id17").is_not_null() & pl.col("name").is_not_null() & (pl.col("name_kind") == "ok")
    )
    own = bears.filter(pl.col("person") == pl.col("id17"))
    other = bears.filter(pl.col("person").is_null() | (pl.col("person") != pl.col("id17")))
    # of a sheet whose rows have slipped, names_of_other_numbers speaks once
    other = other.join(misfits(world.rows), on=["file", "sheet"], how="anti")
    # the owner's own name, or its like in sound, is no second person
    other = other.join(own.select("id17", "key").unique(), on=["id17", "key"], how="anti")
    all_names = pl.concat([own, other])
    torn = (
        all_names.join(other, on="id17", how="semi")
        .group_by("id17")
        .agg(pl.col("name").n_unique().alias("n"))
    )
    torn = torn.filter(pl.col("n") > 1)
    names = (
        all_names.join(torn, on="id17", how="semi").group_by("id17", "name").agg(pl.len().alias("n"))
        .sort("id17", "n", "name", descending=[False, True, False])
        .with_columns(pl.format("{}（{}行）", "name", "n").alias("said"))
        .group_by("id17").agg(pl.col("said").head(5).str.join("、").alias("names"))
    )  # fmt: skip
    first = ["id17", "name", "file", "sheet"]
    few = [
        part.join(torn, on="id17", how="semi").sort(*ROW).unique(first, keep="first", maintain_order=True)
        for part in (other, own)
    ]
    case = pl.col("id17").cast(pl.String)
    cited = [cite(few[0], case, None, 0), cite(few[1], case, "person", 1)]
    return Cases(pl.concat(cited), names.select(case.alias("case"), "names"))


def one_person_two_ids(world: World) -> Cases:
    """Two verified numbers of one full name, birth date and village. Words: names, village, count."""
    full = world.rows.filter(
        (pl.col("person") > 0) & (pl.col("name_kind") == "ok") & (pl.col("region").str.len_chars() == 12)
    ).with_columns((pl.col("person") // 1000 % 100_000_000).alias("born"))
    group = ["name", "born", "region"]
    twins = full.group_by(group).agg(pl.col("person").n_unique().alias("count")).filter(pl.col("count") > 1)
    rows = full.join(twins, on=group).with_columns(
        pl.concat_str("name", pl.col("born").cast(pl.String), "region", separator="|").alias("case")
    )
    few = rows.sort(*ROW).unique(["case", "person", "file"], keep="first", maintain_order=True)
    told = rows.select("case", "count", pl.col("name").alias("names"), "region").unique()
    village = pl.col("region").map_elements(place_name, return_dtype=pl.String).alias("village")
    return Cases(cite(few, person=pl.col("person").min().over("case")), told.with_columns(village))


def two_public_posts(world: World) -> Cases:
    """Two posts held at once: of two units, or other work since another day. Words: posts."""
    work = pl.concat_str("place_of_work", "post", ignore_nulls=True)
    posts = world.stand.filter(pl.col("standing") == "public_post").with_columns(work.alias("work"))
    # one unit from one day is one contract, entered twice
    two = {c: pl.col(c).drop_nulls().n_unique() > 1 for c in ("place_of_work", "post", "since")}
    held = posts.group_by("person").agg((two["place_of_work"] | (two["post"] & two["since"])).alias("two"))
    held = held.filter("two")
    posts = posts.join(held, on="person", how="semi")
    case = pl.col("person").cast(pl.String)
    told = posts.group_by("person").agg(listed("work").alias("posts")).select(case.alias("case"), "posts")
    return Cases(cite(posts, case), told)


def public_post_insured_elsewhere(world: World) -> Cases:
    """A post holder whom certainly another employer than the post's insures. Words: posts, insured."""
    who = world.employers.select(*ROW, "employer")
    posts = world.stand.filter(pl.col("standing") == "public_post").join(who, on=ROW, how="left")
    insured = world.stand.filter(pl.col("standing") == "insured_by_employer").join(who, on=ROW, how="inner")
    names = employers.table(world.extracts, world.employers).select("employer", insurer="name")
    insured = insured.drop_nulls("employer").join(names, on="employer", how="left")
    # one post's unit is enough to be insured by
    unit = posts.group_by("person").agg(
        pl.col("employer").drop_nulls().alias("units"), pl.col("employer").is_null().any().alias("unknown"),
        pl.col("place_of_work").fill_null("").str.contains(employers.PUBLIC.pattern).all().alias("public"),
    )  # fmt: skip
    both = insured.join(unit, on="person").filter(~pl.col("employer").is_in(pl.col("units")))
    # a firm's code (GB 32100: 9, market regulation) is no village committee's; else the insurer must be known by name
    firm = pl.col("employer").str.starts_with("9") & pl.col("public")
    other = both.filter(firm | (pl.col("insurer").is_not_null() & ~pl.col("unknown")))
    other = other.with_columns(
        pl.format("{}（{}）", "says", pl.coalesce("insurer", "employer")).alias("by_whom")
    )
    posts = posts.join(other, on="person", how="semi")
    case = pl.col("person").cast(pl.String)
    told = posts.group_by("person").agg(listed("says").alias("posts")).join(
        other.group_by("person").agg(listed("by_whom").alias("insured")), on="person"
    )  # fmt: skip
    cited = pl.concat([cite(posts, case, order=0), cite(other, case, order=1)])
    return Cases(cited, told.select(case.alias("case"), "posts", "insured"))


def phone_of_many(world: World) -> Cases:
    """One telephone of more persons than a household has. Words: phone, count, names."""
    known = world.rows.filter(pl.col("person").is_not_null())
    said = pl.concat(
        [known.select("person", "name", *ROW, pl.col(c).alias("phone")) for c in ("phone", "phone_2")]
    ).drop_nulls("phone")
    count = said.group_by("phone").agg(pl.col("person").n_unique().alias("count"))
    many = count.filter(pl.col("count") > PHONE_OF_MANY)
    one_each = (
        said.join(many, on="phone").sort(*ROW).unique(["phone", "person"], keep="first", maintain_order=True)
    )
    told = one_each.group_by("phone").agg(pl.col("count").first(), listed("name", 3).alias("names"))
    return Cases(cite(one_each, pl.col("phone"), None), told.with_columns(pl.col("phone").alias("case")))


def twice_in_one_list(world: World) -> Cases:
    """A person named twice in a list that names each once. Words: file, count."""
    person = world.rows.filter(pl.col("person").is_not_null()).select(*ROW, "person")
    parts = [
        pl.DataFrame(
            schema={
                "person": pl.Int64,
                "file": pl.String,
                "sheet": pl.String,
                "row": pl.UInt32,
                "apart": pl.String,
            }
        )
    ]
    for kind, columns in ONCE_A_PERSON.items():
        rows = rows_of(world.extracts, kind, columns).join(person, on=ROW)
        apart = pl.concat_str(
            [pl.lit(kind), *[pl.col(c).fill_null("") for c in columns.split()]], separator="|"
        )
        parts.append(rows.select("person", *ROW, apart.alias("apart")))
    rows = pl.concat(parts)
    twice = rows.filter(pl.len().over("person", "file", "apart") > 1).with_columns(
        pl.concat_str(pl.col("person").cast(pl.String), "file", "apart", separator="|").alias("case")
    )
    return Cases(cite(twice), twice.group_by("case").agg(pl.col("file").first(), pl.len().alias("count")))


def code_of_another_employer(world: World) -> Cases:
    """A row whose credit code is another's than its name. Words: names, code, usual."""
    rows = employers.borrowed(world.extracts)
    told = rows.group_by(pl.col("code").alias("case")).agg(
        listed("written").alias("names"), pl.col("code").first(), pl.col("usual").first()
    )
    return Cases(cite(rows, pl.col("code"), None), told)


RULES: dict[str, Rule] = {
    rule.__name__: rule
    for rule in (
        same_id_two_people, one_person_two_ids, two_public_posts, public_post_insured_elsewhere, phone_of_many,
        twice_in_one_list, code_of_another_employer,
    )
}  # fmt: skip
