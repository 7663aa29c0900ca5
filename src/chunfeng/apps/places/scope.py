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

from chunfeng.apps.places.numbers import EVERYWHERE, NOWHERE, Reach

PLACES, STAFF, PERSONS = "", "staff", "persons"
"""Whose eyes a table is for: everybody's whose place it is; those who work there, not organisations that only hand in; those
who may see persons. Each is a range of places of its own for row-level security, so a wall more costs no query anything."""

NO_EMPLOYER = "-"
"""The credit code of an organisation that has none: no row names it."""

_SEES_PERSONS = "registry."
"""What capabilities begin with that let one see persons."""


class NoScope(RuntimeError):
    """Scoped data was asked for and nobody said in which scope."""


class OutOfReach(PermissionError):
    """Something was to be written that lies outside the places of the scope."""


@dataclass(frozen=True)
class Scope:
    """`reach`: the places; `organisation`: its own extracts only, where set; `actor`: the user's id, None for a job.

    `role` and `purpose` go into the audit; `capabilities` are those of the hat worn; `on_behalf_of`: the colleague on
    leave whose hat it is; `persons`: where persons are seen, if that does not follow from the capabilities;
    `employer`: the credit code by which lists name the organisation, None where it is nobody's hat but an office's or a worker's.
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
    persons: Reach | None = None
    employer: str | None = None

    @property
    def behind(self) -> frozenset[int]:
        """Whose deed it is: the actor's, and that of the colleague whose hat it is. Who checks must be neither."""
        return frozenset(who for who in (self.actor, self.on_behalf_of) if who is not None)

    def reach_of(self, realm: str) -> Reach:
        """The places where this scope sees tables of a realm. Jobs (no actor) see all that lies in their reach."""
        if realm == PERSONS and self.persons is not None:
            return self.persons
        if realm == PLACES or self.actor is None:
            return self.reach
        if self.organisation is not None:
            return NOWHERE
        sees = realm == STAFF or any(each.startswith(_SEES_PERSONS) for each in self.capabilities)
        return self.reach if sees else NOWHERE

    def sees(self, realm: str) -> bool:
        """Whether this scope may ask for tables of a realm at all; whose reach is nowhere may, and finds nothing."""
        return self.reach == NOWHERE or self.reach_of(realm) != NOWHERE


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
    part = connection.in_atomic_block  # of a longer transaction; else the settings end with this one
    with transaction.atomic():
        _tell(scope)
        token = _current.set(scope)
        try:
            yield scope
        finally:
            _current.reset(token)
        if part and not connection.needs_rollback:  # what fails is rolled back, and these settings with it
            _tell(before)


def whole_province(role: str, purpose: str, actor: int | None = None) -> Scope:
    """The scope of a job that must see everything: loading a run, sealing the audit, keys' rotation."""
    return Scope(EVERYWHERE, role, purpose, actor)


_SETTINGS = tuple(
    f"app.{name}"
    for name in (
        "low",
        "high",
        "staff_low",
        "staff_high",
        "persons_low",
        "persons_high",
        "organisation",
        "employer",
        "actor",
    )
)
_TELL = "SELECT " + ", ".join(f"set_config('{name}', %s, true)" for name in _SETTINGS)


def settings_of(scope: Scope) -> dict[str, str]:
    """What PostgreSQL is told of a scope, by the names of its settings."""
    ranges = [str(end) for realm in (PLACES, STAFF, PERSONS) for end in scope.reach_of(realm)]
    owner = "" if scope.organisation is None else str(scope.organisation)
    who = scope.role if scope.actor is None else str(scope.actor)
    return dict(zip(_SETTINGS, (*ranges, owner, scope.employer or "", who), strict=True))


def _tell(scope: Scope | None) -> None:
    values = [""] * len(_SETTINGS) if scope is None else list(settings_of(scope).values())
    with connection.cursor() as cursor:
        cursor.execute(_TELL, values)
