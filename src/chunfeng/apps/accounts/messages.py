"""The port through which messages leave the platform, and the adapter that keeps them on this machine."""

from __future__ import annotations

import logging
from typing import Protocol

import polars as pl
from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string

from chunfeng.apps.accounts.models import OutboxMessage, User
from chunfeng.engines.disclosure.masks import mask_phones

log = logging.getLogger(__name__)


class Channel(Protocol):
    """What carries a text message to a user's phone."""

    def send(self, user: User, text: str) -> None:
        """Hand over the message; an exception when the carrier did not take it."""


class Outbox:
    """Keeps messages, sealed, in a table that the demonstration shows; nothing leaves this machine."""

    def send(self, user: User, text: str) -> None:
        mask = mask_phones(pl.Series([user.phone or ""])).item()
        OutboxMessage.objects.create(user=user, to_mask=mask, text=text, sent_at=timezone.now())
        log.info("message to %s kept in the outbox", mask)


def channel() -> Channel:
    """The adapter the settings name."""
    made: Channel = import_string(settings.MESSAGE_CHANNEL)()
    return made
