"""The queue of doubtful rows: what belongs together, what is on whose table, each row beside the persons near it.

A group is what one call settles: the household a list puts the rows in, else their village, else, where the row names
no place, the village of the nearest person.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import (
    BigIntegerField,
    Case,
    CharField,
    Count,
    Exists,
    F,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, Concat
from django.utils import timezone
from django.utils.translation import gettext as _

from chunfeng.apps.places.scope import current
from chunfeng.apps.registry import sides, words
from chunfeng.apps.registry.models import Decision, Doubt, GroupHold, Inquiry, Person, PersonFile

PAGE = 50
_NAMES = ArrayAgg("name", distinct=True, default=[])
ROWS_SHOWN = 12


def open_rows() -> QuerySet:
    """The nearest pair of every row that waits for a decision, with the `bunch` it belongs to."""
    decided = Decision.objects.filter(
        county=OuterRef("county"), fingerprint=OuterRef("fingerprint"), undone_at=None
    )
    near = Doubt.objects.filter(
        county=OuterRef("county"), file=OuterRef("file"), sheet=OuterRef("sheet"), row=OuterRef("row")
    ).filter(
        ~Exists(
            Decision.objects.filter(
                county=OuterRef("county"),
                fingerprint=OuterRef("fingerprint"),
                undone_at=None,
                person=OuterRef("person"),
            )
        )
    )
    return bunched(
        Doubt.objects.mine()
        .filter(rank=1)
        .filter(~Exists(decided.filter(action=Decision.Action.CONFIRM)), Exists(near))
    )


def bunched(doubts: QuerySet) -> QuerySet:
    """Doubts with `bunch`, the group they are settled in, and `at`, the place that knows the people."""
    nobodys = Q(group__regex=r"^\d{1,6}$")
    at = Case(
        When(nobodys, then=Coalesce(F("person__place"), F("place"))),
        default=F("place"),
        output_field=BigIntegerField(),
    )
    return doubts.annotate(
        at=at,
        bunch=Case(
            When(
                nobodys,
                then=Concat(
                    F("group"), Value(" "), Cast(Coalesce(F("person__place"), F("place")), CharField())
                ),
            ),
            default=F("group"),
            output_field=CharField(),
        ),
    )


@dataclass(frozen=True)
class Group:
    """One line of the queue. `first`: the doubt its page is named by; `names`: those on the rows; `asked`: rows a village
    was asked about.
    """

    county: str
    name: str
    at: int
    rows: int
    first: int
    held_by: str = ""
    asked: int = 0
    names: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        return title(self.name)


def title(bunch: str) -> str:
    """A group in words: the village, or the list and the row its household begins with."""
    parts = bunch.split(" ")
    if parts[-1].isdecimal() and len(parts[-1]) == 12 and all(p.isdecimal() for p in parts):
        return words.place(int(parts[-1]))
    if bunch.isdecimal():
        return words.region(bunch)
    if len(parts) > 1 and parts[-1].isdecimal():
        return _("%(where)s 第%(row)s行起的一户") % {"where": " ".join(parts[:-1]), "row": parts[-1]}
    where, number = bunch.rpartition(" #")[::2]
    if where and number:
        return _("户号 %(number)s（%(where)s）") % {"number": number, "where": where}
    return bunch


def groups(after: int = 0, *, waiting: bool = False) -> list[Group]:
    """The queue by its first doubt, PAGE + 1 at most; three queries.

    `waiting`: those of which every row waits for a village's answer, which otherwise stand back.
    """
    unanswered = Inquiry.objects.filter(
        county=OuterRef("county"), fingerprint=OuterRef("fingerprint"), answered_at=None
    )
    rows = open_rows().filter(Exists(unanswered) if waiting else ~Exists(unanswered))
    found = list(
        rows.values("county", "bunch")
        .annotate(n=Count("fingerprint", distinct=True), first=Min("pk"), where=Min("at"), who=_NAMES)
        .filter(first__gt=after)
        .order_by("first")[: PAGE + 1]
    )
    held = holds([(g["county"], g["bunch"]) for g in found])
    return [
        Group(
            g["county"],
            g["bunch"],
            g["where"],
            g["n"],
            g["first"],
            held.get((g["county"], g["bunch"]), ""),
            names=tuple(name for name in g["who"] if name),
        )
        for g in found
    ]


def holds(wanted: list[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Who else has which of these groups on the table. One query."""
    names = [name for _county, name in wanted]
    found = GroupHold.objects.filter(group__in=names, until__gt=timezone.now()).exclude(by=current().actor)
    return {(h.county, h.group): str(h.by) for h in found.select_related("by")}


