"""Figures by place and day: made after every run of a county, read by the overview."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import CharField, Count, Func, Q

from chunfeng.apps.desk.measures import measures
from chunfeng.apps.desk.models import Tally
from chunfeng.apps.places.models import Region
from chunfeng.apps.places.numbers import Reach, reach, region_code
from chunfeng.apps.registry.models import Claim, Person

_UNIT = {Tally.Level.COUNTY: 10**6, Tally.Level.TOWN: 10**3, Tally.Level.VILLAGE: 1}
BELOW = {
    "province": Tally.Level.COUNTY,
    "city": Tally.Level.COUNTY,
    "county": Tally.Level.TOWN,
    "town": Tally.Level.VILLAGE,
    "village": Tally.Level.VILLAGE,
}
"""Level of a region → level of the rows its figures are summed from."""


def refresh(county: str, day: date, as_of: date) -> int:
    """Count everything in a county anew, in the current scope and transaction. Returns the number of rows written."""
    spots = count(reach(county))
    rows = []
    for level, unit in _UNIT.items():
        summed: dict[int, Counter[str]] = {}
        for place, counts in spots.items():
            summed.setdefault(place // unit * unit, Counter()).update(counts)
        rows += [
            Tally(
                county=county,
                place=place,
                level=level,
                day=day,
                as_of=as_of,
                latest=True,
                counts=dict(counts),
            )
            for place, counts in sorted(summed.items())
        ]
    own = Tally.objects.filter(county=county)
    own.filter(Q(day=day) | Q(level=Tally.Level.VILLAGE)).delete()
    own.filter(latest=True).update(latest=False)
    Tally.objects.bulk_create(rows, batch_size=500)
    return len(rows)


class _Unnest(Func):
    """A row for each value of an array."""

    function = "unnest"
    output_field = CharField()
    set_returning = True


def count(within: Reach) -> dict[int, dict[str, int]]:
    """Place → measure → persons, and `rows`, `rows_linked`: lines of lists. Few queries, none of them per place."""
    inside = {"place__gte": within.low, "place__lt": within.high}
    people = Person.objects.filter(**inside, gone=None).order_by()
    found: defaultdict[int, dict[str, int]] = defaultdict(dict)
    known = measures().items()
    together = {code: Count("pk", filter=m.where()) for code, m in known if m.listed is None and not m.apart}
    # by number: some codes are names of fields, too
    numbered = {f"n{n}": code for n, code in enumerate(together)}
    for row in people.values("place").annotate(**{n: together[code] for n, code in numbered.items()}):
        found[row["place"]] |= {code: row[n] for n, code in numbered.items() if row[n]}
    for code, measure in known:
        if measure.apart:
            for place, n in people.filter(measure.where()).values_list("place").annotate(n=Count("pk")):
                found[place][code] = n
    by_value = {measure.listed: code for code, measure in known if measure.listed is not None}
    for array in {array for array, _value in by_value}:
        values = people.annotate(value=_Unnest(array)).values_list("place", "value").annotate(n=Count("pk"))
        for place, value, n in values:
            if (array, value) in by_value:
                found[place][by_value[array, value]] = n
    lines = Claim.objects.filter(**inside).order_by().values("place")
    for row in lines.annotate(rows=Count("pk"), rows_linked=Count("person")):
        found[row["place"]] |= {name: row[name] for name in ("rows", "rows_linked") if row[name]}
    return dict(found)


@dataclass(frozen=True)
class Part:
    """A region below the one looked at, with its figures; `counts` is None where nothing was counted yet."""

    code: str
    name: str
    counts: Mapping[str, int] | None


@dataclass(frozen=True)
class Figures:
    """A region's figures, and those of the regions below. `as_of`: first and last day the runs hold for; `past`: there are
    newer ones, so what they counted is no longer what a list shows."""

    region: Region
    counts: Mapping[str, int] | None
    parts: tuple[Part, ...]
    counties: tuple[Part, ...] = ()
    as_of: tuple[date, date] | None = None
    past: bool = False

    def of(self, code: str) -> int | None:
        """A measure's figure; None where nothing was counted yet."""
        return None if self.counts is None else self.counts.get(code, 0)


def figures(region: Region, until: date | None = None) -> Figures:
    """What was counted last in a region and below it, with `until` by runs that hold for no later day. Four queries at most."""
    low, high = region.reach
    level = BELOW[region.level]
    rows = _counted(level, region.reach, until)
    total = _sum(row.counts for row in rows) if rows else None
    days = sorted(row.as_of for row in rows)
    as_of = (days[0], days[-1]) if days else None
    by_code = {region_code(row.place): row.counts for row in rows}
    past = any(not row.latest for row in rows)
    if region.level == Region.Level.VILLAGE:
        return Figures(region, total, (), as_of=as_of, past=past)
    below = Region.objects.filter(reports_to=region, no_data_entry=False).order_by("place")
    if level != Tally.Level.COUNTY:
        parts = [Part(r.code, r.name, by_code.get(r.code, {} if rows else None)) for r in below]
        if region.code in by_code:
            parts.append(Part(region.code, "", by_code[region.code]))
        return Figures(region, total, tuple(parts), as_of=as_of, past=past)
    counties = tuple(
        Part(r.code, r.name, by_code.get(r.code))
        for r in Region.objects.filter(
            level=Region.Level.COUNTY, place__gte=low, place__lt=high, no_data_entry=False
        )
    )
    if region.level == Region.Level.CITY:
        return Figures(region, total, counties, counties, as_of, past)
    parts = []
    for each in below:
        inside = [row.counts for row in rows if each.reach.holds(row.place)]
        parts.append(Part(each.code, each.name, _sum(inside) if inside else None))
    return Figures(region, total, tuple(parts), counties, as_of, past)


def _counted(level: str, within: Reach, until: date | None) -> list[Tally]:
    """The last tally of every place; where that one holds for a day after `until`, the last before."""
    inside = Tally.objects.filter(level=level, place__gte=within.low, place__lt=within.high)
    rows = list(inside.filter(latest=True))
    later = [row.place for row in rows if until is not None and row.as_of > until]
    if not later:
        return rows
    before = inside.filter(place__in=later, as_of__lte=until).order_by("place", "-day").distinct("place")
    gone = set(later)
    return [row for row in rows if row.place not in gone] + list(before)


def _sum(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for each in counts:
        total.update(each)
    return dict(total)
