"""Employers: what lists of employers say, and what their insured staff add up to."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from chunfeng.engines.facts.absence import defaults, wide
from chunfeng.engines.facts.choose import choose
from chunfeng.engines.facts.said import ROW, SAID, World, any_of, say
from chunfeng.engines.facts.staff import Staff, staff_facts
from chunfeng.engines.linkage.employers import PUBLIC
from chunfeng.engines.linkage.standings import after, by, ended

_MAKING = (
    "制造|加工|生产|鞋|服装|服饰|纺织|针织|食品厂|食品加工|电子|机械|光电|新材料|竹木|木业|"
    "家具|化工|建材|五金|塑料|造纸|印刷|冶金|制药"
)
_NOT_MAKING = "餐饮|零售|批发|销售|物业|物流|家政|劳务|建筑|保安|农业|种植|养殖|服务|培训|学校|医院|商贸|贸易|超市|酒店|运输"
_KINDS = {
    "individual": "个体", "cooperative": "合作社", "public": "机关|事业", "social": "社团|社会团体|社会组织|民办非|基金会|事务所",
    "village": "村委会|居委会|村民委员会|居民委员会", "company": "公司|企业|有限|股份|合伙|独资|厂",
}  # fmt: skip
_SIZES = {"micro": "微型", "small": "小型", "medium": "中型", "large": "大型"}
_CATEGORIES = {
    "chain_leader": "链主|龙头",
    "supply_chain": "供应链|产业链",
    "epidemic_supply": "抗疫|保供|防疫|保障",
}


def employer_facts(
    world: World,
    of: pl.DataFrame,
    called: pl.DataFrame,
    persons: pl.DataFrame,
    staff: Staff | None,
    lists: pl.DataFrame,
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """(wide table: employer, name, area, facts; chosen statements; what silence says).

    `of`: as `own_rows` gives it; `called`: employer, name; `persons`: the wide person table; `staff`: who is insured by whom.
    """
    facts = world.declared.of("employer")
    said = [
        pl.DataFrame(schema=SAID), *_lists(world, of), *_vacancies(world, of), *_posts(world, of), _kinds(world, of),
        *staff_facts(world, staff, persons),
    ]  # fmt: skip
    # rows of employers' lists are linked to employers, and so to be counted
    counted = of.group_by("file", "sheet").agg(pl.col("row").n_unique().cast(pl.UInt32).alias("named"))
    matched = lists.join(counted, on=["file", "sheet"], how="left").with_columns(
        pl.max_horizontal("linked", pl.col("named").fill_null(0)).alias("linked")
    )
    chosen = choose(pl.concat(said), matched, facts, world.as_of, world.names)
    silence = defaults(matched, facts, world.as_of, world.names)
    keys = of.select("employer").unique().join(called.select("employer", "name"), on="employer", how="left").with_columns(
        pl.lit(world.region).cast(pl.String).alias("area")
    ).sort("employer")  # fmt: skip
    nobody = pl.DataFrame(schema={"kind": pl.String, "person": pl.String})
    return wide(keys, "employer", chosen, silence, nobody, facts), chosen, silence


def own_rows(links: pl.DataFrame) -> pl.DataFrame:
    """file, sheet, row, employer of the rows whose employer is known."""
    return links.drop_nulls("employer").select(
        "file", pl.col("sheet").fill_null(""), pl.col("row").cast(pl.UInt32), "employer"
    )


def _rows(world: World, of: pl.DataFrame, kind: str, texts: str = "", dates: str = "") -> pl.DataFrame:
    """Rows of a kind with the employer as `person`: the key that statements hang on."""
    rows = world.tables.rows(kind, texts, dates).join(of, on=ROW)
    return rows.rename({"employer": "person"}).with_columns(kind=pl.lit(kind))


def _code(column: str, words: Mapping[str, str]) -> pl.Expr:
    found = pl.lit(None, dtype=pl.String)
    for code, pattern in reversed(list(words.items())):
        found = pl.when(any_of(column, pattern)).then(pl.lit(code)).otherwise(found)
    return found


def _making(column: str) -> pl.Expr:
    return pl.when(any_of(column, _NOT_MAKING)).then(False).when(any_of(column, _MAKING)).then(True)


def _lists(world: World, of: pl.DataFrame) -> list[pl.DataFrame]:
    key = _rows(
        world,
        of,
        "key_employers",
        "key_category employer_kind produces_over_festival stay_on industry shortage industry_chain",
        "",
    )
    black = _rows(world, of, "wage_arrears_blacklist", "", "listed_on removed_on listed_until")
    listed = (
        by("listed_on", world.as_of) & after("removed_on", world.as_of) & after("listed_until", world.as_of)
    )
    firm = _rows(
        world,
        of,
        "business_entities",
        "entity_state entity_kind industry business_scope employer_name",
        "closed_on founded_on",
    )
    alive = any_of("entity_state", "存续|在营|开业|在业|正常") & ~any_of(
        "entity_state", "注销|吊销|停业|迁出"
    )
    alive = (
        pl.when(pl.col("entity_state").is_null())
        .then(None)
        .otherwise(alive & after("closed_on", world.as_of))
    )
    fair = _rows(world, of, "fair_signups", "has_labour_permit industry employer_kind", "fair_on")
    category = pl.coalesce(
        _code("key_category", _CATEGORIES),
        pl.when(pl.col("key_category").is_not_null()).then(pl.lit("other")),
    )
    whole = pl.coalesce("entity_kind", "employer_name")
    shortage = pl.col("shortage").cast(pl.Int64, strict=False)
    return [
        say(key, "key_employer", True),
        say(key, "key_category", category),
        say(key, "size", _code("employer_kind", _SIZES)),
        say(key, "produces_over_festival", pl.col("produces_over_festival")),
        say(key, "stays_on_workers", pl.col("stay_on").cast(pl.Int64, strict=False)),
        say(key, "manufacturing", pl.coalesce(_making("industry"), _making("industry_chain"))),
        say(key, "labour_shortage", shortage),
        say(black, "blacklisted", listed, pl.lit(True), on="listed_on"),
        say(firm.with_columns(whole.alias("whole")), "employer_kind", _code("whole", _KINDS)),
        say(firm, "employer_open", alive, on="founded_on"),
        say(firm, "manufacturing", pl.coalesce(_making("industry"), _making("business_scope"))),
        say(fair, "labour_agency_permit", pl.col("has_labour_permit"), on="fair_on"),
        say(fair, "manufacturing", _making("industry"), on="fair_on"),
    ]


def _vacancies(world: World, of: pl.DataFrame) -> list[pl.DataFrame]:
    rows = _rows(
        world,
        of,
        "vacancies",
        "headcount hired vacancy_state open_to_hard_to_employ employer_kind industry",
        "posted_on valid_until",
    )
    open_ = (
        after("valid_until", world.as_of)
        & by("posted_on", world.as_of)
        & ~ended("vacancy_state").fill_null(False)
    )
    wanted = pl.col("headcount").cast(pl.Int64, strict=False) - pl.col("hired").cast(
        pl.Int64, strict=False
    ).fill_null(0)
    places = rows.filter(open_).group_by("person").agg(wanted.clip(0).sum().alias("places"))
    first = rows.sort("person", "posted_on", *ROW, descending=[False, True, False, False, False])
    first = first.unique("person", keep="first", maintain_order=True).join(places, on="person", how="left")
    takes = (
        pl.when(any_of("open_to_hard_to_employ", "^(?:否|不|无)"))
        .then(False)
        .when(any_of("open_to_hard_to_employ", "是|可|愿|接收|优先"))
        .then(True)
    )
    week = _rows(world, of, "labour_shortage", "shortage surplus willing_to_share industry week", "")
    newest = week.with_columns(
        _week("week").alias("at"), pl.col("row").rank("dense").over("file", "sheet").alias("n")
    )
    newest = newest.sort("person", "at", "row", descending=[False, True, True], nulls_last=True)
    newest = newest.unique("person", keep="first", maintain_order=True)
    lends = (
        pl.when(any_of("willing_to_share", "^(?:否|不|无)"))
        .then(False)
        .when(any_of("willing_to_share", "^(?:是|愿|可|同意)"))
        .then(True)
    )
    return [
        say(first, "open_places", pl.col("places").fill_null(0), on="posted_on"),
        say(rows, "takes_hard_to_employ", takes, on="posted_on"),
        say(rows, "size", _code("employer_kind", _SIZES), on="posted_on"),
        say(rows, "employer_kind", _code("employer_kind", _KINDS), on="posted_on"),
        say(rows, "manufacturing", _making("industry"), on="posted_on"),
        say(newest, "labour_shortage", pl.col("shortage").cast(pl.Int64, strict=False)),
        say(newest, "labour_surplus", pl.col("surplus").cast(pl.Int64, strict=False)),
        say(
            newest,
            "willing_to_lend",
            lends,
            pl.col("willing_to_share").is_not_null(),
            note=pl.col("willing_to_share"),
        ),
        say(newest, "manufacturing", _making("industry")),
    ]


def _week(column: str) -> pl.Expr:
    """Orders weeks as written (2023.1.5周, 2023-01-12): year, month and day as one number; null where there is none."""
    parts = pl.col(column).str.extract_groups(r"(\d{4})\D{1,2}(\d{1,2})\D{1,2}(\d{1,2})")
    year, month, day = (parts.struct.field(n).cast(pl.Int32, strict=False) for n in ("1", "2", "3"))
    return year * 10_000 + month * 100 + day


def _posts(world: World, of: pl.DataFrame) -> list[pl.DataFrame]:
    held = (
        world.judged("public_post")
        .filter(pl.col("holds").fill_null(False))
        .select(*ROW, pl.col("person").alias("who"))
    )
    rows = _rows(world, of, "public_welfare_posts", "", "started_on")
    now = rows.join(held, on=ROW)
    counted = now.group_by("person").agg(pl.col("who").n_unique().alias("n"))
    first = (
        now.sort("person", *ROW)
        .unique("person", keep="first", maintain_order=True)
        .join(counted, on="person")
    )
    return [
        say(rows, "public_post_unit", True, on="started_on"),
        say(first, "public_posts_filled", pl.col("n"), on="started_on"),
    ]


def _kinds(world: World, of: pl.DataFrame) -> pl.DataFrame:
    rows = _rows(world, of, "insurance_contributions", "employer_kind employer_name", "")
    whole = pl.coalesce("employer_kind", "employer_name")
    return say(rows.with_columns(whole.alias("whole")), "employer_kind", _kind_by_name("whole"))


def _kind_by_name(column: str) -> pl.Expr:
    return pl.coalesce(
        _code(column, _KINDS), pl.when(pl.col(column).str.contains(PUBLIC.pattern)).then(pl.lit("public"))
    )
