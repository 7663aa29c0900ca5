"""Months insured: by whom, since when, with which kinds, out of a list of months or of a list of stretches.

The month that counts as now is the newest the list knows, and none before the window of the catalogue: a list handed in late
still speaks of its own newest month as long as it has not gone stale.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from chunfeng.engines.facts.said import ROW, World, say
from chunfeng.engines.linkage.standings import by_employer, ended

KIND = "insurance_contributions"
_COLUMNS = (
    "insured_as employer_kind credit_code employer_name insured_state paid_state pension medical unemployment_insurance "
    "insurance_kind months_paid"
)
_MONTHS = "contribution_month insured_from insured_to"
_UNPAID = "未到账|未缴|欠缴|欠费|未实缴|未入账|^0$|^否$"


@dataclass(frozen=True, slots=True)
class Insured:
    """One line per row: person, first and last (first days of months), own (paid by the person), arrived, and the row's place."""

    rows: pl.DataFrame
    now: date
    """The month that counts as now."""
    begins: date | None
    """First month the lists know."""

    def stretches(self) -> pl.DataFrame:
        """person, last_month: by employers, what breaks a continuous unemployment."""
        paid = self.rows.filter(~pl.col("own"))
        return paid.select("person", pl.col("last").alias("last_month")).unique()


def read(world: World) -> Insured | None:
    """All rows of current insurance lists; None where no such list was handed in."""
    if not world.tables.has(KIND):
        return None
    rows = _dated(world.rows(KIND, _COLUMNS, _MONTHS), world)
    since = world.month
    for _ in range(int(world.declared.readings["insured_window_months"])):
        since = (since - timedelta(days=1)).replace(day=1)
    # what the lists know as a whole, whoever the rows are of
    whole = _dated(world.tables.rows(KIND, _COLUMNS, _MONTHS), world)
    newest, begins = whole["last"].max(), whole["first"].min()
    now = min(since, newest) if isinstance(newest, date) else since
    return Insured(rows, now, begins if isinstance(begins, date) else None)


def _dated(rows: pl.DataFrame, world: World) -> pl.DataFrame:
    """Rows with first and last month, own, arrived; lists of stretches and of insurances one by one made alike."""
    over = ended("insured_state").fill_null(False)
    listed = pl.col("contribution_month").is_not_null()
    still = ~over & pl.col("insured_to").is_null()
    until = pl.when(still).then(pl.lit(world.month)).otherwise("insured_to")
    told = listed | pl.col("insured_from").is_not_null() | pl.col("insured_state").is_not_null()
    first = pl.when(listed).then("contribution_month").otherwise(pl.coalesce("insured_from", until))
    last = pl.when(listed).then("contribution_month").otherwise(until)
    # lists with a row for each kind of insurance name the kind
    each = [
        pl.coalesce(column, pl.when(pl.col("insurance_kind").str.contains(word)).then(pl.lit("true"))).alias(
            column
        )
        for column, word in (("pension", "养老"), ("medical", "医疗"), ("unemployment_insurance", "失业"))
    ]
    dated = rows.filter(told).with_columns(
        *each, first.dt.truncate("1mo").alias("first"), last.dt.truncate("1mo").alias("last"), (~by_employer()).alias("own"),
        ~pl.col("paid_state").str.contains(_UNPAID).fill_null(False).alias("arrived"),
    )  # fmt: skip
    return dated.filter(pl.col("first") <= world.as_of)


def insurance(world: World, insured: Insured | None) -> list[pl.DataFrame]:
    """Statements on insured_*, flexible_*, unemployment_insured_*, own_business_insured_months."""
    if insured is None:
        return []
    rows = insured.rows
    return [
        *_stretch(insured, rows.filter(~pl.col("own")), "insured_by_employer", "insured_since_here", "insured_months_current"),
        *_stretch(insured, rows.filter("own"), "flexible_insured", "flexible_since", None),
        *_history(insured, rows.filter(~pl.col("own"))),
        *_own_payment(insured, rows.filter("own")),
        *_against_unemployment(world, insured, rows),
        _own_business(world, rows.filter(~pl.col("own"))),
    ]  # fmt: skip


def _newest(rows: pl.DataFrame) -> pl.DataFrame:
    """The row of each person's newest month."""
    ordered = rows.sort("person", "last", *ROW, descending=[False, True, False, False, False])
    return ordered.unique("person", keep="first", maintain_order=True)


