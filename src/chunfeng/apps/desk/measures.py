"""What is counted, each said once: the figure on the overview and the list it opens follow from the same condition."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db.models import Q
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from chunfeng.apps.matching.models import Allocation, Recommendation, Waiting
from chunfeng.apps.policies.models import Entitlement
from chunfeng.apps.registry import words
from chunfeng.apps.registry.counting import WHAT
from chunfeng.apps.travel.models import RideRequest, Seat, Unplanned


@dataclass(frozen=True)
class Measure:
    """Persons of whom something holds. `where`: the condition on persons, made in the scope it is used in.

    `query`: what the registry's list of persons is asked for to show them; without, the desk has a list of its own.
    `listed`: (array of persons, value) where it is that the array holds the value: all its values are counted at once.
    `apart`: the condition looks through a table of many rows a person, so that it is counted by itself.
    """

    code: str
    label: Any
    where: Callable[[], Q]
    note: Any = ""
    query: Mapping[str, str] | None = None
    listed: tuple[str, str] | None = None
    apart: bool = False


_QUERIES: dict[str, Callable[[str], dict[str, str]]] = {
    "persons": lambda code: {},
    "yes": lambda code: {"yes": code or "any"},
    "unknown": lambda code: {"unknown": code or "any"},
    "target": lambda code: {"target": code},
    "doubts": lambda code: {"doubts": "on"},
    "findings": lambda code: {"finding": "any"},
    "without_id": lambda code: {"no_id": "on"},
}
"""Name of a condition of the registry → how its list is asked for it."""


_ARRAYS = {"yes": "categories", "unknown": "open_categories", "target": "targets"}
"""Name of a condition of the registry → the array of persons it looks into."""


def _registry(code: str, label: Any, what: str, note: Any = "") -> Measure:
    name, _colon, argument = what.partition(":")
    listed = (_ARRAYS[name], argument) if argument else None
    return Measure(code, label, lambda: WHAT[name](argument), note, _QUERIES[name](argument), listed)


def _among(code: str, label: Any, rows: Callable[[], Any], note: Any = "") -> Measure:
    def where() -> Q:
        return Q(pk__in=rows().filter(person__isnull=False).values("person"))

    return Measure(code, label, where, note, apart=True)


def _clear(code: str, label: Any, note: Any = "", **known: bool) -> Measure:
    return Measure(code, label, lambda: _known(**known), note)


def _known(**known: bool) -> Q:
    """What is known of a person besides who it is; a person has one row of that or none."""
    return Q(**{f"clears__{name}": value for name, value in known.items()})


def _unvisited() -> Q:
    return _SERVED & ~_known(visited=True)


_IDENTIFIED = Q(id18_index__isnull=False) & ~Q(name="")
_ALL_CLEAR = {"intention": True, "skill": True, "need": True}

TO_VISIT = "to_visit"
"""Measure of the people whom the campaign serves and nobody has visited."""
TO_CALL = "to_call"
"""Measure of those, and of the people whose papers are incomplete: whom a village is to call on."""
LACKING = ~Q(open_categories=[])
_SERVED = ~Q(targets=[]) | ~Q(categories=[]) | ~Q(open_categories=[])

_FIXED: tuple[Measure, ...] = (
    _registry("persons", _("找到的人员"), "persons", _("各部门名单里归并出的人，一人一条")),
    Measure(
        "linked",
        _("多部门互证的人员"),
        lambda: Q(departments__len__gte=2),
        _("至少两个部门的名单提到，可以互相核对"),
    ),
    _clear("visited", _("已走访的人员"), _("村居走访摸排表里有本人"), visited=True),
    Measure(
        TO_VISIT,
        _("待走访的人员"),
        _unvisited,
        _("服务对象和困难人员，走访摸排表里还没有本人"),
    ),
    Measure(
        TO_CALL,
        _("要去看的人"),
        lambda: _unvisited() | LACKING,
        _("还没走访的，和缺材料、还不能判定的"),
    ),
    Measure("head_count_clear", _("人员底数清"), lambda: _IDENTIFIED, _("姓名和身份证号都已确定")),
    _clear("intention_clear", _("就业意向清"), _("意向已问明，不是“没想好”"), intention=True),
    _clear("skill_clear", _("技能水平清"), _("名单写明有无技能、证书"), skill=True),
    _clear("need_clear", _("服务需求清"), _("问过并有答复，或本人登记求职、报名乘车、来电求助"), need=True),
    Measure(
        "four_clears",
        _("四清的人员"),
        lambda: _IDENTIFIED & _known(**_ALL_CLEAR),
        _("底数、意向、技能、需求都清"),
    ),
    _registry("recognised", _("认定为就业困难人员"), "yes", _("至少一类结论为“是”")),
    _registry("open", _("认定尚不能判定"), "unknown", _("至少一类结论为“未知”，补齐材料可定")),
    _among(
        "entitled",
        _("可享政策的人员"),
        lambda: Entitlement.objects.filter(answer="yes"),
        _("至少一项政策结论为“是”"),
    ),
    _among(
        "entitled_open",
        _("政策待补材料的人员"),
        lambda: Entitlement.objects.filter(answer="unknown"),
        _("补齐材料后或可享受"),
    ),
    _among(
        "matched",
        _("已推荐岗位的人员"),
        lambda: Recommendation.objects.exclude(vacancy=""),
        _("至少有一个合法有效的岗位"),
    ),
    _among(
        "unmatched",
        _("暂无合适岗位的求职者"),
        lambda: Recommendation.objects.filter(vacancy=""),
        _("在找工作，没有符合条件的岗位"),
    ),
    _among("allocated", _("公益性岗位拟安置"), lambda: Allocation.objects.all()),
    _among("waiting", _("等候公益性岗位"), lambda: Waiting.objects.all()),
    _among("ride_asked", _("报名返岗乘车"), lambda: RideRequest.objects.all()),
    _among("seated", _("已排返岗座位"), lambda: Seat.objects.all(), _("包车上已有座位")),
    _among("unplanned", _("未排上车"), lambda: Unplanned.objects.all()),
    _registry("doubts", _("有待判定名单行"), "doubts", _("名单里有一行疑似此人，要人来判")),
    _registry("findings", _("有比对疑点"), "findings", _("各部门名单互相矛盾，须核实")),
    _registry("without_id", _("没有身份证号"), "without_id"),
)


_rule = lazy(words.rule, str)  # in the language of whoever reads it


@cache
def measures() -> dict[str, Measure]:
    """All measures by code, in order: the fixed ones, recognition by category, target groups."""
    found = list(_FIXED)
    for code, _name in words.rules("recognition"):
        found.append(_registry(f"yes.{code}", _rule(code), f"yes:{code}"))
        found.append(_registry(f"open.{code}", _rule(code), f"unknown:{code}"))
    for code, _name in words.rules("target"):
        found.append(_registry(f"target.{code}", _rule(code), f"target:{code}"))
    return {each.code: each for each in found}


def named() -> list[tuple[str, str]]:
    """(code, name) of all measures, to choose from."""
    to_check = _("%(name)s待查")
    return [
        (code, str(to_check % {"name": each.label} if code.startswith("open.") else each.label))
        for code, each in measures().items()
    ]


FUNNEL = ("persons", "linked", "four_clears", "recognised", "entitled", "matched", "seated")
"""The way of the campaign, step by step: found, told apart, known, recognised, entitled, offered a job, carried."""

CLEARS = ("head_count_clear", "intention_clear", "skill_clear", "need_clear", "four_clears")

COLUMNS = {
    "persons": _("找到"),
    "visited": _("已走访"),
    TO_VISIT: _("待走访"),
    "four_clears": _("四清"),
    "recognised": _("已认定"),
    "open": _("待判定"),
    "entitled": _("可享政策"),
    "matched": _("已推荐岗位"),
    "seated": _("已排座"),
}
"""What the table of the regions below shows, and short words for it."""
