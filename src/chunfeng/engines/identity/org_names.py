"""Names of employers as typed, reduced to what tells one employer from another.

`key` is for comparing: NFKC, standard characters, blanks and punctuation off, the region in front taken off
(`region_words`), the company's legal form taken off (`form`; 有限公司, 有限责任公司 and a mere 公司 are
written for each other), workshops and branches kept at the end (`branch`). 店, 厂, 超市, 合作社 stay: they
are part of what it is called. Where only a trade would remain (厦门航空 → 航空), and for public bodies
(连城县医院), the region stays in front in its short form.

`key` is null for placeholders and for words of having no employer (务农, 灵活就业).
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from functools import lru_cache

import polars as pl

from chunfeng.engines.identity.han import HAN, simplify
from chunfeng.engines.identity.numerals import read_number
from chunfeng.engines.identity.text import clean, is_placeholder, read_each
from chunfeng.reference import regions

KINDS = ("ok", "no_employer", "placeholder", "not_name")
FORMS = ("company", "joint_stock", "group", "cooperative", "partnership", "sole_trader")
FIELDS = ("kind", "key", "core", "region_words", "form", "branch", "note")
SCHEMA = dict.fromkeys(FIELDS, pl.String)

_NO_EMPLOYER = frozenset(
    "无单位 无固定单位 没单位 个体 个体户 个体工商户 自由职业 自由职业者 灵活就业 灵活就业人员 务农 种田 "
    "在家 在家务农 待业 无业 失业 打零工 零工 "
    "散工 打工 务工 外出务工 自主创业 自营 个人 退休 学生".split()
)
_COMPANY = "(?:集团)?(?:股份)?有限(?:责任)?公司|集团公司|总公司|(?<![分支子])公司"
_HEAD_AND_TAIL = re.compile(rf"^(?P<head>.+?)(?P<form>{_COMPANY})(?P<tail>.*)$")
_PLAIN_FORMS = (
    (re.compile("(?:农民)?专业合作社联合社$"), "合作社联合社", "cooperative"),
    (re.compile("(?:农民)?专业合作社$"), "合作社", "cooperative"),
    (re.compile("合作社$"), "合作社", "cooperative"),
    (re.compile("集团$"), "", "group"),
)
_BRACKET_FORMS = {
    "有限合伙": "partnership",
    "普通合伙": "partnership",
    "特殊普通合伙": "partnership",
    "个体工商户": "sole_trader",
    "个体户": "sole_trader",
    "个体": "sole_trader",
    "集团": "group",
}
_BRANCH_WORD = (
    "分公司|支公司|子公司|分厂|分店|分行|支行|营业部|办事处|项目部|车间|工区"
    "|门市部|门店|厂区|分部|生产部|基地|班组"
)
_BRANCH = re.compile(
    rf"(?:第?[0-9一二三四五六七八九十]+号?)?(?:{_BRANCH_WORD})$|[一二三四五六七八九十0-9]+[厂店部]$"
)
_BRACKETS = re.compile(r"[(\[【<《{「]([^()\[\]【】<>《》{}「」]*)[)\]】>》}」]?")
_ORDINAL = re.compile(rf"第?([一二三四五六七八九十]{{1,3}}|[0-9]+)号?(?=(?:{_BRANCH_WORD}|[厂店部]$))")
_PUBLIC = re.compile("(?:局|政府|医院|卫生院|法院|检察院|小学|中学|大学|学院|幼儿园|敬老院|福利院)$")
_NOISE = re.compile(rf"[^{HAN}0-9A-Za-z&+]")
_SPOKEN = (("村民委员会", "村委会"), ("居民委员会", "居委会"))


@dataclass(frozen=True, slots=True)
class OrgName:
    """One cell; see the module. `region_words` as written, joined; `note` is other text in brackets."""

    kind: str | None
    key: str | None = None
    core: str | None = None
    region_words: str | None = None
    form: str | None = None
    branch: str | None = None
    note: str | None = None


@lru_cache(maxsize=1)
def _region_names() -> dict[str, tuple[tuple[str, bool], ...]]:
    """First two letters → (name of a region, is it a short form), longest first.

    Short forms (连城) are taken for Fujian, for provinces and for cities; a county elsewhere must be
    written in full.
    """
    found: dict[str, set[tuple[str, bool]]] = {}
    for region in (*regions.china(), *regions.fujian()):
        if len(region.code) > 6 or regions.is_placeholder(region):
            continue
        near = len(region.code) <= 4 or region.code.startswith("35")
        short = regions.short_name(region)
        for name, is_short in ((region.name, False), *(((short, True),) if near else ())):
            if len(name) >= 2 and not (is_short and name == region.name):
                found.setdefault(name[:2], set()).add((name, is_short))
    return {start: tuple(sorted(names, key=lambda name: -len(name[0]))) for start, names in found.items()}


@lru_cache(maxsize=4096)
def _codes(word: str) -> tuple[str, ...]:
    return tuple(region.code for region in regions.by_name(word) if len(region.code) <= 6)


def _below(upper: str, lower: str) -> bool:
    """May `lower` stand behind `upper` in an address? 龙岩 连城 yes, 连城 福安 no."""
    return any(one.startswith(other) for one in _codes(lower) for other in _codes(upper))


def _split_region(name: str) -> tuple[list[str], str]:
    """(region words in front, the rest). A short form is taken as first word or below the one before."""
    words: list[str] = []
    while True:
        for word, is_short in _region_names().get(name[:2], ()):
            fits = not words or _below(words[-1], word) or (not is_short and word != words[-1])
            if name.startswith(word) and len(name) > len(word) and fits:
                words.append(word)
                name = name[len(word) :]
                break
        else:
            return words, name


def _short(word: str) -> str:
    codes = _codes(word)
    region = regions.get(codes[0]) if codes else None
    return regions.short_name(region) if region is not None else word


def _ordinal(match: re.Match[str]) -> str:
    number = read_number(match[1])
    return str(number[0]) if number is not None and number[0] == number[1] else match[1]


def _brackets(text: str) -> tuple[str, list[str], list[str], list[str], str | None]:
    """(text without brackets, region words, branches, notes, form) by what the brackets hold."""
    region_words: list[str] = []
    branches: list[str] = []
    notes: list[str] = []
    form: str | None = None
    for content in _BRACKETS.findall(text):
        inner = _NOISE.sub("", content)
        words, rest = _split_region(inner + "。")
        if not inner:
            continue
        if inner in _BRACKET_FORMS:
            form = _BRACKET_FORMS[inner]
        elif words and rest == "。":
            region_words += words
        elif _BRANCH.search(inner):
            branches.append(inner)
        else:
            notes.append(content.strip())
    return _NOISE.sub("", _BRACKETS.sub("", text)), region_words, branches, notes, form


def _form(name: str) -> tuple[str, str | None, str]:
    """(name without its company form, the form, what stands behind it)."""
    match = _HEAD_AND_TAIL.match(name)
    if match is not None:
        form = "joint_stock" if "股份" in match["form"] else "group" if "集团" in match["form"] else "company"
        return match["head"], form, match["tail"]
    for pattern, spoken, form in _PLAIN_FORMS:
        if pattern.search(name) and pattern.sub("", name):
            return pattern.sub("", name) + spoken, form, ""
    branch = _BRANCH.search(name)
    if branch is not None and branch.start() >= 2:
        return name[: branch.start()], None, branch[0]
    return name, None, ""


def read(text: str) -> OrgName:
    """The employer a text names. Never raises; a blank text has kind None."""
    cleaned = simplify(clean(text))
    if not cleaned:
        return OrgName(None)
    if is_placeholder(cleaned):
        return OrgName("placeholder")
    bare, bracketed, branches, notes, bracket_form = _brackets(cleaned)
    if bare in _NO_EMPLOYER:
        return OrgName("no_employer", note=bare)
    if not re.search(f"[{HAN}A-Za-z]", bare) or _codes(bare) or re.fullmatch(_COMPANY, bare):
        return OrgName("not_name")
    words, rest = _split_region(bare)
    core, form, tail = _form(rest)
    for written, spoken in _SPOKEN:
        core = core.replace(written, spoken)
    core = core.upper()
    branch = "".join(_ORDINAL.sub(_ordinal, part) for part in (tail, *branches) if part)
    region_words = words + bracketed
    front = _short(region_words[-1]) if region_words and (len(core) < 3 or _PUBLIC.search(core)) else ""
    return OrgName(
        kind="ok",
        key=front + core + branch,
        core=core,
        region_words="".join(region_words) or None,
        form=form or bracket_form,
        branch=branch or None,
        note=";".join(notes) or None,
    )


def read_column(values: pl.Series) -> pl.DataFrame:
    """`read` of every value: columns of FIELDS (String). Blank → nulls. Each distinct text is read once."""
    return read_each(values, lambda text: asdict(read(text)), SCHEMA)
