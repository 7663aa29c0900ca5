"""Records of one sheet: raw cells in, typed columns out, with the raw text of every cell that was changed.

Columns of every extract: `COMMON`, then per field of the kind its typed columns, `<field>__raw` where a cell was
changed or rejected, and `other`, the unmapped cells by header as JSON.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache

import polars as pl

from chunfeng.engines.sheets.cells import RAW, ColumnReader
from chunfeng.engines.sheets.grid import ROW, column_name
from chunfeng.engines.sheets.issues import IssueLog
from chunfeng.engines.sheets.kinds import Kind
from chunfeng.engines.sheets.mapping import Plan
from chunfeng.engines.sheets.values import TYPES, Context, Typed, spans

COMMON: dict[str, pl.DataType | type[pl.DataType]] = {
    "file": pl.String,
    "sheet": pl.String,
    "row": pl.UInt32,
    "kind": pl.String,
    "department": pl.String,
    "state": pl.String,
    "issues": pl.String,
    "period": pl.Date,
    "current": pl.Boolean,
    "place": pl.String,
    "section": pl.String,
    "household_row": pl.UInt32,
    "filled": pl.String,
}
"""`state` ok, repaired or rejected; `issues` codes joined by ;; `period` the month a sheet speaks of; `current` false
for a sheet of an earlier month; `place` region code of the sheet; `household_row` first row of the same household;
`filled` fields whose value was repeated from above, joined by ;."""

_ID_LIKE = r"^['`‘’\s]*\d[\d\s\-]{13,22}[\dXx]?['\s]*$"
_NAME_LIKE = r"^\s*[\u4e00-\u9fff·\u3000\s]{2,8}\s*$"
_PHONE_LIKE = r"^\s*1[3-9]\d[\d\s\-]{8,10}\s*$"
_OTHER_DOCUMENTS = r"通行证|护照|台胞|回乡|外国人|永久居留|军官|士兵|警官"
_FORMULA_LIKE = r"^[\s]*[=+@\t]|^-[^\d\s\-－—]"


@cache
def typed_schema(type_name: str) -> dict[str, pl.DataType]:
    """Suffixes and data types of the columns a type yields ('' is the main one)."""
    empty = TYPES[type_name](pl.Series("v", [], dtype=pl.String), Context())
    return {suffix: series.dtype for suffix, series in empty.columns.items()}


def schema_of(kind: Kind, raw_fields: list[str]) -> dict[str, pl.DataType | type[pl.DataType]]:
    """The columns of an extract of that kind, in order."""
    schema = dict(COMMON)
    for f in kind.fields:
        for suffix, dtype in typed_schema(f.type).items():
            schema[f.name + suffix] = dtype
        if f.name in raw_fields:
            schema[f.name + RAW] = pl.String
    schema["other"] = pl.String
    return schema


@dataclass(slots=True)
class SheetContext:
    """What all records of a sheet share."""

    file: str
    sheet: str
    department: str
    period: date | None
    place: str | None
    context: Context
    as_of: date | None = None
    readers: dict[str, ColumnReader] = field(default_factory=dict)
    """By field: what reads its cells, and remembers what it read."""


def type_records(
    data: pl.DataFrame,
    plan: Plan,
    constants: Mapping[str, pl.Series],
    about: SheetContext,
    log: IssueLog,
    schema: dict[str, pl.DataType | type[pl.DataType]],
) -> pl.DataFrame:
    """Typed records of one batch of data rows (`row`, `c0`…, `_section`, `_household_row`, `_filled`).

    `constants` are values for fields without a column, from form lines and section rows, aligned with `data`.
    """
    kind = plan.kind
    assert kind is not None
    column = {c.field: c for c in plan.columns if c.field}
    row_issues: list[tuple[str, pl.Series]] = []

    def report(code: str, mask: pl.Series, header: str, values: pl.Series | None) -> None:
        if mask.any():
            found = None if values is None else values.filter(mask)
            log.add_many(code, sheet=about.sheet, rows=data[ROW].filter(mask), column=header, value=found)
            row_issues.append((code, mask))

    data, repaired = _swap_back(data, plan, report)
    rejected = _shifted(data, plan)
    report("ROW_SHIFTED", rejected, "", _row_text(data, plan, rejected))
    out: dict[str, pl.Series] = {}
    quiet = ~rejected
    for f in kind.fields:
        source = column.get(f.name)
        if source is None:
            header = f.label
            if f.name in constants:
                cells = constants[f.name].alias("v")
            else:
                for suffix, dtype in typed_schema(f.type).items():
                    out[f.name + suffix] = pl.Series([None], dtype=dtype).new_from_index(0, data.height)
                if f.name + RAW in schema:
                    out[f.name + RAW] = pl.Series([None], dtype=pl.String).new_from_index(0, data.height)
                continue
        else:
            cells = data[column_name(source.index)].alias("v")
            header = source.header
        if f.name not in about.readers:
            about.readers[f.name] = ColumnReader(spans.typer_of(TYPES[f.type], f.part), about.context)
        typed = about.readers[f.name].read(cells)
        if f.name == "id_number" and "id_kind" in column:
            typed = _other_document(typed, data[column_name(column["id_kind"].index)])
        for code, mask in typed.problems:
            report(code, mask & quiet, header, cells)
        raw = typed.columns.pop(RAW)
        for suffix, series in typed.columns.items():
            out[f.name + suffix] = _where(rejected, None, series)
        if f.name + RAW in schema:
            out[f.name + RAW] = _where(rejected, cells, raw)
        if f.required and source is not None:
            report("VALUE_MISSING", cells.is_null() & quiet, header, None)
        if f.type in ("text", "contact", "address"):
            report("VALUE_FORMULA_TEXT", cells.str.contains(_FORMULA_LIKE).fill_null(False), header, cells)
    _cross_checks(kind, out, column, report, quiet)
    if about.as_of is not None:
        _future(kind, out, column, about.as_of, report)
    codes = _join_codes(row_issues, data.height)
    state = pl.DataFrame({"r": rejected, "p": repaired}).select(
        pl.when("r")
        .then(pl.lit("rejected"))
        .when("p")
        .then(pl.lit("repaired"))
        .otherwise(pl.lit("ok"))
        .alias("state")
    )["state"]
    common = common_columns(data, kind.code, about) | {"state": state, "issues": codes}
    frame = pl.DataFrame({**common, **out}).with_columns(other_cells(data, plan, rejected).alias("other"))
    return frame.select([pl.col(name).cast(dtype, strict=False) for name, dtype in schema.items()])


def _other_document(typed: Typed, says: pl.Series) -> Typed:
    """Numbers that are no citizen's because the column beside them says so: travel permits of eight digits and the like."""
    kind = typed.columns["_kind"]
    mask = says.str.contains(_OTHER_DOCUMENTS).fill_null(False) & kind.is_in(["not_id", "short"])
    if not mask.any():
        return typed
    columns = typed.columns | {
        "_kind": _where(mask, pl.Series(["foreign"]).new_from_index(0, len(kind)), kind)
    }
    known = Typed(columns, [(code, found & ~mask) for code, found in typed.problems])
    known.problem("ID_FOREIGN", mask)
    return known


