"""Ages a post asks for: children under sixteen are refused, limits short of retirement age are warned of.

Years of experience, children to be cared for and "not under 18" are no age limits.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from chunfeng.engines.identity.numerals import read_number
from chunfeng.engines.screening.book import PostRule
from chunfeng.engines.screening.texts import HITS, Texts

_NUMBER = r"(?:[1-9]?[0-9]|[一二两三四五六七八九]?十[一二三四五六七八九]?)"
_YEARS = "(?:周岁|岁|周)"
_RANGE = re.compile(
    rf"(?P<low>{_NUMBER}){_YEARS}?(?:以上)?[-到、](?P<high>{_NUMBER})(?P<unit>{_YEARS})?(?![0-9年个月天名人位元:：])"
)
_UPPER = re.compile(
    rf"(?:不超过|不得超过|不大于|不高于|小于|低于|至多|最大|最高|上限|未超过|<=?|≤)(?:为|是)?：?(?P<a>{_NUMBER})(?P<unit_a>{_YEARS})?"
    rf"|(?P<b>{_NUMBER})(?P<unit_b>{_YEARS})?(?:\(?含[0-9]*\)?)?(?:及|或|及其|（含）)?(?:以下|以内|之内|内|封顶|为限|往下|之下)"
)
_UNDER = re.compile(rf"(?:未满|不满|未达|不足)(?P<a>{_NUMBER})(?P<unit_a>{_YEARS})?")
_LOWER = re.compile(
    rf"(?:年满|已满|须满|需满|满|不低于|不小于|不少于|大于|高于|>=?|≥)(?:为|是)?：?(?P<a>{_NUMBER})(?P<unit_a>{_YEARS})?"
    rf"|(?P<b>{_NUMBER})(?P<unit_b>{_YEARS})?(?:（含）)?(?:及|或|及其)?(?:以上|起|即可|就行|就可|可|均可|也可|往上|之上)"
)
_ABOUT = re.compile(rf"(?P<a>{_NUMBER})(?P<unit_a>{_YEARS})(?:左右|上下)")
_BARE = re.compile(rf"(?P<a>{_NUMBER})(?P<unit_a>{_YEARS})")
_CLAUSE = re.compile("[，；。！？]")
_REFUSED = re.compile(
    "勿|不招|不收|不要|不用|不得|不录|不予|不含|不包括|不接受|不考虑|免谈|免投|除外|谢绝|拒绝|严禁|禁止|不许|者不|绕行|止步"
)
_OTHERS = re.compile(
    "孩|宝宝|婴|幼儿|儿童|少儿|小学|学生(?!工|兼职|暑|寒|假)|学员|早教|老师|教师|辅导|托管|托育|保育|照护|照顾|看护|照料|学龄|少年|青少|娃|老人|老年|长者|爷爷|奶奶|客户|会员|患者|孙|学前|品牌|企业|公司|成立|车龄|树龄|房龄|陈酿|经验|工龄|年限"
)
_OWN = re.compile("年龄|年满|应聘|岁数")
_ASKS = re.compile("年龄|年满|周岁|应聘|招收|岁数")
_APPROXIMATE = re.compile("十([三四五])[四五六](?=岁|周岁)")
_YOUNGEST_MEANT = 10
"""Below, an age is of someone cared for or taught."""
_FREE_FIELDS = (
    "work_content",
    "welfare",
    "employer_profile",
    "employment_form",
    "pay",
    "contact",
    "work_place",
)
"""Columns in which an age speaks of the worker only if the clause says so."""


@dataclass(frozen=True, slots=True)
class Age:
    """One age condition: bounds in completed years, None where open; `sex` 男, 女 or None where it is one sex's."""

    low: int | None
    high: int | None
    sex: str | None
    phrase: str


def _int(text: str | None) -> int | None:
    if not text:
        return None
    if text.isdigit():
        return int(text)
    bounds = read_number(text)
    return int(bounds[0]) if bounds is not None and bounds[0] == bounds[1] else None


def read(text: str, *, bare: bool = False, asked: bool = False) -> list[Age]:
    """The age conditions of a normalised text (writing.normal). Never raises.

    `bare`: a column for ages, whose numbers need no 岁. `asked`: only clauses that speak of the worker's age count.
    """
    found: list[Age] = []
    for clause in _CLAUSE.split(_APPROXIMATE.sub(r"十\1", text)):
        if not clause or (_OTHERS.search(clause) and not _OWN.search(clause)):
            continue
        if asked and not _ASKS.search(clause):
            continue
        found.extend(_of_clause(clause, bare or "年龄" in clause or "岁数" in clause))
    return found


