"""Stage 2, linkage: extracts become persons with lasting numbers; who was linked how, and what a human must look at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from chunfeng.engines.identity import citizen_ids
from chunfeng.engines.linkage import decisions as human
from chunfeng.engines.linkage import numbers
from chunfeng.engines.linkage.claims import all_claims
from chunfeng.engines.linkage.link import Links, link
from chunfeng.engines.linkage.waterfall import in_words
from chunfeng.pipeline.outputs import whole, write_csv

LINKS = ("file", "sheet", "row", "person", "lane", "score")
REVIEW = (
    "group", "file", "sheet", "row", "name", "rank", "person", "person_name", "score", "ahead", "why", "fingerprint",
)  # fmt: skip
Tokens = Callable[[pl.Series], pl.Series]
"""Makes the keyed token of each 18-character id."""


@dataclass(frozen=True, slots=True)
class Registry:
    """What the stage found: claims, links by claim with their number, pairs for review, counts for run.json."""

    claims: pl.DataFrame
    numbered: pl.DataFrame
    links: Links
    counts: dict[str, Any]


def run(
    out: Path,
    state: Path | None,
    as_of: date,
    tokens: Mapping[str, Tokens],
    extracts: list[pl.DataFrame] | None = None,
) -> Registry:
    """Link the extracts in `out`; write links.csv and review.csv there; numbers and history into `state`, if given."""
    tables = extracts if extracts is not None else read_extracts(out)
    claims = all_claims(tables, as_of)
    known = load_known(state)
    decided = load_decisions(state)
    by_token = token_pairs(claims, tokens)
    links = link(claims, by_token, human.forbidden_pairs(decided, claims, known))
    numbered, known_now = numbers.number(claims, links.assigned, known, as_of)
    final = human.apply(decided, claims, numbered)
    write_csv(links_table(claims, final), out / "links.csv")
    write_csv(review_table(claims, links, final), out / "review.csv")
    if state is not None:
        save_known(state, known_now)
    return Registry(claims, final, links, _counts(claims, final, links, decided))


def read_extracts(out: Path) -> list[pl.DataFrame]:
    """All extracts of a run, in order of their names."""
    return [pl.read_parquet(p) for p in sorted((out / "extracts").glob("*.parquet"))]


def load_known(state: Path | None) -> numbers.Known:
    """Numbers and assignments of earlier runs; nothing without a state folder."""
    if state is None or not (state / "numbers.parquet").is_file():
        return numbers.nothing_known()
    return numbers.Known(
        pl.read_parquet(state / "numbers.parquet"), pl.read_parquet(state / "assignments.parquet")
    )


def save_known(state: Path, known: numbers.Known) -> None:
    """Keep numbers and assignments; the numbers last, since assignments without them would be orphans."""
    for name, table in (("assignments", known.assignments), ("numbers", known.numbers)):
        with whole(state / f"{name}.parquet") as part:
            table.write_parquet(part)


def load_decisions(state: Path | None) -> pl.DataFrame:
    """STATE/decisions.csv, checked; empty without one. Raises DecisionError for a line that cannot be used."""
    path = state / "decisions.csv" if state is not None else None
    if path is None or not path.is_file():
        return pl.DataFrame(schema=human.SCHEMA)
    return human.check(pl.read_csv(path, infer_schema=False))


def token_pairs(claims: pl.DataFrame, tokens: Mapping[str, Tokens]) -> pl.DataFrame:
    """(claim, person): claims whose token is that of a verified id, under any of the keys given."""
    none = pl.DataFrame(schema={"claim": pl.UInt32, "person": pl.Int64})
    held = claims.filter(pl.col("token").is_not_null()).select("claim", "token")
    if held.height == 0 or not tokens:
        return none
    persons = (
        claims.filter(pl.col("id17").is_not_null())
        .select(pl.col("id17").alias("person"))
        .unique()
        .sort("person")
    )
    ids = pl.Series("id18", [citizen_ids.id18_of(p) for p in persons["person"]], dtype=pl.String)
    found = [
        held.join(persons.with_columns(make(ids).alias("token")), on="token").select("claim", "person")
        for make in tokens.values()
    ]
    return pl.concat([none, *found]).unique("claim", keep="first", maintain_order=True)


def links_table(claims: pl.DataFrame, numbered: pl.DataFrame) -> pl.DataFrame:
    """links.csv: every person row of every file; person blank where it could not be linked."""
    joined = (
        claims.select("claim", "file", "sheet", "row").join(numbered, on="claim", how="left").sort("claim")
    )
    return joined.select(
        "file",
        "sheet",
        "row",
        pl.col("number").alias("person"),
        pl.col("lane").fill_null("none").alias("lane"),
        pl.col("bits").round(2).alias("score"),
    )


def review_table(claims: pl.DataFrame, links: Links, numbered: pl.DataFrame) -> pl.DataFrame:
    """review.csv: what only a human can tell, rows of one household or village together, the score in words."""
    if links.review.height == 0:
        return pl.DataFrame(schema=dict.fromkeys(REVIEW, pl.String))
    number = numbered.select("person", pl.col("number").alias("candidate")).unique(
        "person", keep="first", maintain_order=True
    )
    called = links.persons.names.sort("person", "name").unique("person", keep="first", maintain_order=True)
    marks = numbers.fingerprints(claims).select("claim", "fingerprint")
    scored = links.review.with_columns(in_words(links.review).alias("why"))
    joined = (
        scored.join(
            claims.select(
                "claim", "file", "sheet", "row", "name", "household", pl.col("region").alias("place")
            ),
            on="claim",
        )
        .join(number, on="person", how="left")
        .join(called.select("person", pl.col("name").alias("person_name")), on="person", how="left")
        .join(marks, on="claim")
    )
    group = pl.coalesce(pl.col("household").str.replace_all("\x1f", " "), "place")
    return joined.sort("place", "household", "claim", "rank", nulls_last=True).select(
        group.alias("group"),
        "file",
        "sheet",
        "row",
        "name",
        (pl.col("rank") + 1).alias("rank"),
        pl.col("candidate").alias("person"),
        "person_name",
        (pl.col("bits").round(1) + 0.0).alias("score"),
        (pl.col("bits") - pl.col("next_bits")).round(1).alias("ahead"),
        "why",
        "fingerprint",
    )


def _counts(
    claims: pl.DataFrame, numbered: pl.DataFrame, links: Links, decided: pl.DataFrame
) -> dict[str, Any]:
    lanes = dict(numbered["lane"].value_counts(sort=True).sort("lane").iter_rows())
    return {
        "claims": claims.height,
        "persons": numbered["number"].n_unique(),
        "persons_without_id": numbered.filter(pl.col("person") < 0)["number"].n_unique(),
        "lanes": lanes | {"none": claims.height - numbered.height},
        "review_rows": links.review["claim"].n_unique() if links.review.height else 0,
        "decisions": decided.height,
    }
