"""Forms of this room."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from chunfeng.apps.places.models import Region
from chunfeng.apps.places.scope import current
from chunfeng.apps.registry import words

ALL = ("", _("不限"))
AGES = ("16-24", "25-34", "35-44", "45-54", "55-64", "65-", "0-15")
REASONS = (
    ("已电话向本人或家属核实", _("已电话向本人或家属核实")),
    ("村（社区）已核实", _("村（社区）已核实")),
    ("已查看证件或原始材料", _("已查看证件或原始材料")),
    ("比对两边资料，足以判定", _("比对两边资料，足以判定")),
)


class FilterForm(forms.Form):
    """What a list of persons may be narrowed by; all of it optional."""

    place = forms.CharField(label=_("地区"), required=False, max_length=12, widget=forms.HiddenInput)
    living = forms.ChoiceField(
        label=_("户籍与居住"),
        required=False,
        choices=(ALL, ("out", _("户籍在本地、人在外地")), ("in", _("人在本地、户籍在外地"))),
    )
    sex = forms.ChoiceField(label=_("性别"), required=False, choices=(ALL, ("1", _("男")), ("2", _("女"))))
    age = forms.ChoiceField(label=_("年龄"), required=False)
    yes = forms.ChoiceField(label=_("符合认定类别"), required=False)
    unknown = forms.ChoiceField(label=_("待查的类别"), required=False)
    target = forms.ChoiceField(label=_("援助对象"), required=False)
    department = forms.ChoiceField(label=_("哪个部门提到"), required=False)
    finding = forms.ChoiceField(label=_("比对疑点"), required=False)
    doubts = forms.BooleanField(label=_("有待判定的行"), required=False)
    no_id = forms.BooleanField(label=_("没有有效证号"), required=False)
    gone = forms.BooleanField(label=_("已不在任何名单"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        older, between = _("%(from)s 岁以上"), _("%(ages)s 岁")
        ages = [(a, older % {"from": a[:-1]} if a.endswith("-") else between % {"ages": a}) for a in AGES]
        categories, some = words.rules("recognition"), ("any", _("任一类"))
        choices = {
            "age": ages,
            "yes": [some, *categories],
            "unknown": [some, *categories],
            "target": words.rules("target"),
            "department": [(d, words.department(d)) for d in words.departments()],
            "finding": [some, *words.findings_of_persons()],
        }
        for name, of in choices.items():
            self.fields[name].choices = [ALL, *of]  # type: ignore[attr-defined]

    def clean_place(self) -> Region | None:
        """The region, if it lies in reach; nobody learns of another place by asking."""
        code = self.cleaned_data["place"]
        region = Region.objects.filter(code=code).first() if code else None
        if code and (region is None or not _overlaps(region)):
            raise forms.ValidationError(_("没有这个地区，或不在您的范围内。"))
        return region


def _overlaps(region: Region) -> bool:
    low, high = region.reach
    own = current().reach
    return low < own.high and own.low < high


class ReasonForm(forms.Form):
    """A reason that will stand in the audit."""

    reason = forms.CharField(label=_("理由"), min_length=4, max_length=300)


class CorrectionForm(forms.Form):
    """What a field of a person really is, what was seen to know it, and why it is corrected."""

    field = forms.ChoiceField(label=_("更正哪一项"))
    value = forms.CharField(label=_("更正为"), max_length=200, strip=True)
    evidence = forms.CharField(
        label=_("依据"), min_length=2, max_length=200, help_text=_("看了什么材料，如“户口簿原件”“本人身份证”")
    )
    reason = forms.CharField(
        label=_("理由"), min_length=4, max_length=300, widget=forms.Textarea({"rows": 2})
    )


class MergeForm(ReasonForm):
    """Another record of the same county that is this person, too."""

    other = forms.RegexField(
        r"^[Pp]?\d{1,9}$",
        label=_("另一人的编号"),
        help_text=_("形如 P000000042，两条记录须在同一县"),
        max_length=10,
    )

    def clean_other(self) -> int:
        return int(self.cleaned_data["other"].upper().removeprefix("P"))
