"""Forms of this room."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from chunfeng.apps.places.days import today
from chunfeng.apps.places.models import Organisation


class SendForm(forms.Form):
    """What goes with files; the files themselves are taken from the request.

    `senders`: whose lists the reader may hand in besides the own; `dated`: whether when they came is the reader's to say.
    """

    organisation = forms.ModelChoiceField(
        Organisation.objects.none(),
        required=False,
        label=_("这是哪个单位的名单"),
        empty_label=_("本级人社部门"),
        help_text=_("替别的部门录入时选那个部门：它看得到自己的名单，列对应也按它记住。"),
    )
    as_of = forms.DateField(
        label=_("数据截至"),
        initial=today,
        help_text=_("名单反映哪一天的情况，一般是导出名单的日期。"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    received = forms.DateField(
        label=_("收到日期"),
        required=False,
        initial=today,
        help_text=_("是否按时以这一天为准：先前送来、现在才录入的，填送来的那天。"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    note = forms.CharField(
        label=_("说明"), required=False, max_length=300, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, senders: Any = None, dated: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if senders is None:
            del self.fields["organisation"]
        else:
            self.fields["organisation"].queryset = senders
        if not dated:
            del self.fields["received"]

    def clean_as_of(self) -> Any:
        return _come(self.cleaned_data["as_of"])

    def clean_received(self) -> Any:
        return _come(self.cleaned_data["received"] or today())


def _come(day: date) -> date:
    if day > today():
        raise forms.ValidationError(_("这个日期还没有到。"))
    return day


class ReasonForm(forms.Form):
    """A reason, in a sentence."""

    reason = forms.CharField(label=_("理由"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}))
