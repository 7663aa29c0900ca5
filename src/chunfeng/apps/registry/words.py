"""Codes in words: fields, code tables, kinds of list and of finding, categories, target groups, places."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

import polars as pl
import yaml
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from chunfeng.apps.campaigns.words import kind_name
from chunfeng.apps.places.numbers import region_code
from chunfeng.engines import screening
from chunfeng.engines.disclosure import masks
from chunfeng.engines.linkage import findings
from chunfeng.engines.sheets.kinds import load_kinds
from chunfeng.pipeline import book
from chunfeng.reference import codes, regions
from chunfeng.reference.rules import FACTS
from chunfeng.ui.language import english as in_english

FIELDS = {
    "name": gettext_lazy("姓名"),
    "id18": gettext_lazy("身份证号"),
    "sex": gettext_lazy("性别"),
    "birth": gettext_lazy("出生日期"),
    "phone": gettext_lazy("电话"),
    "hukou_address": gettext_lazy("户籍地址"),
    "hukou_region": gettext_lazy("户籍地"),
    "stay_address": gettext_lazy("现居住地址"),
    "stay_region": gettext_lazy("现居住地"),
    "hukou_kind": gettext_lazy("户口性质"),
    "education": gettext_lazy("文化程度"),
    "ethnicity": gettext_lazy("民族"),
    "marital_status": gettext_lazy("婚姻状况"),
    "former_name": gettext_lazy("曾用名"),
    "disability_kind": gettext_lazy("残疾类别"),
    "disability_grade": gettext_lazy("残疾等级"),
}
"""Fields of the golden record in the order they are shown."""
TABLES = {
    "sex": "sex",
    "ethnicity": "ethnicity",
    "education": "education",
    "marital_status": "marital",
    "hukou_kind": "hukou",
    "disability_kind": "disability_kind",
    "disability_grade": "disability_grade",
}
"""Fields that hold codes, and the code table of each."""
MASKED = ("id18", "phone")
KINSHIP = "kinship"
"""A code table, and the context of its texts in the catalogue: 女 is a daughter there."""
LANES = {
    "id": gettext_lazy("证号"),
    "id15": gettext_lazy("15位证号"),
    "certificate": gettext_lazy("残疾证号"),
    "damaged": gettext_lazy("残缺证号"),
    "token": gettext_lazy("令牌"),
    "token_only": gettext_lazy("令牌互证"),
    "weight": gettext_lazy("综合比对"),
    "human": gettext_lazy("人工判定"),
    "none": gettext_lazy("未归人"),
}
_NOTICES = Path(str(screening.__file__)).with_name("notice_kinds.yaml")
_OTHER_FINDINGS = {
    "fair_signups_refused": gettext_lazy("招聘会报名被退回"),
    "listed_employer_at_fair": gettext_lazy("黑名单单位报名招聘会"),
    "fair_with_unlawful_posts": gettext_lazy("招聘会岗位不得发布"),
    "fair_agency_permit_unseen": gettext_lazy("招聘会中介许可未见"),
    "fair_misnamed": gettext_lazy("招聘会名称不符"),
    "travel_signups_differ": gettext_lazy("返岗报名前后不一"),
    "travel_day_unclear": gettext_lazy("返岗日期不明"),
    "travel_companions_unknown": gettext_lazy("同行人不明"),
    "public_places_to_clear": gettext_lazy("公益性岗位待清退"),
    "public_places_to_confirm": gettext_lazy("公益性岗位待确认"),
    "public_places_none": gettext_lazy("没有报来空岗"),
    "public_post_second_placement": gettext_lazy("公益性岗位二次安置"),
    "public_post_too_long": gettext_lazy("公益性岗位超期"),
}


def value(field: str, text: str) -> str:
    """A value of a field as people read it: codes in words, regions by their names; never masked."""
    if field in TABLES:
        return _(codes.name_of(TABLES[field], text) or text)
    if field.endswith("_region"):
        return region(text)
    return text


def masked(field: str, text: str) -> str:
    """The value as lists and pages show it: numbers with stars in the middle."""
    if field == "id18":
        return str(masks.mask_ids(pl.Series([text])).item())
    if field == "phone":
        return str(masks.mask_phones(pl.Series([text])).item())
    return value(field, text)


def role(code: str) -> str:
    """What somebody is to the head of the household."""
    known = codes.name_of(KINSHIP, code)
    return pgettext(KINSHIP, known) if known else code


def kind_of_list(code: str) -> str:
    """The name of a kind of list."""
    known = load_kinds().get(code)
    return kind_name(known) if known else code


@cache
def departments() -> tuple[str, ...]:
    """The departments that lists come from."""
    return tuple(sorted({kind.department for kind in load_kinds().values()} - {"未定"}))


def department(name: str) -> str:
    """A department in the reader's language, by the short name that lists have."""
    return _(name) if name else ""


