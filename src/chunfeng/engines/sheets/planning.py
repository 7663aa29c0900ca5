"""What a sheet is: its titles, the plan for its columns, its role, who sent it, which place it speaks of."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

import polars as pl

from chunfeng.engines.identity import addresses
from chunfeng.engines.sheets import answers, mapping
from chunfeng.engines.sheets import header as headers
from chunfeng.engines.sheets.grid import ROW, Grid
from chunfeng.engines.sheets.kinds import Join, Kind
from chunfeng.engines.sheets.mapping import Plan
from chunfeng.engines.sheets.profile import Profile
from chunfeng.engines.sheets.reading import UNKNOWN, Request

_NOTE_SHEET = re.compile(
    r"说明|代码|字典|目录|封面|须知|透视|下拉|选项|样例|示例|统计|汇总|参数|枚举|版本|修订|备注"
)
_NOTE_TITLE = re.compile(r"^[（(]?(注|说明|备注|填表|填报|审核|联系|单位|制表|要求)|[。；;]")
_TOO_WEAK = 0.05


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


def plan_of(
    file: str,
    grid: Grid,
    header: headers.Header | None,
    looks: list[Profile],
    titles: tuple[str, ...],
    signature: str,
    request: Request,
) -> Plan:
    own = own_titles(file, grid.sheet, titles)
    answer = answers.fitting(request.answers.get(signature, ()), answers.named(request.kinds.values(), own))
    if answer is not None and answer.kind in request.kinds:
        return mapping.apply_saved(grid, header, request.kinds[answer.kind], dict(answer.columns))
    weighted = own + [(str(parent), 0.5) for parent in PurePosixPath(file).parents if parent.name]
    return mapping.decide(grid, header, looks, list(request.kinds.values()), weighted)


def own_titles(file: str, sheet: str, titles: Sequence[str]) -> list[tuple[str, float]]:
    """The texts that name a list itself, with their weights: its file, its sheet, the rows above its header."""
    shown = [(t, 0.25 if _NOTE_TITLE.search(t) or len(t) > 45 else 1.0) for t in titles[:6]]
    return [(PurePosixPath(file).stem, 0.8), (sheet, 0.9), *shown]


def role_of(grid: Grid, plan: Plan, looks: list[Profile]) -> str:
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


def joined_fields(plan: Plan) -> list[Join]:
    """The joins that apply: the field itself has no column, some of its parts have."""
    if plan.kind is None:
        return []
    return [
        j
        for j in plan.kind.joins
        if plan.index_of(j.field) is None and any(plan.index_of(n) is not None for n in j.of)
    ]


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
