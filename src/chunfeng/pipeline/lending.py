"""Stage, part of allocation: workers lent from firms with too many to firms with too few, out of the weekly lists."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from chunfeng.engines.matching.allocation.lending import Lending, Terms, lend
from chunfeng.engines.matching.allocation.lending_lists import weekly
from chunfeng.pipeline.outputs import write_csv, write_workbook

ROW = ["file", "sheet", "row"]
TABLE = ("lender", "borrower", "occupation", "workers", "from", "to")
HEADINGS = {
    "lender": "借出企业", "lender_name": "借出企业名称", "borrower": "借入企业", "borrower_name": "借入企业名称",
    "occupation": "工种", "workers": "人数", "from": "起", "to": "止", "tier": "次序", "note": "办理前须落实",
    "employer": "企业", "name": "企业名称", "side": "借出或借入", "reason": "原因",
}  # fmt: skip
SIDES = {"lends": "借出", "borrows": "借入"}


def publish(
    out: Path,
    extracts: Sequence[pl.DataFrame],
    firms: pl.DataFrame,
    as_of: date,
    *,
    terms: Terms | None = None,
) -> tuple[Lending, pl.DataFrame]:
    """Write lending.csv, lending_unmet.csv and lending.xlsx; return the plan and all that is not lent, each with its reason.

    `firms`: employers of rows (linkage `employers`). Reads facts_wide/employers.parquet of the same run.
    """
    known = pl.read_parquet(
        out / "facts_wide" / "employers.parquet",
        columns=["employer", "name", "key_employer", "key_category", "blacklisted"],
    )
    marks = known.drop("name").join(_told(extracts, firms), on="employer", how="full", coalesce=True)
    supply, demand, left_out = weekly(extracts, firms, marks, as_of)
    plan = lend(supply, demand, as_of, terms)
    unmet = pl.concat([plan.unmet, left_out]).sort(
        "side", "employer", "occupation", "reason", nulls_last=True
    )
    write_csv(plan.lent.select(TABLE), out / "lending.csv")
    write_csv(unmet, out / "lending_unmet.csv")
    names = known.select("employer", "name")
    sheet = plan.lent.with_columns(pl.col(pl.Date).cast(pl.String))
    for side in ("lender", "borrower"):
        sheet = sheet.join(
            names.rename({"employer": side, "name": f"{side}_name"}),
            on=side,
            how="left",
            maintain_order="left",
        )
    left = unmet.with_columns(pl.col("side").replace(SIDES)).join(
        names, on="employer", how="left", maintain_order="left"
    )
    columns = ["lender_name", "borrower_name", *TABLE[2:], "tier", "note", "lender", "borrower"]
    widths = {"note": 44, "reason": 60, "lender_name": 28, "borrower_name": 28, "name": 28}
    write_workbook(
        [("调剂", sheet.select(columns)), ("未调剂", left.select("name", *unmet.columns))],
        HEADINGS,
        widths,
        out / "lending.xlsx",
    )
    return plan, unmet


def counts(plan: Lending, unmet: pl.DataFrame) -> dict[str, Any]:
    """For run.json; by tier of borrowers: wanted, the most the flow could lend, lent."""
    return {
        "lending_lanes": plan.lent.height, "lending_workers": int(plan.lent["workers"].sum()), "lending_unmet": unmet.height,
        "lending_by_tier": {str(tier): list(numbers) for tier, *numbers in plan.tiers.iter_rows()},
        "lending_proved": plan.proved,
    }  # fmt: skip


def _told(extracts: Sequence[pl.DataFrame], firms: pl.DataFrame) -> pl.DataFrame:
    """employer, industry, region: what most rows of other lists say."""
    columns = {"industry": ("industry_chain", "industry"), "region": ("work_place_region", "address_region")}
    parts = [
        pl.DataFrame(
            schema={
                **dict.fromkeys(("file", "sheet"), pl.String),
                "row": pl.UInt32,
                "industry": pl.String,
                "region": pl.String,
            }
        )
    ]
    for extract in extracts:
        if extract.height and extract["kind"][0] in (
            "vacancies",
            "key_employers",
            "business_entities",
            "labour_shortage",
        ):
            has = set(extract.columns)
            cells = [
                pl.coalesce(*(pl.col(c) if c in has else pl.lit(None, dtype=pl.String) for c in of))
                .cast(pl.String)
                .alias(name)
                for name, of in columns.items()
            ]
            parts.append(
                extract.select("file", pl.col("sheet").fill_null(""), pl.col("row").cast(pl.UInt32), *cells)
            )
    who = firms.select(
        "file", pl.col("sheet").fill_null(""), pl.col("row").cast(pl.UInt32), "employer"
    ).drop_nulls()
    rows = pl.concat(parts).join(who, on=ROW)
    usual = [pl.col(c).drop_nulls().sort().mode(maintain_order=True).first().alias(c) for c in columns]
    return rows.group_by("employer").agg(usual)
