"""Forms for managers: users, hats, organisations, roles, spreadsheets. Regions and organisations within reach only."""

from __future__ import annotations

from typing import Any

import polars as pl
from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chunfeng.apps.accounts import granting
from chunfeng.apps.accounts.fields import clean_name, clean_phone, clean_username, person_within
from chunfeng.apps.accounts.models import Role
from chunfeng.apps.gate.capabilities import Capability
from chunfeng.apps.places.models import Organisation, Region
from chunfeng.apps.places.scope import current
from chunfeng.engines.disclosure.masks import mask_phones
from chunfeng.engines.identity import credit_codes


def _date(label: Any, required: bool = False) -> forms.DateField:
    return forms.DateField(
        label=label, required=required, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


class RegionField(forms.CharField):
    """A region within reach, by code, full name or a name that only one of them has."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", _("区划代码、全称，或不重名的简称，如 350825、姑田镇。"))
        super().__init__(
            max_length=200, widget=forms.TextInput(attrs={"list": "regions", "autocomplete": "off"}), **kwargs
        )

    def clean(self, value: Any) -> Any:
        text = super().clean(value).strip()
        if not text:
            return None
        low, high = current().reach
        here = Region.objects.filter(place__gte=low, place__lt=high)
        for column in ("code", "full_name", "name"):
            found = list(here.filter(**{column: text})[:2])
            if len(found) == 1:
                return found[0]
            if found:
                raise ValidationError(_("有几个地区叫这个名字，请填区划代码或全称。"))
        raise ValidationError(_("您的地区范围内没有这个地区。"))

    def prepare_value(self, value: Any) -> Any:
        return value.pk if isinstance(value, Region) else value


class HatForm(forms.Form):
    """A hat to give: role, place, organisation, time."""

    role = forms.ModelChoiceField(label=_("角色"), queryset=Role.objects.none(), empty_label=_("请选择"))
    region = RegionField(label=_("地区"))
    organisation = forms.CharField(
        label=_("单位"),
        required=False,
        max_length=120,
        help_text=_("成员单位、机构、企业的用户须写；须先在“单位”里建好。"),
        widget=forms.TextInput(attrs={"list": "organisations", "autocomplete": "off"}),
    )
    valid_from = _date(_("自"), required=True)
    valid_to = _date(_("至"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        codes = [role.pk for role in granting.roles_to_give()]
        self.fields["role"].queryset = Role.objects.filter(pk__in=codes)
        self.fields["valid_from"].initial = timezone.localdate()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        name, region = data.get("organisation"), data.get("region")
        data["organisation"] = None
        if name and region:
            low, high = current().reach
            found = Organisation.objects.filter(
                name=name, active=True, region__place__gte=low, region__place__lt=high
            ).select_related("region")
            here = [each for each in found if each.region_id == region.pk] or list(found)
            if len(here) == 1:
                data["organisation"] = here[0]
            else:
                self.add_error("organisation", _("您的地区范围内没有这个单位，或有几个同名的。"))
        return data


class UserForm(forms.Form):
    """Name and phone of an account."""

    name = forms.CharField(label=_("姓名"), max_length=60)
    phone = forms.CharField(
        label=_("手机号"), required=False, max_length=40, widget=forms.TextInput(attrs={"inputmode": "tel"})
    )

    def clean_name(self) -> str:
        try:
            return clean_name(self.cleaned_data["name"])
        except ValueError as error:
            raise ValidationError(str(error)) from error

    def __init__(self, *args: Any, kept: str | None = None, **kwargs: Any) -> None:
        """`kept`: the phone of an account there is already; it is shown masked, and stays where the mask does."""
        super().__init__(*args, **kwargs)
        self.kept = kept
        if kept:
            self.initial["phone"] = mask_phones(pl.Series([kept])).item()

    def clean_phone(self) -> str | None:
        if self.kept and self.cleaned_data["phone"].strip() == self.initial["phone"]:
            return self.kept
        try:
            return clean_phone(self.cleaned_data["phone"])
        except ValueError as error:
            raise ValidationError(str(error)) from error


class NewUserForm(HatForm, UserForm):
    """A new account and its first hat."""

    username = forms.CharField(label=_("用户名"), max_length=60)
    person = forms.CharField(
        label=_("本人的人员编号"),
        required=False,
        max_length=20,
        help_text=_("只有劳动者账号要填：一人一档上的编号，如 P000000042；省、市用户前面加县的区划代码。"),
    )
    field_order = (
        "name",
        "username",
        "phone",
        "role",
        "region",
        "organisation",
        "valid_from",
        "valid_to",
        "person",
    )

    def clean_username(self) -> str:
        try:
            return clean_username(self.cleaned_data["username"])
        except ValueError as error:
            raise ValidationError(str(error)) from error

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        role, region = data.get("role"), data.get("region")
        try:
            data["person"] = person_within(data.get("person", ""), region.code if region else "")
        except ValueError as error:
            self.add_error("person", str(error))
        else:
            if role and Capability.SELF in role.capabilities and not data["person"]:
                self.add_error("person", _("劳动者账号须写本人的人员编号。"))
        return data


class EndForm(forms.Form):
    """Until when a hat holds."""

    valid_to = _date(_("改到哪一天为止"))


class UserFilter(forms.Form):
    """Whom to look for."""

    q = forms.CharField(label=_("姓名或用户名"), required=False, max_length=60)
    role = forms.ModelChoiceField(
        label=_("角色"), required=False, queryset=Role.objects.all(), empty_label=_("全部")
    )
    state = forms.ChoiceField(
        label=_("状态"),
        required=False,
        choices=(("", _("全部")), ("open", _("在用")), ("closed", _("已停用"))),
    )


class OrganisationForm(forms.ModelForm):
    """An organisation within reach."""

    region = RegionField(label=_("所在地区"))

    class Meta:
        model = Organisation
        fields = ("name", "kind", "region", "department", "credit_code", "phone", "active")

    def clean_credit_code(self) -> str:
        text = self.cleaned_data["credit_code"].strip()
        if not text:
            return ""
        read = credit_codes.read(text)
        if read is None or read.kind != "ok" or read.code is None:
            raise ValidationError(_("统一社会信用代码应为 18 位，且校验位要对。"))
        return read.code


class RoleForm(forms.Form):
    """What a role may do."""

    capabilities = forms.MultipleChoiceField(
        label=_("能做什么"), choices=Capability.choices, widget=forms.CheckboxSelectMultiple, required=False
    )
    second_factor = forms.BooleanField(label=_("登录须动态口令"), required=False)


_ROLE_HELP = {
    "code": _("小写字母、数字、连字符或下划线，定下后不能改，如 training_officer"),
    "level": _("“部门外”的角色只看得到本单位的信息。"),
}


class NewRoleForm(forms.ModelForm):
    """A role of one's own: what it is called, at which level it is worn, what it may do."""

    capabilities = forms.MultipleChoiceField(
        label=_("能做什么"), choices=Capability.choices, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = Role
        fields = ("code", "name", "name_en", "level", "capabilities", "second_factor")
        help_texts = _ROLE_HELP

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"].lower()
        if code == "new":
            raise ValidationError(_("请换一个代码。"))
        return code


class SheetForm(forms.Form):
    """A spreadsheet of users."""

    file = forms.FileField(label=_("名单文件"))
