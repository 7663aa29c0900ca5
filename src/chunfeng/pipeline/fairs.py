"""Stage: employers' sign-ups for fairs are accepted or refused, each refusal with its reason and law."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from chunfeng.engines.linkage import employers as employer_links
from chunfeng.engines.scheduling import notices
from chunfeng.engines.scheduling.signups import decide, signups
from chunfeng.engines.screening.posts import marks_of
from chunfeng.pipeline.outputs import write_csv
from chunfeng.pipeline.posts import lists_of_employers

ROW = ["file", "sheet", "row"]


@dataclass(frozen=True, slots=True)
class Fairs:
    """What the stage found. `findings`: kind, person, rows, message, to be joined to findings.csv."""

    answers: pl.DataFrame
    findings: pl.DataFrame
    counts: dict[str, int]


def publish(
    out: Path,
    extracts: Sequence[pl.DataFrame],
    as_of: date,
    *,
    firms: pl.DataFrame | None = None,
    posts: pl.DataFrame | None = None,
    titles: pl.DataFrame | None = None,
) -> Fairs:
    """Write fairs.csv; return it, its findings and counts.

    `firms`: employers of rows (linkage `employers`), made here if not given. `posts`: posts.csv as the stage of posts has
    it (file, sheet, row, lawful); with it, employers admitted with unlawful posts are a finding.
    `titles`: file, sheet, text of the lines above the lists; taken from other_rows.csv of the run if not given.
    """
    firms = employer_links.employers(extracts) if firms is None else firms
    answers = decide(extracts, firms, _marks(extracts, firms, as_of))
    write_csv(answers, out / "fairs.csv")
    unlawful = None
    if posts is not None:
        offered = posts.with_columns(pl.col("sheet").fill_null(""), pl.col("row").cast(pl.UInt32))
        unlawful = offered.filter(pl.col("lawful") == "no").join(firms.select(*ROW, "employer"), on=ROW)
    asked = signups(extracts, firms)
    if titles is None:
        titles = _titles(out)
    found = pl.concat(
        [
            notices.of_answers(asked, answers),
            notices.of_posts(asked, answers, unlawful),
            notices.of_agencies(asked, answers),
            notices.of_names(asked, titles),
        ]
    )
    counts = {"fair_signups": answers.height} | {
        f"fair_signups_{a}": answers.filter(pl.col("accept") == a).height for a in ("yes", "no", "review")
    }
    return Fairs(answers, found, counts)


def _titles(out: Path) -> pl.DataFrame:
    path = out / "other_rows.csv"
    if not path.is_file():
        return pl.DataFrame(schema={"file": pl.String, "sheet": pl.String, "text": pl.String})
    rows = pl.read_csv(path, infer_schema=False, encoding="utf8")
    return rows.filter(pl.col("row_kind") == "title").select("file", pl.col("sheet").fill_null(""), "text")


def _marks(extracts: Sequence[pl.DataFrame], firms: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Per employer: barred and sure (wage-arrears list in force on the day), closed (market register), evidence."""
    entries, register = lists_of_employers(extracts, firms, as_of)
    at = pl.concat_str("file", "sheet", pl.col("row").cast(pl.String), separator="#").alias("evidence")
    cited = pl.concat([entries.select("employer", *ROW), register.select("employer", *ROW)]).drop_nulls(
        "employer"
    )
    first = cited.unique("employer", keep="first", maintain_order=True).select("employer", at)
    marks = marks_of(entries, register).join(first, on="employer", how="left")
    return marks.select(
        "employer", pl.col("blacklisted").fill_null(False).alias("barred"),
        pl.col("sure_listed").fill_null(False).alias("sure"), "closed", "evidence",
    ).sort("employer")  # fmt: skip
