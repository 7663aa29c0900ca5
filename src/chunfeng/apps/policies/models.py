"""Entitlements: what a person or an employer may get by which policy."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from chunfeng.apps.places.scoped import PersonalModel
from chunfeng.apps.registry.models import Person


class Entitlement(PersonalModel):
    """One policy for one subject; `person` is empty where the subject is an employer, named by `employer`."""

    employer_fields = ("employer",)

    class Subject(models.TextChoices):
        PERSON = "person", _("个人")
        EMPLOYER = "employer", _("用人单位")

    county = models.CharField(_("登记县"), max_length=6)
    subject = models.CharField(_("对象"), max_length=8, choices=Subject.choices)
    person = models.ForeignKey(
        Person, models.CASCADE, null=True, related_name="entitlements", db_constraint=False
    )
    employer = models.CharField(_("用人单位"), max_length=120, blank=True)
    policy = models.CharField(_("政策"), max_length=8)
    answer = models.CharField(_("结论"), max_length=8)
    amount = models.TextField(_("标准"), blank=True)
    reason = models.TextField(_("理由"))
    missing = models.TextField(_("缺少的条件"), blank=True)
    deadline = models.DateField(_("申请截止"), null=True)

    class Meta(PersonalModel.Meta):
        verbose_name = _("可享政策")
        verbose_name_plural = _("可享政策")
        indexes = (
            models.Index(fields=("person",), name="entitlement_by_person"),
            models.Index(fields=("place", "policy", "answer", "id"), name="entitlement_by_policy"),
            models.Index(
                fields=("employer",), name="entitlement_by_employer", condition=~models.Q(employer="")
            ),
        )
