"""The part of the person page that says who has a right to help, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from chunfeng.apps.recognition import selectors
from chunfeng.apps.recognition.models import Answer, Recognition
from chunfeng.apps.registry import words
from chunfeng.apps.registry.models import Person

_MISSING = "；"
"""What the run puts between the conditions that are missing."""


@dataclass(frozen=True)
class Right:
    """One category with its answer, ready to be shown."""

    category: str
    name: str
    answer: str
    reason: str
    missing: tuple[str, ...]
    version: str
    document: str


def right(found: Recognition) -> Right:
    """A recognition in words; the rule's version stands before its document (文号)."""
    version, _space, document = found.rule_version.partition(" ")
    return Right(
        found.category,
        words.rule(found.category),
        found.answer,
        found.reason,
        tuple(part for part in found.missing.split(_MISSING) if part),
        version,
        document,
    )


def panel(person: Person, as_of: date) -> dict[str, Any] | None:
    """Rights by category, the target groups, and what is to be done for an answer. One query; None where nothing was asked."""
    rights = [right(found) for found in selectors.recognitions(person)]
    if not rights and not person.targets:
        return None
    open_rights = [each for each in rights if each.answer == Answer.UNKNOWN]
    recognised = [each for each in rights if each.answer == Answer.YES]
    return {
        "recognised": recognised,
        "open": open_rights,
        "refused": [each for each in rights if each.answer == Answer.NO],
        "groups": [(code, words.rule(code)) for code in person.targets],
        "todo": [
            {
                "rank": 20,
                "text": _("补齐材料才能判定 %(name)s") % {"name": each.name},
                "detail": _("；").join(each.missing),
                "anchor": f"right-{each.category}",
            }
            for each in open_rights
        ],
    }
