"""At work or not, where, and what for next: what visits, the real-name register, ledgers and travel lists say.

Seen working is adverse evidence: somebody saw or wrote it. Whoever cannot be reached is neither working nor idle.
"""

from __future__ import annotations

import polars as pl

from chunfeng.engines.facts.said import ROW, World, any_of, say, says
from chunfeng.engines.facts.words import NEUTRAL, capacity, doing
from chunfeng.engines.linkage.standings import after

_WORKS = ("working", "flexible", "post")
_IDLE = ("idle", "pupil", "retired", "unable", "farming", "prison", "army")
_ABROAD = "00"
_INTENTIONS = (
    ("undecided", "未定|没想好|再看|看情况|还没|不一定|考虑|等消息|不确定|说不准"),
    ("stay", "留岗|留在(?:厂|单位|公司)过年|不回来过年|就地过年"),
    ("none", "^(?:无|没有?|暂无|不用|不需要|不找|不考虑|没有?打算|无意愿|无意向|不想|不外出|不打算)|不找|没有打算|无就业意"),
    ("back", "返岗|回(?:原|老)?(?:厂|单位|公司|工地)|回去上班|继续(?:在|去|回)|老地方|原单位|原来的"),
    ("startup", "创业|开店|开网店|办厂|自己做|自己种|自己干|做生意|贷款|养殖|承包"),
    ("go_home", "返乡|回乡|回老家"),
    ("local", "就近|附近|本地|本县|本镇|县城|县内|家门口|不出去|镇上|留在家|连着家"),
    ("out", "外出|出去|打工|务工|去[^，。]{1,4}|到[^，。]{1,4}|省外|外地"),
)  # fmt: skip
"""What a person means to do, by words, in order; what fits none stays open."""
_STRANDED = "滞留|回不去|回不了|走不了|被困|困在"
_HARDSHIP = "急难|揭不开锅|没饭吃|没钱|重病|大病|火灾|车祸|意外|临时救助|生活困难"
_OWED = "欠薪|欠工资|拖欠|工资没结|没发工资|工资没发|讨薪|工资不给|不给工资|没结清"
_BOX = "[□☐○]"
_NOTHING = "^(?:无|没有?|暂无|否|/|-+|不需要|不用|未|不|不要|不学|不想学)$"


def work(world: World) -> list[pl.DataFrame]:
    """Statements on seen_working, flexible_employment, farming, working_*, in_school, came_home, intention …"""
    seen = _visited(world)
    return [
        *_visits(world, seen), *_wishes(seen), *_real_name(world), *_declared_idle(world), *_migrants(world), *_travel(world),
        *_flow(world), *_calls(world), *_licence(world),
    ]  # fmt: skip


def _visited(world: World) -> pl.DataFrame:
    texts = (
        "present_state state_boxes work_place current_job employer_name came_home_on labour_capacity remark intention "
        "wish_to_work wish_to_transfer wish_to_start_up training_wish skill_certificate accepts_charter service_need "
        "is_retired_fisher state_boxes__raw"
    )
    rows = world.rows("village_survey", texts, "visited_on")
    # words instead of ticked boxes; a form without a column for the state asks for the place of work instead
    boxed = any_of("state_boxes__raw", _BOX)
    written = pl.when(pl.col("state_boxes").is_null() & ~boxed).then("state_boxes__raw")
    away = pl.when(~any_of("work_place", _NOTHING)).then(pl.concat_str(pl.lit("外出"), "work_place"))
    told = pl.coalesce("present_state", written, away)
    rows = rows.with_columns(told.alias("told"))
    return pl.concat([rows, doing(rows["told"], world.region)], how="horizontal")


