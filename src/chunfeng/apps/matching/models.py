"""Recommendations of vacancies to people, and public-welfare posts given out in legal order."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from chunfeng.apps.places.scoped import PersonalModel
from chunfeng.apps.registry.models import Person


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
