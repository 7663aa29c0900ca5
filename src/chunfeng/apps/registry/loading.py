"""Bring what a run found of persons into the registry: persons, their files, rows, households, findings, doubts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from chunfeng.apps.intake import outcome
from chunfeng.apps.intake.models import Run
from chunfeng.apps.places.bulk import BATCH, replace
from chunfeng.apps.places.numbers import place_number
from chunfeng.apps.registry.models import (
    Claim,
    Doubt,
    Finding,
    Member,
    Person,
    PersonFile,
    county_keys,
    person_key,
)
from chunfeng.engines.disclosure.masks import mask_ids, mask_phones
from chunfeng.engines.identity import names

PLACES = ("place", "hukou_place", "stay_place")
_FIELDS = ("name", "sex", "birth", "id18", "phone", "education", "hukou_kind", "hukou_region", "stay_region")
_TEXTS = ("name", "sex", "education", "hukou_kind", "hukou_region", "stay_region")
"""Columns that hold an empty text, not null, where nothing is known."""


def load(county: str, out: Path, run: Run) -> dict[str, int]:
    """Replace the county's part of the registry by what OUT holds; persons no longer in it are marked, never deleted."""
    within = {"county": county}
    counts = {"person": replace(Person, persons(county, out), within, ["key"], gone={"gone": run.as_of})}
    own = county_keys(county)
    counts["file"] = replace(PersonFile, _files(county, out), {"person_id": own}, ["person_id"], gone={})
    counts["claim"] = replace(Claim, _claims(county, out), within, outcome.ROW)
    counts["member"] = replace(
        Member, _members(county, out), within, ["household", "person_id", "source", *outcome.ROW]
    )
    counts["finding"] = replace(
        Finding, _findings(county, out), within, ["kind", "person_id", "rows", "message"]
    )
    counts["doubt"] = replace(Doubt, _doubts(county, out), within, [*outcome.ROW, "rank"])
    return {f"{table}.{what}": n for table, found in counts.items() for what, n in found.items()}


# --- places ----------------------------------------------------------------------------------------------------------


def people(county: str, out: Path) -> pl.DataFrame:
    """(person, person_id, place, hukou_place, stay_place) of all persons of OUT: whose rows are whose to see.

    Responsible is the village where one lives, else that of the hukou, else the county, as far as they lie in it.
    """
    columns = ["person", "hukou_region", "stay_region"]
    return _placed(county, pl.read_parquet(out / "persons.parquet", columns=columns)).drop(columns[1:])


def of_people(county: str, out: Path, rows: pl.DataFrame, column: str = "person") -> pl.DataFrame:
    """Rows with `person_id` and places of the person named in `column`, which goes; the county's place for rows of nobody."""
    return _of(people(county, out), county, rows, column)


def _of(everyone: pl.DataFrame, county: str, rows: pl.DataFrame, column: str = "person") -> pl.DataFrame:
    known = everyone.rename({"person": column})
    found = rows.join(known, on=column, how="left", maintain_order="left").drop(column)
    return found.with_columns(pl.col("place").fill_null(place_number(county)))


def _placed(county: str, persons: pl.DataFrame) -> pl.DataFrame:
    codes = pl.concat([persons["hukou_region"], persons["stay_region"]]).unique().drop_nulls()
    inside = codes.str.starts_with("35") & codes.str.contains(r"^(\d{2}|\d{4}|\d{6}|\d{9}|\d{12})$")
    fujian = codes.filter(inside)
    numbers = pl.DataFrame({"code": fujian, "number": [place_number(code) for code in fujian]}).with_columns(
        pl.col("number").cast(pl.Int64)
    )
    here = numbers.with_columns(pl.when(pl.col("code").str.starts_with(county)).then("number").alias("own"))
    for column, place in (("hukou_region", "hukou_place"), ("stay_region", "stay_place")):
        persons = persons.join(
            here.rename({"code": column, "number": place, "own": f"{place}_own"}),
            on=column,
            how="left",
            maintain_order="left",
        )
    responsible = pl.coalesce("stay_place_own", "hukou_place_own", pl.lit(place_number(county)))
    return persons.with_columns(responsible.alias("place"), _key(county).alias("person_id")).drop(
        "stay_place_own", "hukou_place_own"
    )


def _key(county: str, column: str = "person") -> pl.Expr:
    return pl.lit(person_key(county, "0")) + pl.col(column).str.strip_prefix("P").cast(pl.Int64)


# --- persons ---------------------------------------------------------------------------------------------------------


def persons(county: str, out: Path) -> Iterator[pl.DataFrame]:
    """The table's rows, a batch at a time, with what the other results say of each person in short."""
    short = _in_short(out)
    source = pl.scan_parquet(out / "persons.parquet").select("person", *_FIELDS, "departments", "claims")
    height = source.select(pl.len()).collect().item()
    for start in range(0, max(height, 1), BATCH):
        batch = _placed(county, source.slice(start, BATCH).collect())
        batch = batch.join(short, on="person", how="left", maintain_order="left")
        yield batch.select(
            pl.col("person_id").alias("key"),
            *PLACES,
            pl.lit(county).alias("county"),
            *(pl.col(c).fill_null("") for c in _TEXTS),
            "birth",
            "id18",
            "phone",
            mask_ids(batch["id18"]).fill_null("").alias("id18_mask"),
            mask_phones(batch["phone"]).fill_null("").alias("phone_mask"),
            *_sounds(batch["name"]),
            pl.col("departments").str.split(";").list.drop_nulls().fill_null([]),
            pl.col("claims").cast(pl.Int64).alias("rows"),
            *(pl.col(c).fill_null([]) for c in ("categories", "open_categories", "targets")),
            *(pl.col(c).fill_null(0) for c in ("findings", "doubts")),
            pl.lit(None, dtype=pl.Date).alias("gone"),
        )


