"""Users, roles, and the hats (memberships) that join the two with a place, an organisation and a time."""

from __future__ import annotations

from datetime import date

from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chunfeng.apps.gate.capabilities import Capability
from chunfeng.apps.places.models import Organisation, Region
from chunfeng.apps.vault.fields import BlindIndexField, SealedTextField
from chunfeng.apps.vault.json import SealedJSONField
from chunfeng.ui.language import english as in_english


class User(AbstractUser):
    """Somebody who signs in. What they may do comes from their hats alone; Django's own permissions are not used."""

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    name = models.CharField(_("姓名"), max_length=60)
    phone = SealedTextField(_("手机号"), null=True, blank=True)
    phone_index = BlindIndexField(of="phone", kind="phone", db_index=True)
    totp_secret = SealedTextField(_("动态口令密钥"), null=True, blank=True)
    totp_last = models.BigIntegerField(_("用过的最后一个时间步"), default=0)
    must_change_password = models.BooleanField(_("须先改密码"), default=False)
    one_time_until = models.DateTimeField(
        _("一次性密码有效期至"), null=True, blank=True, help_text=_("空：不是一次性密码")
    )
    password_changed_at = models.DateTimeField(_("密码更改时间"), null=True, blank=True)
    recovery_codes = ArrayField(
        models.BinaryField(), default=list, blank=True, verbose_name=_("备用码摘要"), editable=False
    )
    person = models.CharField(_("本人的人员编号"), max_length=20, blank=True, help_text=_("劳动者账号"))
    elder_mode = models.BooleanField(_("大字版"), default=False)

    REQUIRED_FIELDS = ("name",)

    class Meta:
        verbose_name = _("用户")
        verbose_name_plural = _("用户")

    def __str__(self) -> str:
        return self.name or self.username

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name


class Role(models.Model):
    """A kind of office-holder, as data: its capabilities are taken from `Capability`."""

    class Level(models.TextChoices):
        PROVINCE = "province", _("省")
        CITY = "city", _("市")
        COUNTY = "county", _("县")
        TOWN = "town", _("乡镇")
        VILLAGE = "village", _("村")
        OUTSIDE = "outside", _("部门外")

    code = models.SlugField(_("代码"), primary_key=True)
    name = models.CharField(_("名称"), max_length=40)
    name_en = models.CharField(_("英文名称"), max_length=60)
    level = models.CharField(_("级别"), max_length=10, choices=Level.choices)
    capabilities = ArrayField(
        models.CharField(max_length=40, choices=Capability.choices), default=list, verbose_name=_("能做什么")
    )
    grantable = ArrayField(
        models.CharField(max_length=40, choices=Capability.choices),
        default=list,
        blank=True,
        verbose_name=_("只可授予他人的"),
        help_text=_("本人不能做，但可以让下级做"),
    )
    own_organisation_only = models.BooleanField(
        _("只看本单位报送的"), default=False, help_text=_("成员单位、企业：只看得到自己报送的名单")
    )
    second_factor = models.BooleanField(_("须动态口令"), default=False)

    class Meta:
        verbose_name = _("角色")
        verbose_name_plural = _("角色")
        ordering = ("level", "code")

    def __str__(self) -> str:
        """The name in the reader's language."""
        return (self.name_en if in_english() else "") or self.name


class MembershipQuerySet(models.QuerySet):
    def valid_on(self, day: date) -> MembershipQuerySet:
        """Hats that may be worn on a day; one lent by a colleague only as long as the colleague's own holds."""
        own = Q(valid_from__lte=day) & (Q(valid_to__isnull=True) | Q(valid_to__gte=day))
        lender = Q(lent_from__valid_from__lte=day, lent_from__user__is_active=True) & (
            Q(lent_from__valid_to__isnull=True) | Q(lent_from__valid_to__gte=day)
        )
        return self.filter(own & (Q(lent_from__isnull=True) | lender))


