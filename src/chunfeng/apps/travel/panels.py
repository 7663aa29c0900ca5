"""The part of the person page about the ride back to work."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from chunfeng.apps.registry import words
from chunfeng.apps.registry.models import Person
from chunfeng.apps.travel import selectors


def panel(person: Person, as_of: date) -> dict[str, Any] | None:
    """Rides asked for and what came of them. Two queries; None where nobody asked and nobody has a seat."""
    rides, outcomes = selectors.rides(person), selectors.outcomes(person)
    if not rides and not outcomes:
        return None
    seats = [each for each in outcomes if each["trip"]]
    todo = [
        {
            "rank": 8,
            "text": _("通知乘车：%(trip)s") % {"trip": seat["trip"]},
            "detail": " · ".join(
                filter(
                    None,
                    (f"{localtime(seat['time']):%Y-%m-%d %H:%M}" if seat["time"] else "", seat["pickup"]),
                )
            ),
            "anchor": "travel",
        }
        for seat in seats
    ]
    return {
        "rides": [(ride, words.region(ride.destination) if ride.destination else "") for ride in rides],
        "seats": seats,
        "refused": [each for each in outcomes if not each["trip"]],
        "todo": todo,
    }
