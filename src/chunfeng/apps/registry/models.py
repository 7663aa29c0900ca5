"""Persons as the runs found them: who they are, which rows speak of them, who lives with whom."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Replace, Substr
from django.utils.translation import gettext_lazy as _

from chunfeng.apps.places.scope import PERSONS
from chunfeng.apps.places.scoped import PersonalModel, PlacedModel
from chunfeng.apps.vault.fields import BlindIndexField, SealedTextField
from chunfeng.apps.vault.json import SealedJSONField

_COUNTY = 10**9
SPLIT_FROM = 900_000_000
"""Numbers of a county from here on are not minted by linkage: people told these persons apart from others."""


def person_key(county: str, number: str) -> int:
    """The key of a person on the platform: the county's six digits, then the number minted there.

    >>> person_key("350825", "P000000042")
    350825000000042
    """
    return int(county[:6]) * _COUNTY + int(number.removeprefix("P"))


def county_keys(county: str) -> range:
    """Every key that a person of a county may have."""
    return range(person_key(county, "0"), person_key(county, "0") + _COUNTY)


def minted_number(key: int) -> str:
    """The number minted in the county: 350825000000042 → P000000042."""
    return f"P{key % _COUNTY:09d}"


class Person(PersonalModel):
    """The golden record, as far as lists and searches need it; sources and losing values lie in `PersonFile`."""

    class Sex(models.TextChoices):
        MALE = "1", _("男")
        FEMALE = "2", _("女")

    key = models.BigIntegerField(_("人员编号"), primary_key=True, help_text=_("县区划代码 + 县内编号"))
    county = models.CharField(_("登记县"), max_length=6)
    # "C": ranges of these are what finds a beginning, under row-level security and in any database (see `searching`)
    name = models.CharField(_("姓名"), max_length=80, blank=True, db_collation="C")
    given = models.GeneratedField(
        expression=Substr("name", 2),
        output_field=models.CharField(max_length=80, db_collation="C"),
        db_persist=True,
    )
    pinyin = models.CharField(
        _("拼音"), max_length=200, blank=True, help_text=_("音节以空格相隔"), db_collation="C"
    )
    spelling = models.GeneratedField(
        expression=Replace("pinyin", models.Value(" ")),
        output_field=models.CharField(max_length=200, db_collation="C"),
        db_persist=True,
    )
    initials = models.CharField(_("拼音首字母"), max_length=40, blank=True, db_collation="C")
    sex = models.CharField(_("性别"), max_length=1, choices=Sex.choices, blank=True)
    birth = models.DateField(_("出生日期"), null=True, blank=True)
    id18 = SealedTextField(_("身份证号"), null=True, blank=True)
    id18_index = BlindIndexField(of="id18", kind="id18")
    id18_mask = models.CharField(max_length=18, blank=True)
    phone = SealedTextField(_("电话"), null=True, blank=True)
    phone_index = BlindIndexField(of="phone", kind="phone")
    phone_mask = models.CharField(max_length=20, blank=True)
    education = models.CharField(_("文化程度"), max_length=4, blank=True)
    hukou_kind = models.CharField(_("户口性质"), max_length=4, blank=True)
    hukou_region = models.CharField(_("户籍地区划"), max_length=12, blank=True)
    stay_region = models.CharField(_("现居地区划"), max_length=12, blank=True)
    departments = ArrayField(models.CharField(max_length=20), default=list, verbose_name=_("提到此人的部门"))
    rows = models.IntegerField(_("明细行数"), default=0)
    categories = ArrayField(
        models.CharField(max_length=4),
        default=list,
        verbose_name=_("符合的认定类别"),
        help_text=_("结论为“是”"),
    )
    open_categories = ArrayField(
        models.CharField(max_length=4),
        default=list,
        verbose_name=_("尚不能判定的类别"),
        help_text=_("结论为“未知”"),
    )
    targets = ArrayField(models.CharField(max_length=4), default=list, verbose_name=_("援助对象类别"))
    findings = models.IntegerField(_("疑点数"), default=0)
    doubts = models.IntegerField(_("待判定行数"), default=0)
    gone = models.DateField(_("不再出现于名单"), null=True, blank=True)
    updated = models.DateTimeField(_("更新时间"), auto_now=True)

    class Meta(PersonalModel.Meta):
        verbose_name = _("人员")
        verbose_name_plural = _("人员")
        indexes = (
            models.Index(fields=("place", "key"), name="person_by_place"),
            models.Index(fields=("name", "place", "key"), name="person_by_name"),
            models.Index(fields=("given", "place", "key"), name="person_by_given"),
            models.Index(fields=("spelling", "place", "key"), name="person_by_spelling"),
            models.Index(fields=("initials", "place", "key"), name="person_by_initials"),
            models.Index(fields=("id18_index",), name="person_by_id18", condition=~Q(id18_index=None)),
            models.Index(fields=("phone_index",), name="person_by_phone", condition=~Q(phone_index=None)),
            # what few persons have, in the order of places; for codes in arrays see `Mark`
            models.Index(fields=("place", "key"), name="person_with_finding", condition=~Q(findings=0)),
            models.Index(fields=("place", "key"), name="person_with_doubt", condition=~Q(doubts=0)),
            models.Index(fields=("place", "key"), name="person_gone", condition=~Q(gone=None)),
            models.Index(fields=("place", "key"), name="person_without_id", condition=Q(id18_index=None)),
            models.Index(
                fields=("hukou_place", "key"), name="person_gone_out", condition=~Q(hukou_place=F("place"))
            ),
            models.Index(
                fields=("stay_place", "key"), name="person_come_in", condition=~Q(stay_place=F("place"))
            ),
        )

    def __str__(self) -> str:
        return f"{self.number} {self.name}"

    @property
    def number(self) -> str:
        return minted_number(self.key)


class PersonFile(PersonalModel):
    """One person's whole file, sealed: every value with its source and rank, and what does not fit a list.

    `content`: {"values": [{"field", "value", "rank", "kind", "department", "file", "sheet", "row", "period"} …],
    "former_names": …, "other_names": …}; rank 1 is the value taken.
    """

    person = models.OneToOneField(
        Person, models.CASCADE, primary_key=True, related_name="file", db_constraint=False
    )
    content = SealedJSONField(_("内容"), null=True)
    digest = models.BinaryField(
        max_length=16, null=True, help_text="keyed digest of the content: equal if nothing changed"
    )

    class Meta(PersonalModel.Meta):
        verbose_name = _("一人一档")
        verbose_name_plural = _("一人一档")


class Claim(PersonalModel):
    """One row of one list that speaks of a person; `person` is empty where it could not be told whom."""

    county = models.CharField(_("登记县"), max_length=6)
    person = models.ForeignKey(Person, models.CASCADE, null=True, related_name="claims", db_constraint=False)
    file = models.CharField(_("文件"), max_length=300)
    sheet = models.CharField(_("表"), max_length=120, blank=True)
    row = models.IntegerField(_("行"))
    kind = models.CharField(_("名单种类"), max_length=40)
    department = models.CharField(_("部门"), max_length=20, blank=True)
    lane = models.CharField(_("依据"), max_length=12)
    score = models.FloatField(_("分值"), null=True)

    class Meta(PersonalModel.Meta):
        verbose_name = _("名单中的一行")
        verbose_name_plural = _("名单中的行")
        indexes = (
            models.Index(fields=("person",), name="claim_by_person"),
            models.Index(fields=("county", "file", "sheet", "row"), name="claim_by_row"),
        )


class Member(PersonalModel):
    """A person as member of a household, as one list says; `merged` joins households that lists name differently."""

    county = models.CharField(_("登记县"), max_length=6)
    household = models.CharField(_("户"), max_length=120)
    merged = models.CharField(_("合并后的户"), max_length=120)
    person = models.ForeignKey(Person, models.CASCADE, related_name="memberships", db_constraint=False)
    role = models.CharField(_("与户主关系"), max_length=10, blank=True)
    source = models.CharField(_("来源"), max_length=40)
    file = models.CharField(_("文件"), max_length=300, blank=True)
    sheet = models.CharField(_("表"), max_length=120, blank=True)
    row = models.IntegerField(_("行"), null=True)
    current = models.BooleanField(_("现行"), default=True, help_text=_("否：只见于旧名单"))

    class Meta(PersonalModel.Meta):
        verbose_name = _("户成员")
        verbose_name_plural = _("户成员")
        indexes = (
            models.Index(fields=("person",), name="member_by_person"),
            models.Index(fields=("county", "merged"), name="member_by_household"),
        )


class Finding(PersonalModel):
    """What lists held against each other show: dead but paid, one number on two people …; departments want these."""

    county = models.CharField(_("登记县"), max_length=6)
    kind = models.CharField(_("疑点种类"), max_length=40)
    person = models.ForeignKey(Person, models.CASCADE, null=True, related_name="found", db_constraint=False)
    rows = models.TextField(_("相关行"))
    message = models.TextField(_("说明"))

    class Meta(PersonalModel.Meta):
        verbose_name = _("比对疑点")
        verbose_name_plural = _("比对疑点")
        indexes = (
            models.Index(fields=("person",), name="finding_by_person"),
            models.Index(fields=("place", "kind", "id"), name="finding_by_kind"),
        )


class Doubt(PlacedModel):
    """A row that only a human can give to a person: the row, one of the nearest persons, the score in words.

    One row has as many doubts as there are persons near it; `fingerprint` names what the row says. `content`: the row's
    own cells by field, as read (`field`) and as written where that differs (`field__raw`).
    """

    realm = PERSONS

    county = models.CharField(_("登记县"), max_length=6)
    group = models.CharField(_("一并核实的户或村"), max_length=120)
    file = models.CharField(_("文件"), max_length=300)
    sheet = models.CharField(_("表"), max_length=120, blank=True)
    row = models.IntegerField(_("行"))
    name = models.CharField(_("行上的姓名"), max_length=80, blank=True)
    rank = models.IntegerField(_("次序"))
    person = models.ForeignKey(
        Person, models.CASCADE, null=True, related_name="doubtful", db_constraint=False
    )
    score = models.FloatField(_("分值"), null=True)
    ahead = models.FloatField(_("领先"), null=True)
    why = models.TextField(_("理由"))
    fingerprint = models.CharField(_("指纹"), max_length=40)
    content = SealedJSONField(_("行的内容"), null=True)
    digest = models.BinaryField(
        max_length=16, null=True, help_text="keyed digest of the content: equal if nothing changed"
    )

    class Meta(PlacedModel.Meta):
        verbose_name = _("疑似同一人")
        verbose_name_plural = _("疑似同一人")
        indexes = (
            models.Index(fields=("place", "group", "id"), name="doubt_by_group"),
            models.Index(fields=("county", "fingerprint"), name="doubt_by_fingerprint"),
            models.Index(fields=("person",), name="doubt_by_person"),
        )


from chunfeng.apps.registry.decided import (  # noqa: E402  they refer to the persons above
    Correction,
    Decision,
    GroupHold,
    Inquiry,
    SamePerson,
    SameVoice,
)
from chunfeng.apps.registry.marked import CommonDepartment, Mark  # noqa: E402

__all__ = [
    "Claim", "CommonDepartment", "Correction", "Decision", "Doubt", "Finding", "GroupHold", "Inquiry", "Mark", "Member", "Person",
    "PersonFile", "SamePerson", "SameVoice", "minted_number", "person_key",
]  # fmt: skip
