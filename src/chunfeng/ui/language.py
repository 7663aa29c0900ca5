"""The language of the reader."""

from __future__ import annotations

from django.utils.translation import get_language


def english() -> bool:
    """Whether the page is read in English; else in Chinese."""
    return (get_language() or "").startswith("en")
