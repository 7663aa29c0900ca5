"""The golden record: per person and field the value that wins, where it stands, and all values that lost.

Whose word counts is the table `survivorship.yaml`; here is only how it is applied. Rows of earlier months win nowhere
that a current row speaks, and their source says so.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from chunfeng.engines.identity.id_numbers import CHECK_CHARACTERS, WEIGHTS
from chunfeng.engines.linkage.survivorship import FIELDS, FieldRules, Rule, Survivorship, own_table

PERSONS: dict[str, pl.DataType | type[pl.DataType]] = {
    "id18": pl.String, "name": pl.String, "sex": pl.String, "birth": pl.Date, "ethnicity": pl.String,
    "education": pl.String, "marital_status": pl.String, "hukou_kind": pl.String, "hukou_address": pl.String,
    "hukou_region": pl.String, "stay_address": pl.String, "stay_region": pl.String, "phone": pl.String,
    "phone_2": pl.String, "disability_kind": pl.String, "disability_grade": pl.String, "former_names": pl.String,
}  # fmt: skip
"""Fields of the golden record, null where nobody says; each with `<field>_source`, null exactly where the field is.
Codes as in the extracts (national tables); regions 2 to 12 digits; lists joined by `;`."""
VALUES: dict[str, pl.DataType | type[pl.DataType]] = {
    "field": pl.String, "value": pl.String, "rank": pl.UInt32, "kind": pl.String, "department": pl.String,
    "file": pl.String, "sheet": pl.String, "row": pl.UInt32, "period": pl.Date, "current": pl.Boolean,
    "rule": pl.UInt8, "claims": pl.UInt32, "departments": pl.String,
}  # fmt: skip
"""All distinct values: `rank` 1 is the chosen one, null one that may never be; the row cited is the best that says it,
`claims` and `departments` are all that do. `rule`: place in the table from 1; 0 where the verified number says it; null
where no rule lets that kind of list decide."""

_LANES = ("human", "id", "id15", "certificate", "token", "damaged", "weight", "token_only")
"""How a row was linked, safest first."""
_BY_NUMBER = ("id", "id15", "certificate", "human")
_OF_NUMBER = -1
_NO_RULE = 127


def golden(
    extracts: Sequence[pl.DataFrame],
    claims: pl.DataFrame,
    assigned: pl.DataFrame,
    table: Survivorship | None = None,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(persons, values): one row per person with PERSONS, and all values with who said so (VALUES), both from `person`.

    `claims` as from `all_claims` of these extracts; `assigned`: claim, person, and lane where known. A positive
    integer as person is its verified number; persons of another type get the number most of their rows stand by.
    Persons also have `other_names` (further full names their rows bear), `departments`, and the count of `claims`.
    Raises ComputeError when two rows of the extracts bear the same file, sheet and row.
    """
    rules = table if table is not None else own_table()
    rows = _rows(extracts, claims, assigned, rules)
    own = _own_numbers(rows)
    parts = [_ranked(_numbers(rows, own), rules.fields["name"], field="id18")]
    for name in FIELDS:
        field = rules.fields[name]
        said = _said(rows, field)
        if name in ("sex", "birth"):
            said = pl.concat([said, _by_number(rows, own, name, field)])
        parts.append(_ranked(said, field, field=name))
    places = rows.select("at", "kind", "department", "file", "sheet", "row", "period", "current")
    values = pl.concat(parts).join(places, on="at")
    order = pl.Enum(["id18", *FIELDS])
    ranked = values.sort(
        "person", pl.col("field").cast(order), "rank", "value", nulls_last=True, maintain_order=True
    )
    return _persons(rows, ranked), ranked.select("person", *VALUES)


