"""What happened to a person's record, latest first: lists that named them, what a run found otherwise, what people decided."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chunfeng.apps.audit import names
from chunfeng.apps.audit import selectors as audit
from chunfeng.apps.intake.deliveries import Extract
from chunfeng.apps.registry import words
from chunfeng.apps.registry.models import Claim, Correction, Decision, Person, minted_number

SHOWN = 100
"""Of each sort, the latest ones."""


@dataclass(frozen=True)
class Event:
    """Something that happened to a record: when, what, who, in words."""

    at: datetime
    title: str
    who: str = ""
    text: str = ""


def timeline(person: Person) -> list[Event]:
    """Lists, changes and deeds, latest first. At most seven queries."""
    events = [*_decided(person), *_corrected(person), *_named(person), *_changed(person)]
    return sorted(events, key=lambda e: e.at, reverse=True)


def _decided(person: Person) -> Iterable[Event]:
    away: set[Any] = set()
    about = Decision.objects.filter(Q(person=person.pk) | Q(absorbed=person.pk)).order_by("-pk")
    for made in about.select_related("by", "undone_by")[:SHOWN]:
        row = words.row(made.file, made.sheet, made.row)
        title = made.get_kind_display() + _("：") + made.get_action_display()
        if made.absorbed == person.pk:  # one line for all its rows
            if made.deed in away:
                continue
            away.add(made.deed)
            title = _("合并：并入 %(number)s") % {"number": minted_number(made.person)}
        yield Event(made.at, title, str(made.by), f"{row} {made.name}" + _("；") + made.reason)
        if made.undone_at:
            yield Event(made.undone_at, _("撤销：") + title, str(made.undone_by), made.undone_reason)


def _corrected(person: Person) -> Iterable[Event]:
    said_of = Correction.objects.filter(person=person).order_by("-pk")
    for said in said_of.select_related("by", "undone_by")[:SHOWN]:
        title = _("更正%(field)s") % {"field": words.FIELDS.get(said.field, said.field)}
        yield Event(said.at, title, str(said.by), said.evidence + _("；") + said.reason)
        if said.undone_at:
            yield Event(said.undone_at, _("撤销：") + title, str(said.undone_by), said.undone_reason)


# --- lists ---------------------------------------------------------------------------------------------------------------


def _named(person: Person) -> Iterable[Event]:
    """Lists in force whose rows are this person, when they were handed in. Lists out of the reader's reach are left out."""
    rows: dict[tuple[str, str], list[int]] = {}
    for file, sheet, row in Claim.objects.filter(person=person).values_list("file", "sheet", "row"):
        rows.setdefault((file, sheet), []).append(row)
    if not rows:
        return
    taken = Extract.objects.filter(
        county=person.county, state__in=Extract.ACTIVE, source__in={file for file, _sheet in rows}
    )
    for extract in taken.select_related("delivery", "organisation").order_by("-delivery_id")[: 3 * SHOWN]:
        here = rows.get((extract.source, extract.sheet))
        if here:
            title = _("名单提到：%(kind)s") % {"kind": words.kind_of_list(extract.kind)}
            where = [words.row(extract.source, extract.sheet, row) for row in sorted(here)[:5]]
            until = _("数据截至 %(day)s") % {"day": extract.delivery.as_of.isoformat()}
            yield Event(extract.delivery.at, title, extract.office, _("；").join([*where, until]))


# --- what the field history kept -----------------------------------------------------------------------------------------

_COLUMNS = {
    **{
        name: words.FIELDS[name]
        for name in ("name", "sex", "birth", "hukou_kind", "hukou_region", "stay_region")
    },
    "education": words.FIELDS["education"],
    "categories": gettext_lazy("符合的认定类别"),
    "open_categories": gettext_lazy("尚不能判定的类别"),
    "targets": gettext_lazy("援助对象类别"),
    "gone": gettext_lazy("不再出现于名单"),
}
_SEALED = {name: words.FIELDS[name] for name in words.MASKED}


def _changed(person: Person) -> Iterable[Event]:
    """What of the golden record became otherwise, by whom: a run, or somebody's deed. Of numbers only that they did."""
    rows = audit.history(Person._meta.db_table, person.pk, SHOWN)
    told = [(row, text) for row in rows if (text := _difference(row.changes))]
    people = names.users(int(row.actor) for row, _text in told if row.actor.isdecimal())
    for row, text in told:
        who = people.get(int(row.actor), "") if row.actor.isdecimal() else _("后台运行")
        yield Event(row.at, _("档案有变"), who, text)


def _difference(changes: dict[str, Any]) -> str:
    """Columns that mean something to a reader, old and new; '' where only others changed."""
    parts = [str(label) + _("：") + _("已变动") for name, label in _SEALED.items() if name in changes]
    for name, label in _COLUMNS.items():
        if name in changes and isinstance(changes[name], list):
            old, new = (_told(name, each) for each in changes[name])
            parts.append(str(label) + _("：") + f"{old} → {new}")
    return _("；").join(parts)


def _told(name: str, value: Any) -> str:
    """A value of a column as people read it; a dash for none."""
    if isinstance(value, list):  # of categories and target groups
        value = words.rules_told(map(str, value))
    return words.value(name, str(value)) if value not in (None, "") else "—"