def _of_clause(clause: str, bare: bool) -> Iterator[Age]:
    refused = _REFUSED.search(clause) is not None
    rest = clause
    for pattern, shape in (
        (_RANGE, "range"),
        (_UNDER, "under"),
        (_UPPER, "upper"),
        (_LOWER, "lower"),
        (_ABOUT, "about"),
        (_BARE, "bare"),
    ):
        for match in list(pattern.finditer(rest)):
            said = match.groupdict()
            unit = said.get("unit") or said.get("unit_a") or said.get("unit_b")
            if not unit and not bare and not re.search("周?岁", match[0]):
                continue
            before = rest[: match.start()]
            rest = before + "□" * len(match[0]) + rest[match.end() :]
            number = _int(said.get("a") or said.get("b"))
            low, high = _bounds(shape, said, number, refused)
            sex = re.search("[男女](?=[^男女]*$)", before)
            if low is not None or high is not None:
                yield Age(low, high, sex[0] if sex else None, match[0].strip("，、"))


def _bounds(
    shape: str, said: dict[str, str | None], number: int | None, refused: bool
) -> tuple[int | None, int | None]:
    if shape == "range":
        low, high = _int(said["low"]), _int(said["high"])
        if low is not None and low < _YOUNGEST_MEANT:
            return None, None
        return (
            (low, high)
            if low is not None and high is not None and low < high and not refused
            else (None, None)
        )
    if number is None or not _YOUNGEST_MEANT <= number < 100:
        return None, None
    if shape == "about":
        return number, number
    if shape == "bare":
        return None, None
    below = shape in ("upper", "under")
    if refused:  # those below are refused: a lower bound, and the other way round
        return (number, None) if below else (None, number)
    if shape == "under":
        return 0, number
    return (None, number) if below else (number, None)


def ages(posts: pl.DataFrame, texts: Texts) -> pl.DataFrame:
    """Every age condition: post, low, high, sex, phrase; from texts that speak of age and the columns of bounds."""
    spoken = texts.distinct.filter(pl.col("text").str.contains("岁|年龄|^[^a-z]{0,4}[0-9]{2}"))
    said = texts.said.with_columns(
        pl.when(pl.col("column").cast(pl.String) == "age_required").then(pl.lit("bare"))
        .when(pl.col("column").cast(pl.String).is_in(_FREE_FIELDS)).then(pl.lit("asked"))
        .otherwise(pl.lit("any")).alias("how")
    )  # fmt: skip
    each = (
        said.join(spoken.select("id", "text"), on="id")
        .select("id", "how", "text")
        .unique(maintain_order=True)
    )
    lines = [
        (number, how, age.low, age.high, age.sex, age.phrase)
        for number, how, text in each.iter_rows()
        for age in read(text, bare=how == "bare", asked=how == "asked")
    ]
    table = pl.DataFrame(
        lines,
        schema={
            "id": pl.UInt32,
            "how": pl.String,
            "low": pl.Int64,
            "high": pl.Int64,
            "sex": pl.String,
            "phrase": pl.String,
        },
        orient="row",
    )
    written = said.join(table, on=["id", "how"]).select("post", "low", "high", "sex", "phrase")
    bounds = posts.select("post", pl.col("age_min").alias("low"), pl.col("age_max").alias("high")).filter(
        pl.col("low").is_between(1, 99) | pl.col("high").is_between(1, 99)
    )
    number = [pl.col(c).cast(pl.String).fill_null("") for c in ("low", "high")]
    typed = bounds.select(
        "post", "low", "high", pl.lit(None, dtype=pl.String).alias("sex"),
        pl.concat_str(number[0], pl.lit("-"), number[1], pl.lit("岁")).alias("phrase"),
    )  # fmt: skip
    return pl.concat([written, typed])


def under_age(rule: PostRule, found: pl.DataFrame) -> pl.DataFrame:
    """Posts open to children under the rule's age: HITS."""
    youngest = int(rule.parameters["age"])
    below = pl.col("low").is_null() & (pl.col("high") <= youngest)
    return _hits(rule, found.filter((pl.col("low") < youngest) | below), "no")


def age_limit(rule: PostRule, found: pl.DataFrame, youngest: int) -> pl.DataFrame:
    """Posts whose age condition shuts out people of working age: HITS. What is refused for children is not warned of."""
    lowest, man, woman = (int(rule.parameters[n]) for n in ("low", "high_man", "high_woman"))
    highest = pl.when(pl.col("sex") == "女").then(woman).otherwise(man)
    limit = (pl.col("high") < highest) | (pl.col("low") > lowest)
    children = (pl.col("low") < youngest) | (pl.col("low").is_null() & (pl.col("high") <= youngest))
    return _hits(rule, found.filter(~children.fill_null(False) & limit.fill_null(False)), "warn")


def _hits(rule: PostRule, found: pl.DataFrame, outcome: str) -> pl.DataFrame:
    one = found.unique("post", keep="first", maintain_order=True)
    return one.select(
        "post", pl.lit(rule.rule).alias("rule"), pl.lit(outcome).alias("outcome"), "phrase"
    ).select([pl.col(c).cast(t) for c, t in HITS.items()])
