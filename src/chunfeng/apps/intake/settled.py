"""What people settled about an extract, in the form the reading understands."""

from __future__ import annotations

from chunfeng.apps.intake.models import Extract
from chunfeng.engines.sheets.settled import Settled


def settled_of(extract: Extract, *, left_out: bool = True) -> Settled:
    """Kind, columns, cells put right and, with `left_out`, the rows that were not accepted."""
    edits = {
        (e.row, e.column): e.new or None for e in extract.edits.all()
    }  # in order: the last one of a cell holds
    return Settled(
        extract.kind,
        tuple(c["field"] for c in (extract.plan or {}).get("columns", ())),
        tuple((row, column, text) for (row, column), text in sorted(edits.items(), key=lambda e: e[0])),
        tuple(extract.left_out) if left_out else (),
    )
