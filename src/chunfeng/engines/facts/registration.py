"""Registered unemployment: since when without a break; registration as job seeker, real-name registration, wishes.

The continuous start follows the readings of the catalogue: from the approval, through registrations cancelled and taken up
again on one day, and anew after the last month in which an employer insured the person.
"""

from __future__ import annotations

import polars as pl

from chunfeng.engines.facts.said import ROW, World, any_of, say
from chunfeng.engines.facts.words import capacity, number_word

_KIND = "unemployment_register"
_REASONS = {
    "employed": "就业|录用|招用|上岗", "startup": "创业|经营|执照", "pension": "退休|养老|到龄",
    "no_contact": "联系|年审|逾期|超期|满6个月|满六个月", "own_request": "本人|自愿|个人申请", "refused": "拒绝",
    "moved": "迁|移居|出境", "dead": "死亡|去世", "prison": "服刑|判刑|收监|监禁",
    "school_or_army": "入学|升学|参军|入伍|服兵役", "unable": "丧失劳动", "other": "其他|其它",
}  # fmt: skip
_BY_WILL = "辞职|辞去|本人意愿|自动离职|自愿离|自己不做|自己离|不想做"
_NOT_BY_WILL = "解除|辞退|裁|合同到|到期|期满|终止|破产|关闭|厂关|关了|倒闭|停产|毕业|退伍|退役|刑满|失地|征地|开除|除名|被"
_NO_WISH = "不找工作|无就业意愿|无就业愿望|无求职意愿|没有就业意愿|不愿就业|不愿意就业|不想工作|不想就业|放弃求职|无就业要求"
_REFUSED = (
    "拒绝[^0-9一二两三四五六七八九十]{0,8}([0-9一二两三四五六七八九十]+)次",
    "([0-9一二两三四五六七八九十]+)次[^0-9，。；,;]{0,10}拒绝",
)


def registration(world: World, insured: pl.DataFrame | None) -> list[pl.DataFrame]:
    """Statements on the registrations. `insured`: person, last_month (the month's first day) an employer paid, one line per
    stretch; None where no list can tell, which leaves the continuous start open."""
    return [*_unemployment(world, insured), *_seeking(world), *_real_name(world)]


def spells(world: World) -> pl.DataFrame:
    """Each row of the unemployment register with `open` (three-valued), `start` (approval) and the rest as read."""
    texts = (
        "unemployment_reason cancellation_reason remark wish_to_work unemployment_state retirement_category"
    )
    dates = "unemployment_approved_at unemployment_applied_on unemployment_cancelled_on"
    rows = world.rows(_KIND, texts, dates)
    state = world.judged("registered_unemployed").select(*ROW, "person", pl.col("holds").alias("open"))
    rows = rows.join(state, on=[*ROW, "person"], how="left")
    # a list that knows one date only knows the day of registration
    approvals = pl.col("unemployment_approved_at").is_not_null().any().over("file", "sheet")
    start = pl.when(approvals).then("unemployment_approved_at").otherwise("unemployment_applied_on")
    if not world.declared.yes("starts_at_approval"):
        start = pl.coalesce("unemployment_applied_on", "unemployment_approved_at")
    # who has a reason for the cancellation is cancelled, with or without a day
    named = pl.col("cancellation_reason").is_not_null() & pl.col("unemployment_cancelled_on").is_null()
    return rows.with_columns(
        start.alias("start"),
        pl.col("unemployment_cancelled_on").alias("cancel"),
        pl.when(named & pl.col("unemployment_state").is_null()).then(False).otherwise("open").alias("open"),
    )


