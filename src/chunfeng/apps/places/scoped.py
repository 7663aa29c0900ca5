"""The first wall: models whose rows belong to places, and which say no to whoever has no scope.

Reading is filtered to the scope by the manager, writing is checked, and whatever finds another way to a scoped table
(a join from elsewhere, raw SQL) is stopped at the cursor. The second wall stands in PostgreSQL (`walls`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache, reduce
from operator import or_
from typing import Any, ClassVar, Self

from django.apps import apps
from django.db import models
from django.db.backends.signals import connection_created
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from chunfeng.apps.places.numbers import Reach
from chunfeng.apps.places.scope import PERSONS, PLACES, NoScope, OutOfReach, active, current


class ScopedQuerySet(models.QuerySet):
    """Writes are checked here; reads were filtered when the manager made this."""

    def _check(self, objects: Iterable[ScopedModel]) -> list[ScopedModel]:
        objects = list(objects)
        for instance in objects:
            instance.check_reach()
        return objects

    def bulk_create(self, objs, *args: Any, **kwargs: Any):  # type: ignore[no-untyped-def]
        current()
        return super().bulk_create(self._check(objs), *args, **kwargs)

    def bulk_update(self, objs, *args: Any, **kwargs: Any):  # type: ignore[no-untyped-def]
        current()
        return super().bulk_update(self._check(objs), *args, **kwargs)

    def update(self, **kwargs: Any) -> int:
        reach = current().reach_of(self.model.realm)
        writing = self.model.write_place
        if writing in kwargs and not reach.holds(kwargs[writing]):
            raise OutOfReach(f"{self.model._meta.label}: {writing} lies outside the scope")
        return self.mine().update_plainly(**kwargs) if writing else super().update(**kwargs)

    update.alters_data = True  # type: ignore[attr-defined]

    def update_plainly(self, **kwargs: Any) -> int:
        return super().update(**kwargs)

    update_plainly.alters_data = True  # type: ignore[attr-defined]

    def delete(self):  # type: ignore[no-untyped-def]
        current()
        return super(ScopedQuerySet, self.mine() if self.model.write_place else self).delete()

    delete.alters_data = True  # type: ignore[attr-defined]
    delete.queryset_only = True  # type: ignore[attr-defined]

    def mine(self) -> Self:
        """Rows this office answers for, and may write; what lists show, and what an index serves."""
        low, high = _reach(self.model)
        name = self.model.write_place
        return self.filter(**{f"{name}__gte": low, f"{name}__lt": high})


def _seen(model: type[ScopedModel], found: ScopedQuerySet, names: tuple[str, ...]) -> ScopedQuerySet:
    """Of `found` what the scope may see: rows with one of the places `names` in reach and, for an organisation, its own."""
    scope = current()
    if model.employer_fields and scope.employer is not None:
        low, high = scope.reach
        own = reduce(or_, (Q(**{name: scope.employer}) for name in model.employer_fields))
        return found.filter(own, **{f"{model.write_place}__gte": low, f"{model.write_place}__lt": high})
    low, high = _reach(model)
    if names:
        found = found.filter(reduce(or_, (Q(**{f"{n}__gte": low, f"{n}__lt": high}) for n in names)))
    if model.owner_field and scope.organisation is not None:
        found = found.filter(**{model.owner_field: scope.organisation})
    if model.employer_fields and model.realm == PERSONS and scope.organisation is not None:  # a worker's own
        found = found.filter(**dict.fromkeys(model.employer_fields, ""))
    return found


def _reach(model: type[ScopedModel]) -> Reach:
    """The places of a table that the scope may see. OutOfReach for whoever may not see its realm at all: a page that asks
    for it has promised too much."""
    scope = current()
    if not scope.sees(model.realm):
        raise OutOfReach(f"{model._meta.label} is not for the hat worn")
    return scope.reach_of(model.realm)


class ScopedManager(models.Manager.from_queryset(ScopedQuerySet)):  # type: ignore[misc]
    def get_queryset(self) -> ScopedQuerySet:
        current()
        return _seen(self.model, super().get_queryset(), self.model.read_places)

    def mine(self) -> ScopedQuerySet:
        """Rows this office answers for, by the one range of places that an index serves: narrower than what may be read."""
        current()
        return _seen(self.model, super().get_queryset(), ()).mine()


class ScopedModel(models.Model):
    """A row that belongs to places. Columns of place numbers are declared by the class:

    `read_places`: any of them in reach lets one read; `write_place`: this one in reach lets one write;
    `owner_field`: the organisation that sent it, for those who see only their own;
    `employer_fields`: the employers it is about, by credit code; an organisation reads what names it, and writes none;
    `realm`: whose eyes it is for, see places.scope.
    """

    read_places: ClassVar[tuple[str, ...]] = ("place",)
    write_place: ClassVar[str] = "place"
    owner_field: ClassVar[str | None] = None
    employer_fields: ClassVar[tuple[str, ...]] = ()
    realm: ClassVar[str] = PLACES

    objects = ScopedManager()

    class Meta:
        abstract = True
        base_manager_name = "objects"
        default_manager_name = "objects"

    def check_reach(self) -> None:
        """OutOfReach unless the scope may write this row."""
        scope = current()
        if not scope.reach_of(self.realm).holds(getattr(self, self.write_place)):
            raise OutOfReach(f"{self._meta.label}: {self.write_place} lies outside the scope")
        if self.employer_fields and scope.organisation is not None:
            raise OutOfReach(f"{self._meta.label}: not for organisations to write")
        owned = self.owner_field and scope.organisation is not None
        if owned and getattr(self, self.owner_field) != scope.organisation:
            raise OutOfReach(f"{self._meta.label}: belongs to another organisation")

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.check_reach()
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any):  # type: ignore[no-untyped-def]
        self.check_reach()
        return super().delete(*args, **kwargs)


class PlacedModel(ScopedModel):
    """The usual case: one place."""

    place = models.BigIntegerField(_("地区"), help_text="place number, see places.numbers")

    class Meta(ScopedModel.Meta):
        abstract = True


class PersonalModel(ScopedModel):
    """A row about a person: the responsible office writes; those of the hukou and of the stay read, too."""

    read_places = ("place", "hukou_place", "stay_place")
    realm = PERSONS

    place = models.BigIntegerField(_("负责地区"))
    hukou_place = models.BigIntegerField(_("户籍地区"), null=True, blank=True)
    stay_place = models.BigIntegerField(_("现居地区"), null=True, blank=True)

    class Meta(ScopedModel.Meta):
        abstract = True


@cache
def scoped_models() -> tuple[type[ScopedModel], ...]:
    """Every concrete scoped model, by table name."""
    found = [m for m in apps.get_models(include_auto_created=True) if issubclass(m, ScopedModel)]
    return tuple(sorted(found, key=lambda m: m._meta.db_table))


_also: set[str] = set()


@cache
def _tables() -> re.Pattern[str]:
    names = "|".join(re.escape(name) for name in (*(m._meta.db_table for m in scoped_models()), *_also))
    return re.compile(rf"""(?<![\w"'])"?(?:{names or "(?!)"})"?(?!\w)""")


def guard_also(table: str) -> None:
    """Let no statement on this table pass without a scope either, though its rows are walled in by its room's own rules."""
    _also.add(table)
    _tables.cache_clear()


def _guard(execute, statement, parameters, many, context):  # type: ignore[no-untyped-def]
    if not active() and apps.models_ready and isinstance(statement, str) and _tables().search(statement):
        raise NoScope(f"no scope for: {statement[:200]}")
    return execute(statement, parameters, many, context)


def _stand_guard(connection, **kwargs: Any) -> None:  # type: ignore[no-untyped-def]
    if connection.vendor == "postgresql" and _guard not in connection.execute_wrappers:
        connection.execute_wrappers.append(_guard)


def watch_connections() -> None:
    """Let no statement on a scoped table pass without a scope. Not for the owner, who changes tables."""
    connection_created.connect(_stand_guard, dispatch_uid="places.scoped.guard")
