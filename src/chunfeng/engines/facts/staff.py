"""Who is insured by which employer now, and what an employer's staff adds up to.

Counts of staff of a kind say «at least»: somebody whose kind nobody knows is not counted, and where none is known to be of it
but some are open, the count is unknown.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from chunfeng.engines.facts import insurance
from chunfeng.engines.facts.said import ROW, World, say

_NEW_MONTHS = 12
"""Staff first insured within so many months are new."""
_KINDS = ("graduate", "poverty_exit", "poverty_relapse_watch", "disability_certificate", "hukou_in_province")


@dataclass(frozen=True, slots=True)
class Staff:
    """`paid`: rows of insurance by employers, their employer as `person`; `spans`: employer, person (null: nobody known),
    first, last, months, covered, is_now, is_new, cut (insured when the list begins)."""

    paid: pl.DataFrame
    spans: pl.DataFrame

    def now(self) -> pl.DataFrame:
        """person, employer, first, last, months: who is insured by whom in the month that counts as now."""
        known = self.spans.filter(pl.col("is_now")).drop_nulls("person")
        return known.select("person", "employer", "first", "last", "months").sort("employer", "person")


def read(world: World, of: pl.DataFrame) -> Staff | None:
    """Who is insured by whom; None without an insurance list. `of`: file, sheet, row, employer."""
    insured = insurance.read(world.with_links(of.rename({"employer": "person"})))
    if insured is None:
        return None
    paid = insured.rows.filter(~pl.col("own"))
    return Staff(paid, _spans(world, insured, paid))


def _spans(world: World, insured: insurance.Insured, paid: pl.DataFrame) -> pl.DataFrame:
    slim = paid.select("person", *ROW, "first", "last", "unemployment_insurance")
    rows = slim.rename({"person": "employer"}).join(world.links, on=ROW, how="left")
    # rows of nobody known are told apart by their place in the month
    who = pl.coalesce(
        "person",
        pl.concat_str(pl.lit("?"), pl.col("row").rank("ordinal").over("employer", "last").cast(pl.String)),
    )
    spans = rows.with_columns(who.alias("who")).group_by("employer", "who").agg(
        pl.col("person").first(), pl.col("first").min(), pl.col("last").max(),
        pl.col("first").n_unique().cast(pl.Int64).alias("months"),
        pl.col("unemployment_insurance").eq("true").any().alias("covered"),
    )  # fmt: skip
    recent = pl.lit(insured.now).cast(pl.Date).dt.offset_by(f"-{_NEW_MONTHS - 1}mo")
    # who was there when the list begins may have been for years
    new = (
        (pl.col("first") >= recent)
        & (pl.col("first") > pl.lit(insured.begins, dtype=pl.Date))
        & pl.col("person").is_not_null()
    )
    begins = pl.lit(insured.begins, dtype=pl.Date)
    return spans.with_columns(
        (pl.col("last") >= insured.now).alias("is_now"), new.fill_null(False).alias("is_new"),
        (pl.col("first") == begins).fill_null(False).alias("cut"),
    )  # fmt: skip


def staff_facts(world: World, staff: Staff | None, persons: pl.DataFrame) -> list[pl.DataFrame]:
    """Statements on staff_insured, new_staff*, hires_*, insured_months_seen … keyed by employer. `persons`: the wide table."""
    if staff is None:
        return []
    spans = staff.spans
    kinds = persons.select("person", *_KINDS)
    now = (
        spans.filter(pl.col("is_now"))
        .join(kinds, on="person", how="left")
        .join(_jobless(world, spans), on=["employer", "person"], how="left")
    )
    new = pl.col("is_new")
    poor = pl.col("poverty_exit") | pl.col("poverty_relapse_watch")
    counted = now.group_by("employer").agg(
        pl.len().cast(pl.Int64).alias("staff_insured"),
        pl.col("covered").any().alias("pays_unemployment_insurance"),
        new.sum().cast(pl.Int64).alias("new_staff"),
        (new & (pl.col("months") >= 3)).sum().cast(pl.Int64).alias("new_staff_3_months"),
        (new & (pl.col("months") >= 6)).sum().cast(pl.Int64).alias("new_staff_6_months"),
        _at_least(pl.col("graduate").filter(new)).alias("hires_graduates"),
        _at_least(pl.col("jobless").filter(new)).alias("hires_registered_unemployed"),
        _at_least(poor).alias("hires_poverty_exit"),
        _at_least(pl.col("disability_certificate")).alias("hires_disabled"),
        _at_least(~pl.col("hukou_in_province")).alias("hires_other_provinces"),
    )
    return _told(staff, counted)


def _at_least(yes: pl.Expr) -> pl.Expr:
    """How many are; null where none is known to be and some are open."""
    known = yes.fill_null(False).sum().cast(pl.Int64)
    return pl.when((known == 0) & yes.is_null().any()).then(None).otherwise(known)


def _told(staff: Staff, counted: pl.DataFrame) -> list[pl.DataFrame]:
    paid, spans = staff.paid, staff.spans
    newest = paid.sort("person", "last", *ROW, descending=[False, True, False, False, False])
    one = newest.unique("person", keep="first", maintain_order=True)
    one = one.select("person", "kind", *ROW, pl.col("last").alias("at"))
    seen = paid.group_by("person").agg(pl.col("first").n_unique().cast(pl.Int64).alias("insured_months_seen"))
    # with its first month in the list's first the employer may be older than the list
    cut = spans.group_by(pl.col("employer").alias("person")).agg(pl.col("cut").any())
    whole = (
        one.join(seen, on="person")
        .join(cut, on="person")
        .join(counted.rename({"employer": "person"}), on="person", how="left")
    )
    gone = pl.col("staff_insured").is_null()
    year = pl.col("insured_months_seen") >= 12
    facts = [c for c in counted.columns if c not in ("employer", "pays_unemployment_insurance")]
    return [
        *[say(whole, fact, pl.when(gone).then(0).otherwise(pl.col(fact)), pl.lit(True), on="at") for fact in facts],
        say(whole, "pays_unemployment_insurance", pl.col("pays_unemployment_insurance").fill_null(False), on="at"),
        say(whole, "insured_months_seen", pl.col("insured_months_seen"), on="at"),
        say(whole, "insured_12_months", pl.when(year).then(True).when(~pl.col("cut")).then(False), pl.lit(True), on="at"),
    ]  # fmt: skip


def _jobless(world: World, spans: pl.DataFrame) -> pl.DataFrame:
    """employer, person, jobless: of the new staff, registered for six months or more when insured; null without a register."""
    new = spans.filter(pl.col("is_new")).select("employer", "person", "first")
    if not world.tables.has("unemployment_register"):
        return new.select("employer", "person", pl.lit(None, dtype=pl.Boolean).alias("jobless"))
    dates = "unemployment_approved_at unemployment_applied_on unemployment_cancelled_on"
    rows = world.rows("unemployment_register", "", dates)
    start = pl.coalesce("unemployment_approved_at", "unemployment_applied_on")
    spells = rows.select("person", start.alias("start"), pl.col("unemployment_cancelled_on").alias("cancel"))
    month = pl.col("first")
    lasted = (pl.col("start").dt.offset_by("6mo") <= month.dt.month_end()) & (
        pl.col("cancel").is_null() | (pl.col("cancel") >= month.dt.offset_by("-1mo"))
    )
    met = new.join(spells, on="person", how="left").with_columns(lasted.fill_null(False).alias("lasted"))
    return met.group_by("employer", "person").agg(pl.col("lasted").any().alias("jobless"))
