"""What a post leaves out, who may publish it, whether it can be reached, is old, or is there twice."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from chunfeng.engines.identity.text import PLACEHOLDERS
from chunfeng.engines.screening.book import PostRule
from chunfeng.engines.screening.texts import HITS, Texts
from chunfeng.engines.screening.texts import hits as text_hits
from chunfeng.engines.screening.writing import normal

_LABELS = {
    "work_place": "工作地点", "headcount": "招聘人数", "work_content": "工作内容", "employment_form": "用工类型",
    "work_conditions": "工作条件", "pay": "劳动报酬",
}  # fmt: skip
_OLD_NUMBER = r"^[0-9]{13,15}$"
"""A registration number from before 2015."""


def _hits(rule: PostRule, found: pl.DataFrame, outcome: pl.Expr, phrase: pl.Expr) -> pl.DataFrame:
    table = found.select("post", outcome.alias("outcome"), phrase.alias("phrase")).drop_nulls("outcome")
    table = table.with_columns(pl.lit(rule.rule).alias("rule"))
    return table.select([pl.col(c).cast(t) for c, t in HITS.items()])


def _stated(column: str) -> pl.Expr:
    said = normal(pl.col(column))
    return said.is_not_null() & ~said.is_in([*PLACEHOLDERS, ""])


def missing(rule: PostRule, posts: pl.DataFrame, texts: Texts) -> pl.DataFrame:
    """An element left out is refused; one put without a figure is a question.

    One the whole list has no column for is looked for in the post's other texts, and else is a question.
    """
    column = rule.parameters["columns"][0]
    said = _stated(column)
    listed = pl.col(f"{column}_listed").fill_null(False)
    raw = f"{column}_raw"
    written = normal(pl.coalesce(raw, column)) if raw in posts.columns else normal(pl.col(column))
    vague = rule.parameters.get("review")
    if raw in posts.columns:
        said = said | (_stated(raw) & ~pl.col(raw).is_null())
    words = written.str.contains(vague) if vague else pl.lit(False)
    elsewhere = rule.parameters.get("elsewhere")
    told = pl.col("whole").str.contains(elsewhere).fill_null(False) if elsewhere else pl.lit(False)
    posts = posts.join(texts.whole, on="post", how="left", maintain_order="left")
    outcome = (
        pl.when(said & words).then(pl.lit("review"))
        .when(said | (~listed & told)).then(None)
        .when(listed).then(pl.lit("no"))
        .otherwise(pl.lit("review"))
    )  # fmt: skip
    label = _LABELS[column]
    phrase = (
        pl.when(said & words).then(written)
        .when(listed).then(pl.lit(f"缺{label}"))
        .otherwise(pl.lit(f"名单没有“{label}”一栏"))
    )  # fmt: skip
    return _hits(rule, posts, outcome, phrase)


def no_licence(rule: PostRule, posts: pl.DataFrame) -> pl.DataFrame:
    """No licence shown, or one that is cancelled."""
    raw = pl.col("credit_code_raw")
    nothing = pl.col("credit_code").is_null() & (
        pl.col("credit_code_kind").is_null() | (pl.col("credit_code_kind") == "placeholder")
    )
    outcome = (
        pl.when(pl.col("closed").is_not_null()).then(pl.lit("no"))
        .when(~nothing).then(None)
        .when(pl.col("credit_code_listed").fill_null(False)).then(pl.lit("no"))
        .when(~pl.col("known").fill_null(False)).then(pl.lit("review"))
    )  # fmt: skip
    phrase = (
        pl.when(pl.col("closed").is_not_null()).then(pl.concat_str(pl.lit("市监登记状态："), "closed"))
        .when(~pl.col("credit_code_listed").fill_null(False)).then(pl.lit("名单没有信用代码一栏，也未在其他名单查到"))
        .when(raw.is_not_null()).then(pl.concat_str(pl.lit("信用代码栏写“"), raw, pl.lit("”")))
        .otherwise(pl.lit("未填信用代码"))
    )  # fmt: skip
    return _hits(rule, posts, outcome, phrase)


def bad_code(rule: PostRule, posts: pl.DataFrame) -> pl.DataFrame:
    """A credit code that fails its check, is of an older kind, or is another's."""
    kind, raw = pl.col("credit_code_kind"), pl.col("credit_code_raw").fill_null("")
    old = (kind == "org_code9") | ((kind == "not_code") & raw.str.contains(_OLD_NUMBER))
    borrowed = pl.col("borrowed").fill_null(False)
    outcome = (
        pl.when(old).then(pl.lit("review"))
        .when(kind.is_in(["bad_check", "not_code"])).then(pl.lit("no"))
        .when(borrowed).then(pl.lit("review"))
    )  # fmt: skip
    phrase = (
        pl.when(old).then(pl.concat_str(pl.lit("旧登记号"), raw))
        .when(borrowed).then(pl.concat_str("credit_code", pl.lit("多处登记为别的单位")))
        .otherwise(pl.concat_str(pl.lit("信用代码校验不通过："), raw))
    )  # fmt: skip
    return _hits(rule, posts, outcome, phrase)


