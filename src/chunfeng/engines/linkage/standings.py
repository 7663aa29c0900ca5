"""What each current list says of the person in a row on the day asked: drawing a pension, holding a post, dead …

Only a certain yes is a standing. A registration whose state cannot be read, a sentence without an end, a month outside
the window are no standing: a finding accuses, so it rests on what is written. `judged` tells no and unknown apart, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import polars as pl

STANDINGS = (
    "dead", "hukou_moved_out", "hukou_here", "in_prison", "registered_unemployed", "job_seeking", "insured_by_employer",
    "pension", "allowance", "unemployment_benefit", "public_post", "licence",
)  # fmt: skip
SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "file": pl.String, "sheet": pl.String, "row": pl.UInt32, "standing": pl.String, "says": pl.String,
    "place_of_work": pl.String, "post": pl.String, "since": pl.Date,
}  # fmt: skip
"""`says`: the phrase for a message, with what the row gives (a date, an employer). `place_of_work`, `post` and `since` of posts."""

JUDGED = {**SCHEMA, "holds": pl.Boolean}

_OFF = (
    "停|注销|退出|清退|已退|终止|无效|失效|离岗|期满|解聘|辞职|辞退|死亡|取消|撤销|中断|暂停|减员|断缴|退保|不通过|未通过|"
    "驳回|已就业"
)
_STILL = "未停|未注销|未退|未终止|未到期|未离|未期满"
_UNREAD = r"^(?:是|否|[01]|[0-9]{2,4}[-./年][-./年月日0-9 :]*)$"
"""是 under 是否注销 and under 是否有效 are opposites, and so are days: the cell alone says nothing."""


def standings(extracts: Sequence[pl.DataFrame], as_of: date) -> pl.DataFrame:
    """Every certain standing on the day `as_of`, one line per row and standing: columns of SCHEMA, sorted."""
    whole = judged(extracts, as_of).filter(pl.col("holds").fill_null(False)).select(*SCHEMA)
    return whole.sort("file", "sheet", "row", "standing")


def judged(extracts: Sequence[pl.DataFrame], as_of: date) -> pl.DataFrame:
    """Every row of a list that can say a standing: columns of SCHEMA and `holds`, null where it cannot be told.

    Of insurance only the rows that hold: a month that is not among them says nothing of the next.
    """
    month = as_of.replace(day=1)
    parts = [
        *_hukou(extracts, as_of), _prison(extracts, as_of), _unemployed(extracts, as_of), _seeking(extracts, as_of),
        _insured(extracts, as_of), _pension(extracts, month), _allowance(extracts, month), _benefit(extracts, month),
        _post(extracts, as_of), _licence(extracts, as_of),
    ]  # fmt: skip
    return pl.concat([pl.DataFrame(schema=JUDGED), *parts])


def rows_of(extracts: Sequence[pl.DataFrame], kind: str, texts: str = "", dates: str = "") -> pl.DataFrame:
    """The rows that stand in current extracts of a kind: file, sheet, row and these columns, null where a list has none."""
    wanted = {**dict.fromkeys(texts.split(), pl.String), **dict.fromkeys(dates.split(), pl.Date)}
    parts = [pl.DataFrame(schema={"file": pl.String, "sheet": pl.String, "row": pl.UInt32, **wanted})]
    for extract in extracts:
        if extract.height and extract["kind"][0] == kind:
            has = set(extract.columns)
            stands = extract.filter((pl.col("state") != "rejected") & pl.col("current").fill_null(True))
            columns = [
                (pl.col(c) if c in has else pl.lit(None)).cast(t, strict=False).alias(c)
                for c, t in wanted.items()
            ]
            parts.append(
                stands.select("file", pl.col("sheet").fill_null(""), pl.col("row").cast(pl.UInt32), *columns)
            )
    return pl.concat(parts)


def _are(
    rows: pl.DataFrame, standing: str, certain: pl.Expr, *says: pl.Expr | str, **more: str
) -> pl.DataFrame:
    """The rows and whether it is certain, with the phrase put together; `more`: columns of SCHEMA by the row's own."""
    words = pl.concat_str([pl.lit(s) if isinstance(s, str) else s for s in says], ignore_nulls=True)
    of = [
        pl.col(more[c]).alias(c) if c in more else pl.lit(None).alias(c)
        for c in ("place_of_work", "post", "since")
    ]
    found = rows.select(
        "file",
        "sheet",
        "row",
        pl.lit(standing).alias("standing"),
        words.alias("says"),
        *of,
        certain.alias("holds"),
    )
    return found.select([pl.col(c).cast(t) for c, t in JUDGED.items()])


