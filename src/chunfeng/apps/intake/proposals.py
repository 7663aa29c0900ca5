"""Another kind for a table: which of its fields the columns would be, by the reading's own judgement."""

from __future__ import annotations

from typing import Any

from chunfeng.apps.intake.models import Extract
from chunfeng.apps.intake.tables import cells
from chunfeng.engines.sheets import mapping
from chunfeng.engines.sheets.grid import Grid
from chunfeng.engines.sheets.header import Header
from chunfeng.engines.sheets.kinds import Kind

_SAMPLE = 2_000


def columns_as(extract: Extract, kind: Kind) -> list[dict[str, Any]]:
    """The columns of a table if it were of that kind, in the form of `Extract.plan`."""
    plan = extract.plan or {}
    columns, lines = plan.get("columns", []), plan.get("header_rows")
    head = cells(extract).head(_SAMPLE)
    if len(head.columns) - 1 != len(columns):
        columns = [{"column": i + 1, "header": ""} for i in range(len(head.columns) - 1)]
    header = None
    if lines:
        texts = tuple(tuple(c["header"].split("/")) if c["header"] else () for c in columns)
        header = Header(lines[0], lines[1], texts)
    grid = Grid(extract.sheet, head, len(columns))
    looks = mapping.profiles(grid, header)
    decided = mapping.decide(
        grid, header, looks, [kind], [(kind.titles[0] if kind.titles else kind.name, 1.0)]
    )
    return [
        {
            "column": c["column"],
            "header": c["header"],
            "field": d.field,
            "confidence": d.confidence,
            "why": d.why,
        }
        for c, d in zip(columns, decided.columns, strict=True)
    ]
