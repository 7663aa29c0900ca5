"""Which campaigns there are, which one a reader looks at, and what it asks of whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Prefetch
from django.http import Http404, HttpRequest

from chunfeng.apps.campaigns.models import Campaign, Indicator, IndicatorTarget, OwedList, TargetGroup
from chunfeng.apps.places.days import today
from chunfeng.apps.places.models import Region
from chunfeng.apps.places.numbers import Reach, region_code
from chunfeng.apps.places.scope import current

SESSION_KEY = "campaign"


def campaigns(reach: Reach) -> list[Campaign]:
    """The campaigns that concern an office: those of its own region, of the ones above and of the ones below."""
    return [
        each
        for each in Campaign.objects.select_related("region")
        if each.region.reach.covers(reach) or reach.covers(each.region.reach)
    ]


def standing(among: Sequence[Campaign], day: date) -> Campaign | None:
    """The campaign one would mean on a day: the one running, else the last that has begun, else the next."""
    begun = [each for each in among if each.starts <= day]
    running = [each for each in begun if each.running(day)]
    return next(iter(running or begun or list(among)[::-1]), None)


def chosen(request: HttpRequest) -> Campaign | None:
    """The campaign the reader chose for this session, else the one standing today; None where there is none."""
    among = at_hand(request)
    code = request.session.get(SESSION_KEY)
    return next((each for each in among if each.code == code), None) or standing(among, today())


def at_hand(request: HttpRequest) -> list[Campaign]:
    """The campaigns the reader may choose from; asked of the database once per request."""
    found: list[Campaign] | None = getattr(request, "campaigns_at_hand", None)
    if found is None:
        found = campaigns(current().reach)
        request.campaigns_at_hand = found  # type: ignore[attr-defined]
    return found


def may_change(campaign: Campaign) -> bool:
    """Whether the hat worn answers for the whole of the campaign's region."""
    return current().reach.covers(campaign.region.reach)


@dataclass(frozen=True)
class Duty:
    """A list that a department owes every county: `due` in order, the first day and, where monthly, those after."""

    department: str
    partner: str
    kind: str
    name: str
    due: tuple[date, ...]
    monthly: bool
    basis: str
    by_town: bool = False

    def due_by(self, day: date) -> date | None:
        """The last of its days that has gone by on `day`, None while there is none."""
        return max((each for each in self.due if each < day), default=None)


def duties(campaign: Campaign) -> list[Duty]:
    """Every list owed in a campaign, department by department. One query."""
    owed = OwedList.objects.filter(partner__campaign=campaign).select_related("partner")
    return [
        Duty(
            each.partner.department,
            each.partner.name,
            each.kind,
            each.name,
            tuple(each.due_dates(campaign.ends)) or (each.due,),
            each.monthly,
            each.basis,
            each.by_town,
        )
        for each in owed
    ]


def indicators(campaign: Campaign, region: Region) -> list[Indicator]:
    """The indicators with what the region set out to reach, as `own_target` (None: nothing set). Two queries."""
    own = IndicatorTarget.objects.filter(region=region)
    found = list(campaign.indicator_set.prefetch_related(Prefetch("targets", own, "own")))
    for each in found:
        each.own_target = each.own[0].value if each.own else None  # type: ignore[attr-defined]
    return found


@dataclass(frozen=True)
class TargetRow:
    """An indicator's targets side by side: the region's own, those of the regions below in their order, and their sum."""

    indicator: Indicator
    own: int | None
    below: tuple[int | None, ...]
    total: int | None

    @property
    def short(self) -> bool:
        """Whether the regions below together set out to do less than the region."""
        return self.own is not None and self.total is not None and self.total < self.own


def targets_below(campaign: Campaign, region: Region) -> tuple[list[Region], list[TargetRow]]:
    """The regions that report to a region, and every indicator's targets there. Three queries."""
    below = list(Region.objects.filter(reports_to=region, no_data_entry=False).order_by("place"))
    indicators = list(campaign.indicator_set.all())
    wanted = IndicatorTarget.objects.filter(indicator__in=indicators, region__in=[region, *below])
    held = {(each.indicator_id, each.region_id): each.value for each in wanted}
    rows = []
    for each in indicators:
        values = tuple(held.get((each.pk, part.pk)) for part in below)
        known = [value for value in values if value is not None]
        own = held.get((each.pk, region.pk))
        rows.append(TargetRow(each, own, values, sum(known) if known else None))
    return below, rows


def head(campaign: Campaign | None) -> dict[str, Any]:
    """What the head of a page shows of the campaign looked at."""
    day = today()
    return {
        "campaign_shown": campaign,
        "today": day,
        "days_left": campaign.days_left(day) if campaign else 0,
    }


def groups(campaign: Campaign | None) -> dict[str, str] | None:
    """Code → words of the notice, for every target group of a campaign; None without a campaign. One query."""
    if campaign is None:
        return None
    return dict(TargetGroup.objects.filter(campaign=campaign).values_list("code", "words"))


def region_in_reach(code: int | str) -> Region:
    """A region the reader's office answers for; 404 for any other."""
    region = Region.objects.filter(pk=str(code)).first()
    if region is None or not current().reach.covers(region.reach):
        raise Http404
    return region


def office_region() -> Region:
    """The region of the hat worn."""
    return Region.objects.get(code=region_code(current().reach.low))