def _sounds(written: pl.Series) -> list[pl.Series]:
    """Pinyin without tones, the surname read as a surname, and the initials."""
    pinyin = names.read_column(written, ("key",))["key"].fill_null("").alias("pinyin")
    first = pinyin.str.split(" ").list.eval(pl.element().str.slice(0, 1)).list.join("")
    return [pinyin, first.alias("initials")]


def _in_short(out: Path) -> pl.DataFrame:
    recognised, targets = outcome.table(out, "recognition"), outcome.table(out, "targets")
    found, review = outcome.table(out, "findings"), outcome.table(out, "review")

    def listed(frame: pl.DataFrame, column: str, answer: str, name: str) -> pl.DataFrame:
        return (
            frame.filter(pl.col("answer") == answer)
            .group_by("person")
            .agg(pl.col(column).unique().sort().alias(name))
        )

    parts = [
        listed(recognised, "category", "yes", "categories"),
        listed(recognised, "category", "unknown", "open_categories"),
        listed(targets, "group", "yes", "targets"),
        found.drop_nulls("person").group_by("person").agg(pl.len().cast(pl.Int64).alias("findings")),
        review.drop_nulls("person")
        .unique(["person", *outcome.ROW])
        .group_by("person")
        .agg(pl.len().cast(pl.Int64).alias("doubts")),
    ]
    everyone = pl.concat([p.select("person") for p in parts]).unique()
    for part in parts:
        everyone = everyone.join(part, on="person", how="left")
    return everyone


def _files(county: str, out: Path) -> Iterator[pl.DataFrame]:
    """Every value with its source, sealed per person; persons in parts so that memory stays bounded."""
    shown = (
        "field",
        "value",
        "rank",
        "kind",
        "department",
        "file",
        "sheet",
        "row",
        "period",
        "current",
        "claims",
        "departments",
    )
    values = pl.scan_parquet(out / "person_values.parquet")
    everyone = people(county, out)
    names_of = (
        pl.scan_parquet(out / "persons.parquet").select("person", "former_names", "other_names").collect()
    )
    for start in range(0, max(everyone.height, 1), BATCH):
        part = everyone.slice(start, BATCH)
        mine = values.join(part.lazy().select("person"), on="person", how="semi").collect()
        packed = (
            mine.sort("person", "field", "rank", "file", "sheet", "row", "value")
            .group_by("person", maintain_order=True)
            .agg(pl.struct(shown).struct.json_encode().alias("values"))
            .with_columns(pl.col("values").list.join(","))
        )
        said = part.join(packed, on="person", how="left", maintain_order="left").join(
            names_of, on="person", how="left", maintain_order="left"
        )
        texts = pl.struct("former_names", "other_names").struct.json_encode().str.slice(1)
        content = pl.concat_str(pl.lit('{"values":['), pl.col("values").fill_null(""), pl.lit("],"), texts)
        yield said.select("person_id", *PLACES, content.alias("content"))


# --- rows ------------------------------------------------------------------------------------------------------------


def _claims(county: str, out: Path) -> Iterator[pl.DataFrame]:
    lists, everyone = outcome.Lists(out), people(county, out)
    for rows in outcome.batches(out, "links", BATCH):
        yield _of(everyone, county, lists.of(rows)).with_columns(
            pl.col("kind", "department", "sheet").fill_null(""), pl.col("score").cast(pl.Float64)
        )


def _members(county: str, out: Path) -> pl.DataFrame:
    rows = outcome.table(out, "households").with_columns(
        pl.col("role", "file", "sheet").fill_null(""), pl.col("current") == "1"
    )
    return of_people(county, out, rows)


def _findings(county: str, out: Path) -> pl.DataFrame:
    return of_people(county, out, outcome.table(out, "findings").with_columns(pl.col("rows").fill_null("")))


def _doubts(county: str, out: Path) -> pl.DataFrame:
    rows = outcome.table(out, "review")
    said = outcome.cells(out, rows).rename({"place": "region"})
    numbers = {
        code: place_number(code) for code in said["region"].unique().drop_nulls() if code.startswith(county)
    }
    found = rows.join(said, on=outcome.ROW, how="left", maintain_order="left")
    return found.select(
        pl.col("region").replace_strict(numbers, default=place_number(county), return_dtype=pl.Int64).alias("place"),
        "group", *outcome.ROW, pl.col("name").fill_null(""), pl.col("rank").cast(pl.Int64),
        _key(county).alias("person_id"), pl.col("score", "ahead").cast(pl.Float64), "why", "fingerprint", "content",
    )  # fmt: skip
