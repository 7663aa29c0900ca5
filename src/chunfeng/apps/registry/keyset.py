"""Pages of a list by the last row seen: as quick on page 1,000 as on page 1, and no row is skipped or shown twice.

A row comparison `(place, key) > (…)` is one condition of an index, also under row-level security.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import BooleanField, F, Func, QuerySet, Value

PAGE = 50
CAP = 1_001
"""Counting stops here: "1000+" says enough, and costs the same in a village as in a province."""


class _RowCompare(Func):
    """(columns) > (values), or < where `template` says so."""

    output_field = BooleanField()
    arity = None

    def __init__(self, columns: Sequence[str], values: Sequence[Any], operator: str) -> None:
        super().__init__(*(F(name) for name in columns), *(Value(value) for value in values))
        self.width, self.operator = len(columns), operator

    def as_sql(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, list[Any]]:
        parts = [compiler.compile(expression) for expression in self.source_expressions]
        left = ", ".join(sql for sql, _ in parts[: self.width])
        right = ", ".join(sql for sql, _ in parts[self.width :])
        return f"({left}) {self.operator} ({right})", [p for _, ps in parts for p in ps]


@dataclass(frozen=True)
class Page:
    """Rows of one page, and the marks of the pages before and after ('' where there is none)."""

    rows: list[Any]
    previous: str = ""
    next: str = ""


def page(
    found: QuerySet, order: Sequence[str], *, after: str = "", before: str = "", size: int = PAGE
) -> Page:
    """One page of a queryset in rising order of columns that tell rows apart. One query.

    A mark that nobody gave out is as good as none.
    """
    mark = _read(before or after, [_type(found, name) for name in order])
    back = bool(before and mark)
    if mark:
        found = found.filter(_RowCompare(order, mark, "<" if back else ">"))
    rows = list(found.order_by(*(f"-{name}" if back else name for name in order))[: size + 1])
    more, rows = len(rows) > size, rows[:size]
    if back:
        rows.reverse()
    first, last = (_mark(rows[0], order), _mark(rows[-1], order)) if rows else ("", "")
    return Page(
        rows,
        previous=first if (more if back else bool(mark)) else "",
        next=last if (True if back else more) else "",
    )


def counted(found: QuerySet, page: Page | None = None) -> str:
    """How many rows a list has, in words. One query, none where its page shows all of them."""
    whole = page and page.rows and not (page.previous or page.next)
    return told(len(page.rows) if whole else int(found.order_by()[:CAP].count()))


def told(count: int) -> str:
    """A count in words: 1000+ from the cap on."""
    return f"{CAP - 1}+" if count >= CAP else f"{count:,}"


def _mark(row: Any, order: Sequence[str]) -> str:
    text = json.dumps([getattr(row, name) for name in order], ensure_ascii=False)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _type(found: QuerySet, name: str) -> type:
    """What a column of the order holds: text or whole numbers."""
    field = next(f for f in found.model._meta.concrete_fields if f.attname == name)
    return str if field.get_internal_type() in ("CharField", "GeneratedField") else int


def _read(mark: str, types: Sequence[type]) -> list[Any] | None:
    try:
        values = json.loads(base64.urlsafe_b64decode(mark + "=" * (-len(mark) % 4)))
    except (binascii.Error, ValueError):
        return None
    if not isinstance(values, list) or [type(v) for v in values] != list(types):
        return None
    usable = all("\0" not in v if isinstance(v, str) else abs(v) < 2**63 for v in values)
    return values if usable else None
