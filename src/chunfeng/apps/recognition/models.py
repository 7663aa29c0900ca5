"""What the rules say of each person: recognition by category, and membership of the campaign's target groups."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from chunfeng.apps.places.scoped import PersonalModel
from chunfeng.apps.registry.models import Person


class Answer(models.TextChoices):
    """Three-valued, always."""

    YES = "yes", _("是")
    NO = "no", _("否")
    UNKNOWN = "unknown", _("尚不能判定")


class Recognition(PersonalModel):
    """The answer for one category, with its reasons, what is missing, and the version of the rule with its 文号."""

    county = models.CharField(_("登记县"), max_length=6)
    person = models.ForeignKey(Person, models.CASCADE, related_name="recognitions", db_constraint=False)
    category = models.CharField(_("认定类别"), max_length=4)
    answer = models.CharField(_("结论"), max_length=8, choices=Answer.choices)
    reason = models.TextField(_("理由"))
    missing = models.TextField(_("缺少的条件"), blank=True)
    rule_version = models.CharField(_("规则版本"), max_length=160)

    class Meta(PersonalModel.Meta):
        verbose_name = _("困难认定结论")
        verbose_name_plural = _("困难认定结论")
        indexes = (
            models.Index(fields=("person",), name="recognition_by_person"),
            models.Index(fields=("place", "category", "answer", "person"), name="recognition_by_category"),
        )


class Target(PersonalModel):
    """Whether a person belongs to a target group of the notice; `person` is empty where it is an employer, named by `employer`."""

    employer_fields = ("employer",)

    county = models.CharField(_("登记县"), max_length=6)
    person = models.ForeignKey(
        Person, models.CASCADE, null=True, related_name="target_groups", db_constraint=False
    )
    employer = models.CharField(_("用人单位"), max_length=120, blank=True)
    group = models.CharField(_("援助对象类别"), max_length=4)
    answer = models.CharField(_("结论"), max_length=8, choices=Answer.choices)
    reason = models.TextField(_("理由"))

    class Meta(PersonalModel.Meta):
        verbose_name = _("援助对象结论")
        verbose_name_plural = _("援助对象结论")
        indexes = (
            models.Index(fields=("person",), name="target_by_person"),
            models.Index(fields=("place", "group", "answer", "person"), name="target_by_group"),
            models.Index(fields=("employer",), name="target_by_employer", condition=~models.Q(employer="")),
        )
