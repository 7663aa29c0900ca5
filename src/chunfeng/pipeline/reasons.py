"""Why each answer is what it is and what is still missing, for whole tables of answers at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

import polars as pl

from chunfeng.engines.rules.records import Book, Version
from chunfeng.engines.rules.runs import decide
from chunfeng.engines.rules.sentences import Phrases
from chunfeng.engines.rules.tree import Among, And, Between, Compare, Holds, Members, Named, Node, children

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


def conditions(book: Book, version: Version, as_of: date) -> list[tuple[str, Node]]:
    """The version's conditions one by one, named as `decide` names them."""
    phrases = Phrases(book, as_of, version.area)
    return [(phrases.say(node), node) for node in book.conditions(version, as_of)]


def asked_facts(
    book: Book, node: Node, as_of: date, members: bool = False, *, into_rules: bool = False
) -> Iterator[tuple[str, bool]]:
    """(fact, of members) for every fact under a condition; other rules in it have reasons of their own, unless `into_rules`."""
    if isinstance(node, Named):
        rule = book.rules[node.name]
        at = next(reversed(rule.on(as_of)), None)
        if at is not None and (into_rules or rule.kind == "definition"):
            yield from asked_facts(book, at.when, as_of, members, into_rules=into_rules)
    elif isinstance(node, Members):
        yield from asked_facts(book, node.part, as_of, True, into_rules=into_rules)
    elif isinstance(node, Holds | Among | Compare | Between):
        yield node.fact, members
    else:
        for child in children(node):
            yield from asked_facts(book, child, as_of, members, into_rules=into_rules)


def _versions(book: Book, answers: pl.DataFrame) -> list[Version]:
    wanted = set(answers["version"].drop_nulls().unique())
    rules = sorted(set(answers["rule"].unique()))
    return [v for rule in rules for v in book.rules[rule].versions if v.version in wanted]


def asked_table(book: Book, versions: Sequence[Version], as_of: date) -> pl.DataFrame:
    """version, condition, fact, members: every fact that a condition of a version asks, of the subject or of its household."""
    rows = [
        (version.version, phrase, fact, members)
        for version in versions
        for phrase, node in conditions(book, version, as_of)
        for fact, members in dict.fromkeys(asked_facts(book, node, as_of))
    ]
    schema = {"version": pl.String, "condition": pl.String, "fact": pl.String, "members": pl.Boolean}
    return pl.DataFrame(rows, schema=schema, orient="row")


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
    need = (
        rows.filter(pl.col("answer") == "unknown")
        .select("n", *keys, "version", "open")
        .explode("open")
        .join(asked, left_on=["version", "open"], right_on=["version", "condition"])
        .unique(["n", "fact", "members"], maintain_order=True)
    )
    own = need.filter(~pl.col("members")).select("n", pl.col(key).alias("who"), "fact")
    found = _unknown(book, wide, own)
    if "household" in keys and need["members"].any():
        homes = members.join(need.filter("members").select("household").unique(), on="household", how="semi")
        mates = homes.select(pl.col("person").alias("who"), "household")
        theirs = need.filter("members").join(mates, on="household").select("n", "who", "fact")
        doubts = _doubts(book, need.filter("members"), homes, as_of)
        if doubts is not None:
            theirs = theirs.join(doubts, on=["who", "fact"], how="semi", maintain_order="left")
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
    if "household" in keys and key != "household":
        alone = (
            need.filter(pl.col("members") & pl.col("household").is_null())
            .select("n")
            .unique(maintain_order=True)
        )
        told = pl.concat([told, alone.with_columns(pl.lit("同户人员（户口簿）").alias("text"))])
    return told.group_by("n", maintain_order=True).agg(_capped(pl.col("text")).alias("lacking"))


def _doubts(book: Book, need: pl.DataFrame, homes: pl.DataFrame, as_of: date) -> pl.DataFrame | None:
    """(who, fact): members who themselves leave one of the open household conditions open, and the facts they leave open.

    None where a condition is not of the form any_member(name AND name …): then every fact not known counts.
    """
    wanted = {(v, c) for v, c in need.select("version", "open").unique().iter_rows()}
    asked: set[tuple[str, ...]] = set()
    for rule in book.rules.values():
        for version in rule.versions:
            if not any(v == version.version for v, _ in wanted):
                continue
            for phrase, node in conditions(book, version, as_of):
                if (version.version, phrase) in wanted:
                    asked |= {_parts_of_any(inner) for inner in _households_in(book, node, as_of)}
    if not asked or () in asked:
        return None
    found = [_open_in(book, homes, list(names), as_of) for names in sorted(asked)]
    return pl.concat(found).unique()


def _households_in(book: Book, node: Node, as_of: date) -> Iterator[Members]:
    """Household functions under a node, through definitions."""
    if isinstance(node, Members):
        yield node
    elif isinstance(node, Named):
        at = next(reversed(book.rules[node.name].on(as_of)), None)
        if at is not None and book.rules[node.name].household:
            yield from _households_in(book, at.when, as_of)
    else:
        for child in children(node):
            yield from _households_in(book, child, as_of)


def _parts_of_any(node: Members) -> tuple[str, ...]:
    """Names that any_member asks together; nothing when it asks in another way."""
    parts = node.part.parts if isinstance(node.part, And) else (node.part,)
    named = tuple(p.name for p in parts if isinstance(p, Named))
    return named if node.how == "any" and len(named) == len(parts) else ()


def _open_in(book: Book, homes: pl.DataFrame, names: list[str], as_of: date) -> pl.DataFrame:
    """(who, fact) of the members for whom none of the names is no and some is unknown."""
    told = decide(book, homes, "person", as_of, rules=names, near=64)
    no = told.filter(pl.col("answer") == "no").select("person").unique()
    open_ = told.filter(pl.col("answer") == "unknown").join(no, on="person", how="anti")
    rows = [
        (name, phrase, fact)
        for name in names
        for version in book.rules[name].on(as_of)
        for phrase, node in conditions(book, version, as_of)
        for fact, _ in dict.fromkeys(asked_facts(book, node, as_of))
    ]
    schema = {"rule": pl.String, "open": pl.String, "fact": pl.String}
    asked = pl.DataFrame(rows, schema=schema, orient="row")
    long = open_.select("person", "rule", "open").explode("open")
    return long.join(asked, on=["rule", "open"]).select(pl.col("person").alias("who"), "fact").unique()


def _of_provenance(pairs: pl.DataFrame, provenance: pl.DataFrame, column: str) -> pl.DataFrame:
    """(…, who, fact) with a column of their provenance: of their own line, else of the fact's line for everyone else."""
    lines = provenance.select(pl.col("person").alias("who"), "fact", column).unique(["who", "fact"])
    own, others = lines.filter(pl.col("who").is_not_null()), lines.filter(pl.col("who").is_null()).drop("who")
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
