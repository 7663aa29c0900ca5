"""Who sees a list whole, and how numbers are covered for everybody else and wherever no column says what they are."""

from __future__ import annotations

import re

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from chunfeng.apps.gate.capabilities import Capability
from chunfeng.apps.intake.deliveries import HandedIn
from chunfeng.apps.places.scope import current
from chunfeng.engines.disclosure.masks import STAR

_WORKING = frozenset({Capability.INTAKE_ACCEPT, Capability.INTAKE_SEND})
_NUMBER = re.compile(r"\d(?:[\s\-]?\d){10,}[XxＸｘ]?")  # \d: full-width digits too
"""An id number or a phone number, however it is broken up; an account number as well."""


def whole(handed_in: HandedIn) -> bool:
    """Whether one works on what was handed in: its sender, or who may send or accept lists there. Others see it covered."""
    scope = current()
    if scope.organisation is not None:
        return handed_in.organisation_id == scope.organisation
    return not _WORKING.isdisjoint(scope.capabilities)


def only_whole(handed_in: HandedIn) -> None:
    """PermissionDenied, in words, for whoever may not have the content as it was sent."""
    if not whole(handed_in):
        raise PermissionDenied(_("原文件和问题表里有完整的证号、电话，只给报送单位和办理这份名单的人。"))


def cover_numbers(text: str) -> str:
    """A text with every run of eleven digits or more covered but for its ends.

    >>> cover_numbers("林 35082519900101123X 16012345678")
    '林 3508**********123X 160****5678'
    """
    return _NUMBER.sub(_covered, text)


def _covered(found: re.Match[str]) -> str:
    number = found.group()
    first = 4 if len(number) >= 15 else 3
    return number[:first] + STAR * (len(number) - first - 4) + number[-4:]
