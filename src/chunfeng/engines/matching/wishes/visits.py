"""Rows of visits and registers → wishes: the free text first, and what the columns of other templates add to it.

A visit has one cell of words, or cells for place, work, pay and time, or both. Words count before columns, because they are the
person's; a column fills what the words leave open, and where both speak and differ, `differs` names it. 无 in the cell for words
is no wish only while no column holds one.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from chunfeng.engines.matching.wishes import places, reading
from chunfeng.engines.matching.wishes.reading import SEPARATOR

KINDS = (
    "village_survey", "migrant_residents", "graduates", "unemployment_register", "real_name_register", "poverty_exit",
    "disability_certificates", "zero_employment_households", "person_list",
)  # fmt: skip
"""Kinds of extract that hold wishes."""
ROW = ("file", "sheet", "row")
SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "file": pl.String, "sheet": pl.String, "row": pl.UInt32, "kind": pl.String, "destination": pl.String,
    "job": pl.String, "wage_min": pl.String, "wage_unit": pl.String, "barrier": pl.String, "when": pl.String,
    "training": pl.String, "region": pl.String, "seeking": pl.Boolean, "refuses_training": pl.Boolean,
    "differs": pl.String, "unread": pl.String, "cue": pl.String, "text": pl.String,
}  # fmt: skip
"""Words as written; `region`: codes of the destinations in order; `unread`: what was not understood; `cue`: what decided."""

_TEXTS = ("intention", "festival_plan")
_OTHERS = ("wished_place", "wished_job", "departure_wish", "training_wish", "wish_to_start_up", "dependants")
_ANSWERS = ("wish_to_work", "wish_to_transfer", "transfer_wish")
_NOTHING = r"^(?:[/\\\-—_.。、*?？ ]*|无|没有|暂无|不详|未知|不明|不清楚|空|不限|随便|都可以|都行|均可)$"
_NO = r"^(?:无|否|不|没有?|不想|不用|不要|不需要|不愿意?|不参加|暂无|暂不|没兴趣|没空|n|no|×|0)$"
_YES = r"^(?:有|是|想|要|需要|愿意|可以|参加|想参加|同意|考虑|y|yes|√|1)$"
_WEAK = r"^(?:无|没有?|暂无|否)$"
_UNITS = {"month": "月", "day": "日", "hour": "时", "year": "年", "piece": "件", "once": "次"}


def wishes(extracts: Sequence[pl.DataFrame], county: str | None = None) -> pl.DataFrame:
    """Every row of an extract of KINDS that says anything of a wish: columns of SCHEMA, in the order of the extracts.

    `county`: six digits, for rows whose extract does not say where they are.
    """
    found = [_of_extract(e, county) for e in extracts if e.height and e["kind"][0] in KINDS]
    return pl.concat([pl.DataFrame(schema=SCHEMA), *found])


def _of_extract(extract: pl.DataFrame, county: str | None) -> pl.DataFrame:
    rows = _cells(extract, county)
    if not rows.height:
        return pl.DataFrame(schema=SCHEMA)
    home = rows["home"].str.slice(0, 6)
    said = reading.read_column(rows["text"], home).select(pl.all().name.prefix("said_"))
    place = reading.read_column(_led(rows["wished_place"], "去"), home)
    place = place.select(pl.col("kind", "destination", "region").name.prefix("place_"))
    dependants = reading.read_column(rows["dependants"], home).select(
        pl.col("barrier").alias("column_barrier")
    )
    venture = reading.read_column(rows["wish_to_start_up"], home)
    venture = venture.select(pl.col("kind").alias("venture_kind"), pl.col("job").alias("venture_job"))
    training = reading.read_column(_led(rows["training_wish"], "想学"), home)
    training = training.select(pl.col("training").alias("column_training"))
    frame = pl.concat([rows, said, place, dependants, venture, training], how="horizontal")
    return _regions(frame.with_columns(*_columns()).select(*_merged()))


def _cells(extract: pl.DataFrame, county: str | None) -> pl.DataFrame:
    """The cells that may hold a wish, null where blank; rows without any are left out."""
    has = set(extract.columns)

    def cell(name: str, dtype: pl.DataType | type[pl.DataType] = pl.String) -> pl.Expr:
        column = pl.col(name) if name in has else pl.lit(None)
        return column.cast(dtype, strict=False).alias(name)

    words = [cell(c) for name in _TEXTS for c in (name, f"{name}__raw")]
    home = pl.coalesce(cell("place"), pl.lit(county, dtype=pl.String)).alias("home")
    rows = extract.select(
        "file", pl.col("sheet").fill_null(""), pl.col("row").cast(pl.UInt32),
        pl.coalesce(*words).str.strip_chars().alias("text"), home,
        *[cell(name).str.strip_chars() for name in _OTHERS],
        *[_answer(cell(name)).alias(name) for name in _ANSWERS],
        cell("expected_wage_low", pl.Decimal(18, 2)), cell("expected_wage_high", pl.Decimal(18, 2)),
        cell("expected_wage_unit"), cell("expected_wage_open"),
    )  # fmt: skip
    blank = [pl.when(pl.col(c) != "").then(c).alias(c) for c in ("text", *_OTHERS)]
    told = ["text", *_OTHERS, *_ANSWERS, "expected_wage_low", "expected_wage_high"]
    return rows.with_columns(*blank).filter(pl.any_horizontal(pl.col(told).is_not_null()))


def _answer(text: pl.Expr) -> pl.Expr:
    """Yes or no out of a typed Boolean or a word, null where neither."""
    low = text.str.strip_chars().str.to_lowercase()
    yes = (low == "true") | low.str.contains(_YES) | low.str.contains("^(?:有|愿意|想)")
    no = (low == "false") | low.str.contains(_NO) | low.str.contains("^(?:无|不|没)")
    return pl.when(no).then(False).when(yes).then(True)


def _led(column: pl.Series, word: str) -> pl.Series:
    """The cell as a clause: the column's heading is part of what was said. Answers without content are null."""
    text = pl.col("v").str.strip_chars()
    empty = text.str.contains(_NOTHING) | text.str.to_lowercase().str.contains(f"{_YES}|{_NO}")
    said = pl.when(text.str.contains(f"^(?:{word[0]}|不|没|无)")).then(text).otherwise(pl.lit(word) + text)
    return column.to_frame("v").select(pl.when(~empty).then(said).alias("v"))["v"]


