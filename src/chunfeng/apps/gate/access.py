"""What each page demands of its reader, declared on the view itself; a view that declares nothing is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar

from chunfeng.apps.gate.capabilities import Capability

View = TypeVar("View", bound=Callable[..., Any])
_READING = ("GET", "HEAD", "OPTIONS")


@dataclass(frozen=True)
class Access:
    """`capability`: what the hat must allow, None: any signed-in user; `purpose`: a few words for the audit;
    `writes`: whether the page takes anything but reading; `public`: no sign-in at all."""

    capability: Capability | None
    purpose: str
    writes: bool = False
    public: bool = False

    def allows(self, method: str) -> bool:
        return self.writes or method in _READING


def access(capability: Capability | None, *, purpose: str, writes: bool = False) -> Callable[[View], View]:
    """Declare that a view wants this capability (None: only a sign-in)."""
    return _declare(Access(capability, purpose, writes))


def public(*, purpose: str, writes: bool = False) -> Callable[[View], View]:
    """Declare that everybody may see a view, signed in or not."""
    return _declare(Access(None, purpose, writes, public=True))


def _declare(declared: Access) -> Callable[[View], View]:
    def mark(view: View) -> View:
        @wraps(view)
        def declared_view(*args: Any, **kwargs: Any) -> Any:
            return view(*args, **kwargs)

        declared_view.access = declared  # type: ignore[attr-defined]
        return declared_view  # type: ignore[return-value]

    return mark


def of(view: Any) -> Access | None:
    """What a view declared, None when nothing."""
    return getattr(view, "access", None) or getattr(getattr(view, "view_class", None), "access", None)