def _stretch(
    insured: Insured, rows: pl.DataFrame, fact: str, since: str, months: str | None
) -> list[pl.DataFrame]:
    """Insured now, since which month without a gap, how many months that is."""
    now = _newest(rows).with_columns((pl.col("last") >= insured.now).alias("is_now"))
    found = [
        say(
            now,
            fact,
            pl.col("is_now"),
            on="last",
            note=pl.concat_str(pl.lit("末次缴费月 "), pl.col("last").dt.strftime("%Y-%m")),
        )
    ]
    number = pl.col("first").dt.year().cast(pl.Int32) * 12 + pl.col("first").dt.month()
    to = pl.col("last").dt.year().cast(pl.Int32) * 12 + pl.col("last").dt.month()
    runs = (
        rows.select("person", "first", number.alias("from"), to.alias("to"))
        .unique()
        .sort("person", "from", "to")
        .with_columns(pl.col("to").cum_max().shift(1).over("person").alias("before"))
        .with_columns((pl.col("from") > pl.col("before") + 1).fill_null(True).cast(pl.UInt32).cum_sum().over("person").alias("run"))
        .group_by("person", "run").agg(pl.col("first").min(), pl.col("from").min(), pl.col("to").max())
    )  # fmt: skip
    last = runs.sort("person", "run", descending=[False, True]).unique(
        "person", keep="first", maintain_order=True
    )
    current = (
        now.filter("is_now")
        .drop("first")
        .join(
            last.select("person", "first", (pl.col("to") - pl.col("from") + 1).alias("months")), on="person"
        )
    )
    early = pl.when(pl.col("first") == pl.lit(insured.begins, dtype=pl.Date)).then(
        pl.lit("名单首月已在缴，可能更早")
    )
    found.append(say(current, since, pl.col("first"), on="last", note=early))
    if months is not None:
        found.append(say(current, months, pl.col("months"), on="last", note=early))
    return found


def _history(insured: Insured, rows: pl.DataFrame) -> list[pl.DataFrame]:
    newest = _newest(rows)
    oldest = rows.sort("person", "first", *ROW).unique("person", keep="first", maintain_order=True)
    early = pl.when(pl.col("first") == pl.lit(insured.begins, dtype=pl.Date)).then(
        pl.lit("名单首月已在缴，可能更早")
    )
    return [
        say(newest, "last_employer_month", pl.col("last"), on="last"),
        say(oldest, "first_insured_on", pl.col("first"), on="first", note=early),
    ]


def _own_payment(insured: Insured, rows: pl.DataFrame) -> list[pl.DataFrame]:
    now = _newest(rows)
    both = (pl.col("pension") == "true") & (pl.col("medical") == "true")
    paid = (pl.col("last") >= insured.now) & pl.when("arrived").then(both).otherwise(None)
    return [say(now, "pays_own_pension_and_medical", paid, pl.lit(True), on="last")]


def _against_unemployment(world: World, insured: Insured, rows: pl.DataFrame) -> list[pl.DataFrame]:
    """Ever insured, and for how many months at least. A contribution that did not arrive leaves it open."""
    covered = (pl.col("unemployment_insurance") == "true") & pl.when("arrived").then(True).otherwise(None)
    if not world.declared.yes("list_starts_history"):
        covered = pl.when(covered).then(True)  # what came before the list may have been
    rows = rows.with_columns(covered.alias("covered"))
    best = rows.sort(
        "person", pl.col("covered").cast(pl.Int8).fill_null(-1).replace({-1: 0, 0: -1}), "last", *ROW,
        descending=[False, True, True, False, False, False],
    ).unique("person", keep="first", maintain_order=True)  # fmt: skip
    paid = rows.filter(pl.col("covered").fill_null(False))
    length = (
        (pl.col("last").dt.year() - pl.col("first").dt.year()).cast(pl.Int64) * 12
        + pl.col("last").dt.month()
        - pl.col("first").dt.month()
        + 1
    )
    counted = paid.group_by("person").agg(
        pl.when(pl.col("contribution_month").is_null().any())
        .then(pl.max_horizontal(length.sum(), pl.col("months_paid").cast(pl.Int64, strict=False).max()))
        .otherwise(pl.max_horizontal(pl.col("first").n_unique(), pl.col("months_paid").cast(pl.Int64, strict=False).max()))
        .alias("months"),
        pl.col("first").min().alias("from"),
    )  # fmt: skip
    months = best.join(counted, on="person", how="left").with_columns(pl.col("months").fill_null(0))
    # whoever was insured when the list begins may have been so for years
    cut = (pl.col("from") == pl.lit(insured.begins, dtype=pl.Date)).fill_null(False) & (pl.col("months") < 12)
    value = pl.when(cut | pl.col("covered").is_null()).then(None).otherwise(pl.col("months"))
    note = pl.when(pl.col("from") == pl.lit(insured.begins, dtype=pl.Date)).then(
        pl.lit("名单首月已在缴，实际月数可能更多")
    )
    return [
        say(best, "unemployment_insured_ever", pl.col("covered"), pl.lit(True), on="last"),
        say(months, "unemployment_insured_months", value, pl.lit(True), on="last", note=note),
    ]


def _own_business(world: World, rows: pl.DataFrame) -> pl.DataFrame:
    own = (
        world.rows("business_entities", "credit_code")
        .drop_nulls("credit_code")
        .select("person", "credit_code")
        .unique()
    )
    both = rows.join(own, on=["person", "credit_code"])
    counted = both.group_by("person").agg(pl.col("first").n_unique().cast(pl.Int64).alias("months"))
    return say(
        _newest(both).join(counted, on="person"), "own_business_insured_months", pl.col("months"), on="last"
    )
