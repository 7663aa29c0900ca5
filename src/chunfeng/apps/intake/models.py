"""Runs of the main job. (Deliveries and extracts: see `deliveries`.)"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from chunfeng.apps.places.scoped import PlacedModel


class Run(PlacedModel):
    """One run of the main job for a county: its inputs, how far it is, what came of it. `place`: the county."""

    class State(models.TextChoices):
        WAITING = "waiting", _("排队中")
        RUNNING = "running", _("进行中")
        LOADING = "loading", _("写入登记库")
        DONE = "done", _("完成")
        FAILED = "failed", _("失败")

    as_of = models.DateField(_("基准日"))
    state = models.CharField(_("状态"), max_length=8, choices=State.choices, default=State.WAITING)
    stage = models.CharField(_("步骤"), max_length=40, blank=True)
    done = models.IntegerField(_("已完成"), default=0)
    total = models.IntegerField(_("总量"), default=0)
    inputs = models.JSONField(_("输入"), default=dict, help_text=_("文件及其摘要"))
    counts = models.JSONField(_("结果数"), default=dict)
    error = models.TextField(_("原因"), blank=True)
    attempts = models.IntegerField(_("次数"), default=0)
    asked_by = models.BigIntegerField(_("发起人"), null=True)
    asked_at = models.DateTimeField(_("发起时间"), auto_now_add=True)
    started_at = models.DateTimeField(_("开始时间"), null=True)
    ended_at = models.DateTimeField(_("结束时间"), null=True)

    class Meta(PlacedModel.Meta):
        verbose_name = _("比对运行")
        verbose_name_plural = _("比对运行")
        ordering = ("-pk",)
        indexes = (models.Index(fields=("place", "-id"), name="run_by_place"),)

    def __str__(self) -> str:
        return f"{self.as_of} #{self.pk}"
