"""What every page knows of its reader: the hat worn and the others at hand."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest


def hats(request: HttpRequest) -> dict[str, Any]:
    worn = getattr(request, "worn", None)
    return {"hat": worn.hat if worn else None, "hats": worn.hats if worn else ()}
