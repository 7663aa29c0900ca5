"""Events as they happened, the seals put on them in batches, the history of fields, and exports asked for."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField, BigIntegerRangeField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from chunfeng.apps.places.scope import PERSONS, STAFF
from chunfeng.apps.places.scoped import PlacedModel


class Event(models.Model):
    """One thing somebody did. Rows are added in the transaction that does it, and never changed (the web role cannot).

    Nothing personal stands in `details`: field names and digests, not values.
    """

    at = models.DateTimeField(_("时间"))
    actor = models.BigIntegerField(_("操作人"), null=True, help_text=_("空：后台任务"))
    on_behalf_of = models.BigIntegerField(_("代谁"), null=True)
    role = models.CharField(_("角色"), max_length=40)
    low = models.BigIntegerField(_("地区自"))
    high = models.BigIntegerField(_("地区至"))
    action = models.CharField(_("操作"), max_length=40)
    purpose = models.CharField(_("目的"), max_length=120, blank=True)
    kind = models.CharField(_("对象类型"), max_length=40, blank=True)
    key = models.CharField(_("对象"), max_length=120, blank=True)
    person = models.CharField(_("涉及人员"), max_length=20, blank=True)
    reason = models.CharField(_("理由"), max_length=300, blank=True)
    details = models.JSONField(_("细节"), default=dict)
    address = models.CharField(_("来源地址"), max_length=45, blank=True)
    request = models.CharField(_("请求"), max_length=36, blank=True)

    class Meta:
        verbose_name = _("审计记录")
        verbose_name_plural = _("审计记录")
        ordering = ("-pk",)
        indexes = (
            models.Index(fields=("person", "-id"), name="audit_by_person", condition=~models.Q(person="")),
            models.Index(fields=("actor", "-id"), name="audit_by_actor"),
            models.Index(fields=("kind", "key", "-id"), name="audit_by_object"),
            models.Index(fields=("action", "-id"), name="audit_by_action"),
            models.Index(fields=("low", "-id"), name="audit_by_place"),
            models.Index(fields=("at",), name="audit_by_time"),
        )

    def __str__(self) -> str:
        return f"{self.pk} {self.action} {self.kind} {self.key}"


class SealedBatch(models.Model):
    """Events sealed together. `leaves`: 32 bytes for each of them, in the order of their ids; `digest` covers these, the
    ids and the digest before, so that nothing in the chain can be changed alone. Added, never changed."""

    first = models.BigIntegerField(_("首条"))
    last = models.BigIntegerField(_("末条"))
    ids = ArrayField(BigIntegerRangeField(), verbose_name=_("所含记录"))
    count = models.IntegerField(_("条数"))
    leaves = models.BinaryField(_("各条摘要"))
    digest = models.CharField(_("摘要"), max_length=64, unique=True)
    previous = models.CharField(_("前一批摘要"), max_length=64, unique=True)
    sealed_at = models.DateTimeField(_("封存时间"))

    class Meta:
        verbose_name = _("封存批次")
        verbose_name_plural = _("封存批次")
        ordering = ("pk",)
        indexes = (models.Index(fields=("last",), name="sealed_by_last"),)

    def __str__(self) -> str:
        return f"{self.first}–{self.last}"


class Change(PlacedModel):
    """What a trigger saw change in one row of a watched table (see `history`). Added, never changed.

    `changes`: column → [old, new]; of a sealed column only that it changed. `place`: the row's, else the actor's.
    """

    realm = PERSONS

    at = models.DateTimeField(_("时间"))
    actor = models.CharField(_("操作人"), max_length=40, help_text=_("用户编号，或后台任务名"))
    table = models.CharField(_("表"), max_length=63)
    key = models.CharField(_("行"), max_length=120)
    action = models.CharField(_("操作"), max_length=6)
    changes = models.JSONField(_("变动"))

    class Meta(PlacedModel.Meta):
        verbose_name = _("字段变动")
        verbose_name_plural = _("字段变动")
        indexes = (models.Index(fields=("table", "key", "-id"), name="change_by_row"),)

    def __str__(self) -> str:
        return f"{self.table} {self.key}"


class ExportRequest(PlacedModel):
    """Somebody asks for a list as a file. `place`: the asker's; `low`, `high`, `organisation`, `role`,
    `capabilities`: their scope then."""

    realm = STAFF

    class State(models.TextChoices):
        ASKED = "asked", _("待批准")
        APPROVED = "approved", _("正在生成")
        REFUSED = "refused", _("未批准")
        MADE = "made", _("可下载")
        EXPIRED = "expired", _("已过期")

    code = models.CharField(_("名单"), max_length=40)
    filters = models.JSONField(_("条件"), default=dict)
    columns = ArrayField(models.CharField(max_length=40), verbose_name=_("列"))
    reason = models.CharField(_("用途"), max_length=300)
    rows = models.IntegerField(_("行数"))
    state = models.CharField(_("状态"), max_length=8, choices=State.choices, default=State.ASKED)
    asker = models.BigIntegerField(_("申请人"))
    asked_at = models.DateTimeField(_("申请时间"))
    role = models.CharField(max_length=40)
    low = models.BigIntegerField()
    high = models.BigIntegerField()
    organisation = models.BigIntegerField(null=True)
    on_behalf_of = models.BigIntegerField(null=True)
    capabilities = ArrayField(models.CharField(max_length=40), default=list)
    approver = models.BigIntegerField(_("批准人"), null=True)
    decided_at = models.DateTimeField(_("批准时间"), null=True)
    decision = models.CharField(_("批准意见"), max_length=300, blank=True)
    made_at = models.DateTimeField(_("生成时间"), null=True)
    expires_at = models.DateTimeField(_("到期时间"), null=True)
    stored = models.CharField(max_length=48, blank=True, help_text=_("vault.files 中的名字"))
    downloads = models.IntegerField(_("下载次数"), default=0)
    persons = ArrayField(models.BigIntegerField(), default=list, verbose_name=_("涉及人员"))

    class Meta(PlacedModel.Meta):
        verbose_name = _("导出申请")
        verbose_name_plural = _("导出申请")
        ordering = ("-pk",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(approver__isnull=True) | ~models.Q(approver=models.F("asker")),
                name="approver_is_not_asker",
                violation_error_message=_("申请人不能批准自己的申请。"),
            ),
        )
        indexes = (
            models.Index(fields=("place", "-id"), name="export_by_place"),
            models.Index(fields=("state", "expires_at"), name="export_by_expiry"),
            GinIndex(fields=("persons",), name="export_by_person"),
        )

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """What the file is known by: DC, the day asked for, a running number."""
        return f"DC{self.asked_at:%Y%m%d}-{self.pk:06d}"
