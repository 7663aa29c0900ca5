"""The ledger of public-welfare posts: who holds two, is insured elsewhere, dead, pensioned, there too long or again.

Rule: three years at most, until retirement for those less than five years before it (福建省就业补助资金管理实施办法,
闽财社〔2019〕11号, art. 10; the age counts on the first day of the placement); a second placement only for some and
after offers; never two posts at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from chunfeng.reference.retirement import retires_on

OK = "ok"
DEAD, PENSIONER, TWICE, TWO = "已死亡", "已领养老待遇", "重复录入", "同时两个岗位"
ELSEWHERE, TOO_LONG, SECOND = "同时由其他单位参保", "超过三年且距退休满五年", "二次安置需核条件"
TOO_LONG_UNKNOWN, THIRD = "超过三年，距退休年限待核", "安置超过两次"
FINDINGS = (DEAD, PENSIONER, TWICE, TWO, ELSEWHERE, TOO_LONG, TOO_LONG_UNKNOWN, SECOND, THIRD)
"""In the order they are told."""
MONTHS, BEFORE_RETIREMENT = 36, 60
"""Months a placement lasts at most; months before retirement under which it may last until then."""
RENEWED_WITHIN = 31
"""Days between two contracts that are one placement, and days two posts may overlap when one is given up."""
ROW = ("file", "sheet", "row")
SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "file": pl.String, "sheet": pl.String, "row": pl.UInt32, "person": pl.String, "finding": pl.String,
    "name": pl.String, "employer_name": pl.String, "post_name": pl.String, "started_on": pl.Date, "until": pl.Date,
}  # fmt: skip
_OVER = "离岗|期满|解聘|辞职|辞退|死亡|终止|退出|离职|到期|清退|已退|解除|注销|不在岗"
_STILL = "未离|未到期|未期满|未退|未终止|未解除"
_IN_POST = "在岗|在职|续聘|续签"
_OWN_ACCOUNT, _BY_EMPLOYER = "灵活|个体|个人|居民|城乡|自由", "职工|单位|企业|机关|事业|在职"
_STOPPED = "停|注销|退出|终止|中断|断缴|退保|减员"
_EARLY, _LATE = date(1900, 1, 1), date(9999, 12, 31)


@dataclass(frozen=True, slots=True)
class Holders:
    """What lists say of post holders; `person` (String) is the lasting number, null where the row is linked to nobody.

    posts: file, sheet, row, person, employer, public (a public body's name), current (no sheet of an earlier month),
    period, name, id_number, post_name, employer_name, employer_name_key, post_state, sex, started_on, contract_until,
    left_on, birth_date. dead, pensioners: person, since.
    insured: person, employer, insured_as, employer_kind, employer_name, insured_state, contribution_month, insured_from,
    insured_to. people: person, sex, birth. categories: person, retirement_category.
    """

    posts: pl.DataFrame
    dead: pl.DataFrame
    pensioners: pl.DataFrame
    insured: pl.DataFrame
    people: pl.DataFrame
    categories: pl.DataFrame


def check(holders: Holders, as_of: date) -> pl.DataFrame:
    """Every row of the ledger with what was found, joined by ;, or ok: columns of SCHEMA, by file, sheet, row."""
    rows = _again(_spells(holders.posts, as_of))
    first = rows.filter(~pl.col("twice") & (pl.col("id") == pl.col("of")))
    found = [
        rows.filter("twice").select("id", pl.lit(TWICE).alias("finding")),
        _while_held(first, holders.dead, DEAD),
        _while_held(first, holders.pensioners, PENSIONER),
        _two_at_once(first, as_of),
        _insured_elsewhere(first, holders.insured, as_of),
        *_placements(first, holders, as_of),
    ]
    every = pl.concat([f.select(pl.col("id").cast(pl.UInt32), "finding") for f in found]).unique()
    listed = rows.filter(pl.col("id") != pl.col("of")).select("id", "of")
    every = pl.concat([every, listed.join(every, left_on="of", right_on="id").select("id", "finding")])
    ordered = every.sort("id", pl.col("finding").cast(pl.Enum(FINDINGS)))
    told = ordered.group_by("id", maintain_order=True).agg(pl.col("finding").str.join(";"))
    whole = rows.join(told, on="id", how="left").with_columns(pl.col("finding").fill_null(OK)).sort("id")
    return whole.select([pl.col(c).cast(t) for c, t in SCHEMA.items()])


def _spells(posts: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Each row with `who` holds, `unit`, `start`, `end` (null: open), `until` (the planned end), `held` on the day."""
    state = pl.col("post_state")
    over = (state.str.contains(_OVER) & ~state.str.contains(_STILL)).fill_null(False)
    in_post = state.str.contains(_IN_POST).fill_null(False) & ~over
    ran_out = (pl.col("contract_until") < as_of).fill_null(False) & ~in_post
    end = pl.coalesce("left_on", pl.when(over | ran_out).then("contract_until"))
    now = pl.col("current").fill_null(True)
    rows = posts.sort(~now, *ROW).with_row_index("id").with_columns(
        now.alias("now"),
        pl.coalesce("person", "id_number", pl.format("#{}", pl.int_range(pl.len()))).alias("who"),
        pl.coalesce("employer", "employer_name_key", "employer_name").fill_null("").alias("unit"),
        end.alias("end"), over.alias("over"),
    )  # fmt: skip
    past = pl.when(~pl.col("now")).then(pl.coalesce("period", "started_on").dt.month_end())
    held = (
        pl.col("now")
        & (pl.col("started_on").is_null() | (pl.col("started_on") <= as_of))
        & (pl.when(pl.col("end").is_not_null()).then(pl.col("end") > as_of).otherwise(~pl.col("over")))
    )
    return rows.with_columns(
        held.alias("held"),
        pl.coalesce("end", "contract_until").alias("until"),
        pl.coalesce("end", pl.when(pl.col("over")).then("started_on"), past).fill_null(_LATE).alias("last"),
        pl.col("started_on").fill_null(_EARLY).alias("start"),
    )


def _again(rows: pl.DataFrame) -> pl.DataFrame:
    """`twice`: one unit from one day, or one unit and work in overlapping time, is one post entered again.

    `of`: the row a row only repeats, in the sheet of an earlier month; its own id otherwise.
    """
    post = ["who", "unit", "start"]
    named = pl.col("unit") != ""
    same_sheet = pl.int_range(pl.len()).over(*post, "file", "sheet", order_by="id") > 0
    same_day = named & (pl.int_range(pl.len()).over(post, order_by="id") > 0)
    work = ["who", "unit", "post_name", "now"]
    earlier = pl.col("last").cum_max().shift(1).over(work, order_by=["start", "id"])
    overlaps = (
        named
        & pl.col("now")
        & pl.col("post_name").is_not_null()
        & (earlier > pl.col("start")).fill_null(False)
    )
    twice = (same_day & (pl.col("now") | same_sheet)) | overlaps
    old = same_day & ~pl.col("now") & ~same_sheet
    first = pl.col("id").min().over(post)
    return rows.with_columns(twice.alias("twice"), pl.when(old).then(first).otherwise("id").alias("of"))


def _while_held(rows: pl.DataFrame, facts: pl.DataFrame, finding: str) -> pl.DataFrame:
    """Posts held now by persons of whom the fact is true, or that still ran after the day it began."""
    since = facts.group_by("person").agg(pl.col("since").min())
    joined = rows.join(since, on="person")
    after = (pl.col("since") < pl.col("end")).fill_null(False)
    return joined.filter(pl.col("held") | after).select("id", pl.lit(finding).alias("finding"))


def _two_at_once(rows: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Rows that overlap another of the same holder: both held now, or for longer than a change of posts takes."""
    order = ["start", "id"]
    now = pl.col("last").clip(upper_bound=as_of)
    spells = rows.with_columns(now.alias("to"))
    before = pl.col("to").cum_max().shift(1).over("who", order_by=order)
    after = pl.col("start").shift(-1).over("who", order_by=order)
    both_end = pl.when(before.is_not_null()).then(pl.min_horizontal(before, "to"))
    with_earlier = (both_end - pl.col("start")).dt.total_days()
    with_later = (pl.col("to") - after).dt.total_days()
    both_now = pl.col("held") & (pl.col("held").sum().over("who") > 1)
    long = (with_earlier > RENEWED_WITHIN).fill_null(False) | (with_later > RENEWED_WITHIN).fill_null(False)
    return spells.filter(both_now | long).select("id", pl.lit(TWO).alias("finding"))


def _insured_elsewhere(rows: pl.DataFrame, insured: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Posts during which certainly another employer than any of the holder's units insured him.

    The month of the start is the former employer's. A firm's code (GB 32100: 9) is no public body's, even where the unit
    itself is not known.
    """
    own = pl.coalesce("insured_as", "employer_kind")
    by_employer = (
        pl.when(own.str.contains(_OWN_ACCOUNT)).then(False)
        .when(own.str.contains(_BY_EMPLOYER)).then(True)
        .otherwise(pl.col("employer_name").is_not_null())
    ) & ~pl.col("insured_state").str.contains(_STOPPED).fill_null(False)  # fmt: skip
    paid = insured.filter(by_employer.fill_null(False) & pl.col("employer").is_not_null()).select(
        "person", pl.col("employer").alias("insurer"),
        pl.coalesce("contribution_month", "insured_from").alias("from"),
        pl.when(pl.col("contribution_month").is_not_null()).then("contribution_month")
        .otherwise(pl.col("insured_to").fill_null(as_of)).alias("to"),
    ).drop_nulls("from")  # fmt: skip
    units = rows.group_by("person").agg(pl.col("employer").drop_nulls().unique().alias("units"))
    both = rows.join(paid, on="person").join(units, on="person")
    since = pl.col("start").dt.month_end()
    during = (pl.col("to") > since) & (pl.col("from") <= pl.col("last").clip(upper_bound=as_of))
    firm = pl.col("insurer").str.starts_with("9") & pl.col("public").fill_null(False)
    other = ~pl.col("insurer").is_in(pl.col("units")) & (firm | pl.col("employer").is_not_null())
    return both.filter(during & other).select("id", pl.lit(ELSEWHERE).alias("finding")).unique()


def _placements(rows: pl.DataFrame, holders: Holders, as_of: date) -> list[pl.DataFrame]:
    """Too long a placement, and a second or third. Contracts that follow one another are one placement."""
    # who is still there after the contract's last day has stayed until today
    today = pl.when("held").then(pl.lit(as_of))
    dated = rows.filter(pl.col("started_on").is_not_null()).with_columns(
        pl.max_horizontal("until", today).fill_null(as_of).alias("to")
    )
    order = ["start", "id"]
    before = pl.col("to").cum_max().shift(1).over("who", order_by=order)
    gap = (pl.col("start") - before).dt.total_days()
    dated = dated.with_columns(
        (gap > RENEWED_WITHIN).fill_null(False).alias("anew"),
        (gap.abs() > RENEWED_WITHIN).fill_null(True).alias("apart"),  # a second post at once renews nothing
    ).with_columns(
        pl.col("anew").cast(pl.Int32).cum_sum().over("who", order_by=order).alias("placement"),
        pl.col("apart").cast(pl.Int32).cum_sum().over("who", order_by=order).alias("stay"),
    )
    began = dated.with_columns(pl.col("start").min().over("who", "stay").alias("began"))
    long = began.filter(pl.col("to") >= pl.col("began").dt.offset_by(f"{MONTHS}mo"))
    judged = _retirement(long, holders)
    limit = pl.col("began").dt.offset_by(f"{BEFORE_RETIREMENT}mo")
    early, late = limit <= pl.col("earliest"), limit <= pl.col("latest")
    told = pl.when(early).then(pl.lit(TOO_LONG)).when(late.is_null() | late).then(pl.lit(TOO_LONG_UNKNOWN))
    too_long = judged.with_columns(told.alias("finding")).drop_nulls("finding")
    again = dated.filter(pl.col("anew")).with_columns(
        pl.when(pl.col("placement") == 1).then(pl.lit(SECOND)).otherwise(pl.lit(THIRD)).alias("finding")
    )
    return [too_long.select("id", "finding"), again.select("id", "finding")]


def _retirement(rows: pl.DataFrame, holders: Holders) -> pl.DataFrame:
    """With the `earliest` and `latest` day the holder may retire, equal where the category is known; null if unknown.

    A woman past fifty when she began can only be of the later category.
    """
    category = holders.categories.group_by("person").agg(
        pl.when(pl.col("retirement_category").n_unique() == 1)
        .then(pl.col("retirement_category").first()).cast(pl.Int64, strict=False).alias("category")
    )  # fmt: skip
    known = rows.join(holders.people.unique("person", keep="first", maintain_order=True), on="person", how="left",
                      suffix="_of").join(category, on="person", how="left")  # fmt: skip
    number = pl.when(pl.col("id_number").str.len_chars() == 18).then("id_number")
    born = number.str.slice(6, 8).str.to_date("%Y%m%d", strict=False)
    man = number.str.slice(16, 1).cast(pl.Int8, strict=False) % 2
    known = known.with_columns(
        pl.coalesce(
            "sex_of", "sex", pl.when(man == 1).then(pl.lit("1")).when(man == 0).then(pl.lit("2"))
        ).alias("sex"),
        pl.coalesce("birth", "birth_date", born).alias("birth"),
    )
    cases = known.select("sex", "birth", "category").unique()
    days = [
        (*case, *(_day(case, category) for category in (50, 55))) for case in cases.iter_rows()
    ]  # distinct holders, not rows
    table = pl.DataFrame(
        days, orient="row",
        schema={"sex": pl.String, "birth": pl.Date, "category": pl.Int64, "earliest": pl.Date, "latest": pl.Date},
    )  # fmt: skip
    joined = known.join(table, on=["sex", "birth", "category"], how="left", nulls_equal=True)
    past = (pl.col("earliest") <= pl.col("began")) & pl.col("category").is_null()
    return joined.with_columns(pl.when(past).then("latest").otherwise("earliest").alias("earliest"))


def _day(case: tuple[str | None, date | None, int | None], category: int) -> date | None:
    sex, birth, own = case
    if sex is None or birth is None:
        return None
    return retires_on(sex, None if sex == "1" else own or category, birth)