def _columns() -> list[pl.Expr]:
    """What the columns say by themselves."""
    job = pl.col("wished_job")
    ceiling = pl.col("expected_wage_open").eq_missing("at_most")
    stated = (
        pl.when(ceiling)
        .then("expected_wage_low")
        .otherwise(pl.coalesce("expected_wage_low", "expected_wage_high"))
    )
    least = pl.when(stated > 0).then(stated)
    usual = (
        pl.when(least < 60).then(pl.lit("时")).when(least < 1000).then(pl.lit("日"))
        .when(least < 40_000).then(pl.lit("月")).otherwise(pl.lit("年"))
    )  # fmt: skip
    asked = pl.col("training_wish").str.to_lowercase()
    starts = _asked("wish_to_start_up")
    return [
        pl.when(~job.str.contains(_NOTHING)).then(job.str.replace_all(r"[、,，;；/ ]+", ";")).alias("column_job"),
        least.cast(pl.String).str.replace(r"\.?0+$", "", literal=False).alias("column_wage"),
        pl.when(least.is_not_null())
        .then(pl.coalesce(pl.col("expected_wage_unit").replace_strict(_UNITS, default=None), usual))
        .alias("column_unit"),
        pl.when(asked.str.contains(_YES)).then(pl.lit("培训")).otherwise("column_training").alias("column_training"),
        asked.str.contains(_NO).fill_null(False).alias("column_no_training"),
        pl.when(starts).then(pl.lit("startup")).alias("column_startup"),
    ]  # fmt: skip


def _asked(name: str) -> pl.Expr:
    """Whether a cell for a wish says yes: in a word, or by saying what."""
    low = pl.col(name).str.to_lowercase()
    no = low.str.contains(_NO) | low.str.contains(_NOTHING) | low.str.contains("^(?:无|不|没|暂)")
    return (low.str.contains(_YES) | (pl.col("venture_kind") == "startup") | (low.str.len_chars() > 1)) & ~no


