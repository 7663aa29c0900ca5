"""Forms of this room."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator
from django.utils.translation import gettext_lazy as _

from chunfeng.apps.audit import actions, names


class AuditFilter(forms.Form):
    """What to look for in the audit; every field may be left empty."""

    user = forms.CharField(label=_("操作人姓名或用户名"), required=False, max_length=60)
    person = forms.CharField(label=_("涉及人员姓名或编号"), required=False, max_length=60)
    action = forms.ChoiceField(label=_("操作"), required=False)
    since = forms.DateField(
        label=_("自"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    until = forms.DateField(
        label=_("至"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        validators=[MaxValueValidator(date(9999, 12, 30))],
    )
    persons: list[str] | None = None
    """Keys of the persons meant, once the form is valid; None where nobody in particular is looked for."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["action"].choices = [("", _("全部")), *actions.choices()]

    def clean_person(self) -> str:
        text: str = self.cleaned_data["person"].strip()
        try:
            self.persons = names.find_persons(text) if text else None
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error
        return text

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("since") and data.get("until") and data["until"] < data["since"]:
            self.add_error("until", _("截止日期不能早于开始日期。"))
        return data

    def wanted(self) -> dict[str, Any]:
        """The filters as `selectors` takes them."""
        return self.cleaned_data | {"person": self.persons}

    def as_text(self) -> dict[str, str]:
        """The filters as an address carries them."""
        return {
            name: value.isoformat() if isinstance(value, date) else str(value)
            for name, value in self.cleaned_data.items()
            if value
        }


class AskForm(forms.Form):
    """Ask for an export: which columns, and what for."""

    columns = forms.MultipleChoiceField(label=_("要哪些列"), widget=forms.CheckboxSelectMultiple)
    reason = forms.CharField(
        label=_("用途"),
        min_length=4,
        max_length=300,
        help_text=_("写清楚给谁用、做什么。用途、申请人和编号会印在文件上。"),
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, export: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["columns"].choices = list(export.columns.items())
        self.fields["columns"].initial = list(export.columns)


class DecideForm(forms.Form):
    """Approve or refuse somebody's export."""

    words = forms.CharField(
        label=_("意见"),
        max_length=300,
        required=False,
        help_text=_("不批准必须写原因，申请人看得到。"),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
