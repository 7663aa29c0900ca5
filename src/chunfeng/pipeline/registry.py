"""Stage 2, linkage: extracts become persons with lasting numbers; who was linked how, and what a human must look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from chunfeng.engines.disclosure import tokens
from chunfeng.engines.linkage import decisions as human
from chunfeng.engines.linkage import keyed, numbers
from chunfeng.engines.linkage.link import Links, link
from chunfeng.engines.linkage.waterfall import in_words
from chunfeng.pipeline import kept, persons
from chunfeng.pipeline.outputs import whole, write_csv

LINKS = ("file", "sheet", "row", "person", "lane", "score")
REVIEW = (
    "group", "file", "sheet", "row", "name", "rank", "person", "person_name", "score", "ahead", "why", "fingerprint",
)  # fmt: skip


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
    keys: Mapping[str, bytes],
    extracts: list[pl.DataFrame] | None = None,
    firms: pl.DataFrame | None = None,
) -> Registry:
    """Link the extracts in `out`; write what is known of persons there; numbers and history into `state`, if given.

    `keys`: secrets of lists that came as tokens, by name. `firms`: employers of rows, made here if not given.
    """
    tables = extracts if extracts is not None else read_extracts(out)
    claims = kept.claims_of(tables, out, state, as_of)
    known = load_known(state)
    decided = load_decisions(state)
    by_token = token_pairs(claims, keys)
    yardstick = kept.load_yardstick(state)
    given = human.ids_given(decided, claims, known)
    never = human.forbidden_pairs(decided, claims, numbers.with_ids(known, given))
    links = link(claims, by_token, never, yardstick)
    assigned = pl.concat([links.assigned, keyed_links(tables, claims, links.assigned, keys)]).sort("claim")
    numbered, known_now = numbers.number(claims, assigned, known, as_of, given)
    final = human.apply(decided, claims, numbered)
    links = replace(links, review=human.undecided(decided, claims, final, links.review))
    write_csv(links_table(claims, final), out / "links.csv")
    write_csv(review_table(claims, links, final), out / "review.csv")
    published = persons.publish(
        out, tables, claims, final, links.review, as_of, compared=bool(keys), firms=firms
    )
    if state is not None:
        if links.yardstick is not yardstick:
            kept.save_yardstick(state, links.yardstick)
        save_known(state, known_now)
    return Registry(claims, final, links, _counts(claims, final, links, decided) | published)


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


def token_pairs(claims: pl.DataFrame, keys: Mapping[str, bytes]) -> pl.DataFrame:
    """(claim, person): claims whose token is that of a verified id's 18 characters, under any of the keys given."""
    none = pl.DataFrame(schema={"claim": pl.UInt32, "person": pl.Int64})
    held = claims.filter(pl.col("token").is_not_null()).select("claim", "token")
    if held.height == 0:
        return none
    persons = (
        claims.filter(pl.col("id17").is_not_null())
        .select(pl.col("id17").alias("person"))
        .unique()
        .sort("person")
    )
    found = [
        held.join(persons.with_columns(tokens.token_id18(persons["person"], key).alias("token")), on="token")
        for key in keys.values()
    ]
    return pl.concat([none, *(f.select("claim", "person") for f in found)]).unique(
        "claim", keep="first", maintain_order=True
    )


def keyed_links(
    extracts: list[pl.DataFrame], claims: pl.DataFrame, assigned: pl.DataFrame, keys: Mapping[str, bytes]
) -> pl.DataFrame:
    """Claims of lists that came as several tokens per row (claim, person, lane, bits).

    Under any of the keys given they find persons of the plaintext lists; what is left is joined list to list, which makes
    persons without a number.
    """
    rows = keyed.keyed_rows(extracts)
    if rows.height == 0:
        return pl.DataFrame(schema=assigned.schema)
    where = ["file", "sheet", "row"]
    at = claims.select("claim", *where)
    people = at.join(assigned.select("claim", "person"), on="claim").select(*where, "person")
    plain = [e for e in extracts if e.height and "name" in e.columns and e["kind"][0] != "keyed_list"]
    known = [
        pl.concat(
            [
                e.select(where).with_columns(tokens.tokens_of(tokens.parts_of(e), key)).join(people, on=where)
                for e in plain
            ]
        )
        for key in (keys.values() if plain else ())
    ]
    none = rows.select(where).clear().with_columns(pl.lit(None, dtype=pl.Int64).alias("person"))
    pairs = pl.concat([none, *(keyed.match(rows, of) for of in known)]).unique(
        where, keep="first", maintain_order=True
    )
    held = pl.concat([rows.clear(), *(rows.join(of, on="token_id17", how="semi") for of in known)])
    taken = pl.concat([pairs.select(where), held.select(where)])
    groups = keyed.among(rows, taken).join(at, on=where)
    # counted down from the claims like every person known by rows alone, so no two are the same
    made = groups.select(*where, (-pl.col("claim").cast(pl.Int64).min().over("group") - 1).alias("person"))
    lane = pl.Series("lane", ["token"] * pairs.height + ["token_only"] * made.height, dtype=pl.String)
    found = pl.concat([pairs, made]).with_columns(lane, pl.lit(None, dtype=pl.Float64).alias("bits"))
    return at.join(found, on=where).select("claim", "person", "lane", "bits")


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
    shown = links.assigned.join(links.review.select("person").unique(), on="person", how="semi")
    named = claims.filter(pl.col("name_kind") == "ok").select("claim", "name").join(shown, on="claim")
    called = named.group_by("person").agg(pl.col("name").min().alias("person_name"))
    asked = claims.join(links.review.select("claim"), on="claim", how="semi")
    marks = numbers.fingerprints(asked).select("claim", "fingerprint")
    scored = links.review.with_columns(in_words(links.review).alias("why"))
    joined = (
        scored.join(
            claims.select(
                "claim", "file", "sheet", "row", "name", "household", pl.col("region").alias("place")
            ),
            on="claim",
        )
        .join(number, on="person", how="left")
        .join(called, on="person", how="left")
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