@cache
def _findings() -> Mapping[str, str]:
    names: dict[str, str] = {}
    for entry in yaml.safe_load(FACTS.read_text(encoding="utf-8")).get("conflicts", ()):
        names[entry["conflict"]] = entry["name"].split("，")[0]
    notices = yaml.safe_load(_NOTICES.read_text(encoding="utf-8"))["kinds"]
    names |= {entry["kind"]: entry["label"] for entry in notices if "label" in entry}
    return names | {kind.kind: kind.label for kind in findings.kinds()}


@cache
def _exits() -> Mapping[str, str]:
    """Kind of finding → the rule by which somebody should leave a register."""
    return {f"exit_{r.rule.lower()}": r.rule for r in book.load().rules.values() if r.kind == "exit"}


def finding(kind: str) -> str:
    """The name of a kind of finding."""
    if kind in _exits():
        return _("应退出：%(why)s") % {"why": rule(_exits()[kind])}
    known = _findings().get(kind)
    return _(known) if known else str(_OTHER_FINDINGS.get(kind, kind))


def findings_of_persons() -> list[tuple[str, str]]:
    """(kind, name) of the kinds of finding that speak of a person, by name."""
    nobodys = (
        "fair_",
        "listed_employer",
        "unlawful_",
        "token_list",
        "sheet_",
        "names_of_",
        "public_places",
        "travel_",
    )
    told = dict.fromkeys((*_findings(), *_exits(), *_OTHER_FINDINGS))
    return sorted(((k, finding(k)) for k in told if not k.startswith(nobodys)), key=lambda pair: pair[1])


@cache
def _rules() -> Mapping[str, tuple[str, str]]:
    return {rule.rule: (rule.name, rule.english or rule.name) for rule in book.load().rules.values()}


def rule(code: str) -> str:
    """The name of a category of recognition, a target group or a policy in the reader's language: A1 → 大龄城镇居民."""
    name, english = _rules().get(code, (code, code))
    return english if in_english() else name


def rules_told(codes: Iterable[str]) -> str:
    """The names of several, one after the other."""
    return _("、").join(rule(code) for code in codes)


def rules(kind: str) -> list[tuple[str, str]]:
    """(code, code and name in the reader's language) of the rules of a kind: recognition, target."""
    found = [(r.rule, f"{r.rule} {rule(r.rule)}") for r in book.load().rules.values() if r.kind == kind]
    return sorted(found)


def from_data() -> tuple[set[str], set[str]]:
    """Chinese names that come from data and are shown in the reader's language; those of relations to the head apart."""
    values = {code.name for table in TABLES.values() for code in codes.table(table)}
    return values | set(_findings().values()) | set(departments()), {
        code.name for code in codes.table(KINSHIP)
    }


def region(code: str) -> str:
    """A region by its full name within Fujian: 350825102001 → 连城县姑田镇上堡村; elsewhere from the province on."""
    known = regions.get(code)
    if known is None:
        return code
    above = [regions.get(c) for c in regions.ancestors(code) if c != code]
    names = [r.name for r in above if r is not None and not _told(code, r.code)]
    return "".join(
        dict.fromkeys([*names, known.name])
    )  # 东莞市 has no counties: its one county bears its name


def _told(code: str, above: str) -> bool:
    """Whether a region above goes without saying: province and city of a place in Fujian that is below them."""
    return code.startswith("35") and len(code) > 4 and len(above) <= 4


@cache
def place(number: int) -> str:
    """A place number in words."""
    return region(region_code(number))


@cache
def place_short(number: int) -> str:
    """The last name of a place alone: 上堡村."""
    known = regions.get(region_code(number))
    return known.name if known else str(number)


def row(file: str, sheet: str, number: int | None) -> str:
    """Where a row stands: 14公安-户籍人口.csv 第9行."""
    where = f"{file} {sheet}".strip()
    return where if number is None else _("%(where)s 第%(row)s行") % {"where": where, "row": number}
