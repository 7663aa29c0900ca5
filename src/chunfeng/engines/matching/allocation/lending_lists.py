"""The weekly lists of shortage and surplus → who could lend and who wants to borrow, and plain reasons for who stays out.

Of every employer its newest week counts: a surplus of the week before is over if this week's row does not repeat it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import polars as pl

from chunfeng.engines.matching.allocation.lending import DEMAND, SUPPLY, UNMET

ROW = ["file", "sheet", "row"]
FRESH = 28
"""Days after which a week's row no longer says what holds today."""
CHAINS = {"supply_chain": 1, "epidemic_supply": 1, "chain_leader": 1}
"""Key employers by category (facts): chains and suppliers of what people need come first, other key employers second."""
FIRST, KEY, OTHER = 1, 2, 3
AGENCY = "劳务派遣|劳务|人力资源|职业介绍"
AGENCY_REASON = "被派遣劳动者不得以共享用工名义借出（人社厅发〔2020〕98号）；确有自有员工富余的，请核实后单报"
_YES = r"^(?:是|愿意?|同意|可以?|有|能|参加|1|y|yes|true|√)"
_NO = r"^(?:否|不|无|没有?|0|n|no|false|×|x$)"
_NONE = r"^[\s\-－—–_/\\.。]*(?:暂?无|没有?|不缺|不详)?[\s\-－—–_/\\.。]*$"
"""How people write that there is nothing to write."""
_TEXTS = (
    "employer_name", "employer_name_key", "industry", "week", "shortage_occupation", "surplus_occupation", "willing_to_share",
    "surplus_period", "address_region", "place",
)  # fmt: skip


