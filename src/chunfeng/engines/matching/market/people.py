"""What is known of persons → the table of people: who looks for work, what for, where, at what pay, and what they bring."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from chunfeng.engines.matching.market import encode, reading, tables

ROW = ("file", "sheet", "row")
SEEKING, OTHER = ("local", "out"), ("back", "none", "stay", "startup", "go_home")
FIRST_TIER = ("A7", "A1", "C1")
"""Zero-employment households, older persons, former poverty households come first (泉州2019年公益性岗位办法 and the like)."""
_UNITS = {"月": "month", "日": "day", "时": "hour", "年": "year", "件": "piece", "次": "piece"}
_SAID = {
    "back": "要返回原岗位", "none": "走访时表示不找工作", "stay": "留岗过年", "startup": "打算自己创业",
    "go_home": "返乡，没有表示要找工作",
}  # fmt: skip
_KINDS = {
    "back": "返岗", "out": "外出", "local": "就近", "startup": "创业", "stay": "留岗", "go_home": "返乡", "none": "不找工作",
    "undecided": "未定",
}  # fmt: skip
SKILLS = (
    "skill", "skill_certificate", "current_job", "last_job", "wished_job",
)  # fmt: skip


def people(
    facts: pl.DataFrame,
    golden: pl.DataFrame,
    recognition: pl.DataFrame,
    wishes: pl.DataFrame,
    skills: pl.DataFrame,
    seed: str,
    occupations: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Columns of tables.PEOPLE and `note` (what was contradictory), one row per person of `facts`.

    `facts`: the wide table of persons. `golden`: person, stay_region, hukou_region. `recognition`: person, category, answer.
    `wishes`: columns of wishes.visits with `person`. `skills`: person, field (of SKILLS), text. `seed`: published, for lots.
    `occupations`: title, codes, of the words in `phrases`.
    """
    said = _wishes(wishes)
    held = _held(skills)
    level = _recognised(recognition)
    coded = _coded(wishes, skills, occupations)
    where = golden.select("person", pl.coalesce("stay_region", "hukou_region").alias("region"))
    frame = facts.select(
        "person", pl.col("area").str.slice(0, 6).str.pad_end(6, "0").alias("county"), "birth_date", "sex",
        "education", "retires_latest", "alive",
        "in_prison", "draws_pension", "able_to_work", "in_school", "insured_by_employer", "seen_working", "public_post",
        "registered_unemployed", "job_seeking",
    )  # fmt: skip
    for table in (where, said, held, level, coded):
        frame = frame.join(table, on="person", how="left")
    region = pl.col("region")
    frame = frame.with_columns(
        pl.when(region.str.len_chars() >= 9).then(region).alias("village"),
        _tier().alias("tier"), _not_seeking().alias("not_seeking"), pl.col("retires_latest").alias("retires_on"),
        pl.col("education").replace_strict(dict(tables.RANKS), default=None, return_dtype=pl.Int32).alias("education"),
        _accepts().alias("accepts"), pl.Series("lottery", encode.tie_numbers(frame["person"], seed)).cast(pl.Int64),
    )  # fmt: skip
    known = set(frame.columns)
    columns = [(pl.col(c) if c in known else pl.lit(None)).cast(t).alias(c) for c, t in tables.PEOPLE.items()]
    return frame.select(*columns, "note")


def phrases(wishes: pl.DataFrame, skills: pl.DataFrame) -> pl.Series:
    """The different words for work that persons use, to be given their occupations."""
    wished = wishes.select(pl.col("job").str.split(";").explode(empty_as_null=True))["job"]
    able = _pieces(skills)["piece"]
    return pl.concat([wished.rename("title"), able.rename("title")]).drop_nulls().unique().sort()


