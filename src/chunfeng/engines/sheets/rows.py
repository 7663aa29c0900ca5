"""What cells say of other rows: merged cells and household heads hold below, section rows speak for their block."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

import polars as pl

from chunfeng.engines.sheets.grid import ROW, Grid, column_name
from chunfeng.engines.sheets.mapping import Plan
from chunfeng.engines.sheets.row_kinds import SECTION

_HEAD_SECTION = re.compile(
    r"户主(?:姓名)?\s*[:：]?\s*([\u4e00-\u9fff·\s]{2,8}?)(?=[\s,，;；:：（(身证号码]|$)"
)
_LISTED = re.compile(r"^[\s（(]*(?:第?[一二三四五六七八九十\d]{1,3})[\s、.．）)]+")
_HEAD_ID = re.compile(r"\d{17}[\dXx]|\d{15}")


AS_ABOVE = ("同上", "同前", "〃", "″", "”", "''", '"', "同  上", "同 上")
_ABOVE = "above:"


@dataclass(slots=True)
class Carry:
    """What a batch hands to the next: the open section and the last values of repeated cells."""

    section: str | None = None
    values: dict[str, str | None] = field(default_factory=dict)
    household_row: int | None = None


def spread_merges(frame: pl.DataFrame, grid: Grid, below: int) -> pl.DataFrame:
    """Cells merged downwards hold for every row they cover."""
    tall = [m for m in grid.merges if m[0] > below and m[2] > m[0] and m[1] == m[3] and m[1] < grid.width]
    if not tall:
        return frame
    start = frame[ROW][0]
    changed: dict[int, list[str | None]] = {}
    for top, column, bottom, _ in tall:
        cells = changed.setdefault(column, frame[column_name(column)].to_list())
        if top - start >= len(cells):
            continue
        for row in range(top + 1, min(bottom, start + len(cells) - 1) + 1):
            if cells[row - start] is None:
                cells[row - start] = cells[top - start]
    return frame.with_columns(
        [pl.Series(column_name(i), values, dtype=pl.String) for i, values in changed.items()]
    )


def sections(frame: pl.DataFrame, kinds: pl.Series, carry: Carry) -> pl.Series:
    """For every row the text of the section row it stands under («一、城区片»), null where there is none."""
    cells = [c for c in frame.columns if c != ROW]
    if not cells or not (kinds == SECTION).any():
        return pl.Series("section", [carry.section] * frame.height, dtype=pl.String)
    texts = frame.with_columns(kinds.alias("_k")).select(
        pl.when(pl.col("_k") == SECTION).then(pl.coalesce([pl.col(c) for c in cells])).alias("section")
    )["section"]
    spread = texts.forward_fill().fill_null(carry.section) if carry.section else texts.forward_fill()
    carry.section = spread[-1] if len(spread) else carry.section
    return spread


def _head_name(text: str) -> str | None:
    found = _HEAD_SECTION.search(text)
    return found.group(1).replace(" ", "") if found else None


def _head_id(text: str) -> str | None:
    found = _HEAD_ID.search(text)
    return found.group(0) if found else None


def _first(pattern: re.Pattern[str]) -> Callable[[str], str | None]:
    def find(text: str) -> str | None:
        found = pattern.search(_LISTED.sub("", text))
        return found.group(0) if found else None

    return find


SECTION_VALUES: dict[str, Callable[[str], str | None]] = {
    "household_head_name": _head_name,
    "household_head_id": _head_id,
    "town": _first(re.compile(r"[\u4e00-\u9fff]{1,8}?(?:街道|镇|乡)(?!村|社区)")),
    "village": _first(
        re.compile(r"(?:(?<=街道)|(?<=[镇乡])|(?<![\u4e00-\u9fff]))[\u4e00-\u9fff]{1,8}?(?:社区|村)(?!民)")
    ),
}
"""What a section row says of the records below it («户主：张某 身份证号…», «二、点头镇 23人»), by field."""


def repeat_down(
    data: pl.DataFrame, plan: Plan, carry: Carry
) -> tuple[pl.DataFrame, list[tuple[str, pl.Series]], pl.Series]:
    """Values written once per household or block hold for the rows below, until the next begins.

    Takes data rows only. Returns the frame, per field a mask of the cells that were filled, and the row number
    of each record's household (null where the layout knows none).
    """
    kind = plan.kind
    none = pl.Series("household_row", [None] * data.height, dtype=pl.UInt32)
    if kind is None or data.height == 0:
        return data, [], none
    column = {c.field: column_name(c.index) for c in plan.columns if c.field}
    data, filled = _as_above(data, column, carry)
    household_row = none
    if kind.layout == "household":
        anchors = [column[a] for a in ("household_head_name", "household_number") if a in column]
        if (
            not anchors
            and "serial" in column
            and 0.1 < data[column["serial"]].null_count() / data.height < 0.95
        ):
            anchors = [column["serial"]]
        if anchors:
            starts = data.select(pl.any_horizontal([pl.col(a).is_not_null() for a in anchors])).to_series()
            if "household_number" in column and not data[column["household_number"]].has_nulls():
                number = data[column["household_number"]]
                starts = (number != number.shift(1)).fill_null(True)
            group = starts.cast(pl.UInt32).cum_sum().alias("_g")
            data = data.with_columns(group)
            household_row = (
                data.select(
                    pl.when(pl.col("_g") > 0)
                    .then(pl.col(ROW).first().over("_g"))
                    .otherwise(pl.lit(carry.household_row, dtype=pl.UInt32))
                )
                .to_series()
                .alias("household_row")
            )
            carry.household_row = household_row[-1]
            for f in kind.fields:
                if f.level == "household" and f.name in column:
                    data = _fill(data, f.name, column[f.name], "_g", carry, filled)
            data = data.drop("_g")
    for f in kind.fields:
        if f.fill == "block" and f.name in column:
            cells = data[column[f.name]]
            if cells.null_count() and (cells[0] is not None or carry.values.get(f.name) is not None):
                data = _fill(data, f.name, column[f.name], None, carry, filled)
    return data, filled, household_row


def _as_above(
    data: pl.DataFrame, column: dict[str, str], carry: Carry
) -> tuple[pl.DataFrame, list[tuple[str, pl.Series]]]:
    """Cells that say «同上» hold what stands above them."""
    filled: list[tuple[str, pl.Series]] = []
    for field_name, name in column.items():
        says = data[name].str.strip_chars().is_in(AS_ABOVE).fill_null(False)
        if says.any():
            above = data.select(
                pl.when(~says).then(pl.coalesce(name, pl.lit(""))).forward_fill().alias("above")
            )["above"].fill_null(carry.values.get(_ABOVE + name) or "")
            found = says & (above != "")
            filled.append((field_name, found))
            data = data.with_columns(data[name].zip_with(~found, above).alias(name))
        carry.values[_ABOVE + name] = data[name][-1]
    return data, filled


def _fill(
    data: pl.DataFrame,
    name: str,
    column: str,
    group: str | None,
    carry: Carry,
    filled: list[tuple[str, pl.Series]],
) -> pl.DataFrame:
    before = data[column]
    if group is None:
        after = (
            before.forward_fill().fill_null(carry.values.get(name))
            if carry.values.get(name)
            else before.forward_fill()
        )
    else:
        after = data.select(pl.col(column).forward_fill().over(group)).to_series()
        if carry.values.get(name) and data[group][0] == 0:
            after = (
                data.with_columns(after)
                .select(
                    pl.when(pl.col(group) == 0)
                    .then(pl.col(column).fill_null(carry.values[name]))
                    .otherwise(column)
                    .alias(column)
                )
                .to_series()
            )
    mask = before.is_null() & after.is_not_null()
    if mask.any():
        filled.append((name, mask))
    carry.values[name] = after[-1]
    return data.with_columns(after.alias(column))