def common_columns(data: pl.DataFrame, kind: str, about: SheetContext) -> dict[str, pl.Series]:
    """The columns every extract has (COMMON), for data rows that carry `_section`, `_household_row`, `_filled`."""

    def same(value: object, dtype: pl.DataType | type[pl.DataType]) -> pl.Series:
        return pl.Series([value], dtype=dtype).new_from_index(0, data.height)

    return {
        "file": same(about.file, pl.String),
        "sheet": same(about.sheet, pl.String),
        "row": data[ROW],
        "kind": same(kind, pl.String),
        "department": same(about.department, pl.String),
        "state": same("ok", pl.String),
        "issues": same(None, pl.String),
        "period": same(about.period, pl.Date),
        "current": same(True, pl.Boolean),
        "place": same(about.place, pl.String),
        "section": data["_section"],
        "household_row": data["_household_row"],
        "filled": data["_filled"],
    }


def add_code(frame: pl.DataFrame, mask: pl.Series, code: str) -> pl.DataFrame:
    """The frame with one more issue code on the rows of the mask."""
    added = pl.concat_str([pl.col("issues"), pl.lit(code)], separator=";", ignore_nulls=True)
    return frame.with_columns(pl.when(mask).then(added).otherwise("issues").alias("issues"))


def _where(mask: pl.Series, this: pl.Series | None, other: pl.Series) -> pl.Series:
    """`this` (None: null) where the mask holds, else `other`."""
    return (
        other if not mask.any() else other.zip_with(~mask, other.clear(len(other)) if this is None else this)
    )


