"""The name somebody typed at the sign-in, as the counter of failures keeps it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from chunfeng.apps.accounts.models import User
from chunfeng.apps.vault.fields import blind_index


def name(request: HttpRequest | None, credentials: dict[str, Any] | None = None) -> str | None:
    """A user's name as it is; what is nobody's as a keyed digest, for people type passwords into the wrong field."""
    given = credentials if credentials else (request.POST if request is not None else {})
    text = given.get("username")
    if not text:
        return None
    if "\0" not in text and User.objects.filter(username=text).exists():
        return str(text)
    return f"?{blind_index('typed name', text).hex()}"
