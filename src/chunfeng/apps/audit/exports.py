"""Lists as files: asked for with a reason, approved by another above so many rows, marked, sealed, and gone in days.

A room registers what may be exported: `register(Export("persons", _("人员名单"), columns, rows, count))`. `rows` and
`count` run in the scope of whoever asked, so nobody gets more than the screen would show.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Sum
from django.forms import BooleanField, Form
from django.utils import timezone
from django.utils.translation import gettext as _

from chunfeng.apps.audit.models import ExportRequest
from chunfeng.apps.audit.record import record
from chunfeng.apps.gate.capabilities import Capability
from chunfeng.apps.places.numbers import Reach
from chunfeng.apps.places.scope import current, use, whole_province


class Refused(ValueError):
    """What was asked for is not possible; the message tells the reader why."""


def as_given(filters: Mapping[str, str]) -> list[tuple[str, str]]:
    """Filters of a list that has no words for them, or is on offer no more."""
    return list(filters.items())


@dataclass(frozen=True)
class Export:
    """`columns`: field → heading; `rows(filters, fields)`: rows of values in the order of `fields`; `count(filters)`;
    `filters`: names of the filters it knows, never carrying an identity number or a phone;
    `told`: those given, as (label, value) in words;
    `person`: the field with a person's key, so that the person can see who took it away; `capability`: who may ask."""

    code: str
    name: Any
    columns: Mapping[str, Any]
    rows: Callable[[dict[str, str], Sequence[str]], Iterable[Sequence[Any]]]
    count: Callable[[dict[str, str]], int]
    filters: frozenset[str] = frozenset()
    person: str | None = None
    capability: Capability = Capability.EXPORT
    told: Callable[[Mapping[str, str]], list[tuple[str, str]]] = as_given


def in_words(form: Form, filters: Mapping[str, str]) -> list[tuple[str, str]]:
    """Filters that are fields of a form, as that form shows them: (label, value), no value for a box that is ticked."""
    found = []
    for name, field in form.fields.items():
        if text := filters.get(name):
            choices = {str(code): str(label) for code, label in getattr(field, "choices", ())}
            found.append(
                (str(field.label), "" if isinstance(field, BooleanField) else choices.get(text, text))
            )
    return found


_exports: dict[str, Export] = {}


def register(export: Export) -> None:
    """Offer a list for export."""
    _exports[export.code] = export


def find(code: str) -> Export | None:
    """The export with this code, where the hat worn may ask for it."""
    export = _exports.get(code)
    return export if export and export.capability in current().capabilities else None


def offered() -> list[Export]:
    """What the hat worn may ask for."""
    return [export for export in _exports.values() if export.capability in current().capabilities]


def known(code: str) -> Export:
    """The export with this code. KeyError when its room is not there any more."""
    return _exports[code]


def ask(code: str, filters: Mapping[str, str], columns: Sequence[str], reason: str) -> ExportRequest:
    """Ask for a list. Few rows are made at once; more than EXPORT_APPROVAL_ROWS in one day wait for another's approval."""
    export, scope = find(code), current()
    reason = " ".join(reason.split())
    if export is None or scope.actor is None:
        raise Refused(_("没有这份名单，或当前身份不能导出。"))
    if len(reason) < 4:
        raise Refused(_("请写明用途，至少 4 个字。"))
    columns = [name for name in export.columns if name in set(columns)]
    if not columns:
        raise Refused(_("请至少选一列。"))
    kept = {name: value for name, value in filters.items() if name in export.filters and value}
    rows = export.count(kept)
    if not rows:
        raise Refused(_("没有符合条件的行，无需导出。"))
    if rows > settings.EXPORT_ROWS:
        raise Refused(_("一次最多导出 %(count)d 行，请缩小范围。") % {"count": settings.EXPORT_ROWS})
    alone = left_alone(scope.actor)
    request = ExportRequest.objects.create(
        place=scope.reach.low,
        low=scope.reach.low,
        high=scope.reach.high,
        organisation=scope.organisation,
        on_behalf_of=scope.on_behalf_of,
        role=scope.role,
        capabilities=sorted(map(str, scope.capabilities)),
        asker=scope.actor,
        asked_at=timezone.now(),
        code=code,
        filters=kept,
        columns=columns,
        reason=reason[:300],
        rows=rows,
    )
    record(
        "export.ask",
        kind="export",
        key=request.number,
        reason=request.reason,
        details={"code": code, "rows": rows, "columns": columns, "filters": sorted(kept)},
    )
    if rows <= alone:
        _make(request)
    return request


def left_alone(asker: int, but: int | None = None) -> int:
    """How many rows somebody may still take without another's approval: what is asked for in pieces within a day
    counts as one. `but`: a request that is not to be counted. One asker's requests wait for each other here."""
    scope = current()
    with use(whole_province(scope.role, scope.purpose, scope.actor)):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"export {asker}"])
        taken = (
            ExportRequest.objects.filter(
                asker=asker, asked_at__gt=timezone.now() - timedelta(days=1), approver__isnull=True
            )
            .exclude(state__in=(ExportRequest.State.ASKED, ExportRequest.State.REFUSED))
            .exclude(pk=but)
            .aggregate(rows=Sum("rows"))["rows"]
        )
    return max(0, settings.EXPORT_APPROVAL_ROWS - (taken or 0))


def decide(request: ExportRequest, approve: bool, words: str) -> None:
    """Approve or refuse another's request. Refused for one's own, for one decided already, and outside one's reach."""
    scope = current()
    if Capability.EXPORT_APPROVE not in scope.capabilities or scope.actor is None:
        raise Refused(_("当前身份不能批准导出。"))
    if scope.behind & {request.asker, request.on_behalf_of}:
        raise Refused(_("申请人不能批准自己的申请。"))
    if not scope.reach.covers(Reach(request.low, request.high)):
        raise Refused(_("申请的范围超出您的地区。"))
    words = " ".join(words.split())
    if not approve and len(words) < 2:
        raise Refused(_("不批准请写明原因。"))
    changed = ExportRequest.objects.filter(pk=request.pk, state=ExportRequest.State.ASKED).update(
        approver=scope.actor,
        decided_at=timezone.now(),
        decision=words[:300],
        state=ExportRequest.State.APPROVED if approve else ExportRequest.State.REFUSED,
    )
    if not changed:
        raise Refused(_("这份申请已有别人处理。"))
    record(
        "export.approve" if approve else "export.refuse",
        kind="export",
        key=request.number,
        reason=words[:300],
        details={"code": request.code, "rows": request.rows},
    )
    if approve:
        _make(request)


def _make(request: ExportRequest) -> None:
    from chunfeng.apps.audit.tasks import make_export

    ExportRequest.objects.filter(pk=request.pk).update(state=ExportRequest.State.APPROVED)
    request.state = ExportRequest.State.APPROVED
    with transaction.atomic():
        make_export.defer(number=request.pk)
