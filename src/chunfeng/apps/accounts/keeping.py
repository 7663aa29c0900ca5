"""How long the records of this room, and those of signing in, are kept."""

from __future__ import annotations

from datetime import datetime

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from chunfeng.apps.accounts.models import OutboxMessage, SignInCode, UserImport
from chunfeng.apps.audit.models import Change, Event, ExportRequest
from chunfeng.apps.audit.retention import Kept, keep
from chunfeng.apps.gate.models import Counter

_LOG_LAW = "网络安全法第二十一条：日志不少于六个月"


def register() -> None:
    """Name them."""

    def before(queryset: QuerySet, field: str):  # type: ignore[no-untyped-def, type-arg]
        return lambda moment: queryset.filter(**{f"{field}__lt": moment})

    for kept in (
        Kept(_("登录会话"), 0, before(Session.objects.all(), "expire_date"), "expire_date", "过期即无用"),
        Kept(_("短信验证码"), 1, before(SignInCode.objects.all(), "expires_at"), "expires_at", "五分钟有效"),
        Kept(_("待发短信"), 30, before(OutboxMessage.objects.all(), "sent_at"), "sent_at", "演示环境"),
        Kept(_("次数限制"), 1, before(Counter.objects.all(), "ends"), "ends", "窗口已过"),
        Kept(_("批量建用户"), 30, before(UserImport.objects.all(), "at"), "at", "账号已建立"),
        Kept(
            _("登录失败计数"),
            180,
            before(AccessAttempt.objects.all(), "attempt_time"),
            "attempt_time",
            _LOG_LAW,
        ),
        Kept(_("登录记录"), 180, before(AccessLog.objects.all(), "attempt_time"), "attempt_time", _LOG_LAW),
        Kept(
            _("登录失败记录"),
            180,
            before(AccessFailureLog.objects.all(), "attempt_time"),
            "attempt_time",
            _LOG_LAW,
        ),
        Kept(_("导出申请"), 1_095, _old_exports, "asked_at", "随审计记录保存三年"),
        Kept(_("审计记录"), 1_095, _old_events, "at", f"{_LOG_LAW}；本平台三年", by_owner=True),
        Kept(_("字段变动"), 1_095, _old_changes, "at", "随审计记录保存三年", by_owner=True),
    ):
        keep(kept)


def _old_exports(moment: datetime) -> QuerySet[ExportRequest]:
    return ExportRequest.objects.filter(asked_at__lt=moment, stored="")


def _old_events(moment: datetime) -> QuerySet[Event]:
    return Event.objects.filter(at__lt=moment)


def _old_changes(moment: datetime) -> QuerySet[Change]:
    return Change.objects.filter(at__lt=moment)
