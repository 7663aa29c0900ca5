"""From linked rows to facts: of persons, households and employers, wide for the rules and long with every source.

Deriving is done twice where a row still waits for a human: once without it and once as if it were the candidate's. A fact that
would change is unknown until somebody has looked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from chunfeng.engines.facts import insurance, ledgers
from chunfeng.engines.facts import staff as staff_of
from chunfeng.engines.facts.absence import defaults, wide
from chunfeng.engines.facts.ages import ages
from chunfeng.engines.facts.basics import basics
from chunfeng.engines.facts.choose import CHOSEN, choose
from chunfeng.engines.facts.conflicts import crossed
from chunfeng.engines.facts.declared import Declarations
from chunfeng.engines.facts.employers import employer_facts, own_rows
from chunfeng.engines.facts.hardship import hardship
from chunfeng.engines.facts.households import household_facts, household_of
from chunfeng.engines.facts.lists import covered, handed_in
from chunfeng.engines.facts.registration import registration
from chunfeng.engines.facts.said import ROW, SAID, Tables, World
from chunfeng.engines.facts.work import work

PROVENANCE: dict[str, pl.DataType | type[pl.DataType]] = {
    "entity": pl.String, "person": pl.String, "fact": pl.String, "value": pl.String, "truth": pl.String, "source": pl.String,
    "file": pl.String, "sheet": pl.String, "row": pl.UInt32, "date": pl.Date, "presumed": pl.Boolean, "stale": pl.Boolean,
    "conflict": pl.Boolean, "note": pl.String,
}  # fmt: skip
"""Long form. `person`: key of the entity (person, household or employer); null on the one line per fact that says what holds
of everyone no row speaks of. `truth`: known or unknown. `source`: kind of list."""


STAFF: dict[str, pl.DataType | type[pl.DataType]] = {
    "person": pl.String, "employer": pl.String, "first": pl.Date, "last": pl.Date, "months": pl.Int64,
}  # fmt: skip
"""Who is insured by whom now: first and last month, months altogether."""


@dataclass(frozen=True, slots=True)
class Linkage:
    """What linkage leaves. `links` and `pending`: file, sheet, row, person (pending: may be that person); `persons` and
    `values`: the golden record; `households`: household, person, source, current, merged; `employers`: file, sheet, row,
    employer, and `employer_names`: employer, name. Persons are their lasting numbers as text."""

    links: pl.DataFrame
    pending: pl.DataFrame
    persons: pl.DataFrame
    values: pl.DataFrame
    households: pl.DataFrame
    employers: pl.DataFrame
    employer_names: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Facts:
    """`persons`, `households`, `employers`: wide, one typed column per fact; `provenance`: PROVENANCE; `contradictions`: CROSSED;
    `staff`: STAFF."""

    persons: pl.DataFrame
    households: pl.DataFrame
    employers: pl.DataFrame
    provenance: pl.DataFrame
    contradictions: pl.DataFrame
    staff: pl.DataFrame


def derive(
    extracts: Sequence[pl.DataFrame],
    linked: Linkage,
    declared: Declarations,
    as_of: date,
    region: str | None = None,
    kind_names: Mapping[str, str] | None = None,
) -> Facts:
    """All facts as of a day. `region`: code of the county or city that runs the campaign; `kind_names` for notes."""
    names = kind_names or {}
    links = _plain(linked.links)
    lists = handed_in(extracts, links, as_of)
    world = World(Tables(extracts, as_of), links, _values(linked.values), region, declared, names)
    chosen = _with_ages(_chosen(world, lists, _is_fresh(lists, declared, as_of)), world)
    own = declared.of("person")
    silence = defaults(lists, own, as_of, names)
    chosen = _reviewed(chosen, silence, world, lists, _plain(linked.pending))
    chosen, contradictions = crossed(chosen, declared)
    keys = _keys(linked, world)
    chosen = pl.concat([chosen, _household_size(keys)])
    uncovered = covered(lists, linked.persons)
    persons = wide(keys, "person", chosen, silence, uncovered, own)
    long = [provenance("person", chosen, silence, own)]
    homes, home_chosen, home_silence = household_facts(world, keys, lists)
    long.append(provenance("household", home_chosen, home_silence, declared.of("household")))
    of = own_rows(linked.employers)
    staff = staff_of.read(world, of)
    firms, firm_chosen, firm_silence = employer_facts(world, of, linked.employer_names, persons, staff, lists)
    long.append(provenance("employer", firm_chosen, firm_silence, declared.of("employer")))
    now = pl.DataFrame(schema=STAFF) if staff is None else staff.now()
    return Facts(persons, homes, firms, pl.concat(long), contradictions, now)


def _plain(links: pl.DataFrame) -> pl.DataFrame:
    return (
        links.select("file", pl.col("sheet").fill_null(""), pl.col("row").cast(pl.UInt32), "person")
        .drop_nulls("person")
        .unique(maintain_order=True)
    )


def _values(values: pl.DataFrame) -> pl.DataFrame:
    return values.with_columns(pl.col("sheet").fill_null(""), pl.col("row").cast(pl.UInt32))


def _is_fresh(lists: pl.DataFrame, declared: Declarations, as_of: date) -> bool:
    """Whether an insurance list is young enough to say that a registration was not broken."""
    life = declared.facts["unemployed_since"].shelf_life or 10**6
    days = lists.filter(pl.col("kind") == insurance.KIND)["date"]
    newest = days.max()
    return days.len() > 0 and (not isinstance(newest, date) or (as_of - newest).days <= life)


def _said(world: World, fresh_insurance: bool) -> pl.DataFrame:
    """Every statement of every row (SAID); a sighting at work from before the present registration is left out."""
    insured = insurance.read(world)
    breaks = insured.stretches() if insured is not None and fresh_insurance else None
    parts = [
        *basics(world), *registration(world, breaks), *insurance.insurance(world, insured), *work(world), *hardship(world),
        *ledgers.ledgers(world),
    ]  # fmt: skip
    said = pl.concat([pl.DataFrame(schema=SAID), *parts])
    registered = said.filter((pl.col("fact") == "registered_on") & pl.col("value").is_not_null())
    since = registered.group_by("person").agg(pl.col("value").max().str.to_date("%Y-%m-%d").alias("since"))
    seen = pl.col("fact").is_in(["seen_working", "flexible_employment"]) & (pl.col("value") == "true")
    past = seen & (pl.col("kind") != insurance.KIND) & (pl.col("date") < pl.col("since"))
    return said.join(since, on="person", how="left").filter(~past.fill_null(False)).drop("since")


def _chosen(world: World, lists: pl.DataFrame, fresh_insurance: bool) -> pl.DataFrame:
    return choose(_said(world, fresh_insurance), lists, world.declared.of("person"), world.as_of, world.names)


def _with_ages(chosen: pl.DataFrame, world: World) -> pl.DataFrame:
    rows = ledgers.posts(world)
    held = rows.filter(pl.col("holds").fill_null(False)).group_by("person").agg(pl.col("started_on").min())
    past_50 = world.declared.yes("insured_after_50_is_55")
    more = ages(chosen, held.drop_nulls("started_on"), world.as_of, insured_after_50_is_55=past_50)
    return pl.concat([chosen.join(more, on=["person", "fact"], how="anti"), more])


def _reviewed(
    chosen: pl.DataFrame, silence: pl.DataFrame, world: World, lists: pl.DataFrame, pending: pl.DataFrame
) -> pl.DataFrame:
    """`chosen` where facts of the candidates of pending rows are unknown if such a row would change them."""
    if pending.is_empty():
        return chosen
    touched = pending.select("person").unique()
    other = world.with_links(pl.concat([world.links, pending]).unique(maintain_order=True))
    fresh = _is_fresh(lists, world.declared, world.as_of)
    said = _said(other, fresh).join(touched, on="person", how="semi")
    alike = choose(said, lists, world.declared.of("person"), world.as_of, world.names)
    alike = _with_ages(alike, other).join(touched, on="person", how="semi")
    own = chosen.join(touched, on="person", how="semi")
    before = own.select("person", "fact", pl.col("value").alias("own"), pl.lit(True).alias("had"))
    gone = own.join(alike, on=["person", "fact"], how="anti")
    rest = silence.select("fact", pl.col("value").alias("rest"))
    gone = gone.join(rest, on="fact").with_columns(pl.col("rest").alias("value")).select(*CHOSEN)
    both = pl.concat([alike, gone]).join(before, on=["person", "fact"], how="left").join(rest, on="fact")
    now = pl.when(pl.col("had").is_null()).then("rest").otherwise("own")
    counted = pending.group_by("person").agg(pl.len().cast(pl.String).alias("_waiting"))
    changed = both.filter(pl.col("value").ne_missing(now)).join(counted, on="person")
    told = pl.concat_str(pl.lit("另有"), pl.col("_waiting"), pl.lit("行待人工核对是否此人，核对后可能改变"))
    open_ = changed.with_columns(pl.lit(None, dtype=pl.String).alias("value"), told.alias("note")).select(
        *CHOSEN
    )
    return pl.concat([chosen.join(open_, on=["person", "fact"], how="anti"), open_])


def _keys(linked: Linkage, world: World) -> pl.DataFrame:
    """person, household, area of every person of the registry."""
    home = household_of(
        linked.households, world.rows("village_survey").select(*ROW, "person"), linked.persons
    )
    hukou, stay = pl.col("hukou_region"), pl.col("stay_region")
    # who is registered in the province is the business of that place, others of the place they live in
    inside = hukou.str.starts_with("35").fill_null(False)
    area = (
        pl.when(inside & (hukou.str.len_chars() > 2))
        .then(hukou)
        .otherwise(pl.coalesce(pl.when(stay.str.starts_with("35")).then(stay), pl.lit(world.region)))
    )
    return linked.persons.select("person", area.str.slice(0, 6).alias("area")).join(home, on="person", how="left").select(
        "person", "household", "area"
    ).sort("person")  # fmt: skip


def _household_size(keys: pl.DataFrame) -> pl.DataFrame:
    sized = keys.drop_nulls("household").with_columns(
        pl.len().over("household").cast(pl.String).alias("value")
    )
    own = {"fact": pl.lit("household_size"), "stale": pl.lit(False), "conflict": pl.lit(False)}
    return sized.select(
        [
            own.get(c, pl.col(c) if c in sized.columns else pl.lit(None)).cast(t).alias(c)
            for c, t in CHOSEN.items()
        ]
    )


def provenance(
    entity: str, chosen: pl.DataFrame, silence: pl.DataFrame, facts: Mapping[str, object]
) -> pl.DataFrame:
    """PROVENANCE of one entity: what rows say, then one line per fact for everyone else."""
    truth = (
        pl.when(pl.col("value").is_null()).then(pl.lit("unknown")).otherwise(pl.lit("known")).alias("truth")
    )
    said = chosen.filter(pl.col("fact").is_in(list(facts))).with_columns(
        truth,
        pl.lit(entity).alias("entity"),
        pl.col("kind").alias("source"),
        pl.col("note").str.starts_with("推定").fill_null(False).alias("presumed"),
    )
    rest = silence.with_columns(
        truth, pl.lit(entity).alias("entity"), pl.col("kind").alias("source"), pl.lit(False).alias("conflict")
    )
    parts = [
        part.select(
            [
                (pl.col(c) if c in part.columns else pl.lit(None)).cast(t).alias(c)
                for c, t in PROVENANCE.items()
            ]
        )
        for part in (said.sort("fact", "person"), rest)
    ]
    return pl.concat(parts)
