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
        "rides": [(ride, _place(ride.destination)) for ride in rides],
        "seats": seats,
        "refused": [each for each in outcomes if not each["trip"]],
        "todo": todo,
    }


def _place(code: str) -> str:
    """A destination by name: six digits, of which a city's end in 00 and a province's in 0000."""
    for short in (code, code.removesuffix("00"), code.removesuffix("0000")):
        if short and (name := words.region(short)) != short:
            return name
    return code
