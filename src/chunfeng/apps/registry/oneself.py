"""The record that somebody's own account is bound to, for a reader who may see no other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from chunfeng.apps.places.numbers import Reach
from chunfeng.apps.places.scope import current, use
from chunfeng.apps.registry import selectors
from chunfeng.apps.registry.models import Person


@contextmanager
def own(key: str) -> Iterator[Person | None]:
    """The person with this key, where the hat's region holds one, in a scope that sees persons of that one's place alone."""
    scope = current()
    with use(replace(scope, persons=scope.reach)):
        person = selectors.find(int(key)) if key.isdigit() else None
    if person is None:
        yield None
        return
    with use(replace(scope, persons=Reach(person.place, person.place + 1))):
        yield person
