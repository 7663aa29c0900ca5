"""What offices pay and place: pensions, unemployment benefit, public-welfare posts, graduates."""

from __future__ import annotations

import polars as pl

from chunfeng.engines.facts.said import ROW, World, any_of, say, says
from chunfeng.engines.linkage.standings import by

_NOT_PLACED = "待就业|未就业|待业|求职|暂不就业|拟升学|不就业|无业|失业|未落实|灵活?未定"
_PLACED = "就业|签约|协议|合同|升学|入伍|出国|出境|创业|工作|考研录取|公务员|基层|支教"
_FULL_TIME, _PART_TIME = "全日制|普通全日制|统招", "非全日制|函授|业余|夜大|网络|自考|成人|在职|开放"


def ledgers(world: World) -> list[pl.DataFrame]:
    """Statements on draws_pension, unemployment benefit, public posts, graduates."""
    return [*_pension(world), *_benefit(world), *_posts(world), *_graduates(world), *_fishers(world)]


def _pension(world: World) -> list[pl.DataFrame]:
    found = world.judged("pension").with_columns(kind=pl.lit("pension_benefits"))
    rows = world.rows("pension_benefits", "", "died_on").filter(by("died_on", world.as_of))
    return [
        say(found, "draws_pension", pl.col("holds"), pl.lit(True), note=says("名单未写是否仍在发放")),
        say(rows, "alive", False, pl.col("died_on").is_not_null(), on="died_on", note="养老待遇名单登记死亡"),
    ]


def _benefit(world: World) -> list[pl.DataFrame]:
    found = world.judged("unemployment_benefit").with_columns(kind=pl.lit("unemployment_benefits"))
    rows = world.rows("unemployment_benefits", "benefit_months_left benefit_stopped_for", "benefit_to")
    left = pl.col("benefit_months_left").cast(pl.Int64, strict=False)
    used = (
        pl.when(any_of("benefit_stopped_for", "期满|领满|领完|届满"))
        .then(True)
        .when(left.is_not_null())
        .then(left <= 0)
    )
    own = world.rows("unemployment_register", "benefit_state", "benefit_from benefit_to")
    no = any_of("benefit_state", "^(?:否|未|无|没|不|停)|停发|已停")
    draws: pl.Expr = (
        pl.when(no).then(False).when(any_of("benefit_state", "是|在领|领取|享受|正在")).then(True)
    )
    over = pl.col("benefit_to") < world.month
    draws = (
        pl.when(over.fill_null(False))
        .then(False)
        .otherwise(
            pl.coalesce(
                draws, pl.when(pl.col("benefit_to").is_not_null()).then(by("benefit_from", world.month))
            )
        )
    )
    return [
        say(found, "draws_unemployment_benefit", pl.col("holds"), pl.lit(True)),
        say(own, "draws_unemployment_benefit", draws, on="benefit_from"),
        say(rows, "unemployment_benefit_until", pl.col("benefit_to")),
        say(own, "unemployment_benefit_until", pl.col("benefit_to"), on="benefit_from"),
        say(rows, "benefit_exhausted", used),
    ]


def posts(world: World) -> pl.DataFrame:
    """Rows of the ledger of public-welfare posts with `holds` (three-valued) and `end`, the last day held so far."""
    texts = "employer_name post_name post_state left_for months_held"
    rows = world.rows("public_welfare_posts", texts, "started_on left_on contract_until recognised_on")
    state = world.judged("public_post").select(*ROW, "person", "holds", "says")
    rows = rows.join(state, on=[*ROW, "person"], how="left")
    ended = pl.min_horizontal(pl.coalesce("left_on", "contract_until"), pl.lit(world.as_of))
    return rows.with_columns(pl.when("holds").then(pl.lit(world.as_of)).otherwise(ended).alias("end"))


def _posts(world: World) -> list[pl.DataFrame]:
    rows = posts(world)
    held = rows.filter(pl.col("holds").fill_null(False))
    counted = held.group_by("person").agg(
        pl.col("employer_name").drop_nulls().n_unique().alias("units"),
        pl.col("post_name").drop_nulls().n_unique().alias("posts"),
        pl.col("started_on").drop_nulls().n_unique().alias("starts"),
        pl.col("started_on").min().alias("since"),
        pl.col("contract_until").max().alias("until"),
    )
    # one unit from one day is one contract entered twice; another post from another day is another post
    posts_held = (
        pl.when(pl.col("units") > 1).then("units").when((pl.col("posts") > 1) & (pl.col("starts") > 1)).then("posts").otherwise(1)
    )  # fmt: skip
    first = held.sort("person", "started_on", *ROW, nulls_last=True).unique(
        "person", keep="first", maintain_order=True
    )
    now = first.join(counted, on="person")
    before = rows.join(counted, on="person", how="left").filter(
        ~pl.col("holds") & (pl.col("started_on") <= world.as_of)
    )
    earlier = before.filter((pl.col("started_on") < pl.col("since")).fill_null(True))
    return [
        say(
            rows,
            "public_post",
            pl.col("holds"),
            pl.lit(True),
            on="started_on",
            note=says("台账看不出是否在岗"),
        ),
        say(now, "public_posts_held", posts_held, on="started_on"),
        say(now, "public_post_since", pl.col("since"), pl.lit(True), on="started_on"),
        say(now, "public_post_until", pl.col("until"), pl.lit(True), on="started_on"),
        say(earlier, "held_earlier_public_post", True, on="started_on"),
        say(rows, "recognised_on", pl.col("recognised_on"), on="recognised_on"),
        say(
            rows, "alive", False, any_of("left_for", "死亡|去世|病故"), on="left_on", note=pl.col("left_for")
        ),
        *_post_months(rows),
    ]