def progress() -> tuple[int, int]:
    """(decided, open) rows of what this office answers for; rows that say the same are one. Two queries."""
    made = Decision.objects.mine().filter(kind=Decision.Deed.REVIEW, undone_at=None)
    return made.aggregate(n=Count("fingerprint", distinct=True))["n"], left()


def left(most: int | None = None) -> int:
    """How many rows wait for a decision, counted no further than `most`. One query."""
    return int(open_rows().order_by().values("fingerprint").distinct()[:most].count())


# --- one group, side by side -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Candidate:
    """A person near a row: how near in words, and field by field."""

    doubt: Doubt
    person: Person | None
    fields: tuple[sides.Side, ...]
    why: tuple[tuple[str, str], ...]
    forbidden: Decision | None = None


@dataclass
class OpenRow:
    """A doubtful row, its own cells, and the persons near it. `same`: how many rows say exactly the same."""

    fingerprint: str
    doubt: Doubt
    cells: list[tuple[str, str]]
    candidates: list[Candidate] = field(default_factory=list)
    same: int = 1
    inquiry: Inquiry | None = None

    @property
    def where(self) -> str:
        return words.row(self.doubt.file, self.doubt.sheet, self.doubt.row)


@dataclass(frozen=True)
class Table:
    """A group as it lies on a clerk's table. `more`: open rows not shown yet; `seen`: the latest decision known."""

    group: Group
    rows: list[OpenRow]
    more: int
    seen: int
    decided: list[Decision]


def table(pk: int) -> Table | None:
    """The group a doubt belongs to; None where there is no such doubt in reach. Eight queries, however many rows."""
    named = bunched(Doubt.objects.mine()).filter(pk=pk).first()
    if named is None:
        return None
    leading = named if named.rank == 1 else None
    if leading is None:
        leading = bunched(Doubt.objects.mine()).filter(
            county=named.county, file=named.file, sheet=named.sheet, row=named.row, rank=1
        ).first() or named  # fmt: skip
    rows = list(open_rows().filter(county=leading.county, bunch=leading.bunch).order_by("pk")[:400])
    by_mark: dict[str, list[Doubt]] = {}
    for row in rows:
        by_mark.setdefault(row.fingerprint, []).append(row)
    shown = list(by_mark)[:ROWS_SHOWN]
    group = Group(leading.county, leading.bunch, leading.at, len(by_mark), pk)
    marks = Decision.objects.filter(county=leading.county).filter(fingerprint__in=shown)
    decisions = list(marks.select_related("by").order_by("pk"))
    own = Decision.objects.mine().filter(kind=Decision.Deed.REVIEW, by=current().actor, county=leading.county)
    last = list(own.select_related("by", "undone_by").order_by("-pk")[:12])
    return Table(
        group,
        _open(leading.county, {mark: by_mark[mark] for mark in shown}, decisions),
        len(by_mark) - len(shown),
        max((d.pk for d in decisions), default=0),
        last,
    )


def _open(county: str, by_mark: dict[str, list[Doubt]], decisions: list[Decision]) -> list[OpenRow]:
    near = Doubt.objects.filter(county=county, fingerprint__in=list(by_mark)).select_related("person")
    asked = Inquiry.objects.filter(county=county, fingerprint__in=list(by_mark)).select_related(
        "by", "answered_by"
    )
    inquiries = {i.fingerprint: i for i in asked.order_by("pk")}
    pairs = list(near.order_by("fingerprint", "rank", "pk"))
    files = dict(
        PersonFile.objects.filter(pk__in={p.person_id for p in pairs if p.person_id}).values_list(
            "pk", "content"
        )
    )
    forbidden = {(d.fingerprint, d.person): d for d in decisions if d.undone_at is None}
    found: list[OpenRow] = []
    for mark, rows in by_mark.items():
        row = OpenRow(
            mark, rows[0], sides.cells_of(rows[0].content or {}), same=len(rows), inquiry=inquiries.get(mark)
        )
        mine = [
            p
            for p in pairs
            if (p.fingerprint, p.file, p.sheet, p.row) == (mark, rows[0].file, rows[0].sheet, rows[0].row)
        ]
        row.candidates = [
            Candidate(
                pair, pair.person, sides.sides(rows[0], pair.person, files.get(pair.person_id) or {}), sides.why(pair.why),
                forbidden.get((mark, pair.person_id)),
            )
            for pair in mine
        ]  # fmt: skip
        found.append(row)
    return found
