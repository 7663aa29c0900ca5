"""The keys of the vault: a ring of encryption keys, one of which new values use, and the key of the blind index."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from django.conf import settings


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


@cache
def ring() -> Ring:
    """The keys of this platform, from its secrets."""
    secrets = settings.SECRETS
    return Ring(
        {int(number): bytes.fromhex(key) for number, key in secrets.fields.items()},
        int(secrets.field_key),
        bytes.fromhex(secrets.index),
    )