def _wishes(wishes: pl.DataFrame) -> pl.DataFrame:
    """One line per person. What was said counts before a cell of a register; of what was said, an answer that seeks counts first,
    and is noted where another says otherwise; what one leaves open the others fill."""
    spoken = (pl.col("cue") != "columns") & pl.col("kind").is_not_null()
    rank = (
        pl.when(~spoken.fill_null(False)).then(4)
        .when(pl.col("kind").is_in(SEEKING)).then(0).when(pl.col("seeking") & (pl.col("kind") == "undecided")).then(1)
        .when(pl.col("kind").is_in(OTHER)).then(2).otherwise(3)
    )  # fmt: skip
    floor = reading.monthly(
        pl.col("wage_min").cast(pl.Float64, strict=False),
        pl.col("wage_unit").replace_strict(_UNITS, default=None),
    )
    lines = wishes.drop_nulls("person").with_columns(rank.alias("rank"), floor.alias("floor"))
    lines = lines.sort("person", "rank", *ROW)
    said = (pl.col("rank") < 4) | (pl.col("rank").min() == 4)
    kinds = pl.col("kind").filter(said).drop_nulls()
    differing = kinds.is_in(SEEKING).any() & kinds.is_in(OTHER).any()
    in_words = kinds.replace_strict(_KINDS, default=None, return_dtype=pl.String).drop_nulls().unique().sort()
    going = ~pl.col("kind").is_in(OTHER).fill_null(False)
    codes = pl.col("region").filter(
        going & (pl.col("rank") == pl.col("rank").filter(going & pl.col("region").is_not_null()).min())
    )

    def first(name: str) -> pl.Expr:
        return pl.col(name).drop_nulls().first()

    def every(texts: pl.Expr) -> pl.Expr:
        return (
            texts.drop_nulls()
            .str.split(";")
            .list.explode(keep_nulls=False, empty_as_null=False)
            .unique()
            .sort()
        )

    return lines.group_by("person", maintain_order=True).agg(
        kinds.first().alias("kind"), pl.col("seeking").filter(said).any().alias("wants"), first("floor").alias("pay_floor"),
        every(codes).alias("regions"), every(pl.col("barrier")).alias("barriers"),
        pl.when(differing).then(pl.lit("各处说法不一：") + in_words.str.join("、")).alias("note"),
    )  # fmt: skip


def _accepts() -> pl.Expr:
    """Codes of six digits; "" for anywhere; null where nothing is said. 就近 means the own county."""
    named = pl.col("regions").list.eval(
        pl.element()
        .filter(pl.element().str.contains(r"^\d{2,}$"))
        .str.slice(0, 6)
        .str.pad_end(6, "0")
        .unique()
        .sort()
    )
    some = named.list.len() > 0
    home = pl.when(pl.col("county").is_not_null()).then(pl.concat_list("county"))
    return (
        pl.when(some.fill_null(False)).then(named)
        .when((pl.col("kind") == "local").fill_null(False)).then(home)
        .when((pl.col("kind") == "out").fill_null(False)).then(pl.concat_list(pl.lit("")))
    )  # fmt: skip


def _not_seeking() -> pl.Expr:
    """Why a person is no seeker, in words; null for a seeker. Who works already and only asks for a seat is none."""

    def yes(name: str) -> pl.Expr:
        return pl.col(name).fill_null(False)

    kind = pl.col("kind")
    asks = kind.is_in(SEEKING).fill_null(False) | (yes("wants") & (kind == "undecided").fill_null(True))
    registered = yes("registered_unemployed") | yes("job_seeking") | pl.col("recognised").is_not_null()
    return (
        pl.when(pl.col("alive").eq_missing(False)).then(pl.lit("已故"))
        .when(yes("in_prison")).then(pl.lit("正在服刑"))
        .when(yes("draws_pension")).then(pl.lit("已领养老待遇"))
        .when(pl.col("able_to_work").eq_missing(False)).then(pl.lit("丧失劳动能力"))
        .when(yes("in_school")).then(pl.lit("在校"))
        .when(kind.is_in(OTHER).fill_null(False)).then(kind.replace_strict(_SAID, default=None, return_dtype=pl.String))
        .when(yes("public_post")).then(pl.lit("在公益性岗位"))
        .when(yes("insured_by_employer")).then(pl.lit("由单位参保，已在岗"))
        .when(yes("seen_working")).then(pl.lit("走访见已在岗"))
        .when(~asks & ~registered).then(pl.lit("没有求职登记，也没有表示要找工作"))
    )  # fmt: skip


def _recognised(recognition: pl.DataFrame) -> pl.DataFrame:
    yes = recognition.filter(pl.col("answer") == "yes")
    return yes.group_by("person").agg(pl.col("category").is_in(FIRST_TIER).any().alias("recognised"))


