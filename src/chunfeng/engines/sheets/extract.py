"""One file in, typed tables out: every sheet with its plan, its records and an account of all its rows.

`read` yields one `SheetReading` per sheet. Its records come batch by batch from `batches()`, so a million-row file
never stands in memory at once; when they are consumed, the row counts are complete and every problem is in the log.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import PurePosixPath

import numpy as np
import polars as pl

from chunfeng.engines.identity import addresses
from chunfeng.engines.sheets import header as headers
from chunfeng.engines.sheets import mapping, readers, records, rows
from chunfeng.engines.sheets.container import EXPECTED, Source
from chunfeng.engines.sheets.grid import ROW, Grid, column_name
from chunfeng.engines.sheets.issues import IssueLog
from chunfeng.engines.sheets.kinds import Join, Kind
from chunfeng.engines.sheets.limits import DEFAULT, Limits
from chunfeng.engines.sheets.mapping import Plan
from chunfeng.engines.sheets.periods import period_of
from chunfeng.engines.sheets.profile import Profile
from chunfeng.engines.sheets.values import Context, by_distinct

UNKNOWN = "unknown"
"""Kind of a table whose kind could not be told: its cells are kept as they are."""

UNREAD = "unread"
"""Row kind of sheets that hold no records (notes, code lists, pivots)."""

UNKNOWN_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {**records.COMMON, "other": pl.String}
OTHER_ROWS_SCHEMA = {
    "file": pl.String,
    "sheet": pl.String,
    "row": pl.UInt32,
    "row_kind": pl.String,
    "text": pl.String,
}
_NOTE_SHEET = re.compile(
    r"说明|代码|字典|目录|封面|须知|透视|下拉|选项|样例|示例|统计|汇总|参数|枚举|版本|修订|备注"
)
_NOTE_TITLE = re.compile(r"^[（(]?(注|说明|备注|填表|填报|审核|联系|单位|制表|要求)|[。；;]")
_TOO_WEAK = 0.05
_ENOUGH_ROWS = 12
"""A sheet with so many rows decides for later sheets of the file with the same header."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a reading needs to know besides the file: the date it is for, the region, the kinds, saved answers."""

    kinds: Mapping[str, Kind]
    as_of: date | None = None
    region: str | None = None
    """Region code the whole delivery speaks of (a county), used to place towns and villages of one name."""
    answers: Mapping[str, tuple[str, Mapping[str, str | None]]] = field(default_factory=dict)
    """Saved answers of a person by header signature: kind code and header text → field."""
    limits: Limits = DEFAULT


@dataclass(slots=True)
class SheetReading:
    """One sheet: what was decided about it, and after its batches are consumed, what was found in it."""

    file: str
    sheet: str
    plan: Plan
    role: str
    """records, unknown (table of no known kind) or note (holds no records)."""
    department: str
    titles: tuple[str, ...]
    signature: str
    period: date | None = None
    place: str | None = None
    hidden: bool = False
    counts: dict[str, int] = field(default_factory=dict)
    records: int = 0
    current: bool = True
    other_rows: list[pl.DataFrame] = field(default_factory=list)
    _batches: Iterator[pl.DataFrame] | None = None

    @property
    def kind(self) -> str:
        """Code of the kind, or `unknown`."""
        return self.plan.kind.code if self.plan.kind else UNKNOWN

    def batches(self) -> Iterator[pl.DataFrame]:
        """The records, all batches in one schema. Can be consumed once."""
        if self._batches is None:
            return iter(())
        batches, self._batches = self._batches, None
        return batches

    def not_data_rows(self) -> pl.DataFrame:
        """Rows that are no records, as text: titles, footers, totals, sections (shape OTHER_ROWS_SCHEMA)."""
        if not self.other_rows:
            return pl.DataFrame(schema=OTHER_ROWS_SCHEMA)
        return pl.concat(self.other_rows)


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
        plan = _plan(file, grid, found, looks, titles, signature, request)
        role = _role(grid, plan, looks)
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
    _log_plan(reading, grid, log)
    reading._batches = _records(reading, grid, request, log)
    return reading


def title_rows(grid: Grid, header: headers.Header | None) -> tuple[str, ...]:
    """Texts that stand above the header, one per row, blanks closed up, 80 characters at most each."""
    if header is None:
        return ()
    above = grid.head.filter(pl.col(ROW) < header.first).drop(ROW)
    texts = (" ".join(c.strip() for c in row if c and c.strip()) for row in above.iter_rows())
    return tuple(t[:80] for t in texts if t)


