"""Decide which person a row is, split, merge, and take it back."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import IntegrityError, connection, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from chunfeng.apps.audit.record import record
from chunfeng.apps.places.scope import current
from chunfeng.apps.registry.models import (
    SPLIT_FROM,
    Claim,
    Decision,
    Doubt,
    Person,
    county_keys,
    minted_number,
    person_key,
)
from chunfeng.apps.registry.services import rows
from chunfeng.apps.registry.services.after import ask_for_run, county_scope
from chunfeng.engines.linkage.decisions import CORRECTIONS

MOST_ROWS = 1_000
"""Of a record that is merged into another."""


class Refused(ValueError):
    """What was asked for cannot be; the message tells the reader why and what to do."""


class Stale(Exception):
    """Somebody else decided meanwhile. `decisions`: theirs."""

    def __init__(self, decisions: Sequence[Decision]) -> None:
        super().__init__("decided meanwhile")
        self.decisions = list(decisions)


@dataclass(frozen=True)
class Row:
    """What a decision says of the row it is about."""

    county: str
    place: int
    fingerprint: str
    file: str
    sheet: str
    row: int
    name: str = ""

    @classmethod
    def of(cls, doubt: Doubt) -> Row:
        return cls(
            doubt.county, doubt.place, doubt.fingerprint, doubt.file, doubt.sheet, doubt.row, doubt.name
        )


Line = tuple[Row, str, int]
"""Row, action, person."""


def settle(doubts: Sequence[Doubt], answers: dict[str, int | None], reason: str, seen: int) -> uuid.UUID:
    """Decide rows of a group at one stroke. `answers`: fingerprint → the person it is, None: none of those near.

    `seen`: the latest decision the page knew of. Stale when another clerk decided one of these rows since; nothing is
    changed then. Returns the deed, by which all of it can be undone.
    """
    by_row: dict[str, list[Doubt]] = {}
    for doubt in doubts:
        by_row.setdefault(doubt.fingerprint, []).append(doubt)
    _fresh(doubts[0].county, answers, seen)
    lines: list[Line] = []
    for fingerprint, person in answers.items():
        near = by_row.get(fingerprint)
        if not near:
            raise Refused(_("这一行已不在待判定之列，请刷新页面。"))
        if person is not None and person not in {d.person_id for d in near}:
            raise Refused(_("所选的人不在这一行的候选之中，请刷新页面。"))
        row = Row.of(near[0])
        if person is not None:
            lines.append((row, Decision.Action.CONFIRM, person))
        else:
            lines += [(row, Decision.Action.FORBID, d.person_id) for d in near if d.person_id]
    return _write(lines, Decision.Deed.REVIEW, reason)


def split(person: Person, claims: Sequence[Claim], reason: str) -> tuple[uuid.UUID, int]:
    """Make rows of a person another person of their own. Returns the deed and the new person's key."""
    _of_lists(claims, _("请勾选要拆分出去的行。"))
    ticked = {claim.pk for claim in claims}
    rest = Claim.objects.filter(person=person).exclude(kind=CORRECTIONS).exclude(pk__in=ticked)[:MOST_ROWS]
    own = [*claims, *rest]
    marked = dict(zip((claim.pk for claim in own), _rows(person.county, own), strict=True))
    chosen = [marked[claim.pk] for claim in claims]
    # rows that say the same go together: of them, too, something must stay
    if {row.fingerprint for row in chosen} == {row.fingerprint for row in marked.values()}:
        raise Refused(_("不能把所有行都拆分出去：那还是同一个人。"))
    new = _next_split(person.county)
    lines: list[Line] = []
    for row in chosen:
        lines += [(row, Decision.Action.FORBID, person.pk), (row, Decision.Action.CONFIRM, new)]
    return _write(lines, Decision.Deed.SPLIT, reason, taken_from=person), new


def give(person: Person, claims: Sequence[Claim], other: Person, reason: str) -> uuid.UUID:
    """Give rows of a person to another person of the county."""
    _of_lists(claims, _("请勾选要改归的行。"))
    _same_county(person, other)
    lines: list[Line] = []
    for row in _rows(person.county, claims):
        lines += [(row, Decision.Action.FORBID, person.pk), (row, Decision.Action.CONFIRM, other.pk)]
    return _write(lines, Decision.Deed.SPLIT, reason, taken_from=person)


def merge(keep: Person, other: Person, reason: str) -> uuid.UUID:
    """Make two records of one county one: all rows of `other` become rows of `keep`, and so does what staff corrected of it."""
    _same_county(keep, other)
    if other.id18_index is not None and keep.id18_index is None:
        raise Refused(_("%(other)s 有有效证号，请在那条记录上合并，把这条并过去。") % {"other": other.number})
    if other.id18_index is not None:
        raise Refused(_("两人各有不同的有效证号，不能合并：请公安核实是否一人两号。"))
    if keep.gone is not None:
        raise Refused(_("本条已不在任何名单上，请在另一条上合并。"))
    claims = list(Claim.objects.mine().filter(person=other).exclude(kind=CORRECTIONS)[: MOST_ROWS + 1])
    if len(claims) > MOST_ROWS:
        raise Refused(_("那条记录有 %(n)d 行以上，不像一个人：请先拆分。") % {"n": MOST_ROWS})
    lines: list[Line] = [(row, Decision.Action.CONFIRM, keep.pk) for row in _rows(keep.county, claims)]
    if not lines:
        raise Refused(_("那条记录已经没有名单行，无需合并。"))
    return _write(lines, Decision.Deed.MERGE, reason, taken_from=other)


