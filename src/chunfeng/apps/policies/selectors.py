"""What one person, or one employer, may get."""

from __future__ import annotations

from django.db.models import Case, F, IntegerField, QuerySet, Value, When

from chunfeng.apps.policies.models import Entitlement
from chunfeng.apps.registry.models import Person

_ORDER = Case(When(answer="yes", then=Value(0)), default=Value(1), output_field=IntegerField())


def entitlements(person: Person) -> list[Entitlement]:
    """Policies for a person: those met first, the nearest deadline first. One query."""
    return _in_order(Entitlement.objects.filter(person=person))


def of_employer(employer: str) -> list[Entitlement]:
    """Policies for an employer, named by its key, in the same order. One query."""
    return _in_order(Entitlement.objects.filter(employer=employer))


def _in_order(found: QuerySet[Entitlement]) -> list[Entitlement]:
    found = found.annotate(order=_ORDER)
    return list(found.order_by("order", F("deadline").asc(nulls_last=True), "policy"))