def weekly(
    extracts: Sequence[pl.DataFrame], firms: pl.DataFrame, marks: pl.DataFrame, as_of: date
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """(supply, demand, out): columns of SUPPLY, DEMAND, and UNMET for rows left out.

    `firms`: file, sheet, row, employer. `marks`: employer, key_employer, key_category, blacklisted, as facts have them, and
    industry, region where other lists tell (null where not).
    """
    newest = _newest(_rows(extracts), firms, as_of).join(marks, on="employer", how="left", suffix="_known")
    newest = newest.with_columns(
        pl.coalesce("industry_known", "industry").alias("industry"),
        pl.coalesce("address_region", "region", pl.col("place").str.slice(0, 9)).alias("region"),
    )
    has, wants = _supply(newest, as_of), _demand(newest, as_of)
    out = pl.concat([_left_out(has, "lends"), _left_out(wants, "borrows"), _unread(newest)])
    stays = pl.col("why").is_null()
    return (
        has.filter(stays).select([pl.col(c).cast(t) for c, t in SUPPLY.items()]),
        wants.filter(stays).select([pl.col(c).cast(t) for c, t in DEMAND.items()]),
        out,
    )


def _rows(extracts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    schema: dict[str, pl.DataType | type[pl.DataType]] = {
        "file": pl.String, "sheet": pl.String, "row": pl.UInt32, **dict.fromkeys(_TEXTS, pl.String),
        "shortage": pl.Int64, "surplus": pl.Int64, "shortage__raw": pl.String, "surplus__raw": pl.String,
        "surplus_from": pl.Date, "surplus_to": pl.Date, "resumes_on": pl.Date, "period": pl.Date,
    }  # fmt: skip
    parts = [pl.DataFrame(schema=schema)]
    for extract in extracts:
        if extract.height and extract["kind"][0] == "labour_shortage":
            has = set(extract.columns)
            stands = extract.filter(pl.col("state") != "rejected").with_columns(pl.col("sheet").fill_null(""))
            parts.append(
                stands.select(
                    [
                        (pl.col(c) if c in has else pl.lit(None)).cast(t, strict=False).alias(c)
                        for c, t in schema.items()
                    ]
                )
            )
    return pl.concat(parts)


def _newest(rows: pl.DataFrame, firms: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """The rows of every employer's newest week that is not after the day; `week_of` null where no week can be read."""
    digits = pl.col("week").str.extract_groups(r"(\d{4})\D{1,2}(\d{1,2})\D{1,2}(\d{1,2})")
    parts = [digits.struct.field(n).cast(pl.Int32, strict=False) for n in ("1", "2", "3")]
    text = pl.concat_str([p.cast(pl.String).str.zfill(2) for p in parts], separator="-")
    whole = rows.with_columns(
        pl.coalesce(text.str.to_date("%Y-%m-%d", strict=False), "period").alias("week_of")
    )
    who = firms.select("file", pl.col("sheet").fill_null(""), pl.col("row").cast(pl.UInt32), "employer")
    named = whole.join(who, on=ROW, how="left").with_columns(
        pl.coalesce("employer", "employer_name_key", "employer_name").alias("employer")
    )
    now = named.filter(pl.col("week_of").is_null() | (pl.col("week_of") <= as_of)).drop_nulls("employer")
    last = pl.col("week_of").max().over("employer")
    return now.filter((pl.col("week_of") == last) | last.is_null())


def _why_old(as_of: date) -> pl.Expr:
    stale = (pl.col("week_of") < as_of - timedelta(days=FRESH)).fill_null(False)
    told = pl.format("最近一期周报是{}，请企业更新后再调剂", pl.col("week_of").cast(pl.String))
    return pl.when(stale).then(told)


def _supply(newest: pl.DataFrame, as_of: date) -> pl.DataFrame:
    said = pl.col("willing_to_share").str.to_lowercase().str.strip_chars()
    willing = pl.when(said.str.contains(_NO)).then(False).when(said.str.contains(_YES)).then(True)
    days = pl.col("surplus_period").str.extract_all(r"\d{4}\D\d{1,2}\D\d{1,2}")
    first, second = (_day(days.list.get(n, null_on_oob=True)) for n in (0, 1))
    has = newest.filter(pl.col("surplus") > 0).with_columns(
        pl.col("surplus_occupation").alias("occupation"), pl.col("surplus").alias("workers"), willing.alias("willing"),
        pl.coalesce("surplus_from", first).alias("from"), pl.coalesce("surplus_to", second).alias("to"),
    )  # fmt: skip
    agency = pl.col("employer_name").str.contains(AGENCY).fill_null(False)
    why = (
        pl.when((~pl.col("willing")).fill_null(False)).then(pl.lit("企业表示不愿意共享用工"))
        .when(agency).then(pl.lit(AGENCY_REASON))
        .when((pl.col("to") < as_of).fill_null(False)).then(pl.format("可调剂时间已于{}结束", pl.col("to").cast(pl.String)))
        .when((pl.col("to") < pl.col("from")).fill_null(False)).then(pl.lit("可调剂起止日期颠倒，请核对"))
        .otherwise(_why_old(as_of))
    )  # fmt: skip
    return has.with_columns(why.alias("why"))


def _day(text: pl.Expr) -> pl.Expr:
    parts = text.str.extract_groups(r"(\d{4})\D(\d{1,2})\D(\d{1,2})")
    padded = [parts.struct.field(n).str.zfill(2) for n in ("1", "2", "3")]
    return pl.concat_str(padded, separator="-").str.to_date("%Y-%m-%d", strict=False)


def _demand(newest: pl.DataFrame, as_of: date) -> pl.DataFrame:
    key = pl.col("key_employer").fill_null(False)
    chain = pl.col("key_category").replace_strict(CHAINS, default=KEY, return_dtype=pl.Int64)
    wants = newest.filter(pl.col("shortage") > 0).with_columns(
        pl.col("shortage_occupation").alias("occupation"), pl.col("shortage").alias("workers"),
        pl.col("resumes_on").alias("from"), pl.lit(None, dtype=pl.Date).alias("to"),
        pl.when(key).then(chain.fill_null(KEY)).otherwise(OTHER).alias("tier"),
    )  # fmt: skip
    barred = pl.lit("在拖欠农民工工资失信名单上，不安排借入")
    return wants.with_columns(
        pl.when(pl.col("blacklisted").fill_null(False)).then(barred).otherwise(_why_old(as_of)).alias("why")
    )


def _left_out(rows: pl.DataFrame, side: str) -> pl.DataFrame:
    return (
        rows.filter(pl.col("why").is_not_null())
        .select(
            "employer", pl.lit(side).alias("side"), "occupation", "workers", pl.col("why").alias("reason")
        )
        .select([pl.col(c).cast(t) for c, t in UNMET.items()])
    )


def _unread(newest: pl.DataFrame) -> pl.DataFrame:
    """Rows with words instead of a number: 若干, 暂缺。 A blank, a dash or 无 says nothing that could be lent."""
    parts = [pl.DataFrame(schema=UNMET)]
    for column, side, name in (("surplus", "lends", "富余人数"), ("shortage", "borrows", "缺工人数")):
        said = pl.col(f"{column}__raw")
        bad = newest.filter(pl.col(column).is_null() & said.is_not_null() & ~said.str.contains(_NONE))
        reason = pl.format("{}“{}”读不出数字，请企业填实数", pl.lit(name), f"{column}__raw")
        parts.append(
            bad.select("employer", pl.lit(side).alias("side"), pl.col(f"{column}_occupation").alias("occupation"),
                       pl.lit(None, dtype=pl.Int64).alias("workers"), reason.alias("reason"))
        )  # fmt: skip
    return pl.concat(parts)
