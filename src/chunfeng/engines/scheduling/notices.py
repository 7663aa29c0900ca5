"""Findings out of the sign-ups: whom to send back for papers, who is barred, whose posts must be mended, misnamed fairs."""

from __future__ import annotations

import polars as pl

from chunfeng.engines.scheduling.signups import AGENCY, BARRED, BARRED_MAYBE

FINDINGS: dict[str, pl.DataType | type[pl.DataType]] = {
    "kind": pl.String, "person": pl.String, "rows": pl.String, "message": pl.String,
}  # fmt: skip
"""As findings.csv; `rows` at most CITED as file#sheet#row, joined by `;`."""
CITED = 20
CAMPAIGN = "春风行动|就业援助月"
"""2023: the activities bear the campaign's name (闽人社文〔2023〕2号)."""


def _place() -> pl.Expr:
    return pl.concat_str("file", "sheet", pl.col("row").cast(pl.String), separator="#")


def _table(rows: pl.DataFrame, kind: str, message: pl.Expr) -> pl.DataFrame:
    return rows.select(
        pl.lit(kind).alias("kind"),
        pl.lit(None, dtype=pl.String).alias("person"),
        "rows",
        message.alias("message"),
    ).select([pl.col(c).cast(t) for c, t in FINDINGS.items()])


def of_answers(signups: pl.DataFrame, answers: pl.DataFrame) -> pl.DataFrame:
    """One finding per fair with sign-ups to send back, and one per barred employer that wants to come."""
    whole = answers.drop("employer").join(signups, on=["file", "sheet", "row"], maintain_order="left")
    refused = whole.filter(pl.col("accept") != "yes")
    barred = refused.filter(pl.col("reason").str.contains(f"{BARRED}|{BARRED_MAYBE}"))
    back = (
        refused.group_by("fair", maintain_order=True)
        .agg(pl.len().alias("n"), _place().head(CITED).str.join(";").alias("rows"),
             pl.col("employer_name").fill_null("（无名称）").head(CITED).str.join("、").alias("names"))
    )  # fmt: skip
    told = pl.format("{}：{}家不能直接进场（{}）。请退回补正，逐条理由见 fairs.csv。", "fair", "n", "names")
    each = barred.select(
        _place().alias("rows"), pl.col("employer_name").fill_null("（无名称）").alias("name")
    )
    listed = pl.format(
        "“{}”在欠薪失信名单上仍报名招聘会。请劳动保障监察核实是否已移出名单，未移出的不得进场。", "name"
    )
    return pl.concat(
        [_table(back, "fair_signups_refused", told), _table(each, "listed_employer_at_fair", listed)]
    )


def of_posts(signups: pl.DataFrame, answers: pl.DataFrame, unlawful: pl.DataFrame | None) -> pl.DataFrame:
    """One finding per admitted employer with posts that may not be shown. `unlawful`: file, sheet, row, employer."""
    if unlawful is None or unlawful.height == 0:
        return pl.DataFrame(schema=FINDINGS)
    bad = unlawful.group_by("employer").agg(
        pl.len().alias("n"), _place().head(CITED).str.join(";").alias("rows")
    )
    admitted = answers.filter(pl.col("accept") == "yes").select("file", "sheet", "row")
    firms = signups.join(admitted, on=["file", "sheet", "row"], how="semi").unique(
        "employer", maintain_order=True
    )
    found = firms.select("employer", "employer_name").join(bad, on="employer", maintain_order="left")
    told = pl.format(
        "“{}”可以进场，但所报岗位有{}个不得发布。请在开会前改正招聘简章，逐条依据见 posts.csv。",
        "employer_name",
        "n",
    )
    return _table(found, "fair_with_unlawful_posts", told)


def of_agencies(signups: pl.DataFrame, answers: pl.DataFrame) -> pl.DataFrame:
    """Admitted firms that by their name need a permit for labour services, on lists that do not ask for it."""
    admitted = answers.filter(pl.col("accept") == "yes").select("file", "sheet", "row")
    asked = signups.filter(pl.col("employer_name").str.contains(AGENCY) & ~pl.col("has_labour_permit_listed"))
    found = asked.join(admitted, on=["file", "sheet", "row"], how="semi").select(
        "employer_name", _place().alias("rows")
    )
    told = pl.format(
        "“{}”从名称看从事人力资源服务或劳务派遣，报名表未列许可证。请核对人力资源服务或劳务派遣许可证。", "employer_name"
    )  # fmt: skip
    return _table(found, "fair_agency_permit_unseen", told)


def of_names(signups: pl.DataFrame, titles: pl.DataFrame) -> pl.DataFrame:
    """Fairs that say a name, in the row or above the list, and nowhere the campaign's. `titles`: file, sheet, text."""
    at = ["file", "sheet"]
    sheets = signups.group_by(at, maintain_order=True).agg(
        _place().first().alias("rows"), pl.col("fair_name").drop_nulls().first()
    )
    above = titles.group_by(at, maintain_order=True).agg(
        pl.col("text").str.join(" ").alias("said"),
        pl.col("text").filter(pl.col("text").str.contains("招聘|双选|供需")).first().alias("title"),
    )
    whole = sheets.join(above, on=at, how="left", maintain_order="left").with_columns(
        pl.coalesce("fair_name", "title").alias("called"),
        pl.concat_str("file", "fair_name", "said", separator=" ", ignore_nulls=True).alias("said"),
    )
    wrong = whole.filter(pl.col("called").is_not_null() & ~pl.col("said").str.contains(CAMPAIGN))
    told = pl.format(
        "招聘会“{}”没有使用本次活动的统一名称（闽人社文〔2023〕2号）。请改正后再宣传。", "called"
    )
    return _table(wrong, "fair_misnamed", told)
