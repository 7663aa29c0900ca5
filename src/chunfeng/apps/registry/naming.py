"""What the deeds of this room are called in the audit."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from chunfeng.apps.audit import actions

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
