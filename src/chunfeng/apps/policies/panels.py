"""The part of the person page that says what one may get, how much, by when, and what is missing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from chunfeng.apps.policies import selectors
from chunfeng.apps.policies.models import Entitlement
from chunfeng.apps.registry import words
from chunfeng.apps.registry.models import Person
from chunfeng.pipeline import book


@dataclass(frozen=True)
class Offer:
    """One policy for a person, with where and with what one claims it; `unverified`: that was not read in a document."""

    policy: str
    name: str
    answer: str
    amount: str
    reason: str
    missing: tuple[str, ...]
    deadline: date | None
    document: str
    office: str
    materials: tuple[str, ...]
    steps: tuple[str, ...]
    unverified: bool


def offer(found: Entitlement, area: str, as_of: date) -> Offer:
    """An entitlement in words; the way to claim it is that of the rule in force there on the day."""
    rule = book.load().rules.get(found.policy)
    version = rule.at(area, as_of) if rule else None
    told = version.extra if version else {}
    source = version.source if version else None
    return Offer(
        found.policy,
        words.rule(found.policy),
        found.answer,
        found.amount,
        found.reason,
        tuple(part for part in found.missing.split("；") if part),
        found.deadline,
        f"{source.document}{source.article}" if source else "",
        str(told.get("department", "")),
        tuple(told.get("materials", ())),
        tuple(told.get("steps", ())),
        bool({"materials", "steps"} & set(told.get("unverified", ()))),
    )


def in_parts(offers: list[Offer]) -> dict[str, list[Offer]]:
    """What is met, and what lacks something."""
    met = [each for each in offers if each.answer == "yes"]
    return {"met": met, "open": [each for each in offers if each.answer != "yes"]}


def panel(person: Person, as_of: date) -> dict[str, Any] | None:
    """What a person may get and may perhaps get. One query; None where there is nothing."""
    offers = [offer(found, person.county, as_of) for found in selectors.entitlements(person)]
    if not offers:
        return None
    parts = in_parts(offers)
    return parts | {
        "todo": [
            {
                "rank": 10 if each.deadline else 15,
                "text": _("可申请 %(name)s") % {"name": each.name},
                "detail": _("%(day)s 前") % {"day": each.deadline.isoformat()}
                if each.deadline
                else each.amount,
                "anchor": f"policy-{each.policy}",
            }
            for each in parts["met"]
        ],
    }
