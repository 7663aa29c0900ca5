"""Bring a campaign written as a file into the database, once; afterwards it is edited on the screen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from django.db import transaction

from chunfeng.apps.campaigns.models import (
    Activity,
    Campaign,
    Indicator,
    OwedList,
    Partner,
    TargetGroup,
)

SHIPPED = Path(__file__).parent / "data"


def load_shipped() -> int:
    """Load the campaigns that come with the product, as far as they are not there; return how many were new."""
    return sum(load(path) for path in sorted(SHIPPED.glob("*.yaml")))


@transaction.atomic
def load(path: Path) -> bool:
    """Load one file; False when a campaign of its code exists, which is then left as people have made it.

    Raises KeyError or TypeError for a file that is not one.
    """
    told: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    if Campaign.objects.filter(code=told["code"]).exists():
        return False
    basis = told.pop("list_basis", "")
    groups, activities, partners, indicators = (
        told.pop(part) for part in ("target_groups", "activities", "partners", "indicators")
    )
    campaign = Campaign.objects.create(region_id=told.pop("region"), **told)
    for model, rows in ((TargetGroup, groups), (Activity, activities), (Indicator, indicators)):
        model.objects.bulk_create(
            model(campaign=campaign, position=position, **row) for position, row in enumerate(rows, 1)
        )
    for position, row in enumerate(partners, 1):
        lists = row.pop("lists", ())
        partner = Partner.objects.create(campaign=campaign, position=position, **row)
        OwedList.objects.bulk_create(OwedList(partner=partner, **({"basis": basis} | each)) for each in lists)
    return True
