"""What one may do: the list of capabilities. Which role has which is data (`Role.capabilities`)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Capability(models.TextChoices):
    """A right to do one kind of thing, within the places of the hat."""

    OVERVIEW = "overview", _("看概览和地图")
    REGISTRY_READ = "registry.read", _("查人员、看一人一档")
    REGISTRY_REVEAL = "registry.reveal", _("查看完整证号和电话（须写理由）")
    REGISTRY_REVIEW = "registry.review", _("判定疑似同一人")
    REGISTRY_APPROVE = "registry.approve", _("复核跨县合并")
    REGISTRY_CORRECT = "registry.correct", _("更正人员信息")
    INTAKE_READ = "intake.read", _("看报送的名单和进度")
    INTAKE_SEND = "intake.send", _("报送名单")
    INTAKE_ACCEPT = "intake.accept", _("接收名单、运行比对")
    CAMPAIGN_MANAGE = "campaign.manage", _("设置活动")
    EXPORT = "export", _("申请导出")
    EXPORT_APPROVE = "export.approve", _("批准导出")
    ACCOUNTS_MANAGE = "accounts.manage", _("管理本地区用户")
    AUDIT_READ = "audit.read", _("查审计记录")
    SELF = "self", _("看本人的信息")
    OWN_EMPLOYER = "employer.self", _("看本单位的信息")