def _unemployment(world: World, insured: pl.DataFrame | None) -> list[pl.DataFrame]:
    rows = spells(world)
    everyone = pl.lit(True)
    category = pl.col("retirement_category")
    unread = pl.when(pl.col("open").is_null()).then(pl.lit("登记状态看不出是否注销"))
    still = rows.filter(pl.col("open").fill_null(False))
    ended = rows.filter(~pl.col("open") & (pl.col("cancel") <= world.as_of).fill_null(True))
    ended = ended.join(rows.filter(pl.col("open").fill_null(True)), on="person", how="anti")
    last = ended.sort(
        "person", "cancel", *ROW, descending=[False, True, False, False, False], nulls_last=True
    )
    last = last.unique("person", keep="first", maintain_order=True)
    reason = pl.lit(None, dtype=pl.String)
    for code, words in reversed(_REASONS.items()):
        reason = pl.when(any_of("cancellation_reason", words)).then(pl.lit(code)).otherwise(reason)
    undated = pl.when(pl.col("cancel").is_null()).then(pl.lit("注销日期缺"))
    voluntary = (
        pl.when(any_of("unemployment_reason", _BY_WILL)).then(True).when(any_of("unemployment_reason", _NOT_BY_WILL)).then(False)
    )  # fmt: skip
    return [
        say(rows, "registered_unemployed", pl.col("open"), everyone, note=unread),
        say(rows, "retirement_category", category, on="start"),
        say(rows.filter(pl.col("open").fill_null(True)), "registration_cancelled", False),
        say(last, "registration_cancelled", True, on="cancel"),
        say(last, "registration_cancelled_on", pl.col("cancel"), everyone, note=undated),
        say(last, "cancellation_reason", reason, on="cancel"),
        say(still, "last_job_ended_voluntarily", voluntary, pl.col("unemployment_reason").is_not_null(), on="start"),
        *_since(world, rows, still, insured),
        *_wish(world, still),
        say(
            still, "able_to_work", capacity("remark"), any_of("remark", "劳动能力|劳动力"), on="start", note=pl.col("remark")
        ),
    ]  # fmt: skip


def _since(
    world: World, rows: pl.DataFrame, still: pl.DataFrame, insured: pl.DataFrame | None
) -> list[pl.DataFrame]:
    lost = pl.when(pl.col("start").is_null()).then(pl.lit("登记（审核）日期缺"))
    registered = say(still, "registered_on", pl.col("start"), pl.lit(True), on="start", note=lost)
    chain = _chains(world, rows)
    chained = still.join(chain, on=[*ROW, "person"], how="left")
    no_day = pl.when(pl.col("since").is_null()).then(pl.lit("登记（审核）日期缺，起点不明"))
    note: pl.Expr = no_day.when(pl.col("since") < pl.col("start")).then(
        pl.lit("同日注销、重新登记，沿用前一段起点")
    )
    if insured is None:
        unknown = pl.lit(None, dtype=pl.Date)
        why = "没有可用的参保名单，看不出是否中断"
        return [registered, say(chained, "unemployed_since", unknown, pl.lit(True), note=why)]
    counts = world.declared.yes("insured_in_month_of_registration_breaks")
    month = pl.col("since").dt.truncate("1mo")
    after = pl.col("last_month") >= month if counts else pl.col("last_month") > month
    broken = (
        chained.select(*ROW, "person", "since")
        .join(insured, on="person")
        .filter(after & (pl.col("last_month") <= world.as_of))
        .group_by(*ROW, "person")
        .agg(pl.col("last_month").max().alias("broken"))
    )
    chained = chained.join(broken, on=[*ROW, "person"], how="left")
    restart = pl.col("broken").dt.offset_by("1mo")
    note = (
        pl.when(pl.col("broken").is_not_null())
        .then(pl.concat_str(pl.lit("登记期间由单位参保，至"), pl.col("broken").dt.strftime("%Y-%m"), pl.lit("，次月起重新起算")))
        .otherwise(note)
    )  # fmt: skip
    return [
        registered,
        say(chained, "unemployed_since", pl.coalesce(restart, "since"), pl.lit(True), note=note),
    ]


