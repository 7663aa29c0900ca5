"""What the texts of a post say against a rule: expressions over distinct texts, innocent uses taken out first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from chunfeng.engines.screening.book import TEXTS, Pattern, PostRule
from chunfeng.engines.screening.writing import normal

HITS: dict[str, pl.DataType | type[pl.DataType]] = {
    "post": pl.UInt32, "rule": pl.String, "outcome": pl.String, "phrase": pl.String,
}  # fmt: skip
"""`post` the row's index in the table of posts; `outcome` no, review or warn; `phrase` the words it rests on."""

MASK = "□"
"""Stands for an innocent use: no word of any rule."""
_EDGE = "，；。！？、（）/："
_STOPS = "，；。！？"
_AROUND = 20
"""Characters told on either side of the words that matched."""
_SEPARATOR = f"[{_EDGE}.+]"


@dataclass(frozen=True, slots=True)
class Texts:
    """`said`: post, column, id; `distinct`: id, text, spaced (blanks as separators); `whole`: post, all
    its text but for what describes the employer."""

    said: pl.DataFrame
    distinct: pl.DataFrame
    whole: pl.DataFrame


def texts_of(posts: pl.DataFrame) -> Texts:
    """The texts of a table of posts (with column `post`), each distinct one once."""
    long = (
        posts.select("post", *TEXTS)
        .unpivot(index="post", variable_name="column", value_name="raw")
        .drop_nulls("raw")
    )
    distinct = long.select("raw").unique(maintain_order=True).with_row_index("id")
    distinct = distinct.with_columns(
        normal(pl.col("raw")).alias("text"), normal(pl.col("raw"), "，").alias("spaced")
    )
    said = long.join(distinct.select("raw", "id"), on="raw").select("post", "column", "id")
    said = said.with_columns(pl.col("column").cast(pl.Enum(TEXTS))).sort("post", "column")
    whole = (
        said.filter(~pl.col("column").cast(pl.String).is_in(["employer_profile", "contact"]))
        .join(distinct.select("id", "text"), on="id", maintain_order="left")
        .group_by("post", maintain_order=True).agg(pl.col("text").str.join("；").alias("whole"))
    )  # fmt: skip
    return Texts(said, distinct.select("id", "text", "spaced"), whole)


def masked(texts: pl.Expr, rule: PostRule) -> pl.Expr:
    """The text with every innocent use of the rule taken out."""
    for said in rule.unless:
        texts = texts.str.replace_all(said, MASK)
    return texts


def hits(rule: PostRule, texts: Texts) -> pl.DataFrame:
    """What the texts say against one rule: at most one line per post, HITS."""
    table = texts.distinct.select(
        "id",
        "text",
        masked(pl.col("text"), rule).alias("bare"),
        masked(pl.col("spaced"), rule).alias("spaced"),
    )
    outcome = "warn" if rule.level == "warn" else "no"
    found = [pl.DataFrame(schema=_FOUND)]
    groups = (
        ("always", rule.always, "text"),
        ("patterns", rule.patterns, "bare"),
        ("alone", rule.alone, "spaced"),
    )
    for name, patterns, column in groups:
        for not_in, group in _by_columns(patterns).items():
            said = [_alone(p.say) if name == "alone" else p.say for p in group]
            found.append(
                _matches(table, texts, column, said, not_in=not_in).with_columns(
                    pl.lit(outcome).alias("outcome")
                )
            )
    for column, own in rule.columns.items():
        others = tuple(c for c in TEXTS if c != column)
        found.append(
            _matches(table, texts, "bare", own, not_in=others).with_columns(pl.lit(outcome).alias("outcome"))
        )
    refused = _first(pl.concat([f.select(*_FOUND) for f in found]))
    if rule.review_if and refused.height:
        refused = _questioned(refused, rule.review_if, texts)
    asked = _reviews(rule, table, texts).join(refused, on="post", how="anti")
    whole = pl.concat([refused, asked]).with_columns(pl.lit(rule.rule).alias("rule"))
    return whole.select([pl.col(c).cast(t) for c, t in HITS.items()])