def signature_of(header: headers.Header | None) -> str:
    """The header's texts as one line: what saved answers are found by, whatever the file is called."""
    return "" if header is None else "|".join("/".join(t) for t in header.texts)


def _plan(
    file: str,
    grid: Grid,
    header: headers.Header | None,
    looks: list[Profile],
    titles: tuple[str, ...],
    signature: str,
    request: Request,
) -> Plan:
    answer = request.answers.get(signature)
    if answer is not None and answer[0] in request.kinds:
        return mapping.apply_saved(grid, header, request.kinds[answer[0]], dict(answer[1]))
    path = PurePosixPath(file)
    weighted = [(path.stem, 0.8), (grid.sheet, 0.9)]
    weighted += [(str(parent), 0.5) for parent in path.parents if parent.name]
    weighted += [(t, 0.25 if _NOTE_TITLE.search(t) or len(t) > 45 else 1.0) for t in titles[:6]]
    return mapping.decide(grid, header, looks, list(request.kinds.values()), weighted)


def _role(grid: Grid, plan: Plan, looks: list[Profile]) -> str:
    """records where the kind is known; note for sheets without people, firms or requests; unknown for the rest."""
    hard = max(
        (
            max(p.share("citizen_id"), p.share("token"), p.share("credit_code"), p.share("phone"))
            for p in looks
        ),
        default=0.0,
    )
    noted = bool(_NOTE_SHEET.search(grid.sheet))
    if plan.saved:
        return "records"
    if plan.kind is not None and not plan.kind.generic:
        return "note" if noted and hard < _TOO_WEAK and not _dense(grid, plan) else "records"
    if hard >= 0.3:
        return "records" if plan.kind is not None else UNKNOWN
    named = plan.kind is not None and plan.index_of("name") is not None
    if named and not noted and looks[plan.index_of("name") or 0].share("name") > 0.6:
        return "records"
    if plan.header is None or noted or grid.head.height <= 3:
        return "note"
    numbers = sum(p.share("number") > 0.9 for p in looks)
    if numbers * 2 >= sum(p.filled > 0 for p in looks):
        return "note"  # a table of figures, not of records
    return UNKNOWN if _dense(grid, plan) else "note"


def _dense(grid: Grid, plan: Plan) -> bool:
    """Whether the rows below the header are filled like records are: most columns in most rows."""
    if plan.header is None or grid.width < 3:
        return False
    below = grid.head.filter(pl.col(ROW) > plan.header.last).drop(ROW)
    if below.height < 3:
        return False
    filled = below.select(
        pl.mean_horizontal([pl.col(c).is_not_null().cast(pl.Float64) for c in below.columns])
    ).to_series()
    return float(filled.median() or 0.0) >= 0.6  # type: ignore[arg-type]


def department_of(file: str, kind: Kind | None, request: Request) -> str:
    """Who sent it: the kind's department, else the department named in the file's path, else 其他."""
    if kind is not None and not kind.generic:
        return kind.department
    known = {k.department for k in request.kinds.values() if not k.generic}
    named = [d for d in known if d in file]
    return max(named, key=len) if named else "其他"


def place_of(file: str, sheet: str, titles: Sequence[str], region: str | None) -> str | None:
    """Region code the sheet speaks of, as deep as its own names are certain; the delivery's region otherwise."""
    best = region
    names = [
        re.sub(r"[（(]\d+[）)]|\d+|附件|[：:]", "", t) for t in (sheet, *titles[:3], PurePosixPath(file).stem)
    ]
    for text in names:
        for piece in _place_names(text):
            code = addresses.read(piece, within=best).code
            if code is not None and len(code) > len(best or "") and code.startswith(best or ""):
                best = code
    return best


def _place_names(text: str) -> list[str]:
    """Pieces of a title that may be places: what stands before and within 镇, 乡, 街道, 村, 社区, 县, 市."""
    pieces = re.findall(r"[\u4e00-\u9fff]{1,12}?(?:街道|[省市县区镇乡村]|社区)", text)
    joined = "".join(pieces)
    return [joined, *pieces] if pieces else []


def _log_grid(grid: Grid, log: IssueLog) -> None:
    for code, row, value in grid.issues:
        log.add(code, sheet=grid.sheet, row=row, value=value)
    grid.issues = []


