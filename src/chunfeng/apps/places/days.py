"""The day that work is judged by: how long a campaign still goes on, which lists are late.

A demonstration or a training course stands on a day of its own (`settings.TODAY`), because what it shows happened then. Who
may sign in, whose hat holds and what the audit says always go by the real clock.
"""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.utils import timezone


def today() -> date:
    """The day of the demonstration where there is one, else today in Fujian."""
    return settings.TODAY or timezone.localdate()