_FOUND: dict[str, pl.DataType | type[pl.DataType]] = {
    "post": pl.UInt32, "column": pl.Enum(TEXTS), "outcome": pl.String, "phrase": pl.String,
}  # fmt: skip


def _by_columns(patterns: Sequence[Pattern]) -> dict[tuple[str, ...], list[Pattern]]:
    groups: dict[tuple[str, ...], list[Pattern]] = {}
    for pattern in patterns:
        groups.setdefault(pattern.not_in, []).append(pattern)
    return groups


def _alone(say: str) -> str:
    return f"(?:^|{_SEPARATOR})(?:{say})(?:$|{_SEPARATOR})"


def _matches(
    table: pl.DataFrame, texts: Texts, column: str, patterns: Sequence[str], *, not_in: Sequence[str] = ()
) -> pl.DataFrame:
    """Posts with the first of the patterns that their texts match: post, column, phrase."""
    if not patterns:
        return pl.DataFrame(schema=_FOUND).drop("outcome")
    phrase = pl.coalesce([pl.col(column).str.extract(f"({said})") for said in patterns])
    of_text = table.select("id", "text", phrase.str.strip_chars(_EDGE + MASK).alias("phrase")).drop_nulls(
        "phrase"
    )
    of_text = of_text.select("id", _clause().alias("phrase"))
    rows = texts.said.filter(~pl.col("column").cast(pl.String).is_in(list(not_in))) if not_in else texts.said
    return rows.join(of_text, on="id").select("post", "column", "phrase")


def _clause() -> pl.Expr:
    """The clause of `text` in which `phrase` stands, as written; the phrase itself where an innocent use splits it."""
    parts = pl.col("text").str.splitn(pl.col("phrase"), 2)
    before = parts.struct.field("field_0").str.extract(f"([^{_STOPS}]{{0,{_AROUND}}})$")
    after = parts.struct.field("field_1").str.extract(f"^([^{_STOPS}]{{0,{_AROUND}}})")
    return (
        pl.when(parts.struct.field("field_1").is_null())
        .then("phrase")
        .otherwise(pl.concat_str(before, "phrase", after))
    )


def _first(found: pl.DataFrame) -> pl.DataFrame:
    """Per post the first: what is said in the earlier column, the longer phrase."""
    ranked = found.sort("post", "column", pl.col("phrase").str.len_chars(), descending=[False, False, True])
    return ranked.unique("post", keep="first", maintain_order=True).select("post", "outcome", "phrase")


def _questioned(refused: pl.DataFrame, reasons: Sequence[Pattern], texts: Texts) -> pl.DataFrame:
    """Refusals in posts whose text gives a reason that may allow them are for a human."""
    why = pl.coalesce(
        [pl.when(pl.col("whole").str.contains(p.say)).then(pl.lit(p.because or "")) for p in reasons]
    )
    told = refused.join(texts.whole, on="post", how="left").with_columns(why.alias("why"))
    asked = pl.col("why").is_not_null()
    return told.select(
        "post",
        pl.when(asked).then(pl.lit("review")).otherwise("outcome").alias("outcome"),
        pl.when(asked).then(_because(pl.col("why"))).otherwise("phrase").alias("phrase"),
    )


def _because(why: pl.Expr) -> pl.Expr:
    told = pl.concat_str("phrase", pl.lit("（"), why, pl.lit("）"))
    return pl.when(why.fill_null("") == "").then(pl.col("phrase")).otherwise(told)


def _reviews(rule: PostRule, table: pl.DataFrame, texts: Texts) -> pl.DataFrame:
    """What by itself only a human can judge."""
    found = [pl.DataFrame(schema=_FOUND)]
    for pattern in rule.review:
        one = _matches(table, texts, "bare", [pattern.say], not_in=pattern.not_in)
        one = one.with_columns(
            _because(pl.lit(pattern.because or "")).alias("phrase"), pl.lit("review").alias("outcome")
        )
        found.append(one.select(*_FOUND))
    asked = _first(pl.concat(found))
    for spared in rule.review_spared_if:
        innocent = texts.whole.filter(pl.col("whole").str.contains(spared))
        asked = asked.join(innocent, on="post", how="anti")
    return asked
