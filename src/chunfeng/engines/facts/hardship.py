"""Hardship that a department's list decides: disability, allowance, poverty register, family planning, expropriated land."""

from __future__ import annotations

import polars as pl

from chunfeng.engines.facts.said import ROW, World, any_of, say
from chunfeng.engines.facts.words import capacity
from chunfeng.engines.linkage.standings import after, by, ended, not_before

_DISABILITY = {
    "1": "sight",
    "2": "hearing",
    "3": "speech",
    "4": "limbs",
    "5": "intellect",
    "6": "mind",
    "7": "multiple",
}
_NO_ALLOWANCE = "边缘|特困|临时|支出型|孤儿|事实无人"
"""Kinds of a civil-affairs list that are no minimum living allowance."""
_SCALE = 10_000
_BY_TITLE = 90
"""Order of what only a list's title says: behind every list that says it of the person."""


def hardship(world: World) -> list[pl.DataFrame]:
    """Statements on disability_*, allowance*, poverty_*, family_planning_*, land facts."""
    return [*_disability(world), *_allowance(world), *_poverty(world), *_family(world), *_land(world)]


def _disability(world: World) -> list[pl.DataFrame]:
    texts = (
        "certificate_state disability_kind disability_grade certificate_number_disability_kind "
        "certificate_number_disability_grade labour_capacity remark"
    )
    rows = world.rows("disability_certificates", texts, "issued_on valid_until cancelled_on")
    valid = (
        ~ended("certificate_state") & not_before("valid_until", world.as_of) & after("cancelled_on", world.as_of)
        & by("issued_on", world.as_of)
    )  # fmt: skip
    why = (
        pl.when(ended("certificate_state")).then(pl.lit("证件已注销"))
        .when(pl.col("valid_until") < world.as_of).then(pl.lit("证件已过有效期"))
    )  # fmt: skip
    kind = pl.coalesce("disability_kind", "certificate_number_disability_kind")
    kind = kind.replace_strict(_DISABILITY, default=None, return_dtype=pl.String)
    grade = pl.coalesce("disability_grade", "certificate_number_disability_grade").cast(
        pl.Int64, strict=False
    )
    return [
        say(rows, "disability_certificate", valid, pl.lit(True), on="issued_on", note=why),
        say(rows, "disability_valid_until", pl.col("valid_until"), on="issued_on"),
        say(rows, "disability_kind", kind, on="issued_on"),
        say(rows, "disability_grade", grade, on="issued_on"),
        say(rows, "able_to_work", capacity("labour_capacity"), on="issued_on", note=pl.col("labour_capacity")),
        say(rows, "able_to_work", capacity("remark"), any_of("remark", "劳动能力|劳动力"), on="issued_on", note=pl.col("remark")),
    ]  # fmt: skip


def _allowance(world: World) -> list[pl.DataFrame]:
    texts = "allowance_kind member_kind labour_capacity remark allowance_state"
    rows = world.rows("minimum_living_allowance", texts, "allowance_from allowance_to")
    state = world.judged("allowance").select(*ROW, "person", "holds")
    rows = rows.join(state, on=[*ROW, "person"], how="left")
    kinds = pl.concat_str("allowance_kind", "member_kind", separator=" ", ignore_nulls=True)
    rows = rows.with_columns(kinds.alias("kinds"), pl.concat_str("file", "sheet").alias("called"))
    other = any_of("kinds", _NO_ALLOWANCE)
    paid = pl.col("holds") & ~other
    # the kind stands in its column, else on the sheet or file
    where = pl.when(any_of("kinds", "城|农|乡村")).then("kinds").otherwise("called")
    rows = rows.with_columns(where.alias("where"), paid.alias("paid"))
    urban, rural = any_of("where", "城"), any_of("where", "农|乡村")
    is_urban = pl.when(urban & ~rural).then(True).when(rural & ~urban).then(False)
    unclear = pl.when(is_urban.is_null()).then(pl.lit("名单未写城市还是农村低保"))
    last = pl.when(pl.col("allowance_to").is_not_null()).then(
        pl.concat_str(pl.lit("末次发放月 "), pl.col("allowance_to").dt.strftime("%Y-%m"))
    )
    told = pl.coalesce(unclear, last)
    return [
        say(rows, "allowance", pl.col("paid"), pl.lit(True), on="allowance_from", note=last),
        say(rows, "allowance_urban", pl.col("paid") & is_urban, pl.lit(True), on="allowance_from", note=told),
        say(rows, "allowance_rural", pl.col("paid") & ~is_urban, pl.lit(True), on="allowance_from", note=told),
        say(rows, "allowance_until", pl.col("allowance_to"), on="allowance_from"),
        say(rows, "near_minimum", pl.col("holds") & any_of("kinds", "边缘"), any_of("kinds", "边缘"), on="allowance_from"),
        say(rows, "destitute_support", pl.col("holds") & any_of("kinds", "特困"), any_of("kinds", "特困"), on="allowance_from"),
        say(rows, "able_to_work", capacity("labour_capacity"), note=pl.col("labour_capacity")),
        say(rows, "able_to_work", capacity("remark"), any_of("remark", "劳动能力|劳动力"), note=pl.col("remark")),
    ]  # fmt: skip