def _post_months(rows: pl.DataFrame) -> list[pl.DataFrame]:
    """Months in posts altogether, days held twice counted once; what the ledger itself counts goes before."""
    dated = rows.filter(pl.col("started_on").is_not_null() & (pl.col("started_on") <= pl.col("end")))
    spans = (
        dated.select("person", "started_on", "end").unique().sort("person", "started_on", "end")
        .with_columns(pl.col("end").cum_max().shift(1).over("person").alias("before"))
        .with_columns(pl.max_horizontal("started_on", pl.col("before").dt.offset_by("1d")).alias("from"))
        .filter(pl.col("from") <= pl.col("end"))
        .group_by("person").agg((pl.col("end") - pl.col("from")).dt.total_days().add(1).sum().alias("days"))
    )  # fmt: skip
    counted = rows.group_by("person").agg(
        pl.col("months_held").cast(pl.Int64, strict=False).max().alias("own")
    )
    first = rows.sort("person", "started_on", *ROW, nulls_last=True).unique(
        "person", keep="first", maintain_order=True
    )
    whole = first.join(spans, on="person", how="left").join(counted, on="person", how="left")
    months = pl.coalesce("own", (pl.col("days") * 12 / 365.2425).round(0).cast(pl.Int64))
    return [say(whole, "post_months", months, pl.lit(True), on="started_on")]


def _graduates(world: World) -> list[pl.DataFrame]:
    texts = "employed employed__raw graduate_destination education study_form hardship skill_certificate"
    rows = world.rows("graduates", texts, "graduated_in")
    words = pl.concat_str("graduate_destination", "employed__raw", separator=" ", ignore_nulls=True)
    rows = rows.with_columns(words.alias("destination"))
    placed = (
        pl.when(any_of("destination", _NOT_PLACED)).then(False)
        .when(pl.col("employed").is_not_null()).then(pl.col("employed") == "true")
        .when(any_of("destination", _PLACED)).then(True)
    )  # fmt: skip
    studies = any_of("destination", "升学|考研录取|出国留学|留学")
    digit = pl.col("education").str.slice(0, 1)
    technical = pl.col("education").str.contains("^4[789]")
    levels = {
        "1": "graduate_school",
        "2": "university",
        "3": "college",
        "4": "secondary_vocational",
        "5": "technical",
    }
    level = pl.when(technical).then(pl.lit("technical")).otherwise(
        digit.replace_strict(levels, default=None, return_dtype=pl.String)
    )  # fmt: skip
    part = any_of("study_form", _PART_TIME)
    full = pl.when(part).then(False).when(any_of("study_form", _FULL_TIME)).then(True)
    own = world.rows("real_name_register", "graduated_on", "")
    own = own.with_columns(pl.col("graduated_on").str.to_date("%Y-%m-%d", strict=False))
    return [
        say(rows, "graduate", by("graduated_in", world.as_of), pl.lit(True), on="graduated_in"),
        say(rows, "graduated_on", pl.col("graduated_in"), on="graduated_in"),
        say(own, "graduated_on", pl.col("graduated_on"), on="graduated_on"),
        say(rows, "graduate_level", level, on="graduated_in"),
        say(rows, "unemployed_graduate", ~placed, on="graduated_in", note=pl.col("destination")),
        say(
            rows,
            "seen_working",
            placed & ~studies,
            on="graduated_in",
            note=pl.concat_str(pl.lit("毕业去向："), "destination"),
        ),
        say(rows, "in_school", True, studies, on="graduated_in", note=pl.col("destination")),
        say(rows, "graduated_full_time", full, on="graduated_in"),
        say(
            rows,
            "student_loan",
            True,
            any_of("hardship", "助学贷款|贷款"),
            on="graduated_in",
            note=pl.col("hardship"),
        ),
    ]


def _fishers(world: World) -> list[pl.DataFrame]:
    rows = world.rows("person_list", "hardship remark occupation", "")
    words = pl.concat_str(
        "hardship", "remark", "occupation", "file", "sheet", separator=" ", ignore_nulls=True
    )
    rows = rows.with_columns(words.alias("words"))
    return [say(rows, "retired_fisher", True, any_of("words", "退捕渔民|长江退捕|退捕"))]
