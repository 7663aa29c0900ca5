"""The keys of the vault: a ring of encryption keys, one of which new values use, and the key of the blind index."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass

from django.conf import settings

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Ring:
    """`keys`: number (1–255) → 16 bytes; `current`: the number new values are encrypted with; `index`: 32 bytes."""

    keys: dict[int, bytes]
    current: int
    index: bytes

    def __post_init__(self) -> None:
        if self.current not in self.keys:
            raise ValueError("the current key is not on the ring")
        if any(len(key) != 16 or not 0 < number < 256 for number, key in self.keys.items()):
            raise ValueError("keys have 16 bytes and numbers from 1 to 255")


LOOK_AGAIN = 2.0
"""Seconds after which the secrets are read anew: a key added while the platform runs is known everywhere by then."""


class _Known:
    """The ring as last read, and when to look again."""

    ring: Ring | None = None
    until = 0.0


def ring() -> Ring:
    """The keys of this platform, from its secrets, never more than two seconds old."""
    now = time.monotonic()
    if _Known.ring is None or now > _Known.until:
        _Known.ring, _Known.until = _read(_Known.ring), now + LOOK_AGAIN
    return _Known.ring


def look_again() -> Ring:
    """The keys as they are this moment."""
    _Known.until = 0.0
    return ring()


def _read(before: Ring | None) -> Ring:
    """The ring of the secrets; the one before while they cannot be read, which a running platform survives."""
    try:
        secrets = settings.LOAD_SECRETS()
        return Ring(
            {int(number): bytes.fromhex(key) for number, key in secrets.fields.items()},
            int(secrets.field_key),
            bytes.fromhex(secrets.index),
        )
    except Exception:
        if before is None:
            raise
        log.exception("the secrets cannot be read; the keys known so far stay in use")
        return before
