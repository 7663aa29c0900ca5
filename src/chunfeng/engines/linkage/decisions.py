"""What humans decided: confirmed and forbidden links and splits. They come last and nothing overrides them.

A decision names a row by its fingerprint (so that it holds in next month's list, too) and a person by number. Taking a
decision back is deleting it: the next run gives what it would have given without it.
"""

from __future__ import annotations

import polars as pl

from chunfeng.engines.linkage.numbers import PREFIX, Known, fingerprints

SCHEMA = {
    "action": pl.String,
    "fingerprint": pl.String,
    "person": pl.String,
    "by": pl.String,
    "on": pl.String,
    "reason": pl.String,
}
CORRECTIONS = "staff_corrections"
"""Kind of the rows in which staff put right what lists say of a person: such a row alone makes nobody."""
ACTIONS = ("confirm", "forbid", "split")
"""confirm: the row is that person. forbid: never that person. split: the row is a person of its own, never that one."""


class DecisionError(ValueError):
    """A decision that cannot be used; the message says which line and why, Chinese first."""


def check(decisions: pl.DataFrame) -> pl.DataFrame:
    """The decisions in SCHEMA, duplicates dropped. Raises DecisionError for unknown actions, missing parts, contradictions."""
    missing = [c for c in SCHEMA if c not in decisions.columns]
    if missing:
        raise DecisionError(f"决定表缺少列 {'、'.join(missing)} / columns are missing")
    table = decisions.select([pl.col(c).cast(pl.String).str.strip_chars() for c in SCHEMA]).unique(
        maintain_order=True
    )
    for line, row in enumerate(table.iter_rows(named=True), start=2):
        if row["action"] not in ACTIONS:
            raise DecisionError(
                f"第{line}行：没有这种决定 {row['action']}，可用 {'、'.join(ACTIONS)} / unknown action"
            )
        if not all(row[c] for c in ("fingerprint", "person", "by", "on", "reason")):
            raise DecisionError(
                f"第{line}行：行标识、人员编号、决定人、日期、理由都要填 / something is missing"
            )
    confirmed = table.filter(pl.col("action") == "confirm").unique(["fingerprint", "person"])
    if confirmed["fingerprint"].is_duplicated().any():
        raise DecisionError("同一行被确认给两个人 / one row is confirmed for two persons")
    both = confirmed.join(
        table.filter(pl.col("action") != "confirm"), on=["fingerprint", "person"], how="semi"
    )
    if both.height:
        raise DecisionError(
            f"{both['fingerprint'][0]} 与 {both['person'][0]} 既被确认又被禁止 / confirmed and forbidden"
        )
    return table


def forbidden_pairs(decisions: pl.DataFrame, claims: pl.DataFrame, known: Known) -> pl.DataFrame:
    """(claim, person) that may never be linked, for persons with a verified id: what `link` must not do."""
    never = decisions.filter(pl.col("action") != "confirm").select(
        "fingerprint", pl.col("person").alias("number")
    )
    if never.height == 0:
        return pl.DataFrame(schema={"claim": pl.UInt32, "person": pl.Int64})
    ids = known.numbers.filter(pl.col("id17").is_not_null())
    pairs = fingerprints(claims).join(never, on="fingerprint").join(ids, on="number")
    return pairs.select("claim", pl.col("id17").alias("person")).unique().sort("claim", "person")


def ids_given(decisions: pl.DataFrame, claims: pl.DataFrame, known: Known) -> pl.DataFrame:
    """number, id17: the verified ids that corrections give to persons known by rows alone.

    None for a number that has an id, and no id that is another number's already: such two are for a human to merge.
    """
    said = claims.filter((pl.col("kind") == CORRECTIONS) & pl.col("id17").is_not_null())
    wanted = _confirmed(decisions, "number")
    with_id = known.numbers.filter(pl.col("id17").is_not_null())
    return (
        fingerprints(said)
        .join(wanted, on="fingerprint")
        .join(said.select("claim", "id17"), on="claim")
        .join(with_id, on="number", how="anti")
        .join(with_id, on="id17", how="anti")
        .sort("claim")
        .unique("number", keep="first", maintain_order=True)
        .unique("id17", keep="first", maintain_order=True)
        .select("number", "id17")
    )


