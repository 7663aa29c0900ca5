"""Correct a field of a person, and see a masked number in full."""

from __future__ import annotations

import re
from dataclasses import replace

import polars as pl
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from chunfeng.apps.audit.record import record
from chunfeng.apps.places.numbers import reach
from chunfeng.apps.places.scope import current, use
from chunfeng.apps.registry import corrected, merged, selectors, words
from chunfeng.apps.registry.models import Correction, Person, minted_number
from chunfeng.apps.registry.services.after import ask_for_run
from chunfeng.apps.registry.services.decisions import Refused, Stale
from chunfeng.apps.vault.fields import blind_index
from chunfeng.engines.identity import citizen_ids, dates, names, phones
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
    if field == "id18":
        _refuse_what_is_anothers(person, kept)
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


def _refuse_what_is_anothers(person: Person, number: str) -> None:
    """Who has the number already is the same person, or one of the two is wrong: that is for people to settle.

    Looked for in the county as a whole, whoever asks; that there is one tells of nobody.
    """
    with use(replace(current(), persons=reach(person.county))):
        index = blind_index("id18", number)
        taken = Person.objects.filter(county=person.county, id18_index=index).exclude(pk=person.pk).exists()
        said = Correction.objects.filter(county=person.county, field="id18", undone_at=None)
        waiting = said.filter(person__id18_index=None).exclude(person=person)
        taken = taken or any(each.value == number for each in waiting)
    if taken:
        raise Refused(
            _(
                "本县已有人用这个证号：按证号查出那条记录，是同一人的，在“拆分与合并”里合并；不是的，请核对证件。"
            )
        )


def _read(field: str, text: str) -> str:
    """The value as a run will read it. Refused where it is none of that field."""
    text = text.strip()
    if field in words.TABLES:
        code = codes.lookup(words.TABLES[field], text)
        if code is None:
            raise Refused(_("认不出“%(text)s”，请从列表里选。") % {"text": text})
        return codes.name_of(words.TABLES[field], code) or text
    if field == "id18":
        number = citizen_ids.read(text)
        if number is None or number.id18 is None:
            raise Refused(_("证号不对：要 18 位，日期和校验码都相符。请对着证件再核一遍。"))
        return number.id18
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