def _log_plan(reading: SheetReading, grid: Grid, log: IssueLog) -> None:
    sheet, plan = reading.sheet, reading.plan
    row = plan.header.last if plan.header else None
    if reading.role == "note":
        log.add("SHEET_NOT_DATA", sheet=sheet)
        return
    if plan.header is None:
        log.add("SHEET_NO_HEADER", sheet=sheet)
    nearest = "、".join(f"{code} {score:.2f}" for code, score in plan.candidates)
    if plan.kind is None:
        log.add("KIND_UNKNOWN", sheet=sheet, row=row, value=nearest)
    elif plan.kind.generic:
        log.add("KIND_GENERIC", sheet=sheet, row=row, value=nearest)
    elif not plan.saved and _is_close(plan):
        log.add("KIND_UNCERTAIN", sheet=sheet, row=row, value=nearest)
    for c in plan.columns:
        if plan.kind is None:
            break
        if c.index in grid.hidden_columns:
            log.add("COLUMN_HIDDEN", sheet=sheet, row=row, column=c.header)
        if c.why == "duplicate":
            log.add("COLUMN_DUPLICATE", sheet=sheet, row=row, column=c.header, value=f"第{c.index + 1}列")
        elif c.why == "uncertain":
            log.add(
                "COLUMN_UNCERTAIN", sheet=sheet, row=row, column=c.header, value=f"把握 {c.confidence:.2f}"
            )
        elif c.field is None and c.header:
            log.add("COLUMN_UNUSED", sheet=sheet, row=row, column=c.header)
        elif c.against_header:
            log.add(
                "COLUMN_CONTENT_DIFFERS",
                sheet=sheet,
                row=row,
                column=c.header,
                value=plan.kind.field(str(c.field)).label,
            )
    if plan.kind is not None and not plan.kind.generic:
        joined = {j.field for j in joined_fields(plan)}
        unsure = any(c.why in ("duplicate", "uncertain") for c in plan.columns)
        for f in plan.kind.fields:
            if f.required and plan.index_of(f.name) is None and f.name not in joined and not unsure:
                log.add("COLUMN_MISSING", sheet=sheet, row=row, column=f.label)


def _is_close(plan: Plan) -> bool:
    """Whether the second kind came so near that a person should look."""
    return plan.confidence < 0.6 or (
        len(plan.candidates) > 1 and plan.candidates[0][1] - plan.candidates[1][1] < mapping.MARGIN
    )


def _records(reading: SheetReading, grid: Grid, request: Request, log: IssueLog) -> Iterator[pl.DataFrame]:
    """Classify every row, type the records; counts and issues are complete when this is exhausted."""
    plan = reading.plan
    carry = rows.Carry()
    seen = _Seen(plan)
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


def joined_fields(plan: Plan) -> list[Join]:
    """The joins that apply: the field itself has no column, some of its parts have."""
    if plan.kind is None:
        return []
    return [
        j
        for j in plan.kind.joins
        if plan.index_of(j.field) is None and any(plan.index_of(n) is not None for n in j.of)
    ]


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


class _Seen:
    """Rows already met on a sheet, by a hash over all cells but the running number."""

    def __init__(self, plan: Plan) -> None:
        serial = plan.index_of("serial")
        self._skip = {ROW, "_section", "_household_row", "_filled"} | (
            {column_name(serial)} if serial is not None else set()
        )
        self._hashes = np.empty(0, dtype=np.uint64)

    def repeats(self, data: pl.DataFrame) -> pl.Series:
        """Mask of the rows that repeat an earlier one."""
        cells = [c for c in data.columns if c not in self._skip]
        hashes = data.select(cells).hash_rows(seed=2023)
        mask = ~hashes.is_first_distinct()
        if len(self._hashes):
            mask = mask | pl.Series(np.isin(hashes.to_numpy(), self._hashes))
        self._hashes = np.unique(np.concatenate([self._hashes, hashes.to_numpy()]))
        return mask


def mark_earlier_periods(readings: Sequence[SheetReading], log: IssueLog) -> None:
    """Sheets of one kind that speak of different months: only the latest is the present state."""
    latest: dict[str, date] = {}
    for r in readings:
        if r.period is not None and r.plan.kind is not None and not r.plan.kind.series:
            latest[r.kind] = max(r.period, latest.get(r.kind, r.period))
    for r in readings:
        if r.period is not None and r.kind in latest and r.period < latest[r.kind]:
            r.current = False
            log.add("SHEET_OTHER_PERIOD", sheet=r.sheet, value=f"{r.period:%Y-%m}")
