"""What an employer sees of itself: its vacancies and what became of them, fairs, policies, workers to lend and borrow."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from chunfeng.apps.audit.record import record
from chunfeng.apps.campaigns import selectors as campaigns
from chunfeng.apps.gate.access import access
from chunfeng.apps.gate.capabilities import Capability
from chunfeng.apps.intake import runs
from chunfeng.apps.matching import employers
from chunfeng.apps.matching.models import Vacancy
from chunfeng.apps.places.days import today
from chunfeng.apps.places.models import Organisation
from chunfeng.apps.places.numbers import Reach, place_number
from chunfeng.apps.places.scope import current, use
from chunfeng.apps.policies import panels as policies
from chunfeng.apps.policies import selectors as entitlements
from chunfeng.apps.recognition import selectors as recognition
from chunfeng.apps.registry import words


@access(Capability.OWN_EMPLOYER, purpose="看本单位的信息")
def own(request: HttpRequest) -> HttpResponse:
    """The organisation of the hat worn, and no other; told apart by its credit code."""
    organisation = request.worn.hat.organisation
    context = campaigns.head(campaigns.chosen(request)) | {"organisation": organisation}
    if organisation is not None:
        record("view", kind="organisation", key=organisation.pk, details={"page": "own"})
        if organisation.credit_code:
            context |= _found(organisation)
    return render(request, "desk/employer.html", context)


def _found(organisation: Organisation) -> dict[str, Any]:
    key, county = organisation.credit_code, organisation.region_id[:6]
    day = _as_of(county)
    with _employers_of(county):
        openings = employers.openings(key)
        groups = recognition.groups_of_employer(key)
        offers = [policies.offer(each, county, day) for each in entitlements.of_employer(key)]
        signups, loans = employers.signups(key), employers.loans(key)
    return {
        "as_of": day,
        "openings": openings,
        "offered": len(openings),
        "wrong": sum(each.vacancy.lawful == Vacancy.Lawful.NO for each in openings),
        "seekers": sum(each.vacancy.seekers for each in openings),
        "signups": signups,
        "loans": loans,
        "groups": [words.rule(each.group) for each in groups],
        "policies": policies.in_parts(offers),
        "known": bool(openings or offers or groups or signups or loans),
    }


@contextmanager
def _employers_of(county: str) -> Iterator[None]:
    """What is found for employers lies under the number of the county itself, wherever in it they are."""
    place = place_number(county)
    with use(replace(current(), reach=Reach(place, place + 1))):
        yield


def _as_of(county: str) -> date:
    """The day the answers hold for."""
    with use(runs.scope_for(county)):
        run = runs.last_run(county)
    return run.as_of if run else today()
