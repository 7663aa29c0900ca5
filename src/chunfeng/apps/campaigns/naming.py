"""What the deeds of this room are called in the audit."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from chunfeng.apps.audit import actions

_ACTIONS = {"change": _("修改设置")}
_KINDS = {
    "campaign": _("活动"),
    "campaign.targets": _("活动的指标目标"),
    "campaign.targetgroup": _("活动的服务对象"),
    "campaign.activity": _("活动内容"),
    "campaign.partner": _("活动的成员单位"),
    "campaign.owedlist": _("活动的应报名单"),
    "campaign.indicator": _("活动的指标"),
}


def register() -> None:
    """Tell the audit."""
    actions.register(_ACTIONS, _KINDS)
