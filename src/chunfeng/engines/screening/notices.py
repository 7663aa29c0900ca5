"""Findings for departments out of the screening: which employer's posts to send back, which placements to look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import polars as pl
import yaml

FINDINGS: dict[str, pl.DataType | type[pl.DataType]] = {
    "kind": pl.String, "person": pl.String, "rows": pl.String, "message": pl.String,
}  # fmt: skip
"""As findings.csv; `rows` at most CITED as file#sheet#row, joined by ;."""
CITED = 20
SEVERITIES = ("error", "warning", "info")
_KINDS = Path(__file__).with_name("notice_kinds.yaml")


@dataclass(frozen=True, slots=True)
class NoticeKind:
    """One kind of notice. `message` takes the words in order; `do` says who does what; `finding` is the ledger's."""

    kind: str
    severity: str
    label: str
    message: str
    do: str
    finding: str | None = None


@cache
def kinds() -> dict[str, NoticeKind]:
    """The kinds of notice_kinds.yaml by name."""
    entries = yaml.safe_load(_KINDS.read_text(encoding="utf-8"))["kinds"]
    return {entry["kind"]: NoticeKind(**entry) for entry in entries}


def _told(kind: str, *words: str) -> pl.Expr:
    """The sentence of a kind with its words, and what to do."""
    notice = kinds()[kind]
    return pl.format(notice.message + notice.do, *words).alias("message")


def _place() -> pl.Expr:
    return pl.concat_str(
        [pl.col(c).cast(pl.String).fill_null("") for c in ("file", "sheet", "row")], separator="#"
    )


def of_posts(posts: pl.DataFrame, answers: pl.DataFrame, names: Mapping[str, str]) -> pl.DataFrame:
    """One finding per employer with unlawful posts, and one more where it is on the wage-arrears list.

    `names`: the rules' Chinese names by code.
    """
    whose = pl.coalesce("employer", "employer_name_key", "employer_name", pl.lit(""))
    broken = (
        answers.filter(pl.col("lawful") == "no")
        .join(
            posts.select("file", "sheet", "row", "employer_name", whose.alias("whose")),
            on=["file", "sheet", "row"],
        )
        .with_columns(_place().alias("place"), pl.col("rules").str.split(";").alias("rules"))
    )
    grouped = broken.group_by("whose", maintain_order=True).agg(
        pl.col("employer_name").drop_nulls().first().fill_null("（无名称）").alias("name"),
        pl.len().alias("count"), pl.col("place").head(CITED).str.join(";").alias("rows"),
        pl.col("rules").explode().unique(maintain_order=True).replace(dict(names)).str.join("、").alias("why"),
        pl.col("rules").list.contains("BLACKLIST").any().alias("listed"),
    )  # fmt: skip
    nobody = pl.lit(None, dtype=pl.String).alias("person")
    listed = "listed_employer_recruits"
    parts = [
        grouped.select(
            pl.lit("unlawful_vacancies").alias("kind"), nobody, "rows", _told("unlawful_vacancies", "name", "count", "why")
        ),
        grouped.filter("listed").select(pl.lit(listed).alias("kind"), nobody, "rows", _told(listed, "name")),
    ]  # fmt: skip
    return pl.concat(parts).select([pl.col(c).cast(t) for c, t in FINDINGS.items()])


def of_ledger(checked: pl.DataFrame) -> pl.DataFrame:
    """One finding per row of the ledger that only the ledger shows."""
    each = checked.with_columns(pl.col("finding").str.split(";")).explode("finding").select(
        "finding", "person", _place().alias("rows"), pl.col("name").fill_null("（无姓名）"),
        pl.concat_str("employer_name", "post_name", ignore_nulls=True).alias("post"),
        pl.col("started_on").dt.strftime("%Y-%m-%d").fill_null("日期不明").alias("since"),
    )  # fmt: skip
    parts = [pl.DataFrame(schema=FINDINGS)]
    for kind in kinds().values():
        if kind.finding is not None:
            of = each.filter(pl.col("finding") == kind.finding)
            parts.append(
                of.select(
                    pl.lit(kind.kind).alias("kind"),
                    "person",
                    "rows",
                    _told(kind.kind, "name", "post", "since"),
                )
            )
    return pl.concat(parts)
