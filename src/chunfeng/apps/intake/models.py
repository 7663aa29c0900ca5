"""Runs of the main job, and what a county keeps from one run to the next. (Deliveries and extracts: see `deliveries`.)"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from chunfeng.apps.places.scope import STAFF
from chunfeng.apps.places.scoped import PlacedModel


class Run(PlacedModel):
    """One run of the main job for a county: its inputs, how far it is, what came of it. `place`: the county."""

    realm = STAFF

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
    kept = models.JSONField(default=dict, help_text="part → name of its sealed file, see results")
    error = models.TextField(_("原因"), blank=True)
    attempts = models.IntegerField(_("次数"), default=0, help_text=_("每次接手加一；只有最后接手的能写入"))
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


class StateFile(PlacedModel):
    """A file of the folder STATE that a county's runs begin with: numbers given out, trips confirmed, quotas, own rules …

    `name`: its path in that folder; `content`: sealed bytes (`state.read`, `state.put`); `digest`: SM3 of what it says.
    """

    realm = STAFF

    name = models.CharField(_("文件"), max_length=200)
    content = models.BinaryField(_("内容"))
    digest = models.CharField(max_length=64)
    updated = models.DateTimeField(_("更新时间"), auto_now=True)

    class Meta(PlacedModel.Meta):
        verbose_name = _("状态文件")
        verbose_name_plural = _("状态文件")
        constraints = (
            models.UniqueConstraint(fields=("place", "name"), name="one_state_file_per_county_and_name"),
        )

    def __str__(self) -> str:
        return self.name


from chunfeng.apps.intake.deliveries import (  # noqa: E402  their own file, one idea each
    CellEdit,
    Delivery,
    Extract,
    ExtractIssue,
    SavedMapping,
    SentFile,
)

__all__ = [
    "CellEdit",
    "Delivery",
    "Extract",
    "ExtractIssue",
    "Run",
    "SavedMapping",
    "SentFile",
    "StateFile",
]