def _rows(
    extracts: Sequence[pl.DataFrame], claims: pl.DataFrame, assigned: pl.DataFrame, table: Survivorship
) -> pl.DataFrame:
    """Every assigned claim with what its row says, all as text; `said_on` is the day its list or row dates from."""
    wanted = table.columns()
    said = pl.concat(
        [
            pl.DataFrame(schema={"file": pl.String, "sheet": pl.String, "row": pl.UInt32, "period": pl.Date}),
            *(_columns_of(e, wanted) for e in extracts),
        ],
        how="diagonal",
    )
    absent = [pl.lit(None, dtype=pl.String).alias(c) for c in wanted if c not in said.columns]
    lane = pl.col("lane") if "lane" in assigned.columns else pl.lit(None, dtype=pl.String).alias("lane")
    birth = pl.col("birth").cast(pl.String).str.zfill(8)
    year, month, day = birth.str.slice(0, 4), birth.str.slice(4, 2), birth.str.slice(6, 2)
    own = claims.select(
        "claim", "file", "sheet", "row", "kind", "department", "current", "id17",
        pl.col("name").alias("claims.name"),
        pl.when(pl.col("name_kind") != "ok").then("name_kind").alias("claims.name_defect"),
        pl.when(month == "00").then(year)
        .when(day == "00").then(pl.concat_str([year, month], separator="-"))
        .otherwise(pl.concat_str([year, month, day], separator="-")).alias("claims.birth"),
        pl.col("region").alias("claims.region"),
    )  # fmt: skip
    joined = (
        own.join(assigned.select("claim", "person", lane), on="claim")
        .join(said, on=["file", "sheet", "row"], how="left", validate="m:1")
        .with_columns(absent)
    )
    said_on = pl.lit(None, dtype=pl.Date)
    for kind, columns in table.dated_by.items():
        days = [pl.col(c).str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False) for c in columns]
        if days:
            said_on = pl.when(pl.col("kind") == kind).then(pl.coalesce(days)).otherwise(said_on)
    return joined.with_columns(
        pl.coalesce(said_on, "period").alias("said_on"),
        pl.col("lane").replace_strict({lane: i for i, lane in enumerate(_LANES)}, default=len(_LANES), return_dtype=pl.UInt8)
        .alias("lane_rank"),
        pl.col("current").fill_null(True),
    ).sort("file", "sheet", "row", "claim").with_columns(pl.col("file").rle_id().alias("file_no")).with_row_index("at")  # fmt: skip


def _columns_of(extract: pl.DataFrame, wanted: Sequence[str]) -> pl.DataFrame:
    period = pl.col("period").cast(pl.Date) if "period" in extract.columns else pl.lit(None, dtype=pl.Date)
    texts = [pl.col(c).cast(pl.String) for c in wanted if c in extract.columns]
    return extract.select("file", "sheet", pl.col("row").cast(pl.UInt32), period.alias("period"), *texts)


def _own_numbers(rows: pl.DataFrame) -> pl.DataFrame:
    """person, own: the verified 17 digits of those who have any."""
    if rows.schema["person"].is_integer():
        return (
            rows.filter(pl.col("person") > 0)
            .select("person", pl.col("person").cast(pl.Int64).alias("own"))
            .unique()
        )
    sure = rows.filter(pl.col("id17").is_not_null() & pl.col("lane").is_in(_BY_NUMBER))
    votes = sure.group_by("person", pl.col("id17").alias("own")).agg(pl.col("file").n_unique().alias("files"))
    best = votes.sort("files", "own", descending=[True, False])
    return best.unique("person", keep="first", maintain_order=True).select("person", "own")


_WITNESS = ("person", "at", "kind", "department", "file_no", "current", "said_on", "lane_rank")
"""What ranking needs of a row; `at` is its place in the order of file, sheet and row, by which the rest is found again."""


def _said(rows: pl.DataFrame, field: FieldRules) -> pl.DataFrame:
    """What rows say of a field: _WITNESS, value, rule (its place, _NO_RULE without one), behind, place in the row."""
    taken = pl.coalesce(field.takes)
    for each in reversed(field.rules):
        taken = pl.when(_names_kind(each)).then(pl.coalesce(each.takes)).otherwise(taken)
    behind = (
        pl.any_horizontal([pl.col(c).is_not_null() for c in field.behind]) if field.behind else pl.lit(False)
    )
    parts = [
        rows.select(
            *_WITNESS,
            value.str.strip_chars().alias("value"),
            _place_of(field, _NO_RULE).alias("rule"),
            behind.alias("behind"),
            pl.lit(place, dtype=pl.UInt8).alias("place"),
        )
        for place, value in enumerate([taken, *(pl.col(c) for c in field.more)])
    ]
    return pl.concat(parts).filter(pl.col("value") != "")


def _numbers(rows: pl.DataFrame, own: pl.DataFrame) -> pl.DataFrame:
    """Verified numbers that rows bear, and the person's own from the row it is known by. No other number may win."""
    borne = rows.filter(pl.col("id17").is_not_null()).join(own, on="person", how="left")
    others = borne.filter(pl.col("id17").ne_missing(pl.col("own")))
    rule = pl.lit(_NO_RULE, dtype=pl.Int16)
    foreign = others.select(*_WITNESS, _id18("id17").alias("value"), rule.alias("rule"), *_PLAIN)
    known = _known_by(rows, own).select(
        *_WITNESS, _id18("own").alias("value"), _FROM_NUMBER.alias("rule"), *_PLAIN
    )
    return pl.concat([known, foreign])


