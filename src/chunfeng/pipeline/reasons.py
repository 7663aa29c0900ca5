"""Why each answer is what it is and what is still missing, for whole tables of answers at once."""

from __future__ import annotations

from datetime import date

import polars as pl

from chunfeng.engines.rules.records import Book, Version
from chunfeng.pipeline.asked import asked_table
from chunfeng.pipeline.doubts import doubts, undecided

MOST = 6
"""Things to bring named in one cell; more are counted."""


def with_reasons(
    book: Book,
    answers: pl.DataFrame,
    wide: pl.DataFrame,
    members: pl.DataFrame,
    provenance: pl.DataFrame,
    as_of: date,
) -> pl.DataFrame:
    """The answers of `decide(…, near=1)` with `reason`, `missing` and `document`, in Chinese, in the order given.

    `wide`: the facts they were decided from, its first column the key; `members`: persons' facts; `provenance`: long (person,
    null for everyone else; fact, presumed, note). Missing of an unknown answer: the facts not known that its open conditions
    ask; of a near miss: what would prove the condition.
    """
    versions = _versions(book, answers)
    asked = asked_table(book, versions, as_of)
    rows = answers.with_row_index("n")
    told = rows.join(_documents(versions), on="version", how="left", maintain_order="left")
    told = told.join(_presumed(rows, asked, provenance), on="n", how="left", maintain_order="left")
    told = told.join(
        _lacking(book, rows, asked, wide, members, provenance, as_of),
        on="n",
        how="left",
        maintain_order="left",
    )
    told = told.join(_proofs(book, rows, asked), on="n", how="left", maintain_order="left")
    failed, open_ = pl.col("failed").list.join("；"), pl.col("open").list.join("；")
    note = (
        pl.when(pl.col("presumed").is_null()).then(pl.lit("")).otherwise("；其中推定：" + pl.col("presumed"))
    )
    yes = "条件全部满足" + note
    also = pl.when(open_ == "").then(pl.lit("")).otherwise("；另无法判定：" + open_)
    reason = (
        pl.when(pl.col("answer") == "yes").then(yes)
        .when(pl.col("answer") == "unknown").then("无法判定：" + open_)
        .otherwise("不满足：" + failed + also)
    )  # fmt: skip
    missing = (
        pl.when(pl.col("answer") == "yes").then(None)
        .when(pl.col("answer") == "unknown").then(pl.coalesce("lacking", open_))
        .otherwise(pl.coalesce("proofs", failed))
    )  # fmt: skip
    return told.with_columns(reason=reason, missing=missing).drop("n", "presumed", "lacking", "proofs")


def _versions(book: Book, answers: pl.DataFrame) -> list[Version]:
    wanted = set(answers["version"].drop_nulls().unique())
    rules = sorted(set(answers["rule"].unique()))
    return [v for rule in rules for v in book.rules[rule].versions if v.version in wanted]


def _documents(versions: list[Version]) -> pl.DataFrame:
    """version → its document with article."""
    named = [(v.version, v.source.document + v.source.article if v.source else "") for v in versions]
    return pl.DataFrame(named, schema={"version": pl.String, "document": pl.String}, orient="row")


def _presumed(rows: pl.DataFrame, asked: pl.DataFrame, provenance: pl.DataFrame) -> pl.DataFrame:
    """n → conditions of a yes that rest on a presumption: they hold because no list says otherwise."""
    if "person" not in rows.columns:
        return pl.DataFrame(schema={"n": pl.UInt32, "presumed": pl.String})
    yes = rows.filter(pl.col("answer") == "yes").select("n", pl.col("person").alias("who"), "version")
    own = asked.filter(~pl.col("members")).select("version", "condition", "fact")
    found = _of_provenance(yes.join(own, on="version"), provenance, "presumed").filter("presumed")
    told = found.group_by("n", maintain_order=True)
    return told.agg(pl.col("condition").unique(maintain_order=True).str.join("、").alias("presumed"))