def _merged() -> list[pl.Expr]:
    """Words first, columns where the words are silent."""
    wants = pl.col("wish_to_work").fill_null(False) | pl.col("transfer_wish").fill_null(False)
    column_kind = pl.coalesce(
        "column_startup",
        pl.when(pl.col("place_kind").is_in(["out", "local", "back"])).then("place_kind"),
        pl.when(pl.col("wish_to_transfer")).then(pl.lit("out")),
        pl.when(pl.col("wish_to_transfer").not_() & pl.col("wish_to_work")).then(pl.lit("local")),
        pl.when(pl.col("wish_to_work").not_()).then(pl.lit("none")),
    )
    named = pl.any_horizontal(pl.col("column_job", "column_wage", "place_destination").is_not_null())
    held = column_kind.is_not_null() & (column_kind != "none") | named | wants
    weak = (pl.col("said_kind") == "none") & pl.col("text").str.contains(_WEAK) & held
    said_kind = pl.when(~weak.fill_null(False)).then("said_kind")
    kind = pl.coalesce(said_kind, column_kind)
    seeks = (
        pl.col("said_seeking").fill_null(False)
        | wants
        | named
        | kind.is_in(["back", "out", "local"]).fill_null(False)
    )

    def first(said: str, column: str) -> pl.Expr:
        return pl.coalesce(said, column)

    pairs = {
        "kind": (said_kind, pl.when(column_kind != "none").then(column_kind)),
        "destination": (pl.col("said_destination"), pl.col("place_destination")),
        "wage_min": (pl.col("said_wage_min"), pl.col("column_wage")),
    }
    differing = [
        pl.when((a != b).fill_null(False) & ~(a.is_null() | b.is_null())).then(pl.lit(name))
        for name, (a, b) in pairs.items()
    ]
    of_place = pl.col("said_destination").is_null()
    cue = pl.coalesce(
        pl.when(~weak.fill_null(False)).then("said_cue"),
        pl.when(column_kind.is_not_null()).then(pl.lit("columns")),
    )
    unread = pl.concat_str("said_unread", pl.when(weak).then("text"), separator=SEPARATOR, ignore_nulls=True)
    refuses = pl.col("said_refuses_training").fill_null(False) | pl.col("column_no_training")
    return [
        *map(pl.col, (*ROW, "text", "home")),
        kind.alias("kind"),
        first("said_destination", "place_destination").alias("destination"),
        pl.coalesce("said_job", "column_job", "venture_job").alias("job"),
        first("said_wage_min", "column_wage").alias("wage_min"),
        pl.when(pl.col("said_wage_min").is_not_null())
        .then("said_wage_unit")
        .otherwise("column_unit")
        .alias("wage_unit"),
        first("said_barrier", "column_barrier").alias("barrier"),
        first("said_when", "departure_wish").alias("when"),
        first("said_training", "column_training").alias("training"),
        pl.when(of_place).then("place_region").otherwise("said_region").alias("region"),
        (seeks & (kind != "none").fill_null(True)).alias("seeking"),
        refuses.alias("refuses_training"),
        pl.concat_str(differing, separator=";", ignore_nulls=True).replace("", None).alias("differs"),
        unread.replace("", None).alias("unread"),
        cue.alias("cue"),
    ]


def _regions(frame: pl.DataFrame) -> pl.DataFrame:
    """Levels of the own place (county, town …) in `region` become its codes, by the place of the row."""
    levels = frame.select("region", "home").unique().filter(pl.col("region").is_not_null())
    codes = [
        ";".join(places.region_of(one, home) or "" for one in region.split(";"))
        for region, home in levels.iter_rows()
    ]
    named = levels.with_columns(pl.Series("code", codes, dtype=pl.String))
    joined = frame.join(named, on=["region", "home"], how="left", nulls_equal=True, maintain_order="left")
    stripped = joined["code"].str.replace_all(r"^;+$", "")
    return joined.with_columns(stripped.replace("", None).alias("region")).select(
        [pl.col(name).cast(dtype) for name, dtype in SCHEMA.items()]
    )