def _tier() -> pl.Expr:
    """1 recognised and to be placed first, 2 recognised, 3 registered as unemployed, 4 all others."""
    return (
        pl.when(pl.col("recognised").eq_missing(True)).then(1).when(pl.col("recognised").is_not_null()).then(2)
        .when(pl.col("registered_unemployed").fill_null(False)).then(3).otherwise(4)
    )  # fmt: skip


def _held(skills: pl.DataFrame) -> pl.DataFrame:
    """Certificates by person. Only a cell of certificates says that these are all: no word of them is no knowledge of none."""
    papers = skills.filter(pl.col("field").is_in(["skill", "skill_certificate"])).with_columns(
        reading.plain(pl.col("text")).alias("text")
    )
    full = (pl.col("field") == "skill_certificate") & pl.col("text").str.contains("证|无|没有|否").fill_null(
        False
    )
    told = papers.with_columns(reading.certificates(pl.col("text")).alias("named"), full.alias("full"))
    by = told.group_by("person", maintain_order=True).agg(
        pl.col("named")
        .list.explode(keep_nulls=False, empty_as_null=False)
        .unique()
        .sort()
        .alias("certificates"),
        pl.col("full").any().alias("certificates_all"),
    )
    by = by.filter((pl.col("certificates").list.len() > 0) | pl.col("certificates_all"))
    return by.with_columns(reading.implied(by["certificates"]).alias("certificates"))


def _pieces(skills: pl.DataFrame) -> pl.DataFrame:
    """person, piece: each skill or job named in a cell."""
    jobs = skills.filter(pl.col("field") != "skill_certificate")
    text = pl.col("text").str.normalize("NFKC").str.replace_all(r"\([^)]*\)", "")
    piece = text.str.replace_all(r"[、,;/|\s]+", ";").str.split(";")
    flat = jobs.select("person", piece.alias("piece")).explode("piece", empty_as_null=True)
    return flat.filter(pl.col("piece").str.len_chars() >= 2)


def _coded(wishes: pl.DataFrame, skills: pl.DataFrame, occupations: pl.DataFrame | None) -> pl.DataFrame:
    """person, occupation: codes wished first; without a wish what one can do or did last."""
    schema: dict[str, pl.DataType | type[pl.DataType]] = {
        "person": pl.String,
        "occupation": pl.List(pl.String),
    }
    if occupations is None:
        return pl.DataFrame(schema=schema)
    wished = wishes.drop_nulls("person").select("person", pl.col("job").str.split(";").alias("title"))
    wished = wished.explode("title", empty_as_null=True).with_columns(pl.lit(0).alias("order"))
    able = _pieces(skills).select("person", pl.col("piece").alias("title"), pl.lit(1).alias("order"))
    lines = pl.concat([wished, able]).drop_nulls().join(occupations.select("title", "codes"), on="title")
    flat = (
        lines.with_columns(pl.col("codes").list.head(3))
        .explode("codes", empty_as_null=True)
        .drop_nulls("codes")
    )
    best = flat.filter(pl.col("order") == pl.col("order").min().over("person"))
    return best.group_by("person", maintain_order=True).agg(
        pl.col("codes").unique(maintain_order=True).head(6).alias("occupation")
    )


_TEXTS: dict[str, pl.DataType | type[pl.DataType]] = {
    "file": pl.String, "sheet": pl.String, "row": pl.UInt32, "field": pl.String, "text": pl.String,
}  # fmt: skip


def skill_texts(extracts: Sequence[pl.DataFrame], links: pl.DataFrame) -> pl.DataFrame:
    """person, field, text of all current rows that say what somebody can do, holds or did. `links`: file, sheet, row, person."""
    found = [
        _texts(e)
        for e in extracts
        if e.height and set(SKILLS) & set(e.columns) and e["kind"][0] != "vacancies"
    ]
    texts = pl.concat([pl.DataFrame(schema=_TEXTS), *found])
    return (
        texts.join(links, on=ROW).select("person", "field", "text").drop_nulls().unique(maintain_order=True)
    )


def _texts(extract: pl.DataFrame) -> pl.DataFrame:
    columns = [c for c in SKILLS if c in extract.columns and c != "wished_job"]
    rows = extract.select(
        "file",
        pl.col("sheet").fill_null(""),
        pl.col("row").cast(pl.UInt32),
        *[pl.col(c).cast(pl.String) for c in columns],
    )
    return rows.unpivot(columns, index=list(ROW), variable_name="field", value_name="text").drop_nulls("text")
