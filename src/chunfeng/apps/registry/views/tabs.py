"""A list and its other half, as two tabs."""

from __future__ import annotations

from typing import Any

from django.urls import reverse


def halves(name: str, parameter: str, labels: tuple[str, str], second: bool) -> list[dict[str, Any]]:
    """Tabs of the page `name`: as it is, and with `?parameter=1`; `second`: the latter is looked at."""
    url = reverse(name)
    return [
        {"label": labels[0], "url": url, "current": not second, "count": ""},
        {"label": labels[1], "url": f"{url}?{parameter}=1", "current": second, "count": ""},
    ]
