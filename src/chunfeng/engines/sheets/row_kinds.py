"""Which rows are records and which are titles, totals, footers, sections or blank.

Every row gets exactly one kind, so that the counts of a sheet add up to its rows.
"""

from __future__ import annotations

import re
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
FOOTER_TEXT, TOTAL_TEXT = re.compile(_FOOTER), re.compile(_TOTAL)
_LABELLED = r"^[^:：\d]{2,14}[:：]"
_ID = r"\d{14,}"
_BLANKS = " \t\r\n\u3000\u00a0\u200b\ufeff"
_NEAR = 4
"""Rows below the header among which guides and examples stand."""


def blank_to_null(frame: pl.DataFrame) -> pl.DataFrame:
    """Cells of nothing but blanks become null."""
    text = pl.col(pl.String)
    # every blank sorts before «!», between no-break space and ideographic space, or last of all
    like_blank = (text < "!") | ((text >= "\u00a0") & (text < "\u3001")) | (text >= "\ufeff")
    suspects = [c.name for c in frame.select(like_blank.any()) if c.item()]
    return frame.with_columns(
        pl.when(pl.col(name).str.strip_chars(_BLANKS) != "").then(pl.col(name)).alias(name)
        for name in suspects
    )


def classify(frame: pl.DataFrame, grid: Grid, plan: Plan) -> pl.Series:
    """The kind of every row of a batch, aligned with it."""
    if len(frame.columns) == 1:
        return pl.Series("kind", [BLANK], dtype=pl.String).new_from_index(0, frame.height)
    top = int((frame[ROW] <= plan.header.last + _NEAR).sum()) if plan.header else 0
    below = frame.slice(top)
    sure = below.select(_surely_data(frame, plan)).to_series()
    others = pl.concat(
        [_judged(frame.head(top), grid, plan, near_header=True), _judged(below.filter(~sure), grid, plan)]
    )
    kinds = others.extend(pl.Series([DATA]))
    doubtful = pl.Series([True]).new_from_index(0, top).extend(~sure)
    place = pl.select(pl.when(doubtful).then(doubtful.cum_sum() - 1).otherwise(len(kinds) - 1)).to_series()
    return kinds.gather(place).alias("kind")


def _surely_data(frame: pl.DataFrame, plan: Plan) -> pl.Expr:
    """Rows that `_judged` calls data, told by little: three cells or more, a citizen number where it belongs, a key.

    Only for rows that are not near the header.
    """
    kind = plan.kind
    cells = _cells(frame)
    ids = [
        pl.col(column_name(c.index)).str.contains(_ID)
        for c in plan.columns
        if kind and c.field and kind.field(c.field).type == "citizen_id" and column_name(c.index) in cells
    ]
    if not ids:
        return pl.repeat(False, pl.len())
    filled = _filled(cells)
    header = headers.never_rows_of(plan.header, frame) if plan.header else pl.lit(True)
    return (filled > 2) & pl.any_horizontal(ids).fill_null(False) & _keyed(cells, plan) & header


def _cells(frame: pl.DataFrame) -> list[str]:
    return [c for c in frame.columns if c != ROW]


def _filled(cells: list[str]) -> pl.Expr:
    return pl.sum_horizontal([pl.col(c).is_not_null().cast(pl.Int32) for c in cells])


def _mapped(plan: Plan) -> dict[str, str]:
    return {c.field: column_name(c.index) for c in plan.columns if c.field}


def _keyed(cells: list[str], plan: Plan) -> pl.Expr:
    """Rows that have a key of their kind, or enough cells for a record."""
    mapped, filled = _mapped(plan), _filled(cells)
    keys = [mapped[k] for k in (plan.kind.key if plan.kind else ()) if k in mapped]
    keyed = pl.any_horizontal([pl.col(c).is_not_null() for c in keys]) if keys else filled >= 2
    return keyed | (filled >= max(2, round(0.3 * max(len(mapped), 2))))


