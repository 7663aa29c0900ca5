"""Stage: posts offered are screened for what the law forbids, and the ledger of public-welfare posts is checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from chunfeng.engines.linkage import employers as employer_links
from chunfeng.engines.linkage.standings import rows_of, standings
from chunfeng.engines.screening import ledger, notices
from chunfeng.engines.screening.posts import marks_of
from chunfeng.engines.screening.posts import posts as posts_of
from chunfeng.engines.screening.screen import screen
from chunfeng.engines.screening.trial import load_book
from chunfeng.pipeline.outputs import write_csv

ROW = ["file", "sheet", "row"]
LISTED_MONTHS = 36
"""Months an entry lasts (人力资源和社会保障部令第45号); an older one without an end is a question, no refusal."""


@dataclass(frozen=True, slots=True)
class Posts:
    """What the stage found. `findings`: kind, person, rows, message, to be joined to findings.csv."""

    answers: pl.DataFrame
    ledger: pl.DataFrame
    findings: pl.DataFrame
    counts: dict[str, int]


def publish(
    out: Path,
    extracts: Sequence[pl.DataFrame],
    claims: pl.DataFrame,
    numbered: pl.DataFrame,
    as_of: date,
    region: str | None,
    *,
    firms: pl.DataFrame | None = None,
) -> Posts:
    """Write posts.csv and public_posts.csv; return them, their findings and counts. persons.parquet must be there.

    `claims`: claim, file, sheet, row; `numbered`: claim, number, as the registry has them after all human decisions.
    `firms`: employers of rows (linkage `employers`), made here if not given. `region`: the run's county code.
    Raises BookError where the rules cannot be used.
    """
    book = load_book()
    firms = employer_links.employers(extracts) if firms is None else firms
    links = claims.select("claim", *ROW).join(
        numbered.select("claim", pl.col("number").alias("person")), on="claim"
    )
    people = pl.read_parquet(out / "persons.parquet", columns=["person", "sex", "birth"])
    posts = posts_of(extracts, firms, marks_of(*lists_of_employers(extracts, firms, as_of)))
    answers = screen(posts, book, as_of, region)
    checked = ledger.check(_holders(extracts, firms, links, people, as_of), as_of)
    write_csv(answers, out / "posts.csv")
    write_csv(checked.select(*ROW, "person", "finding"), out / "public_posts.csv")
    found = pl.concat(
        [notices.of_posts(posts, answers, {r.rule: r.name for r in book}), notices.of_ledger(checked)]
    )
    counts = {
        "posts": answers.height,
        **{f"posts_{a}": answers.filter(pl.col("lawful") == a).height for a in ("yes", "no", "review")},
        "public_posts": checked.height,
        "public_posts_found": checked.filter(pl.col("finding") != ledger.OK).height,
    }
    return Posts(answers, checked, found, counts)


def lists_of_employers(
    extracts: Sequence[pl.DataFrame], firms: pl.DataFrame, as_of: date
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Entries of the wage-arrears list in force on the day, and states in the market register, each with its employer."""
    who = firms.select(*ROW, "employer", "lane", "score").with_columns(pl.col("row").cast(pl.UInt32))
    listed = rows_of(extracts, "wage_arrears_blacklist", dates="listed_on removed_on listed_until")
    in_force = (
        (pl.col("listed_on").is_null() | (pl.col("listed_on") <= as_of))
        & (pl.col("removed_on").is_null() | (pl.col("removed_on") > as_of))
        & (pl.col("listed_until").is_null() | (pl.col("listed_until") >= as_of))
    )
    years = pl.lit(as_of).dt.offset_by(f"-{LISTED_MONTHS}mo")
    open_ended = pl.col("listed_until").is_null() & (pl.col("listed_on") < years).fill_null(False)
    register = rows_of(extracts, "business_entities", "entity_state")
    entries = listed.filter(in_force).with_columns(open_ended.alias("run_out"))
    return entries.join(who, on=ROW), register.join(who, on=ROW)


def _holders(
    extracts: Sequence[pl.DataFrame],
    firms: pl.DataFrame,
    links: pl.DataFrame,
    people: pl.DataFrame,
    as_of: date,
) -> ledger.Holders:
    """What the lists say of the holders of posts, each row with its person and its employer."""
    person = links.select(*ROW, "person").drop_nulls("person")
    person = person.with_columns(pl.col("sheet").fill_null(""), pl.col("row").cast(pl.UInt32))
    who = firms.select(*ROW, "employer")
    texts = "now name id_number post_name employer_name employer_name_key post_state sex"
    posts = _all_rows(
        extracts, "public_welfare_posts", texts, "period started_on contract_until left_on birth_date"
    )
    public = pl.col("employer_name").str.contains(employer_links.PUBLIC.pattern).alias("public")
    posts = (
        posts.join(person, on=ROW, how="left")
        .join(who, on=ROW, how="left")
        .with_columns(public, (pl.col("now") != "false").fill_null(True).alias("current"))
    )
    holders = posts.select("person").drop_nulls().unique()
    stand = standings(extracts, as_of).join(person, on=ROW).join(holders, on="person", how="semi")
    insured = _all_rows(
        extracts, "insurance_contributions", "insured_as employer_kind employer_name insured_state",
        "contribution_month insured_from insured_to",
    )  # fmt: skip
    insured = (
        insured.join(person, on=ROW).join(holders, on="person", how="semi").join(who, on=ROW, how="left")
    )
    died = rows_of(extracts, "household_register", dates="died_on hukou_changed_on")
    died = died.select(*ROW, pl.coalesce("died_on", "hukou_changed_on").alias("since"))
    drawn = rows_of(extracts, "pension_benefits", dates="first_paid_month")
    drawn = drawn.select(*ROW, pl.col("first_paid_month").alias("since"))
    categories = pl.concat(
        rows_of(extracts, kind, "retirement_category")
        for kind in ("unemployment_register", "real_name_register")
    )
    return ledger.Holders(
        posts=posts,
        dead=stand.filter(pl.col("standing") == "dead").select(*ROW, "person").join(died, on=ROW, how="left"),
        pensioners=stand.filter(pl.col("standing") == "pension")
        .select(*ROW, "person")
        .join(drawn, on=ROW, how="left"),
        insured=insured,
        people=people.join(holders, on="person", how="semi").select("person", "sex", "birth"),
        categories=categories.join(person, on=ROW).select("person", "retirement_category").drop_nulls(),
    )


def _all_rows(extracts: Sequence[pl.DataFrame], kind: str, texts: str, dates: str) -> pl.DataFrame:
    """As `rows_of`, of sheets of earlier months too; `now` says whether the sheet is current, as text.

    Of the ledger rejected rows as well: none goes unanswered.
    """
    of = [e for e in extracts if e.height and e["kind"][0] == kind]
    every = [
        e.with_columns(pl.col("current").alias("now"), pl.lit(True).alias("current"))
        for e in (
            e.with_columns(pl.lit("ok").alias("state")) if kind == "public_welfare_posts" else e for e in of
        )
    ]
    return rows_of(every, kind, texts, dates)
