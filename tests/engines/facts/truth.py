"""The facts of the sample county as they truly are, out of its truth tables: what the rules must say if nothing were missing.

Only what the tables know is filled; every other fact is null. A person is the number of the truth table as text.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl

from chunfeng.engines.facts.ages import span
from chunfeng.engines.facts.declared import COLUMNS, read_declarations
from chunfeng.reference.rules import FACTS

LIANCHENG = Path(__file__).parents[2] / "data" / "liancheng" / "truth"
_WORKS = ("emp_local", "emp_prov", "emp_out")


def true_facts(folder: Path = LIANCHENG, as_of: date = date(2023, 1, 15)) -> pl.DataFrame:
    """One row per person: person, household, area, and every person fact of the catalogue, typed as the rules want it."""
    persons = pl.read_parquet(folder / "persons.parquet")
    spells = _spells(folder, as_of)
    insured = _insured(folder, as_of)
    table = persons.join(spells, on="pid", how="left").join(insured, on="pid", how="left")
    table = table.join(_restarts(folder, spells, as_of), on="pid", how="left")
    facts = table.select(
        pl.col("pid").cast(pl.String).alias("person"), pl.col("hid").cast(pl.String).alias("household"),
        pl.lit("350825").alias("area"),
        *[value.alias(name) for name, value in (_who(as_of) | _work(as_of) | _hardship(as_of)).items()],
    )  # fmt: skip
    facts = facts.join(_days(facts), on="person", how="left")
    wanted = read_declarations(FACTS).of("person")
    known = [pl.col(name) if name in facts.columns else pl.lit(None).alias(name) for name in wanted]
    typed = [column.cast(COLUMNS[fact.type]) for column, fact in zip(known, wanted.values(), strict=True)]
    return facts.select("person", "household", "area", *typed)


def _by(column: str, day: date) -> pl.Expr:
    return (pl.col(column) <= day).fill_null(False)


def _who(as_of: date) -> dict[str, pl.Expr]:
    gone = _by("hukou_out_date", as_of)
    inside = (
        pl.when(gone)
        .then(pl.col("hukou_out_to").str.starts_with("福建"))
        .otherwise(pl.col("hukou_province") == "福建")
    )
    return {
        "sex": pl.col("sex").replace_strict({"男": "male", "女": "female"}),
        "birth_date": pl.col("birth"),
        "hukou": pl.col("hukou").replace_strict({"城镇": "urban", "农村": "rural"}, default=None),
        "hukou_in_province": inside,
        "hukou_here": ~gone & ~pl.col("incoming"),
        "moved_out": gone,
        "alive": ~_by("death", as_of),
        "in_prison": _by("prison_from", as_of) & (pl.col("prison_to") >= as_of).fill_null(False),
        "in_school": pl.col("work") == "student",
        "whereabouts_known": pl.col("work") != "unknown",
        "retirement_category": pl.when(pl.col("retire_category") != "?").then("retire_category"),
        "draws_pension": _by("pension_from", as_of),
        "able_to_work": pl.col("able"),
        "wish_to_work": pl.col("wish"),
        "migrant_here": pl.col("incoming"),
    }


def _work(as_of: date) -> dict[str, pl.Expr]:
    seeks = _by("seek_from", as_of) & (pl.col("seek_cancel").is_null() | (pl.col("seek_cancel") > as_of))
    works = pl.col("work").is_in(_WORKS) | pl.col("hidden_job")
    return {
        "registered_unemployed": pl.col("registered").fill_null(False),
        "registered_on": pl.col("registered_on"),
        "unemployed_since": pl.when(pl.col("registered")).then(pl.coalesce("restart", "since")),
        "job_seeking": seeks,
        "wish_to_transfer": pl.when(seeks).then(True),
        "real_name": _by("realname", as_of),
        "insured_by_employer": pl.col("by_employer").fill_null(False),
        "flexible_insured": pl.col("flexible").fill_null(False),
        "unemployment_insured_ever": pl.col("covered").fill_null(False),
        "business_licence": pl.col("licence").is_not_null(),
        "public_post": (pl.col("work") == "gongyi") | pl.col("post").is_not_null(),
        "flexible_employment": (pl.col("work") == "flex") | pl.col("flexible").fill_null(False),
        "seen_working": pl.when(pl.col("work") != "unknown").then(works),
        "farming": pl.col("work") == "farm",
        "graduate": pl.col("grad_year").is_not_null(),
    }


def _hardship(as_of: date) -> dict[str, pl.Expr]:
    month = as_of.replace(day=1)
    paid = _by("dibao_from", month) & (pl.col("dibao_last").is_null() | (pl.col("dibao_last") >= month))
    paid = paid & pl.col("dibao_kind").is_not_null()
    card = (pl.col("dis_status") == "正常") & (pl.col("dis_until") >= as_of)
    family = pl.col("fp_kind").is_not_null() & ~_by("fp_revoked", as_of)
    exit_ = pl.col("tuopin").is_in(["脱贫户", "脱贫不稳定户"]) & ~_by("tuopin_removed", as_of)
    watch = pl.col("tuopin").is_in(["脱贫不稳定户", "边缘易致贫户", "突发严重困难户"]) & ~_by(
        "tuopin_removed", as_of
    )
    # the sample gives land in thousandths: whole numbers, so that 30.0 % is 30.0 %
    left, mean = ((pl.col(c) * 10_000).round(0).cast(pl.Int64) for c in ("land_left", "land_avg"))
    return {
        "disability_certificate": card.fill_null(False),
        "allowance": paid,
        "allowance_urban": paid & (pl.col("dibao_kind") == "城市").fill_null(False),
        "allowance_rural": paid & (pl.col("dibao_kind") == "农村").fill_null(False),
        "poverty_exit": exit_.fill_null(False),
        "poverty_relapse_watch": watch.fill_null(False),
        "family_planning_valid": family,
        "family_planning_kind": pl.col("fp_kind").replace_strict(
            {"独生子女": "one_child", "二女": "two_daughters"}, default=None
        ),
        "land_expropriated": pl.col("land_avg").is_not_null(),
        "in_planning_area": pl.when(pl.col("land_avg").is_not_null()).then("plan_area"),
        "had_contract_right": pl.col("land_contract"),
        "land_left_permille": (left * 10_000_000 // mean).cast(pl.Decimal(22, 4)) / 10_000,
    }


def _spells(folder: Path, as_of: date) -> pl.DataFrame:
    """pid, registered, registered_on, since: the chain of registrations that follow each other on one day."""
    spells = pl.read_parquet(folder / "spells.parquet").filter((pl.col("approve") <= as_of).fill_null(True))
    spells = spells.sort("pid", "approve", "cancel", nulls_last=True).with_columns(
        (pl.col("approve") == pl.col("cancel").shift(1).over("pid")).fill_null(False).alias("follows")
    )
    spells = spells.with_columns((~pl.col("follows")).cum_sum().over("pid").alias("chain")).with_columns(
        pl.col("approve").min().over("pid", "chain").alias("since")
    )
    open_ = spells.filter(pl.col("cancel").is_null() | (pl.col("cancel") > as_of))
    last = open_.unique("pid", keep="last", maintain_order=True)
    return last.select(
        "pid", pl.lit(True).alias("registered"), pl.col("approve").alias("registered_on"), "since"
    )


def _insured(folder: Path, as_of: date) -> pl.DataFrame:
    """pid, by_employer, flexible (last month or later), covered (unemployment insurance in any month)."""
    stretches = _stretches(folder)
    since = (
        as_of.replace(day=1).replace(month=as_of.month - 1)
        if as_of.month > 1
        else date(as_of.year - 1, 12, 1)
    )
    now = pl.col("last") >= since
    employer = pl.col("employer") != -1
    return stretches.group_by("pid").agg(
        (now & employer).any().alias("by_employer"), (now & ~employer).any().alias("flexible"),
        (pl.col("unemployment") & employer).any().alias("covered"),
    )  # fmt: skip


def _stretches(folder: Path) -> pl.DataFrame:
    months = pl.read_parquet(folder / "insured.parquet")
    return months.with_columns(
        [pl.concat_str(c, pl.lit("-01")).str.to_date().alias(c) for c in ("first", "last")]
    )


def _restarts(folder: Path, spells: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """pid, restart: the month after the last one an employer paid during the registration, not counting its first month."""
    paid = _stretches(folder).filter(pl.col("employer") != -1).join(spells.drop_nulls("since"), on="pid")
    broken = paid.filter((pl.col("last") > pl.col("since").dt.truncate("1mo")) & (pl.col("last") <= as_of))
    return broken.group_by("pid").agg(pl.col("last").max().dt.offset_by("1mo").alias("restart"))


def _days(facts: pl.DataFrame) -> pl.DataFrame:
    distinct = facts.select("sex", "retirement_category", "birth_date").unique()
    days = pl.DataFrame(
        [(*row, *span(*row)) for row in distinct.iter_rows()],
        schema={
            "sex": pl.String, "retirement_category": pl.String, "birth_date": pl.Date, "retires_on": pl.Date,
            "retires_earliest": pl.Date, "retires_latest": pl.Date,
        },
        orient="row",
    )  # fmt: skip
    keyed = facts.select("person", "sex", "retirement_category", "birth_date")
    joined = keyed.join(days, on=["sex", "retirement_category", "birth_date"], nulls_equal=True)
    near = pl.col("retires_on").dt.offset_by("-60mo").alias("near_retirement_from")
    return joined.select("person", "retires_on", "retires_earliest", "retires_latest", near)
