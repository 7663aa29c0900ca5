"""Events, as they happened, and the seals put on them in batches."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Event(models.Model):
    """One thing somebody did. Rows are added in the transaction that does it, and never changed (the web role cannot).

    Nothing personal stands in `details`: field names and digests, not values.
    """

    at = models.DateTimeField(_("时间"))
    actor = models.BigIntegerField(_("操作人"), null=True, help_text=_("空：后台任务"))
    role = models.CharField(_("角色"), max_length=40)
    low = models.BigIntegerField(_("地区自"))
    high = models.BigIntegerField(_("地区至"))
    action = models.CharField(_("操作"), max_length=40)
    purpose = models.CharField(_("目的"), max_length=120, blank=True)
    kind = models.CharField(_("对象类型"), max_length=40, blank=True)
    key = models.CharField(_("对象"), max_length=120, blank=True)
    person = models.CharField(_("涉及人员"), max_length=12, blank=True)
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
        )

    def __str__(self) -> str:
        return f"{self.pk} {self.action} {self.kind} {self.key}"
