"""What a plan leaves open, said to the sender: no header, kind or column uncertain, columns missing or unused."""

from __future__ import annotations

from chunfeng.engines.sheets import mapping, row_kinds
from chunfeng.engines.sheets.grid import ROW, Grid, column_name
from chunfeng.engines.sheets.issues import IssueLog
from chunfeng.engines.sheets.kinds import Join
from chunfeng.engines.sheets.mapping import Plan
from chunfeng.engines.sheets.planning import joined_fields
from chunfeng.engines.sheets.reading import SheetReading
from chunfeng.engines.sheets.values import spans


def report(reading: SheetReading, grid: Grid, log: IssueLog) -> None:
    """Put into the log whatever the plan of a sheet leaves for a person to look at."""
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
        elif c.field is None and c.header and c.why != "ticks":
            log.add("COLUMN_UNUSED", sheet=sheet, row=row, column=c.header)
        elif c.against_header:
            log.add(
                "COLUMN_CONTENT_DIFFERS",
                sheet=sheet,
                row=row,
                column=c.header,
                value=plan.kind.field(str(c.field)).label,
            )
    below = plan.header is None or (grid.head[ROW] > plan.header.last).any()
    if plan.kind is not None and not plan.kind.generic and below:
        joined = {j.field for j in joined_fields(plan) if _holds(j, plan, grid)}
        joined |= row_kinds.form_values(grid, plan).keys()
        unsure = any(c.why in ("duplicate", "uncertain") for c in plan.columns)
        for f in plan.kind.fields:
            if f.required and plan.index_of(f.name) is None and f.name not in joined and not unsure:
                log.add("COLUMN_MISSING", sheet=sheet, row=row, column=f.label)


def _holds(join: Join, plan: Plan, grid: Grid) -> bool:
    """Whether the columns that stand in for a field say it: those of spans do only where spans are in them."""
    part = plan.kind.field(join.field).part if plan.kind else ""
    at = next((i for name in join.of if (i := plan.index_of(name)) is not None), None)
    return not part or at is None or spans.only_part(grid.head[column_name(at)], part).is_not_null().any()


def _is_close(plan: Plan) -> bool:
    """Whether the second kind came so near that a person should look."""
    return plan.confidence < 0.6 or (
        len(plan.candidates) > 1 and plan.candidates[0][1] - plan.candidates[1][1] < mapping.MARGIN
    )
