"""Keep a group on one's table, and ask those who know the people."""

from __future__ import annotations

from datetime import timedelta

from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from chunfeng.apps.audit.record import record
from chunfeng.apps.places.numbers import place_number
from chunfeng.apps.places.scope import current
from chunfeng.apps.registry import review
from chunfeng.apps.registry.models import Doubt, GroupHold, Inquiry
from chunfeng.apps.registry.services.decisions import Refused

HELD = timedelta(minutes=10)

_TAKE = """
    INSERT INTO registry_grouphold (place, county, "group", by_id, until)
    VALUES (%(place)s, %(county)s, %(group)s, %(by)s, %(until)s)
    ON CONFLICT (county, "group") DO UPDATE SET by_id = excluded.by_id, until = excluded.until, place = excluded.place
    WHERE registry_grouphold.by_id = excluded.by_id OR registry_grouphold.until < %(now)s
"""


def hold(county: str, group: str, at: int) -> bool:
    """Take a group onto one's table for ten minutes; False when somebody else has it. One statement decides."""
    now = timezone.now()
    place = at if current().reach.holds(at) else place_number(county)
    given = {
        "place": place, "county": county, "group": group, "by": current().actor, "now": now, "until": now + HELD,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, given)
        return bool(cursor.rowcount)


def release(county: str, group: str) -> None:
    """Put a group back before the ten minutes are over."""
    GroupHold.objects.mine().filter(county=county, group=group, by=current().actor).delete()


def take_next(after: int = 0) -> int | None:
    """The first doubt of the next group nobody has on the table, which is then on one's own; None when there is none.

    Rows that another clerk is just taking are passed over, not waited for.
    """
    for found in review.groups(after):
        if not found.held_by and _free(found.county, found.name) and hold(found.county, found.name, found.at):
            return found.first
    return None


def _free(county: str, group: str) -> bool:
    """Whether no other transaction is taking it this very moment."""
    held = GroupHold.objects.mine().filter(county=county, group=group)
    return not held.exists() or held.select_for_update(skip_locked=True, of=("self",)).first() is not None


def ask_village(doubt: Doubt, at: int, question: str) -> Inquiry:
    """Put a question about a row to the village or town it is said to be of."""
    if not current().reach.holds(at):
        at = doubt.place
    try:
        with transaction.atomic():  # the database says that a row is asked about once, whoever asks
            made = Inquiry.objects.create(
                place=at, county=doubt.county, group=doubt.group, fingerprint=doubt.fingerprint, name=doubt.name,
                question=question, by_id=current().actor,
            )  # fmt: skip
    except IntegrityError as error:
        raise Refused(_("这一行已经请村里核实，还没有回话。")) from error
    record("ask_village", kind="inquiry", key=made.pk, details={"doubt": doubt.pk})
    return made


def answer(inquiry: int, text: str) -> Inquiry:
    """Answer a question; Refused when it was answered meanwhile."""
    found = Inquiry.objects.mine().select_for_update(of=("self",)).filter(pk=inquiry).first()
    if found is None:
        raise Refused(_("没有这个问题，或不在您的范围内。"))
    if found.answered_at is not None:
        raise Refused(_("%(who)s 已经回话：%(answer)s") % {"who": found.answered_by, "answer": found.answer})
    found.answer, found.answered_by_id, found.answered_at = text, current().actor, timezone.now()
    found.save()
    record("answer", kind="inquiry", key=found.pk)
    return found
