"""Lists of persons: filters that end in a bounded query, whatever is combined."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db.models import F, Q, QuerySet

from chunfeng.apps.intake import runs
from chunfeng.apps.intake.models import Run
from chunfeng.apps.places.days import today
from chunfeng.apps.places.models import Region
from chunfeng.apps.places.numbers import Reach, reach, region_code
from chunfeng.apps.places.scope import current, use
from chunfeng.apps.registry import keyset, marks, searching, selectors
from chunfeng.apps.registry.counting import WHAT
from chunfeng.apps.registry.models import Finding, Mark, Person

BY_PLACE = ("place", "key")
BEGINNINGS = ("name", "given", "spelling", "initials")
_COUNTY = 6
"""Digits of a county's code."""
NOTHING = searching.Asked("")


@dataclass(frozen=True)
class Found:
    """Persons in an order an index serves: rows are those of `query`, seen through `prefix` where it is of marks."""

    query: QuerySet
    order: tuple[str, ...] = BY_PLACE
    prefix: str = ""

    def page(self, after: str = "", before: str = "") -> keyset.Page:
        page = keyset.page(selectors.masked(self.query, self.prefix), self.order, after=after, before=before)
        return replace(page, rows=[row.person for row in page.rows]) if self.prefix else page

    def count(self, page: keyset.Page) -> str:
        """How many there are, in words."""
        return keyset.counted(self.query, page)


def last_run() -> Run | None:
    """The last run in reach, or of the county around a town or village, whose runs are the county's."""
    code = region_code(current().reach.low) if current().reach.low else ""
    if len(code) > _COUNTY:
        with use(runs.scope_for(code[:_COUNTY])):
            return runs.last_run(code[:_COUNTY])
    return Run.objects.filter(state=Run.State.DONE).order_by("-pk").first()


def as_of() -> date:
    """The day ages are reckoned on: that of the last run, else today."""
    last = last_run()
    return last.as_of if last else today()


def within(region: Region | None) -> Reach:
    """Where to look: the whole reach of the scope, or the part of it that a region covers."""
    own = current().reach
    if region is None:
        return own
    asked = reach(region.code)
    return Reach(max(asked.low, own.low), min(asked.high, own.high))


def persons(wanted: dict[str, Any], where: Reach, day: date, asked: searching.Asked = NOTHING) -> Found:
    """Persons as filters want them (`forms.FilterForm.cleaned_data`), those who are still on some list unless `gone`.

    `where`: the range their responsible place lies in; with `living` out or in, that of their hukou or stay instead.
    A search by name or sound goes along its own index; else the first property by which few are marked leads.
    """
    if wanted.get("living") == "out":  # an office elsewhere answers for them and their marks
        conditions = [*_conditions(wanted, where, day), *_held(wanted)]
        if asked.way in BEGINNINGS:
            conditions.append(searching.beginning(asked.way, asked.text))
        return Found(Person.objects.all().filter(*conditions), ("hukou_place", "key"))
    marked = [
        (kind, wanted[kind])
        for kind in Mark.Kind.values
        if wanted.get(kind) and _is_marked(kind, wanted[kind], where)
    ]
    if asked.way in BEGINNINGS:
        conditions = [
            searching.beginning(asked.way, asked.text),
            *_conditions(wanted, where, day),
            *_also(marked),
        ]
        return Found(Person.objects.mine().filter(*conditions), (asked.way, *BY_PLACE))
    if marked and not wanted.get("living"):
        (kind, code), *more = marked
        leading = Mark.objects.mine().filter(_inside("place", where), kind=kind, code=_code(code))
        conditions = [*_conditions(wanted, where, day, "person__"), *_also(more, "person_id")]
        return Found(
            leading.filter(*conditions).select_related("person"), ("place", "person_id"), prefix="person__"
        )
    return Found(Person.objects.mine().filter(*_conditions(wanted, where, day), *_also(marked)))


