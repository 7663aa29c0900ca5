"""Vacancies recommended to one person, and the public-welfare post given or waited for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Value

from chunfeng.apps.matching.models import Allocation, Recommendation, Vacancy, Waiting
from chunfeng.apps.registry.models import Person


@dataclass(frozen=True)
class Offered:
    """A recommendation with its vacancy, None when the list it stood in is gone."""

    recommendation: Recommendation
    vacancy: Vacancy | None


def recommended(person: Person) -> list[Offered]:
    """Recommendations in order. Two queries, one where there are none."""
    found = list(Recommendation.objects.filter(person=person).order_by("rank")[:20])
    wanted = [each.vacancy for each in found if each.vacancy]
    if not wanted:
        return [Offered(each, None) for each in found]
    known = {each.vacancy: each for each in vacancies(person.county, wanted)}
    return [Offered(each, known.get(each.vacancy)) for each in found]


def vacancies(county: str, rows: list[str]) -> list[Vacancy]:
    """Vacancies of a county by the rows they stand in. One query."""
    return list(Vacancy.objects.filter(county=county, vacancy__in=rows))


def public_post(person: Person) -> dict[str, Any] | None:
    """{post, tier, reason}: the post given; post is empty where the person waits for one; None for neither. One query."""
    columns = ("post", "tier", "reason")
    given = Allocation.objects.filter(person=person).values(*columns)
    waiting = Waiting.objects.filter(person=person).annotate(post=Value("")).values(*columns)
    return given.union(waiting).order_by("-post").first()
