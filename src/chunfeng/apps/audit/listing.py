"""The audit itself as an export."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from chunfeng.apps.audit import exports, selectors
from chunfeng.apps.audit.forms import AuditFilter
from chunfeng.apps.gate.capabilities import Capability

_VALUES = {
    "id": (_("编号"), lambda line: line.event.pk),
    "at": (_("时间"), lambda line: line.event.at),
    "who": (_("操作人"), lambda line: line.who),
    "behalf": (_("代谁"), lambda line: line.behalf),
    "role": (_("角色"), lambda line: line.role),
    "office": (_("地区"), lambda line: line.office),
    "action": (_("操作"), lambda line: line.action),
    "purpose": (_("目的"), lambda line: line.event.purpose),
    "kind": (_("对象类型"), lambda line: line.event.kind),
    "key": (_("对象"), lambda line: line.event.key),
    "person": (_("涉及人员"), lambda line: line.event.person),
    "reason": (_("理由"), lambda line: line.event.reason),
    "address": (_("来源地址"), lambda line: line.event.address),
}


def _filters(given: dict[str, str]) -> dict[str, Any]:
    form = AuditFilter(given)
    if not form.is_valid():
        raise exports.Refused(str(_("查询条件有误。")))
    return form.wanted()


def _rows(given: dict[str, str], fields: Sequence[str]) -> Iterable[Sequence[Any]]:
    for some in _in_batches(selectors.matching(_filters(given)).iterator(2_000)):
        for line in selectors.lines(some):
            yield [_VALUES[name][1](line) for name in fields]


def _in_batches(rows: Iterable[Any]) -> Iterable[list[Any]]:
    some: list[Any] = []
    for row in rows:
        some.append(row)
        if len(some) == 2_000:
            yield some
            some = []
    if some:
        yield some


def register() -> None:
    """Offer it to auditors."""
    exports.register(
        exports.Export(
            "audit",
            _("审计记录"),
            {name: label for name, (label, _value) in _VALUES.items()},
            _rows,
            lambda given: selectors.matching(_filters(given)).count(),
            frozenset(("user", "person", "action", "since", "until")),
            capability=Capability.AUDIT_READ,
            told=lambda given: exports.in_words(AuditFilter(), given),
        )
    )
