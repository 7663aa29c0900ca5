"""Which rows are records and which are titles, totals, footers, sections or blank; and what merged cells repeat.

Every row gets exactly one kind, so that the counts of a sheet add up to its rows.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise

import polars as pl

from chunfeng.engines.sheets import header as headers
from chunfeng.engines.sheets.grid import ROW, Grid, column_name
from chunfeng.engines.sheets.mapping import Plan
from chunfeng.engines.sheets.words import normalise_header

DATA, TITLE, FORM, HEADER, BLANK, TOTAL, FOOTER, SECTION, REPEATED, GUIDE, EXAMPLE = (
    "data", "title", "form", "header", "blank", "total", "footer", "section", "repeated_header", "guide", "example",
)  # fmt: skip
ROW_KINDS = (DATA, TITLE, FORM, HEADER, BLANK, TOTAL, FOOTER, SECTION, REPEATED, GUIDE, EXAMPLE)
"""guide: numbers of columns, field codes or rules of filling in below the header; example: a row that shows how."""

_TOTAL = (
    r"^[（(【\[]?(合\s*计|小\s*计|总\s*计|共\s*计|本页合计|本页小计|累\s*计|汇\s*总|计\s*$|总(人|户)数"
    r"|(本|该|各|全)(单位|页|村|组|社区|乡|镇|县|市|户)(人数|户数|小计|合计|共计|计|总数))"
    r"|(合计|小计|总计)[）)】\]]?[:：]?\s*\d*[户人条]?$"
    r"|^(全[村镇县乡市区]|本[村镇页表])?(共|合计|总计)\s*\d+\s*[户人条家个]"
)
_FOOTER = (
    r"^[（(]?(填报人|填表人|制表|审核人?|负责人|单位负责人|经办人|复核|主管|注\s*[:：.、1一]|备注\s*[:：]|说明\s*[:：]|填表说明|填报说明|附注|"
    r"联系人\s*[:：]|日期\s*[:：]|填报日期|填报单位|报送单位|第\s*\d*\s*页|共\s*\d*\s*页|以下(空白|无正文)|此表|本表|[*★※]|={3,}|-{3,})"
    r"|(签字|签名|盖章|公章)\s*[)）]?\s*[:：]?"
)
_GUIDE_NUMBER = r"^\s*[（(]?(\d{1,2}(\.0)?|[甲乙丙丁戊己庚辛])[）)]?\s*$"
_GUIDE_RULE = (
    r"必填|选填|^文本|^数字|^日期$|^\d+位|位数字|位手机|下拉|格式|^如[:：]|例如|[yY]{4}|不得|大写|^男\s*/\s*女|^是\s*/\s*否|单选|多选|"
    r"填写|请填|^字符|varchar|^C\d+$|^N\d+$"
)
_GUIDE_CODE = r"^[A-Za-z][A-Za-z0-9_]{1,29}$"
_EXAMPLE = r"^[（(【\[]?(例|示例|样例|举例|范例|示范|填写示例|填表示例|例如|样本)[）)】\]]?[:：]?\d?$"
_LABELLED = r"^[^:：\d]{2,14}[:：]"
_ID = r"\d{14,}"
_HEAD_SECTION = re.compile(
    r"户主(?:姓名)?\s*[:：]?\s*([\u4e00-\u9fff·\s]{2,8}?)(?=[\s,，;；:：（(身证号码]|$)"
)
_LISTED = re.compile(r"^[\s（(]*(?:第?[一二三四五六七八九十\d]{1,3})[\s、.．）)]+")
_HEAD_ID = re.compile(r"\d{17}[\dXx]|\d{15}")


@dataclass(slots=True)
class Carry:
    """What a batch hands to the next: the open section and the last values of repeated cells."""

    section: str | None = None
    values: dict[str, str | None] = field(default_factory=dict)
    household_row: int | None = None


def blank_to_null(frame: pl.DataFrame) -> pl.DataFrame:
    """Cells of nothing but blanks become null."""
    text = pl.col(pl.String)
    return frame.with_columns(
        pl.when(text.str.strip_chars(" \t\r\n\u3000\u00a0\u200b\ufeff") != "").then(text).name.keep()
    )


def classify(frame: pl.DataFrame, grid: Grid, plan: Plan) -> pl.Series:
    """The kind of every row of a batch, aligned with it."""
    cells = [c for c in frame.columns if c != ROW]
    if not cells:
        return pl.Series("kind", [BLANK] * frame.height, dtype=pl.String)
    filled = pl.sum_horizontal([pl.col(c).is_not_null().cast(pl.Int32) for c in cells])
    first = pl.coalesce([pl.col(c) for c in cells]).str.strip_chars(" \t\r\n\u3000\u00a0")
    mapped = {c.field: column_name(c.index) for c in plan.columns if c.field}
    key_fields = [mapped[k] for k in (plan.kind.key if plan.kind else ()) if k in mapped]
    keyed = pl.any_horizontal([pl.col(c).is_not_null() for c in key_fields]) if key_fields else filled >= 2
    with_id = pl.any_horizontal([pl.col(c).str.contains(_ID).fill_null(False) for c in cells])
    # a total may stand in any of the first cells: «1, 合计» or an empty number and «小计»
    total = pl.any_horizontal(
        [pl.col(c).str.strip_chars().str.contains(_TOTAL).fill_null(False) for c in cells[:4]]
    )
    footer = first.str.contains(_FOOTER)
    serial = mapped.get("serial")
    lone_serial = (
        (filled == 1) & pl.col(serial).str.contains(r"^\s*\d+(\.0)?\s*$").fill_null(False)
        if serial
        else pl.lit(False)
    )
    name = mapped.get("name")
    lone_name = (
        (filled == 1) & pl.col(name).str.contains(r"^\s*[\u4e00-\u9fff·]{2,4}\s*$").fill_null(False)
        if name
        else pl.lit(False)
    )
    wide = grid.width > 2
    first_row = plan.header.first if plan.header else 0
    last_row = plan.header.last if plan.header else 0
    merged_rows = {m[0] for m in grid.merges if m[3] - m[1] >= 2 and m[0] == m[2] and m[0] > last_row}
    in_wide_merge = pl.col(ROW).is_in(list(merged_rows)) if merged_rows else pl.lit(False)
    enough = filled >= max(2, round(0.3 * max(len(mapped), 2)))
    near_header = (pl.col(ROW) > last_row) & (pl.col(ROW) <= last_row + 4) if plan.header else pl.lit(False)

    def share(pattern: str) -> pl.Expr:
        hits = pl.sum_horizontal(
            [pl.col(c).str.contains(pattern).fill_null(False).cast(pl.Int32) for c in cells]
        )
        return hits / filled

    guide = (
        near_header
        & ~with_id
        & (
            ((filled >= 3) & (share(_GUIDE_NUMBER) == 1.0))
            | ((filled >= 3) & (share(_GUIDE_CODE) >= 0.9))
            | ((filled >= 2) & (share(_GUIDE_RULE) >= 0.4))
        )
    )
    # «镇残联理事长：   制表：小施»: labels of people who sign, never a record
    signed = (
        ~with_id & first.str.contains(_LABELLED) & (filled <= 6) & (filled < max(3, round(0.5 * len(mapped))))
    )
    repeated = headers.rows_of(plan.header, frame) if plan.header else pl.lit(False)
    kind = (
        pl.when(filled == 0).then(pl.lit(BLANK))
        .when(pl.col(ROW) < first_row).then(pl.lit(TITLE))
        .when((pl.col(ROW) >= first_row) & (pl.col(ROW) <= last_row)).then(pl.lit(HEADER))
        .when(repeated).then(pl.lit(REPEATED))
        .when(guide).then(pl.lit(GUIDE))
        .when(near_header & first.str.contains(_EXAMPLE)).then(pl.lit(EXAMPLE))
        .when(total & ~with_id).then(pl.lit(TOTAL))
        .when(footer & (~with_id | (filled == 1))).then(pl.lit(FOOTER))
        .when(signed & (filled > 1)).then(pl.lit(FOOTER))
        .when(lone_serial).then(pl.lit(BLANK))
        .when(pl.lit(wide) & ((filled == 1) | (in_wide_merge & (filled <= 2))) & ~lone_name).then(pl.lit(SECTION))
        .when(keyed | enough).then(pl.lit(DATA))
        .otherwise(pl.lit(FOOTER))
    )  # fmt: skip
    return frame.select(kind.alias("kind"))["kind"]


def form_values(grid: Grid, plan: Plan) -> dict[str, str]:
    """Labels and values that stand beside each other above the header («户主 | 陈某 | 社区 | 某社区») by field."""
    if plan.header is None or plan.kind is None:
        return {}
    found: dict[str, str] = {}
    above = grid.head.filter(pl.col(ROW) < plan.header.first).drop(ROW)
    words = {w: f.name for f in plan.kind.fields for w in f.words}
    for row in above.iter_rows():
        cells = [c.strip() for c in row if c and c.strip()]
        if len(cells) < 2:
            continue
        for label, value in pairwise(cells):
            name = words.get(normalise_header(label))
            if name and normalise_header(value) not in words and name not in found:
                found[name] = value
    return found


def mark_forms(kinds: pl.Series, grid: Grid, frame: pl.DataFrame, forms: dict[str, str]) -> pl.Series:
    """Rows above the header that carried form values are called so."""
    if not forms:
        return kinds
    values = set(forms.values())
    cells = [c for c in frame.columns if c != ROW]
    hit = frame.select(
        pl.any_horizontal([pl.col(c).str.strip_chars().is_in(list(values)).fill_null(False) for c in cells])
    ).to_series()
    return pl.DataFrame({"k": kinds, "h": hit}).select(
        pl.when((pl.col("k") == TITLE) & pl.col("h")).then(pl.lit(FORM)).otherwise("k").alias("kind")
    )["kind"]


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
    filled: list[tuple[str, pl.Series]] = []
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
