"""Addresses as people write them → the code of the region, as deep as is certain; the rest is kept.

`read(text)` is the definition, `read_column(values)` says the same of a column. Names are read from the left;
levels may be left out, kinds (省, 县, 镇, 村) may be missing or those of former times. Two readings of equal
worth give only what they share. Codes have 2, 4, 6, 9 or 12 digits (统计用区划代码 as of 2023-06-30).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import polars as pl

from chunfeng.engines.identity import gazetteer
from chunfeng.engines.identity.gazetteer import Trust
from chunfeng.engines.identity.han import simplify
from chunfeng.engines.identity.text import clean
from chunfeng.reference import regions

SCHEMA = {"code": pl.String, "level": pl.String, "remainder": pl.String}
"""Columns of `read_column`."""

_SEPARATORS = " -/\\,、.·>→_|;:~—–()[]【】《》\"'“”"
_SEPARATORS_BEHIND = _SEPARATORS.replace("(", "").replace("[", "")
_LABEL = re.compile(r"^(?:[(\[【][^)\]】]{1,8}[)\]】]|[^\d:]{1,8}:)")
_COUNTRY = re.compile(r"^(?:中华人民共和国|中国)")
_PLACEHOLDER = re.compile(r"^(?:市辖区|(?:省|自治区)直辖县级行政区划)")
_ZONE = re.compile(r"^[^\d省市县区镇乡村路街]{2,8}(?:投资区|开发区|管理区|管委会|保税区|高新区|新区|度假区)")
_HERE = re.compile(r"^(?:本|我)(县|区|市|镇|乡|街道|村|社区)")

_NAME_OF_OTHER = re.compile(
    r"^[东南西北中新老大小一二三四五六前后内外上下]?(?:"
    r"路|街|巷|弄|大道|里|胡同|村|镇|乡|社区|屯|寨|庄|组|队|坊|小区|花园|花苑|苑|广场|大厦|大楼|公园|公寓|宾馆|酒店|饭店"
    r"|市场|商场|书店|大学|学院|学校|中学|小学|幼儿园|医院|银行|大桥|桥|寺|庙|塔|阁|楼|亭|门|县|市|区|省|州|地区"
    r"|居委会|居民|管理委员会|管委会|[\u4e00-\u9fff](?:镇|乡|街道|村|社区|居委会)|[\u4e00-\u9fff]{1,6}族(?:镇|乡|村)"
    r"|(?:山|江|河|湖|坑|岭|洋|溪|峰|岩|港|湾|岛|礁|洲|埔|厝|头|尾)(?:$|[\d东南西北路街村镇乡社]))"
)
"""After a bare name: it was the beginning of another name (连城路, 海口镇, 厦门大学, 南安乐村)."""
_TOWN_KIND = re.compile(r"^(?:镇|乡|街道|村|社区|居委会|居民)")
"""After a county that opens the text (古县, 矿区): it was the beginning of a town's name (古县镇)."""
_NOT_A_PLACE = re.compile(r"^(?:小吃|拌面|扁肉)")
_HOUSE = re.compile(
    r"^(?:第?[\d一二三四五六七八九十百零〇]+(?:村民|居民)?(?:组|小组|队|社|号|弄|幢|栋|座|楼|单元|室|排|片|巷|之)"
    r"|村民小组|居民小组|自然村|#|\d)"
)
"""What follows a bare town or village: a group, a house, a number."""
_VILLAGE = re.compile(r"^[\u4e00-\u9fff]{2,5}(?:村|社区|居委会)")
"""What follows a bare town: a village, though one we do not know."""
_FIRST_DIGIT = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class Address:
    """A region and the text behind it. `level` province, city, county, town, village; names as published.

    Outside Fujian the county is the deepest. Nothing certain: `code` None and the whole text in `remainder`,
    which is the text after `clean` (NFKC), blanks out.
    """

    code: str | None
    level: str | None
    province: str | None
    city: str | None
    county: str | None
    town: str | None
    village: str | None
    remainder: str


class _Step(NamedTuple):
    code: str
    end: int


class _Path(NamedTuple):
    """A way to read the text: how far it got, how unusual it is, the regions passed."""

    end: int
    penalty: int
    steps: tuple[_Step, ...]

    @property
    def worth(self) -> tuple[int, int]:
        return self.end, -self.penalty


def read(text: str, within: str | None = None) -> Address:
    """The region named at the beginning of a text.

    `within` is the code of the region the text comes from: names are sought there first, then in the regions
    around it. Without it a bare town is unknown unless only one in China is called so. Never raises.
    """
    return _address(*_read(text, _scopes(within)))


