"""Recommendations of vacancies to people, and public-welfare posts given out in legal order."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from chunfeng.apps.places.scoped import PersonalModel, PlacedModel
from chunfeng.apps.registry.models import Person


class Vacancy(PlacedModel):
    """A vacancy as the run read it from an employer's list. `place`: the county whose list it is."""

    employer_fields = ("employer_key",)

    class Lawful(models.TextChoices):
        YES = "yes", _("合法")
        REVIEW = "review", _("须人工判断")
        NO = "no", _("不合法")

    class EmploymentForm(models.TextChoices):
        FULL = "full", _("全职")
        PART = "part", _("非全日制")
        TEMPORARY = "temporary", _("临时")

    county = models.CharField(_("登记县"), max_length=6)
    vacancy = models.CharField(_("岗位"), max_length=300, help_text=_("文件:表:行"))
    employer = models.CharField(_("用人单位"), max_length=120, blank=True)
    title = models.CharField(_("岗位名称"), max_length=120, blank=True)
    occupation = models.CharField(_("职业代码"), max_length=20, blank=True)
    region = models.CharField(_("工作地区划"), max_length=12, blank=True)
    places = models.IntegerField(_("名额"), null=True)
    pay_low = models.IntegerField(_("月薪下限"), null=True, help_text=_("元"))
    pay_high = models.IntegerField(_("月薪上限"), null=True, help_text=_("元"))
    education = models.IntegerField(_("学历要求"), null=True)
    offers = ArrayField(models.CharField(max_length=20), default=list, verbose_name=_("条件"))
    work_type = models.CharField(_("用工形式"), max_length=10, choices=EmploymentForm.choices, blank=True)
    starts_on = models.DateField(_("到岗日期"), null=True)
    lawful = models.CharField(_("审查结论"), max_length=6, choices=Lawful.choices)
    closed = models.CharField(_("停招原因"), max_length=120, blank=True)
    employer_key = models.CharField(
        _("单位编号"), max_length=120, blank=True, help_text=_("统一社会信用代码；没有的是名称和地区")
    )
    rules = ArrayField(models.CharField(max_length=24), default=list, verbose_name=_("违反的规定"))
    warnings = ArrayField(models.CharField(max_length=24), default=list, verbose_name=_("提醒"))
    law = models.TextField(_("依据"), blank=True)
    phrase = models.TextField(_("原文"), blank=True)
    seekers = models.IntegerField(_("推荐给几人"), default=0)

    class Meta(PlacedModel.Meta):
        verbose_name = _("招聘岗位")
        verbose_name_plural = _("招聘岗位")
        indexes = (
            models.Index(fields=("county", "vacancy"), name="vacancy_by_row"),
            models.Index(fields=("employer_key",), name="vacancy_by_employer"),
        )

    def __str__(self) -> str:
        return f"{self.employer} {self.title}"


class Recommendation(PersonalModel):
    """One vacancy for one person, with its place in the list and the reasons in words.

    Rank 0 without a vacancy: none fits, and the reasons say why.
    """

    county = models.CharField(_("登记县"), max_length=6)
    person = models.ForeignKey(Person, models.CASCADE, related_name="recommendations", db_constraint=False)
    rank = models.IntegerField(_("次序"))
    vacancy = models.CharField(_("岗位"), max_length=300, blank=True, help_text=_("文件:表:行"))
    score = models.FloatField(_("分值"), null=True)
    reasons = models.TextField(_("理由"))

    class Meta(PersonalModel.Meta):
        verbose_name = _("推荐岗位")
        verbose_name_plural = _("推荐岗位")
        indexes = (
            models.Index(fields=("person", "rank"), name="recommendation_by_person"),
            models.Index(fields=("place", "vacancy", "rank"), name="recommendation_by_vacancy"),
        )


class Allocation(PersonalModel):
    """A public-welfare post given to a person, by tier."""

    county = models.CharField(_("登记县"), max_length=6)
    person = models.ForeignKey(Person, models.CASCADE, related_name="allocations", db_constraint=False)
    post = models.CharField(_("岗位"), max_length=300)
    tier = models.IntegerField(_("优先级"))
    reason = models.TextField(_("理由"))

    class Meta(PersonalModel.Meta):
        verbose_name = _("公益性岗位安置")
        verbose_name_plural = _("公益性岗位安置")
        indexes = (models.Index(fields=("person",), name="allocation_by_person"),)


class Waiting(PersonalModel):
    """Somebody who may have a public-welfare post and was given none, and why."""

    county = models.CharField(_("登记县"), max_length=6)
    person = models.ForeignKey(Person, models.CASCADE, related_name="waitings", db_constraint=False)
    tier = models.IntegerField(_("优先级"), null=True)
    reason = models.TextField(_("理由"))

    class Meta(PersonalModel.Meta):
        verbose_name = _("待安置公益性岗位")
        verbose_name_plural = _("待安置公益性岗位")
        indexes = (models.Index(fields=("person",), name="waiting_by_person"),)


class FairSignup(PlacedModel):
    """An employer's sign-up for a job fair: accepted, or refused with the reason and the law. `sheet`: which fair."""

    employer_fields = ("employer_key",)

    county = models.CharField(_("登记县"), max_length=6)
    file = models.CharField(_("文件"), max_length=300)
    sheet = models.CharField(_("表"), max_length=120, blank=True)
    row = models.IntegerField(_("行"))
    employer_key = models.CharField(_("单位编号"), max_length=120, blank=True)
    accepted = models.BooleanField(_("通过"))
    reason = models.TextField(_("理由"), blank=True)
    law = models.TextField(_("依据"), blank=True)

    class Meta(PlacedModel.Meta):
        verbose_name = _("招聘会报名")
        verbose_name_plural = _("招聘会报名")
        indexes = (models.Index(fields=("employer_key",), name="signup_by_employer"),)


class Loan(PlacedModel):
    """Workers whom one employer has to spare and another needs for a while."""

    employer_fields = ("lender", "borrower")

    county = models.CharField(_("登记县"), max_length=6)
    lender = models.CharField(_("余工单位"), max_length=120)
    borrower = models.CharField(_("缺工单位"), max_length=120)
    occupation = models.CharField(_("工种"), max_length=120)
    workers = models.IntegerField(_("人数"))
    starts = models.DateField(_("自"), null=True)
    ends = models.DateField(_("至"), null=True)

    class Meta(PlacedModel.Meta):
        verbose_name = _("余缺调剂")
        verbose_name_plural = _("余缺调剂")
        indexes = (
            models.Index(fields=("lender",), name="loan_by_lender"),
            models.Index(fields=("borrower",), name="loan_by_borrower"),
        )
