"""A campaign as configuration: what the notice says, who helps, which lists are owed when, what is counted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from chunfeng.apps.places.models import Region
from chunfeng.engines.rules.days import reached_on


class Campaign(models.Model):
    """One edition. `region`: whose campaign it is; offices that answer for the whole of it may change it."""

    code = models.SlugField(_("代码"), unique=True, help_text=_("字母、数字和连字符，如 2024"))
    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name=_("发起地区"))
    name = models.CharField(_("活动名称"), max_length=80)
    document = models.CharField(_("文号"), max_length=60, help_text=_("如 闽人社文〔2023〕2号"))
    issued = models.DateField(_("发文日期"), null=True, blank=True)
    theme = models.CharField(_("活动主题"), max_length=80, blank=True)
    fair_name = models.CharField(
        _("招聘活动统一名称"),
        max_length=80,
        help_text=_("各场招聘会一律用这个名称，如 2023年春风行动暨就业援助月专场招聘"),
    )
    starts = models.DateField(_("开始日期"))
    ends = models.DateField(_("结束日期"))
    summary_due = models.DateField(_("活动总结报送截止"), null=True, blank=True)
    goals = models.TextField(_("活动目标"), blank=True)
    copied_from = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("照哪一次活动设立")
    )

    class Meta:
        verbose_name = _("活动")
        verbose_name_plural = _("活动")
        ordering = ("-starts", "-pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(ends__gte=F("starts")),
                name="campaign_ends_after_it_starts",
                violation_error_message=_("结束日期不能早于开始日期。"),
            ),
            models.CheckConstraint(
                condition=~Q(fair_name="") & ~Q(name=""),
                name="campaign_has_its_names",
                violation_error_message=_("活动名称和招聘活动统一名称必须填写。"),
            ),
        )

    def __str__(self) -> str:
        return self.name

    def days_left(self, day: date) -> int:
        """Days from `day` to the end, counting the last one; nought when it is over."""
        return max((self.ends - day).days + 1, 0)

    def running(self, day: date) -> bool:
        return self.starts <= day <= self.ends


class Part(models.Model):
    """Something that belongs to one campaign and stands in an order."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, verbose_name=_("活动"))
    position = models.PositiveSmallIntegerField(_("次序"), default=0)

    class Meta:
        abstract = True
        ordering = ("position", "pk")


class TargetGroup(Part):
    """Whom the campaign serves: the code the rules use, and the words of the notice."""

    code = models.CharField(_("类别"), max_length=4, help_text=_("与规则库一致，如 T01"))
    words = models.CharField(_("通知原文"), max_length=200)
    paragraph = models.CharField(_("出处"), max_length=30, blank=True)

    class Meta(Part.Meta):
        verbose_name = _("服务对象")
        verbose_name_plural = _("服务对象")
        constraints = (
            models.UniqueConstraint(
                fields=("campaign", "code"),
                name="one_target_group_per_code",
                violation_error_message=_("这次活动已有这一类服务对象。"),
            ),
        )

    def __str__(self) -> str:
        return f"{self.code} {self.words}"


class Activity(Part):
    """What is done in the campaign, as the notice orders it."""

    name = models.CharField(_("活动内容"), max_length=60)
    words = models.TextField(_("要求"))
    paragraph = models.CharField(_("出处"), max_length=30, blank=True)

    class Meta(Part.Meta):
        verbose_name = _("活动内容")
        verbose_name_plural = _("活动内容")

    def __str__(self) -> str:
        return self.name


