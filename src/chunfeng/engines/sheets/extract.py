"""One file in, typed tables out: every sheet with its plan, its records and an account of all its rows.

`read` yields one `SheetReading` per sheet. Its records come batch by batch from `batches()`, so a million-row file
never stands in memory at once; when they are consumed, the row counts are complete and every problem is in the log.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

import polars as pl

from chunfeng.engines.sheets import header as headers
from chunfeng.engines.sheets import mapping, plan_issues, readers, records, rows
from chunfeng.engines.sheets.container import EXPECTED, Source
from chunfeng.engines.sheets.grid import ROW, Grid, column_name
from chunfeng.engines.sheets.issues import IssueLog
from chunfeng.engines.sheets.mapping import Plan
from chunfeng.engines.sheets.periods import period_of
from chunfeng.engines.sheets.planning import (
    department_of,
    joined_fields,
    place_of,
    plan_of,
    role_of,
    signature_of,
    title_rows,
)
from chunfeng.engines.sheets.reading import (
    OTHER_ROWS_SCHEMA,
    UNKNOWN,
    UNKNOWN_SCHEMA,
    UNREAD,
    Request,
    SheetReading,
    mark_earlier_periods,
)
from chunfeng.engines.sheets.repeats import Seen
from chunfeng.engines.sheets.values import Context, by_distinct

__all__ = ["OTHER_ROWS_SCHEMA", "UNKNOWN", "Request", "SheetReading", "mark_earlier_periods", "read"]

_ENOUGH_ROWS = 12
"""A sheet with so many rows decides for later sheets of the file with the same header."""


def read(source: Source, request: Request, log: IssueLog) -> Iterator[SheetReading]:
    """The sheets of one file, in the sender's order. Raises ReadingError when the file cannot be read at all."""
    if source.suffix and source.suffix not in EXPECTED.get(source.format, {source.suffix}):
        log.add("FILE_EXTENSION_LIES", value=f"{source.suffix} → {source.format}")
    words = headers.lexicon(request.kinds.values())
    decided: dict[str, Plan] = {}
    for grid in readers.read(source, request.limits):
        yield _sheet(source.name, grid, request, words, log, decided)


def _sheet(
    file: str, grid: Grid, request: Request, words: frozenset[str], log: IssueLog, decided: dict[str, Plan]
) -> SheetReading:
    if grid.hidden:
        log.add("SHEET_HIDDEN", sheet=grid.sheet)
    grid.head = rows.blank_to_null(grid.head)
    if grid.width == 0 or grid.head.height == 0:
        log.add("SHEET_EMPTY", sheet=grid.sheet)
        _log_grid(grid, log)
        empty = Plan(None, 0.0, None, [])
        return SheetReading(
            file, grid.sheet, empty, "note", department_of(file, None, request), (), "", hidden=grid.hidden
        )
    found = headers.find(grid, words)
    titles = title_rows(grid, found)
    signature = signature_of(found)
    earlier = decided.get(signature)
    if earlier is not None and mapping.still_fits(earlier, grid, found):
        # twenty villages with one header are one decision, not twenty
        plan, role = mapping.moved(earlier, found), "records"
    else:
        looks = mapping.profiles(grid, found)
        plan = plan_of(file, grid, found, looks, titles, signature, request)
        role = role_of(grid, plan, looks)
        if (
            role == "records"
            and plan.kind
            and not plan.kind.generic
            and found
            and grid.head.height - found.last >= _ENOUGH_ROWS
        ):
            decided[signature] = plan
    if role == "note":
        plan = Plan(None, plan.confidence, found, [], plan.candidates)
    reading = SheetReading(
        file=file,
        sheet=grid.sheet,
        plan=plan,
        role=role,
        department=department_of(file, plan.kind, request),
        titles=titles,
        signature=signature,
        period=period_of((grid.sheet, *titles, PurePosixPath(file).stem), request.as_of),
        place=place_of(file, grid.sheet, titles, request.region),
        hidden=grid.hidden,
    )
    plan_issues.report(reading, grid, log)
    reading._batches = _records(reading, grid, request, log)
    return reading


def _records(reading: SheetReading, grid: Grid, request: Request, log: IssueLog) -> Iterator[pl.DataFrame]:
    """Classify every row, type the records; counts and issues are complete when this is exhausted."""
    plan = reading.plan
    carry = rows.Carry()
    seen = Seen(plan)
    forms = rows.form_values(grid, plan)
    schema = (
        records.schema_of(plan.kind, records.raw_fields([plan], plan.kind)) if plan.kind else UNKNOWN_SCHEMA
    )
    about = records.SheetContext(
        file=reading.file,
        sheet=reading.sheet,
        department=reading.department,
        period=reading.period,
        place=reading.place,
        context=Context(
            epoch_1904=grid.epoch_1904,
            default_year=request.as_of.year if request.as_of else None,
            within=reading.place[:6] if reading.place and len(reading.place) >= 6 else reading.place,
        ),
        as_of=request.as_of,
    )
    kinds_seen: list[pl.Series] = []
    below = plan.header.last if plan.header else 0
    for raw in grid.batches():
        frame = rows.blank_to_null(raw)
        if reading.role == "note":
            kinds = (
                frame.select(
                    pl.when(pl.any_horizontal(pl.exclude(ROW).is_not_null()))
                    .then(pl.lit(UNREAD))
                    .otherwise(pl.lit(rows.BLANK))
                )
                .to_series()
                .alias("kind")
            )
        else:
            kinds = rows.mark_forms(rows.classify(frame, grid, plan), grid, frame, forms)
        kinds_seen.append(kinds)
        reading.other_rows.append(_other_rows(frame, kinds, reading))
        sections = rows.sections(frame, kinds, carry)
        data = (
            rows.spread_merges(frame, grid, below)
            .with_columns(sections.alias("_section"))
            .filter(kinds == rows.DATA)
        )
        if data.height == 0:
            continue
        data, filled, household_row = rows.repeat_down(data, plan, carry)
        data = data.with_columns(
            household_row.alias("_household_row"), _filled_names(filled, data.height).alias("_filled")
        )
        if plan.kind is None:
            batch = _unknown(data, plan, about)
        else:
            constants = _constants(plan, forms, data)
            batch = records.type_records(data, plan, constants, about, log, schema)
            repeated = seen.repeats(data)
            if repeated.any():
                where = data.filter(repeated).select(pl.lit(reading.sheet).alias("sheet"), ROW)
                log.add_many("ROW_DUPLICATE", rows=where, column="")
                batch = records.add_code(batch, repeated, "ROW_DUPLICATE")
        reading.records += batch.height
        yield batch
    reading.counts = rows.counts(kinds_seen)
    _log_grid(grid, log)


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
        found[join.field] = data.select(pl.when(text != "").then(text).alias("v"))["v"]
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
    cells = [c for c in frame.columns if c != ROW]
    spare = frame.with_columns(kinds.alias("_k")).filter(~pl.col("_k").is_in([rows.DATA, rows.BLANK]))
    return spare.select(
        pl.lit(reading.file).alias("file"),
        pl.lit(reading.sheet).alias("sheet"),
        pl.col(ROW).cast(pl.UInt32),
        pl.col("_k").alias("row_kind"),
        pl.concat_str([pl.col(c) for c in cells], separator=" | ", ignore_nulls=True).alias("text"),
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


def _log_grid(grid: Grid, log: IssueLog) -> None:
    for code, row, value in grid.issues:
        log.add(code, sheet=grid.sheet, row=row, value=value)
    grid.issues = []
