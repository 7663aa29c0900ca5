"""Which of the four clears lists tell of whom, and which services people ask for: read from what a run left, row by row.

A need is clear when somebody was asked and answered, «none» included, or asked by himself: for a seat on the way back to work,
on the telephone, by registering as seeking work, or in the words written down at a visit. What nobody said is not clear.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from chunfeng.apps.desk.models import FourClears
from chunfeng.apps.intake import outcome
from chunfeng.apps.places.bulk import replace
from chunfeng.apps.registry.loading import of_people

ASKED = {"skill": ("skill", "skill_certificate"), "need": ("service_need", "training_wish")}
"""Clear → fields that answer it. An answer that says «none» is an answer: its cell is kept as `…__raw`."""
Need = FourClears.Need
_NO_REQUEST = "无关"
"""Topic of calls that ask for nothing."""
_RIDE, _SIGN_UP = "accepts_charter", "travel_demand"
"""The field that asks whether a seat is wanted, and the kind of list that one signs up on for one."""
_UNDECIDED = "undecided"
_FACTS = "facts_wide/persons.parquet"
_SAID = dict.fromkeys(outcome.ROW, pl.String) | {
    "row": pl.Int64,
    "skill": pl.Boolean,
    "need": pl.Boolean,
    "service": pl.String,
}


def load(county: str, out: Path) -> dict[str, int]:
    """Replace the county's rows by what OUT tells."""
    counts = replace(FourClears, of_people(county, out, known(out)), {"county": county}, ["person_id"])
    return {f"clears.{what}": n for what, n in counts.items()}


def known(out: Path) -> pl.DataFrame:
    """(person, visited, intention, skill, need, services) of everybody of whom one of them is true."""
    facts = pl.read_parquet(out / _FACTS, columns=["person", "visited", "intention", "job_seeking"]).select(
        "person",
        pl.col("visited").fill_null(False),
        (pl.col("intention") != _UNDECIDED).fill_null(False).alias("intention"),
        pl.col("job_seeking").fill_null(False),
    )
    seeking = facts.filter("job_seeking").select(
        "person", skill=pl.lit(False), need=pl.lit(True), service=pl.lit(str(Need.JOB))
    )
    told = (
        pl.concat([_told(out), seeking])
        .group_by("person")
        .agg(pl.col("skill", "need").any(), pl.col("service").drop_nulls().unique().sort().alias("services"))
    )
    both = facts.drop("job_seeking").join(told, on="person", how="left")
    both = both.with_columns(
        pl.col(*ASKED).fill_null(False), pl.col("services").fill_null(pl.lit([], pl.List(pl.String)))
    )
    return both.filter(pl.any_horizontal("visited", "intention", *ASKED))


def _told(out: Path) -> pl.DataFrame:
    """(person, skill, need, service): what single rows tell of the persons they were linked to."""
    rows = pl.concat(
        part.with_columns(pl.col("row").cast(pl.Int64), pl.col("sheet").fill_null("")).select(
            pl.col(name).cast(dtype) for name, dtype in _SAID.items()
        )
        for part in (pl.DataFrame(schema=_SAID), *_asked(out), *_asked_for(out))
    )
    links = outcome.table(out, "links").select(*outcome.ROW, "person").drop_nulls("person")
    links = links.with_columns(pl.col("sheet").fill_null(""))
    return rows.join(links, on=list(outcome.ROW), how="inner").select("person", "skill", "need", "service")


def _asked(out: Path) -> Iterator[pl.DataFrame]:
    """Cells that answer a question of the list."""
    for path in sorted((out / "extracts").glob("*.parquet")):
        columns = set(pl.read_parquet_schema(path))
        asked = {
            clear: [n for field in fields for n in (field, f"{field}__raw") if n in columns]
            for clear, fields in ASKED.items()
        }
        if "file" not in columns:
            continue
        if any(asked.values()):
            frame = pl.read_parquet(
                path, columns=[*outcome.ROW, *{n for names in asked.values() for n in names}]
            )
            answers = [
                (pl.any_horizontal(pl.col(*names).is_not_null()) if names else pl.lit(False)).alias(clear)
                for clear, names in asked.items()
            ]
            wanted = pl.col("service_need").is_not_null() if "service_need" in columns else pl.lit(False)
            service = pl.when(wanted).then(pl.lit(str(Need.SERVICE))).alias("service")
            yield frame.select(*outcome.ROW, *answers, service).filter(pl.any_horizontal(*ASKED))
        if _RIDE in columns:
            frame = pl.read_parquet(path, columns=[*outcome.ROW, "kind", _RIDE])
            signed_up = pl.col("kind") == _SIGN_UP
            wanted = pl.col(_RIDE).fill_null(signed_up)
            answered = frame.filter(signed_up | pl.col(_RIDE).is_not_null())
            yield _services(answered, pl.when(wanted).then(pl.lit(str(Need.RIDE))))


def _asked_for(out: Path) -> Iterator[pl.DataFrame]:
    """What people asked for in their own words: at a visit, on the telephone."""
    said = pl.read_parquet(out / "intentions.parquet")
    answered = said.filter(pl.col("training").is_not_null() | pl.col("refuses_training").fill_null(False))
    yield _services(answered, pl.when(pl.col("training").is_not_null()).then(pl.lit(str(Need.TRAINING))))
    calls = pl.read_parquet(out / "tickets.parquet").filter(pl.col("topic") != _NO_REQUEST)
    yield _services(calls, pl.lit(str(Need.CALL)))


def _services(frame: pl.DataFrame, service: pl.Expr) -> pl.DataFrame:
    return frame.select(*outcome.ROW, skill=pl.lit(False), need=pl.lit(True), service=service)
