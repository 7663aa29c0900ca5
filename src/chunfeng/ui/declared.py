"""What the pages of this package demand of their readers, in the words that apps/accounts/access.py reads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse

View = Callable[..., HttpResponse]


@dataclass(frozen=True)
class Open:
    """Open to everybody, signed in or not: nothing here concerns a person."""

    purpose: str
    writes: bool = False
    public: bool = True
    capability: None = None

    def allows(self, method: str | None) -> bool:
        return self.writes or method in ("GET", "HEAD", "OPTIONS")


def open_to_all(purpose: str, writes: bool = False) -> Callable[[View], View]:
    """Declare a view so."""

    def declare(view: View) -> View:
        @wraps(view)
        def declared(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            return view(request, *args, **kwargs)

        declared.access = Open(purpose, writes)  # type: ignore[attr-defined]
        return declared

    return declare
