"""What kinds of list are called."""

from __future__ import annotations

from django.utils.translation import get_language

from chunfeng.engines.sheets.kinds import Kind


def kind_name(kind: Kind) -> str:
    """The name of a kind of list in the reader's language."""
    return kind.english if (get_language() or "").startswith("en") else kind.name
