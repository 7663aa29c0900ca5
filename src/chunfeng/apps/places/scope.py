"""The scope of what is being done: who, in which role, for which places, to what end.

A scope is entered with `use`, which opens a transaction and tells PostgreSQL the same for its row-level security, and
is then the current one for everything on this thread or task. Nothing scoped can be read or written without one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from django.db import connection, transaction

from chunfeng.apps.places.numbers import EVERYWHERE, Reach


class NoScope(RuntimeError):
    """Scoped data was asked for and nobody said in which scope."""


class OutOfReach(PermissionError):
    """Something was to be written that lies outside the places of the scope."""


@dataclass(frozen=True)
class Scope:
    """`reach`: the places; `organisation`: its own extracts only, where set; `actor`: the user's id, None for a job.

    `role` and `purpose` go into the audit; `capabilities` are those of the hat worn; `on_behalf_of`: the colleague on
    leave whose hat it is.
    """

    reach: Reach
    role: str
    purpose: str
    actor: int | None = None
    organisation: int | None = None
    capabilities: frozenset[str] = field(default_factory=frozenset)
    request_id: str = ""
    address: str = ""
    on_behalf_of: int | None = None


_current: ContextVar[Scope | None] = ContextVar("scope", default=None)


def current() -> Scope:
    """The scope now. NoScope when there is none."""
    scope = _current.get()
    if scope is None:
        raise NoScope("no scope: enter one with places.scope.use(...)")
    return scope


def active() -> bool:
    """Whether there is a scope."""
    return _current.get() is not None


@contextmanager
def use(scope: Scope) -> Iterator[Scope]:
    """Do what follows in this scope, in one transaction; what was the scope before is so again afterwards."""
    before = _current.get()
    with transaction.atomic():
        _tell(scope)
        token = _current.set(scope)
        try:
            yield scope
        finally:
            _current.reset(token)
        if not connection.needs_rollback:
            _tell(
                before
            )  # this may be part of a longer transaction; what fails is rolled back, and these settings with it


def whole_province(role: str, purpose: str, actor: int | None = None) -> Scope:
    """The scope of a job that must see everything: loading a run, sealing the audit, keys' rotation."""
    return Scope(EVERYWHERE, role, purpose, actor)


def _tell(scope: Scope | None) -> None:
    settings = (
        ("", "", "", "")
        if scope is None
        else (
            str(scope.reach.low),
            str(scope.reach.high),
            "" if scope.organisation is None else str(scope.organisation),
            scope.role if scope.actor is None else str(scope.actor),
        )
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('app.low', %s, true), set_config('app.high', %s, true),"
            " set_config('app.organisation', %s, true), set_config('app.actor', %s, true)",
            settings,
        )
