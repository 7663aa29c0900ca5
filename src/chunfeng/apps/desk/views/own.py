"""What a worker sees of their own record, in plain words: what I may get, rides, jobs, who looked."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from chunfeng.apps.audit import selectors as audit
from chunfeng.apps.audit.record import record
from chunfeng.apps.campaigns import selectors as campaigns
from chunfeng.apps.desk import panels
from chunfeng.apps.desk.views.person import as_of
from chunfeng.apps.gate.access import access
from chunfeng.apps.gate.capabilities import Capability
from chunfeng.apps.registry import oneself, selectors


@access(Capability.SELF, purpose="看本人的信息")
def own(request: HttpRequest) -> HttpResponse:
    """Only the record the account is bound to, whatever the hat could reach."""
    with oneself.own(request.user.person) as person:
        context = campaigns.head(campaigns.chosen(request)) | {"person": person}
        if person is not None:
            record("view", kind="person", key=person.pk, person=str(person.pk), details={"page": "own"})
            shown = {panel.room: panel.content for panel in panels.panels(person, as_of(person))}
            context |= {"record": selectors.person(person), "looks": audit.looked(person.pk, False), **shown}
        return render(request, "desk/own.html", context)
