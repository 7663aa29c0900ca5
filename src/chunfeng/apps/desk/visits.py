"""Whom a village is to call on: people the campaign serves whom nobody has visited, and those whose papers are incomplete."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Case, IntegerField, Q, Value, When
from django.utils.translation import gettext as _

from chunfeng.apps.audit.record import record
from chunfeng.apps.desk.measures import LACKING, TO_CALL, measures
from chunfeng.apps.desk.models import FourClears
from chunfeng.apps.places.models import Region
from chunfeng.apps.registry import keyset, words
from chunfeng.apps.registry.models import Person

SHOWN = 20
_URGENCY = Case(
    When(LACKING, then=Value(0)),
    When(~Q(categories=[]), then=Value(1)),
    default=Value(2),
    output_field=IntegerField(),
)


@dataclass(frozen=True)
class Visit:
    """Somebody to call on, and what for."""

    person: Person
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Visits:
    """The most urgent ones, and how many there are in all."""

    people: list[Visit]
    count: str


def visits(region: Region) -> Visits:
    """People of a village to call on: papers first, then who is recognised already. Three queries, one line in the audit."""
    low, high = region.reach
    people = Person.objects.filter(measures()[TO_CALL].where(), place__gte=low, place__lt=high, gone=None)
    shown = told(people.order_by(_URGENCY, "place", "key")[:SHOWN])
    if shown:
        record("list", kind="person", key=f"{TO_CALL}/{region.code}", details={"shown": len(shown)})
    return Visits(shown, keyset.counted(people) if shown else "0")


def told(people: Iterable[Person]) -> list[Visit]:
    """These people and what each is called on for. One query besides theirs."""
    shown = list(people)
    seen = set(FourClears.objects.filter(person__in=shown, visited=True).values_list("person", flat=True))
    return [Visit(each, _reasons(each, each.pk in seen)) for each in shown]


def _reasons(person: Person, visited: bool) -> tuple[str, ...]:
    found = [] if visited else [_("还没走访")]
    if person.open_categories:
        found.append(_("补材料才能判定：%(names)s") % {"names": words.rules_told(person.open_categories)})
    if person.categories:
        found.append(_("告知权利：%(names)s") % {"names": words.rules_told(person.categories)})
    if person.id18_index is None:
        found.append(_("补身份证号"))
    if person.findings:
        found.append(_("核实比对疑点"))
    return tuple(found)
