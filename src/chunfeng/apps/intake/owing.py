"""Who owes which list by when, what came of it and when, and who is late."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date

from django.db.models import Max, Sum
from django.db.models.functions import Left
from django.utils.translation import gettext as _

from chunfeng.apps.campaigns.models import Campaign
from chunfeng.apps.campaigns.selectors import Duty, duties
from chunfeng.apps.intake.kinds import kinds_of
from chunfeng.apps.intake.models import Extract
from chunfeng.apps.intake.selectors import extracts
from chunfeng.apps.places.days import today
from chunfeng.apps.places.models import Region
from chunfeng.apps.places.numbers import Reach, region_code

_PENDING = (Extract.State.NEEDS_MAPPING, Extract.State.READ, Extract.State.HELD)
_CAME = (*Extract.ACTIVE, *_PENDING, Extract.State.SUPERSEDED)
_ROUND = 31
"""A list counts for a deadline when it came no more than so many days before it: what is older is last month's."""


@dataclass(frozen=True)
class Owed:
    """A list that a department, or each `town` for itself, owes, and how it stands: `state` in, waiting, late or empty.

    `received`: when it first came for this deadline; `days_late`: how long it is overdue, or how much too late it came.
    `last`: its newest accepted table, `records`: in all its accepted tables; `pending`: one that came and is not decided yet.
    """

    department: str
    name: str
    kind: str
    due: date | None
    last: Extract | None
    pending: Extract | None
    state: str
    days_late: int = 0
    town: str = ""
    received: date | None = None
    records: int = 0
    monthly: bool = False
    towns: int = 1
    """How many towns a line speaks of, all of them named in `town`."""


def owed(
    reach: Reach, campaign: Campaign | None, *, department: str | None = None, day: date | None = None
) -> list[Owed]:
    """Every list owed to a county, by a town in it, or by one department; the late ones first. At most four queries.

    Without a campaign: every kind of list there is, with no day. A village owes its town, not the county: it has none here.
    """
    day, code = day or today(), region_code(reach.low)
    if len(code) not in (6, 9):
        return []
    wanted = [
        duty
        for duty in (_all_kinds(code[:6]) if campaign is None else duties(campaign))
        if (department is None or duty.department == department) and (duty.by_town or len(code) == 6)
    ]
    towns = _towns(code) if any(duty.by_town for duty in wanted) else {}
    came = _came({duty.kind for duty in wanted}, county=code[:6]).get(code[:6], {})
    asked = [(duty, towns.get(town, ""), each) for duty in wanted for town, each in _asked(duty, towns, came)]
    shown = {e.pk: e for e in extracts().filter(pk__in=[pk for _d, _t, each in asked for pk in each.newest])}
    found = [_owed(duty, town, each, day, shown) for duty, town, each in asked]
    return sorted(found, key=lambda each: -each.days_late if each.state == "late" else 0)


def together(found: Iterable[Owed]) -> list[Owed]:
    """The same lines, but one list that several towns are late with alike is one line, which names them."""
    alike: dict[object, list[Owed]] = {}
    for each in found:
        same = (each.kind, each.due, each.days_late) if each.state == "late" and each.town else id(each)
        alike.setdefault(same, []).append(each)
    return [
        replace(first, town=_("、").join(e.town for e in (first, *more)), towns=1 + len(more))
        if more
        else first
        for first, *more in alike.values()
    ]


@dataclass(frozen=True)
class Standing:
    """How a county stands: lists whose day has gone by, those of them that did not come, whether any list ever came."""

    region: Region
    due: int
    late: int
    begun: bool

    @property
    def came(self) -> int:
        return self.due - self.late


def by_county(reach: Reach, campaign: Campaign, *, day: date | None = None) -> list[Standing]:
    """Every county in reach by numbers, the same that `owed` gives it list by list. Four queries."""
    day, wanted = day or today(), duties(campaign)
    inside = {"place__gte": reach.low, "place__lt": reach.high, "no_data_entry": False}
    counties = Region.objects.filter(level=Region.Level.COUNTY, **inside)
    towns: dict[str, list[str]] = {}
    for code in Region.objects.filter(level=Region.Level.TOWN, **inside).values_list("code", flat=True):
        towns.setdefault(code[:6], []).append(code)
    came = _came({duty.kind for duty in wanted}, place__gte=reach.low, place__lt=reach.high)
    return [
        _standing(region, wanted, towns.get(region.code, []), came.get(region.code, {}), day)
        for region in counties
    ]