def _visits(world: World, rows: pl.DataFrame) -> list[pl.DataFrame]:
    ticked = pl.col("state_boxes").fill_null("")
    out, seeks = ticked.str.contains("外出"), ticked.str.contains("求职")
    job = pl.col("current_job").is_not_null() & ~any_of("current_job", _NOTHING)
    state = (
        pl.when(pl.col("doing").is_not_null()).then("doing")
        .when(out & ~seeks).then(pl.lit("away"))
        .when(seeks & ~out).then(pl.lit("idle"))
        .when(job).then(pl.lit("working"))
    )  # fmt: skip
    rows = rows.with_columns(state.alias("state"), ((out & seeks) | _blank() | _unread()).alias("torn"))
    away = pl.lit(world.declared.yes("away_is_working"))
    farms = pl.lit(world.declared.yes("farming_is_employment"))
    works = (
        pl.when(pl.col("state").is_in(_WORKS)).then(True)
        .when(pl.col("state") == "away").then(pl.when(away).then(True).otherwise(None))
        .when(pl.col("state") == "farming").then(farms)
        .when(pl.col("state").is_in(_IDLE)).then(False)
    )  # fmt: skip
    speaks = works.is_not_null() | pl.col("state").is_in(["lost", "away"]) | pl.col("torn")
    words = pl.coalesce("told", "state_boxes", "current_job", pl.lit("状态一栏没有勾选"))
    told = pl.concat_str(pl.lit("走访："), words)
    known = pl.col("state").is_not_null() | pl.col("torn")
    found = known & (pl.col("state") != "lost")
    elsewhere = pl.col("state").is_in([*_WORKS, "away"])
    home = (
        pl.col("home_again").fill_null(False)
        | pl.col("came_home_on").is_not_null()
        | (out & ticked.str.contains("在家"))
    )
    return [
        say(rows, "visited", True, on="visited_on"),
        say(rows, "seen_working", works, speaks, on="visited_on", note=told),
        say(rows, "flexible_employment", pl.col("state") == "flexible", found, on="visited_on", note=told),
        say(rows, "farming", pl.col("state") == "farming", found, on="visited_on", note=told),
        say(rows, "whereabouts_known", (pl.col("state") != "lost").fill_null(True), known, on="visited_on", note=told),
        say(rows, "alive", False, pl.col("state") == "dead", on="visited_on", note=told),
        say(rows, "in_school", pl.col("state") == "pupil", found, on="visited_on", note=told),
        say(rows, "able_to_work", False, pl.col("state") == "unable", on="visited_on", note=told),
        say(rows, "able_to_work", capacity("labour_capacity"), on="visited_on", note=pl.col("labour_capacity")),
        say(rows, "came_home", home, home, on="visited_on", note=told),
        *_where(world, rows.filter(elsewhere), told),
    ]  # fmt: skip


def _blank() -> pl.Expr:
    """None of the boxes of the form is ticked, though others on the sheet are: the visit left the state open."""
    used = pl.col("state_boxes").is_not_null().any().over("file", "sheet")
    empty = pl.col("state_boxes").is_null() & any_of("state_boxes__raw", _BOX) & pl.col("doing").is_null()
    return used & empty


def _unread() -> pl.Expr:
    """Something is written that no word list knows: it may well be a job."""
    return pl.col("told").is_not_null() & pl.col("doing").is_null() & ~any_of("told", NEUTRAL)


def _where(world: World, rows: pl.DataFrame, told: pl.Expr) -> list[pl.DataFrame]:
    place = pl.col("place")
    return [
        say(
            rows, "working_elsewhere", _beyond_county(world), place.is_not_null(), on="visited_on", note=told
        ),
        say(
            rows,
            "working_outside_province",
            ~place.str.starts_with("35"),
            place.is_not_null(),
            on="visited_on",
            note=told,
        ),
    ]


def _beyond_county(world: World) -> pl.Expr:
    """The place of work lies outside the campaign's region; a place named on a form as away is not the own one."""
    place, own = pl.col("place"), world.region
    if own is None:
        return pl.lit(None, dtype=pl.Boolean)
    return ~place.str.starts_with(own)


