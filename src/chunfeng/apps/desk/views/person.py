"""One person seen whole, the rows that speak of them, what happened to the record, and why a rule answered so."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from chunfeng.apps.accounts.models import User
from chunfeng.apps.audit import selectors as audit
from chunfeng.apps.audit.record import record
from chunfeng.apps.campaigns import selectors as campaigns
from chunfeng.apps.desk import explanations, panels
from chunfeng.apps.desk.models import Tally
from chunfeng.apps.gate.access import access
from chunfeng.apps.gate.capabilities import Capability
from chunfeng.apps.places.days import today
from chunfeng.apps.places.scope import current
from chunfeng.apps.registry import merged, selectors, timeline
from chunfeng.apps.registry.models import Person


def found(key: int, page: str, **details: Any) -> Person:
    """The person, and that somebody looked, in the audit. 404 where there is none in reach."""
    person = selectors.find(key)
    if person is None:
        raise Http404
    record("view", kind="person", key=key, person=str(key), details={"page": page} | details)
    return person


def as_of(person: Person) -> date:
    """The day the person's answers hold for: that of the county's last run, today where none is in reach."""
    around = {person.place // unit * unit for unit in (1, 10**3, 10**6)}
    found = Tally.objects.filter(latest=True, place__in=around).values_list("as_of", flat=True).first()
    return found or today()


def _context(person: Person, page: str) -> dict[str, Any]:
    tabs = (
        ("person", _("档案和办理"), None),
        ("person-rows", _("名单里的行"), person.rows),
        ("person-history", _("经过和查看记录"), None),
    )
    return {
        "person": person,
        "as_of": as_of(person),
        "tabs": [
            {"label": label, "url": reverse(name, args=(person.pk,)), "current": name == page, "count": count}
            for name, label, count in tabs
        ],
    }


@access(Capability.REGISTRY_READ, purpose="看一人一档")
def person(request: HttpRequest, key: int) -> HttpResponse:
    who = found(key, "person")
    context = _context(who, "person")
    shown = panels.panels(who, context["as_of"], campaigns.groups(campaigns.chosen(request)))
    context |= {
        "record": selectors.person(who),
        "households": selectors.household(who),
        "panels": shown,
        "clears": panels.clears(who),
        "todos": panels.todos(who, shown, reverse("person-rows", args=(key,))),
        "why": f"{reverse('person', args=(key,))}why/",
        "may_reveal": Capability.REGISTRY_REVEAL in current().capabilities,
        "may_correct": Capability.REGISTRY_CORRECT in current().capabilities and who.gone is None,
        "heir": merged.heir(who.pk) if who.gone is not None else None,
        "own": current().reach.holds(who.place),
        "account_url": _account_url(who),
    }
    return render(request, "desk/person.html", context)


def _account_url(who: Person) -> str:
    """Where the person is given an account of their own; empty for readers who give none, and for whom there is one already."""
    if Capability.ACCOUNTS_MANAGE not in current().capabilities or not current().reach.holds(who.place):
        return ""
    if User.objects.filter(person=str(who.pk)).exists():
        return ""
    return f"{reverse('user-new')}?{urlencode({'role': 'worker', 'region': who.county, 'person': who.pk})}"


@access(Capability.REGISTRY_READ, purpose="看一人一档的名单行")
def rows(request: HttpRequest, key: int) -> HttpResponse:
    who = found(key, "rows")
    context = _context(who, "person-rows") | {
        "departments": selectors.claims(who),
        "findings": selectors.findings(who),
        "doubts": selectors.doubts(who),
        "limit": selectors.CLAIMS_SHOWN,
        "may_review": Capability.REGISTRY_REVIEW in current().capabilities
        and current().reach.holds(who.place),
    }
    return render(request, "desk/person_rows.html", context)


@access(Capability.REGISTRY_READ, purpose="看一人一档的经过")
def history(request: HttpRequest, key: int) -> HttpResponse:
    who = found(key, "history")
    with_names = Capability.AUDIT_READ in current().capabilities
    context = _context(who, "person-history") | {
        "events": timeline.timeline(who),
        "looks": audit.looked(key, with_names),
    }
    return render(request, "desk/person_history.html", context)


@access(Capability.REGISTRY_READ, purpose="看结论的理由")
def why(request: HttpRequest, key: int, rule: str) -> HttpResponse:
    """A page of its own; for htmx the tree alone."""
    who = found(key, "why", rule=rule)
    context = _context(who, "person") | {"explanation": explanations.explanation(who, rule), "rule": rule}
    name = "desk/why_tree.html" if request.htmx else "desk/why.html"
    return render(request, name, context)