def _join_codes(row_issues: list[tuple[str, pl.Series]], height: int) -> pl.Series:
    """Per row its codes in order of the alphabet, each once, joined by ;; null where there are none."""
    marks: dict[str, pl.Series] = {}
    for code, mask in row_issues:
        marks[code] = marks[code] | mask if code in marks else mask
    if not marks:
        return pl.Series("issues", [None], dtype=pl.String).new_from_index(0, height)
    table = pl.DataFrame({code: marks[code] for code in sorted(marks)})
    marked = table.select(pl.any_horizontal(pl.all()))
    codes = [pl.when(code).then(pl.lit(code)) for code in table.columns]
    joined = table.filter(marked.to_series()).select(pl.concat_str(codes, separator=";", ignore_nulls=True))
    place = marked.select(pl.when(pl.first()).then(pl.first().cum_sum() - 1)).to_series()
    return joined.to_series().gather(place).alias("issues")


def other_cells(data: pl.DataFrame, plan: Plan, rejected: pl.Series) -> pl.Series:
    """Unmapped cells by header, as JSON; null where there are none."""
    spare: dict[str, str] = {}
    for c in plan.columns:
        if c.field is None and column_name(c.index) in data.columns:
            name = c.header or f"第{c.index + 1}列"
            spare[column_name(c.index)] = name if name not in spare.values() else f"{name}#{c.index + 1}"
    spare = {k: v for k, v in spare.items() if data[k].null_count() < data.height}
    if not spare or data.height == 0:
        return pl.Series("other", [None], dtype=pl.String).new_from_index(0, data.height)
    struct = pl.struct([pl.col(k).alias(v) for k, v in spare.items()])
    return data.select(
        pl.when(pl.any_horizontal([pl.col(k).is_not_null() for k in spare]))
        .then(struct.struct.json_encode())
        .alias("other")
    )["other"]


def _swap_back(data: pl.DataFrame, plan: Plan, report) -> tuple[pl.DataFrame, pl.Series]:  # type: ignore[no-untyped-def]
    """Two cells of a row that stand in each other's place (name and id, id and phone) are put right."""
    id_column = plan.index_of("id_number")
    repaired = pl.Series([False]).new_from_index(0, data.height)
    if id_column is None:
        return data, repaired
    a = column_name(id_column)
    for other, look in (("name", _NAME_LIKE), ("phone", _PHONE_LIKE)):
        position = plan.index_of(other)
        if position is None:
            continue
        b = column_name(position)
        mask = data.select(
            (
                pl.col(b).str.contains(_ID_LIKE)
                & pl.col(a).str.contains(look)
                & ~pl.col(a).str.contains(_ID_LIKE)
            ).fill_null(False)
        ).to_series()
        if not mask.any():
            continue
        report("ROW_SWAPPED", mask, plan.columns[id_column].header, data[a])
        data = data.with_columns(
            pl.when(mask).then(pl.col(b)).otherwise(pl.col(a)).alias(a),
            pl.when(mask).then(pl.col(a)).otherwise(pl.col(b)).alias(b),
        )
        repaired = repaired | mask
    return data, repaired