def read_column(values: pl.Series, within: str | None = None) -> pl.DataFrame:
    """`read` for a column of text; each distinct text is read once.

    Columns: code, level, remainder (String), same height and order; null text gives nulls.
    """
    distinct = values.drop_nulls().unique()
    scopes = _scopes(within)
    found = [_read(text, scopes) for text in distinct]
    table = pl.DataFrame(
        {
            "text": distinct,
            "code": [code for code, _ in found],
            "level": [regions.LEVELS[len(code)] if code else None for code, _ in found],
            "remainder": [remainder for _, remainder in found],
        },
        schema={"text": pl.String, **SCHEMA},
    )
    joined = values.rename("text").to_frame().join(table, on="text", how="left", maintain_order="left")
    return joined.drop("text")


def _read(text: str, scopes: tuple[str, ...]) -> tuple[str | None, str]:
    """Code and remainder."""
    cleaned = clean(text).replace(" ", "")
    if (coded := _code_itself(cleaned)) is not None:
        return coded, ""
    start = _skip_country(cleaned, 0)
    found = _head(cleaned[start:], scopes)
    if found is None and (label := _LABEL.match(cleaned)):
        start = _skip_country(cleaned, label.end())
        found = _head(cleaned[start:], scopes)
    if found is None:
        return None, cleaned
    return found.code, cleaned[start + found.end :].lstrip(_SEPARATORS_BEHIND)


def _skip_country(text: str, start: int) -> int:
    while start < len(text) and text[start] in _SEPARATORS:
        start += 1
    country = _COUNTRY.match(text[start:])
    return start + country.end() if country else start


def _head(text: str, scopes: tuple[str, ...]) -> _Step | None:
    """No name of a region holds a digit: what is read up to the first one holds for every house number."""
    digit = _FIRST_DIGIT.search(text)
    if digit is None or text[digit.start() - 1 : digit.start()] == "第":
        return _best(simplify(text), scopes)
    return _best(simplify(text[: digit.start()] + "1"), scopes)


def _code_itself(text: str) -> str | None:
    """A cell that holds a code: today's code of it, zeros behind a shorter code off; None when it is none."""
    if not (text.isascii() and text.isdigit() and len(text) in (2, 4, 6, 9, 12)):
        return None
    for length in (12, 9, 6, 4, 2):
        if length <= len(text) and not text[length:].strip("0"):
            code = regions.current_code(text[:length])
            if code is not None:
                return code
    return None


def _scopes(within: str | None) -> tuple[str, ...]:
    """Regions to seek in, nearest first: the place itself, its county, its city, the country.

    A village is no scope; nor is the province around a county, whose 鼓楼区 is as likely another province's.
    """
    if within is None or (current := regions.current_code(within)) is None:
        return ("",)
    around = (
        code for code in reversed(regions.ancestors(current)) if len(code) in (4, 6, 9) or code == current
    )
    return (*(code for code in around if len(code) < 12), "")


@lru_cache(maxsize=200_000)
def _best(text: str, scopes: tuple[str, ...]) -> _Step | None:
    if not text:
        return None
    here = _HERE.match(text)
    if here and (step := _this_place(here, scopes)) is not None:
        text_paths = [_Path(step.end, 0, (step,))]
        deeper = _paths(text, step.end, step.code, 0, (step,))
        return _shared(deeper or text_paths)
    best: list[_Path] = []
    for nearness, scope in enumerate(scopes):
        # a town elsewhere in the city has namesakes all over China: bare, it is not sought there
        table = gazetteer.surroundings(scope) if nearness and len(scope) == 4 else gazetteer.table(scope)
        paths = _paths(text, 0, scope, 0, (), table)
        # a farther scope only wins when it reads more of the text, or reads it more plainly
        if paths and (not best or paths[0].worth > best[0].worth):
            best = paths
            if _nothing_better(text, paths, 0):
                break
    if not best:
        return None
    step = _shared(best)
    return None if step is None else _without_contradiction(text, step)


def _this_place(here: re.Match[str], scopes: tuple[str, ...]) -> _Step | None:
    """本县, 我镇: the place the text comes from."""
    length = {"市": 4, "县": 6, "区": 6, "镇": 9, "乡": 9, "街道": 9}.get(here.group(1), 12)
    code = next((scope for scope in scopes if len(scope) == length), None)
    return None if code is None else _Step(code, here.end())