def _wishes(rows: pl.DataFrame) -> list[pl.DataFrame]:
    intention = pl.lit(None, dtype=pl.String)
    for code, words in reversed(_INTENTIONS):
        intention = pl.when(pl.col("intention").str.contains(words)).then(pl.lit(code)).otherwise(intention)
    training = ~any_of("training_wish", f"{_NOTHING}|不想|不愿|不需|暂不|没有")
    start = ~any_of("wish_to_start_up", f"{_NOTHING}|不想|不愿|不需|暂不|没有")
    goes = intention.is_in(["out", "back"])
    settled = intention.is_in(["back", "local", "none", "stay"])
    starts = intention == "startup"
    has = {c: pl.col(c).is_not_null() for c in ("wish_to_start_up", "training_wish", "skill_certificate")}
    note = pl.col("intention")
    certificate = ~any_of("skill_certificate", _NOTHING)
    charter = any_of("service_need", "包车|专车|车票|乘车")
    return [
        say(rows, "intention", intention, on="visited_on", note=note),
        say(rows, "trip_wish", goes, settled, on="visited_on", note=note),
        say(rows, "festival_stay", intention == "stay", intention == "stay", on="visited_on", note=note),
        say(rows, "wants_startup", True, starts, on="visited_on", note=note),
        say(rows, "wants_startup", start, has["wish_to_start_up"], on="visited_on", note=pl.col("wish_to_start_up")),
        say(rows, "wish_to_work", pl.col("wish_to_work"), on="visited_on"),
        say(rows, "wish_to_transfer", pl.col("wish_to_transfer"), on="visited_on"),
        say(rows, "wants_training", training, has["training_wish"], on="visited_on", note=pl.col("training_wish")),
        say(rows, "skill_certificate", certificate, has["skill_certificate"], on="visited_on"),
        say(rows, "rides_charter", pl.col("accepts_charter"), on="visited_on"),
        say(rows, "rides_charter", True, charter, on="visited_on", note=pl.col("service_need")),
        say(rows, "wage_arrears", True, any_of("service_need", _OWED), on="visited_on", note=pl.col("service_need")),
        say(rows, "retired_fisher", pl.col("is_retired_fisher"), on="visited_on"),
    ]  # fmt: skip


def _real_name(world: World) -> list[pl.DataFrame]:
    texts = "employment_state training_wish skill_certificate"
    rows = world.rows("real_name_register", texts, "real_name_on")
    state = pl.col("employment_state")
    idle = any_of("employment_state", "失业|未就业|无业|待业|下岗")
    flexible = any_of("employment_state", "灵活|自由职业|零工|个体|自主创业")
    farms = any_of("employment_state", "务农|种植|养殖")
    pupil = any_of("employment_state", "在校|学生|升学|就读")
    works = any_of("employment_state", "就业|在职|在岗|务工|上班") & ~idle
    working = (
        pl.when(idle | pupil).then(False).when(farms).then(world.declared.yes("farming_is_employment"))
        .when(flexible | works).then(True)
    )  # fmt: skip
    known = working.is_not_null()
    return [
        say(rows, "seen_working", working, on="real_name_on", note=pl.concat_str(pl.lit("实名制登记："), state)),
        say(rows, "flexible_employment", flexible, known, on="real_name_on", note=state),
        say(rows, "reported_flexible_work", flexible, known, on="real_name_on", note=state),
        say(rows, "farming", farms, known, on="real_name_on", note=state),
        say(rows, "in_school", pupil, known, on="real_name_on", note=state),
        _stated(rows, "wants_training", "training_wish"),
        _stated(rows, "skill_certificate", "skill_certificate"),
    ]  # fmt: skip


def _stated(rows: pl.DataFrame, fact: str, column: str) -> pl.DataFrame:
    """Anything written in the column but a no is a yes."""
    return say(rows, fact, ~any_of(column, _NOTHING), pl.col(column).is_not_null(), on="real_name_on")


def _declared_idle(world: World) -> list[pl.DataFrame]:
    """What a household declared of its own members: no proof of anything, but a lost member is lost."""
    rows = world.rows("zero_employment_households", "present_state labour_capacity", "declared_on")
    rows = pl.concat([rows, doing(rows["present_state"], world.region)], how="horizontal")
    note = pl.concat_str(pl.lit("本人申报："), "present_state")
    works = pl.col("doing").is_in([*_WORKS, "away"])
    return [
        say(rows, "seen_working", pl.when(works).then(True), works | (pl.col("doing") == "lost"), on="declared_on", note=note),
        say(rows, "seen_working", False, pl.col("doing").is_in(_IDLE), on="declared_on", note=note),
        say(rows, "whereabouts_known", False, pl.col("doing") == "lost", on="declared_on", note=note),
        say(rows, "in_school", True, pl.col("doing") == "pupil", on="declared_on", note=note),
        say(rows, "able_to_work", capacity("present_state"), on="declared_on", note=note),
        say(rows, "able_to_work", capacity("labour_capacity"), on="declared_on", note=pl.col("labour_capacity")),
    ]  # fmt: skip