def searched(
    wanted: dict[str, Any],
    asked: searching.Asked,
    day: date,
    way: str = "",
    *,
    after: str = "",
    before: str = "",
) -> tuple[searching.Asked, Found, keyset.Page]:
    """Persons as filters and the search box together want them, and how what was typed came to be read: where nobody is found
    one way, the next is tried (`searching.instead`), on every page alike. `way`: how the reader said it is to be read."""
    first = None
    for each in (asked, *searching.instead(asked, way)):
        found = _read(wanted, each, day)
        page = found.page(after=after, before=before)
        first = first or (each, found, page)
        if page.rows:
            return each, found, page
    return first


def place_meant(wanted: dict[str, Any], asked: searching.Asked) -> Region | None:
    """The region chosen, else the one that was typed: 莲峰镇, 莲峰镇 林."""
    typed = asked.places[0] if asked.inside else None
    return wanted.get("place") or typed


def _read(wanted: dict[str, Any], asked: searching.Asked, day: date) -> Found:
    if asked.way == "number":
        return Found(searching.by_number(asked.text, counties()))
    return persons(wanted, within(place_meant(wanted, asked)), day, asked)


def counties() -> list[str]:
    """The counties whose numbers a reader may mean. One query."""
    low, high = current().reach
    inside = Region.objects.filter(level=Region.Level.COUNTY, place__gte=low - low % 10**6, place__lt=high)
    return [code[:6] for code in inside.values_list("code", flat=True)[:100]]


def _conditions(wanted: dict[str, Any], where: Reach, day: date, at: str = "") -> list[Q]:
    """The filters that need no mark, on persons reached through `at`."""
    conditions = [
        *_living(wanted.get("living") or "", where, at),
        Q(**{f"{at}gone__isnull": not wanted.get("gone")}),
    ]
    if sex := wanted.get("sex"):
        conditions.append(Q(**{f"{at}sex": sex}))
    if band := wanted.get("age"):
        youngest, _, oldest = band.partition("-")
        conditions.append(
            searching.born_between(day, int(youngest or 0), int(oldest) if oldest else None, at)
        )
    if name := wanted.get("department"):
        conditions.append(Q(**{f"{at}departments__contains": [name]}))
    if kind := wanted.get("finding"):
        conditions.append(~Q(**{f"{at}findings": 0}))
        if kind != "any":
            told = Finding.objects.mine().filter(_inside("place", where), kind=kind)
            conditions.append(Q(**{f"{at}pk__in": told.values("person_id")}))
    if wanted.get("doubts"):
        conditions.append(~Q(**{f"{at}doubts": 0}))
    if wanted.get("no_id"):
        conditions.append(Q(**{f"{at}id18_index": None}))
    return conditions


def _living(living: str, where: Reach, at: str) -> list[Q]:
    if living == "out":  # the hukou is here, the office that answers for them elsewhere
        moved = ~Q(**{f"{at}hukou_place": F(f"{at}place")})
        return [_inside(f"{at}hukou_place", where), moved, ~_inside(f"{at}place", where)]
    inside = _inside(f"{at}place", where)
    if living == "in":  # they live here and are registered elsewhere
        away = Q(**{f"{at}hukou_place": None}) | ~_inside(f"{at}hukou_place", where)
        return [inside, away, ~Q(**{f"{at}hukou_region": ""})]
    return [inside]


def _inside(column: str, where: Reach) -> Q:
    return Q(**{f"{column}__gte": where.low, f"{column}__lt": where.high})


def _also(marked: list[tuple[str, str]], key: str = "pk") -> list[Q]:
    return [
        Q(**{f"{key}__in": Mark.objects.mine().filter(kind=kind, code=_code(code)).values("person_id")})
        for kind, code in marked
    ]


def _code(code: str) -> str:
    return marks.ANY if code == "any" else code


def _is_marked(kind: str, code: str, where: Reach) -> bool:
    return kind != Mark.Kind.DEPARTMENT or marks.is_marked(code, where)


def _held(wanted: dict[str, Any]) -> list[Q]:
    """What marks tell of, asked of the persons themselves; a department is among the other conditions."""
    kinds = (Mark.Kind.YES, Mark.Kind.UNKNOWN, Mark.Kind.TARGET)
    return [WHAT[kind]("" if code == "any" else code) for kind in kinds if (code := wanted.get(kind))]