class Membership(models.Model):
    """A hat: this user in this role for this place (and organisation) during this time.

    `on_behalf_of`: the colleague on leave whose hat this is for the while; `lent_from`: that hat.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships", verbose_name=_("用户"))
    role = models.ForeignKey(Role, models.PROTECT, related_name="memberships", verbose_name=_("角色"))
    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name=_("地区"))
    organisation = models.ForeignKey(
        Organisation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="memberships",
        verbose_name=_("单位"),
    )
    valid_from = models.DateField(_("自"))
    valid_to = models.DateField(_("至"), null=True, blank=True)
    on_behalf_of = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="delegations", verbose_name=_("代谁")
    )
    lent_from = models.ForeignKey(
        "self", models.CASCADE, null=True, blank=True, related_name="lent", verbose_name=_("代理的任职")
    )
    granted_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("授予人")
    )

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("任职")
        verbose_name_plural = _("任职")
        ordering = ("pk",)
        constraints = (
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="membership_ends_after_it_begins",
                violation_error_message=_("截止日期不能早于开始日期。"),
            ),
            models.CheckConstraint(
                condition=Q(on_behalf_of__isnull=True) | Q(valid_to__isnull=False),
                name="delegation_has_an_end",
                violation_error_message=_("代理必须写明截止日期。"),
            ),
            models.CheckConstraint(
                condition=Q(on_behalf_of__isnull=True, lent_from__isnull=True)
                | Q(on_behalf_of__isnull=False, lent_from__isnull=False),
                name="delegation_names_its_hat",
            ),
        )

    def __str__(self) -> str:
        return f"{self.region} {self.role}"

    @property
    def label(self) -> str:
        """Place and role, as the top bar shows it."""
        return f"{self.region.name} {self.role}"

    @property
    def detail(self) -> str:
        """What tells this hat from a like one: the organisation, and on whose behalf it is worn."""
        words = [self.organisation.name] if self.organisation else []
        if self.on_behalf_of:
            words.append(gettext("代 %(name)s") % {"name": self.on_behalf_of.name})
        return gettext("，").join(words)


class SignInCode(models.Model):
    """A code sent to a phone. Only its keyed digest is kept."""

    phone_index = models.BinaryField(_("手机号索引"), max_length=16)
    digest = models.BinaryField(_("摘要"), max_length=16)
    sent_at = models.DateTimeField(_("发送时间"))
    expires_at = models.DateTimeField(_("有效期至"))
    tries = models.IntegerField(_("试过次数"), default=0)
    used = models.BooleanField(_("已用"), default=False)

    class Meta:
        verbose_name = _("短信验证码")
        verbose_name_plural = _("短信验证码")
        indexes = (models.Index(fields=("phone_index", "-id"), name="code_by_phone"),)


class OutboxMessage(models.Model):
    """A message handed to the outbox instead of a network: what the demo reads."""

    user = models.ForeignKey(User, models.CASCADE, related_name="messages", verbose_name=_("收信人"))
    to_mask = models.CharField(_("手机号"), max_length=20)
    text = SealedTextField(_("内容"), null=True)
    sent_at = models.DateTimeField(_("时间"))

    class Meta:
        verbose_name = _("待发短信")
        verbose_name_plural = _("待发短信")
        ordering = ("-pk",)


class UserImport(models.Model):
    """A spreadsheet of users: its rows with what is wrong with each, then the accounts made of the good ones."""

    class State(models.TextChoices):
        PREVIEW = "preview", _("待确认")
        WORKING = "working", _("正在建立")
        DONE = "done", _("已建立")
        FETCHED = "fetched", _("结果已取走")

    by = models.ForeignKey(User, models.PROTECT, related_name="imports", verbose_name=_("谁"))
    hat = models.ForeignKey(
        Membership,
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("身份"),
        help_text=_("空：已收回"),
    )
    at = models.DateTimeField(_("时间"), auto_now_add=True)
    file_name = models.CharField(_("文件"), max_length=200)
    rows = SealedJSONField(_("各行"), null=True)
    state = models.CharField(_("状态"), max_length=8, choices=State.choices, default=State.PREVIEW)
    good = models.IntegerField(_("可建立"), default=0)
    bad = models.IntegerField(_("有问题"), default=0)
    result = SealedJSONField(_("结果"), null=True)

    class Meta:
        verbose_name = _("批量建用户")
        verbose_name_plural = _("批量建用户")
        ordering = ("-pk",)
