"""Correct a field of a person, and see a masked number in full."""

from __future__ import annotations

import re

import polars as pl
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from chunfeng.apps.audit.record import record
from chunfeng.apps.places.scope import current
from chunfeng.apps.registry import corrected, merged, selectors, words
from chunfeng.apps.registry.models import Correction, Person, minted_number
from chunfeng.apps.registry.services.after import ask_for_run
from chunfeng.apps.registry.services.decisions import Refused, Stale
from chunfeng.engines.identity import dates, names, phones
from chunfeng.reference import codes


def correct(person: Person, field: str, value: str, evidence: str, reason: str) -> Correction:
    """Say what a field really is. It is shown at once as pending; the next run takes it before every list's word."""
    if not current().reach.holds(person.place):
        raise Refused(_("此人由别处负责，只能由负责的单位更正。"))
    if person.gone is not None:
        to = merged.heir(person.pk)
        raise Refused(
            _("此人已并入 %(number)s，请在那条记录上更正。") % {"number": minted_number(to)}
            if to is not None
            else _("此人已不在任何名单上，更正不会生效。")
        )
    if field not in corrected.correctable(bool(person.id18)):
        raise Refused(_("这一项由有效证号决定，不能单独更正。"))
    kept = _read(field, value)
    record_now = selectors.person(person)
    taken = next((f.taken for f in record_now.fields if f.code == field), None) if record_now else None
    if taken is not None and taken.text == words.masked(field, kept):
        raise Refused(_("与现在的值相同，无需更正。"))
    try:
        with transaction.atomic():
            made = Correction.objects.create(
                person=person, county=person.county, place=person.place, hukou_place=person.hukou_place,
                stay_place=person.stay_place, field=field, value=kept, before=taken.text if taken else None,
                evidence=evidence, reason=reason, by_id=current().actor, run=ask_for_run(person.county),
            )  # fmt: skip
    except IntegrityError as error:
        theirs = Correction.objects.filter(person=person, field=field, undone_at=None).select_related("by")
        raise Stale(list(theirs)) from error
    details = {"field": field, "run": made.run}
    record("correct", kind="correction", key=made.pk, person=str(person.pk), reason=reason, details=details)
    return made


def undo(correction: int, reason: str) -> Correction:
    """Take a correction back; the next run gives what the lists say."""
    found = (
        Correction.objects.mine()
        .select_for_update(of=("self",))
        .filter(pk=correction, undone_at=None)
        .first()
    )
    if found is None:
        raise Refused(_("这条更正已经撤销，或不在您的范围内。"))
    found.undone_at, found.undone_by_id, found.undone_reason = timezone.now(), current().actor, reason
    found.run = ask_for_run(found.county)
    found.save()
    record("undo", kind="correction", key=found.pk, person=str(found.person_id), reason=reason)
    return found


def _read(field: str, text: str) -> str:
    """The value as a run will read it. Refused where it is none of that field."""
    text = text.strip()
    if field in words.TABLES:
        code = codes.lookup(words.TABLES[field], text)
        if code is None:
            raise Refused(_("认不出“%(text)s”，请从列表里选。") % {"text": text})
        return codes.name_of(words.TABLES[field], code) or text
    if field == "birth":
        read = dates.read(text).date
        if read is None:
            raise Refused(_("出生日期请写成 1985-03-02 这样。"))
        return read.isoformat()
    if field == "phone":
        phone = phones.read(text)
        if not (phone.phone or phone.landline):
            raise Refused(_("电话不对：手机 11 位，座机带区号。"))
        return str(phone.phone or phone.landline)
    if field == "name" and names.read_column(pl.Series([text]), ("kind",))["kind"][0] != "ok":
        raise Refused(_("这不像一个完整的姓名。"))
    if re.match(r"[=+@\t\r-]", text):
        raise Refused(_("不能以 =、+、-、@ 开头。"))
    return text
