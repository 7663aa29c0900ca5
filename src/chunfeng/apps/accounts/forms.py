"""Forms for signing in and for one's own account."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm, SetPasswordForm
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chunfeng.apps.accounts import delegation
from chunfeng.apps.accounts.fields import clean_phone
from chunfeng.apps.accounts.models import Membership, User
from chunfeng.apps.gate import limits


class SignInForm(AuthenticationForm):
    """Name and password."""

    error_messages = {  # noqa: RUF012  Django's own form
        "invalid_login": _("用户名或密码不对。连续错五次，账号会锁定十五分钟。"),
        "inactive": _("这个账号已停用，请联系本级管理员。"),
        "one_time": _("一次性密码已过期，请管理员重新给一个。"),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = _("用户名")
        self.fields["password"].label = _("密码")

    def confirm_login_allowed(self, user: User) -> None:
        super().confirm_login_allowed(user)
        if user.must_change_password and user.one_time_until and user.one_time_until < timezone.now():
            raise ValidationError(self.error_messages["one_time"], code="one_time")


class PhoneForm(forms.Form):
    """The phone a code is to be sent to."""

    phone = forms.CharField(
        label=_("手机号"),
        max_length=40,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel"}),
    )

    def clean_phone(self) -> str:
        try:
            phone = clean_phone(self.cleaned_data["phone"])
        except ValueError as error:
            raise ValidationError(str(error)) from error
        if phone is None:
            raise ValidationError(_("请填手机号。"))
        return phone


class CodeForm(forms.Form):
    """Six digits."""

    code = forms.CharField(
        label=_("验证码"),
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )

    def clean_code(self) -> str:
        return "".join(self.cleaned_data["code"].split())


class SecondFactorForm(CodeForm):
    """The app's six digits, or a recovery code."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = _("动态口令")
        self.fields["code"].help_text = _("手机应用里的六位数字；手机不在身边，可用一个备用码。")
        self.fields["code"].widget.attrs["inputmode"] = "text"


class PasswordForm(SetPasswordForm):
    """The password now, and a new one that is not the same."""

    old_password = forms.CharField(
        label=_("现在的密码"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
    )
    field_order = ("old_password", "new_password1", "new_password2")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["new_password1"].label = _("新密码")
        self.fields["new_password2"].label = _("再输一次新密码")

    def clean_old_password(self) -> str:
        """Whoever finds a session left open cannot try passwords in it."""
        password = str(self.cleaned_data["old_password"])
        if not limits.hit("old-password", self.user.pk, 8, 600):
            raise ValidationError(_("试得太多了，请十分钟后再来。"))
        if not self.user.check_password(password):
            raise ValidationError(_("现在的密码不对。"), code="password_incorrect")
        return password

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("new_password1") and data.get("new_password1") == data.get("old_password"):
            self.add_error("new_password1", _("新密码不能和现在的一样。"))
        return data


class LendForm(forms.Form):
    """Lend one of my hats to a colleague."""

    hat = forms.ModelChoiceField(
        label=_("委托哪个身份"), queryset=Membership.objects.none(), empty_label=None
    )
    colleague = forms.CharField(
        label=_("同事的用户名"),
        max_length=60,
        widget=forms.TextInput(attrs={"list": "colleagues", "autocomplete": "off"}),
    )
    start = forms.DateField(label=_("自"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    until = forms.DateField(label=_("至"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    reason = forms.CharField(label=_("事由"), max_length=300, min_length=2, help_text=_("如：年休假。"))

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        hats = delegation.lendable(user)
        self.fields["hat"].queryset = hats
        self.fields["hat"].label_from_instance = lambda hat: hat.label
        today = timezone.localdate()
        self.fields["start"].initial = today
        self.fields["until"].initial = today + timedelta(days=7)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        hat, name = data.get("hat"), data.get("colleague")
        if hat and name:
            data["colleague"] = delegation.colleagues(hat).filter(username__iexact=name).first()
            if data["colleague"] is None:
                self.add_error("colleague", _("本单位或本地区没有这个在用的账号。"))
        return data
