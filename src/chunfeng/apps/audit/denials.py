"""Record what was refused, after everything the refused request did was rolled back."""

from __future__ import annotations

from typing import Any

from chunfeng.apps.audit.record import record
from chunfeng.apps.places.scope import Scope, use


def denied(scope: Scope, view: str, why: str, details: dict[str, Any] | None = None) -> None:
    """Add a `denied` event in a transaction of its own. `view`: the page's name; `why`: capability, method, reach …"""
    with use(scope):
        record("denied", kind="page", key=view[:120], details={"why": why} | (details or {}))


def note(request: Any, why: str) -> None:
    """Have it recorded that a rule refused what this request asked for, though its page is answered as usual."""
    request.refused_rule = why
