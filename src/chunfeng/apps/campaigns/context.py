"""What every page knows of the campaigns: the one looked at and the others at hand."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from chunfeng.apps.campaigns.selectors import at_hand, chosen


def campaigns(request: HttpRequest) -> dict[str, Any]:
    """Nothing for those who wear no hat, and on pages that failed before a scope was entered."""
    worn = getattr(request, "worn", None)
    if worn is None or worn.hat is None or getattr(request, "failed", False):
        return {}
    return {"campaign": chosen(request), "campaigns": at_hand(request)}