def _lacking(
    book: Book, rows: pl.DataFrame, asked: pl.DataFrame, wide: pl.DataFrame, members: pl.DataFrame,
    provenance: pl.DataFrame, as_of: date,
) -> pl.DataFrame:  # fmt: skip
    """n → facts not known under the open conditions, with what proves them; of others of the household, too."""
    key = wide.columns[0]
    keys = list(dict.fromkeys([key, *(c for c in ("household",) if c in rows.columns)]))
    opened = rows.filter(pl.col("answer") == "unknown").select("n", *keys, "version", "open").explode("open")
    need_rules = opened.select("n", pl.col(key).alias("who"), "version", "open")
    need = opened.join(asked, left_on=["version", "open"], right_on=["version", "condition"]).unique(
        ["n", "fact", "members"], maintain_order=True
    )
    own = need.filter(~pl.col("members")).select("n", pl.col(key).alias("who"), "fact")
    found = _unknown(book, wide, own)
    if "household" in keys and need["members"].any():
        homes = members.join(need.filter("members").select("household").unique(), on="household", how="semi")
        mates = homes.select(pl.col("person").alias("who"), "household")
        theirs = need.filter("members").join(mates, on="household").select("n", "who", "fact")
        doubtful = doubts(book, need.filter("members"), homes, as_of)
        if doubtful is not None:
            theirs = theirs.join(doubtful, on=["who", "fact"], how="semi", maintain_order="left")
        found = pl.concat([found, _unknown(book, homes, theirs)]).unique(maintain_order=True)
    # what a list says of everyone else explains a gap only where it leaves everyone's fact open
    found = _of_provenance(
        found, provenance.filter((pl.col("truth") == "unknown") | pl.col("person").is_not_null()), "note"
    )
    found = found.join(rows.select("n", pl.col(key).alias("self")), on="n", maintain_order="left")
    evidence = {f.fact: f.evidence for f in book.catalogue.facts.values()}
    what = pl.col("fact").replace_strict(_names(book), default=pl.col("fact"))
    note = pl.when(pl.col("note") != "").then("note")
    proof = pl.coalesce(note, pl.col("fact").replace_strict(evidence, default=""))
    mate = pl.when(pl.col("who") == pl.col("self")).then(pl.lit("")).otherwise("同户" + pl.col("who") + " ")
    told = found.select("n", (mate + what + "（" + proof + "）").alias("text"))
    told = pl.concat([told, undecided(book, need_rules, wide, as_of)])
    if "household" in keys and key != "household":
        alone = (
            need.filter(pl.col("members") & pl.col("household").is_null())
            .select("n")
            .unique(maintain_order=True)
        )
        told = pl.concat([told, alone.with_columns(pl.lit("同户人员（户口簿）").alias("text"))])
    return told.group_by("n", maintain_order=True).agg(_capped(pl.col("text")).alias("lacking"))


def _of_provenance(pairs: pl.DataFrame, provenance: pl.DataFrame, column: str) -> pl.DataFrame:
    """(…, who, fact) with a column of their provenance: of their own line, else of the fact's line for everyone else."""
    lines = provenance.select(pl.col("person").alias("who"), "fact", column)
    # the pairs are few and the lines many: what is not asked for goes before anything is joined
    own = lines.join(pairs.select("who", "fact").unique(), on=["who", "fact"], how="semi")
    own = own.unique(["who", "fact"], maintain_order=True)
    others = lines.filter(pl.col("who").is_null()).drop("who").unique("fact", maintain_order=True)
    found = pairs.join(own, on=["who", "fact"], how="left", maintain_order="left")
    found = found.join(others, on="fact", how="left", suffix="_of_others", maintain_order="left")
    return found.with_columns(pl.coalesce(column, f"{column}_of_others").alias(column)).drop(
        f"{column}_of_others"
    )


def _unknown(book: Book, wide: pl.DataFrame, asked: pl.DataFrame) -> pl.DataFrame:
    """Those asked (n, who, fact) that are not known; a fact without meaning for the row (its guard is no) is not missing."""
    key = wide.columns[0]
    some = wide.join(asked.select(pl.col("who").alias(key)).unique(), on=key, how="semi")
    masks = []
    for fact in sorted(set(asked["fact"].unique())):
        absent = pl.col(fact).is_null() if fact in wide.columns else pl.lit(True)
        guard = book.catalogue.facts[fact].applies_when
        if guard and guard in wide.columns:
            absent = absent & pl.col(guard).fill_null(True)
        masks.append(absent.alias(fact))
    if not masks:
        return asked
    long = some.select(pl.col(key).alias("who"), *masks).unpivot(index="who", variable_name="fact")
    return asked.join(long.filter("value"), on=["who", "fact"], how="semi", maintain_order="left")


def _proofs(book: Book, rows: pl.DataFrame, asked: pl.DataFrame) -> pl.DataFrame:
    """n → the failed condition of a near miss with what would prove the contrary."""
    near = rows.filter(pl.col("answer") == "no").select("n", "version", "failed").explode("failed")
    evidence = {f.fact: f.evidence for f in book.catalogue.facts.values()}
    proof = pl.col("fact").replace_strict(evidence, default="")
    said = (
        asked.with_columns(proof.alias("proof"))
        .filter(pl.col("proof") != "")
        .group_by("version", "condition", maintain_order=True)
        .agg(_capped(pl.col("proof")).alias("proof"))
        .with_columns((pl.col("condition") + "（" + pl.col("proof") + "）").alias("text"))
    )
    found = near.join(said, left_on=["version", "failed"], right_on=["version", "condition"])
    return found.group_by("n", maintain_order=True).agg(pl.col("text").str.join("；").alias("proofs"))


def _capped(text: pl.Expr) -> pl.Expr:
    """The first few distinct texts joined, and how many more there are."""
    distinct = text.drop_nulls().unique(maintain_order=True)
    more = (
        pl.when(distinct.len() > MOST)
        .then("等" + distinct.len().cast(pl.String) + "项")
        .otherwise(pl.lit(""))
    )
    return distinct.head(MOST).str.join("；") + more


def _names(book: Book) -> dict[str, str]:
    return {f.fact: f.name for f in book.catalogue.facts.values()}
