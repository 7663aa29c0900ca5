"""The retirement day: by sex, category and birth; without a category the days between which it must lie."""

from __future__ import annotations

from datetime import date

import polars as pl

from chunfeng.engines.facts.choose import CHOSEN
from chunfeng.reference import retirement

_CATEGORIES = {"male": (60,), "female": (50, 55)}
_FIVE_YEARS = "-60mo"
_DAYS = ("retires_on", "retires_earliest", "retires_latest")


def ages(
    chosen: pl.DataFrame, held: pl.DataFrame, as_of: date, *, insured_after_50_is_55: bool
) -> pl.DataFrame:
    """CHOSEN lines on retires_*, near_retirement_*, and the retirement_category of men and of women insured past 50.

    `chosen`: what is known so far; `held`: person, started_on of the present public-welfare post.
    """
    sex, birth, category = (_known(chosen, fact) for fact in ("sex", "birth_date", "retirement_category"))
    people = birth.join(sex.select("person", pl.col("value").alias("sex")), on="person", how="left")
    people = people.join(
        category.select("person", pl.col("value").alias("category"), pl.col("kind").alias("by")),
        on="person",
        how="left",
    )
    # a category of the other sex is a slip of the pen
    fits = (
        pl.when(pl.col("sex") == "male").then(pl.lit("60")).when(pl.col("category") != "60").then("category")
    )
    people = people.with_columns(
        pl.col("value").str.to_date("%Y-%m-%d", strict=False).alias("birth"), fits.alias("category")
    )
    people = people.join(_at_work(chosen), on="person", how="left")
    # a worker of the 50-group retires at 50 and is insured no longer
    late = (
        pl.lit(insured_after_50_is_55)
        & pl.col("at_work").fill_null(False)
        & (pl.col("sex") == "female")
        & pl.col("category").is_null()
        & (pl.col("birth").dt.offset_by("50y") <= as_of)
    )
    people = people.with_columns(late.fill_null(False).alias("late"))
    people = people.with_columns(
        pl.when(pl.col("late")).then(pl.lit("55")).otherwise("category").alias("category")
    )
    days = _days(people)
    told = people.join(days, on=["sex", "category", "birth"], how="left", nulls_equal=True)
    note = (
        pl.when(pl.col("retires_on").is_null())
        .then(pl.lit("女性退休类别无记录"))
        .otherwise(pl.lit("由性别、出生日期和退休类别推算"))
    )
    parts = [_line(told, fact, pl.col(fact).cast(pl.String), note) for fact in _DAYS]
    near = pl.col("retires_on").dt.offset_by(_FIVE_YEARS)
    parts.append(_line(told, "near_retirement_from", near.cast(pl.String), note))
    men = told.filter(pl.col("sex") == "male")
    parts.append(_line(men, "retirement_category", pl.lit("60"), pl.lit("男性一律60")))
    presumed = pl.lit("推定：满50周岁仍由单位参保、未领养老待遇")
    parts.append(_line(told.filter(pl.col("late")), "retirement_category", pl.lit("55"), presumed))
    posted = told.join(held, on="person")
    early, late = (
        pl.col(c).dt.offset_by(_FIVE_YEARS) <= pl.col("started_on")
        for c in ("retires_earliest", "retires_latest")
    )
    at_start = pl.when(early & late).then(True).when(~early & ~late).then(False)
    parts.append(_line(posted, "near_retirement_at_post_start", at_start.cast(pl.String), note))
    return pl.concat(parts)


def _at_work(chosen: pl.DataFrame) -> pl.DataFrame:
    """person, at_work: insured by an employer and not known to draw a pension."""
    drawing = chosen.filter(
        (pl.col("fact") == "draws_pension") & (pl.col("value") != "false").fill_null(True)
    )
    insured = chosen.filter((pl.col("fact") == "insured_by_employer") & (pl.col("value") == "true"))
    return insured.join(drawing, on="person", how="anti").select("person", pl.lit(True).alias("at_work"))


def _known(chosen: pl.DataFrame, fact: str) -> pl.DataFrame:
    return chosen.filter((pl.col("fact") == fact) & pl.col("value").is_not_null())


def _line(people: pl.DataFrame, fact: str, value: pl.Expr, note: pl.Expr) -> pl.DataFrame:
    own = {
        "fact": pl.lit(fact),
        "value": value,
        "stale": pl.lit(False),
        "conflict": pl.lit(False),
        "note": note,
    }
    return people.select(
        [
            own.get(c, pl.col(c) if c in people.columns else pl.lit(None)).cast(t).alias(c)
            for c, t in CHOSEN.items()
        ]
    )


def _days(people: pl.DataFrame) -> pl.DataFrame:
    """sex, category, birth with the three days, of the distinct ones; a person of unknown sex has the widest span."""
    distinct = people.select("sex", "category", "birth").unique().drop_nulls("birth")
    rows = [(*row, *span(*row)) for row in distinct.iter_rows()]
    schema = {"sex": pl.String, "category": pl.String, "birth": pl.Date, **dict.fromkeys(_DAYS, pl.Date)}
    return pl.DataFrame(rows, schema=schema, orient="row")


def span(sex: str | None, category: str | None, birth: date) -> tuple[date | None, date | None, date | None]:
    """(the retirement day if it is certain, the earliest possible, the latest possible) for `male` or `female`, 50, 55 or 60."""
    sexes = (sex,) if sex in _CATEGORIES else tuple(_CATEGORIES)
    found = [
        retirement.retires_on("1" if s == "male" else "2", c, birth)
        for s in sexes
        for c in ((int(category),) if category and sex in _CATEGORIES else _CATEGORIES[s])
    ]
    days = sorted(day for day in found if day is not None)
    if not days:
        return None, None, None
    return (days[0] if days[0] == days[-1] else None), days[0], days[-1]