def _shifted(data: pl.DataFrame, plan: Plan) -> pl.Series:
    """Rows whose id stands in a column that holds no ids: the cells slipped, nothing in the row can be trusted."""
    none = pl.Series([False]).new_from_index(0, data.height)
    id_column = plan.index_of("id_number")
    if id_column is None or plan.kind is None:
        return none
    ids = {c.index for c in plan.columns if c.field and plan.kind.field(c.field).type == "citizen_id"}
    others = [
        column_name(c.index)
        for c in plan.columns
        if c.index not in ids
        and c.field
        and plan.kind.field(c.field).type not in ("text", "credit_code", "token")
    ]
    if not others:
        return none
    own = pl.col(column_name(id_column))
    doubtful = data.select((own.is_null() | ~own.str.contains(r"\d{6}")).alias("d"))["d"]
    if not doubtful.any():
        return none
    strict = r"^\s*\d{17}[\dXx]\s*$"
    hit = data.select(
        pl.any_horizontal([pl.col(c).str.contains(strict).fill_null(False) for c in others])
    ).to_series()
    return doubtful & hit


def _row_text(data: pl.DataFrame, plan: Plan, mask: pl.Series) -> pl.Series:
    if not mask.any():
        return pl.Series("v", [None], dtype=pl.String).new_from_index(0, data.height)
    cells = [column_name(c.index) for c in plan.columns if column_name(c.index) in data.columns][:12]
    return data.select(pl.concat_str([pl.col(c).fill_null("") for c in cells], separator=" | ")).to_series()


def _cross_checks(kind: Kind, out: dict[str, pl.Series], column, report, quiet: pl.Series) -> None:  # type: ignore[no-untyped-def]
    """What two cells of a record say of each other: id against sex and birth date, end against beginning."""
    key = out.get("id_number_key")
    if key is not None and key.null_count() < len(key):
        verified = out["id_number_kind"].is_in(["ok18", "certificate"])
        sequence = key % 1000
        if "sex" in column:
            of_id = pl.DataFrame({"s": sequence % 2}).select(
                pl.when(pl.col("s") == 1).then(pl.lit("1")).otherwise(pl.lit("2"))
            )
            differs = verified & out["sex"].is_in(["1", "2"]) & (out["sex"] != of_id.to_series())
            report("ID_SEX_DIFFERS", (differs & quiet).fill_null(False), column["sex"].header, out["sex"])
        if "birth_date" in column:
            birth = (key // 1000) % 100_000_000
            typed = (
                out["birth_date_year"].cast(pl.Int64) * 10000
                + out["birth_date_month"].cast(pl.Int64).fill_null(0) * 100
            )
            known = (
                pl.DataFrame({"b": birth, "m": out["birth_date_month"].is_not_null()})
                .select(pl.when("m").then(pl.col("b") // 100 * 100).otherwise(pl.col("b") // 10000 * 10000))
                .to_series()
            )
            day = out["birth_date_day"].cast(pl.Int64)
            differs = verified & (
                (typed != known) | (day.is_not_null() & (day != birth % 100)).fill_null(False)
            )
            report("ID_BIRTH_DIFFERS", (differs & quiet).fill_null(False), column["birth_date"].header, None)
    for check in kind.checks:
        if check.field in column and check.other in column:
            wrong = (out[check.field] < out[check.other]).fill_null(False)
            report("DATE_ORDER", wrong & quiet, column[check.field].header, out[check.field].cast(pl.String))


_MAY_BE_LATER = (
    "valid_until",
    "surplus_from",
    "surplus_to",
    "sentence_to",
    "contract_until",
    "due_on",
    "removed_on",
)


def _future(kind: Kind, out: dict[str, pl.Series], column, as_of: date, report) -> None:  # type: ignore[no-untyped-def]
    """Dates of things that should have happened, but lie after the as-of date."""
    for f in kind.fields:
        if f.name in column and f.type in ("date", "datetime") and f.name not in _MAY_BE_LATER:
            later = (out[f.name] > as_of).fill_null(False)
            report("DATE_FUTURE", later, column[f.name].header, out[f.name].cast(pl.String))


def raw_fields(plans: list[Plan], kind: Kind) -> list[str]:
    """Fields whose raw text an extract may have to keep: those some sheet has."""
    named: set[str] = set()
    for plan in plans:
        named.update(c.field for c in plan.columns if c.field)
    return [f.name for f in kind.fields if f.name in named]
