"""Lists of this room that may be exported: persons as the list shows them, numbers masked, and findings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from chunfeng.apps.audit import exports
from chunfeng.apps.places.scope import current
from chunfeng.apps.registry import lists, searching, words
from chunfeng.apps.registry.forms import FilterForm
from chunfeng.apps.registry.models import Finding, Person

PERSONS = {
    "number": _("人员编号"),
    "name": _("姓名"),
    "sex": _("性别"),
    "birth": _("出生日期"),
    "id18": _("身份证号（部分）"),
    "phone": _("电话（部分）"),
    "place": _("负责地区"),
    "yes": _("符合类别"),
    "unknown": _("待查类别"),
    "targets": _("援助对象"),
    "key": _("登记号"),
}
FINDINGS = {
    "kind": _("疑点种类"),
    "number": _("人员编号"),
    "name": _("姓名"),
    "message": _("说明"),
    "rows": _("相关行"),
    "place": _("地区"),
    "key": _("登记号"),
}


def register() -> None:
    """Offer both lists; to be called in `AppConfig.ready`."""
    names = frozenset({*FilterForm.base_fields, "q", "way"})
    exports.register(
        exports.Export(
            "persons", _("人员名单"), PERSONS, _persons, _count_persons, names, person="key", told=_told
        )
    )
    exports.register(
        exports.Export(
            "findings",
            _("比对疑点"),
            FINDINGS,
            _findings,
            _count_findings,
            frozenset({"kind"}),
            person="key",
            told=lambda filters: [(str(FINDINGS["kind"]), words.finding(kind)) for kind in filters.values()],
        )
    )


def _told(filters: Mapping[str, str]) -> list[tuple[str, str]]:
    """What a list of persons was narrowed by, in words."""
    shown = dict(filters)
    if place := shown.get("place"):
        shown["place"] = words.region(place)
    typed = [(str(_("查询")), shown["q"])] if shown.get("q") else []
    if (way := shown.get("way")) in searching.WAYS:
        typed.append((str(_("查询方式")), str(searching.WAYS[way])))
    return [*typed, *exports.in_words(FilterForm(), shown)]


def _wanted(filters: dict[str, str]) -> lists.Found:
    form = FilterForm(filters)
    if not form.is_valid():
        wrong = _("、").join(str(form.fields[name].label) for name in form.errors if name in form.fields)
        raise exports.Refused(_("这些条件看不懂或已不适用：%(names)s。请重新选择。") % {"names": wrong})
    typed, way = filters.get("q", ""), filters.get("way", "")
    asked = searching.understand(typed, current().reach, way)
    if asked.way in (*searching.EXACT, searching.UNREADABLE):
        raise exports.Refused(_("证号、电话不能作导出的条件。"))
    _asked, found, _page = lists.searched(form.cleaned_data, asked, lists.as_of(), way)
    return found


def _count_persons(filters: dict[str, str]) -> int:
    return int(_wanted(filters).query.order_by().count())


def _persons(filters: dict[str, str], fields: Sequence[str]) -> Iterable[Sequence[Any]]:
    found = _wanted(filters)
    for row in found.query.order_by(*found.order).iterator(chunk_size=2_000):
        person: Person = row.person if found.prefix else row
        told = {
            "number": person.number,
            "name": person.name,
            "sex": person.get_sex_display(),
            "birth": person.birth,
            "id18": person.id18_mask,
            "phone": person.phone_mask,
            "place": words.place(person.place),
            "yes": _named(person.categories),
            "unknown": _named(person.open_categories),
            "targets": _named(person.targets),
            "key": person.pk,
        }
        yield [told[name] for name in fields]


def _named(codes: Iterable[str]) -> str:
    return "；".join(words.rule(code) for code in codes)


def _of_kind(filters: dict[str, str]) -> Any:
    found = Finding.objects.mine()
    return found.filter(kind=filters["kind"]) if filters.get("kind") else found


def _count_findings(filters: dict[str, str]) -> int:
    return int(_of_kind(filters).count())


def _findings(filters: dict[str, str], fields: Sequence[str]) -> Iterable[Sequence[Any]]:
    rows = _of_kind(filters).select_related("person").order_by("kind", "place", "pk")
    for found in rows.iterator(chunk_size=2_000):
        told = {
            "kind": words.finding(found.kind),
            "number": found.person.number if found.person else "",
            "name": found.person.name if found.person else "",
            "message": found.message,
            "rows": found.rows,
            "place": words.place(found.place),
            "key": found.person_id or "",
        }
        yield [told[name] for name in fields]
