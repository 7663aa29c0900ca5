"""Rides of one person: what was asked for, the seat, or why there is none."""

from __future__ import annotations

from typing import Any

from django.db.models import CharField, DateTimeField, FloatField, IntegerField, Value
from django.db.models.functions import Cast

from chunfeng.apps.registry.models import Person
from chunfeng.apps.travel.models import RideRequest, Seat, Unplanned


def rides(person: Person) -> list[RideRequest]:
    """Rides asked for, entries made twice last. One query."""
    return list(RideRequest.objects.filter(person=person).order_by("duplicate", "earliest", "pk")[:20])


def outcomes(person: Person) -> list[dict[str, Any]]:
    """Seats (trip, pickup, time, seat) and refusals (reason, ticket, trips), seats first. One query."""
    seats = (
        Seat.objects.filter(person=person)
        .annotate(
            reason=Value("", CharField()),
            ticket=Value(None, FloatField()),
            trips=Value("", CharField()),
        )
        .values("trip", "pickup", "time", "seat", "reason", "ticket", "trips")
    )
    others = (
        Unplanned.objects.filter(person=person)
        .annotate(
            trip=Value("", CharField()),
            pickup=Value("", CharField()),
            time=Cast(Value(None), DateTimeField()),
            seat=Cast(Value(None), IntegerField()),
        )
        .values("trip", "pickup", "time", "seat", "reason", "ticket", "trips")
    )
    return list(seats.union(others, all=True).order_by("time")[:20])
