"""Regions and the organisations in them. Not scoped: where things are is no secret."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from chunfeng.apps.places.numbers import Reach, place_number, reach


class Region(models.Model):
    """A region of Fujian, province to village, as the state numbers it; loaded from `reference/regions`."""

    class Level(models.TextChoices):
        PROVINCE = "province", _("省")
        CITY = "city", _("设区市")
        COUNTY = "county", _("县（市、区）")
        TOWN = "town", _("乡镇（街道）")
        VILLAGE = "village", _("村（社区）")

    code = models.CharField(_("区划代码"), max_length=12, primary_key=True)
    place = models.BigIntegerField(_("地区序号"), db_index=True)
    name = models.CharField(_("名称"), max_length=80)
    level = models.CharField(_("级别"), max_length=8, choices=Level.choices)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="children", verbose_name=_("上级区划")
    )
    reports_to = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="reporting", verbose_name=_("向谁报送")
    )
    full_name = models.CharField(_("全称"), max_length=200)
    is_functional = models.BooleanField(_("功能区"), default=False)
    no_data_entry = models.BooleanField(_("不填报"), default=False)

    class Meta:
        verbose_name = _("地区")
        verbose_name_plural = _("地区")
        ordering = ("place",)

    def __str__(self) -> str:
        return self.name

    def save(self, *args, **kwargs) -> None:  # type: ignore[no-untyped-def]
        self.place = place_number(self.code)
        super().save(*args, **kwargs)

    @property
    def reach(self) -> Reach:
        """What the office of this region answers for."""
        return reach(self.code)


class Organisation(models.Model):
    """A bureau, partner department, agency, labour station, village office or employer that people work for."""

    class Kind(models.TextChoices):
        BUREAU = "bureau", _("人社部门")
        PARTNER = "partner", _("成员单位")
        AGENCY = "agency", _("人力资源服务机构")
        STATION = "station", _("劳务工作站")
        VILLAGE_OFFICE = "village_office", _("村（居）委会")
        EMPLOYER = "employer", _("用人单位")

    name = models.CharField(_("名称"), max_length=120)
    kind = models.CharField(_("类型"), max_length=16, choices=Kind.choices)
    region = models.ForeignKey(
        Region, models.PROTECT, related_name="organisations", verbose_name=_("所在地区")
    )
    department = models.CharField(
        _("部门简称"), max_length=20, blank=True, help_text=_("与名单上的部门一致，如 民政")
    )
    credit_code = models.CharField(_("统一社会信用代码"), max_length=18, blank=True)
    phone = models.CharField(_("联系电话"), max_length=30, blank=True)
    active = models.BooleanField(_("在用"), default=True)

    class Meta:
        verbose_name = _("单位")
        verbose_name_plural = _("单位")
        ordering = ("region", "kind", "name")
        constraints = (
            models.UniqueConstraint(
                fields=("region", "name"),
                name="one_organisation_per_name_and_region",
                violation_error_message=_("这个地区已有同名单位。"),
            ),
        )

    def __str__(self) -> str:
        return self.name
