"""A list is accepted, held, released, sent back, taken back: what the county's next run reads follows from this alone."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from chunfeng.apps.audit.record import record
from chunfeng.apps.gate.capabilities import Capability
from chunfeng.apps.intake.asking import ask_for_reading, ask_for_run, hold_county
from chunfeng.apps.intake.kinds import kinds_of
from chunfeng.apps.intake.models import Delivery, Extract, ExtractIssue, SentFile
from chunfeng.apps.intake.progress import refresh
from chunfeng.apps.intake.tables import typed
from chunfeng.apps.intake.versions import earlier_versions, missing_parts, next_number, reasons
from chunfeng.apps.places.scope import current

SHORTEST_REASON = 4


def accept(extract: Extract, *, partly: bool = False) -> Extract:
    """Take a list into the next run; `partly`: without the rows that have errors. With the brake on, it is held instead."""
    extract = _locked(extract)
    if extract.state != Extract.State.READ:
        raise ValidationError(_("「%(state)s」的名单不能接收。") % {"state": extract.get_state_display()})
    if extract.stale:
        raise ValidationError(_("刚改过的内容还在重新核对，请稍候再接收。"))
    kind = kinds_of(extract.county).get(extract.kind)
    if kind is not None and kind.own:
        raise ValidationError(_("这种名单由登记库自己写，不能报送；要更正，请在人员页面更正。"))
    extract.left_out = _rows_with_errors(extract) if partly else []
    if any(e.decided_at and e.decided_at > extract.delivery.at for e in earlier_versions(extract)):
        extract.brakes = reasons(extract, kind, typed(extract))  # there was no such version when it was read
    extract.brakes = extract.brakes + missing_parts(extract, kind)
    if extract.brakes:
        extract.state, extract.held_by = Extract.State.HELD, current().actor
        extract.held_for = current().on_behalf_of
        extract.save(update_fields=["state", "held_by", "held_for", "left_out", "brakes"])
        record(
            "hold", kind="extract", key=extract.pk, details={"brakes": [b["code"] for b in extract.brakes]}
        )
        refresh(extract.delivery_id)
        return extract
    return _take_in(extract)


def release(extract: Extract, reason: str) -> Extract:
    """Take in a list that is held: by somebody else than who wanted it taken in or sent it, with a reason; nor does who
    stands in for them, or lent them the hat."""
    extract = _locked(extract)
    if extract.state != Extract.State.HELD:
        raise ValidationError(_("这份名单没有暂停，不需要复核。"))
    if extract.stale:
        raise ValidationError(_("刚改过的内容还在重新核对，请稍候再复核。"))
    sender = Delivery.objects.get(pk=extract.delivery_id).sender
    if current().behind & {extract.held_by, extract.held_for, sender}:
        raise PermissionDenied(_("报送人和提出接收的人不能自己复核，请换一位有接收权限的同事。"))
    extract.reason = _reasoned(reason)
    if extract.left_out:  # rows put right since are taken in, rows that went wrong since are not
        extract.left_out = _rows_with_errors(extract)
    return _take_in(extract)


def _take_in(extract: Extract) -> Extract:
    """Number the version, put it in the place of the ones before, ask for a run."""
    replaced = earlier_versions(extract)
    extract.version = next_number(extract)
    extract.state = Extract.State.PARTLY if extract.left_out else Extract.State.ACCEPTED
    _decided(extract)
    extract.save()
    Extract.objects.filter(pk__in=[e.pk for e in replaced]).update(
        state=Extract.State.SUPERSEDED, superseded_by=extract
    )
    record(
        "accept",
        kind="extract",
        key=extract.pk,
        reason=extract.reason,
        details={
            "rows": extract.records,
            "left_out": len(extract.left_out),
            "replaces": [e.pk for e in replaced],
        },
    )
    refresh(extract.delivery_id)
    ask_for_run(extract.county)
    return extract


def reject(extract: Extract, message: str) -> Extract:
    """Send a list back: it takes no part; `message` tells the sender what to do."""
    extract = _locked(extract)
    if not extract.open:
        raise ValidationError(_("「%(state)s」的名单不能退回。") % {"state": extract.get_state_display()})
    extract.state, extract.message = Extract.State.REJECTED, _reasoned(message)
    _decided(extract)
    extract.save()
    record("reject", kind="extract", key=extract.pk, reason=extract.message)
    refresh(extract.delivery_id)
    return extract


def undo(extract: Extract, reason: str) -> Extract:
    """Take an accepted list back: the next run is as if it had never come, and the version before it holds again."""
    reason = _reasoned(reason)  # before anything is changed
    extract = _locked(extract)
    if extract.state not in (*Extract.ACTIVE, Extract.State.SUPERSEDED):
        raise ValidationError(_("只有接收过的名单才能撤回。"))
    was_active = extract.active
    heirs = list(Extract.objects.select_for_update().filter(superseded_by=extract.pk))
    after = extract.superseded_by if not was_active else _another_of_delivery(extract)
    for heir in heirs:
        heir.superseded_by = after
        if after is None:
            heir.state = Extract.State.PARTLY if heir.left_out else Extract.State.ACCEPTED
        heir.save(update_fields=["superseded_by", "state"])
    extract.state, extract.superseded_by, extract.message = Extract.State.UNDONE, None, reason
    _decided(extract)
    extract.save()
    restored = [heir.pk for heir in heirs if after is None]
    record("undo", kind="extract", key=extract.pk, reason=extract.message, details={"restored": restored})
    refresh(extract.delivery_id)
    if was_active:
        ask_for_run(extract.county)
    return extract


def reopen(extract: Extract) -> Extract:
    """A list that was sent back or taken back may be looked at once more.

    It is read anew: cells may have been put right, and other versions accepted, since it was last looked at.
    """
    extract = _locked(extract)
    if extract.state not in (Extract.State.REJECTED, Extract.State.UNDONE):
        raise ValidationError(_("只有退回或撤回的名单可以重新打开。"))
    extract.state = Extract.State.READ if extract.kind else Extract.State.NEEDS_MAPPING
    extract.left_out, extract.message, extract.reason = [], "", ""
    extract.held_by = extract.held_for = None
    extract.stale = True
    extract.save()
    record("reopen", kind="extract", key=extract.pk)
    ask_for_reading(SentFile.objects.select_for_update().get(pk=extract.file_id))
    refresh(extract.delivery_id)
    return extract


def choose_replacing(extract: Extract, replaces: bool) -> Extract:
    """Say whether a list takes the place of its last version or stands beside it."""
    extract = _locked(extract)
    if not extract.open:
        raise ValidationError(_("「%(state)s」的名单不能再改。") % {"state": extract.get_state_display()})
    extract.replaces = replaces
    if extract.state in (Extract.State.READ, Extract.State.HELD) and not extract.stale:
        kind = kinds_of(extract.county).get(extract.kind)
        extract.brakes = reasons(extract, kind, typed(extract))
    extract.save(update_fields=["replaces", "brakes"])
    record("settle", kind="extract", key=extract.pk, details={"replaces": replaces})
    return extract


def accept_all(delivery: Delivery, *, partly: bool = False) -> tuple[list[Extract], list[Extract]]:
    """Accept whatever of a delivery is ready; what is not stays as it is.

    Returns what was accepted or held, and what was passed over because somebody else changed or decided it meanwhile.
    """
    done: list[Extract] = []
    passed: list[Extract] = []
    for extract in delivery.extracts.filter(state=Extract.State.READ, stale=False).order_by("pk"):
        try:
            with transaction.atomic():
                done.append(accept(extract, partly=partly))
        except ValidationError:
            passed.append(extract)
    return done, passed


# --- parts -----------------------------------------------------------------------------------------------------------


def _locked(extract: Extract) -> Extract:
    scope = current()
    if scope.actor is not None and Capability.INTAKE_ACCEPT not in scope.capabilities:
        raise PermissionDenied
    hold_county(extract.county)
    return Extract.objects.select_for_update().get(pk=extract.pk)


def _decided(extract: Extract) -> None:
    extract.decided_by, extract.decided_at = current().actor, timezone.now()


def _reasoned(text: str) -> str:
    text = text.strip()
    if len(text) < SHORTEST_REASON:
        raise ValidationError(_("请写明理由，至少 %(n)s 个字。") % {"n": SHORTEST_REASON})
    return text[:300]


def _rows_with_errors(extract: Extract) -> list[int]:
    wrong = ExtractIssue.objects.filter(extract=extract, rank=0, row__gt=extract.header_last)
    return sorted(wrong.values_list("row", flat=True).distinct())


def _another_of_delivery(extract: Extract) -> Extract | None:
    """Another accepted part of the same version: it keeps the place of the versions before."""
    same = Extract.objects.filter(
        delivery=extract.delivery_id, series=extract.series, state__in=Extract.ACTIVE
    )
    return same.exclude(pk=extract.pk).filter(replaces=True).first()
