"""What waits for the reader today: doubts, lists held back, approvals, lists that are late, runs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from chunfeng.apps.audit.models import ExportRequest
from chunfeng.apps.campaigns.models import Campaign
from chunfeng.apps.campaigns.selectors import Duty, duties
from chunfeng.apps.gate.capabilities import Capability
from chunfeng.apps.intake.models import Extract, Run
from chunfeng.apps.places.models import Region
from chunfeng.apps.places.scope import current
from chunfeng.apps.registry.keyset import CAP
from chunfeng.apps.registry.models import Doubt
from chunfeng.apps.registry.selectors import undecided


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
        rows = undecided(Doubt.objects.mine()).values("county", "fingerprint").distinct()[:CAP].count()
        found.append(Action(_("疑似同一人，待判定"), rows, link("registry-review"), "pair"))
    if Capability.INTAKE_ACCEPT in able:
        held = Extract.objects.filter(state=Extract.State.HELD).exclude(held_by=actor)[:CAP].count()
        found.append(Action(_("暂停的名单，待复核"), held, link("intake"), "warning"))
        unread = (Extract.State.READ, Extract.State.NEEDS_MAPPING)
        fresh = Extract.objects.filter(state__in=unread)[:CAP].count()
        found.append(Action(_("收到的名单，待接收"), fresh, link("intake"), "upload"))
    elif Capability.INTAKE_SEND in able:
        back = Extract.objects.filter(state=Extract.State.REJECTED)[:CAP].count()
        found.append(Action(_("退回的名单，待改正重报"), back, link("intake"), "upload"))
    if Capability.EXPORT_APPROVE in able:
        asked = ExportRequest.objects.filter(state=ExportRequest.State.ASKED).exclude(asker=actor)
        found.append(Action(_("导出申请，待批准"), asked[:CAP].count(), link("exports"), "download"))
    return [each for each in found if each.count]


def latest_runs() -> list[Run]:
    """The last runs in reach. One query."""
    return list(Run.objects.order_by("-pk")[:5])


@dataclass(frozen=True)
class Late:
    """A list that is owed and has not come. `days`: how long ago it was due."""

    duty: Duty
    due: date
    days: int


@dataclass(frozen=True)
class LateCounty:
    """How many of the lists owed a county have not come."""

    code: str
    name: str
    missing: int
    owed: int


def late(campaign: Campaign, region: Region) -> dict[str, Any] | None:
    """Lists due by now and not there: one by one for a county, by numbers for what lies above. None below a county.

    Three queries at most.
    """
    if region.level in (Region.Level.TOWN, Region.Level.VILLAGE):
        return None
    today = timezone.localdate()
    due = [(duty, day) for duty in duties(campaign) if (day := duty.due_by(today))]
    low, high = region.reach
    came = set(
        Extract.objects.filter(
            state__in=Extract.ACTIVE,
            delivery__campaign=campaign.code,
            place__gte=low,
            place__lt=high,
        )
        .order_by()
        .values_list("county", "kind")
        .distinct()
    )
    if region.level == Region.Level.COUNTY:
        missing = [
            Late(duty, day, (today - day).days) for duty, day in due if (region.code, duty.kind) not in came
        ]
        return {"lists": missing, "owed": len(due)}
    counties = Region.objects.filter(
        level=Region.Level.COUNTY, place__gte=low, place__lt=high, no_data_entry=False
    )
    rows = [
        LateCounty(
            each.code, each.name, sum((each.code, duty.kind) not in came for duty, _day in due), len(due)
        )
        for each in counties
    ]
    begun = {county for county, _kind in came}
    return {
        "counties": sorted((r for r in rows if r.code in begun and r.missing), key=lambda r: -r.missing),
        "silent": sum(each.code not in begun for each in rows),
        "owed": len(due),
    }
