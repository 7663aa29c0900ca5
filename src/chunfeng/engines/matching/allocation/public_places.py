"""Public-welfare posts that are free: offered in a list of vacancies, empty in the ledger, left, or held by one who may not.

A place in the ledger whose holder left within the year is free unless somebody began there since; the unit must confirm that
it still keeps the post. A place whose holder has died or draws a pension is free once the unit has ended the contract.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import polars as pl

from chunfeng.engines.identity import addresses

PLACES: dict[str, pl.DataType | type[pl.DataType]] = {
    "post": pl.String, "name": pl.String, "employer": pl.String, "county": pl.String, "region": pl.String,
    "places": pl.Int64, "free": pl.String,
}  # fmt: skip
"""`post`: file:sheet:row; `region`: deepest code that is certain; `free`: why it is, one of FREE."""
FREE = {
    "offered": "招聘清单列为公益性岗位",
    "empty": "台账列为空岗",
    "left": "台账显示原上岗人员已离岗，须由用人单位确认仍设岗",
    "must_end": "台账上的上岗人员已去世或已领养老待遇，须先办理退岗",
}
WITHIN = 366
"""Days since the last holder left within which a place may still be kept."""
RENEWED = 31
"""Days before an end within which the next holder may have begun."""
_NAMED = r"公益性?岗|公岗"
_NOT = r"(?:非|不属于|不是|不含)公益"
_WORDS = (
    "post_name", "occupation_class", "employment_form", "work_content", "requirements", "open_to_hard_to_employ", "remark",
    "other", "section", "sheet", "file",
)  # fmt: skip
_EMPTY = "空岗|空缺|空编|待聘|待招|缺员|未聘"
_OVER = "离岗|期满|解聘|辞职|辞退|死亡|终止|退出|离职|到期|清退|解除|注销|不在岗|招满|已满|下架|停止"
_STILL = "未离|未到期|未期满|未退|未终止|未解除|未满"
MUST_END = "已死亡|已领养老待遇"
TWICE = "重复录入"


def free_places(
    extracts: Sequence[pl.DataFrame],
    lawful: pl.DataFrame,
    ledger: pl.DataFrame,
    held: pl.DataFrame,
    region: str | None,
    as_of: date,
) -> pl.DataFrame:
    """Columns of PLACES, by post. `lawful`: file, sheet, row, lawful of posts as screened; only yes counts.

    `ledger`: file, sheet, row, finding as the ledger's check has it. `held`: file, sheet, row, holds on the day.
    """
    offered = _offered(extracts, lawful, as_of)
    kept = _ledger(extracts, ledger, held, as_of)
    rows = pl.concat([offered, kept])
    name = pl.col("file") + ":" + pl.col("sheet") + ":" + pl.col("row").cast(pl.String)
    county = pl.coalesce(pl.col("region").str.slice(0, 6), "place", pl.lit(region, dtype=pl.String))
    known = pl.when(county.str.len_chars() == 6).then(county)
    said = rows.with_columns(name.alias("post"), known.alias("county"))
    return _where(said).select([pl.col(c).cast(t) for c, t in PLACES.items()]).sort("post")


_ROWS: dict[str, pl.DataType | type[pl.DataType]] = {
    "file": pl.String, "sheet": pl.String, "row": pl.UInt32, "name": pl.String, "employer": pl.String, "place": pl.String,
    "region": pl.String, "places": pl.Int64, "free": pl.String,
}  # fmt: skip


def _cells(
    extracts: Sequence[pl.DataFrame],
    kind: str,
    texts: Sequence[str],
    dates: Sequence[str],
    whole: Sequence[str],
) -> pl.DataFrame:
    """Every row of current lists of a kind, rejected ones too: an empty post has no person and is no less a post."""
    types: dict[str, pl.DataType | type[pl.DataType]] = {
        **dict.fromkeys(texts, pl.String), **dict.fromkeys(dates, pl.Date), **dict.fromkeys(whole, pl.Int64)
    }  # fmt: skip
    base: dict[str, pl.DataType | type[pl.DataType]] = {
        "file": pl.String,
        "sheet": pl.String,
        "row": pl.UInt32,
    }
    parts = [pl.DataFrame(schema={**base, **types})]
    for extract in extracts:
        if extract.height and extract["kind"][0] == kind:
            has = set(extract.columns)
            cells = [
                (pl.col(c) if c in has else pl.lit(None)).cast(t, strict=False).alias(c)
                for c, t in types.items()
                if c not in base
            ]
            now = extract.filter(pl.col("current").fill_null(True))
            parts.append(
                now.select(
                    "file", pl.col("sheet").fill_null(""), pl.col("row").cast(pl.UInt32), *cells
                ).select([pl.col(c) for c in parts[0].columns])
            )
    return pl.concat(parts)


def _offered(extracts: Sequence[pl.DataFrame], lawful: pl.DataFrame, as_of: date) -> pl.DataFrame:
    texts = (
        *(w for w in _WORDS if w not in ("sheet", "file")),
        "employer_name",
        "place",
        "work_place_region",
        "vacancy_state",
        "state",
    )
    rows = _cells(extracts, "vacancies", texts, ("valid_until",), ("headcount", "hired"))
    words = pl.concat_str([pl.col(c) for c in _WORDS], separator=" ", ignore_nulls=True)
    over = pl.col("vacancy_state").str.contains(_OVER) & ~pl.col("vacancy_state").str.contains(_STILL)
    yes = lawful.filter(pl.col("lawful") == "yes").select(
        "file", pl.col("sheet").fill_null(""), pl.col("row").cast(pl.UInt32)
    )
    stands = rows.filter(
        words.str.contains(_NAMED) & ~words.str.contains(_NOT),
        pl.col("state") != "rejected",
        ~over.fill_null(False),
        pl.col("valid_until").is_null() | (pl.col("valid_until") >= as_of),
    ).join(yes, on=["file", "sheet", "row"], how="semi")
    # a number left out is one place at least
    left = (pl.col("headcount").fill_null(1) - pl.col("hired").fill_null(0)).clip(0)
    return stands.select(
        "file", "sheet", "row", pl.col("post_name").alias("name"), pl.col("employer_name").alias("employer"),
        pl.col("place").str.slice(0, 6), pl.col("work_place_region").alias("region"), left.alias("places"),
        pl.lit("offered").alias("free"),
    ).select([pl.col(c).cast(t) for c, t in _ROWS.items()])  # fmt: skip


def _ledger(
    extracts: Sequence[pl.DataFrame], ledger: pl.DataFrame, held: pl.DataFrame, as_of: date
) -> pl.DataFrame:
    at = ["file", "sheet", "row"]
    texts = (
        "post_name",
        "employer_name",
        "employer_name_key",
        "place",
        "post_state",
        "name",
        "id_number",
        "remark",
    )
    rows = _cells(extracts, "public_welfare_posts", texts, ("started_on", "contract_until", "left_on"), ())
    found = ledger.select("file", pl.col("sheet").fill_null(""), pl.col("row").cast(pl.UInt32), "finding")
    now = held.select("file", pl.col("sheet").fill_null(""), pl.col("row").cast(pl.UInt32), "holds").unique(
        at
    )
    rows = rows.join(found, on=at, how="left").join(now, on=at, how="left").with_columns(
        pl.coalesce("employer_name_key", "employer_name").fill_null("").alias("unit"), pl.col("post_name").fill_null(""),
        pl.coalesce("left_on", "contract_until").alias("end"),
    )  # fmt: skip
    nobody = pl.col("name").is_null() & pl.col("id_number").is_null()
    state = pl.concat_str("post_state", "remark", separator=" ", ignore_nulls=True)
    empty = rows.filter(nobody & (pl.col("post_name") != "") & (state.str.contains(_EMPTY) | (state == "")))
    holders = rows.filter(~nobody & ~pl.col("finding").fill_null("").str.contains(TWICE))
    ends = holders.filter(
        pl.col("holds").fill_null(False) & pl.col("finding").str.contains(MUST_END).fill_null(False)
    )
    parts = [(empty, "empty"), (_left(holders, as_of), "left"), (ends, "must_end")]
    return pl.concat(
        part.select(
            *at, pl.col("post_name").alias("name"), pl.col("employer_name").alias("employer"),
            pl.col("place").str.slice(0, 6), pl.lit(None, dtype=pl.String).alias("region"),
            pl.lit(1, dtype=pl.Int64).alias("places"), pl.lit(free).alias("free"),
        ).select([pl.col(c).cast(t) for c, t in _ROWS.items()])
        for part, free in parts
    )  # fmt: skip


def _left(holders: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Rows whose holder left within the year and whom nobody followed in the same unit and post."""
    gone = holders.filter(
        (~pl.col("holds")).fill_null(False), pl.col("end").is_between(as_of - timedelta(days=WITHIN), as_of)
    )
    since = gone.group_by("unit", "post_name").agg(pl.col("end").min().alias("first"))
    begun = (
        holders.join(since, on=["unit", "post_name"])
        .filter(pl.col("started_on").is_between(pl.col("first") - timedelta(days=RENEWED), as_of))
        .group_by("unit", "post_name").agg(pl.len().alias("begun"))
    )  # fmt: skip
    last = pl.int_range(pl.len()).over("unit", "post_name", order_by=["end", "file", "sheet", "row"])
    ranked = gone.with_columns(last.alias("nth")).join(begun, on=["unit", "post_name"], how="left")
    return ranked.filter(pl.col("nth") >= pl.col("begun").fill_null(0))


def _where(rows: pl.DataFrame) -> pl.DataFrame:
    """The region of the place, else of the unit's name read within its county: 厦地村委会 is in its village."""
    units = (
        rows.filter(pl.col("region").is_null() & pl.col("employer").is_not_null())
        .select("county", "employer")
        .unique()
    )
    parts = [pl.DataFrame(schema={"county": pl.String, "employer": pl.String, "seen": pl.String})]
    for (county,), group in units.sort("county", "employer").group_by("county", maintain_order=True):
        read = addresses.read_column(group["employer"], within=str(county) if county is not None else None)
        parts.append(group.with_columns(read["code"].alias("seen")))
    seen = pl.concat(parts)
    joined = rows.join(seen, on=["county", "employer"], how="left", nulls_equal=True)
    inside = pl.when(pl.col("county").is_null() | pl.col("seen").str.starts_with(pl.col("county"))).then(
        "seen"
    )
    return joined.with_columns(
        pl.coalesce("region", inside, "county").alias("region"),
        pl.coalesce(
            "county", pl.when(pl.col("seen").str.len_chars() >= 6).then(pl.col("seen").str.slice(0, 6))
        ).alias("county"),
    )