def blacklist(rule: PostRule, posts: pl.DataFrame) -> pl.DataFrame:
    """An employer on the list for wage arrears; a question where it is not certain to be that one."""
    listed = pl.col("blacklisted").fill_null(False)
    outcome = (
        pl.when(listed & pl.col("sure").fill_null(True))
        .then(pl.lit("no"))
        .when(listed)
        .then(pl.lit("review"))
    )
    since = pl.col("listed_on").dt.strftime("%Y-%m-%d")
    told = (
        pl.when(since.is_not_null())
        .then(pl.concat_str(pl.lit("（"), since, pl.lit("列入）")))
        .otherwise(pl.lit(""))
    )
    return _hits(rule, posts, outcome, pl.concat_str(pl.lit("在欠薪失信名单"), told))


def private_contact(rule: PostRule, posts: pl.DataFrame, texts: Texts) -> pl.DataFrame:
    """Only a private account is given; or the text says that nothing else is answered."""
    reach = pl.any_horizontal(
        [pl.col(c).is_not_null() for c in ("phone", "phone_2", "phone_landline", "email")]
    )
    text = normal(pl.concat_str("contact", "remark", "other", separator="；", ignore_nulls=True))
    account = text.str.contains(rule.parameters["accounts"])
    only = _hits(
        rule, posts, pl.when(~reach & account).then(pl.lit("no")), pl.coalesce("contact", "remark", "other").str.slice(0, 60)
    )  # fmt: skip
    spoken = text_hits(rule, texts)
    return pl.concat([only, spoken.join(only, on="post", how="anti")])


def stale(rule: PostRule, posts: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Posted too long ago, past its last day, or said to be over."""
    oldest = as_of - timedelta(days=int(rule.parameters["days"]))
    old, past = pl.col("posted_on") < oldest, pl.col("valid_until") < as_of
    over = normal(pl.col("vacancy_state")).str.contains(rule.parameters["ended"])
    over = over & ~normal(pl.col("vacancy_state")).str.contains("未|没")
    phrase = (
        pl.when(over.fill_null(False)).then("vacancy_state")
        .when(past.fill_null(False)).then(pl.concat_str(pl.lit("有效期至"), pl.col("valid_until").dt.strftime("%Y-%m-%d")))
        .otherwise(pl.concat_str(pl.lit("发布于"), pl.col("posted_on").dt.strftime("%Y-%m-%d")))
    )  # fmt: skip
    any_ = pl.any_horizontal(e.fill_null(False) for e in (old, past, over))
    return _hits(rule, posts, pl.when(any_).then(pl.lit("warn")), phrase)


def duplicate(rule: PostRule, posts: pl.DataFrame, pay: pl.DataFrame) -> pl.DataFrame:
    """The same post of the same employer again: same place, pay and conditions; the first stands."""
    whose = pl.coalesce("employer", "employer_name_key", normal(pl.col("employer_name")))
    parts = [
        normal(pl.col(c)).fill_null("")
        for c in ("post_name", "requirements", "employment_form", "work_content")
    ]
    where = pl.coalesce("work_place_region", normal(pl.col("work_place"))).fill_null("")
    figures = [pl.col(c).cast(pl.String).fill_null("") for c in ("low", "high", "base", "unit")]
    figures = [pl.col(c).cast(pl.String).fill_null("") for c in ("low", "high", "base", "unit")]
    paid = pay.select("post", pl.concat_str(figures, separator="|").alias("paid"))
    keyed = posts.join(paid, on="post", how="left").select(
        "post",
        "file",
        "row",
        pl.concat_str([whose, *parts, where, pl.col("paid")], separator="\x1f").alias("key"),
    )
    keyed = keyed.drop_nulls("key").sort("post")
    again = keyed.filter(pl.int_range(pl.len()).over("key") > 0)
    first = keyed.unique("key", keep="first", maintain_order=True).select(
        "key", first_file="file", first_row="row"
    )
    again = again.join(first, on="key")
    phrase = pl.concat_str(
        pl.lit("同"), "first_file", pl.lit("第"), pl.col("first_row").cast(pl.String), pl.lit("行")
    )
    return _hits(rule, again, pl.lit("warn"), phrase)