class Partner(Part):
    """A department that helps: one of those that issued the notice, or one that supplies lists."""

    department = models.CharField(_("部门简称"), max_length=20, help_text=_("与名单上的部门一致，如 民政"))
    name = models.CharField(_("部门全称"), max_length=60)
    issuer = models.BooleanField(_("联合发文部门"), default=False)
    duties = ArrayField(
        models.CharField(max_length=200),
        default=list,
        blank=True,
        verbose_name=_("职责"),
        help_text=_("一行一条"),
    )

    class Meta(Part.Meta):
        verbose_name = _("成员单位")
        verbose_name_plural = _("成员单位")
        constraints = (
            models.UniqueConstraint(
                fields=("campaign", "department"),
                name="one_partner_per_department",
                violation_error_message=_("这次活动已有这个部门。"),
            ),
        )

    def __str__(self) -> str:
        return self.name


class OwedList(models.Model):
    """A list that a partner owes each county, and by when. `kind`: a kind of list the reader knows."""

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="lists", verbose_name=_("成员单位"))
    kind = models.CharField(_("名单种类"), max_length=40)
    name = models.CharField(_("名单"), max_length=60)
    due = models.DateField(_("截止日期"))
    monthly = models.BooleanField(_("每月报送"), default=False, help_text=_("首次截止后，每月同日再报"))
    by_town = models.BooleanField(
        _("各乡镇分别报送"), default=False, help_text=_("每个乡镇（街道）各报一份，逐个计逾期")
    )
    basis = models.CharField(_("依据"), max_length=120, blank=True)

    class Meta:
        verbose_name = _("应报名单")
        verbose_name_plural = _("应报名单")
        ordering = ("partner__position", "due", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("partner", "kind"),
                name="one_owed_list_per_partner_and_kind",
                violation_error_message=_("这个部门已列有这种名单。"),
            ),
        )

    def __str__(self) -> str:
        return self.name

    def due_dates(self, until: date) -> Iterator[date]:
        """The days by which it is owed, up to `until`; a monthly one on the same day of every month."""
        months, day = 0, self.due
        while day <= until:
            yield day
            if not self.monthly:
                return
            months += 1
            day = reached_on("months", self.due, months)


class Indicator(Part):
    """One figure: what exactly is counted, in what unit, from which source."""

    class Counting(models.TextChoices):
        PERSON = "person", _("人数（同一人只计一次）")
        PERSON_TIME = "person_time", _("人次（服务几次计几次）")
        HOUSEHOLD = "household", _("户数")
        EMPLOYER = "employer", _("单位数")
        POST = "post", _("岗位数")
        POST_TIME = "post_time", _("岗位个次")
        EVENT = "event", _("场次")
        TRIP = "trip", _("班次")
        PIECE = "piece", _("份数")
        MONEY = "money", _("金额")

    code = models.SlugField(_("代码"), max_length=40)
    name = models.CharField(_("指标"), max_length=60)
    unit = models.CharField(_("单位"), max_length=10)
    counting = models.CharField(_("计数方式"), max_length=12, choices=Counting.choices)
    definition = models.TextField(_("口径"))
    source = models.CharField(_("数据来源"), max_length=120)
    measure = models.CharField(
        _("平台取数"), max_length=40, blank=True, help_text=_("平台已能自动统计的项目代码；没有的由各地填报")
    )

    class Meta(Part.Meta):
        verbose_name = _("指标")
        verbose_name_plural = _("指标")
        constraints = (
            models.UniqueConstraint(
                fields=("campaign", "code"),
                name="one_indicator_per_code",
                violation_error_message=_("这次活动已有这个指标代码。"),
            ),
        )

    def __str__(self) -> str:
        return self.name


class IndicatorTarget(models.Model):
    """What a region set out to reach."""

    indicator = models.ForeignKey(Indicator, models.CASCADE, related_name="targets", verbose_name=_("指标"))
    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name=_("地区"))
    value = models.PositiveBigIntegerField(_("目标值"))

    class Meta:
        verbose_name = _("指标目标")
        verbose_name_plural = _("指标目标")
        constraints = (
            models.UniqueConstraint(
                fields=("indicator", "region"), name="one_target_per_indicator_and_region"
            ),
        )

    def __str__(self) -> str:
        return f"{self.indicator} {self.region} {self.value}"
