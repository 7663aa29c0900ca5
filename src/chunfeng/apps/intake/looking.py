"""Rows of an extract as people look at them: the cells as sent with what was put right, how they were read, what is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from chunfeng.apps.intake import words
from chunfeng.apps.intake.kinds import kinds_of
from chunfeng.apps.intake.models import Extract, ExtractIssue
from chunfeng.apps.intake.settled import settled_of
from chunfeng.apps.intake.shown import cover_numbers, whole
from chunfeng.apps.intake.tables import cells, typed
from chunfeng.engines.disclosure.masks import mask_ids, mask_phones
from chunfeng.engines.sheets.again import KnownSheet, type_again
from chunfeng.engines.sheets.kinds import Kind
from chunfeng.engines.sheets.settled import edited

PAGE = 50
_MASKS = {"citizen_id": mask_ids, "certificate": mask_ids, "phone": mask_phones}


@dataclass
class Cell:
    """One cell. `text` as it is now (masked where it is a sound number and `masked`), `read` what it was understood as.

    `now`: what is saved, where `text` is what a person typed and could not save.
    """

    column: int
    header: str
    text: str
    read: str = ""
    old: str | None = None
    now: str | None = None
    changed: bool = False
    target: str = ""
    issues: list[Mapping[str, Any]] = field(default_factory=list)

    @property
    def lines(self) -> int:
        return len(self.text.splitlines())


@dataclass
class Row:
    """One row: its number with the sender, its cells, whether it is a record, and what is wrong with it."""

    number: int
    cells: list[Cell]
    record: bool
    state: str = ""
    issues: list[Mapping[str, Any]] = field(default_factory=list)

    @property
    def rank(self) -> int | None:
        return min((i["rank"] for i in self.issues), default=None)


def headers(extract: Extract) -> list[str]:
    """The header of every column; a number where it has none. A first row of persons may have been taken for one."""
    columns = (extract.plan or {}).get("columns", [])
    return [cover_numbers(c["header"]) or _("第%(n)s列") % {"n": c["column"]} for c in columns]


def page(
    extract: Extract, after: int = 0, *, wrong_only: bool = False, before: int | None = None
) -> tuple[list[Row], bool]:
    """The next 50 rows after a row number (or the 50 before one), masked, and whether there are more that way."""
    raw = cells(extract)
    if wrong_only:
        wrong = ExtractIssue.objects.filter(extract=extract, rank__lte=1, row__gt=extract.header_last)
        wrong = (
            wrong.filter(row__lt=before).order_by("-row")
            if before
            else wrong.filter(row__gt=after).order_by("row")
        )
        numbers = list(wrong.values_list("row", flat=True).distinct()[: PAGE + 1])
        raw = raw.filter(pl.col("row").is_in(numbers))
    filled = [pl.col(c).is_not_null() for c in raw.columns if c != "row"]
    raw = raw.filter(pl.any_horizontal(filled)) if filled else raw
    raw = (
        raw.filter(pl.col("row") < before).tail(PAGE + 1)
        if before
        else raw.filter(pl.col("row") > after).head(PAGE + 1)
    )
    more = raw.height > PAGE
    raw = (raw.tail(PAGE) if before else raw.head(PAGE)) if more else raw
    return _rows(extract, raw, typed(extract), _issues(extract, raw["row"].to_list())), more


def one(extract: Extract, number: int) -> Row:
    """One row, unmasked. ValidationError where the table has no such row."""
    raw = cells(extract).filter(pl.col("row") == number)
    if raw.height == 0 or number <= extract.header_last:
        raise ValidationError(_("这张表没有第 %(row)s 行。") % {"row": number})
    return _rows(extract, raw, typed(extract), _issues(extract, [number]), masked=False)[0]


def again(extract: Extract, number: int) -> Row:
    """One row as it is after what was put right, typed anew at once by the reading's own rules; unmasked."""
    kind = kinds_of(extract.county).get(extract.kind)
    if kind is None:
        return one(extract, number)
    table, raw = typed(extract), cells(extract)
    first = number
    if "household_row" in table.columns:
        heads = table.filter(pl.col("row") == number)["household_row"].drop_nulls()
        first = int(heads[0]) if len(heads) else number
    near = raw.filter(pl.col("row").is_between(first, number))
    if near.height == 0 or number <= extract.header_last:
        raise ValidationError(_("这张表没有第 %(row)s 行。") % {"row": number})
    plan = extract.plan or {}
    known = KnownSheet(
        extract.source,
        extract.sheet,
        tuple(c["header"] for c in plan["columns"]),
        tuple(plan["header_rows"]) if plan.get("header_rows") else None,  # type: ignore[arg-type]
        extract.department,
        extract.period,
        extract.region or None,
    )
    records, issues = type_again(
        near, known, settled_of(extract, left_out=False), kind, extract.delivery.as_of, extract.county
    )
    found = [_issue(i) for i in issues.filter(pl.col("row") == number).to_dicts()]
    # what only the whole list can tell holds until it is read anew
    found += [i for i in _issues(extract, [number]) if i["code"] == "ROW_DUPLICATE"]
    return _rows(extract, near.filter(pl.col("row") == number), records, found, masked=False)[0]


