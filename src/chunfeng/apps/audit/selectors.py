"""Reading the audit: only what was done by offices within one's own reach."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from chunfeng.apps.audit import names
from chunfeng.apps.audit.actions import action_name, kind_name
from chunfeng.apps.audit.models import Change, Event, ExportRequest
from chunfeng.apps.places.scope import current, use, whole_province

PAGE = 50
_LOOKING = ("view", "reveal", "search", "print", "export")


@dataclass(frozen=True)
class Line:
    """One event as a page shows it."""

    event: Event
    who: str
    behalf: str
    role: str
    office: str
    action: str
    what: str


def events() -> QuerySet[Event]:
    """Events of offices within reach. Those of nobody (failed sign-ins) are the province's to see."""
    low, high = current().reach
    return Event.objects.filter(low__gte=low, low__lt=high, high__lte=high) | (
        Event.objects.filter(low=0, high=0)
        if low <= 350000000000 and high > 359999999999
        else Event.objects.none()
    )


def page(
    filters: dict[str, Any], after: int | None = None, before: int | None = None
) -> tuple[list[Line], int | None, int | None]:
    """One page of the audit, newest first, and the ids to go on (older) and back (newer) from."""
    found = _filtered(events(), filters)
    if before is not None:
        rows = list(found.filter(pk__gt=before).order_by("pk")[: PAGE + 1])
        newer, rows = len(rows) > PAGE, rows[:PAGE][::-1]
        older = True
    else:
        rows = list((found.filter(pk__lt=after) if after else found).order_by("-pk")[: PAGE + 1])
        older, rows = len(rows) > PAGE, rows[:PAGE]
        newer = after is not None
    forward = rows[-1].pk if rows and older else None
    back = rows[0].pk if rows and newer else None
    return lines(rows), forward, back


def _filtered(found: QuerySet[Event], filters: dict[str, Any]) -> QuerySet[Event]:
    if text := filters.get("user"):
        found = found.filter(actor__in=names.find_users(text))
    if (persons := filters.get("person")) is not None:
        found = found.filter(person__in=persons)
    if action := filters.get("action"):
        found = found.filter(action=action)
    if since := filters.get("since"):
        found = found.filter(at__gte=_midnight(since))
    if until := filters.get("until"):
        found = found.filter(at__lt=_midnight(until + timedelta(days=1)))
    return found


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def matching(filters: dict[str, Any]) -> QuerySet[Event]:
    """All events a set of filters means, for the export."""
    return _filtered(events(), filters).order_by("-pk")


def lines(rows: list[Event]) -> list[Line]:
    """Events with the names of who did them: three queries, however many."""
    users = [int(row.key) for row in rows if row.kind == "user" and row.key.isdigit()]
    who = names.users([row.actor for row in rows] + [row.on_behalf_of for row in rows] + users)
    offices, roles = names.offices(row.low for row in rows), names.roles()
    return [
        Line(
            row,
            who.get(row.actor, _("后台任务") if row.actor is None else str(row.actor)),
            who.get(row.on_behalf_of, ""),
            roles.get(row.role, _("后台任务") if row.actor is None else row.role),
            offices.get(row.low, ""),
            action_name(row.action),
            _what(row, who),
        )
        for row in rows
    ]


def _what(row: Event, who: Mapping[int, str]) -> str:
    """What it was done to, in words: the person's number, a user's name, else the kind and the key."""
    if row.person:
        return f"{kind_name('person')} {row.person}"
    name = who.get(int(row.key), row.key) if row.kind == "user" and row.key.isdigit() else row.key
    return f"{kind_name(row.kind)} {name}".strip()


@dataclass(frozen=True)
class Look:
    """Somebody saw a person's record. `who` is empty where the reader may know the office only."""

    at: datetime
    office: str
    role: str
    who: str
    action: str
    purpose: str
    reason: str


def looked(person: object, with_names: bool, limit: int = 20) -> list[Look]:
    """Who saw this person's record, newest first: views, full numbers, exports that held it.

    Not bound to the reader's own reach: a person may know of every office that looked, also of those above. So the
    caller has found the person within the reader's scope before.
    """
    scope = current()
    with use(whole_province(scope.role, scope.purpose, scope.actor)):
        rows = _looks(str(person), limit)
    return [
        Look(
            line.event.at,
            line.office,
            line.role,
            line.who if with_names else "",
            line.action,
            line.event.purpose,
            line.event.reason,
        )
        for line in lines(rows)
    ]


def _looks(person: str, limit: int) -> list[Event]:
    """The events of it, whoever did it."""
    rows = list(Event.objects.filter(person=person, action__in=_LOOKING).order_by("-pk")[:limit])
    if person.isdigit():
        held = ExportRequest.objects.filter(persons__contains=[int(person)]).order_by("-pk")[:limit]
        numbers = [request.number for request in held]
        rows += Event.objects.filter(kind="export", key__in=numbers, action="export").order_by("-pk")[:limit]
    return sorted(rows, key=lambda row: row.pk, reverse=True)[:limit]


def history(table: str, key: object, limit: int = 50) -> list[Change]:
    """What changed in one row of a watched table, newest first, within the reader's reach."""
    return list(Change.objects.filter(table=table, key=str(key)).order_by("-pk")[:limit])
