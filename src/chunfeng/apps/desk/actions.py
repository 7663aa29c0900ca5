"""What waits for the reader today: doubts, lists held back, approvals, lists that are late, runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from chunfeng.apps.audit.models import ExportRequest
from chunfeng.apps.campaigns.models import Campaign
from chunfeng.apps.gate.capabilities import Capability
from chunfeng.apps.intake import owing
from chunfeng.apps.intake.models import Extract
from chunfeng.apps.places.days import today
from chunfeng.apps.places.models import Region
from chunfeng.apps.places.scope import current
from chunfeng.apps.registry import review
from chunfeng.apps.registry.keyset import CAP
from chunfeng.apps.registry.models import Inquiry, SamePerson, SameVoice


@dataclass(frozen=True)
class Action:
    """Something that waits, how much of it, and where it is done."""

    label: str
    count: int
    url: str
    icon: str

    @property
    def told(self) -> str:
        return f"{CAP - 1}+" if self.count >= CAP else str(self.count)


def link(name: str, query: str = "") -> str:
    try:
        return f"{reverse(name)}{query}"
    except NoReverseMatch:
        return ""


def waiting() -> list[Action]:
    """What this hat may do something about, as far as there is any. One query for each kind of thing it may do."""
    scope = current()
    able, actor = scope.capabilities, scope.actor
    found: list[Action] = []
    if Capability.REGISTRY_REVIEW in able:
        found.append(Action(_("疑似同一人，待判定"), review.left(CAP), link("registry-review"), "pair"))
    if Capability.REGISTRY_CORRECT in able:
        asked = Inquiry.objects.mine().filter(answered_at=None)[:CAP].count()
        found.append(Action(_("请核实的人员，待回话"), asked, link("registry-inquiries"), "question"))
    if {Capability.REGISTRY_APPROVE, Capability.REGISTRY_REVIEW} & able:
        spoken = SameVoice.objects.filter(by=actor, undone_at=None).values("pair")
        standing = Count("voices", filter=Q(voices__undone_at=None))
        pairs = SamePerson.objects.exclude(pk__in=spoken).annotate(said_by=standing).filter(said_by__lt=2)
        found.append(Action(_("跨县同一人，待表态"), pairs[:CAP].count(), link("registry-same"), "merge"))
    if Capability.INTAKE_ACCEPT in able:
        held = Extract.objects.filter(state=Extract.State.HELD).exclude(held_by=actor)[:CAP].count()
        found.append(Action(_("暂停的名单，待复核"), held, link("intake-board"), "warning"))
        unread = (Extract.State.READ, Extract.State.NEEDS_MAPPING)
        fresh = Extract.objects.filter(state__in=unread)[:CAP].count()
        found.append(Action(_("收到的名单，待接收"), fresh, link("intake-board"), "upload"))
    elif Capability.INTAKE_SEND in able:
        back = Extract.objects.filter(state=Extract.State.REJECTED)[:CAP].count()
        found.append(Action(_("退回的名单，待改正重报"), back, link("intake-board"), "upload"))
    if Capability.EXPORT_APPROVE in able:
        asked = ExportRequest.objects.filter(state=ExportRequest.State.ASKED).exclude(asker=actor)
        found.append(Action(_("导出申请，待批准"), asked[:CAP].count(), link("exports"), "download"))
    return [each for each in found if each.count]


def late(campaign: Campaign, region: Region) -> dict[str, Any] | None:
    """Lists due by now and not there: one by one for a county, by numbers for what lies above. None below a county."""
    if region.level in (Region.Level.TOWN, Region.Level.VILLAGE):
        return None
    if region.level == Region.Level.COUNTY:
        owed = owing.owed(region.reach, campaign)
        due = [each.due for each in owed if each.due is not None]
        return {
            "lists": owing.together(each for each in owed if each.state == "late"),
            "owed": sum(day < today() for day in due),
            "next": min((day for day in due if day >= today()), default=None),
        }
    counties = owing.by_county(region.reach, campaign)
    return {
        "counties": sorted(
            (each for each in counties if each.begun and each.late), key=lambda each: -each.late
        ),
        "silent": sum(not each.begun for each in counties),
    }
