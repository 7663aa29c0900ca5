"""Which of the four clears lists tell of whom: read from the extracts of a run, row by row of whatever list asks for them."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from chunfeng.apps.desk.models import FourClears
from chunfeng.apps.intake import outcome
from chunfeng.apps.places.bulk import replace
from chunfeng.apps.registry.loading import of_people

ASKED = {"skill": ("skill", "skill_certificate"), "need": ("service_need", "training_wish")}
"""Clear → fields that answer it. An answer that says «none» is an answer: its cell is kept as `…__raw`."""
_UNDECIDED = "undecided"
_FACTS = "facts_wide/persons.parquet"


def load(county: str, out: Path) -> dict[str, int]:
    """Replace the county's rows by what OUT tells."""
    counts = replace(FourClears, of_people(county, out, known(out)), {"county": county}, ["person_id"])
    return {f"clears.{what}": n for what, n in counts.items()}


def known(out: Path) -> pl.DataFrame:
    """(person, visited, intention, skill, need) of everybody of whom one of them is true."""
    facts = pl.read_parquet(out / _FACTS, columns=["person", "visited", "intention"]).select(
        "person",
        pl.col("visited").fill_null(False),
        (pl.col("intention") != _UNDECIDED).fill_null(False).alias("intention"),
    )
    told = _told(out)
    both = facts.join(told, on="person", how="left").with_columns(pl.col(*ASKED).fill_null(False))
    return both.filter(pl.any_horizontal("visited", "intention", *ASKED))


def _told(out: Path) -> pl.DataFrame:
    """(person, skill, need): whether any row of a person answers."""
    rows = [
        pl.DataFrame(
            schema=dict.fromkeys(("file", "sheet"), pl.String)
            | {"row": pl.Int64}
            | dict.fromkeys(ASKED, pl.Boolean)
        )
    ]
    for path in sorted((out / "extracts").glob("*.parquet")):
        columns = set(pl.read_parquet_schema(path))
        asked = {
            clear: [n for field in fields for n in (field, f"{field}__raw") if n in columns]
            for clear, fields in ASKED.items()
        }
        wanted = [name for names in asked.values() for name in names]
        if not wanted or "file" not in columns:
            continue
        answers = [
            (pl.any_horizontal(pl.col(*names).is_not_null()) if names else pl.lit(False)).alias(clear)
            for clear, names in asked.items()
        ]
        frame = pl.read_parquet(path, columns=[*outcome.ROW, *wanted])
        rows.append(
            frame.select("file", "sheet", pl.col("row").cast(pl.Int64), *answers).filter(
                pl.any_horizontal(*ASKED)
            )
        )
    links = outcome.table(out, "links").select(*outcome.ROW, "person").drop_nulls("person")
    joined = pl.concat(rows).join(links, on=list(outcome.ROW), how="inner", nulls_equal=True)
    return joined.group_by("person").agg(pl.col(*ASKED).any())