def cell(extract: Extract, row: int, column: int) -> str | None:
    """The text of one cell as it is now. ValidationError where there is no such cell, or it stands in the header."""
    raw = cells(extract).filter(pl.col("row") == row)
    if raw.height == 0 or f"c{column}" not in raw.columns or row <= extract.header_last:
        raise ValidationError(_("没有这个单元格。"))
    text: str | None = edited(raw, settled_of(extract))[f"c{column}"][0]
    return None if text is None else text.strip()


# --- parts -----------------------------------------------------------------------------------------------------------


def _rows(
    extract: Extract,
    raw: pl.DataFrame,
    table: pl.DataFrame,
    issues: Iterable[Mapping[str, Any]],
    *,
    masked: bool = True,
) -> list[Row]:
    kind = kinds_of(extract.county).get(extract.kind)
    columns = (extract.plan or {}).get("columns", [])
    covered, unsettled = masked and not whole(extract), _unsettled(extract, kind)
    names = headers(extract)
    now = edited(raw, settled_of(extract))
    records = {r["row"]: r for r in _shown(table, raw["row"]).to_dicts()}
    by_row: dict[int, list[Mapping[str, Any]]] = {}
    for issue in issues:
        by_row.setdefault(issue["row"], []).append(issue)
    out: list[Row] = []
    for was, is_now in zip(raw.iter_rows(named=True), now.iter_rows(named=True), strict=True):
        number = was["row"]
        record = records.get(number)
        row = Row(number, [], record is not None, (record or {}).get("state") or "", by_row.get(number, []))
        for i, column in enumerate(columns or [{} for _c in range(len(raw.columns) - 1)]):
            name = names[i] if i < len(names) else ""
            text, before = is_now.get(f"c{i}"), was.get(f"c{i}")
            one = Cell(i, name, text or "", target=column.get("field") or "")
            one.issues = [
                x for x in row.issues if x["rank"] < 2 and x["column"] and x["column"] == column.get("header")
            ]
            one.changed, one.old = text != before, before
            known = bool(record and kind and one.target in kind.by_name)
            if record and kind and known:
                _understood(one, kind, record, masked, covered)
            if covered or (masked and (unsettled or not known)):
                one.text, one.read = cover_numbers(one.text), cover_numbers(one.read)
                one.old = one.old and cover_numbers(one.old)
            row.cells.append(one)
        out.append(row)
    return out


def _unsettled(extract: Extract, kind: Kind | None) -> bool:
    """Whether it is still open which column of the table holds what."""
    return kind is None or extract.state in (Extract.State.NOTE, Extract.State.NEEDS_MAPPING)


def _understood(one: Cell, kind: Kind, record: Mapping[str, Any], masked: bool, covered: bool) -> None:
    """What a cell was read as, where that differs from its text; sound numbers masked, if `covered` wrong ones too."""
    value = record.get(one.target)
    if value is not None and str(value) != one.text.strip():
        one.read = str(value)
    mask = _MASKS.get(kind.field(one.target).type)
    if masked and mask and (covered or (value is not None and not one.issues)):
        one.text, one.read, one.old = mask(pl.Series([one.text.strip()])).item(), "", None


def _shown(table: pl.DataFrame, numbers: pl.Series) -> pl.DataFrame:
    return table.filter(pl.col("row").is_in(numbers.implode())) if table.height else table


def _issues(extract: Extract, numbers: list[int]) -> list[Mapping[str, Any]]:
    found = ExtractIssue.objects.filter(extract=extract, row__in=numbers).order_by("rank", "position")
    return [described(i) for i in found]


def listed(extract: Extract, issues: Iterable[ExtractIssue]) -> list[Mapping[str, Any]]:
    """Problems of a list for the screen. Who works on the list sees the wrong numbers; others, and those of columns that
    nobody said the meaning of, covered.
    """
    kind, covered = kinds_of(extract.county).get(extract.kind), not whole(extract)
    unsettled = _unsettled(extract, kind)
    columns = {c["header"][:120]: c["field"] for c in (extract.plan or {}).get("columns", ()) if c["field"]}
    found = []
    for issue in map(described, issues):
        name, value = columns.get(issue["column"], ""), issue["value"]
        known = kind is not None and name in kind.by_name
        mask = _MASKS.get(kind.field(name).type) if kind and known else None
        if covered and mask:
            value = mask(pl.Series([value.strip()])).item()
        if covered or unsettled or not known:
            value = cover_numbers(value)
        found.append({**issue, "value": value})
    return found


def described(issue: ExtractIssue) -> Mapping[str, Any]:
    """A problem: where it is, how grave, what to do, and the content of the cell as it is."""
    return _issue(
        {"row": issue.row, "column": issue.column, "code": issue.code, "value": issue.value or ""}, issue.rank
    )


def _issue(found: Mapping[str, Any], rank: int | None = None) -> Mapping[str, Any]:
    rank = {"error": 0, "warning": 1, "info": 2}[found["severity"]] if rank is None else rank
    return {
        "row": found["row"],
        "column": found["column"],
        "code": found["code"],
        "value": found["value"],
        "rank": rank,
        "level": words.LEVELS[rank],
        "severity": words.SEVERITIES[rank],
        "text": words.issue_text(found["code"]),
    }
