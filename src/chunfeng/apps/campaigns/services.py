"""What may be done to a campaign: set up, change, remove parts, set targets. Each leaves one line in the audit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import models, transaction

from chunfeng.apps.audit.record import record
from chunfeng.apps.campaigns.models import (
    Activity,
    Campaign,
    Indicator,
    IndicatorTarget,
    OwedList,
    Partner,
    TargetGroup,
)
from chunfeng.apps.places.models import Region
from chunfeng.apps.places.scope import OutOfReach, current

PARTS: tuple[type[models.Model], ...] = (TargetGroup, Activity, Indicator)


def _answer_for(region: Region) -> None:
    """OutOfReach unless the hat worn answers for the whole region."""
    if not current().reach.covers(region.reach):
        raise OutOfReach(f"campaigns: {region.code} lies outside the scope")


@transaction.atomic
def set_up(campaign: Campaign, like: Campaign | None = None) -> Campaign:
    """Save a new campaign; with `like`, everything that belongs to that one is copied, deadlines moved by as many days as
    the two begin apart. Targets of regions are not copied: each sets its own."""
    _answer_for(campaign.region)
    campaign.copied_from = like
    campaign.full_clean()
    campaign.save()
    if like is not None:
        _copy(like, campaign)
    details = {"from": like.code} if like else {}
    record("create", kind="campaign", key=campaign.code, details=details)
    return campaign


def _copy(old: Campaign, new: Campaign) -> None:
    later = new.starts - old.starts
    for part in PARTS:
        copies = list(part.objects.filter(campaign=old))  # type: ignore[attr-defined]
        for each in copies:
            each.pk, each.campaign = None, new
        part.objects.bulk_create(copies)  # type: ignore[attr-defined]
    for partner in Partner.objects.filter(campaign=old).prefetch_related("lists"):
        lists = list(partner.lists.all())
        partner.pk, partner.campaign = None, new
        partner._state.adding = True
        partner.save()
        for each in lists:
            each.pk, each.partner = None, partner
            each.due += later
        OwedList.objects.bulk_create(lists)


@transaction.atomic
def change(campaign: Campaign, before: Mapping[str, Any]) -> None:
    """Save a campaign's own fields; `before`: what stood in those that were changed."""
    _answer_for(Region.objects.get(pk=Campaign.objects.values_list("region").get(pk=campaign.pk)[0]))
    _answer_for(campaign.region)
    campaign.full_clean()
    campaign.save()
    record("change", kind="campaign", key=campaign.code, details=_changes(campaign, before))


@transaction.atomic
def save_part(campaign: Campaign, part: models.Model, before: Mapping[str, Any] | None = None) -> None:
    """Save something that belongs to a campaign."""
    _answer_for(campaign.region)
    adding = part._state.adding
    part.full_clean()
    part.save()
    record(
        "create" if adding else "change",
        kind=f"campaign.{part._meta.model_name}",
        key=f"{campaign.code}/{part.pk}",
        details=_changes(part, before or {}) if not adding else {"name": str(part)},
    )


@transaction.atomic
def remove_part(campaign: Campaign, part: models.Model) -> None:
    """Remove something that belongs to a campaign."""
    _answer_for(campaign.region)
    key = f"{campaign.code}/{part.pk}"
    name = str(part)
    part.delete()
    record("delete", kind=f"campaign.{part._meta.model_name}", key=key, details={"name": name})


@transaction.atomic
def set_targets(campaign: Campaign, region: Region, values: Mapping[int, int | None]) -> int:
    """Set what a region means to reach: indicator's key → value, None: no target. Returns how many were changed."""
    _answer_for(region)
    known = {each.pk: each for each in Indicator.objects.filter(campaign=campaign, pk__in=values)}
    held = {
        each.indicator_id: each for each in IndicatorTarget.objects.filter(region=region, indicator__in=known)
    }
    changed: dict[str, list[int | None]] = {}
    for key, value in values.items():
        indicator, old = known[key], held.get(key)
        if (old.value if old else None) == value:
            continue
        changed[indicator.code] = [old.value if old else None, value]
        if value is None and old is not None:
            old.delete()
        elif value is not None:
            IndicatorTarget.objects.update_or_create(
                indicator=indicator, region=region, defaults={"value": value}
            )
    if changed:
        record("change", kind="campaign.targets", key=f"{campaign.code}/{region.code}", details=changed)
    return len(changed)


def _changes(instance: models.Model, before: Mapping[str, Any]) -> dict[str, list[str]]:
    """Field → what stood there and what stands there now. A campaign holds nothing personal."""
    return {name: [str(old), str(getattr(instance, name))] for name, old in before.items()}