def _in_brackets(value: str) -> pl.Expr:
    return pl.when(pl.col(value).is_not_null()).then(pl.concat_str(pl.lit("（"), pl.col(value), pl.lit("）")))


def ended(state: str) -> pl.Expr:
    """The state's words say it is over (True), or not (False); null where the cell cannot be read alone."""
    said = pl.col(state)
    return (
        pl.when(said.is_null()).then(False)
        .when(said.str.contains(_UNREAD)).then(None)
        .otherwise(said.str.contains(_OFF) & ~said.str.contains(_STILL))
    )  # fmt: skip


def by(column: str, day: date) -> pl.Expr:
    """On or before the day, or not said."""
    return pl.col(column).is_null() | (pl.col(column) <= day)


def not_before(column: str, day: date) -> pl.Expr:
    return pl.col(column).is_null() | (pl.col(column) >= day)


def after(column: str, day: date) -> pl.Expr:
    return pl.col(column).is_null() | (pl.col(column) > day)


def _hukou(extracts: Sequence[pl.DataFrame], as_of: date) -> list[pl.DataFrame]:
    rows = rows_of(
        extracts, "household_register", "hukou_state moved_to moved_to_region", "hukou_changed_on died_on"
    )
    rows = rows.with_columns(pl.coalesce("died_on", "hukou_changed_on").alias("when"))
    state = pl.col("hukou_state")
    dead = (
        state.str.contains("死亡|亡故|去世|已故").fill_null(False) | pl.col("died_on").is_not_null()
    ) & by("when", as_of)
    elsewhere = ~pl.col("moved_to_region").str.starts_with("35")
    moved = state.str.contains("迁出|迁往|外迁") & elsewhere & by("hukou_changed_on", as_of)
    here = state.str.contains("正常|在籍|在册|常住|迁入")
    return [
        _are(rows, "dead", dead, "户籍登记为死亡", _in_brackets("when")),
        _are(rows, "hukou_moved_out", moved, "户口已迁往", pl.col("moved_to").fill_null("省外"), _in_brackets("hukou_changed_on")),
        _are(rows, "hukou_here", here, "户籍登记为正常"),
    ]  # fmt: skip


def _prison(extracts: Sequence[pl.DataFrame], as_of: date) -> pl.DataFrame:
    rows = rows_of(extracts, "prisoners", "prisoner_state", "sentence_from sentence_to")
    outside = pl.col("prisoner_state").str.contains("释放|假释|保外|监外|缓刑|矫正|刑满").fill_null(False)
    covers = by("sentence_from", as_of) & (pl.col("sentence_to") >= as_of) & ~outside
    return _are(rows, "in_prison", covers, "正在服刑（刑期至", pl.col("sentence_to"), "）")


def _unemployed(extracts: Sequence[pl.DataFrame], as_of: date) -> pl.DataFrame:
    dates = "unemployment_approved_at unemployment_applied_on unemployment_cancelled_on"
    rows = rows_of(extracts, "unemployment_register", "unemployment_state", dates)
    rows = rows.with_columns(
        pl.coalesce("unemployment_approved_at", "unemployment_applied_on").alias("since")
    )
    open_ = by("since", as_of) & after("unemployment_cancelled_on", as_of) & ~ended("unemployment_state")
    return _are(rows, "registered_unemployed", open_, "登记失业未注销")


def _seeking(extracts: Sequence[pl.DataFrame], as_of: date) -> pl.DataFrame:
    rows = rows_of(extracts, "real_name_register", "job_seeking_state", "job_seeking_from job_seeking_to")
    seeks = (
        (pl.col("job_seeking_from") <= as_of) & after("job_seeking_to", as_of) & ~ended("job_seeking_state")
    )
    return _are(rows, "job_seeking", seeks, "求职登记有效")


def by_employer() -> pl.Expr:
    """Whether a row of insurance contributions is an employer's, not the person's own; never null."""
    own = pl.coalesce("insured_as", "employer_kind")
    named = pl.col("credit_code").is_not_null() | pl.col("employer_name").is_not_null()
    return (
        pl.when(own.str.contains("灵活|个体|个人|居民|城乡|自由")).then(False)
        .when(own.str.contains("职工|单位|企业|机关|事业|在职")).then(True)
        .otherwise(named)
    )  # fmt: skip


