"""The rows of one sheet, batch by batch: every row gets its kind, records are typed, repeated rows named."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import polars as pl

from chunfeng.engines.sheets import records, row_kinds, rows, ticks
from chunfeng.engines.sheets.ahead import ahead
from chunfeng.engines.sheets.grid import ROW, Grid, column_name
from chunfeng.engines.sheets.issues import IssueLog
from chunfeng.engines.sheets.mapping import Plan
from chunfeng.engines.sheets.planning import joined_fields
from chunfeng.engines.sheets.reading import UNKNOWN, UNKNOWN_SCHEMA, UNREAD, Request, SheetReading
from chunfeng.engines.sheets.repeats import Seen
from chunfeng.engines.sheets.settled import LEFT_OUT, edited, without_left_out
from chunfeng.engines.sheets.values import Context, by_distinct, spans


def read(reading: SheetReading, grid: Grid, request: Request, log: IssueLog) -> Iterator[pl.DataFrame]:
    """Classify every row, type the records; counts and issues are complete when this is exhausted."""
    batch_of = _Batches(reading, grid, request, log)
    for frame in ahead(map(row_kinds.blank_to_null, grid.batches())):
        if request.keep is not None:
            request.keep(reading, frame)
        batch = batch_of(frame)
        del frame  # one is read while one is typed, and no third is kept
        if batch is not None:
            reading.records += batch.height
            yield batch
        del batch
    reading.counts = dict(sorted(reading.counts.items()))
    if reading.role == "records" and not {row_kinds.DATA, LEFT_OUT} & reading.counts.keys():
        log.add("SHEET_NO_RECORDS", sheet=grid.sheet)
    for code, row, value in grid.issues:
        log.add(code, sheet=grid.sheet, row=row, value=value)
    grid.issues = []


class _Batches:
    """What stays the same from batch to batch of a sheet, and what one batch hands to the next."""

    def __init__(self, reading: SheetReading, grid: Grid, request: Request, log: IssueLog) -> None:
        self._reading, self._grid, self._log = reading, grid, log
        self._settled = request.settled.get((reading.file, reading.sheet))
        plan = self._plan = reading.plan
        self._carry = rows.Carry()
        asked = ticks.questions(plan.header, _below(plan, grid))
        self._ticked = ticks.answered([c.field for c in plan.columns], plan.kind, asked) if asked else {}
        self._seen = Seen(plan)
        self._forms = row_kinds.form_values(grid, plan)
        self._schema = (
            records.schema_of(plan.kind, records.raw_fields([plan], plan.kind))
            if plan.kind
            else UNKNOWN_SCHEMA
        )
        place = reading.place
        self._about = records.SheetContext(
            file=reading.file,
            sheet=reading.sheet,
            department=reading.department,
            period=reading.period,
            place=place,
            context=Context(
                epoch_1904=grid.epoch_1904,
                default_year=request.as_of.year if request.as_of else None,
                within=place[:6] if place and len(place) >= 6 else place,
            ),
            as_of=request.as_of,
        )

    def __call__(self, frame: pl.DataFrame) -> pl.DataFrame | None:
        """The records of one batch of rows (blank cells null), None when it has none."""
        reading, grid, plan = self._reading, self._grid, self._plan
        if self._settled is not None:
            frame = edited(frame, self._settled)
        kinds = self._kinds(frame)
        for kind, number in kinds.value_counts().iter_rows():
            reading.counts[kind] = reading.counts.get(kind, 0) + number
        reading.other_rows.append(_other_rows(frame, kinds, reading))
        sections = rows.sections(frame, kinds, self._carry)
        below = plan.header.last if plan.header else 0
        data = (
            rows.spread_merges(frame, grid, below)
            .with_columns(sections.alias("_section"))
            .filter(kinds == row_kinds.DATA)
        )
        if data.height == 0:
            return None
        if self._ticked:
            data = ticks.read_together(data, self._ticked)
        data, filled, household_row = rows.repeat_down(data, plan, self._carry)
        data = data.with_columns(
            household_row.alias("_household_row"), _filled_names(filled, data.height).alias("_filled")
        )
        if plan.kind is None:
            return _unknown(data, plan, self._about)
        constants = _constants(plan, self._forms, data)
        batch = records.type_records(data, plan, constants, self._about, self._log, self._schema)
        repeated = self._seen.repeats(data)
        if repeated.any():
            self._log.add_many("ROW_DUPLICATE", sheet=reading.sheet, rows=data[ROW].filter(repeated))
            batch = records.add_code(batch, repeated, "ROW_DUPLICATE")
        return batch if self._settled is None else self._leave_out(batch, frame)

    def _leave_out(self, batch: pl.DataFrame, frame: pl.DataFrame) -> pl.DataFrame | None:
        """The batch without the records a person left out, which count as a kind of row of their own."""
        assert self._settled is not None
        batch, rows_out = without_left_out(batch, self._settled)
        if len(rows_out):
            reading = self._reading
            reading.counts[row_kinds.DATA] -= len(rows_out)
            reading.counts[LEFT_OUT] = reading.counts.get(LEFT_OUT, 0) + len(rows_out)
            out = frame.filter(pl.col(ROW).is_in(rows_out.implode()))
            kinds = pl.Series("kind", [LEFT_OUT]).new_from_index(0, out.height)
            reading.other_rows.append(_other_rows(out, kinds, reading))
        return batch if batch.height else None

    def _kinds(self, frame: pl.DataFrame) -> pl.Series:
        if self._reading.role != "note":
            return row_kinds.mark_forms(
                row_kinds.classify(frame, self._grid, self._plan), self._grid, frame, self._forms
            )
        filled = pl.any_horizontal(pl.exclude(ROW).is_not_null())
        return frame.select(
            pl.when(filled).then(pl.lit(UNREAD)).otherwise(pl.lit(row_kinds.BLANK)).alias("kind")
        ).to_series()


def _below(plan: Plan, grid: Grid) -> pl.DataFrame:
    return grid.head.filter(pl.col(ROW) > plan.header.last) if plan.header else grid.head


def _constants(plan: Plan, forms: Mapping[str, str], data: pl.DataFrame) -> dict[str, pl.Series]:
    """Values of fields without a column: form lines above the header, the section a row stands in, joined columns."""
    assert plan.kind is not None
    sections = data["_section"]
    found = {
        name: pl.Series(name, [value]).new_from_index(0, len(sections))
        for name, value in forms.items()
        if plan.index_of(name) is None
    }
    for join in joined_fields(plan):
        pieces = [pl.col(column_name(i)) for name in join.of if (i := plan.index_of(name)) is not None]
        text = pl.concat_str(pieces, separator=join.by, ignore_nulls=True)
        whole = data.select(pl.when(text != "").then(text).alias("v"))["v"]
        part = plan.kind.field(join.field).part
        found[join.field] = spans.only_part(whole, part) if part else whole
    if sections.null_count() == len(sections):
        return found
    for name, function in rows.SECTION_VALUES.items():
        if name in plan.kind.by_name and plan.index_of(name) is None:
            values = by_distinct(sections, function, pl.String)
            if values.null_count() < len(values):
                found[name] = values
    return found


def _filled_names(filled: list[tuple[str, pl.Series]], height: int) -> pl.Series:
    if not filled:
        return pl.Series("_filled", [None], dtype=pl.String).new_from_index(0, height)
    frame = pl.DataFrame(dict(filled))
    text = frame.select(
        pl.concat_str(
            [pl.when(pl.col(n)).then(pl.lit(n)) for n in frame.columns], separator=";", ignore_nulls=True
        ).alias("f")
    )["f"]
    return text.to_frame().select(pl.when(pl.col("f") != "").then("f").alias("_filled"))["_filled"]


def _other_rows(frame: pl.DataFrame, kinds: pl.Series, reading: SheetReading) -> pl.DataFrame:
    other = (kinds != row_kinds.DATA) & (kinds != row_kinds.BLANK)
    spare, kinds = frame.filter(other), kinds.filter(other)
    return spare.select(
        pl.lit(reading.file).alias("file"),
        pl.lit(reading.sheet).alias("sheet"),
        pl.col(ROW).cast(pl.UInt32),
        kinds.alias("row_kind"),
        pl.concat_str(pl.exclude(ROW), separator=" | ", ignore_nulls=True).alias("text"),
    )


def _unknown(data: pl.DataFrame, plan: Plan, about: records.SheetContext) -> pl.DataFrame:
    """Records of a table whose kind is not known: every cell as it was, by header, as JSON."""
    none = pl.Series("none", [False]).new_from_index(0, data.height)
    other = records.other_cells(data, plan, none)
    fixed = records.common_columns(data, UNKNOWN, about)
    return (
        pl.DataFrame(fixed)
        .with_columns(other.alias("other"))
        .select([pl.col(name).cast(dtype) for name, dtype in UNKNOWN_SCHEMA.items()])
    )
