"""By what persons are listed where few of many have it."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from chunfeng.apps.places.scope import PERSONS
from chunfeng.apps.places.scoped import PersonalModel, PlacedModel
from chunfeng.apps.registry.models import Person


class Mark(PersonalModel):
    """One property by which persons are listed: a category, a target group, a department that few are known to.

    Made from the arrays of `Person` after every run (`marks`). An index on the arrays would be of no use: row-level
    security lets an index answer only operators that leak nothing, and `@>` is none of them.
    """

    class Kind(models.TextChoices):
        YES = "yes", _("符合")
        UNKNOWN = "unknown", _("待查")
        TARGET = "target", _("援助对象")
        DEPARTMENT = "department", _("部门")

    person = models.ForeignKey(
        Person, models.CASCADE, related_name="marks", db_constraint=False, db_index=False
    )
    county = models.CharField(_("登记县"), max_length=6)
    kind = models.CharField(_("种类"), max_length=10, choices=Kind.choices)
    code = models.CharField(_("代码"), max_length=20, help_text=_("* 为任一"))

    class Meta(PersonalModel.Meta):
        verbose_name = _("名单标记")
        verbose_name_plural = _("名单标记")
        indexes = (models.Index(fields=("kind", "code", "place", "person"), name="mark_by_code"),)
        constraints = (models.UniqueConstraint(fields=("person", "kind", "code"), name="one_mark_of_a_code"),)


class CommonDepartment(PlacedModel):
    """A place where somebody is known to a department that too many of the county are known to to be marked one by one.

    So a department that is not here has all its persons marked, or none (`marks`).
    """

    realm = PERSONS

    county = models.CharField(_("登记县"), max_length=6)
    code = models.CharField(_("部门"), max_length=20)

    class Meta(PlacedModel.Meta):
        verbose_name = _("常见部门")
        verbose_name_plural = _("常见部门")
        indexes = (models.Index(fields=("code", "place"), name="common_department_by_place"),)
        constraints = (
            models.UniqueConstraint(
                fields=("county", "place", "code"), name="one_common_department_of_a_place"
            ),
        )