def _confirmed(decisions: pl.DataFrame, person: str) -> pl.DataFrame:
    """fingerprint, and as `person` the number it is confirmed to be."""
    return decisions.filter(pl.col("action") == "confirm").select(
        "fingerprint", pl.col("person").alias(person)
    )


def apply(decisions: pl.DataFrame, claims: pl.DataFrame, numbered: pl.DataFrame) -> pl.DataFrame:
    """`numbered` (claim, person, lane, bits, number) with the decisions carried out; lane `human` where they made the link.

    A split row becomes a person of its own; its number is derived from the decision and so stays. A correction of
    somebody whom no list knows any more (merged away, a split undone, a list taken back) is nobody's.
    """
    if decisions.height == 0:
        return numbered
    marks = fingerprints(claims).select("claim", "fingerprint")
    wanted = _confirmed(decisions, "confirmed")
    confirmed = marks.join(wanted, on="fingerprint").select("claim", "confirmed")
    split = decisions.filter(pl.col("action") == "split").select(
        "fingerprint", (pl.lit(f"{PREFIX}S") + pl.col("fingerprint")).alias("alone")
    )
    alone = marks.join(split.unique("fingerprint"), on="fingerprint").select("claim", "alone")
    never = decisions.filter(pl.col("action") != "confirm").select(
        "fingerprint", pl.col("person").alias("number")
    )
    banned = (
        marks.join(never, on="fingerprint")
        .select("claim", "number")
        .with_columns(pl.lit(True).alias("banned"))
    )
    every = pl.concat([numbered.select("claim"), confirmed.select("claim"), alone.select("claim")]).unique()
    frame = (
        every.join(numbered, on="claim", how="left")
        .join(confirmed, on="claim", how="left")
        .join(alone, on="claim", how="left")
        .join(banned, on=["claim", "number"], how="left")
    )
    corrections = claims.filter(pl.col("kind") == CORRECTIONS).select("claim")
    # a correction that gives an id has led to the person already: by that id it is known (see `ids_given`)
    by_id = pl.col("claim").is_in(corrections["claim"].implode()) & (pl.col("number") == pl.col("confirmed"))
    human = pl.coalesce("confirmed", "alone")
    number = pl.when(human.is_not_null()).then(human).when(pl.col("banned").is_null()).then("number")
    decided = frame.with_columns(
        number.alias("number"),
        pl.when(human.is_not_null() & ~by_id.fill_null(False))
        .then(pl.lit("human"))
        .otherwise("lane")
        .alias("lane"),
    )
    given = decided.filter(pl.col("number").is_not_null())
    listed = given.join(corrections, on="claim", how="anti").select("number").unique()
    idle = given.join(corrections, on="claim", how="semi").join(listed, on="number", how="anti")
    return given.join(idle.select("claim"), on="claim", how="anti").select(numbered.columns).sort("claim")


def undecided(
    decisions: pl.DataFrame, claims: pl.DataFrame, decided: pl.DataFrame, review: pl.DataFrame
) -> pl.DataFrame:
    """`review` (claim, person, rank …) without what is settled: rows given by hand, corrections, and pairs that may never be.

    `decided`: claim, person, lane, number, as `apply` gives it. What is left of a row is ranked anew from 0.
    """
    if decisions.height == 0 or review.height == 0:
        return review
    corrections = claims.filter(pl.col("kind") == CORRECTIONS).select("claim")
    by_hand = pl.concat([decided.filter(pl.col("lane") == "human").select("claim"), corrections])
    never = decisions.filter(pl.col("action") != "confirm").select(
        "fingerprint", pl.col("person").alias("number")
    )
    known = decided.select("person", "number").unique("person", keep="first", maintain_order=True)
    banned = (
        fingerprints(claims.join(review.select("claim").unique(), on="claim", how="semi"))
        .join(never, on="fingerprint")
        .join(known, on="number")
        .select("claim", "person")
    )
    left = review.join(by_hand, on="claim", how="anti").join(banned, on=["claim", "person"], how="anti")
    again = (pl.col("rank").rank("ordinal").over("claim") - 1).cast(review.schema["rank"])
    return left.with_columns(again.alias("rank"))