def _poverty(world: World) -> list[pl.DataFrame]:
    texts = (
        "poverty_household_kind poverty_state risk_removed student_state labour_capacity employed work_place_region work_place "
        "work_months destitute_support receives_allowance poverty_exit_year"
    )
    rows = world.rows("poverty_exit", texts, "watched_from risk_removed_on")
    kind = pl.col("poverty_household_kind")
    removed = any_of("poverty_state", "清退|剔除|清除|取消|已退出名册")
    never = any_of("poverty_household_kind", "边缘|突发|一般农户|一般户|非贫困")
    on_register = any_of("poverty_household_kind", "脱贫|建档立卡|贫困户") | any_of(
        "poverty_state", "脱贫|建档立卡"
    )
    on_register |= pl.col(
        "poverty_exit_year"
    ).is_not_null()  # only who was on the register has left poverty in a year
    exited = pl.when(removed | never).then(False).when(on_register).then(True)
    watched = any_of("poverty_household_kind", "不稳定|边缘|突发|监测")
    over = (pl.col("risk_removed") == "true").fill_null(False) & by("risk_removed_on", world.as_of)
    watch = watched & ~over & by("watched_from", world.as_of) & ~removed
    pupil = (
        pl.when(any_of("student_state", "非|不在校|已毕业|未上学"))
        .then(False)
        .when(pl.col("student_state").is_not_null())
        .then(True)
    )
    works = pl.when(pl.col("employed") == "true").then(True)  # a no of last year's visit proves nothing today
    place = pl.col("work_place_region")
    has_capacity = pl.col("labour_capacity").is_not_null()
    own = world.region
    here = any_of("work_place", "县内|本县|乡镇内|村内|本地")
    beyond = (
        pl.when(here)
        .then(False)
        .when(place.is_not_null() & pl.lit(own is not None))
        .then(~place.str.starts_with(own or "-"))
    )
    outside = (
        pl.when(here)
        .then(False)
        .when(any_of("work_place", "省外|国外|境外"))
        .then(True)
        .otherwise(~place.str.starts_with("35"))
    )
    return [
        say(rows, "poverty_exit", exited, pl.lit(True), note=kind),
        say(rows, "poverty_relapse_watch", watch, pl.lit(True), on="watched_from", note=kind),
        say(rows, "in_school", pupil, note=pl.col("student_state")),
        say(rows, "able_to_work", capacity("labour_capacity"), has_capacity, note=pl.col("labour_capacity")),
        say(rows, "seen_working", works, note="脱贫人口名册：正在务工"),
        say(rows, "working_elsewhere", beyond, note=pl.col("work_place")),
        say(rows, "working_outside_province", outside, note=pl.col("work_place")),
        say(rows, "months_worked_away", pl.col("work_months").cast(pl.Int64, strict=False)),
        say(rows, "destitute_support", pl.col("destitute_support")),
    ]  # fmt: skip


def _family(world: World) -> list[pl.DataFrame]:
    rows = world.rows(
        "family_planning_households", "family_kind family_state remark hukou_kind", "issued_on cancelled_on"
    )
    one, two = any_of("family_kind", "独生|独女|独男|独子|一孩|单女"), any_of("family_kind", "二女|双女|两女")
    valid = after("cancelled_on", world.as_of) & by("issued_on", world.as_of) & ~ended("family_state")
    valid = valid & pl.when(one | two).then(True).otherwise(None)
    why = pl.when(pl.col("cancelled_on") <= world.as_of).then(
        pl.concat_str(pl.lit("已注销"), pl.col("remark").fill_null(""))
    )
    # a list of rural families names rural persons, where no register says otherwise
    rural = rows.filter(
        pl.concat_str("file", "sheet").str.contains("农村|农业户") & pl.col("hukou_kind").is_null()
    )
    kind = pl.when(one).then(pl.lit("one_child")).when(two).then(pl.lit("two_daughters"))
    return [
        say(rows, "family_planning_valid", valid, pl.lit(True), on="issued_on", note=why),
        say(rows, "family_planning_kind", kind, on="issued_on"),
        say(rural, "hukou", "rural", order=pl.lit(_BY_TITLE), note="列在农村计生家庭名单"),
    ]


def _land(world: World) -> list[pl.DataFrame]:
    texts = "in_planning_area had_contract_right land_left county_average_land land_left_share"
    rows = world.rows("land_expropriation", texts, "expropriated_on").filter(
        by("expropriated_on", world.as_of)
    )
    left, mean = (
        (pl.col(c).cast(pl.Decimal(18, 4), strict=False) * _SCALE).cast(pl.Int64, strict=False)
        for c in ("land_left", "county_average_land")
    )
    share = (
        pl.col("land_left_share").str.extract(r"([0-9]+(?:\.[0-9]+)?)").cast(pl.Decimal(18, 4), strict=False)
    )
    share = pl.when(pl.col("land_left_share").str.contains("%|％")).then((share * 10).cast(pl.Decimal(18, 4)))
    # whole numbers throughout: 30 % is a line, and no rounding may cross it
    exact = pl.when(mean > 0).then((left * 1000 * _SCALE) // mean)
    permille = (exact.cast(pl.Decimal(22, 4)) / _SCALE).cast(pl.Decimal(18, 4), strict=False)
    value = pl.coalesce(permille, share)
    note = pl.when(value.is_null()).then(pl.lit("剩余面积未填")).otherwise(
        pl.concat_str(pl.lit("剩余人均"), "land_left", pl.lit("，县均"), "county_average_land")
    )  # fmt: skip
    return [
        say(rows, "land_expropriated", True, on="expropriated_on"),
        say(rows, "in_planning_area", pl.col("in_planning_area"), pl.lit(True), on="expropriated_on"),
        say(rows, "had_contract_right", pl.col("had_contract_right"), pl.lit(True), on="expropriated_on"),
        say(rows, "land_left_permille", value, pl.lit(True), on="expropriated_on", note=note),
    ]
