"""Forms of this room."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chunfeng.apps.places.models import Organisation


class SendForm(forms.Form):
    """What goes with files; the files themselves are taken from the request."""

    organisation = forms.ModelChoiceField(
        Organisation.objects.none(),
        required=False,
        label=_("这是哪个单位的名单"),
        empty_label=_("本级人社部门"),
        help_text=_("替别的部门录入时选那个部门：它看得到自己的名单，列对应也按它记住。"),
    )
    as_of = forms.DateField(
        label=_("数据截至"),
        initial=timezone.localdate,
        help_text=_("名单反映哪一天的情况，一般是导出名单的日期。"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    note = forms.CharField(
        label=_("说明"), required=False, max_length=300, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, senders: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if senders is None:
            del self.fields["organisation"]
        else:
            self.fields["organisation"].queryset = senders

    def clean_as_of(self) -> Any:
        day = self.cleaned_data["as_of"]
        if day > timezone.localdate():
            raise forms.ValidationError(_("这个日期还没有到。"))
        return day


class ReasonForm(forms.Form):
    """A reason, in a sentence."""

    reason = forms.CharField(label=_("理由"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}))