def _migrants(world: World) -> list[pl.DataFrame]:
    rows = world.rows(
        "migrant_residents", "festival_plan resident_state employer_name stay_reason", "arrived_on left_on"
    )
    present = after("left_on", world.as_of) & ~any_of("resident_state", "注销|离开|已离|迁出")
    plan = pl.col("festival_plan")
    stays, goes = any_of("festival_plan", "留"), any_of("festival_plan", "返乡|回乡|回家|返程|返回|离")
    intention = (
        pl.when(stays)
        .then(pl.lit("stay"))
        .when(goes)
        .then(pl.lit("go_home"))
        .when(plan.is_not_null())
        .then(pl.lit("undecided"))
    )
    works = pl.col("employer_name").is_not_null() | any_of("stay_reason", "务工|经商|工作")
    return [
        say(rows, "migrant_here", present, on="arrived_on"),
        say(rows, "festival_stay", pl.when(stays).then(True).when(goes).then(False), plan.is_not_null(), note=plan),
        say(rows, "intention", intention, note=plan),
        say(rows, "seen_working", True, works & present, on="arrived_on", note=pl.coalesce("employer_name", "stay_reason")),
    ]  # fmt: skip


def _travel(world: World) -> list[pl.DataFrame]:
    rows = world.rows("travel_demand", "accepts_charter destination has_ticket", "signed_up_on")
    note = pl.concat_str(pl.lit("返岗出行登记：往"), pl.col("destination").fill_null("外地"))
    return [
        say(rows, "intention", "back", on="signed_up_on", note=note),
        say(rows, "trip_wish", True, on="signed_up_on", note=note),
        say(rows, "rides_charter", pl.col("accepts_charter"), on="signed_up_on"),
    ]


def _flow(world: World) -> list[pl.DataFrame]:
    """Where the phone spends working hours, in its newest month with such a place."""
    rows = world.rows("population_flow", "work_county_region home_county_region days_present", "flow_month")
    rows = rows.filter(pl.col("flow_month") <= world.as_of)
    newest = rows.drop_nulls("work_county_region").sort(
        "person", "flow_month", *ROW, descending=[False, True, False, False, False]
    ).unique("person", keep="first", maintain_order=True)  # fmt: skip
    newest = newest.with_columns(pl.col("work_county_region").alias("place"))
    here = rows.filter(pl.col("flow_month") == pl.col("flow_month").max()).with_columns(
        pl.col("days_present").cast(pl.Int64, strict=False).alias("days")
    )
    visits = here.join(newest.filter(_beyond_county(world)), on="person", how="semi")
    note = pl.lit("手机信令：工作地在外")
    outside = ~pl.col("place").str.starts_with("35")
    return [
        say(newest, "working_elsewhere", _beyond_county(world), _beyond_county(world), on="flow_month", note=note),
        say(newest, "working_outside_province", outside, _beyond_county(world), on="flow_month", note=note),
        say(visits, "came_home", pl.col("days") > 0, on="flow_month", note="手机信令：当月在本地有停留"),
    ]  # fmt: skip


def _calls(world: World) -> list[pl.DataFrame]:
    rows = world.rows("help_requests", "request topic subject_line", "called_at")
    rows = rows.with_columns(
        pl.concat_str("topic", "subject_line", "request", separator=" ", ignore_nulls=True).alias("asks")
    )
    found = [("stranded", _STRANDED), ("sudden_hardship", _HARDSHIP), ("wage_arrears", _OWED)]
    return [
        say(rows, fact, True, any_of("asks", words), on="called_at", note=pl.col("asks"))
        for fact, words in found
    ]


def _licence(world: World) -> list[pl.DataFrame]:
    found = world.judged("licence").with_columns(kind=pl.lit("business_entities"))
    rows = world.rows("business_entities", "", "founded_on closed_on").join(
        found.select(*ROW, "person", "holds", "says"), on=[*ROW, "person"], how="left"
    )
    if world.tables.lacks("business_entities", "entity_state"):
        # a list of licences without a word on their state lists those alive, but for the closed
        rows = rows.with_columns(pl.coalesce("holds", after("closed_on", world.as_of)).alias("holds"))
    held = rows.filter(pl.col("holds").fill_null(False)).sort("person", "founded_on", *ROW, nulls_last=True)
    first = held.unique("person", keep="first", maintain_order=True)
    return [
        say(
            rows,
            "business_licence",
            pl.col("holds"),
            pl.lit(True),
            on="founded_on",
            note=says("名单看不出执照是否存续"),
        ),
        say(first, "business_since", pl.col("founded_on"), on="founded_on"),
    ]
