"""Screening of posts: every rule of the book over the table of posts, one line per post with its answer and reasons."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from chunfeng.engines.screening import ages, elements, pay
from chunfeng.engines.screening.book import PostRule
from chunfeng.engines.screening.texts import HITS, hits, texts_of

ANSWERS: dict[str, pl.DataType | type[pl.DataType]] = {
    "file": pl.String, "sheet": pl.String, "row": pl.UInt32, "lawful": pl.String, "rules": pl.String,
    "warnings": pl.String, "law": pl.String, "phrase": pl.String,
}  # fmt: skip
"""`lawful` yes, no, or review: a human must judge. `rules` those broken, `warnings` what to look at; `law` and `phrase` of
every rule broken, in the same order, then of what is in question. Lists are joined by ;."""


def screen(posts: pl.DataFrame, book: Sequence[PostRule], as_of: date, region: str | None) -> pl.DataFrame:
    """Every post with its answer on the day `as_of`: ANSWERS, in the order of `posts` (columns of posts.SCHEMA).

    `region`: code of the county where a post names no place of its own.
    """
    found = judge(posts, book, as_of, region)
    numbered = posts.select("file", "sheet", "row").with_row_index("post")
    order = pl.DataFrame(
        {"rule": [r.rule for r in book], "order": range(len(book)), "law": [r.law_on(as_of) for r in book]},
        schema={"rule": pl.String, "order": pl.Int32, "law": pl.String},
    )
    found = found.join(order, on="rule").sort("post", pl.col("outcome") != "no", "order")
    against = found.filter(pl.col("outcome") != "warn").group_by("post", maintain_order=True).agg(
        pl.col("rule").filter(pl.col("outcome") == "no").str.join(";").alias("rules"),
        pl.col("law").str.join(";").alias("law"),
        pl.col("phrase").str.replace_all(";", "；").str.join(";").alias("phrase"),
        (pl.col("outcome") == "no").any().alias("broken"),
    )  # fmt: skip
    warned = found.filter(pl.col("outcome") == "warn").group_by("post", maintain_order=True)
    table = numbered.join(against, on="post", how="left", maintain_order="left").join(
        warned.agg(pl.col("rule").str.join(";").alias("warnings")),
        on="post",
        how="left",
        maintain_order="left",
    )
    lawful = (
        pl.when(pl.col("broken").is_null()).then(pl.lit("yes"))
        .when("broken").then(pl.lit("no")).otherwise(pl.lit("review"))
    )  # fmt: skip
    blank = pl.when(pl.col("rules") != "").then("rules").alias("rules")
    return table.with_columns(lawful.alias("lawful"), blank).select(
        [pl.col(c).cast(t) for c, t in ANSWERS.items()]
    )


def judge(posts: pl.DataFrame, book: Sequence[PostRule], as_of: date, region: str | None) -> pl.DataFrame:
    """Every rule in force on the day against every post: HITS, `post` counted from 0."""
    rules = [r for r in book if r.version_on(as_of) is not None]
    table = posts.with_row_index("post")
    texts = texts_of(table)
    spoken = ages.ages(table, texts)
    hour = next((r for r in rules if r.check == "minimum_wage_hour"), None)
    paid = pay.pay_of(table, region, as_of, hour) if hour is not None else None
    youngest = next((int(r.parameters["age"]) for r in rules if r.check == "under_age"), 0)
    found = [pl.DataFrame(schema=HITS)]
    for rule in rules:
        if rule.check == "texts":
            found.append(hits(rule, texts))
        elif rule.check == "under_age":
            children = ages.under_age(rule, spoken)
            found += [children, hits(rule, texts).join(children, on="post", how="anti")]
        elif rule.check == "age_limit":
            limits = ages.age_limit(rule, spoken, youngest)
            found += [limits, hits(rule, texts).join(limits, on="post", how="anti")]
        elif rule.check in _PAY and paid is not None:
            found.append(_PAY[rule.check](rule, paid))
        elif rule.check == "duplicate" and paid is not None:
            found.append(elements.duplicate(rule, table, paid))
        elif rule.check == "private_contact":
            found.append(elements.private_contact(rule, table, texts))
        elif rule.check == "missing":
            found.append(elements.missing(rule, table, texts))
        elif rule.check == "stale":
            found.append(elements.stale(rule, table, as_of))
        elif rule.check in _ELEMENTS:
            found.append(_ELEMENTS[rule.check](rule, table))
    return pl.concat(found)


_PAY = {
    "pay_words": pay.pay_words, "minimum_wage_month": pay.minimum_wage_month,
    "minimum_wage_hour": pay.minimum_wage_hour, "pay_far_above": pay.pay_far_above,
}  # fmt: skip
_ELEMENTS = {
    "no_licence": elements.no_licence, "bad_code": elements.bad_code,
    "blacklist": elements.blacklist,
}  # fmt: skip