# --- parts -----------------------------------------------------------------------------------------------------------


@dataclass
class _Came:
    """What came of a list: on which days, its newest accepted and undecided tables, records accepted."""

    days: set[date] = field(default_factory=set)
    accepted: int = 0
    pending: int = 0
    records: int = 0

    @property
    def newest(self) -> tuple[int, int]:
        return self.accepted, self.pending

    @classmethod
    def of(cls, parts: Iterable[_Came]) -> _Came:
        """All of them as one."""
        whole = cls()
        for part in parts:
            whole.add(part)
        return whole

    def add(self, other: _Came) -> None:
        self.days |= other.days
        self.accepted = max(self.accepted, other.accepted)
        self.pending = max(self.pending, other.pending)
        self.records += other.records


def _all_kinds(county: str) -> list[Duty]:
    kinds = sorted(kinds_of(county).values(), key=lambda kind: (kind.department, kind.code))
    return [Duty(k.department, "", k.code, k.name, (), False, "") for k in kinds if not k.generic]


def _towns(code: str) -> dict[str, str]:
    """The towns of a county, or the one town, that hand lists in: name by code."""
    towns = Region.objects.filter(level=Region.Level.TOWN, no_data_entry=False)
    own = towns.filter(parent=code) if len(code) == 6 else towns.filter(pk=code)
    return dict(own.order_by("place").values_list("code", "name"))


_ByKind = dict[str, dict[str, _Came]]
"""What came by kind and town: the town a sheet speaks of, else the one that sent it; "" for what speaks of the county."""


def _came(kinds: set[str], **where: object) -> dict[str, _ByKind]:
    """What came, by county. One query."""
    rows = (
        Extract.objects.filter(kind__in=kinds, state__in=_CAME, **where)
        .order_by()
        .values("county", "kind", "state", "place", "delivery__received", town=Left("region", 9))
        .annotate(newest=Max("pk"), n=Sum("records"))
    )
    found: dict[str, _ByKind] = {}
    for row in rows:
        sent_from = region_code(row["place"])[:9]
        town = next((code for code in (row["town"], sent_from) if len(code) == 9), "")
        each = _Came({row["delivery__received"]})
        if row["state"] in Extract.ACTIVE:
            each.accepted, each.records = row["newest"], row["n"]
        elif row["state"] in _PENDING:
            each.pending = row["newest"]
        of_kind = found.setdefault(row["county"], {}).setdefault(row["kind"], {})
        of_kind.setdefault(town, _Came()).add(each)
    return found


def _asked(duty: Duty, towns: Iterable[str], came: _ByKind) -> list[tuple[str, _Came]]:
    """Of each town that owes a list, or of the county as a whole (""), what came of it."""
    parts = came.get(duty.kind, {})
    return [(t, parts.get(t) or _Came()) for t in towns] if duty.by_town else [("", _Came.of(parts.values()))]


def _term(duty: Duty, came: _Came, day: date) -> tuple[date | None, date | None]:
    """The day that counts, and when the list first came for it: None while it did not."""
    due = duty.due_by(day) or min(duty.due, default=None)
    return due, min((each for each in came.days if due is None or (due - each).days < _ROUND), default=None)


def _standing(region: Region, wanted: list[Duty], towns: list[str], came: _ByKind, day: date) -> Standing:
    terms = [_term(duty, each, day) for duty in wanted for _town, each in _asked(duty, towns, came)]
    over = [received for due, received in terms if due is not None and due < day]
    return Standing(region, len(over), sum(received is None for received in over), bool(came))


def _owed(duty: Duty, town: str, came: _Came, day: date, shown: dict[int, Extract]) -> Owed:
    due, received = _term(duty, came, day)
    last, pending = shown.get(came.accepted), shown.get(came.pending)
    if received is None:
        late = max((day - due).days, 0) if due is not None else 0
        state = "late" if late else ""
    else:
        late = max((received - due).days, 0) if due is not None else 0
        state = "in" if last is not None else "waiting"
    return Owed(
        duty.department, duty.name, duty.kind, due, last, pending, state, late, town, received, came.records, duty.monthly
    )  # fmt: skip
