"""One person seen whole, for whoever shows it: every function reads within the scope and in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy

from chunfeng.apps.registry import words
from chunfeng.apps.registry.models import (
    Claim,
    Correction,
    Decision,
    Doubt,
    Finding,
    Member,
    Person,
    PersonFile,
    SamePerson,
    SameVoice,
)
from chunfeng.engines.linkage.decisions import CORRECTIONS

CLAIMS_SHOWN = 300


@dataclass(frozen=True)
class Value:
    """One value of a field in words, masked where the field is, and the row that says so."""

    text: str
    source: str = ""
    department: str = ""
    period: str = ""


@dataclass(frozen=True)
class Field:
    """A field of the golden record: the value taken, the values not taken, and a correction that the next run will read.

    `revealed_by`: the field's name where the whole value may be asked for with a reason, else empty.
    """

    code: str
    label: str
    taken: Value | None
    losing: tuple[Value, ...] = ()
    pending: Correction | None = None
    revealed_by: str = ""

    @property
    def pending_text(self) -> str:
        return words.masked(self.code, self.pending.value) if self.pending else ""


@dataclass(frozen=True)
class Record:
    """The golden record of a person: every field with its source and the values that lost."""

    person: Person
    fields: tuple[Field, ...]
    other_names: str = ""
    links: tuple[SameLink, ...] = ()

    @property
    def place(self) -> str:
        return words.place(self.person.place)

    def __getitem__(self, code: str) -> Field:
        for each in self.fields:
            if each.code == code:
                return each
        raise KeyError(code)  # so that a template goes on to look for an attribute of that name


@dataclass(frozen=True)
class SameLink:
    """A record of another county that is the same person by two offices' word."""

    pair: SamePerson
    other: int
    county: str


def find(key: int) -> Person | None:
    """The person with this key, None where there is none in reach. One query."""
    return Person.objects.filter(pk=key).first()


def masked(people: QuerySet, at: str = "") -> QuerySet:
    """Persons reached through `at` without the sealed columns: lists show masks, so nobody's number is opened for them."""
    return people.defer(*(f"{at}{name}" for name in words.MASKED))


def person(key: int | Person) -> Record | None:
    """The golden record; None where there is none in reach. Four queries (three with a person given)."""
    found = key if isinstance(key, Person) else find(key)
    if found is None:
        return None
    content: dict[str, Any] = (
        PersonFile.objects.filter(pk=found.pk).values_list("content", flat=True).first() or {}
    )
    pending = {c.field: c for c in Correction.objects.filter(person=found, undone_at=None)}
    by_field: dict[str, list[dict[str, Any]]] = {}
    for each in content.get("values", ()):
        by_field.setdefault(each["field"], []).append(each)
    fields = tuple(
        _field(code, ranked(by_field.get(code, ())), pending.get(code))
        for code in words.FIELDS
        if code in by_field or code in pending or code in ("name", "id18", "sex", "birth", "phone")
    )
    return Record(found, fields, content.get("other_names") or "", tuple(same(found.pk)))


