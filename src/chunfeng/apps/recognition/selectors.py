"""What the rules said of one person, or of one employer."""

from __future__ import annotations

from django.db.models import Case, IntegerField, QuerySet, Value, When

from chunfeng.apps.recognition.models import Answer, Recognition, Target
from chunfeng.apps.registry.models import Person

_ORDER = Case(
    When(answer=Answer.YES, then=Value(0)),
    When(answer=Answer.UNKNOWN, then=Value(1)),
    default=Value(2),
    output_field=IntegerField(),
)


def recognitions(person: Person) -> list[Recognition]:
    """Answers by category: yes first, then unknown, then no. One query."""
    return list(_of(Recognition.objects.filter(person=person)).order_by("order", "category"))


def targets(person: Person) -> list[Target]:
    """Target groups of the notice: yes first, then unknown. One query."""
    return list(_of(Target.objects.filter(person=person)).order_by("order", "group"))


def groups_of_employer(employer: str) -> list[Target]:
    """Target groups of the notice that an employer, named by its key, belongs to. One query."""
    return list(Target.objects.filter(employer=employer, answer=Answer.YES).order_by("group"))


def _of(found: QuerySet) -> QuerySet:
    return found.annotate(order=_ORDER)