def _insured(extracts: Sequence[pl.DataFrame], as_of: date) -> pl.DataFrame:
    """By an employer in the month asked or the one before; a list without months: insured now by its own words."""
    texts = "insured_as employer_kind credit_code employer_name insured_state"
    rows = rows_of(extracts, "insurance_contributions", texts, "contribution_month insured_from insured_to")
    since = (as_of.replace(day=1) - timedelta(days=1)).replace(day=1)
    month = pl.col("contribution_month")
    now = (
        pl.col("insured_state").str.contains("正常|参保|在保|缴费") & not_before("insured_to", since) & by("insured_from", as_of)
    )  # fmt: skip
    recent = pl.when(month.is_not_null()).then(month.is_between(since, as_of)).otherwise(now)
    insured = rows.filter(
        by_employer() & recent & ~ended("insured_state")
    )  # of many months each, so no other is kept
    return _are(
        insured, "insured_by_employer", pl.lit(True), month.dt.strftime("%Y-%m"), "由单位参保", _in_brackets("employer_name")
    )  # fmt: skip


def _pension(extracts: Sequence[pl.DataFrame], month: date) -> pl.DataFrame:
    texts = "pension_kind payment_state"
    rows = rows_of(extracts, "pension_benefits", texts, "first_paid_month stopped_month died_on")
    own = ~pl.col("pension_kind").str.contains("遗属|供养|抚恤|丧葬").fill_null(False)
    # the month it stops is still paid
    paid = by("first_paid_month", month) & not_before("stopped_month", month) & pl.col("died_on").is_null()
    return _are(
        rows, "pension", own & paid & ~ended("payment_state"), "在领养老待遇", _in_brackets("pension_kind")
    )


def _allowance(extracts: Sequence[pl.DataFrame], month: date) -> pl.DataFrame:
    texts = "allowance_state allowance_kind covered"
    rows = rows_of(extracts, "minimum_living_allowance", texts, "allowance_from allowance_to")
    covered = (pl.col("covered") != "false").fill_null(True)
    paid = by("allowance_from", month) & not_before("allowance_to", month) & ~ended("allowance_state")
    return _are(rows, "allowance", covered & paid, "在享低保")


def _benefit(extracts: Sequence[pl.DataFrame], month: date) -> pl.DataFrame:
    rows = rows_of(
        extracts, "unemployment_benefits", "payment_state", "benefit_month benefit_from benefit_to"
    )
    said = pl.col("payment_state").str.contains("正常|在领|发放|享受|领取")
    paid = (
        pl.when(pl.col("benefit_month").is_not_null()).then(pl.col("benefit_month") >= (month - timedelta(days=1)).replace(day=1))
        .when(pl.col("benefit_to").is_not_null()).then(by("benefit_from", month) & (pl.col("benefit_to") >= month))
        .otherwise(said)
    )  # fmt: skip
    return _are(rows, "unemployment_benefit", paid & ~ended("payment_state"), "在领失业保险金")


def _post(extracts: Sequence[pl.DataFrame], as_of: date) -> pl.DataFrame:
    texts = "post_state employer_name post_name"
    rows = rows_of(extracts, "public_welfare_posts", texts, "left_on started_on contract_until")
    in_post = pl.col("post_state").str.contains("在岗|在职|续聘|未离|未到期") & ~pl.col(
        "post_state"
    ).str.contains("不在")
    held = after("left_on", as_of) & by("started_on", as_of) & ~ended("post_state")
    # a contract that has run out ends the post, unless the ledger says in so many words that the person is there
    held = held & (in_post.fill_null(False) | not_before("contract_until", as_of))
    where = pl.concat_str("employer_name", "post_name", separator=" ", ignore_nulls=True)
    rows = rows.with_columns(pl.when(where != "").then(where).alias("where"))
    more = {"place_of_work": "employer_name", "post": "post_name", "since": "started_on"}
    return _are(rows, "public_post", held, "在公益性岗位", _in_brackets("where"), **more)


def _licence(extracts: Sequence[pl.DataFrame], as_of: date) -> pl.DataFrame:
    rows = rows_of(extracts, "business_entities", "entity_state employer_name", "closed_on founded_on")
    open_ = pl.col("entity_state").str.contains("存续|在营|开业|在业|正常") & ~pl.col(
        "entity_state"
    ).str.contains("注销|吊销|停业|迁出")
    open_ = open_ & after("closed_on", as_of) & by("founded_on", as_of)
    return _are(rows, "licence", open_, "名下有存续的营业执照", _in_brackets("employer_name"))
