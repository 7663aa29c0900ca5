"""What people decided about persons and rows: decisions, holds on a group, questions to a village, corrections.

Nothing here is changed by a run; a run reads it (`state`). Taking a decision back keeps the line and says who did so.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from chunfeng.apps.places.scope import PERSONS
from chunfeng.apps.places.scoped import PersonalModel, PlacedModel
from chunfeng.apps.vault.fields import SealedTextField


class Undoable(models.Model):
    """By whom, when and why something was said, and, where it was taken back, the same of that."""

    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("经办人")
    )
    at = models.DateTimeField(_("时间"), auto_now_add=True)
    reason = models.CharField(_("理由"), max_length=300)
    run = models.BigIntegerField(_("自哪次运行起生效"), null=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("撤销人")
    )
    undone_at = models.DateTimeField(_("撤销时间"), null=True)
    undone_reason = models.CharField(_("撤销理由"), max_length=300, blank=True)

    class Meta:
        abstract = True

    @property
    def in_force(self) -> bool:
        return self.undone_at is None


_STANDS = Q(undone_at=None)


class Decision(PlacedModel, Undoable):
    """One line of `decisions.csv`: the row that says this is that person, or never is (docs/linkage.md).

    `deed` joins what was decided at one stroke: the rows of a household, the two halves of a split. A split is a
    `forbid` and a `confirm` for a number kept for persons whom only people told apart (`SPLIT_FROM` on).
    `absorbed`: the record whose rows a merge gave to `person`. `replaced_by`: the later deed that took the row from
    `person`; when that is undone, this holds again.
    """

    realm = PERSONS

    class Action(models.TextChoices):
        CONFIRM = "confirm", _("是此人")
        FORBID = "forbid", _("不是此人")

    class Deed(models.TextChoices):
        REVIEW = "review", _("判定疑似同一人")
        SPLIT = "split", _("拆分")
        MERGE = "merge", _("合并")

    county = models.CharField(_("登记县"), max_length=6)
    action = models.CharField(_("决定"), max_length=8, choices=Action.choices)
    fingerprint = models.CharField(_("行的指纹"), max_length=40)
    person = models.BigIntegerField(_("人员编号"))
    kind = models.CharField(_("做法"), max_length=8, choices=Deed.choices)
    deed = models.UUIDField(_("一次决定"))
    absorbed = models.BigIntegerField(_("并入的记录"), null=True)
    replaced_by = models.UUIDField(_("被哪次决定替换"), null=True)
    file = models.CharField(_("文件"), max_length=300)
    sheet = models.CharField(_("表"), max_length=120, blank=True)
    row = models.IntegerField(_("行"))
    name = models.CharField(_("行上的姓名"), max_length=80, blank=True)

    class Meta(PlacedModel.Meta):
        verbose_name = _("人工决定")
        verbose_name_plural = _("人工决定")
        indexes = (
            models.Index(fields=("county", "fingerprint"), name="decision_by_fingerprint"),
            models.Index(fields=("person",), name="decision_by_person"),
            models.Index(fields=("deed",), name="decision_by_deed"),
            models.Index(fields=("place", "-id"), name="decision_by_place"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("county", "fingerprint"),
                condition=_STANDS & Q(action="confirm", replaced_by=None),
                name="one_person_per_row",
                violation_error_message=_("这一行已经归给别人。"),
            ),
            models.UniqueConstraint(
                fields=("county", "fingerprint", "person"),
                condition=_STANDS & Q(replaced_by=None),
                name="one_decision_per_row_and_person",
                violation_error_message=_("这一行与此人已经有决定。"),
            ),
        )

    @property
    def in_force(self) -> bool:
        return self.undone_at is None and self.replaced_by is None


class GroupHold(PlacedModel):
    """A group of doubtful rows that one clerk has on the table; others get the next one until `until`."""

    realm = PERSONS

    county = models.CharField(_("登记县"), max_length=6)
    group = models.CharField(_("户或村"), max_length=120)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    until = models.DateTimeField(_("保留至"))

    class Meta(PlacedModel.Meta):
        verbose_name = _("正在核实")
        verbose_name_plural = _("正在核实")
        constraints = (models.UniqueConstraint(fields=("county", "group"), name="one_hold_per_group"),)


class Inquiry(PlacedModel):
    """A question about a doubtful row to those who know the people: `place` is the village or town that is asked."""

    realm = PERSONS

    county = models.CharField(_("登记县"), max_length=6)
    group = models.CharField(_("户或村"), max_length=120)
    fingerprint = models.CharField(_("行的指纹"), max_length=40)
    name = models.CharField(_("行上的姓名"), max_length=80, blank=True)
    question = models.CharField(_("问什么"), max_length=300)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("时间"), auto_now_add=True)
    answer = models.CharField(_("回话"), max_length=300, blank=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(_("回话时间"), null=True)

    class Meta(PlacedModel.Meta):
        verbose_name = _("请村里核实")
        verbose_name_plural = _("请村里核实")
        indexes = (
            models.Index(fields=("county", "fingerprint"), name="inquiry_by_fingerprint"),
            models.Index(fields=("place", "-id"), name="inquiry_open", condition=Q(answered_at=None)),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("county", "fingerprint"),
                condition=Q(answered_at=None),
                name="one_open_inquiry_per_row",
                violation_error_message=_("这一行已经请村里核实，还没有回话。"),
            ),
        )


class Correction(PersonalModel, Undoable):
    """What staff say a field of a person is, with the evidence seen; the next run reads it like any list.

    `before`: what stood there when it was corrected. Both values are sealed.
    """

    person = models.ForeignKey(
        "registry.Person", models.CASCADE, related_name="corrections", db_constraint=False
    )
    county = models.CharField(_("登记县"), max_length=6)
    field = models.CharField(_("更正哪一项"), max_length=40)
    value = SealedTextField(_("更正为"))
    before = SealedTextField(_("原来的值"), null=True)
    evidence = models.CharField(_("依据"), max_length=200, help_text=_("看了什么材料，如 户口簿原件"))

    class Meta(PersonalModel.Meta):
        verbose_name = _("更正")
        verbose_name_plural = _("更正")
        indexes = (
            models.Index(fields=("person", "-id"), name="correction_by_person"),
            models.Index(fields=("county", "id"), name="correction_by_county"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("person", "field"),
                condition=_STANDS,
                name="one_correction_per_field",
                violation_error_message=_("这一项已有更正：请先撤销原来的。"),
            ),
        )


class SamePerson(PlacedModel):
    """Two records in two counties that may be one person: equal citizen numbers, found by a job, or shown by staff.

    Neither record is changed. It holds while two different people said so, one for each county (or above both).
    """

    realm = PERSONS

    read_places = ("place", "other_place")

    other_place = models.BigIntegerField(_("另一县"))
    first = models.BigIntegerField(_("人员编号"))
    second = models.BigIntegerField(_("另一人员编号"))
    evidence = models.CharField(_("依据"), max_length=120)
    found_at = models.DateTimeField(_("发现时间"), auto_now_add=True)

    class Meta(PlacedModel.Meta):
        verbose_name = _("跨县同一人")
        verbose_name_plural = _("跨县同一人")
        constraints = (
            models.UniqueConstraint(fields=("first", "second"), name="one_link_per_pair"),
            models.CheckConstraint(condition=Q(first__lt=models.F("second")), name="link_in_order"),
        )
        indexes = (models.Index(fields=("second",), name="link_by_second"),)


class SameVoice(PlacedModel, Undoable):
    """What one office says of a pair across counties; `place`: the office that speaks."""

    realm = PERSONS

    read_places = ("place", "first_place", "second_place")

    class Said(models.TextChoices):
        SAME = "same", _("是同一人")
        DIFFERENT = "different", _("不是同一人")

    pair = models.ForeignKey(SamePerson, models.CASCADE, related_name="voices", db_constraint=False)
    first_place = models.BigIntegerField()
    second_place = models.BigIntegerField()
    said = models.CharField(_("意见"), max_length=10, choices=Said.choices)
    on_behalf_of = models.BigIntegerField(_("代谁"), null=True)

    @property
    def behind(self) -> frozenset[int]:
        """Whose word it is: the speaker's, and that of the colleague they stood in for."""
        return frozenset({self.by_id} | ({self.on_behalf_of} if self.on_behalf_of else set()))

    class Meta(PlacedModel.Meta):
        verbose_name = _("跨县同一人的意见")
        verbose_name_plural = _("跨县同一人的意见")
        indexes = (models.Index(fields=("pair",), name="voice_by_pair"),)
        constraints = (
            models.UniqueConstraint(
                fields=("pair", "by"),
                condition=_STANDS,
                name="one_voice_per_user",
                violation_error_message=_("您已经表过态：要改请先撤回。"),
            ),
        )