def _chains(world: World, rows: pl.DataFrame) -> pl.DataFrame:
    """file, sheet, row, person, since: start of the first registration of those that follow each other without a day between."""
    ordered = rows.filter((pl.col("start") <= world.as_of).fill_null(True)).with_columns(
        pl.coalesce("start", "cancel").alias("at")
    )
    ordered = ordered.sort("person", "at", "cancel", *ROW, nulls_last=True)
    before = pl.col("cancel").shift(1).over("person")
    joined = (pl.col("start") <= before) if world.declared.yes("same_day_continues") else pl.lit(False)
    # a registration that was never cancelled goes on beside the later one
    first = pl.col("person").cum_count().over("person") == 1
    follows = joined.fill_null(before.is_null() & pl.col("start").is_not_null()) & ~first
    # one that ended on a day nobody wrote down leaves open whether the next follows it
    undated = follows & before.is_null() & ~pl.col("open").shift(1).over("person").fill_null(False)
    chained = ordered.with_columns(follows.alias("follows"), undated.alias("undated")).with_columns(
        (~pl.col("follows")).cast(pl.UInt32).cum_sum().over("person").alias("chain")
    )
    known = (pl.col("start").is_not_null() & ~pl.col("undated")).all().over("person", "chain")
    since = pl.when(known).then(pl.col("start").min().over("person", "chain"))
    return chained.select(*ROW, "person", since.alias("since"))


def _wish(world: World, still: pl.DataFrame) -> list[pl.DataFrame]:
    refused = pl.coalesce([pl.col("remark").str.extract(pattern) for pattern in _REFUSED])
    rows = still.with_columns(refused.alias("refused"))
    rows = rows.with_columns(number_word(rows["refused"]).alias("times"))
    most = int(world.declared.readings["refusals_end_wish"])
    without = any_of("remark", _NO_WISH) | any_of("wish_to_work", "^(?:否|无|没有|不)")
    enough = (pl.col("times") >= most).fill_null(False) & ~any_of("remark", "有正当理由|理由正当")
    return [
        say(rows, "offers_refused", pl.col("times"), on="start", note=pl.col("remark")),
        say(
            rows,
            "wish_to_work",
            False,
            without | enough,
            on="start",
            note=pl.coalesce("remark", "wish_to_work"),
        ),
        say(rows, "wish_to_work", True, any_of("wish_to_work", "^(?:是|有|愿)"), on="start"),
    ]


def _seeking(world: World) -> list[pl.DataFrame]:
    rows = world.rows(
        "real_name_register",
        "transfer_wish wish_to_work retirement_category",
        "job_seeking_from job_seeking_to real_name_on",
    )
    state = world.judged("job_seeking").select(*ROW, "person", "holds")
    rows = rows.join(state, on=[*ROW, "person"], how="left")
    # a row without a day of registration is no registration, unless the list gives no such days at all
    dated = pl.lit(not world.tables.lacks("real_name_register", "job_seeking_from"))
    seeks = pl.when(pl.col("job_seeking_from").is_null() & dated).then(False).otherwise(pl.col("holds"))
    yes = pl.col("holds").fill_null(False)
    return [
        say(rows, "job_seeking", seeks, pl.lit(True), on="job_seeking_from"),
        say(rows.filter(yes), "job_seeking_since", pl.col("job_seeking_from"), on="job_seeking_from"),
        say(rows, "wish_to_transfer", pl.col("transfer_wish"), on="job_seeking_from"),
        say(rows, "wish_to_work", pl.col("wish_to_work"), on="real_name_on"),
        say(rows, "retirement_category", pl.col("retirement_category"), on="real_name_on"),
    ]


def _real_name(world: World) -> list[pl.DataFrame]:
    rows = world.rows("real_name_register", "", "real_name_on")
    if world.tables.lacks("real_name_register", "real_name_on"):
        return [say(rows, "real_name", True, note="在实名制名单内，名单无登记日期")]
    registered = (pl.col("real_name_on") <= world.as_of).fill_null(False)
    return [say(rows, "real_name", registered, on="real_name_on")]
