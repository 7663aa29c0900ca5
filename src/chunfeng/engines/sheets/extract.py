"""One file in, typed tables out: every sheet with its plan, its records and an account of all its rows.

`read` yields one `SheetReading` per sheet. Its records come batch by batch from `batches()`, so a million-row file
never stands in memory at once; when they are consumed, the row counts are complete and every problem is in the log.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from chunfeng.engines.sheets import (
    answers,
    batches,
    mapping,
    plan_issues,
    readers,
    row_kinds,
    settled,
    stacked,
)
from chunfeng.engines.sheets import header as headers
from chunfeng.engines.sheets.container import EXPECTED, Source
from chunfeng.engines.sheets.grid import Grid
from chunfeng.engines.sheets.issues import IssueLog
from chunfeng.engines.sheets.mapping import Plan
from chunfeng.engines.sheets.periods import period_of
from chunfeng.engines.sheets.planning import (
    department_of,
    own_titles,
    place_of,
    plan_of,
    role_of,
    signature_of,
    title_rows,
)
from chunfeng.engines.sheets.reading import (
    OTHER_ROWS_SCHEMA,
    UNKNOWN,
    Request,
    SheetReading,
    mark_earlier_periods,
)

__all__ = ["OTHER_ROWS_SCHEMA", "UNKNOWN", "Request", "SheetReading", "mark_earlier_periods", "read"]

Decided = dict[tuple[str, tuple[str, ...]], Plan]
"""By header and the kinds that titles name."""
_ENOUGH_ROWS = 12
"""A sheet with so many rows decides for later sheets of the file with the same header."""


def read(source: Source, request: Request, log: IssueLog) -> Iterator[SheetReading]:
    """The sheets of one file, in the sender's order. Raises ReadingError when the file cannot be read at all."""
    if source.suffix and source.suffix not in EXPECTED.get(source.format, {source.suffix}):
        log.add("FILE_EXTENSION_LIES", value=f"{source.suffix} → {source.format}")
    words = headers.lexicon(request.kinds.values())
    keys = stacked.key_words(request.kinds.values())
    decided: Decided = {}
    for grid in readers.read(source, request.limits):
        grid.head = row_kinds.blank_to_null(grid.head)
        for part in stacked.split(grid, words, keys):
            yield _sheet(source.name, part, request, words, log, decided)


def _sheet(
    file: str, grid: Grid, request: Request, words: frozenset[str], log: IssueLog, decided: Decided
) -> SheetReading:
    if grid.hidden:
        log.add("SHEET_HIDDEN", sheet=grid.sheet)
    if grid.width == 0 or grid.head.height == 0:
        log.add("SHEET_EMPTY", sheet=grid.sheet)
        for code, row, value in grid.issues:
            log.add(code, sheet=grid.sheet, row=row, value=value)
        empty = Plan(None, 0.0, None, [])
        return SheetReading(
            file, grid.sheet, empty, "note", department_of(file, None, request), (), "", hidden=grid.hidden
        )
    answer = request.settled.get((file, grid.sheet))
    if answer is None and request.only_settled:
        log.add("NOT_ACCEPTED", sheet=grid.sheet)
        empty = Plan(None, 0.0, None, [])
        return SheetReading(
            file, grid.sheet, empty, "note", department_of(file, None, request), (), "", hidden=grid.hidden
        )
    found = headers.find(grid, words)
    titles = title_rows(grid, found)
    signature = signature_of(found)
    titled = answers.named(request.kinds.values(), own_titles(file, grid.sheet, titles))
    earlier = decided.get((signature, titled))
    if answer is not None and answer.kind in request.kinds:
        plan, role = settled.plan_of(answer, request.kinds[answer.kind], found, grid.width), "records"
    elif earlier is not None and mapping.still_fits(earlier, grid, found):
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
            decided[signature, titled] = plan
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
        titled=titled,
    )
    plan_issues.report(reading, grid, log)
    reading._batches = batches.read(reading, grid, request, log)
    return reading
