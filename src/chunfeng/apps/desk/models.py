"""What the desk keeps of its own: which of the four clears are known of whom, and figures by place and day."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from chunfeng.apps.places.scoped import PersonalModel, PlacedModel
from chunfeng.apps.registry.models import Person


class FourClears(PersonalModel):
    """What lists say of a person beyond who it is; only persons of whom anything is known have a row.

    The first clear, that a person is counted once, is the registry's: a name and a citizen number.
    """

    class Need(models.TextChoices):
        SERVICE = "service", _("名单写明的服务需求")
        JOB = "job", _("推荐岗位")
        TRAINING = "training", _("技能培训")
        RIDE = "ride", _("返岗乘车")
        CALL = "call", _("来电求助")

    county = models.CharField(_("登记县"), max_length=6)
    person = models.OneToOneField(
        Person, models.CASCADE, primary_key=True, related_name="clears", db_constraint=False
    )
    visited = models.BooleanField(_("已走访"), default=False)
    intention = models.BooleanField(_("就业意向清"), default=False)
    skill = models.BooleanField(_("技能水平清"), default=False)
    need = models.BooleanField(_("服务需求清"), default=False)
    services = ArrayField(
        models.CharField(max_length=10, choices=Need.choices), default=list, verbose_name=_("需要的服务")
    )

    class Meta(PersonalModel.Meta):
        verbose_name = _("四清")
        verbose_name_plural = _("四清")


class Tally(PlacedModel):
    """Figures of one place on one day: `counts` by measure (see `measures`). Noughts are left out.

    A county has one row per level: its own, one per town and one per village; what lies in no known town or village is
    counted under the number of the county or town. Villages keep the last day only.
    """

    class Level(models.TextChoices):
        COUNTY = "county", _("县（市、区）")
        TOWN = "town", _("乡镇（街道）")
        VILLAGE = "village", _("村（社区）")

    county = models.CharField(_("登记县"), max_length=6)
    level = models.CharField(_("级别"), max_length=8, choices=Level.choices)
    day = models.DateField(_("日期"))
    as_of = models.DateField(_("基准日"))
    latest = models.BooleanField(_("最近一次"))
    counts = models.JSONField(_("数字"), default=dict)

    class Meta(PlacedModel.Meta):
        verbose_name = _("分地区统计")
        verbose_name_plural = _("分地区统计")
        constraints = (
            models.UniqueConstraint(fields=("place", "level", "day"), name="one_tally_per_place_and_day"),
        )
        indexes = (
            models.Index(fields=("level", "place"), name="tally_latest", condition=models.Q(latest=True)),
        )
