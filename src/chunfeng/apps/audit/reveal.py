"""See a masked value in full: with a reason, so many times a day, and in the audit."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext as _

from chunfeng.apps.audit.models import Event
from chunfeng.apps.audit.record import record
from chunfeng.apps.gate import limits
from chunfeng.apps.places.scope import current

REASON_LENGTH = 4


class Refused(ValueError):
    """The value is not shown; the message tells the reader why."""


def reveal(kind: str, key: object, person: object, field: str, reason: str) -> Event:
    """Record that somebody sees `field` of a person in full. Refused without a proper reason, or too often in a day.

    `kind` and `key`: what the value stands on, such as ("person", 350825000000042). Read the value after this returned,
    in the same transaction.
    """
    reason = " ".join(reason.split())
    if len(reason) < REASON_LENGTH:
        raise Refused(_("请写明查看的理由，至少 %(count)d 个字。") % {"count": REASON_LENGTH})
    limit = settings.REVEALS_PER_DAY
    if not limits.hit("reveal", current().actor, limit, 86_400):
        raise Refused(
            _("今天查看完整号码已满 %(count)d 次。确有需要，请向本级管理员申请导出。") % {"count": limit}
        )
    return record(
        "reveal", kind=kind, key=key, person=str(person), reason=reason[:300], details={"field": field}
    )