_PLAIN = (pl.lit(False).alias("behind"), pl.lit(0, dtype=pl.UInt8).alias("place"))
_FROM_NUMBER = pl.lit(_OF_NUMBER, dtype=pl.Int16)


def _by_number(rows: pl.DataFrame, own: pl.DataFrame, name: str, field: FieldRules) -> pl.DataFrame:
    """Birth (digits 7 to 14) and sex (digit 17, odd is male) as the verified number has them: GB 11643-1999."""
    digits = pl.col("own").cast(pl.String).str.zfill(17)
    parts = [digits.str.slice(6, 4), digits.str.slice(10, 2), digits.str.slice(12, 2)]
    sex = pl.when(pl.col("own") % 2 == 1).then(pl.lit("1")).otherwise(pl.lit("2"))
    value = pl.concat_str(parts, separator="-") if name == "birth" else sex
    return _known_by(rows, own).select(*_WITNESS, value.alias("value"), _FROM_NUMBER.alias("rule"), *_PLAIN)


def _known_by(rows: pl.DataFrame, own: pl.DataFrame) -> pl.DataFrame:
    """Rows that bear the person's own number; all its rows where none does (a damaged number, a token, a human)."""
    numbered = rows.join(own, on="person")
    bearing = numbered.filter(pl.col("id17") == pl.col("own"))
    return pl.concat([bearing, numbered.join(bearing.select("person").unique(), on="person", how="anti")])