def undo(deed: uuid.UUID, reason: str) -> list[Decision]:
    """Take back all that was decided at one stroke; the next run gives what it would have given without it."""
    standing = list(Decision.objects.mine().select_for_update().filter(deed=deed, undone_at=None))
    if not standing:
        raise Stale(Decision.objects.filter(deed=deed).select_related("by", "undone_by"))
    run = ask_for_run(standing[0].county)
    Decision.objects.filter(pk__in=[d.pk for d in standing]).update(
        undone_at=timezone.now(), undone_by=current().actor, undone_reason=reason, run=run
    )
    _hold_again(standing)
    record("undo", kind="decision", key=deed, reason=reason, details={"lines": len(standing), "run": run})
    return standing


def _hold_again(undone: Sequence[Decision]) -> None:
    """What the undone lines had replaced holds again, or is replaced by what had replaced them."""
    deed, county = undone[0].deed, undone[0].county
    replaced = Decision.objects.filter(county=county, replaced_by=deed)
    later: dict[uuid.UUID, list[str]] = {}
    for line in undone:
        if line.replaced_by is not None:
            later.setdefault(line.replaced_by, []).append(line.fingerprint)
    for other, marks in later.items():
        replaced.filter(fingerprint__in=marks).update(replaced_by=other)
    replaced.update(replaced_by=None)


def _of_lists(claims: Sequence[Claim], none: str) -> None:
    """Refused, with the words `none`, without any row, and where a row is a correction by staff: that is taken back instead."""
    if not claims:
        raise Refused(none)
    if any(claim.kind == CORRECTIONS for claim in claims):
        raise Refused(_("更正登记不能拆分：请撤销更正，再到另一人的页面更正。"))


def _same_county(one: Person, other: Person) -> None:
    if one.pk == other.pk:
        raise Refused(_("这就是同一条记录。"))
    if one.county != other.county:
        raise Refused(_("两人登记在不同的县：跨县须两县各自确认，请走“跨县同一人”。"))


def _rows(county: str, claims: Sequence[Claim]) -> list[Row]:
    try:
        marks = rows.marks(county, claims)
    except rows.NoFiles as error:
        raise Refused(_("上次运行的结果已不在，请先运行一次比对再试。")) from error
    missing = [c for c in claims if c.pk not in marks]
    if missing:
        raise Refused(_("有 %(count)d 行已不在名单里，请刷新页面。") % {"count": len(missing)})
    return [Row(county, c.place, marks[c.pk], c.file, c.sheet, c.row) for c in claims]


def _fresh(county: str, fingerprints: Iterable[str], seen: int) -> None:
    """Stale if anybody decided one of these rows after the page was made, or it is somebody's already."""
    mine = current().actor
    later = Decision.objects.filter(county=county, fingerprint__in=list(fingerprints)).select_related("by")
    theirs = [d for d in later.filter(pk__gt=seen) if d.by_id != mine]
    taken = list(later.filter(undone_at=None, action=Decision.Action.CONFIRM))
    if theirs or taken:
        raise Stale(theirs or taken)


def _next_split(county: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('registry.split'), %s)", [int(county)])
    first = person_key(county, str(SPLIT_FROM))
    with county_scope(
        county
    ):  # a town does not see what the next one split, and the number must be new in the county
        inside = Decision.objects.filter(
            county=county, person__gte=first, person__lt=county_keys(county).stop
        )
        return int(inside.aggregate(last=Max("person"))["last"] or first) + 1


def _write(lines: Sequence[Line], kind: str, reason: str, taken_from: Person | None = None) -> uuid.UUID:
    """`taken_from`: whose rows they are; what said that they are this person's is replaced. Stale where another decision stands."""
    deed = uuid.uuid4()
    actor = current().actor
    once = {(row.fingerprint, person): (row, action, person) for row, action, person in lines}
    county = lines[0][0].county
    run = ask_for_run(county)
    absorbed = taken_from.pk if taken_from is not None and kind == Decision.Deed.MERGE else None
    marks = {row.fingerprint for row, _action, _person in once.values()}
    standing = Decision.objects.filter(county=county, fingerprint__in=marks, undone_at=None, replaced_by=None)
    try:
        with transaction.atomic():
            if taken_from is not None:
                said = standing.filter(action=Decision.Action.CONFIRM, person=taken_from.pk)
                said.update(replaced_by=deed)
            Decision.objects.bulk_create(
                Decision(
                    **row.__dict__, action=action, person=person, kind=kind, deed=deed, by_id=actor, reason=reason, run=run,
                    absorbed=absorbed,
                )
                for row, action, person in once.values()
            )  # fmt: skip
    except IntegrityError as error:
        raise Stale(standing.select_related("by")) from error
    persons = sorted({minted_number(person) for _row, _action, person in once.values()})
    record(
        "decide",
        kind="decision",
        key=deed,
        person=str(next(iter(once.values()))[2]) if len(persons) == 1 else "",
        reason=reason,
        details={"kind": kind, "lines": len(once), "persons": persons[:20], "run": run},
    )
    return deed