def _judged(frame: pl.DataFrame, grid: Grid, plan: Plan, *, near_header: bool = False) -> pl.Series:
    """The kind of every row, looked at in full."""
    if frame.height == 0:
        return pl.Series("kind", [], dtype=pl.String)
    cells, mapped = _cells(frame), _mapped(plan)
    serial, name = mapped.get("serial"), mapped.get("name")
    first_row = plan.header.first if plan.header else 0
    last_row = plan.header.last if plan.header else 0
    merged_rows = {m[0] for m in grid.merges if m[3] - m[1] >= 2 and m[0] == m[2] and m[0] > last_row}
    no = pl.lit(False)
    seen = frame.select(
        ROW,
        filled=_filled(cells),
        keyed=_keyed(cells, plan),
        first=pl.coalesce(cells).str.strip_chars(" \t\r\n\u3000\u00a0"),
        with_id=_any_contains(cells, _ID),
        # a total may stand in any of the first cells: «1, 合计» or an empty number and «小计»
        total=pl.any_horizontal(
            [pl.col(c).str.strip_chars().str.contains(_TOTAL).fill_null(False) for c in cells[:4]]
        ),
        serial=_any_contains([serial], r"^\s*\d+(\.0)?\s*$") if serial else no,
        name=_any_contains([name], r"^\s*[\u4e00-\u9fff·]{2,4}\s*$") if name else no,
        repeated=headers.rows_of(plan.header, frame) if plan.header else no,
        guide=_guide(cells) if near_header else no,
    )
    row, filled, with_id, first = (pl.col(c) for c in (ROW, "filled", "with_id", "first"))
    below = row > last_row if near_header else no
    lone = filled == 1
    in_wide_merge = row.is_in(list(merged_rows)) if merged_rows else no
    footer = first.str.contains(_FOOTER) & (~with_id | lone)
    # «镇残联理事长：   制表：小施»: labels of people who sign, never a record
    signed = first.str.contains(_LABELLED) & ~with_id & filled.is_between(2, 6)
    signed &= filled < max(3, round(0.5 * len(mapped)))
    section = (lone | (in_wide_merge & (filled <= 2))) & ~(lone & pl.col("name"))
    kind = (
        pl.when(filled == 0).then(pl.lit(BLANK))
        .when(row < first_row).then(pl.lit(TITLE))
        .when(row.is_between(first_row, last_row)).then(pl.lit(HEADER))
        .when("repeated").then(pl.lit(REPEATED))
        .when(below & ~with_id & pl.col("guide")).then(pl.lit(GUIDE))
        .when(below & first.str.contains(_EXAMPLE)).then(pl.lit(EXAMPLE))
        .when(pl.col("total") & ~with_id).then(pl.lit(TOTAL))
        .when(footer | signed).then(pl.lit(FOOTER))
        .when(lone & pl.col("serial")).then(pl.lit(BLANK))
        .when(pl.lit(grid.width > 2) & section).then(pl.lit(SECTION))
        .when("keyed").then(pl.lit(DATA))
        .otherwise(pl.lit(FOOTER))
    )  # fmt: skip
    return seen.select(kind.alias("kind"))["kind"]


def _any_contains(cells: list[str], pattern: str) -> pl.Expr:
    return pl.any_horizontal([pl.col(c).str.contains(pattern).fill_null(False) for c in cells])


def _guide(cells: list[str]) -> pl.Expr:
    """Rows of column numbers, field codes or rules of filling in."""
    filled = _filled(cells)

    def share(pattern: str) -> pl.Expr:
        hits = pl.sum_horizontal(
            [pl.col(c).str.contains(pattern).fill_null(False).cast(pl.Int32) for c in cells]
        )
        return hits / filled

    return (
        ((filled >= 3) & (share(_GUIDE_NUMBER) == 1.0))
        | ((filled >= 3) & (share(_GUIDE_CODE) >= 0.9))
        | ((filled >= 2) & (share(_GUIDE_RULE) >= 0.4))
    )


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