def ranked(values: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Values as `PersonFile.content` has them, the one taken first; those that may never be taken have no rank."""
    return sorted(values, key=lambda v: (v["rank"] is None, v["rank"] or 0))


def _field(code: str, values: Sequence[dict[str, Any]], pending: Correction | None) -> Field:
    told = [_value(code, each) for each in values]
    taken = told[0] if told and values[0]["rank"] is not None else None
    if taken is not None and pending is not None and _is_word_of(pending, values[0], taken):
        pending = None
    # a value that lost and reads like the one taken (a longer code of the same place) is no other opinion
    losing = tuple(v for v in told if v is not taken and (taken is None or v.text != taken.text))
    return Field(
        code,
        str(words.FIELDS[code]),
        taken,
        losing,
        pending,
        code if taken and code in words.MASKED else "",
    )


def _is_word_of(said: Correction, value: dict[str, Any], taken: Value) -> bool:
    """Whether a correction is what a run has taken already."""
    same = str(value["value"]) == said.value or (said.field not in words.MASKED and taken.text == said.value)
    return value.get("kind") == CORRECTIONS and same


def _value(code: str, each: dict[str, Any]) -> Value:
    kind = words.kind_of_list(each.get("kind") or "")
    where = words.row(each.get("file") or "", each.get("sheet") or "", each.get("row"))
    department = each.get("department") or ""
    return Value(
        words.masked(code, str(each["value"])),
        " · ".join(filter(None, (words.department(department), kind, where))),
        department,
        str(each.get("period") or ""),
    )


def same(key: int) -> list[SameLink]:
    """Records of other counties that two offices said are this person. Two queries."""
    pairs = list(SamePerson.objects.filter(Q(first=key) | Q(second=key)))
    standing = holding(pairs)
    return [
        SameLink(pair, other, words.region(str(other)[:6]))
        for pair in pairs
        if pair.pk in standing
        for other in [pair.second if pair.first == key else pair.first]
    ]


def holding(pairs: Iterable[SamePerson]) -> set[int]:
    """Of these pairs those that hold: two different people said `same`, each county covered, nobody says different."""
    by_pair: dict[int, list[SameVoice]] = {}
    wanted = [pair.pk for pair in pairs]
    for voice in SameVoice.objects.filter(pair__in=wanted, undone_at=None) if wanted else ():
        by_pair.setdefault(voice.pair_id, []).append(voice)
    return {pk for pk, voices in by_pair.items() if settled(voices) == SameVoice.Said.SAME}


def pairs(agreed: bool) -> QuerySet:
    """Pairs across counties that two people agree on, one for each county; or those they do not agree on (yet)."""
    stands = Q(voices__undone_at=None)
    counted = SamePerson.objects.annotate(
        opinions=Count("voices__said", filter=stands, distinct=True),
        speakers=Count("voices__by", filter=stands, distinct=True),
        offices=Count("voices__place", filter=stands, distinct=True),
    )
    holds = Q(opinions=1, speakers__gte=2, offices__gte=2)
    return counted.filter(holds) if agreed else counted.exclude(holds)


def settled(voices: Sequence[SameVoice]) -> str:
    """What two people agree on, one for each county; '' where they do not (yet)."""
    opinions = {voice.said for voice in voices}
    people, counties = {voice.by_id for voice in voices}, {voice.place for voice in voices}
    if len(opinions) == 1 and len(people) >= 2 and len(counties) >= 2:
        return str(opinions.pop())
    return ""


@dataclass
class Household:
    """People whom lists put into one household. `members`: (person, what they are to the head, lists that say so)."""

    key: str
    members: list[HouseholdMember] = field(default_factory=list)


@dataclass(frozen=True)
class HouseholdMember:
    person: Person
    role: str
    sources: tuple[str, ...]
    current: bool


_SOURCES = {
    "register": gettext_lazy("户籍"),
    "survey": gettext_lazy("走访"),
    "allowance": gettext_lazy("低保"),
    "poverty": gettext_lazy("脱贫"),
    "declaration": gettext_lazy("零就业申报"),
}


def household(person: Person) -> list[Household]:
    """The households of a person with all members in reach, current ones first. Two queries."""
    own = set(Member.objects.filter(person=person).values_list("county", "merged")[:20])
    if not own:
        return []
    where = Q()
    for county, merged in own:
        where |= Q(county=county, merged=merged)
    members = masked(Member.objects.select_related("person"), "person__")
    rows = members.filter(where).order_by("merged", "role", "person_id")[:400]
    homes: dict[str, dict[int, list[Member]]] = {}
    for row in rows:
        if row.person is not None:
            homes.setdefault(row.merged, {}).setdefault(row.person_id, []).append(row)
    return [
        Household(
            key,
            [
                HouseholdMember(
                    said[0].person,
                    next((words.role(m.role) for m in said if m.role), ""),
                    tuple(dict.fromkeys(str(_SOURCES.get(m.source, m.source)) for m in said)),
                    any(m.current for m in said),
                )
                for said in members.values()
            ],
        )
        for key, members in homes.items()
    ]


@dataclass(frozen=True)
class Department:
    """A department's rows about a person."""

    name: str
    claims: tuple[Claim, ...]


def claims(person: Person) -> list[Department]:
    """Rows of lists that are this person, by department; at most CLAIMS_SHOWN. One query."""
    rows = Claim.objects.filter(person=person).order_by("department", "kind", "file", "sheet", "row")
    by_department: dict[str, list[Claim]] = {}
    for row in rows[:CLAIMS_SHOWN]:
        by_department.setdefault(row.department, []).append(row)
    return [Department(name, tuple(found)) for name, found in by_department.items()]


def findings(person: Person) -> list[Finding]:
    """What lists held against each other show about this person. One query."""
    return list(Finding.objects.filter(person=person).order_by("kind", "pk")[:100])


def doubts(person: Person) -> list[Doubt]:
    """Rows of which it is doubtful whether they are this person, undecided ones. One query."""
    return list(undecided(Doubt.objects.filter(person=person)).order_by("-score", "pk")[:100])


def undecided(doubts: Any) -> Any:
    """Of these doubts those about which nobody decided: the row is nobody's yet and not forbidden to this person."""
    decided = Decision.objects.filter(
        county=OuterRef("county"), fingerprint=OuterRef("fingerprint"), undone_at=None
    )
    return doubts.filter(
        ~Exists(decided.filter(action=Decision.Action.CONFIRM)),
        ~Exists(decided.filter(action=Decision.Action.FORBID, person=OuterRef("person"))),
    )
