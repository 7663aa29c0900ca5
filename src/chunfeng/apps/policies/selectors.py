"""What one person may get."""

from __future__ import annotations

from django.db.models import Case, F, IntegerField, Value, When

from chunfeng.apps.policies.models import Entitlement
from chunfeng.apps.registry.models import Person

_ORDER = Case(When(answer="yes", then=Value(0)), default=Value(1), output_field=IntegerField())


def entitlements(person: Person) -> list[Entitlement]:
    """Policies for a person: those met first, the nearest deadline first. One query."""
    found = Entitlement.objects.filter(person=person).annotate(order=_ORDER)
    return list(found.order_by("order", F("deadline").asc(nulls_last=True), "policy"))
