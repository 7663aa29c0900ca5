"""Households: which one a person belongs to, and what is known of it as such."""

from __future__ import annotations

import polars as pl

from chunfeng.engines.facts.absence import defaults, wide
from chunfeng.engines.facts.choose import choose
from chunfeng.engines.facts.said import World, say
from chunfeng.engines.linkage.households import RANK

_DOOR = r"((?:[0-9]+组)?[0-9]+号.*)$"
"""The end of an address from the village group or house number on."""


def household_of(households: pl.DataFrame, visits: pl.DataFrame, persons: pl.DataFrame) -> pl.DataFrame:
    """person, household: the merged household by the best source that knows the person, a current list before an earlier.

    Whom the register does not name (about one in a hundred) belongs to the household of most of those whom another list puts
    into one household with the person; else, as visits go from house to house, to the household whose members stand right
    before and after the person in a visit list; else to the only one registered at the person's own house number. `visits`:
    file, sheet, row, person; `persons`: person, hukou_region, hukou_address.
    """
    known = households.drop_nulls("person")
    order = {source: i for i, source in enumerate(RANK)}
    ranked = known.with_columns(
        pl.col("source").replace_strict(order, default=len(order), return_dtype=pl.Int16).alias("rank")
    )
    best = ranked.sort("person", "current", "rank", "merged", descending=[False, True, False, False])
    own = best.unique("person", keep="first", maintain_order=True)
    own = own.select("person", pl.col("merged").alias("household"), "rank")
    registered = own.filter(pl.col("rank") == 0).select("person", "household")
    joined = _by_family(known, registered)
    between = _between(visits, registered).join(joined, on="person", how="anti")
    found = pl.concat([joined, between])
    housed = _at_the_door(persons, registered).join(found, on="person", how="anti")
    found = pl.concat([found, housed]).rename({"household": "found"})
    whole = own.select("person", "household").join(found, on="person", how="full", coalesce=True)
    return whole.select("person", pl.coalesce("found", "household").alias("household"))


def _by_family(known: pl.DataFrame, registered: pl.DataFrame) -> pl.DataFrame:
    """person, household of the unregistered, by those of one family in another list."""
    # a list without a word on families is no family
    families = known.filter(pl.col("source") != RANK[-1])
    families = families.select("person", pl.col("household").alias("group")).unique()
    missing = families.join(registered, on="person", how="anti")
    beside = missing.join(families.join(registered, on="person").select("group", "household"), on="group")
    votes = beside.group_by("person", "household").agg(pl.len().alias("n"))
    ordered = votes.sort("person", "n", "household", descending=[False, True, False])
    return ordered.unique("person", keep="first", maintain_order=True).select("person", "household")


def _between(visits: pl.DataFrame, registered: pl.DataFrame) -> pl.DataFrame:
    """person, household of the unregistered who stand between two rows of one household in a visit list."""
    rows = visits.join(registered, on="person", how="left").sort("file", "sheet", "row")
    around = rows.with_columns(
        pl.col("household").forward_fill().over("file", "sheet").alias("before"),
        pl.col("household").backward_fill().over("file", "sheet").alias("after"),
    )
    alone = around.filter(pl.col("household").is_null() & (pl.col("before") == pl.col("after")))
    ordered = alone.sort("person", "before").unique("person", keep="first", maintain_order=True)
    return ordered.select("person", pl.col("before").alias("household"))


def _at_the_door(persons: pl.DataFrame, registered: pl.DataFrame) -> pl.DataFrame:
    """person, household of the unregistered whose house number in their village is that of one registered household alone."""
    door = persons.select(
        "person", pl.when(pl.col("hukou_region").str.len_chars() == 12).then("hukou_region").alias("village"),
        pl.col("hukou_address").str.extract(_DOOR).alias("door"),
    ).drop_nulls()  # fmt: skip
    homes = door.join(registered, on="person").group_by("village", "door").agg(
        pl.col("household").n_unique().alias("n"), pl.col("household").first()
    )  # fmt: skip
    missing = door.join(registered, on="person", how="anti")
    alone = homes.filter(pl.col("n") == 1)
    return missing.join(alone, on=["village", "door"]).select("person", "household")


def household_facts(
    world: World, keys: pl.DataFrame, lists: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """(wide table: household, area, facts; chosen statements; what silence says). `keys`: person, household, area."""
    facts = world.declared.of("household")
    members = keys.drop_nulls("household")
    places = (
        members.drop_nulls("area")
        .group_by("household", "area")
        .len()
        .sort("household", "len", "area", descending=[False, True, False])
    )
    area = places.unique("household", keep="first", maintain_order=True).select("household", "area")
    homes = members.select("household").unique().join(area, on="household", how="left").sort("household")
    said = pl.concat([_declared(world, members), _members(members)])
    chosen = choose(said, lists, facts, world.as_of, world.names)
    silence = defaults(lists, facts, world.as_of, world.names)
    nobody = pl.DataFrame(schema={"kind": pl.String, "person": pl.String})
    return wide(homes, "household", chosen, silence, nobody, facts), chosen, silence


def _declared(world: World, members: pl.DataFrame) -> pl.DataFrame:
    rows = world.rows("zero_employment_households", "", "declared_on recognised_on withdrawn_on")
    rows = (
        rows.join(members.select("person", "household"), on="person")
        .drop("person")
        .rename({"household": "person"})
    )
    ended = pl.when(pl.col("withdrawn_on").is_not_null()).then(pl.col("withdrawn_on") <= world.as_of)
    withdraws = pl.lit(not world.tables.lacks("zero_employment_households", "withdrawn_on"))
    return pl.concat([
        say(rows, "zero_employment_declared", (pl.col("declared_on") <= world.as_of).fill_null(True), on="declared_on"),
        say(rows, "zero_employment_declared_on", pl.col("declared_on"), on="declared_on"),
        say(rows, "zero_employment_recognised_on", pl.col("recognised_on"), on="declared_on"),
        say(rows, "zero_employment_ended", pl.coalesce(ended, pl.when(withdraws).then(False)), on="declared_on"),
    ])  # fmt: skip


def _members(members: pl.DataFrame) -> pl.DataFrame:
    counted = members.group_by("household").agg(pl.len().alias("n")).rename({"household": "person"})
    nowhere = {c: pl.lit(None, dtype=pl.String).alias(c) for c in ("kind", "file", "sheet")}
    return say(
        counted.with_columns(**nowhere, row=pl.lit(None, dtype=pl.UInt32)), "household_members", pl.col("n")
    )
