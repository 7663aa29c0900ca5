"""What the deeds of this room are called in the audit, and whom a text means that is typed there."""

from __future__ import annotations

import re

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chunfeng.apps.audit import actions, names
from chunfeng.apps.places.scope import current
from chunfeng.apps.registry import lists, searching
from chunfeng.apps.registry.models import Person

_KEY = 15
"""Digits of a person's key: the county's six and nine more."""
_MOST = 100
"""Persons of one name that the audit is looked through for."""

_ACTIONS = {
    "decide": _("判定是否同一人"),
    "undo": _("撤销"),
    "correct": _("更正人员信息"),
    "ask_village": _("请村里核实"),
    "answer": _("回复核实"),
    "same_person": _("跨县同一人表态"),
}
_KINDS = {
    "decision": _("判定"),
    "correction": _("更正"),
    "inquiry": _("请村里核实的事"),
    "same_person": _("跨县同一人"),
    "doubts": _("疑似同一人"),
    "row": _("名单里的一行"),
    "rows": _("名单里的行"),
    "finding": _("比对疑点"),
}


def register() -> None:
    """Tell the audit."""
    actions.register(_ACTIONS, _KINDS)
    names.register_persons(find_persons)


def find_persons(text: str) -> list[str]:
    """Keys of the persons of exactly this name, or with this number, whom the hat worn may see. ValueError where the text is
    an identity number or a phone, which stand in no address, where too many have the name, or the hat may see nobody."""
    if re.fullmatch(rf"\d{{{_KEY}}}", text, re.ASCII):
        return [text]
    scope = current()
    if not scope.sees(Person.realm):
        raise ValueError(gettext("当前身份不能按姓名查人，请填人员编号，如 350825000000042。"))
    asked = searching.understand(text, scope.reach, "name")
    if asked.way in (*searching.EXACT, searching.UNREADABLE):
        raise ValueError(gettext("请填姓名或人员编号；证号、电话请在“人员”里查。"))
    if asked.way == "number":
        found = searching.by_number(asked.text, lists.counties())
    else:
        found = Person.objects.filter(name=asked.text)
    keys = [str(key) for key in found.order_by("pk").values_list("pk", flat=True)[: _MOST + 1]]
    if len(keys) > _MOST:
        raise ValueError(gettext("叫这个名字的有 %(count)d 人以上，请填人员编号。") % {"count": _MOST})
    return keys