def _id18(column: str) -> pl.Expr:
    digits = [pl.col(column) // 10 ** (16 - i) % 10 for i in range(17)]
    total = pl.sum_horizontal([w * d for w, d in zip(WEIGHTS, digits, strict=True)]) % 11
    check = total.replace_strict(dict(enumerate(CHECK_CHARACTERS)), return_dtype=pl.String)
    return pl.col(column).cast(pl.String).str.zfill(17) + check


def _ranked(said: pl.DataFrame, rules: FieldRules, field: str) -> pl.DataFrame:
    """One field of VALUES: per value its best witness (by `at`), per person the values in order."""
    frame = said.with_columns(
        (~pl.col("current") & (pl.col("rule") != _OF_NUMBER)).alias("early"),
        _place_of(rules, len(rules.rules)).alias("kind_rule"),
        (~pl.col("kind").is_in(rules.first)).alias("later"),
    )
    keys = [key for name in rules.order for key in _KEYS[name]]
    of_witness = [k for k in keys if k != "files"]
    best = (
        _sorted(frame, ["person", "value", "later", "early", "behind", *of_witness, *_LAST])
        .group_by("person", "value", maintain_order=True)
        .agg(
            pl.all().first(),
            # earlier lists do not decide between two values of current ones
            pl.col("file_no").filter(~pl.col("early") | pl.col("early").all()).n_unique().alias("files"),
            pl.col("at").n_unique().cast(pl.UInt32).alias("claims"),
            _names_of("department").alias("departments"),
        )
    )
    barred = pl.col("rule") == _NO_RULE
    if rules.shared_by_at_most is not None:
        barred = barred | (pl.len().over("value") > rules.shared_by_at_most)
    best = _levelled(best.with_columns(barred.alias("barred")), rules.levels)
    levels = ["level_rule", "coarse"] if rules.levels else []
    ordered = _sorted(best, ["person", "barred", "later", "early", "behind", *levels, *keys, *_LAST, "value"])
    place = pl.int_range(1, pl.len() + 1, dtype=pl.UInt32).over("person")
    return ordered.with_columns(
        pl.when(~pl.col("barred")).then(place).alias("rank"),
        pl.when(pl.col("rule") != _NO_RULE).then((pl.col("rule") + 1).cast(pl.UInt8)).alias("rule"),
        pl.lit(field).alias("field"),
    ).select("person", "at", "field", "value", "rank", "rule", "claims", "departments", "behind")


# of several lists that bear the verified number (one rule for all), the one the table trusts most is cited
_KEYS = {"rule": ["rule", "kind_rule"], "newest": ["said_on"], "most": ["files"], "lane": ["lane_rank"]}
_LAST = ("place", "at")
_FALLING = ("said_on", "files")


def _sorted(frame: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    """Sorted by columns, the newest and the most frequent first; unknown comes last."""
    return frame.sort(keys, descending=[k in _FALLING for k in keys], nulls_last=True)


def _place_of(rules: FieldRules, without: int) -> pl.Expr:
    """Place from 0 of the first rule that names the row's kind, `without` where none does."""
    place = pl.lit(without)
    for i, each in reversed(list(enumerate(rules.rules))):
        place = pl.when(_names_kind(each)).then(i).otherwise(place)
    return place.cast(pl.Int16)


def _names_kind(rule: Rule) -> pl.Expr:
    return pl.col("kind").is_in(rule.kinds) if rule.kinds else pl.lit(True)


def _names_of(column: str) -> pl.Expr:
    return pl.col(column).drop_nulls().unique().sort().str.join(";")


def _levelled(values: pl.DataFrame, levels: tuple[int, ...]) -> pl.DataFrame:
    """A value that goes on from a shorter one speaks with the authority of the shorter (level_rule), which is `coarse`.

    The register says the county, a village list the village in it: the village is chosen, though the register ranks
    first; a village of another county is not.
    """
    if not levels:
        return values
    open_values = values.filter(~pl.col("barred"))
    heads = pl.concat(
        [
            open_values.filter(pl.col("value").str.len_chars() > n).select(
                "person", "value", pl.col("value").str.slice(0, n).alias("head")
            )
            for n in levels
        ]
    )
    shorter = open_values.select("person", pl.col("value").alias("head"), pl.col("rule").alias("head_rule"))
    met = heads.join(shorter, on=["person", "head"])
    best = met.group_by("person", "value").agg(pl.col("head_rule").min())
    coarse = met.select("person", pl.col("head").alias("value"), pl.lit(True).alias("coarse")).unique()
    return (
        values.join(best, on=["person", "value"], how="left")
        .join(coarse, on=["person", "value"], how="left")
        .with_columns(
            pl.min_horizontal("rule", "head_rule").alias("level_rule"), pl.col("coarse").fill_null(False)
        )
    )


def _persons(rows: pl.DataFrame, values: pl.DataFrame) -> pl.DataFrame:
    people = (
        rows.group_by("person")
        .agg(
            _names_of("department").alias("departments"),
            pl.len().cast(pl.UInt32).alias("claims"),
        )
        .sort("person")
    )
    chosen = values.with_columns(_source().alias("source"))
    columns: list[str] = []
    for name, dtype in PERSONS.items():
        field, rank = {"phone_2": ("phone", 2), "former_names": ("former_name", 1)}.get(name, (name, 1))
        of_field = chosen.filter((pl.col("field") == field) & (pl.col("rank") == rank)).select(
            "person", pl.col("value").alias(name), pl.col("source").alias(f"{name}_source")
        )
        if dtype == pl.Date:
            of_field = of_field.with_columns(pl.col(name).str.to_date("%Y-%m-%d", strict=False)).drop_nulls(
                name
            )
        if name == "former_names":
            joined = _joined(chosen.filter(pl.col("field") == field), name)
            of_field = joined.join(of_field.drop(name), on="person")
        people = people.join(of_field, on="person", how="left")
        columns += [name, f"{name}_source"]
    lesser = (pl.col("field") == "name") & (pl.col("rank") > 1) & ~pl.col("behind")
    people = people.join(_joined(chosen.filter(lesser), "other_names"), on="person", how="left")
    return people.select("person", *columns, "other_names", "departments", "claims").sort("person")


def _joined(values: pl.DataFrame, name: str) -> pl.DataFrame:
    """person and its values in the order of their rank, joined by `;`."""
    return values.sort("person", "rank", nulls_last=True).group_by("person", maintain_order=True).agg(
        pl.col("value").str.join(";").alias(name)
    )  # fmt: skip


def _source() -> pl.Expr:
    """kind file#sheet#row of the best row that says it, and `earlier YYYY-MM` where only an earlier list does."""
    place = pl.concat_str(["file", "sheet", pl.col("row").cast(pl.String)], separator="#")
    month = pl.concat_str([pl.lit(" earlier "), pl.col("period").dt.strftime("%Y-%m")]).fill_null(" earlier")
    return pl.concat_str(
        [pl.col("kind"), pl.lit(" "), place, pl.when(~pl.col("current")).then(month).otherwise(pl.lit(""))]
    )
