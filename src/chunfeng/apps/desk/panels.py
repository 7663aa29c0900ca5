"""What the rooms have to show of one person, and what is to be done for them, most urgent first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from chunfeng.apps.desk.models import FourClears
from chunfeng.apps.matching import panels as matching
from chunfeng.apps.policies import panels as policies
from chunfeng.apps.recognition import panels as recognition
from chunfeng.apps.registry.models import Person
from chunfeng.apps.travel import panels as travel

ROOMS = (
    ("recognition", recognition.panel),
    ("policies", policies.panel),
    ("travel", travel.panel),
    ("matching", matching.panel),
)


@dataclass(frozen=True)
class Panel:
    """One room's part of the page: its template and what that is filled with."""

    room: str
    content: dict[str, Any]

    @property
    def template(self) -> str:
        return f"{self.room}/panel.html"


@dataclass(frozen=True)
class Todo:
    """Something to do for a person; `anchor`: where on the page, or `url`: where else. Lower `rank` comes first."""

    rank: int
    text: str
    detail: str = ""
    anchor: str = ""
    url: str = ""


def panels(person: Person, as_of: date, groups: Mapping[str, str] | None = None) -> list[Panel]:
    """The rooms' panels in order; rooms that have nothing are left out. `groups`: the target groups of the campaign looked at,
    by code, where the others are not to be named."""
    found = ((room, panel(person, as_of)) for room, panel in ROOMS)
    shown = [Panel(room, content) for room, content in found if content is not None]
    if groups is not None:
        for each in shown:
            if "groups" in each.content:
                each.content["groups"] = [pair for pair in each.content["groups"] if pair[0] in groups]
    return shown


def clears(person: Person) -> list[tuple[str, bool, str]]:
    """Each of the four clears: its name, whether it is known of a person, and what the lists tell of it."""
    known = FourClears.objects.filter(pk=person.pk).first() or FourClears()
    services = [str(FourClears.Need(code).label) for code in known.services]
    return [
        (_("人员底数"), person.id18_index is not None and bool(person.name), ""),
        (_("就业意向"), known.intention, ""),
        (_("技能水平"), known.skill, ""),
        (_("服务需求"), known.need, _("、").join(services) or (_("答复没有需求") if known.need else "")),
    ]


def todos(person: Person, shown: list[Panel], rows_url: str) -> list[Todo]:
    """What is to be done, from the person's own record and every panel."""
    found = [Todo(**each) for panel in shown for each in panel.content.get("todo", ())]
    if person.gone:
        found.append(
            Todo(0, _("已不在任何名单，请核实去向"), _("自 %(day)s 起") % {"day": person.gone.isoformat()})
        )
    if person.doubts:
        found.append(
            Todo(1, _("判定名单里的疑似行"), _("%(n)s 行") % {"n": person.doubts}, url=f"{rows_url}#doubts")
        )
    if person.findings:
        found.append(
            Todo(2, _("核实比对疑点"), _("%(n)s 个") % {"n": person.findings}, url=f"{rows_url}#findings")
        )
    if person.id18_index is None:
        found.append(
            Todo(
                3,
                _("补身份证号"),
                _("没有证号，不能办理认定和补贴：把证号写进走访登记表再报一次"),
                anchor="record",
            )
        )
    return sorted(found, key=lambda each: each.rank)
