"""What the platform counts by itself, as the room that counts it says: for indicators to choose from."""

from __future__ import annotations

from collections.abc import Callable

_told: list[Callable[[], list[tuple[str, str]]]] = []


def register(measures: Callable[[], list[tuple[str, str]]]) -> None:
    """`measures`: (code, label) of everything that is counted; to be called in `AppConfig.ready`."""
    _told.append(measures)


def choices() -> list[tuple[str, str]]:
    """(code, label) of everything that is counted."""
    return [pair for each in _told for pair in each()]