def _paths(
    text: str,
    start: int,
    code: str,
    penalty: int,
    steps: tuple[_Step, ...],
    table: gazetteer.Table | None = None,
) -> list[_Path]:
    """The best ways to read on from `start` inside the region `code`; all of equal worth, empty when none.

    `table` holds the names to look for, all below the region unless given.
    """
    start = _skip(text, start)
    best: list[_Path] = []
    if code:
        for name in gazetteer.own_names(code):
            if text.startswith(name, start):
                here = _Step(code, start + len(name))
                again = _paths(text, here.end, code, penalty, (*steps, here))
                if steps or again or len(code) > 2:
                    best = _merge(best, again or [_Path(here.end, penalty, (*steps, here))])
                break
    if start >= len(text):
        return best
    table = table or gazetteer.table(code)
    for length in table.lengths.get(text[start], ()):
        if start + length > len(text):
            continue
        for form in table.forms.get(text[start : start + length], ()):
            end = start + length
            step = _Step(form.code, end)
            deeper = (
                _paths(text, end, form.code, penalty + form.penalty, (*steps, step))
                if end < len(text) and len(form.code) < 12
                else []
            )
            if deeper:
                best = _merge(best, deeper)
            elif _may_end(text, start, end, form.trust, form.code):
                best = _merge(best, [_Path(end, penalty + form.penalty, (*steps, step))])
        if _nothing_better(text, best, penalty):
            break
    if not best and len(code) == 4 and (zone := _ZONE.match(text[start:])):
        # a zone that is no region of its own (台商投资区) stands between the city and its towns
        best = [
            p for p in _paths(text, start + zone.end(), code, penalty, steps) if len(p.steps) > len(steps)
        ]
    return best


def _skip(text: str, start: int) -> int:
    while start < len(text) and text[start] in _SEPARATORS:
        start += 1
    placeholder = (
        _PLACEHOLDER.match(text[start:]) if text.startswith(("市辖区", "省直", "自治区直"), start) else None
    )
    return start + placeholder.end() if placeholder else start


def _merge(best: list[_Path], more: list[_Path]) -> list[_Path]:
    if not best or more[0].worth > best[0].worth:
        return more
    return best + more if more[0].worth == best[0].worth else best


def _nothing_better(text: str, paths: list[_Path], penalty: int) -> bool:
    """Whether the text is read up to its number, by official names only: shorter forms need no trial."""
    return bool(paths) and paths[0].penalty == penalty and paths[0].end >= len(text) - text[-1].isdigit()


def _may_end(text: str, start: int, end: int, trust: Trust, code: str) -> bool:
    """Whether a form from `start` to `end` may be the last one, by what stands behind it."""
    if end >= len(text):
        return True
    if trust == Trust.ONLY_DEEPER:
        return False
    if trust == Trust.FULL:
        after = text[end:]
        if _NOT_A_PLACE.match(after) or (text[end - 1] == "市" and after[0] == "场"):
            return False
        if len(code) == 12:
            return after[0] not in "镇乡"
        return start > 0 or len(code) > 6 or not _TOWN_KIND.match(after)
    if text[end] in _SEPARATORS:
        return True
    if trust == Trust.SHORT:
        return _NAME_OF_OTHER.match(text[end:]) is None
    if trust == Trust.STRICT:
        return _HOUSE.match(text[end:]) is not None or (
            len(code) == 9 and _VILLAGE.match(text[end:]) is not None
        )
    return False


def _shared(paths: list[_Path]) -> _Step | None:
    """What readings of equal worth have in common."""
    codes = {path.steps[-1].code for path in paths}
    if len(codes) == 1:
        return paths[0].steps[-1]
    above = [set(regions.ancestors(code)) for code in codes]
    code = max(set.intersection(*above), key=len, default="")
    if not code:
        return None
    passed = [step for step in paths[0].steps if code.startswith(step.code)]
    return _Step(code, passed[-1].end if passed else 0)


def _without_contradiction(text: str, step: _Step) -> _Step | None:
    """龙岩市思明区 names two places that exclude each other: only what they share is certain."""
    start = _skip(text, step.end)
    if start >= len(text) or len(step.code) > 6:
        return step
    table = gazetteer.table("")
    for length in table.lengths.get(text[start], ()):
        end = min(start + length, len(text))
        rivals = [
            form
            for form in table.forms.get(text[start:end], ())
            if form.trust == Trust.FULL and len(form.code) <= 6 and form.penalty == 0
        ]
        if length > 2 and rivals and _may_end(text, start, end, Trust.FULL, rivals[0].code):
            return _shared([_Path(end, 0, (_Step(r.code, 0),)) for r in rivals] + [_Path(end, 0, (step,))])
    return step


def _address(code: str | None, remainder: str) -> Address:
    if code is None:
        return Address(None, None, None, None, None, None, None, remainder)
    names: dict[str, str] = {}
    for one in regions.ancestors(code):
        region = regions.get(one)
        if region is not None and not regions.is_placeholder(region):
            names[region.level] = region.name
    return Address(
        code,
        regions.LEVELS[len(code)],
        names.get("province"),
        names.get("city"),
        names.get("county"),
        names.get("town"),
        names.get("village"),
        remainder,
    )
